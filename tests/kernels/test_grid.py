"""The grid's promises of emptiness, against scipy and shapely."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from circle.kernels.grid import clear_metres, grid_of_segments, items_of_ring, last_ring, may_meet

coordinate = st.integers(-9000, 9000).map(lambda tenths: tenths / 10)
segments = st.lists(st.tuples(coordinate, coordinate, coordinate, coordinate), min_size=1, max_size=5)


def grid_of(rows):
    """Segments in a grid."""
    return grid_of_segments(*np.array(rows).reshape(-1, 4).T)


@given(segments)
def test_empty_rings_are_the_chessboard_distance(rows):
    grid = grid_of(rows)
    empty = (np.diff(grid.offset) == 0).reshape(grid.ny, grid.nx)
    expected = ndimage.distance_transform_cdt(empty, metric="chessboard")
    assert np.array_equal(grid.empty_rings.reshape(empty.shape), np.minimum(expected, 255))


def test_far_more_empty_rings_than_can_be_told_are_told_as_255():
    crowd = [(i, 0, i, 1) for i in range(1000)]
    grid = grid_of([*crowd, (60_000, 0, 60_000, 1)])
    assert grid.nx > 3 * 255
    assert grid.empty_rings.max() == 255


@given(segments, st.floats(-3000, 3000), st.floats(-3000, 3000))
def test_nothing_stands_where_it_is_clear(rows, x, y):
    lines = shapely.linestrings(np.array(rows).reshape(-1, 2, 2))
    assert clear_metres(x, y, grid_of(rows)) <= shapely.distance(lines, shapely.Point(x, y)).min() + 1e-6


@given(segments, st.floats(-3000, 3000), st.floats(-3000, 3000), st.floats(0, 4000) | st.just(np.inf))
def test_the_rings_miss_no_item_within_reach(rows, x, y, reach):
    """All that shapely finds within reach stands in some ring; and without a bound, every item in just one of them."""
    grid = grid_of(rows)
    i, j = int((x - grid.x0) // grid.size), int((y - grid.y0) // grid.size)
    met = []
    for ring in range(last_ring(i, j, grid) + 1):
        for row in range(max(0, j - ring), min(grid.ny - 1, j + ring) + 1):
            for side in range(2):
                met += list(range(*items_of_ring(x, y, reach, ring, row, side, grid)))
    assert len(met) == len(set(met))
    metres = shapely.distance(shapely.linestrings(np.array(rows).reshape(-1, 2, 2)), shapely.Point(x, y))
    assert set(np.flatnonzero(metres < reach - 1e-6).tolist()) <= set(grid.item[met].tolist())
    assert np.isfinite(reach) or len(met) == len(grid.item)


@pytest.mark.parametrize("x", [-1e7, 0.0, 1e7])
def test_it_is_clear_everywhere_where_there_is_nothing(x):
    nothing = np.empty(0)
    assert clear_metres(x, x, grid_of_segments(nothing, nothing, nothing, nothing)) > 9e6


def test_what_may_meet_an_item_is_never_sieved_out():
    """shapely's intersections are all among the segments that pass, and most others are not."""
    rng = np.random.default_rng(11)
    wall = rng.uniform(0, 20_000, (60, 1, 2)) + rng.normal(0, 400, (60, 2, 2))
    road = rng.uniform(-2_000, 22_000, (4_000, 1, 2)) + rng.normal(0, 60, (4_000, 2, 2))
    grid = grid_of_segments(*wall[:, 0].T, *wall[:, 1].T)
    x, y = road.reshape(-1, 2).T
    start = np.arange(0, len(x), 2)
    passed = may_meet(x, y, start, start + 1, grid)
    meets = shapely.intersects(shapely.linestrings(road), shapely.multilinestrings(shapely.linestrings(wall)))
    assert meets.any()
    assert not (meets & ~passed).any()
    assert passed.mean() < 0.5


def test_without_items_nothing_meets_anything():
    nothing = np.empty(0)
    grid = grid_of_segments(nothing, nothing, nothing, nothing)
    assert not may_meet(np.array([0.0, 1e5]), np.zeros(2), np.array([0]), np.array([1]), grid).any()
