"""The sea of the map and of the report, held against islands and coasts whose land is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from circle.export.background import sea
from circle.export.sea import sea_faces
from circle.model import Barriers
from circle.report.paths import Window
from circle.report.sea import sea_path
from tests.export.town import COLUMNS, ROWS, SOUTH, STEP, WEST, town_analysis

BOX = (0.0, 0.0, 10.0, 8.0)
NOWHERE = np.empty((0, 2))


def island(rng: np.random.Generator, x: float, y: float, reach: float) -> np.ndarray:
    """A closed shore with the land on its left: against the clock."""
    angle = np.sort(rng.random(12) * 2 * np.pi)
    ring = np.column_stack([x, y]) + (rng.uniform(0.5, 1, 12) * reach)[:, None] * np.column_stack(
        [np.cos(angle), np.sin(angle)]
    )
    return np.vstack([ring, ring[:1]])


def coast(rng: np.random.Generator, first: float, last: float) -> np.ndarray:
    """From west to east, the land to the north."""
    x = np.sort(np.r_[first, last, rng.uniform(first, last, 20)])
    return np.column_stack([x, 5 + rng.uniform(-0.25, 0.25, len(x))])


def mask(faces: np.ndarray, points: np.ndarray) -> np.ndarray:
    return np.asarray(shapely.contains_xy(shapely.union_all(faces), points))


@pytest.mark.parametrize("seed", range(20))
def test_what_is_no_land_is_sea(seed: int) -> None:
    """A coast right through the box and three islands before it, in pieces and in any order."""
    rng = np.random.default_rng(seed)
    through = coast(rng, -1.0, 11.0)
    islands = [island(rng, x, 2.0, 1.2) for x in (2.0, 5.0, 8.0)]
    at = rng.integers(3, 18)
    shores = [through[at:], through[: at + 1], *islands]
    land = shapely.union_all([shapely.Polygon([*through, (11, 9), (-1, 9)]), *map(shapely.Polygon, islands)])
    found = shapely.union_all(sea_faces([shores[i] for i in rng.permutation(5)], BOX, NOWHERE))
    expected = shapely.difference(shapely.box(*BOX), land)
    assert shapely.symmetric_difference(found, expected).area < 1e-6


@pytest.mark.parametrize("seed", range(20))
def test_where_the_data_end_no_land_is_painted(seed: int) -> None:
    """The shore is known for a part of the box only; where it goes on from there, nobody knows."""
    rng = np.random.default_rng(seed)
    first, last = np.sort(rng.choice(np.arange(1.0, 9.5, 0.5), 2, replace=False))
    known = coast(rng, first, last + 0.4)
    found = sea_faces([known], BOX, NOWHERE)
    points = rng.uniform(BOX[:2], BOX[2:], (2000, 2))
    beside = (points[:, 0] > known[0, 0]) & (points[:, 0] < known[-1, 0])
    below = points[:, 1] < np.interp(points[:, 0], *known.T)
    wet = mask(found, points)
    assert not wet[~(beside & below)].any()
    if known[-1, 0] - known[0, 0] > 2:  # long enough to be seen where it heads
        assert wet[beside & below].all()


def test_roads_say_that_there_is_land_where_a_shore_ends() -> None:
    """A stretch of shore of a lake that was cut off floods no town; bridges and a pier do not dry out the sea."""
    shore = np.array([[3.0, 5.0], [7.0, 5.0]])
    town = np.random.default_rng(1).uniform((3.5, 1), (6.5, 4), (500, 2))
    inland = np.random.default_rng(2).uniform((0, 6), (10, 8), (500, 2))
    assert len(sea_faces([shore], BOX, np.vstack([inland, town]))) == 0
    assert len(sea_faces([shore], BOX, np.vstack([inland, town[:2]]))) == 1


def with_shores(*lines: np.ndarray):
    """The town by a sea."""
    analysis = town_analysis()
    x, y = np.vstack(lines).T
    offset = np.cumsum([0, *map(len, lines)])
    count = len(lines)
    barriers = Barriers(x, y, offset, np.zeros(count, np.int8), np.ones(count, np.bool_), np.empty(0, dtype=object))
    return replace(analysis, region=replace(analysis.region, barriers=barriers))


def decoded(polygons: list) -> np.ndarray:
    rings = [[np.cumsum(np.reshape(ring, (-1, 2)), axis=0) / 1e5 for ring in polygon] for polygon in polygons]
    return np.array([shapely.Polygon(outer, inner) for outer, *inner in rings], dtype=object)


def test_the_map_and_the_report_have_the_same_sea() -> None:
    """At every point of the window, but for what is finer than either draws."""
    east, north = WEST + COLUMNS * STEP, SOUTH + ROWS * STEP
    rng = np.random.default_rng(3)
    shore = np.column_stack([np.linspace(WEST - 1, east + 1, 60), SOUTH - 0.004 + rng.uniform(-0.002, 0.002, 60)])
    analysis = with_shores(shore, island(rng, WEST + 0.01, SOUTH - 0.02, 0.006))
    box = (WEST - 0.02, SOUTH - 0.04, east + 0.02, north + 0.02)
    points = rng.uniform(box[:2], box[2:], (4000, 2))
    coarse = np.asarray(shapely.dwithin(shapely.MultiLineString([shore]), shapely.points(points), 2e-4))
    path = sea_path(analysis.region.barriers, Window(box, 1.0))
    assert path is not None
    of_map = mask(decoded(sea(analysis, box)), points[~coarse])
    of_report = np.logical_xor.reduce(
        [shapely.contains_xy(shapely.Polygon(ring), points[~coarse]) for ring in path.to_polygons()]
    )
    assert np.array_equal(of_map, of_report)
    assert 0.2 < of_map.mean() < 0.8
