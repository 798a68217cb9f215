"""The network, and how places are joined to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from circle.model.arrays import Bools, Floats, Int16s, Int32s, Ints


class Pace(Protocol):
    """How a network is walked: what impedance counts, and how fast; `circle.settings.Question` is one that says it."""

    @property
    def metric(self) -> Literal["time", "distance"]:
        """Whether impedance is milliseconds or millimetres."""

    @property
    def walking_speed_m_s(self) -> float:
        """On the flat."""


@dataclass(frozen=True, eq=False)
class BarrierSegments:
    """Barriers as single segments in the network's projection, (k,) each; see `Barriers` for `one_sided`."""

    x1: Floats
    y1: Floats
    x2: Floats
    y2: Floats
    one_sided: Bools


@dataclass(frozen=True, eq=False)
class NetworkData:
    """The street network: junctions joined by edges, each edge a chain of segments. n nodes, e edges, s segments.

    Edge i owns the segments ``segment_offset[i]:segment_offset[i + 1]`` and one vertex more than that: its vertices are
    ``segment_offset[i] + i : segment_offset[i + 1] + i + 1``.

    Parameters
    ----------
    crs
        The local metric projection, as text that PROJ reads.
    metric
        ``"time"`` (impedance in ms) or ``"distance"`` (in mm).
    leg_speed_m_s
        Walking speed off the network; for distances 1.0, so that one unit of impedance is one millimetre.
    top_speed_m_s
        The fastest that anything moves on this network.
    node_x, node_y, node_lon, node_lat
        (n,) junctions.
    edge_from, edge_to
        (e,) node numbers.
    edge_class
        (e,) index into `classes`.
    forward, backward
        (e,) whether the edge may be walked from `edge_from` to `edge_to`, and back.
    segment_offset
        (e + 1,).
    attachable
        (s,) whether a place may be joined to this segment.
    vertex_x, vertex_y, vertex_lon, vertex_lat, vertex_m
        (s + e,) vertices of the edges and the metres from the edge's start.
    cost_along, cost_back
        (s + e,) cumulative impedance from the edge's start to the vertex going forward, and from the vertex back to
        the start; integer, rounded once per segment.
    piece, piece_count
        (n,) connected piece of the network (directions ignored); 0 is the one with most nodes.
    counts
        What was met while building (``"zero_length_segments"``, ``"loops"`` …).
    """

    crs: str
    metric: str
    leg_speed_m_s: float
    top_speed_m_s: float
    node_x: Floats
    node_y: Floats
    node_lon: Floats
    node_lat: Floats
    edge_from: Int32s
    edge_to: Int32s
    edge_class: Int16s
    classes: tuple[str, ...]
    forward: Bools
    backward: Bools
    segment_offset: Ints
    attachable: Bools
    vertex_x: Floats
    vertex_y: Floats
    vertex_lon: Floats
    vertex_lat: Floats
    vertex_m: Floats
    cost_along: Ints
    cost_back: Ints
    piece: Int32s
    piece_count: int
    barriers: BarrierSegments
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def node_count(self) -> int:
        """Number of junctions and ends."""
        return len(self.node_x)

    @property
    def edge_count(self) -> int:
        """Number of edges."""
        return len(self.edge_from)


@dataclass(frozen=True, eq=False)
class Attachment:
    """How n points are joined to the network: every candidate of DESIGN 3, c in all.

    Parameters
    ----------
    offset
        (n + 1,) candidates of each point.
    edge
        (c,) edge number.
    along, back
        (c,) impedance from the edge's start to the exact place on it going forward, and from there back to the start.
    leg
        (c,) impedance of the access leg (circuity included).
    leg_m
        (c,) straight metres of the leg.
    x, y
        (c,) the place on the edge.
    barred
        (n,) the nearest edge of all, at whatever distance within the search, was rejected for a barrier; in the water,
        also because it is too far off.
    """

    offset: Ints
    edge: Int32s
    along: Ints
    back: Ints
    leg: Ints
    leg_m: Floats
    x: Floats
    y: Floats
    barred: Bools
