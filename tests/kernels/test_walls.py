"""Crossing a barrier, against shapely's predicates."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from circle.kernels.walls import is_enclosed, leg_is_barred, metres_from_shore, walls_of

coordinate = st.integers(-10, 10).map(float)
segment = st.tuples(coordinate, coordinate, coordinate, coordinate).filter(lambda s: s[:2] != s[2:])


def walls(lines, one_sided=False):
    """Wall segments."""
    x1, y1, x2, y2 = np.array(lines, float).reshape(-1, 4).T
    return walls_of(x1, y1, x2, y2, np.full(len(x1), one_sided))


@given(st.lists(segment, min_size=1, max_size=6), segment)
def test_a_leg_is_barred_when_it_crosses_a_wall_inside_both(lines, leg):
    """Shapely's `crosses` for two segments: interiors meet in a point. Touching ends are looked at below."""
    line = shapely.LineString([leg[:2], leg[2:]])
    built = [shapely.LineString([w[:2], w[2:]]) for w in lines]
    barred = leg_is_barred(*leg, walls(lines), False)
    if any(line.crosses(w) for w in built):
        assert barred
    if not any(line.intersects(w) for w in built):
        assert not barred


def test_nothing_slips_through_where_two_walls_meet():
    """A leg through the corner of a V bars into the V; one that only grazes the corner from outside passes."""
    bent = walls([(-5, 5, 0, 0), (0, 0, 5, 5)])
    assert leg_is_barred(0.0, -5.0, 0.0, 5.0, bent, False)
    assert not leg_is_barred(-5.0, 0.0, 5.0, 0.0, bent, False)
    straight = walls([(-5, 0, 0, 0), (0, 0, 5, 0)])
    assert leg_is_barred(0.0, -5.0, 0.0, 5.0, straight, False)


def test_ends_on_the_wall_do_not_cross_it():
    """A road that touches the railway at a level crossing can be reached."""
    rail = walls([(-5, 0, 5, 0)])
    assert not leg_is_barred(0.0, 3.0, 0.0, 0.0, rail, False)
    assert not leg_is_barred(0.0, 0.0, 0.0, -3.0, rail, False)


def test_water_on_the_right_may_be_left_only():
    """A shore drawn eastwards: water is south. Northward out of the water is free, unless asked strictly."""
    shore = walls([(-5, 0, 5, 0)], one_sided=True)
    assert not leg_is_barred(0.0, -1.0, 0.0, 1.0, shore, False)
    assert leg_is_barred(0.0, 1.0, 0.0, -1.0, shore, False)
    assert leg_is_barred(0.0, -1.0, 0.0, 1.0, shore, True)


@given(st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=9, unique=True), coordinate, coordinate)
def test_inside_a_ring_one_is_enclosed_and_outside_not(corners, x, y):
    """Against shapely: a convex ring encloses just the points inside it."""
    hull = shapely.MultiPoint(corners).convex_hull
    if hull.geom_type != "Polygon" or shapely.Point(x, y).touches(hull):
        return
    ring = np.array(hull.exterior.coords)
    lines = np.hstack([ring[:-1], ring[1:]])
    enclosed = is_enclosed(x, y, 100.0, walls([tuple(line) for line in lines]), False)
    assert enclosed == hull.contains(shapely.Point(x, y))


def test_a_gap_or_a_wall_beyond_the_radius_does_not_enclose():
    """A square of half-side 5 with one side missing; and the whole square seen only to 6 m (its corners are 7.07 m off)."""
    sides = [(-5, -5, 5, -5), (5, -5, 5, 5), (5, 5, -5, 5), (-5, 5, -5, -5)]
    assert is_enclosed(0.0, 0.0, 8.0, walls(sides), False)
    assert not is_enclosed(0.0, 0.0, 8.0, walls(sides[:3]), False)
    assert not is_enclosed(0.0, 0.0, 6.0, walls(sides), False)


def test_an_island_encloses_its_people_and_the_sea_does_not():
    """A shore drawn counterclockwise has land inside: from land it encloses; drawn the other way it bounds a lake."""
    sides = [(-5, -5, 5, -5), (5, -5, 5, 5), (5, 5, -5, 5), (-5, 5, -5, -5)]
    lake = [(x2, y2, x1, y1) for x1, y1, x2, y2 in reversed(sides)]
    assert is_enclosed(0.0, 0.0, 8.0, walls(sides, one_sided=True), False)
    assert not is_enclosed(0.0, 0.0, 8.0, walls(lake, one_sided=True), False)


@given(st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=9, unique=True), coordinate, coordinate)
def test_water_is_where_shapely_says(corners, x, y):
    """A convex island, shore drawn counterclockwise: whoever is not in it stands in the water."""
    hull = shapely.MultiPoint(corners).convex_hull
    if hull.geom_type != "Polygon" or shapely.Point(x, y).touches(hull):
        return
    ring = np.array(shapely.orient_polygons(hull).exterior.coords)
    island = walls([tuple(line) for line in np.hstack([ring[:-1], ring[1:]])], one_sided=True)
    outside = hull.distance(shapely.Point(x, y))
    assert metres_from_shore(x, y, island) == pytest.approx(outside, abs=1e-5)


def test_a_far_island_is_no_shore_to_step_onto():
    """From the water 100 m off the shore one steps ashore, from 400 m one does not."""
    shore = walls([(-500, 0, 500, 0)], one_sided=True)
    assert not leg_is_barred(0.0, -100.0, 0.0, 10.0, shore, False)
    assert leg_is_barred(0.0, -400.0, 0.0, 10.0, shore, False)
