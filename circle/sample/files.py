"""The files of a county: OSM extract, rasters, lists, polygons. Same county and same libraries, same bytes."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from circle.load.shifted import gcj02_from_wgs84
from circle.sample.county import County
from circle.sample.features import osm_objects
from circle.sample.people import AGES, NODATA, STEP_DEG, to_degrees
from circle.sample.scale import PLANE
from circle.sample.services import Sites
from circle.sample.townships import township_of

WRITTEN = datetime(2026, 1, 1)
FIRST_ID = 1


def write_county(county: County, folder: Path) -> None:
    """Write all data files of a county into an existing folder."""
    write_osm(county, folder / "roads.osm.pbf")
    _write_heights(county, folder / "dem.tif")
    for group, name in (("all", "population"), *((age, f"population_{age}") for age in AGES)):
        _write_people(county, group, folder / f"{name}.tif")
    _write_schools(county, folder / "schools.xlsx")
    _write_clinics(county, folder / "clinics.csv")
    _write_townships(county, folder / "townships.geojson")


def write_osm(county: County, path: Path) -> None:
    """Write the extract, nodes before ways, each by number, with the domain's box in the header."""
    import osmium
    from osmium.osm import mutable

    objects = osm_objects(county)
    lon, lat = objects.degrees()
    header = osmium.io.Header()
    header.set("generator", "circle sample")
    header.set("sorting", "Type_then_ID")
    margin = 1e-4
    box = osmium.osm.Box(
        float(lon.min()) - margin, float(lat.min()) - margin, float(lon.max()) + margin, float(lat.max()) + margin
    )
    header.add_box(box)
    writer = osmium.SimpleWriter(str(path), header=header)
    try:
        places = zip(lon.tolist(), lat.tolist(), strict=True)
        for number, location in enumerate(places):
            tags = objects.node_tags.get(number)
            writer.add_node(mutable.Node(id=FIRST_ID + number, version=1, location=location, tags=tags or {}))
        for number, (nodes, tags) in enumerate(objects.ways):
            refs = [FIRST_ID + node for node in nodes]
            writer.add_way(mutable.Way(id=FIRST_ID + number, version=1, nodes=refs, tags=tags))
    finally:
        writer.close()


def _write_raster(path: Path, values: Any, profile: Mapping[str, Any]) -> None:
    import rasterio

    shape = {"height": values.shape[0], "width": values.shape[1], "count": 1, "dtype": values.dtype.name}
    packing = {"driver": "GTiff", "compress": "deflate", "zlevel": 9}
    tiles = {"tiled": True, "blockxsize": 256, "blockysize": 256}
    with rasterio.open(path, "w", **packing, **tiles, **shape, **profile) as target:
        target.write(values, 1)


def _write_heights(county: County, path: Path) -> None:
    from rasterio import Affine

    frame = county.land.frame
    heights = np.rint(county.land.height_m).astype(np.int16)
    transform = Affine(frame.cell_m, 0.0, frame.left, 0.0, -frame.cell_m, frame.top)
    _write_raster(path, heights, {"crs": PLANE, "transform": transform, "nodata": -32768, "predictor": 2})


def _write_people(county: County, group: str, path: Path) -> None:
    from rasterio import Affine

    people = county.people
    transform = Affine(STEP_DEG, 0.0, people.west, 0.0, -STEP_DEG, people.north)
    _write_raster(path, people.counts[group], {"crs": "EPSG:4326", "transform": transform, "nodata": NODATA})


def _township_names(county: County, sites: Sites) -> list[str]:
    numbers = township_of(county.townships, county.land, sites.x, sites.y)
    return [county.townships.name[i] if i >= 0 else "县外" for i in numbers.tolist()]


def _write_schools(county: County, path: Path) -> None:
    """The education office's list: Chinese headers, coordinates as Chinese web maps give them."""
    import xlsxwriter

    schools = county.schools
    lon, lat = gcj02_from_wgs84(*to_degrees(schools.x, schools.y))
    # in_memory: rows are not parked in temporary files, so that nothing is left behind
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        book.set_properties({"title": "青溪县学校名录(虚构)", "created": WRITTEN})
        sheet = book.add_worksheet("学校名录")
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, ["学校名称", "类别", "所在乡镇", "经度", "纬度", "学位数"], bold)
        places = (_township_names(county, schools), np.round(lon, 6).tolist(), np.round(lat, 6).tolist())
        columns = (schools.name, schools.kind, *places, schools.capacity.tolist())
        for row, values in enumerate(zip(*columns, strict=True), start=1):
            sheet.write_row(row, 0, values)
        sheet.set_column(0, 0, 30)
        sheet.freeze_panes(1, 0)


def _write_clinics(county: County, path: Path) -> None:
    """The health office's list, as Excel saves a CSV for Chinese users: UTF-8 with a byte order mark."""
    clinics = county.clinics
    lon, lat = to_degrees(clinics.x, clinics.y)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, lineterminator="\r\n")
        rows.writerow(["机构名称", "类别", "所在乡镇", "经度", "纬度", "床位数"])
        places = (_township_names(county, clinics), lon.tolist(), lat.tolist())
        columns = (clinics.name, clinics.kind, *places, clinics.capacity.tolist())
        for name, kind, township, east, north, beds in zip(*columns, strict=True):
            rows.writerow([name, kind, township, f"{east:.6f}", f"{north:.6f}", beds or ""])


def _write_townships(county: County, path: Path) -> None:
    """GeoJSON; every corner is rounded the same way from both sides of a border."""
    project = Transformer.from_crs(PLANE, "EPSG:4326", always_xy=True)

    def degrees(points: Any) -> Any:
        return np.round(np.column_stack(project.transform(points[:, 0], points[:, 1])), 6)

    townships = county.townships
    shapes = shapely.orient_polygons(shapely.transform(townships.polygon, degrees))
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": name},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for code, name, shape in zip(townships.code, townships.name, shapes, strict=True)
    ]
    collection = {"type": "FeatureCollection", "name": "townships", "features": features}
    path.write_text(json.dumps(collection, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
