"""Putting `circle.model.Streets` together from gathered ways, whatever they were read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from circle.load.walkability import Walk
from circle.model import Bools, Extent, Floats, Geometries, Ints, KnownImpedance, Streets

_WALKED = ("forward", "backward", "speed_factor", "duration_s", "attachable", "spans")


class Ways(NamedTuple):
    """Ways as arrays.

    Parameters
    ----------
    offset, vertex
        Vertices of each way in drawing order, as row numbers of the vertices.
    way_id
        (w,) number in the source.
    walk
        (w,) row number in the list of distinct `Walk`.
    known
        Impedance of the segments. Two ways that are drawn alike may differ in it, so that all are kept.
    """

    offset: Ints
    vertex: Ints
    way_id: Ints
    walk: Ints
    known: KnownImpedance | None = None


def build_streets(
    lon: Floats,
    lat: Floats,
    ways: Ways,
    walks: Sequence[Walk],
    *,
    counts: Mapping[str, int],
    extent: Extent | None = None,
) -> Streets:
    """Streets of `ways` that are walked as `walks` say; a way drawn twice is kept once and counted.

    Parameters
    ----------
    lon, lat
        (n,) vertices, WGS84 degrees; those of no way are dropped.
    walks
        The distinct ways of walking that ``ways.walk`` points to.
    """
    keep = ~_drawn_before(ways, walks)
    tally = {
        **counts,
        **({"duplicate_way": counts.get("duplicate_way", 0) + int((~keep).sum())} if not keep.all() else {}),
    }
    ways = _select(ways, keep)
    used, vertex = np.unique(ways.vertex, return_inverse=True)
    classes = tuple(dict.fromkeys(walk.way_class for walk in walks))
    columns = {name: np.array([getattr(walk, name) for walk in walks])[ways.walk] for name in _WALKED}
    class_number = {name: number for number, name in enumerate(classes)}
    return Streets(
        lon=lon[used],
        lat=lat[used],
        way_offset=ways.offset,
        way_vertex=vertex.astype(np.int64),
        way_id=ways.way_id,
        way_class=np.array([class_number[walk.way_class] for walk in walks], dtype=np.int16)[ways.walk],
        classes=classes,
        forward=columns["forward"].astype(np.bool_),
        backward=columns["backward"].astype(np.bool_),
        speed_factor=columns["speed_factor"].astype(np.float64),
        duration_s=columns["duration_s"].astype(np.float64),
        attachable=columns["attachable"].astype(np.bool_),
        spans=columns["spans"].astype(np.bool_),
        counts=tally,
        extent=extent,
        known=ways.known,
    )


def offsets(lengths: Sequence[int] | Ints) -> Ints:
    """Offset array of rows with these lengths.

    >>> offsets([2, 3]).tolist()
    [0, 2, 5]
    """
    return np.concatenate([[0], np.cumsum(np.asarray(lengths, dtype=np.int64))]).astype(np.int64)


def _select(ways: Ways, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Ways:
    """The ways where `keep`."""
    if keep.all():
        return ways
    lengths = np.diff(ways.offset)
    return Ways(offsets(lengths[keep]), ways.vertex[np.repeat(keep, lengths)], ways.way_id[keep], ways.walk[keep])


def _drawn_before(ways: Ways, walks: Sequence[Walk]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which ways have the vertices of an earlier one, in either order, and are walked in the same manner.

    A sum of scrambled vertex numbers, the same in both orders, picks the few candidates; those are compared in full.
    """
    repeated = np.zeros(len(ways.way_id), dtype=np.bool_)
    if not len(repeated) or ways.known is not None:
        return repeated
    scrambled = (ways.vertex.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    scrambled ^= scrambled >> np.uint64(29)
    sums = np.add.reduceat(scrambled * np.uint64(0xBF58476D1CE4E5B9), ways.offset[:-1])
    met: set[tuple[bytes, Walk]] = set()
    for way in np.flatnonzero(_occurs_again(sums)):
        vertices = ways.vertex[ways.offset[way] : ways.offset[way + 1]]
        walk = walks[ways.walk[way]]
        if tuple(vertices[::-1]) < tuple(vertices):
            vertices, walk = vertices[::-1], walk._replace(forward=walk.backward, backward=walk.forward)
        # NaN is equal to nothing, not even in a set: an unfixed duration is written as -1 for comparing
        key = (vertices.tobytes(), walk if walk.duration_s >= 0 else walk._replace(duration_s=-1.0))
        repeated[way] = key in met
        met.add(key)
    return repeated


def _occurs_again(values: npt.NDArray[np.uint64]) -> Bools:
    """Which values stand there more than once.

    >>> _occurs_again(np.array([5, 7, 5], dtype=np.uint64)).tolist()
    [True, False, True]
    """
    order = np.argsort(values, kind="stable")
    same = np.diff(values[order]) == 0
    again = np.zeros(len(values), dtype=np.bool_)
    again[order] = np.concatenate([same, [False]]) | np.concatenate([[False], same])
    return again


def road_lines(streets: Streets) -> Geometries:
    """(w,) ways as lines, WGS84."""
    lonlat = np.column_stack([streets.lon, streets.lat])[streets.way_vertex]
    way = np.repeat(np.arange(len(streets.way_offset) - 1), np.diff(streets.way_offset))
    return np.asarray(shapely.linestrings(lonlat, indices=way), dtype=object)
