"""How far places are from the edge of the data."""

from __future__ import annotations

import numpy as np
import shapely

from circle.antimeridian import around, cut
from circle.kernels.projection import to_degrees, to_metres
from circle.model import Bools, Extent, Floats, Geometries

CHORD_DEGREES = 0.01
METRES_PER_DEGREE = 111_000.0
ROUNDING = 1.000001
SEAM_M = 0.001
"""Within which the two sides of the 180th meridian are one line."""


def metres_to_boundary(extent: Extent, crs: str, x: Floats, y: Floats, farthest_m: float) -> Floats:
    """Straight metres from each point to the boundary of the data; 0 outside it, NaN where the location is unknown.

    Parameters
    ----------
    extent
        Where the data claim to be complete.
    crs
        The projection of `x` and `y`.
    x, y
        (n,) metres.
    farthest_m
        Distances beyond it are of no consequence: they come out as ``inf``, or smaller than they are, though not
        smaller than this.
    """
    polygon = shapely.transform(_around(extent, crs, x, y, farthest_m), lambda p: np.column_stack(to_metres(crs, *p.T)))
    if shapely.get_num_geometries(polygon) > 1:  # the cut along the 180th meridian is no boundary of the data
        polygon = shapely.union_all(shapely.get_parts(polygon), grid_size=SEAM_M)
    shapely.prepare(polygon)
    metres = np.full(len(x), np.nan)
    known = np.flatnonzero(np.isfinite(x))
    inside = known[shapely.contains_xy(polygon, x[known], y[known])]
    metres[known] = 0.0
    if len(inside):
        rings = shapely.get_parts(shapely.boundary(polygon))
        tree = shapely.STRtree(np.concatenate([_pieces(ring) for ring in rings]))
        metres[inside] = np.inf
        near = inside[_may_be_near(tree, x[inside], y[inside], farthest_m)]
        metres[near] = _to_nearest(tree, x[near], y[near])
    return metres


def _may_be_near(tree: shapely.STRtree, x: Floats, y: Floats, farthest_m: float) -> Bools:
    """False only for points farther away than that: asked once per square of that side, of which there are few."""
    corner = np.floor(x / farthest_m) + 1j * np.floor(y / farthest_m)
    corners, square = np.unique(corner, return_inverse=True)
    middle = (corners + 0.5 + 0.5j) * farthest_m
    to_corner = farthest_m * np.sqrt(0.5)
    near: Bools = _to_nearest(tree, middle.real, middle.imag) <= farthest_m + to_corner * ROUNDING
    return near[square]


def _to_nearest(tree: shapely.STRtree, x: Floats, y: Floats) -> Floats:
    """Metres from each point to the nearest line of the tree."""
    _, distance = tree.query_nearest(shapely.points(x, y), return_distance=True, all_matches=False)
    return np.asarray(distance, dtype=np.float64)


def _around(extent: Extent, crs: str, x: Floats, y: Floats, farthest_m: float) -> shapely.Geometry:
    """The part of the extent that matters, its sides in short chords: a box round a country is curved in metres."""
    lon, lat = to_degrees(crs, x[np.isfinite(x)], y[np.isfinite(y)])
    if len(lon) == 0:
        return extent.polygon
    lon = around(lon)
    north = farthest_m * 1.1 / METRES_PER_DEGREE + CHORD_DEGREES
    east = north / max(np.cos(np.radians(np.abs(lat).max())), 0.01)
    box = cut(shapely.box(lon.min() - east, lat.min() - north, lon.max() + east, lat.max() + north))
    near: shapely.Geometry = shapely.segmentize(shapely.intersection(extent.polygon, box), CHORD_DEGREES)
    return near


def _pieces(ring: shapely.Geometry) -> Geometries:
    """A ring as single segments, so that the tree can find the near ones."""
    points = shapely.get_coordinates(ring)
    return np.asarray(shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1)), dtype=object)
