"""Places in the water, and what is nearest on this side of it, beside shapely."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from circle.kernels.walls import walls_of
from circle.kernels.water import metres_out, nearest_on_this_side
from tests.kernels.beside import Beside, within

Floats = np.ndarray


def sides_case(random: np.random.Generator) -> tuple[Any, ...]:
    """Walls across a square, thirty places in it with a limit each, and 25 targets from west to east."""
    ends = random.uniform(0, 1000, (random.integers(1, 12), 4))
    to_x, to_y = random.uniform(0, 1000, (2, 25))
    return ends, *random.uniform(0, 1000, (2, 30)), random.uniform(50, 800, 30), np.sort(to_x), to_y


def nearest_by_circle(ends: Floats, x: Floats, y: Floats, limit_m: Floats, to_x: Floats, to_y: Floats) -> Floats:
    walls = walls_of(*ends.T.copy(), np.arange(len(ends)) % 2 == 0)
    return nearest_on_this_side(x, y, limit_m, to_x, to_y, walls)  # type: ignore[no-any-return]


def nearest_by_shapely(ends: Floats, x: Floats, y: Floats, limit_m: Floats, to_x: Floats, to_y: Floats) -> Floats:
    lines, targets = shapely.multilinestrings(ends.reshape(-1, 2, 2)), np.column_stack([to_x, to_y])
    found = np.full(len(x), -1)
    for i, place in enumerate(np.column_stack([x, y])):
        legs = shapely.linestrings(np.stack([np.broadcast_to(place, targets.shape), targets], axis=1))
        away = np.where((shapely.length(legs) > limit_m[i]) | shapely.intersects(legs, lines), np.inf, shapely.length(legs))
        found[i] = np.argmin(away) if np.isfinite(away.min()) else -1
    return found


def lake_case(random: np.random.Generator) -> tuple[Any, ...]:
    """The corners of a lake, water on the right of its shore, and places in and around it."""
    angle = np.sort(random.uniform(0, 2 * np.pi, random.integers(5, 20)))[::-1]
    ring = 500 + random.uniform(200, 480, len(angle)) * np.array([np.cos(angle), np.sin(angle)])
    return np.column_stack([ring, ring[:, 0]]).T, *random.uniform(-100, 1100, (2, 60))


def out_by_circle(ring: Floats, x: Floats, y: Floats) -> Floats:
    return metres_out(x, y, walls_of(*np.hstack([ring[:-1], ring[1:]]).T.copy(), np.ones(len(ring) - 1, np.bool_)))  # type: ignore[no-any-return]


def out_by_shapely(ring: Floats, x: Floats, y: Floats) -> Floats:
    lake, spots = shapely.Polygon(ring), shapely.points(x, y)
    return np.where(shapely.contains(lake, spots), shapely.distance(lake.exterior, spots), 0.0)


WATER = (
    Beside("water.nearest_on_this_side", nearest_by_circle, nearest_by_shapely, "shapely", sides_case),
    Beside("water.metres_out", out_by_circle, out_by_shapely, "shapely", lake_case, agree=within(atol=1e-6)),
)
