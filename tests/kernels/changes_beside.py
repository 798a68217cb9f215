"""Facilities that leave: whom it concerns and what follows, beside networkx on a graph that never had them."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from circle.kernels.nearest_point import nearest_points
from circle.kernels.rows import ALL, in_rows
from circle.kernels.settle import NO_WAY, settle
from circle.kernels.shortest import Stops, seeds, spread
from circle.kernels.updates import Leaving, catchment, forsake, places_beside
from circle.reach.engine import by_edge, on_edge
from tests.kernels.beside import Beside
from tests.kernels.edges_beside import OnEdges, arcs_of_edges, costs_to_sites, edges_case, split_graph

Random = np.random.Generator
NOBODY = np.empty(0, np.int32)


def leaving_case(random: Random) -> tuple[OnEdges, np.ndarray]:
    """A small network, and which of its facilities leave."""
    (asked,) = edges_case(random)
    return asked, random.random(len(asked.sites.offset) - 1) < 0.5


def chosen_stops(stops: Stops, chosen: np.ndarray) -> Stops:
    """Some of the points; the others have no candidate any more."""
    count = np.diff(stops.offset) * chosen
    kept = np.repeat(chosen, np.diff(stops.offset))
    offset = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    return Stops(offset, *(column[kept] for column in stops[1:]))


def keys_of_nodes(asked: OnEdges) -> np.ndarray:
    """By networkx: the least impedance of every node with the smaller label of equals."""
    costs = costs_to_sites(split_graph(asked), asked)
    return np.array(
        [
            min((cost[node] * len(costs) + label for label, cost in enumerate(costs) if node in cost), default=NO_WAY)
            for node in range(asked.nodes)
        ]
    )


def settled_by_circle(asked: OnEdges) -> np.ndarray:
    """The keys of all nodes, searched from the seeds of all facilities."""
    labels = len(asked.sites.offset) - 1
    node_key = np.full(asked.nodes, NO_WAY)
    start = seeds(asked.sites, asked.ends, np.arange(labels), labels)
    settle(arcs_of_edges(asked), start, labels, NO_WAY, node_key, NOBODY, NOBODY)
    return node_key


def catchment_by_circle(asked: OnEdges, leave: np.ndarray) -> np.ndarray:
    labels = len(leave)
    arcs, own = arcs_of_edges(asked), np.arange(labels)
    node_key, _ = spread(arcs, *seeds(asked.sites, asked.ends, own, labels), labels, NO_WAY)
    start, _ = seeds(chosen_stops(asked.sites, leave), asked.ends, own, labels)
    seen = np.zeros(asked.nodes, np.bool_)
    found = np.sort(catchment(arcs, start, leave, labels, node_key, seen))
    assert not seen.any()
    return found


def catchment_by_networkx(asked: OnEdges, leave: np.ndarray) -> np.ndarray:
    key = keys_of_nodes(asked)
    return np.flatnonzero((key < NO_WAY) & leave[np.where(key < NO_WAY, key % len(leave), 0)])


def forsaken_by_circle(asked: OnEdges, leave: np.ndarray) -> np.ndarray:
    """The keys of all nodes once some facilities have left."""
    labels = len(leave)
    arcs, own = arcs_of_edges(asked), np.arange(labels)
    node_key, _ = spread(arcs, *seeds(asked.sites, asked.ends, own, labels), labels, NO_WAY)
    node = catchment_by_circle(asked, leave).astype(np.int32)
    _, offset, arc = in_rows(arcs.tail, np.arange(len(arcs.tail)), asked.nodes, ALL)
    remain = chosen_stops(asked.sites, ~leave)
    rows = on_edge(remain, len(asked.metres))
    out = forsake(arcs, asked.ends, Leaving(offset, arc.astype(np.int32)), node, labels, node_key, remain, own, rows)
    settle(arcs, out, labels, NO_WAY, node_key, NOBODY, NOBODY)
    return node_key


def forsaken_by_networkx(asked: OnEdges, leave: np.ndarray) -> np.ndarray:
    return keys_of_nodes(asked._replace(sites=chosen_stops(asked.sites, ~leave)))


def beside_case(random: Random) -> tuple[OnEdges, np.ndarray, np.ndarray]:
    (asked,) = edges_case(random)
    node = np.flatnonzero(random.random(asked.nodes) < 0.4).astype(np.int32)
    return asked, node, np.flatnonzero(random.random(len(asked.metres)) < 0.2).astype(np.int32)


def beside_by_circle(asked: OnEdges, node: np.ndarray, edge: np.ndarray) -> np.ndarray:
    offset, _, place = by_edge(asked.places, len(asked.metres))
    seen = np.zeros(len(asked.places.offset) - 1, np.bool_)
    found: np.ndarray = places_beside(arcs_of_edges(asked), node, edge, (offset, place.astype(np.int32)), seen)
    assert not seen.any()
    return found


def beside_by_numpy(asked: OnEdges, node: np.ndarray, edge: np.ndarray) -> np.ndarray:
    ends = asked.ends
    into = (np.isin(ends.end, node) & ends.forward) | (np.isin(ends.start, node) & ends.backward)
    into[edge] = True
    place = np.repeat(np.arange(len(asked.places.offset) - 1), np.diff(asked.places.offset))
    return np.unique(place[into[asked.places.edge]])


def points_case(random: Random) -> tuple[np.ndarray, ...]:
    at, to = random.uniform(-2_000, 2_000, (50, 2)), random.uniform(-500, 500, (int(random.integers(1, 40)), 2))
    return *at.T.copy(), *to.T.copy()


def nearest_by_scipy(x: np.ndarray, y: np.ndarray, to_x: np.ndarray, to_y: np.ndarray) -> Any:
    return cKDTree(np.column_stack([to_x, to_y])).query(np.column_stack([x, y]))


CHANGES = (
    Beside("settle.settle", settled_by_circle, keys_of_nodes, "networkx, on a graph split at every candidate", edges_case),
    Beside("updates.catchment", catchment_by_circle, catchment_by_networkx, "networkx, on a graph split at every candidate", leaving_case),
    Beside("updates.forsake", forsaken_by_circle, forsaken_by_networkx, "networkx, on a graph without those that left", leaving_case),
    Beside("updates.places_beside", beside_by_circle, beside_by_numpy, "numpy", beside_case),
    Beside("nearest_point.nearest_points", nearest_points, nearest_by_scipy, "scipy.spatial.cKDTree", points_case),
)  # fmt: skip
