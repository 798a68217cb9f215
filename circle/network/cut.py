"""Part of a network: some of its edges, with the junctions that they join and the barriers around them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

import numpy as np

from circle.model import Attachment, BarrierSegments, Bools, Floats, Int16s, Int32s, Ints, NetworkData

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Cut:
    """A part of a network; `edge` (e,) gives the number in the whole of each of its edges, ascending."""

    network: NetworkData
    edge: Ints

    def attachment(self, whole: Attachment) -> Attachment:
        """Candidates on the whole network as those on the part; each of their edges belongs to it."""
        return replace(whole, edge=np.searchsorted(self.edge, whole.edge).astype(np.int32))


def cut_network(network: NetworkData, edges: Ints, walls: Ints) -> Cut:
    """Some edges of a network, and some of its barriers.

    Junctions, edges and barriers keep their order, so a search decides ties as it does on the whole. What is joined
    beyond the part is joined: pieces are those of the whole, numbered anew, and nothing else is told of the whole.

    Parameters
    ----------
    network
        The whole; its arrays may lie on disk, only what belongs to the part is read.
    edges
        Numbers of the edges, ascending.
    walls
        Numbers of the barriers, ascending.
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
    of_edge = {name: getattr(network, name)[edges] for name in ("forward", "backward")}
    of_vertex = {name: getattr(network, name)[vertex] for name in _OF_VERTEX}
    piece, pieces = _pieces(network.piece[nodes])
    edge_class, classes = _classes(network.classes, network.edge_class[edges])
    part = replace(
        network,
        **of_node,
        **number,
        **of_edge,
        **of_vertex,
        segment_offset=np.concatenate([[0], np.cumsum(segments)]).astype(np.int64),
        attachable=network.attachable[segment],
        edge_class=edge_class,
        classes=classes,
        piece=piece,
        piece_count=pieces,
        barriers=BarrierSegments(*(getattr(network.barriers, field.name)[walls] for field in fields(BarrierSegments))),
        counts={},
    )
    return Cut(part, edges)


_OF_VERTEX = ("vertex_x", "vertex_y", "vertex_lon", "vertex_lat", "vertex_m", "cost_along", "cost_back")


def bounds_of_edges(network: NetworkData) -> tuple[Floats, Floats, Floats, Floats]:
    """West, south, east, north of each edge, (e,) metres of the projection."""
    if network.edge_count == 0:
        return (np.empty(0),) * 4
    first = network.segment_offset[:-1] + np.arange(network.edge_count)
    west, south = (np.minimum.reduceat(axis, first) for axis in (network.vertex_x, network.vertex_y))
    east, north = (np.maximum.reduceat(axis, first) for axis in (network.vertex_x, network.vertex_y))
    return west, south, east, north


def meets(bounds: Iterable[Floats], box: Box) -> Bools:
    """Whether bounds (west, south, east, north) meet a box."""
    west, south, east, north = bounds
    return (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])


def _classes(names: tuple[str, ...], whole: Int16s) -> tuple[Int16s, tuple[str, ...]]:
    """Only the classes that occur, by name."""
    known, label = np.unique(whole, return_inverse=True)
    own = [names[number] for number in known.tolist()]
    rank = np.argsort(np.argsort(np.array(own, dtype=object), kind="stable"), kind="stable")
    return rank.astype(np.int16)[label], tuple(sorted(own))


def _pieces(whole: Int32s) -> tuple[Int32s, int]:
    """Pieces numbered anew, the one with most of these junctions first, among equals the one that is met first."""
    _, first, label, count = np.unique(whole, return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(count), np.int32)
    rank[np.lexsort((first, -count))] = np.arange(len(count))
    return rank[label], len(count)


def _ranges(first: Ints, count: Ints) -> Ints:
    """``first[0], first[0] + 1, …`` for `count[0]` numbers, then on from ``first[1]``."""
    begin = np.cumsum(count) - count
    return np.repeat(first - begin, count) + np.arange(int(count.sum()))
