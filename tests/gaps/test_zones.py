"""Gap zones: every uncovered person once, each zone served by one site, ranked, named."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from shapely.geometry import Point

from circle.access import service_reach
from circle.access.status import Ground, Travel
from circle.gaps import COLUMNS, Setting, candidate_sites, gap_zones, uncovered_places
from circle.gaps.areas import Grid
from circle.kernels.cover import greedy_cover, rows_by_place
from circle.model import Districts, Residents, Settlements
from circle.reach import join_places, nearest_facility, pairs_within_limit, straight_line_m
from tests import towns


def zones_of(engine, residents, clinics, *, districts=None, settlements=None):
    """Zones of a toy town."""
    ask = towns.question()
    places = join_places(engine, residents.lon, residents.lat)
    own = towns.sites(engine, clinics)
    found = nearest_facility(engine, places, own)
    travel = Travel(found.cost, found.facility, straight_line_m(places, own), found.leg_m, found.direct)
    n = len(residents.lon)
    ground = Ground(np.zeros(n), np.full(n, np.inf))
    reach = service_reach("clinic", travel, ground, engine.network, ask, has_facility=True)
    uncovered = uncovered_places(reach, residents)
    crs = engine.network.crs
    sites = candidate_sites(crs, residents, uncovered)
    people = join_places(engine, residents.lon[uncovered], residents.lat[uncovered])
    stands = join_places(engine, residents.lon[uncovered[sites]], residents.lat[uncovered[sites]])
    pairs = pairs_within_limit(engine, people, stands, ask.main.value)
    grid = Grid(crs, (80.0, 0.0, 0.0, 0.0, 80.0, 0.0))
    setting = Setting(crs, engine.walls, residents, grid, districts, settlements, towns.facilities(clinics))
    return gap_zones(setting, reach, uncovered, sites, (pairs.site, pairs.place), lambda rows: np.zeros(len(rows))), reach


def people_at(points, counts, district=None):
    """Residents at points in metres."""
    lonlat = np.array([towns.degrees(*p) for p in points])
    where = np.zeros(len(points), np.int64) if district is None else np.array(district)
    return Residents(lonlat[:, 0], lonlat[:, 1], np.array([counts], float), ("all",), where, 0.0)


ROAD = [[(0, 0), (12000, 0)]]


def test_one_long_road_falls_into_zones_that_a_site_can_serve():
    """Clinic at 0. Unserved: 100 people each at 4000, 4800, 5600 (800 m apart) and 60 at 9000, 20 at 11000.

    A site at 4800 serves all three (800 m each side): zone 1, 300 people. A site at 9000: zone 2, 60. The 20 at 11000
    are under 50 people: the closing row.
    """
    residents = people_at([(500, 0), (4000, 0), (4800, 0), (5600, 0), (9000, 0), (11000, 0)], [70, 100, 100, 100, 60, 20])
    zones, _ = zones_of(towns.engine(towns.streets(ROAD)), residents, [(0, 0)])
    assert zones["people"].tolist() == [300, 60, 20]
    assert zones["kind"].tolist() == ["zone", "zone", "rest"]
    assert zones["rank"].tolist()[:2] == [1, 2]
    assert (zones["site_lon"][0], zones["site_lat"][0]) == towns.degrees(4800, 0)
    assert zones["far"].tolist() == [300, 60, 20]
    assert zones["cost"][0] == pytest.approx(4320, abs=1)
    assert list(zones.columns) == [*COLUMNS, "geometry"]


def test_zones_stop_at_district_borders():
    """The three villages of before, the last in another district: 200 people here, 100 there."""
    residents = people_at([(4000, 0), (4800, 0), (5600, 0)], [100, 100, 100], district=[0, 0, 1])
    frame = gpd.GeoDataFrame(
        {"district_id": ["A", "B"], "district_name": ["Upper", "Lower"]},
        geometry=[towns.box(0, -500, 5000, 500), towns.box(5000, -500, 12000, 500)],
        crs="EPSG:4326",
    )
    zones, _ = zones_of(towns.engine(towns.streets(ROAD)), residents, [(0, 0)], districts=Districts(frame))
    assert zones[["district_id", "district_name", "people"]].to_numpy().tolist() == [["A", "Upper", 200], ["B", "Lower", 100]]


def test_a_zone_takes_the_name_of_its_largest_village():
    """A town of unknown size beats villages by its kind; a village with more people known beats both; others do not count."""
    frame = gpd.GeoDataFrame(
        {"name": ["Small", "Town", "Elsewhere"], "place": ["village", "town", "city"], "people": [np.nan, np.nan, 1e6]},
        geometry=[Point(towns.degrees(4800, 100)), Point(towns.degrees(4000, 100)), Point(towns.degrees(8000, 0))],
        crs="EPSG:4326",
    )
    residents = people_at([(4000, 0), (4800, 0)], [100, 100])
    engine = towns.engine(towns.streets(ROAD))
    zones, _ = zones_of(engine, residents, [(0, 0)], settlements=Settlements(frame))
    assert zones["name"].tolist() == ["Town"]
    frame.loc[0, "people"] = 800.0
    assert zones_of(engine, residents, [(0, 0)], settlements=Settlements(frame))[0]["name"].tolist() == ["Small"]


RIVER = [[(-1000, 50), (12000, 50)]]


@pytest.mark.parametrize("kind", ["line", "shore", "far shore"])
@pytest.mark.parametrize("with_district", [True, False])
@pytest.mark.parametrize("north_m", [90, 400, 900])
def test_a_village_across_the_water_gives_no_name(kind: str, with_district: bool, north_m: float):
    """However near it is; whether the water is a line or an area, and whichever of its sides may be left by boat."""
    line = RIVER if kind != "far shore" else [RIVER[0][::-1]]
    walls = towns.barriers(line, one_sided=kind != "line")
    residents = people_at([(4800, 0)], [100], district=[0])
    frame = gpd.GeoDataFrame(
        {"name": ["Across", "Here"], "place": ["town", "hamlet"], "people": [900.0, np.nan]},
        geometry=[Point(towns.degrees(4800, north_m)), Point(towns.degrees(4800, -950))],
        crs="EPSG:4326",
    )
    upper = gpd.GeoDataFrame(
        {"district_id": ["A"], "district_name": ["Upper"]}, geometry=[towns.box(0, -500, 9000, 500)], crs="EPSG:4326"
    )
    districts = Districts(upper) if with_district else None
    named = []
    for places in (frame, frame[:1]):
        town = towns.engine(towns.streets(ROAD), walls)
        zones, _ = zones_of(town, residents, [(0, 0)], settlements=Settlements(places), districts=districts)
        named += zones["name"].tolist()
    assert named == ["Here", "Upper" if with_district else ""]


@pytest.mark.parametrize(("away_m", "name"), [(4900, "Hamlet"), (5100, "")])
def test_without_districts_a_village_more_than_five_kilometres_off_gives_no_name(away_m: float, name: str):
    residents = people_at([(4800, 0)], [100])
    frame = gpd.GeoDataFrame(
        {"name": ["Hamlet"], "place": ["hamlet"], "people": [np.nan]}, geometry=[Point(towns.degrees(4800 + away_m, 0))], crs="EPSG:4326"
    )
    zones, _ = zones_of(towns.engine(towns.streets(ROAD)), residents, [(0, 0)], settlements=Settlements(frame))
    assert zones["name"].tolist() == [name]


@pytest.mark.parametrize(("away_m", "name"), [(900, "Hamlet"), (1100, "Upper")])
def test_a_village_that_everybody_knows_to_lie_elsewhere_gives_no_name(away_m: float, name: str):
    """Beyond a kilometre the zone is called after its district; where there is none, after whatever is nearest."""
    residents = people_at([(4800, 0)], [100], district=[0])
    frame = gpd.GeoDataFrame(
        {"name": ["Hamlet"], "place": ["hamlet"], "people": [np.nan]}, geometry=[Point(towns.degrees(4800 + away_m, 0))], crs="EPSG:4326"
    )
    upper = gpd.GeoDataFrame(
        {"district_id": ["A"], "district_name": ["Upper"]}, geometry=[towns.box(0, -500, 9000, 500)], crs="EPSG:4326"
    )
    engine = towns.engine(towns.streets(ROAD))
    zones, _ = zones_of(engine, residents, [(0, 0)], settlements=Settlements(frame), districts=Districts(upper))
    assert zones["name"].tolist() == [name]
    assert zones_of(engine, people_at([(4800, 0)], [100]), [(0, 0)], settlements=Settlements(frame))[0]["name"].tolist() == ["Hamlet"]


def test_many_places_are_thinned_to_the_fullest_of_each_square(monkeypatch):
    monkeypatch.setattr("circle.gaps.zones.SITES_AT_MOST", 3)
    residents = people_at([(5, 5), (10, 5), (15, 5), (950, 5), (960, 5)], [1, 9, 2, 5, 4])
    engine = towns.engine(towns.streets(ROAD))
    assert candidate_sites(engine.network.crs, residents, np.arange(5)).tolist() == [1, 3]


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.floats(0, 12000), st.floats(-400, 400), st.floats(0, 90), st.integers(0, 2)), min_size=1, max_size=60)
)
def test_all_uncovered_people_add_up_and_every_zone_is_within_reach_of_its_site(rows):
    residents = people_at([r[:2] for r in rows], [r[2] for r in rows], [r[3] for r in rows])
    engine = towns.engine(towns.streets(ROAD))
    frame = gpd.GeoDataFrame(
        {"district_id": list("abc"), "district_name": list("abc")}, geometry=[towns.box(0, 0, 1, 1)] * 3, crs="EPSG:4326"
    )
    zones, reach = zones_of(engine, residents, [(0, 0)], districts=Districts(frame))
    uncovered = residents.people[0][reach.status != 0].sum()
    assert zones["people"].sum() == pytest.approx(uncovered, abs=1e-6)
    ranked = zones[zones["kind"] == "zone"]
    assert (ranked["people"] >= 50 - 1e-6).all()
    assert (np.diff(ranked["people"]) <= 1e-9).all()
    assert (zones["kind"] == "rest").sum() <= 1


@settings(max_examples=100)
@given(st.data())
def test_greedy_choice_is_that_of_plain_sets(data):
    """Against Python sets: at every step the site that adds most, ties to the smaller number."""
    n_sites, n_places = data.draw(st.integers(1, 8)), data.draw(st.integers(1, 10))
    serves = [sorted(data.draw(st.sets(st.integers(0, n_places - 1)))) for _ in range(n_sites)]
    people = np.array(data.draw(st.lists(st.integers(0, 40), min_size=n_places, max_size=n_places)), float)
    site = np.concatenate([np.full(len(row), i) for i, row in enumerate(serves)]).astype(np.int64)
    place = np.array([p for row in serves for p in row], np.int64)
    order = np.lexsort((site, place))
    offset = np.r_[0, np.cumsum(np.bincount(site, minlength=n_sites))].astype(np.int64)
    by_place = np.r_[0, np.cumsum(np.bincount(place, minlength=n_places))].astype(np.int64)
    chosen, zone_of = greedy_cover(offset, place, by_place, site[order], people, 10.0)
    left, expected = set(range(n_places)), []
    while True:
        gains = [sum(people[p] for p in row if p in left) for row in serves]
        best = int(np.argmax(gains))
        if gains[best] < 10 or best in expected:
            break
        expected.append(best)
        left -= set(serves[best])
    assert chosen.tolist() == expected
    assert set(np.flatnonzero(zone_of < 0)) == left


@given(st.lists(st.sets(st.integers(0, 9)), min_size=1, max_size=8))
def test_rows_are_turned_round_as_scipy_turns_them(serves):
    offset = np.r_[0, np.cumsum([len(row) for row in serves])].astype(np.int64)
    place = np.array([p for row in serves for p in sorted(row)], np.int32)
    turned = sparse.csr_array((np.ones(len(place)), place, offset), shape=(len(serves), 10)).tocsc()
    place_offset, place_site = rows_by_place(offset, place, 10)
    assert place_offset.tolist() == turned.indptr.tolist()
    assert place_site.tolist() == turned.indices.tolist()
