"""Searches between places and facilities anywhere on edges, beside networkx on a graph that is split at every one."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import networkx as nx
import numpy as np

from circle.kernels.pairs import pairs_by_network
from circle.kernels.settle import NO_WAY
from circle.kernels.shortest import Arcs, Ends, Stops, keys_of_places, seeds, spread
from circle.kernels.walk import Goals, Rows, walked_metres
from circle.reach.engine import by_edge, on_edge
from tests.kernels.beside import Beside, within
from tests.kernels.grids import MS_PER_M

Random = np.random.Generator


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
    rows = on_edge(asked.sites, len(asked.metres))
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


ON_EDGES = (
    Beside("shortest.seeds", seeds_by_circle, seeds_by_networkx, "networkx, edge by edge", edges_case, agree=the_same),
    Beside("shortest.keys_of_places", lambda asked: searched(asked)[0], place_keys_by_networkx, "networkx, on a graph split at every candidate", edges_case),
    Beside("walk.walked_metres", metres_by_circle, metres_by_networkx, "networkx, on a graph split at every candidate", lambda random: edges_case(random, leg=0), agree=within(atol=1e-6)),
    Beside("pairs.pairs_by_network", pairs_by_circle, pairs_by_networkx, "networkx, on a graph split at every candidate", lambda random: (*edges_case(random), int(random.choice([0, 200, 1500])) * MS_PER_M)),
)  # fmt: skip
