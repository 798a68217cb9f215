"""A small region in files of the usual kinds, to be spoiled by the tests of bad input."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import osmium
import rasterio
import xlsxwriter
from affine import Affine
from osmium.osm.mutable import Node, Way

LON, LAT = 118.9, 28.9
STEP = 0.005
"""Degrees between streets: about 490 m from west to east, 550 m from south to north."""

Rows = Sequence[Sequence[object]]
SCHOOLS: Rows = (
    ("名称", "经度", "纬度", "学位数"),
    ("中心小学", LON, LAT, 600),
    ("东街小学", LON + 0.01, LAT + 0.005, 200),
)
REGION = """[region]
name = "四街镇"

[osm]
path = "roads.osm.pbf"

[roads]
source = "osm"

[[facilities]]
path = "schools.xlsx"
crs = "EPSG:4326"
service = "primary_school"

[population]
path = "people.tif"

[districts]
path = "districts.geojson"
name = "name"
"""


def write_region(folder: Path, *, west: float = LON, south: float = LAT) -> Path:
    """Four by four crossings with 25 people each; two schools, two districts; everything in order."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "region.toml").write_text(REGION, encoding="utf-8")
    write_streets(folder / "roads.osm.pbf", west=west, south=south)
    moved = [[name, lon - LON + west, lat - LAT + south, places] for name, lon, lat, places in SCHOOLS[1:]]
    write_workbook(folder / "schools.xlsx", [SCHOOLS[0], *moved])
    write_raster(folder / "people.tif", np.full((4, 4), 25.0), west=west, south=south)
    half = west + 1.5 * STEP
    boxes = {"西片": (west - STEP, half), "东片": (half, west + 4 * STEP)}
    write_polygons(
        folder / "districts.geojson",
        {
            name: [(a, south - STEP), (b, south - STEP), (b, south + 4 * STEP), (a, south + 4 * STEP)]
            for name, (a, b) in boxes.items()
        },
    )
    return folder


def write_streets(
    path: Path,
    *,
    west: float = LON,
    south: float = LAT,
    highway: str = "residential",
    more: Iterable[tuple[Sequence[tuple[float, float]], dict[str, str]]] = (),
) -> Path:
    """Eight streets that meet at sixteen crossings; `more` ways by their corners and tags."""
    crossings = {(i, k): 1 + i + 4 * k for i in range(4) for k in range(4)}
    nodes = [Node(id=n, location=(west + i * STEP, south + k * STEP)) for (i, k), n in crossings.items()]
    drawn = [[crossings[i, k] for i in range(4)] for k in range(4)]
    drawn += [[crossings[i, k] for k in range(4)] for i in range(4)]
    ways = [Way(id=n + 1, nodes=refs, tags={"highway": highway}) for n, refs in enumerate(drawn)]
    for corners, tags in more:
        numbers = {corner: len(nodes) + 1 + n for n, corner in enumerate(dict.fromkeys(corners))}
        nodes += [Node(id=number, location=corner) for corner, number in numbers.items()]
        ways.append(Way(id=len(ways) + 1, nodes=[numbers[corner] for corner in corners], tags=tags))
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for node in nodes:
            writer.add_node(node)
        for way in ways:
            writer.add_way(way)
    return path


def write_workbook(path: Path, rows: Rows) -> Path:
    """One sheet."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("名单")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path


def write_raster(
    path: Path,
    people: np.ndarray,
    *,
    west: float = LON,
    south: float = LAT,
    crs: str | None = "EPSG:4326",
    nodata: float | None = -99999.0,
) -> Path:
    """Cells of one step whose centres are the crossings; the first row is the southernmost."""
    high, wide = people.shape
    grid = Affine(STEP, 0.0, west - STEP / 2, 0.0, -STEP, south + (high - 0.5) * STEP)
    profile = {"driver": "GTiff", "width": wide, "height": high, "count": 1, "dtype": "float64", "transform": grid}
    with rasterio.open(path, "w", crs=crs, nodata=nodata, **profile) as raster:
        raster.write(people[np.newaxis, ::-1])
    return path


def write_polygons(path: Path, rings: dict[str, Sequence[tuple[float, float]]]) -> Path:
    """GeoJSON polygons by name; rings are closed here."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        }
        for name, ring in rings.items()
    ]
    document = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def edit(path: Path, was: str, now: str) -> None:
    """Replace one passage of a text file, which must be there."""
    text = path.read_text(encoding="utf-8")
    assert was in text, was
    path.write_text(text.replace(was, now, 1), encoding="utf-8")


def cut_off(path: Path, share: float = 0.5) -> None:
    """Keep the beginning of a file, as a download that was broken off does."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])


Spoil = Callable[[Path], object]
"""What turns a sound region in a folder into a bad one."""
