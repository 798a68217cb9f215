"""Searches from junction to junction, beside scipy and networkx."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from circle.kernels.settle import NO_WAY
from circle.kernels.shortest import Arcs, Ends, Stops, spread
from circle.reach import Choice, choice_of
from circle.reach.pairs import joined_slices, network_pairs
from tests.kernels.beside import Beside, exactly
from tests.kernels.grids import arcs_of, arcs_of_town, ends_of_town, jittered_town, stops_at

Random = np.random.Generator
WALK_MS, FIRST = 900_000, 3


def matrix_of(arcs: Arcs) -> csr_array:
    """The arcs as scipy wants them: float64 weights, int32 indices, so that it need not convert them again."""
    n = len(arcs.offset) - 1
    return csr_array((arcs.cost.astype(np.float64), arcs.tail, arcs.offset.astype(np.int32)), shape=(n, n))


# The nearest of several junctions, for every junction.


@lru_cache(maxsize=1)
def arcs_of_side(side: int, *, hilbert: bool) -> Arcs:
    """A million junctions take a second to make, and ten services walk on the same."""
    return arcs_of_town(jittered_town(side, hilbert=hilbert))


def nearest_case(side: int, count: int, *, seed: int = 0, hilbert: bool = True) -> tuple[Arcs, np.ndarray]:
    """A town's arcs, and junctions with a facility."""
    source = np.random.default_rng(seed).choice(side * side, count, replace=False)
    return arcs_of_side(side, hilbert=hilbert), np.sort(source).astype(np.int32)


def small_nearest_case(random: Random) -> tuple[Arcs, np.ndarray]:
    side = int(random.integers(2, 30))
    count = int(random.integers(1, min(side * side, 40) + 1))
    return nearest_case(side, count, seed=int(random.integers(99)), hilbert=bool(random.random() < 0.5))


def cost_by_circle(arcs: Arcs, source: np.ndarray) -> np.ndarray:
    """(n,) impedance of every node to the nearest source; `NO_WAY` without one."""
    labels = len(source)
    key, _ = spread(arcs, source, np.arange(labels), labels, NO_WAY, trace=False)
    key //= labels
    key[key >= NO_WAY // labels] = NO_WAY
    return key


def cost_by_scipy(matrix: csr_array, source: np.ndarray) -> np.ndarray:
    return dijkstra(matrix, indices=source, min_only=True)


def the_same_costs(cost: np.ndarray, expected: np.ndarray) -> None:
    exactly(np.where(cost < NO_WAY, cost, np.inf), expected)


NEAREST_OF_NODES = Beside(
    "shortest.spread",
    cost_by_circle,
    cost_by_scipy,
    "scipy csgraph.dijkstra(min_only=True)",
    small_nearest_case,
    theirs=lambda arcs, source: (matrix_of(arcs), source),
    agree=the_same_costs,
    large=lambda **options: nearest_case(1000, 500, **options),
)

# Keys: costs with labels, ties, seeds with legs, a limit.


def keys_case(random: Random) -> tuple[Arcs, list[tuple[int, int]], int, int]:
    """Arcs of no cost, of ties, of years; seeds, and a limit or none."""
    n, count, labels = int(random.integers(1, 10)), int(random.integers(0, 25)), int(random.integers(1, 5))
    cost = random.choice([0, 1, 2, 70_000, 10**12], count) * random.integers(1, 4, count)
    arcs = arcs_of(n, random.integers(0, n, count), random.integers(0, n, count), cost)
    seeds_of = [
        (int(random.integers(n)), int(random.choice([0, 1, 2, 5000])) * labels + int(random.integers(labels)))
        for _ in range(random.integers(0, 6))
    ]
    return arcs, seeds_of, labels, NO_WAY if random.random() < 0.5 else int(random.integers(0, 200_000)) * labels


def keys_by_circle(arcs: Arcs, seeds_of: list[tuple[int, int]], labels: int, limit_key: int) -> np.ndarray:
    node, key = (np.array([seed[i] for seed in seeds_of], kind) for i, kind in enumerate((np.int32, np.int64)))
    return spread(arcs, node, key, labels, limit_key)[0]


def keys_by_networkx(arcs: Arcs, seeds_of: list[tuple[int, int]], labels: int, limit_key: int) -> np.ndarray:
    """One search for each label with a node of its own before its seeds; the least key of all, beyond the limit none."""
    graph = nx.MultiDiGraph()
    n = len(arcs.offset) - 1
    graph.add_nodes_from(range(n))
    for head in range(n):
        for a in range(arcs.offset[head], arcs.offset[head + 1]):
            graph.add_edge(head, int(arcs.tail[a]), weight=int(arcs.cost[a]))
    best = np.full(n, NO_WAY)
    for label in {key % labels for _, key in seeds_of}:
        own = [(node, key // labels) for node, key in seeds_of if key % labels == label]
        graph.add_edges_from(("start", node, {"weight": cost}) for node, cost in own)
        for node, cost in nx.single_source_dijkstra_path_length(graph, "start").items():
            if node != "start" and cost * labels + label <= limit_key:
                best[node] = min(best[node], cost * labels + label)
        graph.remove_node("start")
    return best


KEYS = Beside(
    "shortest.spread", keys_by_circle, keys_by_networkx, "networkx.single_source_dijkstra_path_length", keys_case
)

# Which facilities does every node reach?


class NodePlaces(NamedTuple):
    """Every node a place, and the facilities at `source`, as stops at the start or the end of some street of theirs."""

    arcs: Arcs
    ends: Ends
    places: Stops
    sites: Stops
    source: np.ndarray


def choice_case(side: int, facilities: int, limit: int, nearest: int, *, seed: int = 6) -> tuple[NodePlaces, int, int]:
    town = jittered_town(side)
    joined = np.unique(np.r_[town.start, town.end])
    source = np.sort(np.random.default_rng(seed).choice(joined, facilities, replace=False)).astype(np.int32)
    stops = stops_at(town, np.arange(len(town.x))), stops_at(town, source)
    return NodePlaces(arcs_of_town(town), ends_of_town(town), *stops, source), limit, nearest


def small_choice_case(random: Random) -> tuple[NodePlaces, int, int]:
    side, limit = int(random.integers(4, 25)), int(random.choice([100, 300_000, 3_000_000]))
    return choice_case(
        side, int(random.integers(1, 9)), limit, int(random.integers(1, 12)), seed=int(random.integers(99))
    )


def choice_by_circle(asked: NodePlaces, limit: int, nearest: int) -> Choice:
    """How many facilities every node reaches within the limit, and the nearest of them."""
    pairs = joined_slices([part for _, part in network_pairs(asked[:2], asked.places, asked.sites, limit)])
    return choice_of(pairs, len(asked.places.offset) - 1, nearest=nearest)


def choice_by_scipy(matrix: csr_array, source: np.ndarray, limit: int, nearest: int) -> Choice:
    """One search after another with scipy's own limit; never more than one dense row at a time."""
    rows = []
    for number, node in enumerate(source):
        cost = dijkstra(matrix, indices=int(node), limit=limit)
        place = np.flatnonzero(cost < np.inf)
        rows.append((np.full(len(place), number), place, cost[place]))
    site, place, cost = (np.concatenate(column) for column in zip(*rows, strict=True))
    order = np.lexsort((site, cost, place))
    site, place, cost = site[order], place[order], cost[order]
    count = np.bincount(place, minlength=matrix.shape[0])
    first = np.concatenate([[0], np.cumsum(count)])
    kept = np.arange(len(place)) - first[place] < nearest
    offset = np.concatenate([[0], np.cumsum(np.minimum(count, nearest))])
    return Choice(count, offset, site[kept], cost[kept])


def the_same_choice(own: Choice, other: Choice) -> None:
    exactly(tuple(vars(own).values()), tuple(vars(other).values()))


CHOICE = Beside(
    "pairs.pairs_by_network",
    choice_by_circle,
    choice_by_scipy,
    "scipy csgraph.dijkstra(limit=…), source by source",
    small_choice_case,
    theirs=lambda asked, limit, nearest: (matrix_of(asked.arcs), asked.source, limit, nearest),
    agree=the_same_choice,
    large=lambda: choice_case(1000, 2000, WALK_MS, FIRST),
)


ON_NODES = (NEAREST_OF_NODES, KEYS, CHOICE)
