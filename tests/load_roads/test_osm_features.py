"""Facilities, buildings, boundaries and places from tiny hand-drawn OSM files."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from tests.load_roads.drawing import as_pbf, codes, draw, read

RULES = {
    "clinic": [{"amenity": ["clinic", "doctors"]}, {"healthcare": ["clinic"]}],
    "bus_stop": [{"highway": ["bus_stop"]}, {"public_transport": ["platform", "stop_position"], "bus": ["yes"]}],
    "school": [{"amenity": ["school"]}],
    "primary_school": [{"amenity": ["school"], "isced:level": ["1"]}],
    "park": [{"leisure": ["park"]}],
}
SQUARE = [(1, 118.0, 29.0), (2, 118.002, 29.0), (3, 118.002, 29.002), (4, 118.0, 29.002)]
"""About 195 m by 222 m."""

INNER = [(5, 118.0005, 29.0005), (6, 118.001, 29.0005), (7, 118.001, 29.001)]


def features_of(path: Path, **wanted: object) -> gpd.GeoDataFrame:
    extract, _ = read(path, streets=False, barriers=False, facilities=RULES, **wanted)
    assert extract is not None
    return extract.features


def test_an_object_offers_every_service_whose_tags_all_hold(tmp_path: Path) -> None:
    nodes = [
        (1, 118.0, 29.0, {"amenity": "school", "isced:level": "1;2", "name": "中心小学", "capacity": "1,200"}),
        (2, 118.1, 29.0, {"amenity": "clinic;pharmacy", "name:en": "Clinic", "beds": "12"}),
        (3, 118.2, 29.0, {"public_transport": "platform", "bus": "yes"}),
        (4, 118.3, 29.0, {"public_transport": "platform", "train": "yes"}),
        (5, 118.4, 29.0, {"disused:amenity": "school"}),
        (6, 118.5, 29.0, {"amenity": "doctors", "healthcare": "clinic"}),
    ]
    frame = features_of(draw(tmp_path, nodes))
    rows = list(zip(frame["osm_id"], frame["service"], frame["name"], frame["role"], strict=True))
    assert rows == [
        ("node/1", "school", "中心小学", None),
        ("node/1", "primary_school", "中心小学", None),
        ("node/2", "clinic", "Clinic", None),
        ("node/3", "bus_stop", None, "platform"),
        ("node/6", "clinic", None, None),
    ]
    assert frame["capacity"].tolist()[:3] == [1200.0, 1200.0, 12.0]
    assert np.isnan(frame["capacity"].tolist()[3])
    assert frame.crs == "EPSG:4326"


@pytest.mark.parametrize(
    "tag", [{"access": "private"}, {"disused": "yes"}, {"abandoned": "yes"}, {"construction": "yes"}], ids=str
)
def test_what_does_not_serve_the_public_is_left_out_and_counted_once(tmp_path: Path, tag: dict[str, str]) -> None:
    path = draw(tmp_path, SQUARE, [(10, [1, 2, 3, 4, 1], {"amenity": "school", **tag})])
    extract, _ = read(path, streets=False, facilities=RULES)
    assert extract is not None
    assert len(extract.features) == 0
    assert extract.counts == {f"facility_{next(iter(tag))}": 1}


@pytest.mark.parametrize("pbf", [False, True])
def test_a_closed_way_is_a_polygon_and_counts_once(tmp_path: Path, pbf: bool) -> None:
    path = draw(tmp_path, SQUARE, [(10, [1, 2, 3, 4, 1], {"leisure": "park", "name": "公园"})])
    frame = features_of(as_pbf(path) if pbf else path)
    assert frame["osm_id"].tolist() == ["way/10"]
    assert frame.geometry[0].geom_type == "Polygon"
    assert frame.geometry[0].bounds == (118.0, 29.0, 118.002, 29.002)


def test_a_multipolygon_keeps_its_hole(tmp_path: Path) -> None:
    ways = [(10, [1, 2, 3], {}), (11, [3, 4, 1], {}), (12, [5, 6, 7, 5], {})]
    members = [("way", 10, "outer"), ("way", 11, "outer"), ("way", 12, "inner")]
    relation = (20, members, {"type": "multipolygon", "leisure": "park"})
    frame = features_of(draw(tmp_path, [*SQUARE, *INNER], ways, [relation]))
    assert frame["osm_id"].tolist() == ["relation/20"]
    assert len(frame.geometry[0].interiors) == 1
    assert frame.geometry[0].area == pytest.approx(0.002**2 - 0.0005**2 / 2)


def test_an_open_line_stands_for_its_middle(tmp_path: Path) -> None:
    frame = features_of(draw(tmp_path, SQUARE, [(10, [1, 2], {"public_transport": "platform", "bus": "yes"})]))
    assert frame.geometry[0].geom_type == "Point"
    assert frame.geometry[0].coords[0] == pytest.approx((118.001, 29.0))


def test_an_outline_that_the_data_cut_is_placed_amid_what_is_there(tmp_path: Path) -> None:
    """Way 10 lacks node 99 and relation 20 lacks way 98: both schools are still there, near their known nodes."""
    ways = [(10, [1, 2, 99, 1], {"amenity": "school"}), (11, [3, 4], {})]
    relation = (20, [("way", 11, "outer"), ("way", 98, "outer")], {"type": "multipolygon", "amenity": "school"})
    extract, _ = read(draw(tmp_path, SQUARE, ways, [relation]), streets=False, facilities=RULES)
    assert extract is not None
    frame = extract.features
    assert frame["osm_id"].tolist() == ["way/10", "relation/20"]
    assert frame.geometry[1].coords[0] == pytest.approx((118.001, 29.002))
    assert frame.geometry[0].coords[0] == pytest.approx((118.0 + 0.002 / 3, 29.0))  # nodes 1, 2 and 1 again
    assert extract.counts == {"facility_outline_incomplete": 2}


def test_an_object_with_no_position_at_all_is_counted(tmp_path: Path) -> None:
    extract, _ = read(draw(tmp_path, SQUARE, [(10, [97, 98], {"amenity": "school"})]), streets=False, facilities=RULES)
    assert extract is not None
    assert len(extract.features) == 0
    assert extract.counts == {"facility_without_position": 1}


def test_any_value_may_be_asked_for(tmp_path: Path) -> None:
    path = draw(tmp_path, [(1, 118.0, 29.0, {"shop": "whatever"}), *SQUARE[1:]])
    extract, _ = read(path, streets=False, facilities={"shop": [{"shop": ["*"]}]})
    assert extract is not None
    assert extract.features["service"].tolist() == ["shop"]


def test_buildings_have_levels_and_use(tmp_path: Path) -> None:
    ring = [1, 2, 3, 4, 1]
    ways = [
        (10, ring, {"building": "residential", "building:levels": "3"}),
        (11, ring, {"building": "yes"}),
        (12, ring, {"building": "no"}),
        (13, ring, {"building": "construction"}),
        (14, ring, {"building": "house", "building:levels": "two"}),
    ]
    extract, _ = read(draw(tmp_path, SQUARE, ways), streets=False, buildings=True)
    assert extract is not None
    assert extract.buildings["osm_id"].tolist() == ["way/10", "way/11", "way/14"]
    assert extract.buildings["use"].tolist() == ["residential", "yes", "house"]
    assert extract.buildings["levels"].tolist()[0] == 3.0
    assert np.isnan(extract.buildings["levels"].tolist()[1:]).all()


def test_boundaries_come_at_every_level_and_a_border_way_is_no_area_of_its_own(tmp_path: Path) -> None:
    county = {"boundary": "administrative", "admin_level": "6", "name": "青溪县", "type": "boundary", "ref": "330899"}
    border = {"boundary": "administrative", "admin_level": "6"}
    town = {"boundary": "administrative", "admin_level": "8", "name": "上镇"}
    path = draw(
        tmp_path,
        [*SQUARE, *INNER],
        [(10, [1, 2, 3, 4, 1], border), (12, [5, 6, 7, 5], town)],
        [(20, [("way", 10, "outer")], county), (21, [("way", 99, "outer")], {**county, "name": "邻县"})],
    )
    extract, findings = read(path, streets=False, admin_level=6)
    assert extract is not None
    frame = extract.boundaries.sort_values("admin_level")
    assert frame["osm_id"].tolist() == ["relation/20", "way/12"]
    assert frame["name"].tolist() == ["青溪县", "上镇"]
    assert frame["code"].tolist() == ["330899", None]
    assert frame["admin_level"].tolist() == [6, 8]
    assert codes(findings) == ["roads.osm_boundaries_incomplete"]
    assert "邻县" in str(findings.problems[0].fields["names"])


def test_an_islet_drawn_apart_belongs_to_the_relation_of_its_name(tmp_path: Path) -> None:
    """The islet lies some 10 m off; a place of the same name 1 degree away is another one."""
    town = {"boundary": "administrative", "admin_level": "8", "name": "岛镇"}
    islet = [(5, 118.0021, 29.0), (6, 118.003, 29.0), (7, 118.003, 29.001)]
    other = [(8, 119.0021, 29.0), (9, 119.003, 29.0), (11, 119.003, 29.001)]
    path = draw(
        tmp_path,
        [*SQUARE, *islet, *other],
        [(10, [1, 2, 3, 4, 1], {}), (12, [5, 6, 7, 5], town), (13, [8, 9, 11, 8], town)],
        [(20, [("way", 10, "outer")], {**town, "type": "boundary"})],
    )
    extract, _ = read(path, streets=False, admin_level=8)
    assert extract is not None
    assert sorted(extract.boundaries["osm_id"]) == ["relation/20", "way/13"]
    whole = extract.boundaries.set_index("osm_id").geometry["relation/20"]
    assert whole.area == pytest.approx(0.002**2 + 0.0009 * 0.001 / 2)


def test_places_are_points_with_people(tmp_path: Path) -> None:
    nodes = [
        *SQUARE,
        (8, 118.5, 29.0, {"place": "village", "name": "上村", "population": "1 200"}),
        (9, 118.6, 29.0, {"place": "village"}),
        (10, 118.7, 29.0, {"place": "ocean", "name": "海"}),
    ]
    path = draw(tmp_path, nodes, [(10, [1, 2, 3, 4, 1], {"place": "hamlet", "name": "下村"})])
    extract, _ = read(path, streets=False, places=True)
    assert extract is not None
    assert extract.places["name"].tolist() == ["上村", "下村"]
    assert extract.places["people"].tolist()[0] == 1200.0
    assert extract.places.geom_type.tolist() == ["Point", "Point"]


def test_what_is_not_wanted_is_empty_but_has_its_columns(tmp_path: Path) -> None:
    extract, findings = read(draw(tmp_path, SQUARE), streets=False, barriers=False)
    assert extract is not None
    assert extract.streets is None
    assert list(extract.features.columns) == ["service", "osm_id", "name", "capacity", "role", "geometry"]
    assert list(extract.buildings.columns) == ["osm_id", "levels", "use", "geometry"]
    assert list(extract.boundaries.columns) == ["osm_id", "name", "admin_level", "code", "geometry"]
    assert list(extract.places.columns) == ["name", "place", "people", "geometry"]
    assert len(extract.barriers.kind) == len(extract.barriers.lon) == len(extract.barriers.water) == 0
    assert codes(findings) == []
