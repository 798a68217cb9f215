"""Segments become edges: chains between junctions, in space-filling order, with cumulative impedance both ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from circle import units
from circle.kernels.chains import chain, connected_pieces, hilbert_order, incidence, junctions
from circle.kernels.projection import local_projection, to_metres
from circle.kernels.rows import sums_in_rows
from circle.model import Barriers, BarrierSegments, Bools, Elevation, Floats, Int32s, Ints, NetworkData, Pace, Streets
from circle.network.crossings import cut_at_barriers
from circle.network.segments import Segments, split_into_segments

BOTH_WAYS, ALONG_ONLY, BACK_ONLY = 3, 1, 2
LEAST_TIMED_M = 1.0
"""In shorter segments the rounding to milliseconds looks like speed."""


@dataclass(frozen=True, eq=False)
class _Chains:
    """Edges as rows of segments: `order` of segments, whether each is walked `flipped`, and where rows start."""

    offset: Ints
    order: Ints
    flipped: Bools


def build_network(
    streets: Streets,
    barriers: Barriers,
    pace: Pace,
    *,
    elevation: Elevation | None = None,
    projection: str | None = None,
) -> NetworkData:
    """Build the street network.

    Parameters
    ----------
    streets
        Walkable ways.
    barriers
        Lines that access legs do not cross.
    pace
        Metric and walking speed.
    elevation
        Heights for Tobler's slope factor; None: level ground.
    projection
        A local metric projection, in which streets keep their order whatever streets are added; None: that of the
        streets.

    Returns
    -------
    NetworkData
        Directed. Nodes are junctions, dead ends, and places where the open directions change; everything between is a
        chain. Parallel edges and loops stay. Nodes and edges are in Hilbert order.
    """
    crs = projection or local_projection(streets.lon, streets.lat)
    walls = _barrier_segments(barriers, crs)
    segments = split_into_segments(streets, pace, elevation)
    top_speed_m_s = _top_speed_m_s(segments, streets, pace, elevation)
    segments = cut_at_barriers(segments, streets.attachable[segments.way], walls, crs)
    x, y = to_metres(crs, segments.lon, segments.lat)
    ways_open = _ways_open(streets)[segments.way]
    offset, at = incidence(len(segments.lon), segments.start, segments.end)
    is_junction = junctions(offset, at, segments.start, ways_open)
    by_curve = hilbert_order(x, y, fixed=projection is not None)
    chains = _Chains(*chain(offset, at, segments.start, segments.end, is_junction, by_curve))
    nodes = by_curve[is_junction[by_curve]]
    node_of = np.full(len(segments.lon), -1, np.int64)
    node_of[nodes] = np.arange(len(nodes))
    vertex = _vertices_of(chains, segments)
    ends = _row_ends(chains.offset)
    edge_from, edge_to = node_of[vertex[ends[0]]].astype(np.int32), node_of[vertex[ends[1]]].astype(np.int32)
    first = chains.order[chains.offset[:-1]]
    first_open = np.where(chains.flipped[chains.offset[:-1]], _turned(ways_open[first]), ways_open[first])
    piece, piece_count = _pieces(edge_from, edge_to, len(nodes))
    along, back, length_m = _cumulated(chains, segments)
    return NetworkData(
        crs=crs,
        metric=pace.metric,
        leg_speed_m_s=pace.walking_speed_m_s if pace.metric == "time" else 1.0,
        top_speed_m_s=top_speed_m_s,
        node_x=x[nodes],
        node_y=y[nodes],
        node_lon=segments.lon[nodes],
        node_lat=segments.lat[nodes],
        edge_from=edge_from,
        edge_to=edge_to,
        edge_class=streets.way_class[segments.way[first]],
        classes=streets.classes,
        forward=(first_open & ALONG_ONLY) > 0,
        backward=(first_open & BACK_ONLY) > 0,
        segment_offset=chains.offset,
        attachable=streets.attachable[segments.way[chains.order]],
        vertex_x=x[vertex],
        vertex_y=y[vertex],
        vertex_lon=segments.lon[vertex],
        vertex_lat=segments.lat[vertex],
        vertex_m=length_m,
        cost_along=along,
        cost_back=back,
        piece=piece,
        piece_count=piece_count,
        barriers=walls,
        counts=_counts(streets, segments, loops=int((edge_from == edge_to).sum())),
    )


def _counts(streets: Streets, segments: Segments, *, loops: int) -> dict[str, int]:
    """What went in and what came of it, for the provenance."""
    return {
        **streets.counts,
        "ways": len(streets.way_id),
        "segments": len(segments.way),
        "zero_length_segments": int((segments.length_m == 0).sum()),
        "loops": loops,
    }


def _ways_open(streets: Streets) -> Ints:
    return streets.forward.astype(np.int64) * ALONG_ONLY + streets.backward.astype(np.int64) * BACK_ONLY


def _turned(ways_open: Ints) -> Ints:
    return np.where((ways_open == BOTH_WAYS) | (ways_open == 0), ways_open, BOTH_WAYS - ways_open)


def _top_speed_m_s(segments: Segments, streets: Streets, pace: Pace, elevation: Elevation | None) -> float:
    """The fastest walker downhill, the fastest ferry, or the fastest segment that came with its own time."""
    if pace.metric == "distance":
        return 1.0
    downhill = 1.0 if elevation is None else units.TOBLER_MAX_FACTOR
    walking = pace.walking_speed_m_s * downhill * max(1.0, float(streets.speed_factor.max(initial=1.0)))
    length_m = np.bincount(segments.way, segments.length_m, len(streets.way_id))
    sailing = np.divide(length_m, streets.duration_s, out=np.zeros(len(length_m)), where=streets.duration_s > 0)
    own_s = units.from_impedance(np.minimum(segments.along, segments.back))
    measurable = (segments.length_m >= LEAST_TIMED_M) & (own_s > 0) & (streets.known is not None)
    own = segments.length_m[measurable] / own_s[measurable]
    return max(walking, float(np.nanmax(sailing, initial=0.0)), float(own.max(initial=0.0)))


def _row_ends(segment_offset: Ints) -> tuple[Ints, Ints]:
    """Positions of each edge's first and last vertex in the flat vertex arrays."""
    edge = np.arange(len(segment_offset) - 1)
    return segment_offset[:-1] + edge, segment_offset[1:] + edge


def _vertices_of(chains: _Chains, segments: Segments) -> Ints:
    """Vertex numbers of every edge in walking order: s + e of them."""
    tail = np.where(chains.flipped, segments.end[chains.order], segments.start[chains.order])
    head = np.where(chains.flipped, segments.start[chains.order], segments.end[chains.order])
    count = np.diff(chains.offset)
    vertex = np.empty(len(chains.order) + len(count), np.int64)
    position = np.arange(len(chains.order)) + np.repeat(np.arange(len(count)), count)
    vertex[position] = tail
    vertex[_row_ends(chains.offset)[1]] = head[chains.offset[1:] - 1]
    return vertex


def _cumulated(chains: _Chains, segments: Segments) -> tuple[Ints, Ints, Floats]:
    """Impedance along, impedance back and metres, summed from each edge's start."""
    order, flipped = chains.order, chains.flipped
    along = np.where(flipped, segments.back[order], segments.along[order])
    back = np.where(flipped, segments.along[order], segments.back[order])
    return (
        _sums_by_row(chains.offset, along),
        _sums_by_row(chains.offset, back),
        sums_in_rows(chains.offset, segments.length_m[order]),
    )


def _sums_by_row(offset: Ints, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Running sums within rows, each row beginning with 0: one item more per row than `values` has."""
    total = np.concatenate([np.zeros(1, values.dtype), np.cumsum(values)])
    count = np.diff(offset)
    position = np.repeat(offset[:-1], count + 1) + _counting(count + 1)
    return np.asarray(total[position] - np.repeat(total[offset[:-1]], count + 1))


def _counting(count: Ints) -> Ints:
    """0, 1, … within each row of the given lengths."""
    return np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)


def _pieces(edge_from: Int32s, edge_to: Int32s, n: int) -> tuple[Int32s, int]:
    """Connected pieces, directions ignored, the one with most nodes first."""
    label, count = connected_pieces(n, edge_from, edge_to)
    rank = np.empty(count, np.int32)
    rank[np.argsort(-np.bincount(label, minlength=count), kind="stable")] = np.arange(count)
    return rank[label], int(count)


def _barrier_segments(barriers: Barriers, crs: str) -> BarrierSegments:
    x, y = to_metres(crs, barriers.lon, barriers.lat)
    line = np.repeat(np.arange(len(barriers.kind)), np.diff(barriers.line_offset))
    joined = np.flatnonzero(line[:-1] == line[1:])
    return BarrierSegments(x[joined], y[joined], x[joined + 1], y[joined + 1], barriers.one_sided[line[joined]])
