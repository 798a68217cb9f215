"""Towns of junctions for kernels: as large as one likes, the same every time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from circle.kernels.chains import hilbert_order
from circle.kernels.projection import to_degrees
from circle.kernels.shortest import Arcs, Ends, Stops
from circle.model import BarrierSegments, NetworkData

BLOCK_M, MS_PER_M = 100.0, 900


class Town(NamedTuple):
    """Junctions and streets: where they are, and the two nodes of each street."""

    x: np.ndarray
    y: np.ndarray
    start: np.ndarray
    end: np.ndarray


def jittered_town(side: int, *, dropped: float = 0.25, hilbert: bool = True) -> Town:
    """side × side junctions a good 100 m apart, a quarter of the streets left out; in rows or along Hilbert's curve."""
    random = np.random.default_rng(7)
    number = np.arange(side * side).reshape(side, side)
    start = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    end = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    kept = random.random(len(start)) >= dropped
    start, end = start[kept], end[kept]
    x, y = (
        BLOCK_M * axis.ravel() + random.uniform(-40, 40, side * side) for axis in np.meshgrid(*[np.arange(side)] * 2)
    )
    if not hilbert:
        return Town(x, y, start, end)
    order = hilbert_order(x, y)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return Town(x[order], y[order], place[start], place[end])


def arcs_of_town(town: Town) -> Arcs:
    """Every street both ways at 4 km/h, in rows by the node where it ends."""
    metres = np.hypot(town.x[town.end] - town.x[town.start], town.y[town.end] - town.y[town.start])
    cost = np.rint(metres * MS_PER_M).astype(np.int64)
    forward = np.repeat([True, False], len(cost))
    return arcs_of(
        len(town.x), np.r_[town.end, town.start], np.r_[town.start, town.end], np.r_[cost, cost], forward=forward
    )


def ends_of_town(town: Town) -> Ends:
    """The streets as edges."""
    metres = np.hypot(town.x[town.end] - town.x[town.start], town.y[town.end] - town.y[town.start])
    cost = np.rint(metres * MS_PER_M).astype(np.int64)
    both = np.ones(len(cost), np.bool_)
    return Ends(town.start.astype(np.int32), town.end.astype(np.int32), cost, cost, both, both)


def stops_at(town: Town, node: np.ndarray) -> Stops:
    """Points on junctions: at one end of a street that is there; a junction without streets has no candidate."""
    ends = ends_of_town(town)
    street = np.full(len(town.x), -1, np.int64)
    street[town.end], street[town.start] = np.arange(len(town.end)), np.arange(len(town.start))
    joined = street[node] >= 0
    edge = street[node[joined]]
    whole = np.where(town.start[edge] == node[joined], 0, ends.along[edge])
    offset = np.concatenate([[0], np.cumsum(joined)]).astype(np.int64)
    return Stops(offset, edge.astype(np.int32), whole, whole, np.zeros(len(edge), np.int64))


def arcs_of(n: int, head: np.ndarray, tail: np.ndarray, cost: np.ndarray, *, forward: np.ndarray | None = None) -> Arcs:
    """Arcs in rows by head; the edge of an arc is its number, modulo the edges if there are two arcs to one."""
    order = np.lexsort((tail, head))
    offset = np.concatenate([[0], np.cumsum(np.bincount(head, minlength=n))]).astype(np.int64)
    edges = len(head) if forward is None else len(head) // 2
    ways = np.ones(len(head), np.bool_) if forward is None else forward
    edge = (np.arange(len(head)) % max(edges, 1)).astype(np.int32)
    return Arcs(offset, tail[order].astype(np.int32), cost[order].astype(np.int64), edge[order], ways[order])


def network_of_town(town: Town, crs: str) -> NetworkData:
    """Every street a straight edge of one segment, in the order of its middle along Hilbert's curve."""
    order = hilbert_order(town.x[town.start] + town.x[town.end], town.y[town.start] + town.y[town.end])
    start, end = town.start[order], town.end[order]
    edges = len(order)
    x, y = (np.column_stack([axis[start], axis[end]]).ravel() for axis in (town.x, town.y))
    metres = np.hypot(x[1::2] - x[::2], y[1::2] - y[::2])
    length_m = np.column_stack([np.zeros(edges), metres]).ravel()
    cost = np.rint(length_m * MS_PER_M).astype(np.int64)
    lon, lat = to_degrees(crs, x, y)
    node_lon, node_lat = to_degrees(crs, town.x, town.y)
    nothing, yes = np.empty(0), np.ones(edges, np.bool_)
    return NetworkData(
        crs=crs,
        metric="time",
        leg_speed_m_s=1000.0 / MS_PER_M,
        top_speed_m_s=1000.0 / MS_PER_M,
        node_x=town.x,
        node_y=town.y,
        node_lon=node_lon,
        node_lat=node_lat,
        edge_from=start.astype(np.int32),
        edge_to=end.astype(np.int32),
        edge_class=np.zeros(edges, np.int16),
        classes=("residential",),
        forward=yes,
        backward=yes,
        segment_offset=np.arange(edges + 1),
        attachable=yes,
        vertex_x=x,
        vertex_y=y,
        vertex_lon=lon,
        vertex_lat=lat,
        vertex_m=length_m,
        cost_along=cost,
        cost_back=cost,
        piece=np.zeros(len(town.x), np.int32),
        piece_count=1,
        barriers=BarrierSegments(nothing, nothing, nothing, nothing, np.empty(0, np.bool_)),
    )
