"""Heights against hand-worked grids and scipy."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates

from circle.kernels.heights import grid_position, sample_bilinear

UNIT = (1.0, 0.0, 0.0, 0.0, -1.0, 2.0)
"""A 2x2 grid over [0, 2] x [0, 2], its first row on top."""


def test_a_quarter_of_the_way_between_four_cells_is_worked_by_hand():
    """Centres at 0.5 and 1.5. x = 0.75 is a quarter across, y = 1.25 a quarter down:
    top 10 + 0.25 * 10 = 12.5, bottom 30 + 0.25 * 10 = 32.5, together 12.5 + 0.25 * 20 = 17.5."""
    grid = np.array([[10.0, 20.0], [30.0, 40.0]])
    assert sample_bilinear(grid, UNIT, [0.75], [1.25]).tolist() == [17.5]


def test_an_unknown_cell_lends_its_weight_to_the_known_ones():
    """At the middle each known cell weighs 1/4: (10 + 20 + 30) / 3 = 20."""
    grid = np.array([[10.0, 20.0], [30.0, np.nan]])
    assert sample_bilinear(grid, UNIT, [1.0], [1.0]).tolist() == [20.0]


def test_no_height_is_known_outside_the_grid_and_among_unknown_cells():
    grid = np.array([[10.0, np.nan], [np.nan, np.nan]])
    heights = sample_bilinear(grid, UNIT, [-0.01, 1.6, 0.5, np.nan], [1.0, 0.4, 2.01, 1.0])
    assert np.isnan(heights).all()


def test_the_outer_half_cells_belong_to_the_grid():
    grid = np.array([[10.0, 20.0], [30.0, 40.0]])
    assert sample_bilinear(grid, UNIT, [0.0, 2.0, 1.0], [2.0, 0.0, 2.0]).tolist() == [10.0, 40.0, 15.0]


def test_inner_points_agree_with_scipy():
    rng = np.random.default_rng(1)
    grid = rng.uniform(0, 1000, (40, 60)).astype(np.float32)
    transform = (0.001, 0.0, 43.0, 0.0, -0.0015, -11.0)
    x, y = rng.uniform(43.0005, 43.0595, 1000), rng.uniform(-11.05925, -11.00075, 1000)
    expected = map_coordinates(grid.astype(float), [(-11.0 - y) / 0.0015 - 0.5, (x - 43.0) / 0.001 - 0.5], order=1)
    np.testing.assert_allclose(sample_bilinear(grid, transform, x, y), expected, rtol=1e-9)


def test_a_turned_grid_is_read_along_its_own_axes():
    """x = row, y = column: a grid turned by a quarter."""
    column, row = grid_position((0.0, 1.0, 0.0, 1.0, 0.0, 0.0), [2.0], [1.0])
    assert (column.tolist(), row.tolist()) == ([1.0], [2.0])
    grid = np.array([[10.0, 20.0], [30.0, 40.0]])
    assert sample_bilinear(grid, (0.0, 1.0, 0.0, 1.0, 0.0, 0.0), [1.5], [0.5]).tolist() == [30.0]


def test_no_points_give_no_heights():
    assert sample_bilinear(np.ones((2, 2)), UNIT, [], []).shape == (0,)
