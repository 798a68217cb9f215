"""How far places are from the edge of the data."""

from __future__ import annotations

import numpy as np
import shapely

from circle.kernels.projection import to_metres
from circle.model import Extent, Floats, Geometries


def metres_to_boundary(extent: Extent, crs: str, x: Floats, y: Floats) -> Floats:
    """Straight metres from each point to the boundary of the data; 0 outside it, NaN where the location is unknown.

    Parameters
    ----------
    extent
        Where the data claim to be complete.
    crs
        The projection of `x` and `y`.
    x, y
        (n,) metres.
    """
    polygon = shapely.transform(extent.polygon, lambda p: np.column_stack(to_metres(crs, p[:, 0], p[:, 1])))
    shapely.prepare(polygon)
    metres = np.full(len(x), np.nan)
    known = np.flatnonzero(np.isfinite(x))
    inside = known[shapely.contains_xy(polygon, x[known], y[known])]
    metres[known] = 0.0
    if len(inside):
        rings = shapely.get_parts(shapely.boundary(polygon))
        tree = shapely.STRtree(np.concatenate([_pieces(ring) for ring in rings]))
        points = shapely.points(x[inside], y[inside])
        index, distance = tree.query_nearest(points, return_distance=True, all_matches=False)
        metres[inside[index[0]]] = distance
    return metres


def _pieces(ring: shapely.Geometry) -> Geometries:
    """A ring as single segments, so that the tree can find the near ones."""
    points = shapely.get_coordinates(ring)
    return np.asarray(shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1)), dtype=object)
