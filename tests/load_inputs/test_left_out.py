"""What is left out of an input is told row by row, and what cannot be used never ends in a traceback."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from circle.load.districts import layer_districts
from circle.load.facilities import build_facilities, facility_rows, osm_facility_rows
from circle.load.layers import layer_settlements
from circle.load.population import count_features
from circle.load.road_layers import streets_from_lines
from circle.load.sections import FacilitiesSection, PlacesSection
from tests.load_inputs.conftest import LAT, LON, codes, features_of

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
        rows = osm_facility_rows(features_of(layer(slip, osm_id=["way/1", "way/2"], **columns)), ["clinic"], at)
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


def test_every_feature_of_roads_and_places_is_used_or_listed(at, findings):
    """Eight road features, of which four are lines of a known class; a motorway is known, and rightly not walked."""
    line, spot = shapely.LineString([(LON, LAT), (E, N)]), shapely.Point(LON, LAT)
    far = shapely.LineString([(LON, LAT), (np.inf, N)])
    both = shapely.GeometryCollection([shapely.LineString([(LON, LAT), (E, LAT)]), spot])
    kinds = ["residential", "motorway", "nonsense", None, "residential", "residential", "residential", "nonsense"]
    shapes = [line, line, line, line, spot, far, both, line]
    roads = gpd.GeoDataFrame({"highway": kinds}, geometry=shapes, index=range(1, 9), crs=4326)
    streets = streets_from_lines(roads, at)
    assert streets is not None
    assert set(streets.way_id) == {1, 7}
    listed = {problem.code: problem.fields["rows"] for problem in findings.problems}
    assert listed["roads.parts_unusable"].rows == ("5", "6", "7")
    assert listed["roads.class_unknown"].rows == ("3", "4", "8")
    assert listed["roads.class_unknown"].values == ("nonsense", "-", "nonsense")
    assert codes(findings) == ["roads.parts_unusable", "roads.class_unknown"]


def test_places_without_a_name_are_listed(at, findings):
    places = gpd.GeoDataFrame({"name": ["甲村", None, " "]}, geometry=[shapely.Point(LON, LAT)] * 3, crs=4326)
    found = layer_settlements(places.set_axis([1, 2, 3]), PlacesSection(path="a"), at)
    assert found is not None
    assert found.frame["name"].tolist() == ["甲村"]
    assert codes(findings) == ["places.nameless"]
    assert findings.problems[0].fields["rows"].rows == ("2", "3")
