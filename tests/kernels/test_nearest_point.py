"""The nearest point, against scipy's tree and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from circle.kernels.nearest_point import nearest_points


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("shape", ["even", "clumps", "islands", "line"])
def test_distances_are_those_of_scipys_tree(seed: int, shape: str) -> None:
    rng = np.random.default_rng(seed)
    many = int(rng.integers(1, 400))
    to = rng.uniform(-5_000, 5_000, (many, 2))
    if shape == "clumps":
        to = rng.uniform(-20_000, 20_000, (5, 2))[rng.integers(0, 5, many)] + rng.normal(0, 30, (many, 2))
    elif shape == "islands":  # what lies between cells that hold something is wide and empty
        to[: many // 2] += 300_000
    elif shape == "line":
        to[:, 1] = 7.0
    at = np.concatenate(
        [rng.uniform(-30_000, 30_000, (600, 2)), to[:50], to[:50] + rng.normal(0, 5, (min(many, 50), 2))]
    )
    metres, nearest = nearest_points(*at.T.copy(), *to.T.copy())
    expected, _ = cKDTree(to).query(at)
    assert np.array_equal(metres, expected)
    assert np.array_equal(np.hypot(*(to[nearest] - at).T).round(6), expected.round(6))


def test_of_equals_the_first_is_taken() -> None:
    """On a lattice every middle of a square has four corners as far away; so have points drawn twice."""
    column, row = (axis.ravel().astype(float) for axis in np.meshgrid(np.arange(30) * 40.0, np.arange(20) * 40.0))
    order = np.random.default_rng(3).permutation(len(column))
    to_x, to_y = np.r_[column[order], column[order]], np.r_[row[order], row[order]]
    x, y = np.r_[column + 20, column], np.r_[row + 20, row]
    _, nearest = nearest_points(x, y, to_x, to_y)
    square = (x[:, None] - to_x) ** 2 + (y[:, None] - to_y) ** 2
    assert np.array_equal(nearest, square.argmin(axis=1))  # argmin takes the first


def test_nothing_to_be_near_to() -> None:
    metres, nearest = nearest_points(np.zeros(2), np.zeros(2), np.empty(0), np.empty(0))
    assert np.array_equal(metres, [np.inf, np.inf])
    assert nearest.tolist() == [-1, -1]
