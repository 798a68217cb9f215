"""Rows in messages are those that users count: of the table, of the layer from 1, and OSM objects by their names."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from circle.errors import render
from circle.load.layers import HULL_MARGIN_M
from circle.load.region import check_region
from tests.readme.region import LAT, LON, edit, write_region, write_streets, write_workbook

NAMES = ["中心小学", "东街小学", "村小"]
PLACES = [(LON, LAT), (LON + 0.01, LAT + 0.005), (LON + 0.04, LAT)]
"""The third lies 0.025 degrees east of the last street: outside, yet within ten kilometres."""


def rows_told(folder: Path) -> object:
    _, problems = check_region(folder)
    (told,) = [problem for problem in problems if problem.code == "place.some_outside"]
    return told.fields["rows"]


@pytest.mark.parametrize("name", ["schools.geojson", "schools.gpkg", "schools.shp", "schools.parquet"])
def test_the_third_feature_of_a_layer_is_number_three(tmp_path, name):
    folder = write_region(tmp_path)
    layer = gpd.GeoDataFrame({"name": NAMES}, geometry=shapely.points(PLACES), crs=4326)
    layer.to_parquet(folder / name) if name.endswith("parquet") else layer.to_file(folder / name)
    edit(folder / "region.toml", "schools.xlsx", name)
    assert rows_told(folder) == "3"


def test_the_third_school_of_a_workbook_stands_in_row_four(tmp_path):
    folder = write_region(tmp_path)
    rows = [[name, *place] for name, place in zip(NAMES, PLACES, strict=True)]
    write_workbook(folder / "schools.xlsx", [["名称", "经度", "纬度"], *rows])
    assert rows_told(folder) == "4"


def test_the_third_place_of_people_stands_in_row_four_of_its_table(tmp_path):
    """As facilities, people are named by the row that their program shows, not by their number from nought."""
    folder = write_region(tmp_path)
    rows = [[lon, lat, people] for (lon, lat), people in zip(PLACES, (5, 6, 7), strict=True)]
    write_workbook(folder / "people.xlsx", [["经度", "纬度", "人口"], *rows])
    edit(folder / "region.toml", 'path = "people.tif"', 'path = "people.xlsx"\ncrs = "EPSG:4326"')
    assert rows_told(folder) == "4"


@pytest.mark.parametrize("name", ["people.geojson", "people.gpkg", "people.shp"])
def test_the_third_feature_of_a_layer_of_people_is_number_three(tmp_path, name):
    folder = write_region(tmp_path)
    layer = gpd.GeoDataFrame({"people": [5, 6, 7]}, geometry=shapely.points(PLACES), crs=4326)
    layer.to_file(folder / name)
    edit(folder / "region.toml", "people.tif", name)
    assert rows_told(folder) == "3"


def test_a_facility_of_an_extract_is_named_by_its_object(tmp_path):
    folder = write_region(tmp_path)
    (lon, lat), away = PLACES[2], 0.001
    ring = [(lon, lat), (lon + away, lat), (lon + away, lat + away), (lon, lat)]
    write_streets(folder / "roads.osm.pbf", more=[(ring, {"amenity": "school", "name": "村小"})])
    edit(
        folder / "region.toml",
        'path = "schools.xlsx"\ncrs = "EPSG:4326"\nservice = "primary_school"',
        'source = "osm"\nservices = ["school"]',
    )
    edit(
        folder / "region.toml",
        'name = "四街镇"',
        f'name = "四街镇"\nextent = [{LON}, {LAT}, {LON + 0.02}, {LAT + 0.02}]',
    )
    assert rows_told(folder) == "way/9"


def test_what_the_extent_is_that_places_lie_outside_is_said_in_both_languages(tmp_path):
    """Of the roads, as nothing is declared; then a declared one of a degree, and the margin that the words name."""
    folder = write_region(tmp_path)
    rows = [[name, *place] for name, place in zip(NAMES, PLACES, strict=True)]
    write_workbook(folder / "schools.xlsx", [["名称", "经度", "纬度"], *rows])
    _, problems = check_region(folder)
    (told,) = [problem for problem in problems if problem.code == "place.some_outside"]
    assert "1 of 3 places lies outside the area that the roads cover" in render(told, "en")
    assert "位于道路覆盖的范围" in render(told, "zh")
    assert f"{HULL_MARGIN_M:.0f} m outwards" in render(told, "en")
    assert f"向外 {HULL_MARGIN_M:.0f} 米" in render(told, "zh")
    edges = [LON - 0.5, LAT - 0.5, LON + 0.03, LAT + 0.5]
    edit(folder / "region.toml", "[region]", f"[region]\nextent = {edges}")
    _, problems = check_region(folder)
    (told,) = [problem for problem in problems if problem.code == "place.some_outside"]
    assert "lies outside the extent that was declared" in render(told, "en")
