"""The sea: the data know its shore only, as lines with the water on their right."""

from __future__ import annotations

import numpy as np
import shapely
from matplotlib.path import Path

from circle.model import BARRIER_KINDS, Barriers, Bools, Floats, Geometries
from circle.report.paths import Window, compound, lines_in


def sea_path(barriers: Barriers, view: Window) -> Path | None:
    """What lies to the right of the shores in the window; None where there is no shore.

    The shores cut the window into faces. Each stretch of shore says of the face on its right that it is water and of
    that on its left that it is land, by its length; the longer word counts: a slip in the data floods no island.
    """
    shores = lines_in(barriers.lon, barriers.lat, barriers.line_offset, _is_shore(barriers), view)
    if not shores:
        return None
    frame = shapely.box(*view.box)
    lines = np.array([shapely.linestrings(line) for line in shores], dtype=object)
    cut = shapely.intersection(np.array([*lines, shapely.boundary(frame)], dtype=object), frame)
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(cut)]))
    wet = np.zeros(len(faces))
    tree = shapely.STRtree(faces)
    for side, word in ((1.0, 1.0), (-1.0, -1.0)):
        points, weights = _beside(shores, side * (view.box[2] - view.box[0]) * 1e-5)
        point, face = tree.query(points, predicate="within")
        wet += word * np.bincount(face, weights=weights[point], minlength=len(faces))
    sea = faces[wet > 0]
    if not len(sea):
        return None
    coordinates, owner = shapely.get_coordinates(shapely.get_rings(sea), return_index=True)
    return compound(coordinates, owner, closed=True)


def _is_shore(barriers: Barriers) -> Bools:
    shore: Bools = (barriers.kind == BARRIER_KINDS.index("water")) & barriers.one_sided
    return shore


def _beside(lines: list[Floats], distance: float) -> tuple[Geometries, Floats]:
    """A point to the right of the middle of each segment, at `distance`; and how long each segment is."""
    begins = np.concatenate([line[:-1] for line in lines])
    steps = np.concatenate([np.diff(line, axis=0) for line in lines])
    lengths = np.hypot(*steps.T)
    real = lengths > 0
    begins, steps, lengths = begins[real], steps[real], lengths[real]
    right = np.column_stack([steps[:, 1], -steps[:, 0]]) / lengths[:, None]
    return np.asarray(shapely.points(begins + steps / 2 + right * distance)), lengths
