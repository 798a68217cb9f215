"""The search kernel beside scipy's on the same arcs: the same integers, always; seconds only with --bench."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from circle.kernels.shortest import NO_WAY, Arcs, spread

SOURCES = 40


def jittered_grid(side: int) -> Arcs:
    """Streets of a town of side × side junctions, each block between 50 and 150 m at 4 km/h, both ways alike."""
    random = np.random.default_rng(7)
    number = np.arange(side * side).reshape(side, side)
    a = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    b = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    cost = random.integers(45_000, 135_000, len(a))
    tail, head, both = np.r_[a, b], np.r_[b, a], np.r_[cost, cost]
    order = np.lexsort((tail, head))
    offset = np.concatenate([[0], np.cumsum(np.bincount(head, minlength=side * side))]).astype(np.int64)
    edge = np.tile(np.arange(len(a), dtype=np.int32), 2)[order]
    return Arcs(offset, tail[order].astype(np.int32), both[order], edge, (np.arange(len(tail)) < len(a))[order])


def sources(arcs: Arcs) -> np.ndarray:
    return np.sort(np.random.default_rng(8).choice(len(arcs.offset) - 1, SOURCES, replace=False)).astype(np.int32)


def by_circle(arcs: Arcs) -> tuple[np.ndarray, np.ndarray]:
    """Cost, and number of the source, of every node."""
    key, _ = spread(arcs, sources(arcs), np.arange(SOURCES), SOURCES, NO_WAY)
    return key // SOURCES, key % SOURCES


def by_scipy(arcs: Arcs) -> tuple[np.ndarray, np.ndarray]:
    n = len(arcs.offset) - 1
    matrix = csr_array((arcs.cost.astype(np.float64), arcs.tail, arcs.offset), shape=(n, n))
    cost, _, source = dijkstra(matrix, indices=sources(arcs), min_only=True, return_predecessors=True)
    return cost.astype(np.int64), np.searchsorted(sources(arcs), source)


@pytest.mark.slow
@pytest.mark.parametrize("side", [40, 450])
def test_scipy_finds_the_same_costs_and_the_same_nearest_source(side: int) -> None:
    """Costs are integers below 2**53, so scipy's floats hold them exactly; ties may name another source, costs may not."""
    arcs = jittered_grid(side)
    cost, source = by_circle(arcs)
    expected, other = by_scipy(arcs)
    assert np.array_equal(cost, expected)
    assert cost.max() > 500_000
    assert (source == other).mean() > 0.999


@pytest.mark.bench
@pytest.mark.parametrize("search", [by_circle, by_scipy])
def test_seconds_of_the_search_from_many_sources(benchmark: Any, search: Any) -> None:
    """200 thousand junctions; run with ``--bench --benchmark-enable`` to see the times."""
    arcs = jittered_grid(450)
    search(arcs)
    cost, _ = benchmark(search, arcs)
    assert len(cost) == 450 * 450
