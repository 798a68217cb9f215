"""The bundled county twice: as clean files, and as five files such as offices hand over. The same people, roads and sites.

What is in the messy folder: clinics as a GBK CSV in GCJ-02 (as web maps give them), schools as a workbook with titles
above the header, a total below and a second sheet, townships as a shapefile in the national grid with the zone before
the eastings and without ``.cpg``, roads of which no two lines share a vertex, and the census by township, its codes
numbers and the county's total among the rows.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import rasterio
import shapely
import xlsxwriter
from exactextract import exact_extract

from tests.messy.shifted import gcj02_of

GRID = "EPSG:4528"
"""CGCS2000, 3-degree zone 40, zone before the easting."""

KEPT_TAGS = ("highway", "bridge", "tunnel", "layer", "access", "foot", "oneway")
SLIP_M = 0.4
"""Hand-drawn ends miss each other by up to this."""


class Sources(NamedTuple):
    """What both folders are made of."""

    roads: gpd.GeoDataFrame
    nodes: list[list[int]]
    clinics: pd.DataFrame
    schools: pd.DataFrame
    districts: gpd.GeoDataFrame
    population: Path


def sources(qingxi: Path) -> Sources:
    """Read the bundled county with libraries that are not circle."""
    roads, nodes = _roads(qingxi / "roads.osm.pbf")
    schools = pd.read_excel(qingxi / "schools.xlsx", engine="calamine")
    districts = gpd.read_file(qingxi / "townships.geojson")
    clinics = pd.read_csv(qingxi / "clinics.csv", encoding="utf-8-sig")
    return Sources(roads, nodes, clinics, schools, districts, qingxi / "population.tif")


def _roads(pbf: Path) -> tuple[gpd.GeoDataFrame, list[list[int]]]:
    rows, lines, nodes = [], [], []
    for way in osmium.FileProcessor(str(pbf)).with_locations():
        if not way.is_way() or "highway" not in way.tags or len(way.nodes) < 2:
            continue
        rows.append([way.tags.get(tag) for tag in KEPT_TAGS])
        lines.append(shapely.LineString([(node.lon, node.lat) for node in way.nodes]))
        nodes.append([node.ref for node in way.nodes])
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=KEPT_TAGS), geometry=lines, crs=4326), nodes


def census(districts: gpd.GeoDataFrame, population: Path) -> pd.Series:
    """People of each township by the raster, cells on a border by area; whole numbers as a census has them."""
    with rasterio.open(population) as raster:
        found: Any = exact_extract(raster, districts, "sum", output="pandas")
    return found["sum"].round().astype(int)


def write_clean(source: Sources, folder: Path) -> Path:
    """The county in UTF-8, WGS84 and with roads that share their vertices."""
    folder.mkdir(parents=True)
    source.roads.to_file(folder / "roads.gpkg", engine="pyogrio")
    people = census(source.districts, source.population)
    source.districts.assign(people=people).to_file(folder / "townships.gpkg", engine="pyogrio")
    source.clinics.to_csv(folder / "clinics.csv", index=False, encoding="utf-8")
    source.schools.to_csv(folder / "schools.csv", index=False, encoding="utf-8")
    pd.DataFrame({"code": source.districts["code"], "people": people}).to_csv(folder / "census.csv", index=False)
    (folder / "region.toml").write_text(
        f"""
[region]
name = "青溪县"
[roads]
path = "roads.gpkg"
topology = "as-drawn"
[[facilities]]
path = "clinics.csv"
crs = "EPSG:4490"
service_column = "类别"
[[facilities]]
path = "schools.csv"
crs = "gcj02"
service_column = "类别"
[population]
path = "census.csv"
district = "code"
people = "people"
spread = "raster"
pattern = '{source.population.resolve().as_posix()}'
[districts]
path = "townships.gpkg"
id = "code"
name = "name"
""",
        encoding="utf-8",
    )
    return folder / "region.toml"


def write_messy(source: Sources, folder: Path) -> None:
    """The five files, and the raster after whose pattern the townships' people are spread."""
    folder.mkdir(parents=True)
    _write_clinics(source.clinics, folder / "医疗机构.csv")
    _write_schools(source.schools, folder / "学校名录.xlsx")
    _write_townships(source.districts, folder / "乡镇界.shp")
    _unnoded(source.roads, source.nodes).to_file(folder / "道路.geojson", driver="GeoJSON", engine="pyogrio")
    _write_census(source.districts, census(source.districts, source.population), folder / "人口普查.xlsx")
    (folder / "population.tif").write_bytes(source.population.read_bytes())


def _write_clinics(clinics: pd.DataFrame, path: Path) -> None:
    lon, lat = gcj02_of(clinics["经度"].to_numpy(), clinics["纬度"].to_numpy())
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(["名称", "类型", "经度", "纬度", "床位数"])
    for row, x, y in zip(clinics.itertuples(index=False), lon, lat, strict=True):
        beds = "" if pd.isna(row.床位数) else int(row.床位数)
        writer.writerow([row.机构名称, row.类别, f"{x:.9f}", f"{y:.9f}", beds])
    path.write_bytes(text.getvalue().encode("gbk"))


def _write_schools(schools: pd.DataFrame, path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    notes = book.add_worksheet("说明")
    notes.write(0, 0, "本表由教育局填报")
    sheet = book.add_worksheet("学校名录")
    sheet.merge_range(0, 0, 0, 5, "青溪县义务教育学校名录")
    sheet.merge_range(1, 0, 1, 5, "填报单位:教育局 2026年9月")
    for column, head in enumerate(schools.columns):
        sheet.write(2, column, head)
    for number, row in enumerate(schools.itertuples(index=False), start=3):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    end = 3 + len(schools)
    sheet.write(end, 0, "合计")
    sheet.write(end, 5, float(schools["学位数"].sum()))
    book.close()


def _write_townships(districts: gpd.GeoDataFrame, path: Path) -> None:
    named = districts.rename(columns={"code": "区划代码", "name": "乡镇名称"}).to_crs(GRID)
    named.to_file(path, engine="pyogrio", encoding="GBK")
    path.with_suffix(".cpg").unlink(missing_ok=True)


def _write_census(districts: gpd.GeoDataFrame, people: pd.Series, path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("常住人口")
    sheet.merge_range(0, 0, 0, 2, "青溪县第七次人口普查主要数据")
    sheet.write_row(1, 0, ["区划代码", "名称", "常住人口"])
    sheet.write_row(2, 0, [330899000000, "青溪县", int(people.sum())])
    for number, (code, name, count) in enumerate(zip(districts["code"], districts["name"], people, strict=True), 3):
        sheet.write_row(number, 0, [int(code), name, int(count)])
    book.close()


def _unnoded(roads: gpd.GeoDataFrame, nodes: list[list[int]]) -> gpd.GeoDataFrame:
    """Every vertex that lines share is moved a little on all lines but the first, ends along their line."""
    rng = np.random.default_rng(15)
    metric = roads.to_crs("EPSG:4549")
    met: Counter[int] = Counter()
    lines = []
    for line, refs in zip(metric.geometry, nodes, strict=True):
        points = shapely.get_coordinates(line).copy()
        for k, ref in enumerate(refs):
            met[ref] += 1
            if met[ref] > 1:
                points[k] += _slip(points, k, rng)
        lines.append(shapely.LineString(points))
    return metric.set_geometry(gpd.GeoSeries(lines, crs=metric.crs)).to_crs(4326)


def _slip(points: Any, k: int, rng: np.random.Generator) -> Any:
    """Too short or too long at an end; aside by half of that within a line."""
    if k in (0, len(points) - 1):
        along = points[k] - points[1 if k == 0 else -2]
        length = float(np.hypot(*along))
        return along / length * rng.uniform(-min(SLIP_M, length / 4), SLIP_M) if length else along
    angle = rng.uniform(0, 2 * np.pi)
    return np.array([np.cos(angle), np.sin(angle)]) * rng.uniform(0.05, SLIP_M / 2)
