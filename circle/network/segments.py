"""Streets as single segments, finer where heights are known, each with its impedance both ways."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from circle import units
from circle.kernels.heights import sample_bilinear
from circle.kernels.lengths import ellipsoid_distance_m
from circle.kernels.projection import to_crs
from circle.lazily import scipy
from circle.model import Bools, Elevation, Floats, Ints, Pace, Streets

WHISPER = 1e-9
"""Weight of the ground under a bridge, beside the metres' own (1 / m): nothing, unless nothing else holds it."""


@dataclass(frozen=True, eq=False)
class Segments:
    """s segments between n vertices, still in the order of their ways.

    `lon`, `lat` are (n,) vertices; `start`, `end`, `way`, `length_m`, `along`, `back` are (s,): vertex numbers, way
    number, ellipsoidal length, and impedance from start to end and from end to start (-1: not yet known).
    """

    lon: Floats
    lat: Floats
    start: Ints
    end: Ints
    way: Ints
    length_m: Floats
    along: Ints
    back: Ints


def split_into_segments(streets: Streets, pace: Pace, elevation: Elevation | None) -> Segments:
    """Segments of all ways with their impedance.

    Walking time is length over walking speed, the way's speed factor and, where heights are known, Tobler's factor of
    the slope in the direction walked, along the true profile: segments longer than the height grid's step are split.
    Ferries take their stated duration, shared out by length. Distances are lengths. Impedance is rounded once per
    segment. What the streets know themselves stays as it is.
    """
    bare = _bare(streets)
    measured = replace(bare, length_m=_lengths_m(bare))
    if pace.metric == "distance":
        whole = units.to_impedance(measured.length_m)
        return _with_impedance(measured, whole, whole)
    slope = np.zeros(len(measured.way))
    if elevation is not None:
        measured, slope = _with_profile(measured, streets, elevation)
    return _timed(measured, slope, streets, pace)


def _bare(streets: Streets) -> Segments:
    """Consecutive vertices of every way, not yet measured; a vertex that follows itself makes no segment."""
    way = np.repeat(np.arange(len(streets.way_id)), np.diff(streets.way_offset))
    same_way = way[:-1] == way[1:]
    start, end = streets.way_vertex[:-1][same_way], streets.way_vertex[1:][same_way]
    real, nothing = start != end, np.full(len(start), -1, np.int64)
    along, back = (nothing, nothing) if streets.known is None else (streets.known.along, streets.known.back)
    return Segments(
        lon=streets.lon,
        lat=streets.lat,
        start=start[real],
        end=end[real],
        way=way[:-1][same_way][real],
        length_m=np.empty(0),
        along=along[real],
        back=back[real],
    )


def _lengths_m(segments: Segments) -> Floats:
    lon, lat, a, b = segments.lon, segments.lat, segments.start, segments.end
    return ellipsoid_distance_m(lon[a], lat[a], lon[b], lat[b])


def _timed(segments: Segments, slope: Floats, streets: Streets, pace: Pace) -> Segments:
    """Seconds by the speed model, or by the share of a fixed duration, rounded to impedance."""
    way = segments.way
    flat_s = segments.length_m / (pace.walking_speed_m_s * streets.speed_factor[way])
    along_s, back_s = flat_s / units.tobler_factor(slope), flat_s / units.tobler_factor(-slope)
    duration_s = streets.duration_s[way]
    fixed = ~np.isnan(duration_s)
    if fixed.any():
        way_length_m = np.bincount(way, segments.length_m, len(streets.way_id))[way[fixed]]
        share = np.divide(segments.length_m[fixed], way_length_m, out=np.zeros(fixed.sum()), where=way_length_m > 0)
        along_s[fixed] = back_s[fixed] = duration_s[fixed] * share
    return _with_impedance(segments, units.to_impedance(along_s), units.to_impedance(back_s))


def _with_impedance(segments: Segments, along: Ints, back: Ints) -> Segments:
    """With the impedance of those segments that have none of their own."""
    return replace(
        segments,
        along=np.where(segments.along < 0, along, segments.along),
        back=np.where(segments.back < 0, back, segments.back),
    )


def _with_profile(segments: Segments, streets: Streets, elevation: Elevation) -> tuple[Segments, Floats]:
    """Segments no longer than the height grid's step, and the slope of each from start to end.

    Bridges and tunnels do not follow the ground: between their ends the height runs straight. Unknown heights count as
    level ground.
    """
    step_m = _grid_step_m(elevation, segments)
    parts = np.maximum(1, np.ceil(segments.length_m / step_m - 1e-9)).astype(np.int64)
    parts[(segments.along >= 0) | (segments.back >= 0)] = 1
    fine = _split(segments, parts)
    height = _heights(elevation, fine.lon, fine.lat)
    spans = streets.spans[fine.way]
    if spans.any():
        height = _straightened(fine, height, spans)
    rise = height[fine.end] - height[fine.start]
    rise = np.where(np.isnan(rise), 0.0, rise)
    slope = np.divide(rise, fine.length_m, out=np.zeros(len(rise)), where=fine.length_m > 0)
    return fine, slope


def _grid_step_m(elevation: Elevation, segments: Segments) -> float:
    """The ground size of one step of the height grid, at the first vertex."""
    a, b, _, d, e, _ = elevation.transform
    x, y = to_crs("EPSG:4326", elevation.crs, segments.lon[:1], segments.lat[:1])
    step_x, step_y = np.array([x[0], x[0] + a, x[0] + b]), np.array([y[0], y[0] + d, y[0] + e])
    lon, lat = to_crs(elevation.crs, "EPSG:4326", step_x, step_y)
    steps = ellipsoid_distance_m(lon[[0, 0]], lat[[0, 0]], lon[1:], lat[1:])
    return float(steps.min())


def _split(segments: Segments, parts: Ints) -> Segments:
    """Every segment in `parts` equal pieces; the new vertices follow the old ones."""
    piece = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
    old = np.repeat(np.arange(len(parts)), parts)
    inner = piece > 0  # the piece starts at a new vertex
    fraction = piece[inner] / parts[old[inner]]
    a, b = segments.start[old[inner]], segments.end[old[inner]]
    new_vertex = len(segments.lon) + np.arange(inner.sum())
    start, end = segments.start[old], segments.end[old]
    start[inner] = new_vertex
    end[np.flatnonzero(inner) - 1] = new_vertex
    return replace(
        segments,
        lon=np.concatenate([segments.lon, _between(segments.lon[a], segments.lon[b], fraction)]),
        lat=np.concatenate([segments.lat, segments.lat[a] + fraction * (segments.lat[b] - segments.lat[a])]),
        start=start,
        end=end,
        way=segments.way[old],
        length_m=(segments.length_m / parts)[old],
        along=segments.along[old],
        back=segments.back[old],
    )


def _between(start: Floats, end: Floats, fraction: Floats) -> Floats:
    """Longitudes on the way from start to end, the short way round the globe."""
    step = end - start
    lon = start + fraction * (step - 360.0 * np.rint(step / 360.0))
    return lon - 360.0 * np.rint(lon / 360.0)


def _heights(elevation: Elevation, lon: Floats, lat: Floats) -> Floats:
    x, y = to_crs("EPSG:4326", elevation.crs, lon, lat)
    return sample_bilinear(elevation.height_m, elevation.transform, x, y)


def _straightened(segments: Segments, height: Floats, spans: Bools) -> Floats:
    """Heights with bridges and tunnels drawn straight from ground to ground, however many ways they are made of.

    A vertex that only bridges or tunnels touch hangs free: its height is the mean of its neighbours' weighted by
    nearness, which on a line is linear interpolation. An end that nothing else touches stands on the ground.
    """
    start, end = segments.start[spans], segments.end[spans]
    count = np.bincount(np.concatenate([start, end]), minlength=len(height))
    grounded = np.bincount(np.concatenate([segments.start[~spans], segments.end[~spans]]), minlength=len(height)) > 0
    free = (count > 1) & ~grounded
    if not free.any():
        return height
    number = np.full(len(height), -1)
    number[free] = np.arange(free.sum())
    weight = 1.0 / np.maximum(segments.length_m[spans], 1e-3)
    u, v = np.concatenate([start, end]), np.concatenate([end, start])
    weight = np.concatenate([weight, weight])
    mine = free[u] & (free[v] | ~np.isnan(height[v]))  # an end of unknown height holds nothing up
    u, v, weight = number[u[mine]], v[mine], weight[mine]
    inner = free[v]
    size = int(free.sum())
    # a whisper of the ground keeps a ring of bridges that touches nothing from having no height at all
    own = np.where(np.isnan(height[free]), 0.0, height[free])
    system = scipy.sparse.diags_array(np.bincount(u, weight, size) + WHISPER) - scipy.sparse.coo_array(
        (weight[inner], (u[inner], number[v[inner]])), shape=(size, size)
    )
    known = np.bincount(u[~inner], weight[~inner] * height[v[~inner]], size) + WHISPER * own
    straight = height.copy()
    straight[free] = scipy.sparse.linalg.spsolve(system.tocsc(), known)
    return straight
