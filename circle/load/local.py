"""Small shapes in metres around an origin of their own: exact enough for sites, whatever the size of the region."""

from __future__ import annotations

import numpy as np
import shapely

from circle.model import Floats, Geometries
from circle.units import WGS84_A_M, WGS84_E2


def metres_per_degree(lat: Floats) -> tuple[Floats, Floats]:
    """Metres per degree of longitude and of latitude on the WGS84 ellipsoid.

    Parameters
    ----------
    lat
        Degrees, any shape.

    Examples
    --------
    >>> [f"{float(m[0]):.0f}" for m in metres_per_degree(np.array([0.0]))]
    ['111319', '110574']
    """
    phi = np.radians(lat)
    squeeze = 1.0 - WGS84_E2 * np.sin(phi) ** 2
    parallel = WGS84_A_M / np.sqrt(squeeze) * np.cos(phi)
    meridian = WGS84_A_M * (1.0 - WGS84_E2) / squeeze**1.5
    return np.radians(parallel), np.radians(meridian)


def area_m2(polygons: Geometries) -> Floats:
    """Area of small polygons in degrees, in square metres, by the scale at their middle: good to 1 % for lakes.

    Examples
    --------
    >>> box = shapely.box(0.0, -0.0005, 0.001, 0.0005)  # 111.3 m by 110.6 m on the equator
    >>> round(float(area_m2(np.array([box]))[0]))
    12309
    """
    bounds = shapely.bounds(polygons).reshape(-1, 4)
    per_lon, per_lat = metres_per_degree((bounds[:, 1] + bounds[:, 3]) / 2)
    return np.asarray(shapely.area(polygons) * per_lon * per_lat, dtype=np.float64)


def to_local(shapes: Geometries, lon: Floats, lat: Floats) -> Geometries:
    """Shapes in degrees to metres east and north of each one's origin (`lon`, `lat`), all of length n."""
    return _scaled(shapes, lon, lat, inverse=False)


def from_local(shapes: Geometries, lon: Floats, lat: Floats) -> Geometries:
    """The inverse of `to_local`."""
    return _scaled(shapes, lon, lat, inverse=True)


def _scaled(shapes: Geometries, lon: Floats, lat: Floats, *, inverse: bool) -> Geometries:
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    scale = np.column_stack(metres_per_degree(lat))[owner]
    origin = np.column_stack([lon, lat])[owner]
    moved = coordinates / scale + origin if inverse else (coordinates - origin) * scale
    return np.asarray(shapely.set_coordinates(shapes.copy(), moved), dtype=object)
