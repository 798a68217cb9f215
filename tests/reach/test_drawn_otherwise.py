"""The same town drawn otherwise, or elsewhere on the globe, has the same ways."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circle.model import Streets
from circle.reach import Sites, join_places, nearest_facility, routes, search
from tests import towns
from tests.reach.test_against_networkx import spot, town_streets


def stuttering(streets: Streets) -> Streets:
    """Every vertex of every way drawn twice, as a vertex of its own in the same spot."""
    n, count = len(streets.lon), 2 * np.diff(streets.way_offset)
    twice = np.column_stack([streets.way_vertex, n + np.arange(len(streets.way_vertex))]).ravel()
    return replace(
        streets,
        lon=np.concatenate([streets.lon, streets.lon[streets.way_vertex]]),
        lat=np.concatenate([streets.lat, streets.lat[streets.way_vertex]]),
        way_offset=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        way_vertex=_ending_in_its_own(twice, count),
    )


def _ending_in_its_own(twice, count):
    """Ways must end in the vertices that they share: the last two of each change places."""
    last = np.cumsum(count) - 1
    turned = twice.copy()
    turned[last - 1], turned[last] = twice[last], twice[last - 1]
    return turned


@settings(max_examples=100)
@given(town_streets(), st.lists(spot, min_size=1, max_size=8), st.lists(spot, min_size=1, max_size=3))
def test_a_vertex_drawn_twice_changes_no_candidate(streets, residents, clinics):
    """Each place is joined where it was, once; the doubled vertices lie on a road of no length."""
    plain, doubled = towns.engine(streets), towns.engine(stuttering(streets))
    one, other = (towns.places(town, residents).attachment for town in (plain, doubled))
    assert one.offset.tolist() == other.offset.tolist()
    for p in range(len(residents)):
        rows = slice(*one.offset[p : p + 2])
        ours, theirs = (np.sort(a.x[rows] + 1j * a.y[rows]) for a in (one, other))
        assert np.allclose(ours, theirs, rtol=0, atol=1e-6)
    assert towns.nearest(doubled, residents, clinics).cost == pytest.approx(
        towns.nearest(plain, residents, clinics).cost, abs=0.002
    )


def around_the_globe(lon, east):
    """So many degrees farther east."""
    return (lon + east + 180.0) % 360.0 - 180.0


@settings(max_examples=60)
@given(
    town_streets(),
    st.lists(spot, min_size=1, max_size=4),
    st.lists(spot, min_size=1, max_size=3),
    st.sampled_from([0.0, 60.995, 61.0, -119.0, 100.0]),
)
def test_routes_are_drawn_as_long_as_they_are_at_any_longitude(streets, residents, clinics, east):
    """pyproj measures along the drawing what the legs say, also where the road crosses 180° between two vertices."""
    town = towns.engine(replace(streets, lon=around_the_globe(streets.lon, east)))
    lonlat = [np.array([towns.degrees(*p) for p in points]) for points in (residents, clinics)]
    (lon, lat), (at_lon, at_lat) = ((around_the_globe(p[:, 0], east), p[:, 1]) for p in lonlat)
    sites = Sites(join_places(town, at_lon, at_lat), np.arange(len(at_lon)))
    cost = nearest_facility(town, join_places(town, lon, lat), sites).cost
    assert cost == pytest.approx(towns.nearest(towns.engine(streets), residents, clinics).cost, abs=0.01)
    for way in routes(search(town, sites), lon, lat):
        for leg in way.legs:
            drawn = towns.GEOD.line_length(leg.lon, leg.lat) if len(leg.lon) > 1 else 0.0
            assert leg.length_m == pytest.approx(drawn, abs=0.05)


@pytest.mark.parametrize(("off_m", "joined"), [(1000, True), (1390, True), (1430, False), (1650, False), (2500, False)])
@pytest.mark.parametrize("others", [0, 400])
def test_from_the_water_a_road_is_looked_for_as_far_however_many_others_there_are(off_m, joined, others):
    """A place 100 m off a shore drawn eastwards, one road so far east and north of it: 2 km is the limit, 1414 m each way.

    With one road in the region a cell of the grid is 1.7 km wide, with many more it is small.
    """
    far = [[(40_000 + x, off_m), (40_030 + x, off_m)] for x in range(0, 40 * others, 40)]
    shore = towns.barriers([[(-9000, 0), (9000, 0)]], one_sided=True)
    town = towns.engine(towns.streets([[(0, off_m - 100), (20, off_m - 100)], *far]), shore)
    offset = towns.places(town, [(-off_m, -100)]).attachment.offset
    assert (offset[1] > 0) == joined


def test_a_leg_of_a_hundred_kilometres_is_as_long_as_on_the_ellipsoid():
    """The plane's scale changes along the way: one end's would be 1e-4 off. pyproj measures."""
    town = towns.engine(towns.streets([[(-500, 0), (0, 0)]]))
    lon, lat = towns.degrees(100_000, 0)
    leg_m = join_places(town, np.array([lon]), np.array([lat])).attachment.leg_m
    assert leg_m.min() == pytest.approx(100_000, rel=1e-6)
