"""The wheel of buckets gives networkx' and scipy's integers on every network, and ways that add up to them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circle.kernels.settle import NO_WAY, SLOTS, settle
from circle.kernels.shortest import spread
from tests.kernels.grids import arcs_of
from tests.kernels.oracles import CHOICE, KEYS, NEAREST_OF_NODES
from tests.kernels.searches_beside import choice_case, nearest_case

cost = st.sampled_from([0, 0, 1, 2]) | st.integers(0, 200_000) | st.integers(0, 10**12)


@st.composite
def questions(draw):
    """Arcs (doubled, looped, of no cost, of years), seeds with legs, and a limit or none."""
    n = draw(st.integers(1, 9))
    node, labels = st.integers(0, n - 1), draw(st.integers(1, 4))
    arcs = draw(st.lists(st.tuples(node, node, cost), max_size=24))
    seeds = draw(st.lists(st.tuples(node, cost, st.integers(0, labels - 1)), max_size=5))
    limit = draw(st.just(NO_WAY) | cost.map(lambda c: c * labels))
    head, tail, weight = (np.array(column, np.int64) for column in (zip(*arcs, strict=True) if arcs else ([], [], [])))
    return arcs_of(n, head, tail, weight), [(v, c * labels + own) for v, c, own in seeds], labels, limit


def searched(arcs, seeds, labels, limit):
    node, key = (np.array([seed[i] for seed in seeds], kind) for i, kind in enumerate((np.int32, np.int64)))
    return spread(arcs, node, key, labels, limit)


@settings(max_examples=300)
@given(questions())
def test_networkx_finds_the_same_keys(question):
    assert searched(*question)[0].tolist() == KEYS.oracle(*question).tolist()


@settings(max_examples=200)
@given(questions())
def test_the_way_from_every_node_ends_at_a_seed_and_costs_what_is_said(question):
    """No circles either: of n nodes a way meets each once at most."""
    arcs, seeds, labels, _ = question
    key, via = searched(*question)
    head = np.repeat(np.arange(len(key)), np.diff(arcs.offset))
    for node in np.flatnonzero(key < NO_WAY):
        here, walked = node, 0
        for _ in range(len(key)):
            if via[here] < 0:
                break
            assert arcs.tail[via[here]] == here
            walked += int(arcs.cost[via[here]]) * labels
            here = head[via[here]]
        assert via[here] < 0
        assert key[node] - walked == min(k for v, k in seeds if v == here)


@given(questions())
def test_the_touched_nodes_are_those_with_a_key(question):
    arcs, seeds, labels, limit = question
    n = len(arcs.offset) - 1
    best, touched = np.full(n, NO_WAY), np.empty(n, np.int32)
    node, key = (np.array([seed[i] for seed in seeds], kind) for i, kind in enumerate((np.int32, np.int64)))
    count = settle(arcs, (node, key), labels, limit, best, np.empty(0, np.int32), touched)
    assert sorted(touched[:count].tolist()) == np.flatnonzero(best < NO_WAY).tolist()
    assert best.tolist() == KEYS.oracle(*question).tolist()


@pytest.mark.parametrize("far", [1, 10**9])
def test_a_hub_of_more_arcs_than_there_is_room_for(far):
    """A star of several thousand rays; beside very many short arcs a long one waits in the heap. Worked by hand."""
    rays, loops = 5 * SLOTS, 400_000
    ray = np.arange(1, rays + 1)
    head = np.r_[np.zeros(rays, np.int64), np.full(loops, rays + 1)]
    arcs = arcs_of(
        rays + 2, head, np.r_[ray, np.full(loops, rays + 1)], np.r_[far + ray * far, np.ones(loops, np.int64)]
    )
    key, _ = searched(arcs, [(0, 7)], 1, NO_WAY)
    assert key.tolist() == [7, *(7 + far + ray * far).tolist(), NO_WAY]


def test_a_ferry_of_a_month_among_streets():
    """Two towns in rows, 1 ms from door to door, joined by one arc 10^12 times as long."""
    n = 4000
    head = np.arange(n - 1)
    arcs = arcs_of(n, head, head + 1, np.where(head == 1999, 10**12, 1))
    key, _ = searched(arcs, [(0, 0)], 1, NO_WAY)
    assert key.tolist() == [i if i < 2000 else 10**12 + i - 1 for i in range(n)]


@pytest.mark.parametrize(("side", "hilbert"), [(1, True), (40, True), (200, True), (200, False)])
def test_scipy_finds_the_same_costs(side, hilbert):
    """A town of streets, as large as 40,000 junctions, in either order of them."""
    NEAREST_OF_NODES.check(nearest_case(side, min(side, 20), hilbert=hilbert))


@pytest.mark.parametrize(("limit", "nearest"), [(900_000, 3), (100, 2), (3_000_000, 100)])
def test_scipy_finds_the_same_choice(limit, nearest):
    """Counts, the nearest few and their times, in every row; ties go to the smaller facility."""
    case = choice_case(60, 50, limit, nearest)
    CHOICE.check(case)
    count = CHOICE.kernel(*case).count
    assert count.max() > 5 or limit < 1000
