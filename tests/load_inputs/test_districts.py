"""Districts: codes, names, shapes that overlap or repeat."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from circle.load.districts import layer_districts, osm_districts
from tests.load_inputs.conftest import codes


def areas(boxes, **columns):
    return gpd.GeoDataFrame(
        columns, geometry=[shapely.box(*box) for box in boxes], crs=4326, index=range(1, len(boxes) + 1)
    )


WEST, EAST = (118.0, 28.0, 118.1, 28.1), (118.1, 28.0, 118.2, 28.1)


def test_codes_and_names_are_told_by_their_headers_and_codes_are_text(at, findings):
    found = layer_districts(
        areas([WEST, EAST], XZQDM=[330825100.0, 330825101.0], XZQMC=["甲镇", "乙乡"]), None, None, at
    )
    assert found is not None
    assert found.frame["district_id"].tolist() == ["330825100", "330825101"]
    assert found.frame["district_name"].tolist() == ["甲镇", "乙乡"]
    assert codes(findings) == []


def test_a_layer_without_columns_is_numbered(at):
    found = layer_districts(areas([WEST, EAST]), None, None, at)
    assert found is not None
    assert found.frame["district_id"].tolist() == ["1", "2"]


def test_rows_of_one_code_are_united(at, findings):
    found = layer_districts(areas([WEST, EAST], code=["1", "1"], name=["甲", "甲"]), "code", "name", at)
    assert found is not None
    assert [shape.area for shape in found.frame.geometry] == pytest.approx([0.02])
    assert codes(findings) == ["districts.united"]


def test_one_code_with_two_names_is_told_apart_with_a_warning(at, findings):
    found = layer_districts(areas([WEST, EAST], code=["1", "1"], name=["甲", "乙"]), "code", "name", at)
    assert found is not None
    assert found.frame["district_id"].tolist() == ["1", "1-2"]
    assert codes(findings) == ["districts.id_twice"]


def test_overlaps_are_told_with_their_area_and_slivers_are_not(at, findings):
    """0.01 x 0.1 degrees near 28.05 N: about 0.984 km x 11.09 km = 10.9 square kilometres."""
    wide, sliver = (118.09, 28.0, 118.2, 28.1), (118.0999999, 28.0, 118.2, 28.1)
    layer_districts(areas([WEST, sliver], name=["甲", "乙"]), None, None, at)
    assert codes(findings) == []
    layer_districts(areas([WEST, wide], name=["甲", "乙"]), None, None, at)
    assert codes(findings) == ["districts.overlap"]
    assert float(str(findings.problems[0].fields["area"])) == pytest.approx(10.9, abs=0.05)


def test_invalid_districts_are_repaired_and_points_left_out(at, findings):
    bowtie = shapely.Polygon([(118, 28), (118.1, 28.1), (118.1, 28), (118, 28.1)])
    frame = gpd.GeoDataFrame({"name": ["甲", "乙"]}, geometry=[bowtie, shapely.Point(118, 28)], crs=4326, index=[1, 2])
    found = layer_districts(frame, None, None, at)
    assert found is not None
    assert found.frame["district_name"].tolist() == ["甲"]
    assert codes(findings) == ["vector.repaired", "districts.not_polygons"]


def test_a_layer_without_areas_is_an_error(at, findings):
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(118, 28)], crs=4326)
    assert layer_districts(frame, None, None, at) is None
    assert codes(findings) == ["districts.no_polygons"]


def test_a_column_that_is_not_there_is_an_error(at, findings):
    assert layer_districts(areas([WEST], name=["甲"]), "code", None, at) is None
    assert codes(findings) == ["table.column_missing"]


def test_osm_boundaries_of_one_level_keep_their_official_codes(at, findings):
    frame = areas([WEST, EAST, WEST], osm_id=["relation/1", "relation/2", "relation/3"], code=["KM-A", None, None])
    frame = frame.assign(name=["甲", "乙", "丙"], admin_level=[4, 4, 8])
    found = osm_districts(frame, 4, at)
    assert found is not None
    assert found.frame["district_id"].tolist() == ["KM-A", "relation/2"]
    assert osm_districts(frame, 6, at) is None
    assert codes(findings) == ["districts.level_empty"]
    assert findings.problems[0].fields["found"] == "4, 8"
