"""Every search kernel beside the library that answers the same question; tests and benchmarks share this table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from circle.kernels.settle import NO_WAY
from circle.kernels.shortest import Arcs, Ends, Stops, spread
from circle.reach import Choice, choice_of
from circle.reach.pairs import joined_slices, network_pairs


class Beside(NamedTuple):
    """A kernel, its oracle, and how the oracle is known."""

    kernel: Callable[..., Any]
    oracle: Callable[..., Any]
    library: str


def matrix_of(arcs: Arcs) -> csr_array:
    """The arcs as scipy wants them: float64 weights, int32 indices, so that it need not convert them again."""
    n = len(arcs.offset) - 1
    return csr_array((arcs.cost.astype(np.float64), arcs.tail, arcs.offset.astype(np.int32)), shape=(n, n))


def cost_by_circle(arcs: Arcs, source: np.ndarray) -> np.ndarray:
    """(n,) impedance of every node to the nearest source; `NO_WAY` without one."""
    labels = len(source)
    key, _ = spread(arcs, source, np.arange(labels), labels, NO_WAY, trace=False)
    key //= labels
    key[key >= NO_WAY // labels] = NO_WAY
    return key


def cost_by_scipy(matrix: csr_array, source: np.ndarray) -> np.ndarray:
    return dijkstra(matrix, indices=source, min_only=True)


def keys_by_networkx(arcs: Arcs, seeds: list[tuple[int, int]], labels: int, limit_key: int) -> np.ndarray:
    """One search for each label with a node of its own before its seeds; the least key of all, beyond the limit none."""
    graph = nx.MultiDiGraph()
    n = len(arcs.offset) - 1
    graph.add_nodes_from(range(n))
    for head in range(n):
        for a in range(arcs.offset[head], arcs.offset[head + 1]):
            graph.add_edge(head, int(arcs.tail[a]), weight=int(arcs.cost[a]))
    best = np.full(n, NO_WAY)
    for label in {key % labels for _, key in seeds}:
        graph.add_edges_from(("start", node, {"weight": key // labels}) for node, key in seeds if key % labels == label)
        for node, cost in nx.single_source_dijkstra_path_length(graph, "start").items():
            if node != "start" and cost * labels + label <= limit_key:
                best[node] = min(best[node], cost * labels + label)
        graph.remove_node("start")
    return best


NEAREST_OF_NODES = Beside(cost_by_circle, cost_by_scipy, "scipy.sparse.csgraph.dijkstra(min_only=True)")
KEYS = Beside(spread, keys_by_networkx, "networkx.single_source_dijkstra_path_length")


class NodePlaces(NamedTuple):
    """Every node a place, and the facilities, as stops at the start or the end of some street of theirs."""

    arcs: Arcs
    ends: Ends
    places: Stops
    sites: Stops


def choice_by_circle(asked: NodePlaces, limit: int, nearest: int) -> Choice:
    """How many facilities every node reaches within the limit, and the nearest of them."""
    net = (asked.arcs, asked.ends)
    pairs = joined_slices([part for _, part in network_pairs(net, asked.places, asked.sites, limit)])
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


CHOICE = Beside(choice_by_circle, choice_by_scipy, "scipy.sparse.csgraph.dijkstra(limit=...), source by source")
