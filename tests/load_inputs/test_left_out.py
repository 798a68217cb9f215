"""What is left out of an input is told row by row, and what cannot be used never ends in a traceback."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from circle.load.districts import layer_districts
from circle.load.facilities import build_facilities, facility_rows, osm_facility_rows
from circle.load.population import count_features
from circle.load.sections import FacilitiesSection
from tests.load_inputs.conftest import LAT, LON, codes

E, N = LON + 0.001, LAT + 0.001
NOTHING = {
    "there and back": shapely.Polygon([(LON, LAT), (E, N), (LON, LAT), (LON, LAT)]),
    "one spot": shapely.Polygon([(LON, LAT)] * 4),
    "two slips": shapely.MultiPolygon([shapely.Polygon([(LON, LAT), (E, N), (LON, LAT)])] * 2),
    "a line of one spot": shapely.LineString([(LON, LAT), (LON, LAT)]),
}
"""Shapes that enclose nothing: GEOS calls them invalid, and no area is left of them."""
BESIDE = shapely.box(E, LAT, E + 0.001, N)


def layer(slip: shapely.Geometry, **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=[slip, BESIDE], index=[1, 2], crs=4326)


@pytest.mark.parametrize("slip", NOTHING.values(), ids=NOTHING)
@pytest.mark.parametrize("from_osm", [False, True])
def test_a_facility_that_encloses_nothing_is_left_out_and_listed(slip, from_osm, at, findings):
    if from_osm:
        columns = {"service": ["clinic"] * 2, "name": ["甲", "乙"], "capacity": [1, 2], "role": [None] * 2}
        rows = osm_facility_rows(layer(slip, osm_id=["way/1", "way/2"], **columns), ["clinic"], at)
    else:
        rows = facility_rows(layer(slip, name=["甲", "乙"]), FacilitiesSection(path="a", service="clinic"), at)
    assert rows is not None
    built = build_facilities([rows], at)
    assert built is not None
    assert built.table["name"].tolist() == ["乙"]
    assert codes(findings) == ["facilities.no_extent"]
    told = findings.problems[0].fields["rows"]
    assert (told.rows, told.values) == (("way/1" if from_osm else "1",), ("甲",))


def test_where_every_facility_encloses_nothing_that_is_the_error(at, findings):
    frame = gpd.GeoDataFrame({"name": ["甲"]}, geometry=[NOTHING["one spot"]], crs=4326)
    assert facility_rows(frame, FacilitiesSection(path="a", service="clinic"), at) is None
    assert codes(findings) == ["facilities.no_extent", "facilities.none_placed"]


@pytest.mark.parametrize("slip", NOTHING.values(), ids=NOTHING)
def test_a_district_that_encloses_nothing_is_none_and_people_in_such_an_area_are_kept(slip, at, findings):
    districts = layer_districts(layer(slip, code=["1", "2"]), None, None, at)
    assert districts is not None
    assert districts.frame["district_id"].tolist() == ["2"]
    people = count_features(layer(slip, people=[3, 4]), at)
    assert people is not None
    assert np.array_equal(people.frame["all"], [3.0, 4.0])
    assert codes(findings) == ["districts.not_polygons", "population.places_unusable"]
