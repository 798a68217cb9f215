"""Crossing a barrier, against shapely's predicates."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from circle.kernels.walls import SECTORS, Walls, is_dark, is_enclosed, leg_is_barred, metres_from_shore, walls_of

coordinate = st.integers(-10, 10).map(float)
segment = st.tuples(coordinate, coordinate, coordinate, coordinate).filter(lambda s: s[:2] != s[2:])


def walls(lines, one_sided=False):
    """Wall segments."""
    x1, y1, x2, y2 = np.array(lines, float).reshape(-1, 4).T
    return walls_of(x1, y1, x2, y2, np.full(len(x1), one_sided))


def is_closed(x: float, y: float, radius: float, around: Walls) -> bool:
    """Whether walls bar every direction; then, and only then, they bar every sector."""
    dark = np.empty(SECTORS + 1, np.int32)
    enclosed = is_enclosed(x, y, radius, around, False, dark)
    assert enclosed == (dark[SECTORS] == SECTORS)
    return bool(enclosed)


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
    enclosed = is_closed(x, y, 100.0, walls([tuple(line) for line in lines]))
    assert enclosed == hull.contains(shapely.Point(x, y))


def test_a_gap_or_a_wall_beyond_the_radius_does_not_enclose():
    """A square of half-side 5 with one side missing; and the whole square seen only to 6 m (its corners are 7.07 m off)."""
    sides = [(-5, -5, 5, -5), (5, -5, 5, 5), (5, 5, -5, 5), (-5, 5, -5, -5)]
    assert is_closed(0.0, 0.0, 8.0, walls(sides))
    assert not is_closed(0.0, 0.0, 8.0, walls(sides[:3]))
    assert not is_closed(0.0, 0.0, 6.0, walls(sides))


def test_an_island_encloses_its_people_and_the_sea_does_not():
    """A shore drawn counterclockwise has land inside: from land it encloses; drawn the other way it bounds a lake."""
    sides = [(-5, -5, 5, -5), (5, -5, 5, 5), (5, 5, -5, 5), (-5, 5, -5, -5)]
    lake = [(x2, y2, x1, y1) for x1, y1, x2, y2 in reversed(sides)]
    assert is_closed(0.0, 0.0, 8.0, walls(sides, one_sided=True))
    assert not is_closed(0.0, 0.0, 8.0, walls(lake, one_sided=True))


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


def border(sector):
    """The direction in which a sector begins: a quarter of them lies between two axes, at even steps along their chord."""
    quarter, step = divmod(sector % SECTORS, SECTORS // 4)
    along = step / (SECTORS // 4)
    first, second = (
        np.array(axis) for axis in (((-1, 0), (0, -1)), ((0, -1), (1, 0)), ((1, 0), (0, 1)), ((0, 1), (-1, 0)))[quarter]
    )
    return first * (1 - along) + second * along


def toward(sector):
    """A sector as a triangle that reaches far."""
    return shapely.Polygon([(0, 0), 1e6 * border(sector), 1e6 * border(sector + 1)])


def test_a_sector_is_dark_where_walls_bar_every_leg():
    """In a dark one each leg beyond the radius meets a wall within it; one that a single wall fills is dark."""
    seen = {True: 0, False: 0}
    for seed in range(8):
        random = np.random.default_rng(seed)
        start = random.uniform(-10, 10, (int(random.integers(1, 25)), 2))
        lines = np.hstack([start, start + random.normal(0, 4, start.shape)])
        lines = np.vstack(
            [lines, np.hstack([lines[:, 2:], random.uniform(-10, 10, start.shape)])]
        )  # some hang together
        dark, radius = np.empty(SECTORS + 1, np.int32), 9.0
        is_enclosed(0.0, 0.0, radius, walls(lines), False, dark)
        drawn = shapely.linestrings(lines.reshape(-1, 2, 2))
        drawn = drawn[np.hypot(*lines.reshape(-1, 2, 2).T).max(axis=0) <= radius]
        for sector in range(SECTORS):
            is_barred = dark[sector + 1] > dark[sector]
            seen[bool(is_barred)] += 1
            for part in (0.001, 0.5, 0.999):
                way = border(sector) * (1 - part) + border(sector + 1) * part
                meets = shapely.intersects(
                    drawn, shapely.LineString([(0, 0), way / np.hypot(*way) * (radius + 0.01)])
                ).any()
                assert meets or not is_barred
            fills = shapely.intersects(drawn, toward(sector)) & ~shapely.intersects(
                shapely.boundary(drawn), toward(sector)
            )
            assert is_barred or not fills.any()
    assert min(seen.values()) > 100


@pytest.mark.parametrize("seed", range(8))
def test_a_box_is_dark_when_all_sectors_that_it_meets_are(seed):
    random = np.random.default_rng(seed)
    sectors, told = np.array([toward(k) for k in range(SECTORS)]), {True: 0, False: 0}
    for _ in range(60):
        barred = np.repeat(random.random(16) < 0.8, SECTORS // 16)
        dark = np.concatenate([[0], np.cumsum(barred)]).astype(np.int32)
        middle, half = random.normal(0, 5, 2), random.uniform(0.1, 4, 2)
        box = (*(middle - half), *(middle + half))
        if shapely.box(*box).contains(shapely.Point(0, 0)):
            assert not is_dark(*box, dark)
            continue
        expected = bool(barred[shapely.intersects(sectors, shapely.box(*box))].all())
        assert is_dark(*box, dark) == expected
        told[expected] += 1
    assert min(told.values()) > 0
