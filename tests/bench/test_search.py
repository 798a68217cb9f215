"""Searches over a county of a million junctions and three million arcs, beside scipy's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from circle.kernels.settle import NO_WAY
from tests.bench.beside import turns
from tests.bench.figures import Say
from tests.bench.measured import measured
from tests.kernels.grids import arcs_of_town, ends_of_town, jittered_town, stops_at
from tests.kernels.oracles import CHOICE, NEAREST_OF_NODES, NodePlaces, matrix_of

SIDE, FACILITIES, SERVICES, TURNS = 1000, 500, 10, 12


def sources(service: int, count: int = FACILITIES) -> np.ndarray:
    """Junctions with a facility."""
    return np.sort(np.random.default_rng(service).choice(SIDE * SIDE, count, replace=False)).astype(np.int32)


def assert_equal(cost: np.ndarray, expected: np.ndarray) -> None:
    assert np.array_equal(np.where(cost < NO_WAY, cost, np.inf), expected)


@pytest.mark.bench
@pytest.mark.parametrize(("hilbert", "at_least"), [(True, 1.8), (False, None)])
def test_nearest_of_500_for_a_million_nodes(hilbert: bool, at_least: float | None, figure: Say) -> None:
    """Row 4: one thread, no limit. In our order of nodes the bound holds; in the file's (rows of blocks) it is told."""
    arcs = arcs_of_town(jittered_town(SIDE, hilbert=hilbert))
    matrix, source = matrix_of(arcs), sources(0)
    seconds, cost, expected = turns(
        lambda: NEAREST_OF_NODES.kernel(arcs, source), lambda: NEAREST_OF_NODES.oracle(matrix, source), TURNS
    )
    assert_equal(cost, expected)
    order = "our order of nodes" if hilbert else "the input's order"
    figure(
        row=4,
        work=f"nearest of {FACILITIES} for every node, 1 M nodes, one thread, {order}",
        peer="scipy csgraph.dijkstra(min_only=True)",
        at_least=at_least,
        **seconds.seconds,
    )


@pytest.mark.bench
def test_ten_services_on_two_cores(figure: Say) -> None:
    """Row 5: services share the cores; scipy as its users call it, service after service, and given our order too."""
    arcs = arcs_of_town(jittered_town(SIDE))
    matrix, services = matrix_of(arcs), [sources(service) for service in range(SERVICES)]

    def ours() -> list[np.ndarray]:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda source: NEAREST_OF_NODES.kernel(arcs, source), services))

    seconds, costs, expected = turns(
        ours, lambda: [NEAREST_OF_NODES.oracle(matrix, source) for source in services], TURNS // 3
    )
    for cost, other in zip(costs, expected, strict=True):
        assert_equal(cost, other)
    figure(
        row=5,
        work=f"{SERVICES} services × 1 M nodes, two cores",
        peer="scipy csgraph.dijkstra(min_only=True), service by service",
        at_least=3.5,
        **seconds.seconds,
    )


@pytest.mark.bench
def test_what_a_million_nodes_can_choose_from(figure: Say) -> None:
    """Row 6: how many of 2,000 facilities are within 15 minutes on foot, and the nearest three with their times."""
    town = jittered_town(SIDE)
    arcs, joined = arcs_of_town(town), np.unique(np.r_[town.start, town.end])
    source = np.sort(np.random.default_rng(6).choice(joined, 2000, replace=False)).astype(np.int32)
    places, sites = stops_at(town, np.arange(len(town.x))), stops_at(town, source)
    asked, matrix = NodePlaces(arcs, ends_of_town(town), places, sites), matrix_of(arcs)
    seconds, choice, expected = turns(
        lambda: CHOICE.kernel(asked, 900_000, 3),
        lambda: CHOICE.oracle(matrix, source, 900_000, 3),
        TURNS,
        theirs_times=1,
    )
    held = sum(column.nbytes for column in vars(choice).values())
    pairs = int(choice.count.sum())
    for own, other in zip(vars(choice).values(), vars(expected).values(), strict=True):
        assert np.array_equal(own, other)
    assert held <= 64 * pairs
    figure(
        row=6,
        work="how many of 2,000 are within 15 min of 1 M nodes, the nearest three",
        peer="scipy csgraph.dijkstra(limit=…), source by source",
        at_least=20,
        **seconds.seconds,
    )


@pytest.mark.bench
@pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="Linux alone tells the peak of a part of a process"
)
def test_bytes_for_each_reached_pair(figure: Say) -> None:
    """Row 6: how far the peak rises above what the process holds before, all pairs kept, over the pairs."""
    said = measured([Path(__file__).with_name("choice_side.py"), SIDE, 2000, 900_000]).said
    rise, pairs = (int(word) for word in said.split())
    assert rise / pairs >= 12  # a place, a facility, a time: less was not measured
    figure(
        row=6, work="the same: how far the peak of memory rises", value=rise / pairs, unit="bytes a pair", at_most=64
    )
