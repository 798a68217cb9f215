"""A million places joined to a million streets, all candidates, beside shapely's tree that finds one; ``--bench -s``."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

import numpy as np
import pytest
import shapely

from circle.kernels.projection import local_projection, to_degrees
from circle.model import Attachment
from circle.reach import Engine, build_engine
from circle.reach.attach import CANDIDATE_SLACK_M, attach_metres
from tests.bench.beside import turns
from tests.kernels.grids import BLOCK_M, jittered_town, network_of_town

SAMPLE, NORTH_M = 2000, 3.2e6


class Question(NamedTuple):
    """An engine, and a place in every block, in rows as the cells of a raster are."""

    engine: Engine
    x: np.ndarray
    y: np.ndarray
    lat: np.ndarray


def asked(side: int, dropped: float = 0.5) -> Question:
    """side × side places among as many streets, with dropped = 0.5."""
    crs = local_projection(np.array([118.5]), np.array([28.9]))
    town = jittered_town(side, dropped=dropped)
    west_m = -side * BLOCK_M / 2
    town = town._replace(x=town.x + west_m, y=town.y + NORTH_M)
    random = np.random.default_rng(3)
    x, y = (
        axis.ravel() + random.uniform(-20, 20, side * side) for axis in np.meshgrid(*[np.arange(side) * BLOCK_M] * 2)
    )
    x, y = x + west_m + BLOCK_M / 2, y + NORTH_M + BLOCK_M / 2
    return Question(build_engine(network_of_town(town, crs)), x, y, to_degrees(crs, x, y)[1])


def tree_of(engine: Engine) -> shapely.STRtree:
    ends = np.column_stack([engine.network.vertex_x, engine.network.vertex_y])
    return shapely.STRtree(shapely.linestrings(ends.reshape(-1, 2, 2)))


def assert_equal_to_shapely(question: Question, nearest_m: np.ndarray, tree: shapely.STRtree) -> None:
    """The nearest of every place, and for some all streets within the slack beyond it."""
    at = attach_metres(question.engine, question.x, question.y, question.lat)
    point = np.repeat(np.arange(len(question.x)), np.diff(at.offset))
    metres = np.hypot(at.x - question.x[point], at.y - question.y[point])
    assert np.allclose(np.minimum.reduceat(metres, at.offset[:-1]), nearest_m, rtol=0, atol=1e-6)
    for place in np.random.default_rng(5).choice(len(question.x), min(SAMPLE, len(question.x)), replace=False):
        within = nearest_m[place] + CANDIDATE_SLACK_M
        here = shapely.Point(question.x[place], question.y[place])
        own = at.edge[slice(*at.offset[place : place + 2])]
        assert (
            set(tree.query(here, "dwithin", within - 1e-6))
            <= set(own)
            <= set(tree.query(here, "dwithin", within + 1e-6))
        )


def test_shapely_finds_the_same_streets() -> None:
    question = asked(60)
    tree = tree_of(question.engine)
    points = shapely.points(question.x, question.y)
    _, metres = tree.query_nearest(points, return_distance=True, all_matches=False)
    assert_equal_to_shapely(question, metres, tree)


@pytest.mark.bench
def test_a_million_places_to_a_million_streets(
    monkeypatch: pytest.MonkeyPatch, figure: Callable[..., object]
) -> None:
    """Row 7: both from metres, tree and grid made before, legs in milliseconds and places on edges included in ours.

    One thread on either side is what the bound is held to; with the two that `attach_metres` takes by itself it is told.
    """
    question = asked(1000)
    engine, x, y, lat = question
    tree, points = tree_of(engine), shapely.points(x, y)
    tree.query_nearest(points[:1])  # builds it
    together = []

    def threads() -> None:
        begin = perf_counter()
        attach_metres(engine, x, y, lat)
        together.append(perf_counter() - begin)

    def one_thread() -> Attachment:
        with monkeypatch.context() as patch:
            patch.setattr("circle.reach.attach.cpu_count", lambda: 1)
            return attach_metres(engine, x, y, lat)

    for _ in range(4):
        threads()
    seconds, at, (_, metres) = turns(
        one_thread, lambda: tree.query_nearest(points, return_distance=True, all_matches=False), 8, theirs_times=4
    )
    print(
        f"\n{len(x):,} places, {engine.network.edge_count:,} streets, {len(at.edge) / len(x):.1f} candidates, one thread: "
        f"{seconds}; by all threads {min(together) * 1e3:.0f} ms, {seconds.theirs_s / min(together):.1f} times"
    )
    figure(row=7, work="1 M points to 1 M edges, all candidates", peer="shapely STRtree.query_nearest (one)", ours_s=seconds.ours_s, peer_s=seconds.theirs_s, at_least=4)  # fmt: skip
    assert_equal_to_shapely(question, metres, tree)
    assert seconds.ratio >= 4
