"""A network unpacked into the arrays that the kernels take, once, for many searches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from circle.kernels.grid import Grid, grid_of_segments
from circle.kernels.rows import ALL, in_rows
from circle.kernels.shortest import Arcs, Ends, Stops
from circle.kernels.snap import Rails
from circle.kernels.walls import Walls, walls_of
from circle.model import Attachment, Bools, Floats, Int32s, Ints, NetworkData

ByEdge = tuple[Ints, Ints, Ints]
OnEdge = tuple[Ints, Ints, Ints, Ints]


@dataclass(frozen=True, eq=False)
class Engine:
    """What searches need of a network: reversed arcs, edge ends, segments to attach to, walls.

    `rail_segment` gives for each attachable segment its number in the network.
    """

    network: NetworkData
    arcs: Arcs
    ends: Ends
    rails: Rails
    rail_segment: Ints
    walls: Walls

    @property
    def grids(self) -> Grids:
        """For `build_engine`, another time."""
        return Grids(self.rails.grid, self.walls.grid)

    @cached_property
    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the roads in metres of the plane; all 0 without any."""
        x, y = self.network.vertex_x, self.network.vertex_y
        return (float(x.min()), float(y.min()), float(x.max()), float(y.max())) if len(x) else (0.0, 0.0, 0.0, 0.0)


class Grids(NamedTuple):
    """What takes longest to unpack: where the attachable segments and the walls lie."""

    rails: Grid
    walls: Grid


def build_engine(network: NetworkData, grids: Grids | None = None) -> Engine:
    """Unpack a network; `grids` are those of an earlier engine of the very same network."""
    segment_count = np.diff(network.segment_offset)
    edge = np.repeat(np.arange(network.edge_count, dtype=np.int32), segment_count)
    start = np.arange(len(edge)) + edge
    has_length = np.hypot(np.diff(network.vertex_x)[start], np.diff(network.vertex_y)[start]) > 0.0
    usable = np.flatnonzero(network.attachable & has_length & (network.forward | network.backward)[edge])
    tail = start[usable]
    x1, y1 = network.vertex_x[tail], network.vertex_y[tail]
    x2, y2 = network.vertex_x[tail + 1], network.vertex_y[tail + 1]
    wall = network.barriers
    if grids is None:
        grids = Grids(grid_of_segments(x1, y1, x2, y2), grid_of_segments(wall.x1, wall.y1, wall.x2, wall.y2))
    return Engine(
        network=network,
        arcs=_reversed_arcs(network),
        ends=_ends(network),
        rails=Rails(x1, y1, x2, y2, edge[usable], _goes_on(usable, edge, has_length), grids.rails),
        rail_segment=usable,
        walls=walls_of(wall.x1, wall.y1, wall.x2, wall.y2, wall.one_sided, grids.walls),
    )


def _goes_on(segment: Ints, edge: Int32s, has_length: Bools) -> Bools:
    """Whether the following attachable segment continues the road on the same edge; vertices drawn twice are one."""
    goes_on = np.zeros(len(segment), np.bool_)
    drawn = np.cumsum(has_length)[segment]
    goes_on[:-1] = (np.diff(drawn) == 1) & (edge[segment[1:]] == edge[segment[:-1]])
    return goes_on


def _ends(network: NetworkData) -> Ends:
    last = network.segment_offset[1:] + np.arange(network.edge_count)
    return Ends(
        network.edge_from,
        network.edge_to,
        network.cost_along[last],
        network.cost_back[last],
        network.forward,
        network.backward,
    )


def _reversed_arcs(network: NetworkData) -> Arcs:
    """Arcs in rows by the node they end in, each row in the order of edges."""
    ends = _ends(network)
    ahead, behind = np.flatnonzero(network.forward), np.flatnonzero(network.backward)
    head = np.concatenate([ends.end[ahead], ends.start[behind]])
    tail = np.concatenate([ends.start[ahead], ends.end[behind]])
    cost = np.concatenate([ends.along[ahead], ends.back[behind]])
    edge = np.concatenate([ahead, behind]).astype(np.int32)
    forward = np.r_[np.ones(len(ahead), np.bool_), np.zeros(len(behind), np.bool_)]
    order = np.lexsort((edge, head))
    offset = np.concatenate([[0], np.cumsum(np.bincount(head, minlength=network.node_count))]).astype(np.int64)
    return Arcs(offset, tail[order], cost[order], edge[order], forward[order])


def stops_of(attachment: Attachment) -> Stops:
    """An attachment as the kernels take it."""
    return Stops(attachment.offset, attachment.edge, attachment.along, attachment.back, attachment.leg)


def by_edge(attachment: Attachment | Stops, edge_count: int) -> ByEdge:
    """The candidates in rows by edge: ``(offset, candidate, point)``."""
    _, offset, order = in_rows(attachment.edge, np.arange(len(attachment.edge)), edge_count, ALL)
    point = np.repeat(np.arange(len(attachment.offset) - 1), np.diff(attachment.offset))
    return offset, order, point[order]


def on_edge(attachment: Attachment | Stops, edge_count: int) -> OnEdge:
    """The candidates in rows by edge: ``(begin, end, candidate, point)``, row e from ``begin[e]`` to ``end[e]``."""
    offset, candidate, point = by_edge(attachment, edge_count)
    return offset[:-1], offset[1:], candidate, point


def grid_of_points(x: Floats, y: Floats) -> Grid:
    """Points in a grid."""
    return grid_of_segments(x, y, x, y)
