"""Putting `circle.model.Streets` together from gathered ways, whatever they were read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely

from circle.lazily import pd
from circle.load.walkability import Walk
from circle.model import Extent, Floats, Geometries, Ints, KnownImpedance, Streets


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
    columns = pd.DataFrame(list(walks), columns=list(Walk._fields)).iloc[ways.walk]
    class_number = {name: number for number, name in enumerate(classes)}
    return Streets(
        lon=lon[used],
        lat=lat[used],
        way_offset=ways.offset,
        way_vertex=vertex.astype(np.int64),
        way_id=ways.way_id,
        way_class=np.array([class_number[walk.way_class] for walk in walks], dtype=np.int16)[ways.walk],
        classes=classes,
        forward=columns["forward"].to_numpy(np.bool_),
        backward=columns["backward"].to_numpy(np.bool_),
        speed_factor=columns["speed_factor"].to_numpy(np.float64),
        duration_s=columns["duration_s"].to_numpy(np.float64),
        attachable=columns["attachable"].to_numpy(np.bool_),
        spans=columns["spans"].to_numpy(np.bool_),
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
    for way in np.flatnonzero(pd.Series(sums).duplicated(keep=False)):
        vertices = ways.vertex[ways.offset[way] : ways.offset[way + 1]]
        walk = walks[ways.walk[way]]
        if tuple(vertices[::-1]) < tuple(vertices):
            vertices, walk = vertices[::-1], walk._replace(forward=walk.backward, backward=walk.forward)
        # NaN is equal to nothing, not even in a set: an unfixed duration is written as -1 for comparing
        key = (vertices.tobytes(), walk if walk.duration_s >= 0 else walk._replace(duration_s=-1.0))
        repeated[way] = key in met
        met.add(key)
    return repeated


def road_lines(streets: Streets) -> Geometries:
    """(w,) ways as lines, WGS84."""
    lonlat = np.column_stack([streets.lon, streets.lat])[streets.way_vertex]
    way = np.repeat(np.arange(len(streets.way_offset) - 1), np.diff(streets.way_offset))
    return np.asarray(shapely.linestrings(lonlat, indices=way), dtype=object)
