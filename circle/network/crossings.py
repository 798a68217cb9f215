"""Roads are cut where they cross a barrier, so that a place may be joined to the part on its own side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from circle.kernels.grid import grid_of_segments, may_meet
from circle.kernels.projection import to_degrees, to_metres
from circle.model import BarrierSegments, Bools, Floats, Ints
from circle.network.segments import Segments

ASIDE_M = 0.01
"""A vertex stands so far on either side of the crossing: on the line itself rounding would decide its side."""


def cut_at_barriers(segments: Segments, attachable: Bools, walls: BarrierSegments, crs: str) -> Segments:
    """Segments with two vertices more at every crossing with a barrier, one on each of its sides.

    A place is joined to the nearest point of a segment. Where that lies across the water, the part of the segment on
    the near side would be lost with it. Lengths and impedance are shared out and sum up to what they were. Bridges and
    tunnels, to which no place is joined, stay whole; so do roads that share a vertex with the barrier.

    Parameters
    ----------
    segments
        With their impedance.
    attachable
        (s,) whether a place may be joined to the segment.
    walls
        Barriers in the projection `crs`.
    """
    x, y = to_metres(crs, segments.lon, segments.lat)
    grid = grid_of_segments(walls.x1, walls.y1, walls.x2, walls.y2)
    row = np.flatnonzero(attachable & may_meet(x, y, segments.start, segments.end, grid))
    if len(row) == 0:
        return segments
    ends = np.stack([np.column_stack([x[v], y[v]]) for v in (segments.start[row], segments.end[row])], axis=1)
    crossing, fraction = _crossings(ends, walls)
    if len(crossing) == 0:
        return segments
    aside = ASIDE_M / np.hypot(*(ends[crossing, 1] - ends[crossing, 0]).T)
    crossing, fraction = np.tile(crossing, 2), np.concatenate([fraction - aside, fraction + aside])
    inside = (fraction > 0.0) & (fraction < 1.0)
    cuts = np.unique(np.column_stack([crossing[inside], fraction[inside]]), axis=0)  # by segment, then along it
    crossing, fraction = cuts[:, 0].astype(np.int64), cuts[:, 1]
    at = ends[crossing, 0] + fraction[:, None] * (ends[crossing, 1] - ends[crossing, 0])
    return _split_at(segments, row[crossing], fraction, to_degrees(crs, at[:, 0], at[:, 1]))


def _crossings(ends: Floats, walls: BarrierSegments) -> tuple[Ints, Floats]:
    """Which of the segments (s, 2, 2) cross a wall from one side to the other, and how far along them."""
    drawn = np.stack([np.column_stack([walls.x1, walls.y1]), np.column_stack([walls.x2, walls.y2])], axis=1)
    tree = shapely.STRtree(np.asarray(shapely.linestrings(drawn), dtype=object))
    segment, wall = tree.query(np.asarray(shapely.linestrings(ends), dtype=object))
    (p, q), (a, b) = ends[segment].swapaxes(0, 1), drawn[wall].swapaxes(0, 1)
    start, end = _side(a, b, p), _side(a, b, q)
    across = (start * end < 0.0) & (_side(p, q, a) * _side(p, q, b) <= 0.0)
    return segment[across], start[across] / (start[across] - end[across])


def _side(a: Floats, b: Floats, p: Floats) -> Floats:
    """Positive where p lies left of a -> b, negative right of it, 0 on it."""
    return np.asarray((b[:, 0] - a[:, 0]) * (p[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (p[:, 0] - a[:, 0]))


def _split_at(segments: Segments, row: Ints, fraction: Floats, lonlat: tuple[Floats, Floats]) -> Segments:
    """Segments with new vertices, which follow the old ones, at fractions of the segments `row`, both ascending."""
    parts = 1 + np.bincount(row, minlength=len(segments.way))
    old = np.repeat(np.arange(len(parts)), parts)
    later = np.flatnonzero(np.arange(len(old)) != np.repeat(np.cumsum(parts) - parts, parts))
    start, end = segments.start[old], segments.end[old]
    low, high = np.zeros(len(old)), np.ones(len(old))
    start[later] = end[later - 1] = len(segments.lon) + np.arange(len(row))
    low[later] = high[later - 1] = fraction
    along, back = (
        np.rint(high * whole[old]).astype(np.int64) - np.rint(low * whole[old]).astype(np.int64)
        for whole in (segments.along, segments.back)
    )
    return replace(
        segments,
        lon=np.concatenate([segments.lon, lonlat[0]]),
        lat=np.concatenate([segments.lat, lonlat[1]]),
        start=start,
        end=end,
        way=segments.way[old],
        length_m=(high - low) * segments.length_m[old],
        along=along,
        back=back,
    )
