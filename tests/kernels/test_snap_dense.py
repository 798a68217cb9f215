"""More streets around a point than notes have room for, and than they have last bits: every one, as numpy finds them."""

from __future__ import annotations

import numpy as np
import pytest

from circle.kernels.grid import grid_of_segments
from circle.kernels.snap import Rails, Snaps, snap_points
from circle.kernels.walls import walls_of

NOTHING = np.empty(0)
OPEN_LAND = walls_of(NOTHING, NOTHING, NOTHING, NOTHING, np.empty(0, np.bool_))
FAR_WALL = walls_of(
    np.array([-9e3]), np.array([-4e3]), np.array([9e3]), np.array([-4e3]), np.array([False])
)  # bars nothing, yet nobody knows that from the cell
NEAR_WALL = walls_of(np.array([-9e3]), np.array([-90.0]), np.array([9e3]), np.array([-90.0]), np.array([False]))


@pytest.mark.parametrize("walls", [OPEN_LAND, FAR_WALL, NEAR_WALL], ids=["open", "far wall", "near wall"])
@pytest.mark.parametrize(("streets", "wide_m"), [(5, 400.0), (300, 400.0), (5000, 150.0), (5000, 2000.0)])
def test_all_streets_within_the_slack(streets, wide_m, walls):
    random = np.random.default_rng(streets)
    x1, y1 = random.uniform(0, wide_m, (2, streets))
    x2, y2 = x1 + random.normal(0, 40, streets), y1 + random.normal(0, 40, streets)
    px, py = random.uniform(-0.3 * wide_m, 1.3 * wide_m, (2, 300))
    px[7] = np.nan
    own = np.arange(streets, dtype=np.int32)
    rails = Rails(x1, y1, x2, y2, own, np.zeros(streets, np.bool_), grid_of_segments(x1, y1, x2, y2))
    found = Snaps(*snap_points(px, py, rails, walls, (50.0, np.inf, False)))
    first = np.concatenate([[0], np.cumsum(found.counts)])
    assert found.counts[7] == 0
    for p in np.delete(np.arange(300), 7):
        t = np.clip(((px[p] - x1) * (x2 - x1) + (py[p] - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2), 0, 1)
        fx, fy = x1 + t * (x2 - x1), y1 + t * (y2 - y1)
        metres = np.hypot(px[p] - fx, py[p] - fy)
        if walls is NEAR_WALL:
            metres = np.where((py[p] > -90) == (fy > -90), metres, np.inf)
        near = np.flatnonzero(metres <= metres.min() + 50.0) if np.isfinite(metres).any() else np.empty(0, np.int64)
        row = slice(first[p], first[p + 1])
        assert found.segment[row].tolist() == near.tolist()
        assert np.allclose(found.distance[row], metres[near], rtol=0, atol=1e-9)
