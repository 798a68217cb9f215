"""Where people go into a site: at its point, or anywhere along the outline of a large one."""

from __future__ import annotations

import numpy as np
import shapely

from circle.load.local import from_local, to_local
from circle.model import Bools, Floats, Geometries, Ints

LARGE_SITE_M2 = 10_000.0
OUTLINE_STEP_M = 20.0


def entrances(shapes: Geometries) -> tuple[Floats, Floats, Ints, Bools]:
    """Where people go in.

    Points are their own entrances. Areas of 1 ha and more are entered anywhere along their outer outline, taken
    every 20 m or less; smaller areas and lines have one entrance, a point on them.

    Parameters
    ----------
    shapes
        (n,) geometries in degrees.

    Returns
    -------
    tuple of ndarray
        Longitude, latitude, row in `shapes` (ascending) and whether on the outline of a large site, (m,) each.

    Examples
    --------
    A square of about 98 m x 111 m (1.09 ha) near 28 degrees north: 5 steps along each shorter side, 6 along the longer.

    >>> lon, lat, row, outline = entrances(np.array([shapely.box(118.0, 28.0, 118.001, 28.001)]))
    >>> len(lon), bool(outline.all())
    (22, True)
    """
    centre = shapely.get_coordinates(shapely.centroid(shapes))
    metric = to_local(shapes, centre[:, 0], centre[:, 1])
    large = shapely.area(metric) >= LARGE_SITE_M2
    point = shapely.get_dimensions(shapes) == 0
    small = shapes.copy()
    small[~point] = shapely.point_on_surface(shapes[~point])
    xy, row = shapely.get_coordinates(small[~large], return_index=True)
    row = np.flatnonzero(~large)[row]
    parts, owner = shapely.get_parts(metric[large], return_index=True)
    owner = np.flatnonzero(large)[owner]
    rings = shapely.segmentize(shapely.get_exterior_ring(parts), OUTLINE_STEP_M)
    degrees = from_local(np.asarray(rings, dtype=object), centre[owner, 0], centre[owner, 1])
    ring_xy, ring = shapely.get_coordinates(degrees, return_index=True)
    open_ring = np.zeros(len(ring), dtype=bool)
    open_ring[:-1] = ring[1:] == ring[:-1]  # the last vertex of a ring repeats its first
    xy = np.concatenate([xy, ring_xy[open_ring]])
    row = np.concatenate([row, owner[ring[open_ring]]]).astype(np.int64)
    outline = large[row]
    order = np.argsort(row, kind="stable")
    return xy[order, 0], xy[order, 1], row[order], outline[order]
