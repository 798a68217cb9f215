"""Provinces in which something is wrong with a county: each function breaks one thing in a folder and leaves the rest.

They change what ``circle sample --province`` wrote, whose counties stand in the order of their codes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import rasterio
import rasterio.features
import rasterio.transform
import shapely
from rasterio.windows import Window

UNSAFE = ("../x", "CON", "长" * 200, "🏔️县", "a/b\\c:d*?", ".", "nul.txt", " 县 ", "-rf", "<script>", "县\n二")
"""Names and codes that must not become names of files as they stand."""

Feature = dict[str, Any]


def copy_of(folder: Path, target: Path) -> Path:
    """Another folder with the same files."""
    shutil.copytree(folder, target)
    return target


def codes_of(folder: Path) -> list[str]:
    """The codes of the counties, in order."""
    return [feature["properties"]["adcode"] for feature in _features(folder)]


def shape_of(folder: Path, number: int) -> shapely.Geometry:
    """The area of a county."""
    return shapely.geometry.shape(_features(folder)[number]["geometry"])


# the layer


def overlapping(folder: Path, number: int, *, by_deg: float = 0.02) -> None:
    """A county grows over its neighbours."""
    grown = shapely.simplify(shapely.buffer(shape_of(folder, number), by_deg), by_deg / 20)
    _change(folder, lambda rows: rows[number].update(geometry=json.loads(shapely.to_geojson(grown))))


def twice(folder: Path, number: int) -> None:
    """A county stands in the layer two times, alike in everything."""
    _change(folder, lambda rows: rows.append(json.loads(json.dumps(rows[number]))))


def drawn_again(folder: Path, number: int, *, code: str) -> None:
    """A county stands in the layer under a second code and another name, too."""
    twice(folder, number)
    _change(folder, lambda rows: rows[-1]["properties"].update(adcode=code, name="another name"))


def same_code(folder: Path, number: int, other: int) -> None:
    """Two counties of different names have one code."""
    _change(folder, lambda rows: rows[number]["properties"].update(adcode=rows[other]["properties"]["adcode"]))


def without(folder: Path, number: int, column: str, value: object = "") -> None:
    """A county has an empty name (``name``) or code (``adcode``), or another unusable one."""
    _change(folder, lambda rows: rows[number]["properties"].update({column: value}))


def named(folder: Path, names: Sequence[str] = UNSAFE, *, column: str = "name") -> None:
    """The first counties are called as nothing on a disk should be."""

    def rename(rows: list[Feature]) -> None:
        for row, name in zip(rows, names, strict=False):
            row["properties"][column] = name

    _change(folder, rename)


def elsewhere(folder: Path, code: str = "099999") -> None:
    """One county more, far from all roads, people and rasters."""
    _, south, east, _ = shapely.total_bounds([shape_of(folder, 0)]).tolist()
    away = shapely.box(east + 3.0, south, east + 3.1, south + 0.1)

    def add(rows: list[Feature]) -> None:
        properties = {"adcode": code, "name": "远方县", "population": 0}
        rows.append({"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(away))})

    _change(folder, add)


def without_shape(folder: Path, number: int) -> None:
    """A county has a name and a code and no area."""
    _change(folder, lambda rows: rows[number].update(geometry=None))


# the other files


def without_roads(folder: Path, number: int) -> None:
    """No street of the extract touches the county: its own end at the border."""
    path, area = folder / "roads.osm.pbf", shape_of(folder, number)
    shapely.prepare(area)
    inside: set[int] = set()
    header = osmium.io.Reader(str(path)).header()
    changed = path.with_name("changed.osm.pbf")
    writer = osmium.SimpleWriter(str(changed), header=header)
    try:
        for thing in osmium.FileProcessor(str(path)):
            if thing.is_node():
                if shapely.contains_xy(area, thing.location.lon, thing.location.lat):
                    inside.add(thing.id)
                writer.add_node(thing)
            elif "highway" not in thing.tags or not any(node.ref in inside for node in thing.nodes):
                writer.add_way(thing)
    finally:
        writer.close()
    changed.replace(path)


def without_people(folder: Path, number: int) -> None:
    """Every cell of the population raster that touches the county is empty."""
    path, area = folder / "population.tif", shape_of(folder, number)
    with rasterio.open(path) as source:
        counts, profile = source.read(1), source.profile
        touched = ~rasterio.features.geometry_mask([area], counts.shape, source.transform, all_touched=True)
        counts[touched] = source.nodata
    with rasterio.open(path, "w", **profile) as target:
        target.write(counts, 1)


def outside_the_raster(folder: Path, number: int) -> None:
    """The population raster ends south or north, whichever cuts less away, of the county."""
    path = folder / "population.tif"
    _, south, _, north = shape_of(folder, number).bounds
    with rasterio.open(path) as source:
        top, bottom = source.index(0.0, north)[0] - 1, source.index(0.0, south)[0] + 2
        window = Window(0, bottom, source.width, source.height - bottom)
        if top > source.height - bottom:
            window = Window(0, 0, source.width, top)
        counts, profile = source.read(1, window=window), source.profile
        a, b, c, d, e, f = source.transform[:6]
        profile |= {"height": counts.shape[0], "transform": rasterio.Affine(a, b, c, d, e, f + window.row_off * e)}
    with rasterio.open(path, "w", **profile) as target:
        target.write(counts, 1)


def without_facilities(folder: Path, code: str) -> None:
    """No row of the list names the county."""
    path = folder / "facilities.csv"
    rows = path.read_bytes().split(b"\r\n")
    path.write_bytes(b"\r\n".join(row for row in rows if f",{code},".encode() not in row))


def _features(folder: Path) -> list[Feature]:
    rows: list[Feature] = json.loads((folder / "counties.geojson").read_text(encoding="utf-8"))["features"]
    return rows


def _change(folder: Path, change: Callable[[list[Feature]], object]) -> None:
    path = folder / "counties.geojson"
    layer = json.loads(path.read_text(encoding="utf-8"))
    change(layer["features"])
    path.write_text(json.dumps(layer, ensure_ascii=False), encoding="utf-8", newline="\n")


def people_in(folder: Path, area: shapely.Geometry) -> float:
    """People of the raster whose cell has its middle in an area."""
    with rasterio.open(folder / "population.tif") as source:
        counts = source.read(1, masked=True)
        row, col = np.nonzero(~np.ma.getmaskarray(counts))
        lon, lat = rasterio.transform.xy(source.transform, row, col)
    return float(counts.data[row, col][shapely.contains_xy(area, lon, lat)].sum(dtype=np.float64))
