"""Places in the water, and what is nearest on this side, against shapely on random walls."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from circle.kernels.walls import walls_of
from circle.kernels.water import metres_out, nearest_on_this_side


def test_the_nearest_on_this_side_is_that_of_shapely():
    rng = np.random.default_rng(3)
    told = 0
    for _ in range(40):
        ends = rng.uniform(0, 1000, (rng.integers(1, 12), 4))
        walls = walls_of(*ends.T.copy(), rng.random(len(ends)) < 0.5)
        lines = shapely.multilinestrings(ends.reshape(-1, 2, 2))
        x, y = rng.uniform(0, 1000, (2, 30))
        to_x, to_y = rng.uniform(0, 1000, (2, 25))
        to_x = np.sort(to_x)
        limit = rng.uniform(50, 800, 30)
        found = nearest_on_this_side(x, y, limit, to_x, to_y, walls)
        for i in range(30):
            away = np.hypot(to_x - x[i], to_y - y[i])
            legs = shapely.linestrings(
                np.stack([np.tile([x[i], y[i]], (25, 1)), np.column_stack([to_x, to_y])], axis=1)
            )
            away[(away > limit[i]) | shapely.intersects(legs, lines)] = np.inf
            expected = int(np.argmin(away)) if np.isfinite(away.min()) else -1
            assert found[i] == expected
            told += expected >= 0
    assert told > 300


def test_how_far_out_is_the_distance_to_the_shore():
    lake = shapely.Polygon([(0, 0), (900, 100), (1000, 800), (200, 700)])
    ring = np.array(shapely.orient_polygons(lake, exterior_cw=True).exterior.coords)  # water on the right
    walls = walls_of(*np.hstack([ring[:-1], ring[1:]]).T.copy(), np.ones(len(ring) - 1, bool))
    x, y = np.random.default_rng(4).uniform(-200, 1200, (2, 400))
    spots = shapely.points(x, y)
    expected = np.where(lake.contains(spots), lake.exterior.distance(spots), 0.0)
    assert metres_out(x, y, walls) == pytest.approx(expected, abs=1e-6)
    assert 50 < (expected > 0).sum() < 350
