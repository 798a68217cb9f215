"""Searches, beside scipy and networkx: on towns of junctions, and on small graphs split at every place and facility."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from circle.kernels.pairs import pairs_by_network
from circle.kernels.settle import NO_WAY
from circle.kernels.shortest import Arcs, Ends, Stops, keys_of_places, seeds, spread
from circle.kernels.walk import Goals, Rows, walked_metres
from circle.reach import Choice, choice_of
from circle.reach.engine import by_edge
from circle.reach.pairs import joined_slices, network_pairs
from tests.kernels.beside import Beside, exactly, within
from tests.kernels.grids import MS_PER_M, arcs_of, arcs_of_town, ends_of_town, jittered_town, stops_at

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

# Places and facilities anywhere on edges.


class OnEdges(NamedTuple):
    """A small network, one-way streets and loops among it; of metres in whole numbers all else follows."""

    nodes: int
    ends: Ends
    metres: np.ndarray
    places: Stops
    sites: Stops


def stops_case(random: Random, ends: Ends, metres: np.ndarray, leg: int) -> Stops:
    """One to four points, each with up to three candidates; `leg`: longest leg in metres."""
    count = random.integers(0, 4, int(random.integers(1, 5)))
    edge = random.integers(0, len(metres), count.sum()).astype(np.int32)
    at = np.rint(random.random(len(edge)) * metres[edge]).astype(np.int64) * MS_PER_M
    legs = random.integers(0, leg + 1, len(edge)) * MS_PER_M
    return Stops(np.concatenate([[0], np.cumsum(count)]).astype(np.int64), edge, at, at, legs)


def edges_case(random: Random, leg: int = 300) -> tuple[OnEdges]:
    n, count = int(random.integers(1, 8)), int(random.integers(1, 14))
    metres = random.integers(1, 500, count)
    ways = random.choice([1, 2, 3, 3, 3], count)
    start, end = (random.integers(0, n, count).astype(np.int32) for _ in "se")
    ends = Ends(start, end, metres * MS_PER_M, metres * MS_PER_M, (ways & 1) > 0, (ways & 2) > 0)
    return (OnEdges(n, ends, metres, stops_case(random, ends, metres, leg), stops_case(random, ends, metres, leg)),)


def arcs_of_edges(asked: OnEdges) -> Arcs:
    """The reversed network: in rows by the node where an arc ends."""
    ends, edge = asked.ends, np.arange(len(asked.metres), dtype=np.int32)
    ahead, behind = edge[ends.forward], edge[ends.backward]
    head, tail = (np.r_[one[ahead], other[behind]] for one, other in ((ends.end, ends.start), (ends.start, ends.end)))
    order = np.argsort(head, kind="stable")
    number, forward = np.r_[ahead, behind][order], np.repeat([True, False], [len(ahead), len(behind)])[order]
    offset = np.concatenate([[0], np.cumsum(np.bincount(head, minlength=asked.nodes))]).astype(np.int64)
    return Arcs(offset, tail[order], ends.along[number], number, forward)


def split_graph(asked: OnEdges, edges: Any = None) -> nx.DiGraph:
    """Nodes for junctions, places, facilities and every candidate on an edge, in their order along it."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(asked.nodes))
    graph.add_nodes_from(("place", p) for p in range(len(asked.places.offset) - 1))
    graph.add_nodes_from(("site", s) for s in range(len(asked.sites.offset) - 1))

    def arc(u: object, v: object, weight: int) -> None:
        if not graph.has_edge(u, v) or graph[u][v]["weight"] > weight:
            graph.add_edge(u, v, weight=weight)

    for e in range(len(asked.metres)) if edges is None else edges:
        stops = {int(at) for kind in (asked.places, asked.sites) for at in kind.along[kind.edge == e]}
        way = [(int(asked.ends.start[e]), 0), *((("on", e, at), at) for at in sorted(stops))]
        for (u, begin), (v, end) in pairwise([*way, (int(asked.ends.end[e]), int(asked.ends.along[e]))]):
            if asked.ends.forward[e]:
                arc(u, v, end - begin)
            if asked.ends.backward[e]:
                arc(v, u, end - begin)
    for p, kind in (("place", asked.places), ("site", asked.sites)):
        for point in range(len(kind.offset) - 1):
            for c in range(*kind.offset[point : point + 2]):
                on = ("on", int(kind.edge[c]), int(kind.along[c]))
                arc((p, point), on, int(kind.leg[c])) if p == "place" else arc(on, (p, point), int(kind.leg[c]))
    return graph


def costs_to_sites(graph: nx.DiGraph, asked: OnEdges) -> list[dict[Any, int]]:
    """For each facility the impedance from every node."""
    back = graph.reverse()
    return [nx.single_source_dijkstra_path_length(back, ("site", s)) for s in range(len(asked.sites.offset) - 1)]


def seeds_by_circle(asked: OnEdges) -> dict[tuple[int, int], int]:
    """(node, label) -> the least impedance."""
    labels = len(asked.sites.offset) - 1
    found: dict[tuple[int, int], int] = {}
    for node, key in zip(*seeds(asked.sites, asked.ends, np.arange(labels), labels), strict=True):
        at = int(node), int(key) % labels
        found[at] = min(found.get(at, NO_WAY), int(key) // labels)
    return found


def seeds_by_networkx(asked: OnEdges) -> dict[tuple[int, int], int]:
    """On each edge alone, from both of its ends."""
    found: dict[tuple[int, int], int] = {}
    for e in range(len(asked.metres)):
        graph = split_graph(asked, [e])
        others = [on for on in graph if isinstance(on, tuple) and on[0] == "on" and on[1] != e]
        graph.remove_nodes_from(others)
        for label, cost in enumerate(costs_to_sites(graph, asked)):
            for node in {int(asked.ends.start[e]), int(asked.ends.end[e])} & cost.keys():
                found[node, label] = min(found.get((node, label), NO_WAY), cost[node])
    return found


def searched(asked: OnEdges) -> tuple[np.ndarray, np.ndarray, Goals, Arcs]:
    """Key and winner of every place, and what was searched."""
    labels = len(asked.sites.offset) - 1
    own, arcs = np.arange(labels), arcs_of_edges(asked)
    node_key, via = spread(arcs, *seeds(asked.sites, asked.ends, own, labels), labels, NO_WAY)
    rows = by_edge(asked.sites, len(asked.metres))
    key, winner = keys_of_places(asked.places, asked.ends, node_key, asked.sites, own, labels, rows)
    candidate_label = np.repeat(own, np.diff(asked.sites.offset))
    return key, winner, Goals(asked.sites, candidate_label, labels, node_key, via), arcs


def place_keys_by_networkx(asked: OnEdges) -> np.ndarray:
    costs = costs_to_sites(split_graph(asked), asked)
    places, labels = len(asked.places.offset) - 1, len(costs)
    own = [
        [cost[p] * labels + s for s, cost in enumerate(costs) if p in cost]
        for p in (("place", p) for p in range(places))
    ]
    return np.array([min(keys, default=NO_WAY) for keys in own])


def metres_by_circle(asked: OnEdges) -> np.ndarray:
    key, winner, goals, arcs = searched(asked)
    along = np.column_stack([np.zeros_like(asked.metres), asked.metres]).ravel()
    rows = Rows(np.arange(len(asked.metres) + 1), along * MS_PER_M, along * MS_PER_M, along.astype(float))
    return walked_metres(asked.places, key, winner, goals, arcs, asked.ends, rows)[0]  # type: ignore[no-any-return]


def metres_by_networkx(asked: OnEdges) -> np.ndarray:
    """Where there are no legs and all walk alike, metres are milliseconds."""
    key = place_keys_by_networkx(asked)
    cost = key // (len(asked.sites.offset) - 1)
    return np.where(key < NO_WAY, cost / MS_PER_M, np.nan)


def pairs_by_circle(asked: OnEdges, limit: int) -> Any:
    rows = by_edge(asked.places, len(asked.metres))
    return pairs_by_network(arcs_of_edges(asked), asked.ends, asked.sites, asked.places, rows, limit)


def pairs_by_networkx(asked: OnEdges, limit: int) -> tuple[Any, ...]:
    costs = costs_to_sites(split_graph(asked), asked)
    found = [
        (s, p, cost["place", p])
        for s, cost in enumerate(costs)
        for p in range(len(asked.places.offset) - 1)
        if cost.get(("place", p), NO_WAY) <= limit
    ]
    return tuple(np.array(column, np.int64) for column in zip(*found, strict=True)) if found else ((), (), ())


def the_same(own: object, other: object) -> None:
    assert own == other


SEARCHES = (
    NEAREST_OF_NODES,
    KEYS,
    CHOICE,
    Beside("shortest.seeds", seeds_by_circle, seeds_by_networkx, "networkx, edge by edge", edges_case, agree=the_same),
    Beside("shortest.keys_of_places", lambda asked: searched(asked)[0], place_keys_by_networkx, "networkx, on a graph split at every candidate", edges_case),
    Beside("walk.walked_metres", metres_by_circle, metres_by_networkx, "networkx, on a graph split at every candidate", lambda random: edges_case(random, leg=0), agree=within(atol=1e-6)),
    Beside("pairs.pairs_by_network", pairs_by_circle, pairs_by_networkx, "networkx, on a graph split at every candidate", lambda random: (*edges_case(random), int(random.choice([0, 200, 1500])) * MS_PER_M)),
)  # fmt: skip
