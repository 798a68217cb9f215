"""The shared files of a province. Same seed and same libraries, same bytes; one county is in memory at a time."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path
from typing import IO, Any

import numpy as np
import shapely

from circle.model import Floats, Ints
from circle.sample.people import NODATA, STEP_DEG
from circle.sample.province.county import County, make_county
from circle.sample.province.extract import Extract
from circle.sample.province.ground import metres
from circle.sample.province.people import Cells, cells_over
from circle.sample.province.plan import Plan, make_plan

HEIGHTS_PER_CELL = 2
"""Cells of the population raster along one of the elevation raster."""

TILE = 256
HEADERS = ("机构名称", "类别", "区划代码", "经度", "纬度", "容量")


def write_province(folder: Path, *, counties: int, junctions: int, seed: int) -> None:
    """Write all data files of a province into an existing folder."""
    plan = make_plan(counties, junctions, seed)
    raster = cells_over(plan.bounds)
    cells, people = [], []
    with (
        tempfile.TemporaryFile(dir=folder) as parked,
        (folder / "facilities.csv").open("w", encoding="gb18030", newline="") as listed,
    ):
        extract = Extract(folder / "roads.osm.pbf", parked, plan)
        try:
            csv.writer(listed, lineterminator="\r\n").writerow(HEADERS)
            for number in range(counties):
                county = make_county(plan, number, raster)
                extract.add(county)
                _list_sites(county, listed)
                cells.append(county.cells)
                people.append(county.people)
            extract.finish()
        finally:
            extract.close()
    _write_counties(plan, [int(count.sum()) for count in people], folder / "counties.geojson")
    _write_people(raster, np.concatenate(cells), np.concatenate(people), folder / "population.tif")
    _write_heights(plan, raster, folder / "dem.tif")


def _list_sites(county: County, listed: IO[str]) -> None:
    """The county's rows of the list, as an office's program exports it: GBK, codes as text."""
    rows, sites = csv.writer(listed, lineterminator="\r\n"), county.sites
    columns = (sites.name, sites.kind, sites.lon, sites.lat, sites.capacity)
    for name, kind, lon, lat, capacity in zip(*columns, strict=True):
        rows.writerow([name, kind, county.plan.code, f"{lon:.7f}", f"{lat:.7f}", capacity or ""])


def _write_counties(plan: Plan, people: list[int], path: Path) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"adcode": county.code, "name": county.name, "population": count},
            "geometry": json.loads(shapely.to_geojson(county.polygon)),
        }
        for county, count in zip(plan.counties, people, strict=True)
    ]
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    text = f'{{"type": "FeatureCollection", "name": "counties", "features": [\n{lines}\n]}}\n'
    path.write_text(text, encoding="utf-8", newline="\n")


def _open_raster(path: Path, cells: Cells, scale: int, kind: dict[str, Any]) -> Any:
    import rasterio

    step = STEP_DEG * scale
    transform = rasterio.Affine(step, 0.0, cells.west * STEP_DEG, 0.0, -step, cells.north * STEP_DEG)
    shape = {"height": -(-cells.rows // scale), "width": -(-cells.cols // scale), "count": 1}
    packing = {"driver": "GTiff", "compress": "deflate", "zlevel": 6, "bigtiff": "if_safer"}
    tiles = {"tiled": True, "blockxsize": TILE, "blockysize": TILE}
    return rasterio.open(path, "w", crs="EPSG:4326", transform=transform, **packing, **tiles, **shape, **kind)


def _write_people(cells: Cells, cell: Ints, people: Ints, path: Path) -> None:
    """Tile by tile; tiles without anybody are left out of the file."""
    from rasterio.windows import Window

    row, col = np.divmod(cell, cells.cols)
    tile = row // TILE * (cells.cols // TILE + 1) + col // TILE
    order = np.argsort(tile, kind="stable")
    starts = np.flatnonzero(np.diff(tile[order], prepend=-1))
    with _open_raster(path, cells, 1, {"dtype": "float32", "nodata": NODATA, "sparse_ok": True}) as target:
        for part in np.split(order, starts[1:]):
            top, left = int(row[part[0]] // TILE * TILE), int(col[part[0]] // TILE * TILE)
            block = np.full((min(TILE, cells.rows - top), min(TILE, cells.cols - left)), NODATA, dtype=np.float32)
            block[row[part] - top, col[part] - left] = people[part]
            target.write(block, 1, window=Window(left, top, block.shape[1], block.shape[0]))


def _write_heights(plan: Plan, cells: Cells, path: Path) -> None:
    """Strip by strip, for the whole box."""
    from rasterio.windows import Window

    step = STEP_DEG * HEIGHTS_PER_CELL
    kind = {"dtype": "int16", "nodata": -32768, "predictor": 2}
    with _open_raster(path, cells, HEIGHTS_PER_CELL, kind) as target:
        lon = cells.west * STEP_DEG + (np.arange(target.width) + 0.5) * step
        for top in range(0, target.height, TILE):
            rows = np.arange(top, min(top + TILE, target.height))
            lat = cells.north * STEP_DEG - (rows + 0.5) * step
            target.write(_heights(plan, lon, lat), 1, window=Window(0, top, target.width, len(rows)))


def _heights(plan: Plan, lon: Floats, lat: Floats) -> Any:
    east, north = np.meshgrid(lon, lat)
    return np.rint(plan.ground.height_m(*metres(east, north))).astype(np.int16)
