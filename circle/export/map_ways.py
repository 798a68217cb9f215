"""The ways to the nearest facilities, packed for the map: streets once, and per service a tree of which way to turn.

Positions are whole millionths of a degree, lengths decimetres: every vertex of a way that the page draws lies within
0.08 m of where it is, so that its length is the way's own but for decimetres.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from circle import units
from circle.export.map_people import MOST_TOLD
from circle.export.planes import Column, packed_planes, steps
from circle.model import Analysis, Departure, Floats, Ints, NetworkData, Trail, Trails

SCALE = 1e6
MOST_NUMBERS = 4_000_000
"""Of streets and places on them in the page: about 7 MB."""

UNUSED, ARRIVES, TURNS = 0, 1, 2
"""Of a junction in the tree of a service: no way leads over it, its way ends on the next edge, or goes on by the n-th
of its edges (`TURNS` + n)."""

GOALWARD = (Departure.BESIDE, Departure.DIRECT)


@dataclass(frozen=True, eq=False)
class _Streets:
    """The edges that ways use, numbered anew: `edge` of the network, `number` of each edge of the network (-1 none).

    `node` of the network, ascending; `tail` and `head` of each edge among them; `turn` of each edge among those at its
    tail, and after them of each among those at its head.
    """

    edge: Ints
    number: Ints
    node: Ints
    tail: Ints
    head: Ints
    turn: Ints


def ways_data(analysis: Analysis, rows: Ints) -> tuple[dict[str, Any] | None, str]:
    """What the page knows of the ways, and the packed columns.

    Parameters
    ----------
    analysis
        In one piece, see `circle.export.eastward`.
    rows
        The places that the page shows, in its order.

    Returns
    -------
    head
        ``columns`` (name, bytes and length of each, in their order), ``speed`` (metres a second
        off the roads) and ``circuity``; None if the page does not hold the ways, because they are too many.
    packed
        Of n places, s stops, v junctions, e edges: ``lon``, ``lat`` (v, steps from the one before), ``tail`` (e, steps)
        and ``head`` (e, from the tail), ``inner`` (e, vertices between both), ``inner_lon``, ``inner_lat`` (steps along
        the edge); ``stops`` (n, of each place), ``stop_edge`` (s, steps), ``stop_m`` (s); and of each service ``way``
        (n, departure and five times the number of the place's stop), ``goal`` (of ways beside the junctions, in the
        order of places), ``tree`` (v), ``end`` (of ways over them, in the order of junctions: twice the goal, and one
        more if the edge is walked forward), ``goal_edge`` (one more than the edge's number; 0 none), ``goal_m``,
        ``goal_leg``, ``goal_lon``, ``goal_lat``.
    """
    trails, network = analysis.trails, analysis.network
    if trails is None or len(rows) * len(analysis.reach) > MOST_TOLD or not len(rows):
        return None, ""
    streets = _streets(trails, network)
    if int(np.diff(network.segment_offset)[streets.edge].sum()) + 2 * len(trails.stop_edge) > MOST_NUMBERS:
        return None, ""
    columns = [*_street_columns(streets, network), *_stop_columns(trails, streets, rows)]
    first = _first_stops(trails, rows)
    for i, trail in enumerate(trails.services.values()):
        columns += [(f"{name}{i}", values) for name, values in _service_columns(trail, streets, rows, first)]
    told, packed = packed_planes(columns)
    return {"columns": told, "speed": network.leg_speed_m_s, "circuity": units.CIRCUITY}, packed


def _streets(trails: Trails, network: NetworkData) -> _Streets:
    used = np.zeros(network.edge_count + 1, np.bool_)  # the last for none
    used[trails.stop_edge] = True
    for trail in trails.services.values():
        used[trail.edge] = used[trail.goal_edge] = True
    used[-1] = False
    edge = np.flatnonzero(used)
    number = np.where(used, np.cumsum(used) - 1, -1)
    ends = np.concatenate([network.edge_from[edge], network.edge_to[edge]])
    node, at = np.unique(ends, return_inverse=True)
    order = np.argsort(at, kind="stable")
    turn = np.empty(len(at), np.int64)
    turn[order] = np.arange(len(at)) - np.searchsorted(at[order], at[order])
    return _Streets(edge, number, node.astype(np.int64), at[: len(edge)], at[len(edge) :], turn)


def _street_columns(streets: _Streets, network: NetworkData) -> Iterator[Column]:
    """Junctions, edges, and the vertices between."""
    begin, end = network.segment_offset[streets.edge], network.segment_offset[streets.edge + 1]
    inner = end - begin - 1
    owner = np.repeat(np.arange(len(inner)), inner)
    first = np.cumsum(inner) - inner
    at = np.repeat(begin + streets.edge + 1 - first, inner) + np.arange(len(owner))
    yield "tail", steps(streets.tail)
    yield "head", streets.head - streets.tail
    yield "inner", inner
    lon, lat = (network.node_lon, network.vertex_lon), (network.node_lat, network.vertex_lat)
    for name, (node, vertex) in (("lon", lon), ("lat", lat)):
        own = _whole(node[streets.node])
        yield name, steps(own)
        between = steps(_whole(vertex[at]))
        begins = np.flatnonzero(inner)
        between[first[begins]] = _whole(vertex[at[first[begins]]]) - own[streets.tail[begins]]
        yield f"inner_{name}", between


def _first_stops(trails: Trails, rows: Ints) -> Ints:
    """(n,) the first stop of each place among all stops."""
    return np.searchsorted(trails.stop_place, rows)


def _stop_columns(trails: Trails, streets: _Streets, rows: Ints) -> Iterator[Column]:
    first = _first_stops(trails, rows)
    count = np.searchsorted(trails.stop_place, rows, side="right") - first
    stop = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(count.sum())
    yield "stops", count
    yield "stop_edge", steps(streets.number[trails.stop_edge[stop]])
    yield "stop_m", _decimetres(trails.stop_m[stop])


def _service_columns(trail: Trail, streets: _Streets, rows: Ints, first: Ints) -> Iterator[Column]:
    departure, stop = trail.departure[rows].astype(np.int64), trail.stop[rows]
    yield "way", departure + 5 * np.where(stop >= 0, stop - first, 0)
    yield "goal", trail.goal[rows][np.isin(departure, GOALWARD)].astype(np.int64)
    at, own = np.searchsorted(streets.node, trail.node), streets.number[trail.edge]
    turn = streets.turn[np.where(trail.ahead, own, own + len(streets.edge))]
    tree = np.zeros(len(streets.node), np.int64)
    tree[at] = np.where(trail.arrival >= 0, ARRIVES, TURNS + turn)
    yield "tree", tree
    arrives = trail.arrival >= 0
    yield "end", (2 * trail.arrival + trail.ahead)[arrives].astype(np.int64)
    yield "goal_edge", np.append(streets.number, -1)[trail.goal_edge] + 1
    yield "goal_m", _decimetres(trail.goal_m)
    yield "goal_leg", np.rint(trail.goal_leg_m).astype(np.int64)
    yield "goal_lon", steps(_whole(trail.goal_lon))
    yield "goal_lat", steps(_whole(trail.goal_lat))


def _whole(degrees: Floats) -> Ints:
    return np.rint(degrees * SCALE).astype(np.int64)


def _decimetres(metres: Floats) -> Ints:
    return np.rint(metres * 10.0).astype(np.int64)

