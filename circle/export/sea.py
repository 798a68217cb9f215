"""The sea: the data know its shore only, lines with the water on their right. Map and report paint the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import shapely

from circle.model import BARRIER_KINDS, Barriers, Bools, Floats, Geometries

Box = tuple[float, float, float, float]

BACK = 0.1
"""Of the window's width: how far one looks back along a shore that ends, to see where it heads."""
ROADS = 0.005
"""Of the junctions in the window: where more stand, a shore that ends has no sea beside it after all."""
MOST_JUNCTIONS = 20_000


def is_shore(barriers: Barriers) -> Bools:
    """Which lines have water on one side."""
    shore: Bools = (barriers.kind == BARRIER_KINDS.index("water")) & barriers.one_sided
    return shore


def shores_in(barriers: Barriers, box: Box, tolerance: float) -> list[Floats]:
    """The shores that meet the box, as points; simplified, and joined where they were."""
    offset, found = barriers.line_offset, []
    for number in np.flatnonzero(is_shore(barriers) & (np.diff(offset) >= 2)).tolist():
        x, y = (axis[offset[number] : offset[number + 1]] for axis in (barriers.lon, barriers.lat))
        if x.max() < box[0] or x.min() > box[2] or y.max() < box[1] or y.min() > box[3]:
            continue
        found.append(shapely.get_coordinates(shapely.simplify(shapely.linestrings(x, y), tolerance)))
    return found


def sea_faces(shores: Sequence[Floats], box: Box, junctions: Floats) -> Geometries:
    """What lies to the right of the shores in a box, as polygons.

    The shores cut the box into faces. Each stretch of shore says of the face on its right that it is water and of
    that on its left that it is land, by its length; the longer word counts: a slip in the data floods no island.
    Where a shore ends within the box, for there end the data, the sea ends at a line straight out: land that is not
    in the data is not painted.

    Parameters
    ----------
    shores
        (m, 2) degrees each, water on the right; see `shores_in`.
    box
        West, south, east, north.
    junctions
        (n, 2) degrees of the road network: where they stand there is no sea.
    """
    if not len(shores):
        return np.empty(0, dtype=object)
    frame = shapely.box(*box)
    out = _straight_out(shores, box)
    lines = np.array([*map(shapely.linestrings, shores), *out], dtype=object)
    cut = shapely.intersection(np.array([*lines, shapely.boundary(frame)], dtype=object), frame)
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(cut)]))
    wet = np.zeros(len(faces))
    tree = shapely.STRtree(faces)
    for side, word in ((1.0, 1.0), (-1.0, -1.0)):
        points, weights = _beside(shores, side * (box[2] - box[0]) * 1e-5)
        point, face = tree.query(points, predicate="within")
        wet += word * np.bincount(face, weights=weights[point], minlength=len(faces))
    wet[_of_roads(faces, out, box, junctions)] = 0.0
    return np.asarray(faces[wet > 0])


def _straight_out(shores: Sequence[Floats], box: Box) -> list[shapely.LineString]:
    """From each end of a shore within the box, at a right angle to it, over the water to the frame."""
    whole = shapely.line_merge(shapely.MultiLineString([line.tolist() for line in shores]), directed=True)
    lines = list(map(shapely.get_coordinates, shapely.get_parts(whole)))
    met = Counter(tuple(end.tolist()) for line in lines for end in (line[0], line[-1]))
    found = []
    for line in lines:
        for way, forward in ((line[::-1], 1.0), (line, -1.0)):  # from the end on back, from the beginning on
            end = way[0]
            if met[tuple(end.tolist())] % 2 == 0 or not (box[0] < end[0] < box[2] and box[1] < end[1] < box[3]):
                continue
            out = shapely.LineString([end, _to_the_right(way, forward, box)])
            crossed = shapely.get_coordinates(shapely.intersection(out, whole))
            if np.count_nonzero((crossed != end).any(axis=1)) % 2 == 0:  # else it comes to the frame over land
                found.append(out)
    return found


def _to_the_right(way: Floats, forward: float, box: Box) -> tuple[float, float]:
    """Where one comes to the frame from the first of `way`, to the right of where the shore heads: by quarters."""
    stretch, end = float(np.cos(np.radians((box[1] + box[3]) / 2))), way[0]
    away = (way - end) * (stretch, 1.0)
    far = np.hypot(*away.T) >= BACK * (box[2] - box[0]) * stretch
    x, y = -forward * (away[np.argmax(far)] if far.any() else away[-1])
    if abs(y) > abs(x):
        return (box[2] if y > 0 else box[0]), float(end[1])
    return float(end[0]), (box[3] if x < 0 else box[1])


def _of_roads(faces: Geometries, out: list[shapely.LineString], box: Box, junctions: Floats) -> Bools:
    """Faces that lines straight out bound, and that roads say to be land."""
    land = np.zeros(len(faces), dtype=np.bool_)
    west, south, east, north = box
    x, y = junctions.T
    within = junctions[(x > west) & (x < east) & (y > south) & (y < north)]
    if not out or not len(within):
        return land
    points = shapely.points(within[:: len(within) // MOST_JUNCTIONS + 1])
    shapely.prepare(faces)
    for i in np.flatnonzero(shapely.intersects(faces, shapely.union_all(out))).tolist():
        land[i] = np.count_nonzero(shapely.contains(faces[i], points)) > ROADS * len(points)
    return land


def _beside(lines: Sequence[Floats], distance: float) -> tuple[Geometries, Floats]:
    """A point to the right of the middle of each segment, at `distance`; and how long each segment is."""
    begins = np.concatenate([line[:-1] for line in lines])
    steps = np.concatenate([np.diff(line, axis=0) for line in lines])
    lengths = np.hypot(*steps.T)
    real = lengths > 0
    begins, steps, lengths = begins[real], steps[real], lengths[real]
    right = np.column_stack([steps[:, 1], -steps[:, 0]]) / lengths[:, None]
    return np.asarray(shapely.points(begins + steps / 2 + right * distance)), lengths
