"""Facilities in the water are told, by list; those ashore, on bridges and on piers are not."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

import circle
from circle.doctor.examine import examine
from circle.errors import Findings
from circle.reach import join_facilities
from circle.reach.afloat import SHORE_M, warn_of_facilities_in_water
from circle.reach.attach import nearest_leg_m
from tests import towns

ROADS = [[(0, 0), (4000, 0)], [(2000, 0), (2000, 1500)]]
"""The second leads out into the lake: a bridge."""
LAKE = [(500, 300), (3500, 400), (3300, 2500), (700, 2400)]


def told(points, *, drawn=LAKE, one_sided=True):
    """Names of facilities that are told, with the metres that stand beside them."""
    ring = np.array(shapely.orient_polygons(shapely.Polygon(drawn), exterior_cw=True).exterior.coords)
    engine = towns.engine(towns.streets(ROADS), towns.barriers([ring.tolist()], one_sided=one_sided))
    facilities = towns.facilities(points)
    leg_m = np.full(len(points), np.inf)
    for sites in join_facilities(engine, facilities).values():
        np.minimum.at(leg_m, sites.facility, nearest_leg_m(sites.places.attachment))
    findings = Findings()
    warn_of_facilities_in_water(engine, facilities, leg_m, findings)
    return findings.problems


def test_those_that_shapely_finds_in_the_lake_are_told_and_no_others():
    rng = np.random.default_rng(6)
    points = [tuple(p) for p in rng.uniform((0, -500), (4000, 3000), (300, 2))]
    lake, roads = shapely.Polygon(LAKE), shapely.multilinestrings([np.array(road) for road in ROADS])
    spots = shapely.points(points)
    depth = np.where(lake.contains(spots), lake.exterior.distance(spots), 0.0)
    beyond = np.minimum(depth, shapely.distance(roads, spots)) - SHORE_M
    assert np.abs(beyond).min() > 0.01  # none so close to the rule's edge that the projection decides
    expected = {f"clinic {i}" for i in np.flatnonzero(beyond > 0).tolist()}
    (problem,) = told(points)
    assert set(problem.fields["names"].values) == expected
    assert problem.fields["count"] == len(expected) > 50
    first = np.argmax(np.where(beyond > 0, depth, 0))
    assert str(problem.fields["names"]).startswith(f"clinic {first} ({depth[first]:,.0f} m)")


@pytest.mark.parametrize("where", [(100, 50), (2000, 900), (1500, 340)], ids=["ashore", "on a bridge", "on the bank"])
def test_nothing_is_told_of_what_stands_where_people_can_stand(where):
    assert told([where]) == []


def test_a_river_of_one_line_holds_nobody():
    assert told([(1000, 1000)], one_sided=False) == []


def test_check_and_run_both_tell_it_with_the_list(tmp_path):
    """A lake of a layer; the run's warning is the check's, word for word."""
    lines = [shapely.LineString([towns.degrees(*p) for p in road]) for road in ROADS]
    lake = shapely.Polygon([towns.degrees(*p) for p in LAKE])
    sites = [shapely.Point(towns.degrees(*p)) for p in ((1000, 1500), (100, 20), (1100, 0))]
    gpd.GeoDataFrame({"highway": ["residential"] * 2}, geometry=lines, crs=4326).to_file(tmp_path / "roads.gpkg")
    gpd.GeoDataFrame({"natural": ["water"]}, geometry=[lake], crs=4326).to_file(tmp_path / "lake.gpkg")
    gpd.GeoDataFrame({"name": list("abc")}, geometry=sites, crs=4326).to_file(tmp_path / "clinics.gpkg")
    gpd.GeoDataFrame({"people": [9]}, geometry=[shapely.Point(towns.degrees(900, 0))], crs=4326).to_file(
        tmp_path / "people.gpkg"
    )
    (tmp_path / "region.toml").write_text(
        '[region]\nname = "t"\n[roads]\npath = "roads.gpkg"\n[[barriers]]\npath = "lake.gpkg"\n[[facilities]]\n'
        'path = "clinics.gpkg"\nservice = "clinic"\n[population]\npath = "people.gpkg"\n',
        encoding="utf-8",
    )
    checked = [p for p in examine(tmp_path).problems if p.code == "facility.in_water"]
    result = circle.analyze(circle.load_region(tmp_path))
    ran = [p for p in result.problems if p.code == "facility.in_water"]
    assert [(p.file, p.fields["count"], p.fields["total"]) for p in ran] == [("clinics.gpkg", 1, 3)]
    assert [str(p) for p in checked] == [str(p) for p in ran]
    assert list(ran[0].fields["names"].values) == ["a"]
