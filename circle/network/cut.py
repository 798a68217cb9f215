"""Part of a network: some of its edges, with the junctions that they join and the barriers around them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

import numpy as np

from circle.model import Attachment, BarrierSegments, Bools, Floats, Ints, NetworkData

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Cut:
    """A part of a network; `edge` (e,) gives the number in the whole of each of its edges, ascending."""

    network: NetworkData
    edge: Ints

    def attachment(self, whole: Attachment) -> Attachment:
        """Candidates on the whole network as those on the part; each of their edges belongs to it."""
        return replace(whole, edge=np.searchsorted(self.edge, whole.edge).astype(np.int32))


def cut_network(network: NetworkData, edges: Ints, box: Box) -> Cut:
    """Some edges of a network, and its barriers within a box.

    Junctions, edges and barriers keep their order, so a search decides ties as it does on the whole. Pieces are those
    of the whole: what is joined beyond the part is joined.

    Parameters
    ----------
    network
        The whole; its arrays may lie on disk, only what belongs to the part is read.
    edges
        Numbers of the edges, ascending.
    box
        West, south, east, north in metres of the network's projection: barriers that meet it are kept.
    """
    nodes = np.unique(np.concatenate([network.edge_from[edges], network.edge_to[edges]]))
    number = {
        name: np.searchsorted(nodes, getattr(network, name)[edges]).astype(np.int32)
        for name in ("edge_from", "edge_to")
    }
    segments = network.segment_offset[edges + 1] - network.segment_offset[edges]
    segment = _ranges(network.segment_offset[edges], segments)
    vertex = _ranges(network.segment_offset[edges] + edges, segments + 1)
    of_node = {name: getattr(network, name)[nodes] for name in ("node_x", "node_y", "node_lon", "node_lat")}
    of_edge = {name: getattr(network, name)[edges] for name in ("edge_class", "forward", "backward")}
    of_vertex = {name: getattr(network, name)[vertex] for name in _OF_VERTEX}
    pieces, piece = np.unique(network.piece[nodes], return_inverse=True)
    part = replace(
        network,
        **of_node,
        **number,
        **of_edge,
        **of_vertex,
        segment_offset=np.concatenate([[0], np.cumsum(segments)]).astype(np.int64),
        attachable=network.attachable[segment],
        piece=piece.astype(np.int32),
        piece_count=len(pieces),
        barriers=_barriers_within(network.barriers, box),
    )
    return Cut(part, edges)


_OF_VERTEX = ("vertex_x", "vertex_y", "vertex_lon", "vertex_lat", "vertex_m", "cost_along", "cost_back")


def edges_within(network: NetworkData, box: Box) -> Bools:
    """(e,) whether the bounds of each edge meet a box in metres of the projection."""
    if network.edge_count == 0:
        return np.zeros(0, np.bool_)
    first = network.segment_offset[:-1] + np.arange(network.edge_count)
    west, south = (np.minimum.reduceat(axis, first) for axis in (network.vertex_x, network.vertex_y))
    east, north = (np.maximum.reduceat(axis, first) for axis in (network.vertex_x, network.vertex_y))
    return meets((west, south, east, north), box)


def meets(bounds: Iterable[Floats], box: Box) -> Bools:
    """Whether bounds (west, south, east, north) meet a box."""
    west, south, east, north = bounds
    return (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])


def _barriers_within(barriers: BarrierSegments, box: Box) -> BarrierSegments:
    low_x, high_x = np.minimum(barriers.x1, barriers.x2), np.maximum(barriers.x1, barriers.x2)
    low_y, high_y = np.minimum(barriers.y1, barriers.y2), np.maximum(barriers.y1, barriers.y2)
    kept = np.flatnonzero(meets((low_x, low_y, high_x, high_y), box))
    return BarrierSegments(*(getattr(barriers, field.name)[kept] for field in fields(barriers)))


def _ranges(first: Ints, count: Ints) -> Ints:
    """``first[0], first[0] + 1, …`` for `count[0]` numbers, then on from ``first[1]``."""
    begin = np.cumsum(count) - count
    return np.repeat(first - begin, count) + np.arange(int(count.sum()))
