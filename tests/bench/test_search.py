"""Searches over a county of a million junctions and three million arcs, beside scipy's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.bench.beside import turns
from tests.bench.figures import Say
from tests.bench.measured import measured
from tests.kernels.oracles import CHOICE, NEAREST_OF_NODES

SERVICES, TURNS = 10, 12


@pytest.mark.bench
@pytest.mark.parametrize(("hilbert", "at_least"), [(True, 1.8), (False, None)])
def test_nearest_of_500_for_a_million_nodes(hilbert: bool, at_least: float | None, figure: Say) -> None:
    """Row 4: one thread, no limit. In our order of nodes the bound holds; in the file's (rows of blocks) it is told."""
    case = NEAREST_OF_NODES.large(hilbert=hilbert)
    asked = NEAREST_OF_NODES.theirs(*case)
    seconds, cost, expected = turns(
        lambda: NEAREST_OF_NODES.kernel(*case), lambda: NEAREST_OF_NODES.oracle(*asked), TURNS
    )
    NEAREST_OF_NODES.agree(cost, expected)
    order = "our order of nodes" if hilbert else "the input's order"
    figure(
        row=4,
        work=f"nearest of {len(case[1])} for every node, 1 M nodes, one thread, {order}",
        peer=NEAREST_OF_NODES.library,
        at_least=at_least,
        **seconds.seconds,
    )


@pytest.mark.bench
def test_ten_services_on_two_cores(figure: Say) -> None:
    """Row 5: services share the cores; scipy as its users call it, service after service, and given our order too."""
    services = [NEAREST_OF_NODES.large(seed=service) for service in range(SERVICES)]
    arcs = services[0][0]  # one network
    matrix = NEAREST_OF_NODES.theirs(*services[0])[0]

    def ours() -> list[np.ndarray]:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda service: NEAREST_OF_NODES.kernel(arcs, service[1]), services))

    seconds, costs, expected = turns(
        ours, lambda: [NEAREST_OF_NODES.oracle(matrix, source) for _, source in services], TURNS // 3
    )
    for cost, other in zip(costs, expected, strict=True):
        NEAREST_OF_NODES.agree(cost, other)
    figure(
        row=5,
        work=f"{SERVICES} services × 1 M nodes, two cores",
        peer=f"{NEAREST_OF_NODES.library}, service by service",
        at_least=3.5,
        **seconds.seconds,
    )


@pytest.mark.bench
def test_what_a_million_nodes_can_choose_from(figure: Say) -> None:
    """Row 6: how many of 2,000 facilities are within 15 minutes on foot, and the nearest three with their times."""
    case = CHOICE.large()
    asked = CHOICE.theirs(*case)
    seconds, choice, expected = turns(
        lambda: CHOICE.kernel(*case), lambda: CHOICE.oracle(*asked), TURNS, theirs_times=1
    )
    CHOICE.agree(choice, expected)
    held = sum(column.nbytes for column in vars(choice).values())
    pairs = int(choice.count.sum())
    assert held <= 64 * pairs
    figure(
        row=6,
        work="how many of 2,000 are within 15 min of 1 M nodes, the nearest three",
        peer=CHOICE.library,
        at_least=20,
        **seconds.seconds,
    )


@pytest.mark.bench
@pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="Linux alone tells the peak of a part of a process"
)
def test_bytes_for_each_reached_pair(figure: Say) -> None:
    """Row 6: how far the peak rises above what the process holds before, all pairs kept, over the pairs."""
    said = measured([Path(__file__).with_name("choice_side.py")]).said
    rise, pairs = (int(word) for word in said.split())
    assert rise / pairs >= 12  # a place, a facility, a time: less was not measured
    figure(
        row=6, work="the same: how far the peak of memory rises", value=rise / pairs, unit="bytes a pair", at_most=64
    )
