"""One local metric projection per region, chosen from where it lies."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

from circle.units import WGS84_A_M, WGS84_E2

Floats = npt.NDArray[np.float64]


def local_projection(lon: Floats, lat: Floats) -> str:
    """A transverse Mercator projection centred on the data, true to scale at its centre.

    Conformal, so that nearest places are nearest on the map too; at 100 km from the centre lines are 0.01 % too long,
    which is why measured lengths are ellipsoidal and never taken from it. Centred on half degrees, so that a road
    more or less does not move the grid.

    Parameters
    ----------
    lon, lat
        (n,) degrees; regions across the antimeridian are understood.

    Examples
    --------
    >>> import numpy as np
    >>> local_projection(np.array([118.7, 119.2]), np.array([28.8, 29.1]))
    '+proj=tmerc +lat_0=29 +lon_0=119 +k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m +no_defs'
    """
    shift = 360.0 if len(lon) and np.ptp(lon) > 180.0 else 0.0
    east = np.where(lon < 0, lon + shift, lon)
    lon_0 = _half_degree(float(east.min()) / 2 + float(east.max()) / 2) if len(lon) else 0.0
    lat_0 = _half_degree(float(lat.min()) / 2 + float(lat.max()) / 2) if len(lat) else 0.0
    if lon_0 > 180.0:
        lon_0 -= 360.0
    return f"+proj=tmerc +lat_0={lat_0:g} +lon_0={lon_0:g} +k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m +no_defs"


def _half_degree(degrees: float) -> float:
    return round(degrees * 2.0) / 2.0


@cache
def _transformer(source: str, target: str) -> Transformer:
    """Looking a system up costs more than transforming a thousand points."""
    return Transformer.from_crs(source, target, always_xy=True)


def to_metres(crs: str, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Degrees to metres of `crs`; NaN stays NaN."""
    x, y = _transformer("EPSG:4326", crs).transform(lon, lat)
    bad = ~(np.isfinite(lon) & np.isfinite(lat))
    return np.where(bad, np.nan, x), np.where(bad, np.nan, y)


def to_degrees(crs: str, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Metres of `crs` to degrees."""
    lon, lat = _transformer(crs, "EPSG:4326").transform(x, y)
    return np.asarray(lon), np.asarray(lat)


def to_crs(source: str, target: str, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Coordinates of one system in another, x (or longitude) first."""
    if source == target:
        return x, y
    east, north = _transformer(source, target).transform(x, y)
    return np.asarray(east), np.asarray(north)


def scale_factor(x: Floats, lat: Floats) -> Floats:
    """How much longer short lines are drawn by `local_projection` than they are on the ellipsoid.

    ``cosh(x / R)``, exact on the sphere, with Gauss's mean radius of the ellipsoid at that latitude; within 1e-6 of the
    ellipsoid's own up to 500 km from the central meridian.

    Parameters
    ----------
    x
        (n,) metres from the central meridian.
    lat
        (n,) degrees.

    Examples
    --------
    >>> import numpy as np
    >>> scale_factor(np.array([0.0, 100_000.0]), np.array([29.0, 29.0])).round(6).tolist()
    [1.0, 1.000123]
    """
    radius_m = WGS84_A_M * np.sqrt(1.0 - WGS84_E2) / (1.0 - WGS84_E2 * np.sin(np.radians(lat)) ** 2)
    return np.asarray(np.cosh(x / radius_m))
