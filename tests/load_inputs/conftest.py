"""A town of one crossroads near 118.9 E, 28.9 N, in files of every kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import xlsxwriter
from affine import Affine

from circle.errors import Findings, Problem, render
from circle.load.features import Features
from circle.load.located import Located
from circle.messages import LANGUAGES

LON, LAT = 118.9, 28.9


@pytest.fixture
def findings() -> Findings:
    return Findings()


@pytest.fixture
def at(findings: Findings) -> Located:
    return Located(findings, "file")


def codes(findings: Findings) -> list[str]:
    """The codes recorded; each must have a sentence in both languages that its values fill."""
    return [code_of(problem) for problem in findings.problems]


def code_of(problem: Problem) -> str:
    for lang in LANGUAGES:
        assert render(problem, lang)
    return problem.code


def features_of(frame: gpd.GeoDataFrame) -> Features:
    """A frame as what an extract gives."""
    columns = {name: frame[name].to_numpy(dtype=object) for name in frame.columns.drop("geometry")}
    return Features(columns, np.asarray(frame.geometry.array, dtype=object))


def write_workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if value is not None:
                        sheet.write(number, column, value)
    return path


OSM = f"""<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <bounds minlon="118.88" minlat="28.88" maxlon="118.92" maxlat="28.92"/>
  <node id="1" version="1" lon="{LON - 0.01}" lat="{LAT}"/>
  <node id="2" version="1" lon="{LON}" lat="{LAT}"/>
  <node id="3" version="1" lon="{LON + 0.01}" lat="{LAT}"/>
  <node id="4" version="1" lon="{LON}" lat="{LAT + 0.01}"/>
  <node id="5" version="1" lon="{LON}" lat="{LAT - 0.01}"/>
  <node id="6" version="1" lon="{LON + 0.002}" lat="{LAT}">
    <tag k="amenity" v="school"/><tag k="name" v="中心小学"/><tag k="isced:level" v="1"/>
  </node>
  <node id="7" version="1" lon="{LON}" lat="{LAT + 0.001}"><tag k="place" v="village"/><tag k="name" v="上村"/></node>
  <way id="1" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
  <way id="2" version="1"><nd ref="4"/><nd ref="2"/><nd ref="5"/><tag k="highway" v="residential"/></way>
</osm>
"""

REGION = """
[region]
name = "十字镇"
[osm]
path = "roads.osm"
[roads]
source = "osm"
[[facilities]]
path = "clinics.xlsx"
crs = "EPSG:4326"
service = "clinic"
[[facilities]]
source = "osm"
services = ["primary_school"]
[population]
path = "people.tif"
"""

CLINICS: list[list[object]] = [
    ["名称", "经度", "纬度", "床位数(张)"],
    ["卫生院", LON + 0.001, LAT, 30],
    ["诊所", LON, LAT - 0.005, 2],
]


@pytest.fixture
def town(tmp_path: Path) -> Callable[..., Path]:
    """Write the town; `region` replaces region.toml, `clinics` the workbook's rows."""

    def write(region: str = REGION, clinics: list[list[object]] | None = None) -> Path:
        folder = tmp_path / "十字 镇"
        folder.mkdir(exist_ok=True)
        (folder / "region.toml").write_text(region, encoding="utf-8")
        (folder / "roads.osm").write_text(OSM, encoding="utf-8")
        write_workbook(folder / "clinics.xlsx", {"名单": CLINICS if clinics is None else clinics})
        profile = {"driver": "GTiff", "width": 4, "height": 4, "count": 1, "dtype": "float64", "crs": "EPSG:4326"}
        grid = Affine(0.005, 0.0, LON - 0.01, 0.0, -0.005, LAT + 0.01)
        with rasterio.open(folder / "people.tif", "w", transform=grid, **profile) as raster:
            raster.write(np.full((1, 4, 4), 25.0))
        return folder

    return write
