"""Distances on the ellipsoid, fast enough for every segment of every road."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pyproj import Geod

from circle.units import WGS84_A_M, WGS84_E2

Floats = npt.NDArray[np.float64]

MID_LATITUDE_MAX_M = 5_000.0
"""Longer pairs are handed to PROJ's geodesic."""

MID_LATITUDE_MAX_CONVERGENCE_M = 20_000.0
"""So are pairs whose length times tan(latitude) exceeds this: near the poles the meridians converge too fast."""

_GEOD = Geod(ellps="WGS84")


def ellipsoid_distance_m(lon1: npt.ArrayLike, lat1: npt.ArrayLike, lon2: npt.ArrayLike, lat2: npt.ArrayLike) -> Floats:
    """Geodesic distance between pairs of points on WGS84, relative error below 1e-6 everywhere.

    Short pairs use the mid-latitude formula: with M the meridian and N the prime-vertical radius of curvature at the
    mean latitude, ``s² = (M dlat)² + (N cos(lat) dlon)²`` (e.g. Snyder 1987, *Map Projections*, eq. 4-18 to 4-20, for
    the radii). Its relative error grows as ``(s / R)² (1 + tan² lat) / 24``, which stays below 5e-7 within the two
    bounds above; other pairs go to PROJ. The short way is taken across the antimeridian.

    Parameters
    ----------
    lon1, lat1, lon2, lat2
        Degrees, any shapes that broadcast; NaN gives NaN.

    Returns
    -------
    Floats
        Metres.

    Examples
    --------
    One minute of latitude at 45 degrees is a nautical mile:

    >>> round(float(ellipsoid_distance_m(10.0, 45.0 - 1 / 120, 10.0, 45.0 + 1 / 120)), 1)
    1852.2
    >>> round(float(ellipsoid_distance_m(179.999, 0.0, -179.999, 0.0)), 2)  # 0.002° of an equator of 40,075,016.7 m
    222.64
    """
    lon_1, lat_1, lon_2, lat_2 = np.broadcast_arrays(
        *(np.asarray(values, dtype=np.float64) for values in (lon1, lat1, lon2, lat2))
    )
    degrees_east = lon_2 - lon_1
    degrees_east = degrees_east - 360.0 * np.rint(degrees_east / 360.0)
    middle = np.radians((lat_1 + lat_2) / 2.0)
    sine, cosine = np.sin(middle), np.cos(middle)
    curvature = 1.0 - WGS84_E2 * sine * sine
    prime_vertical = WGS84_A_M / np.sqrt(curvature)
    meridian = prime_vertical * (1.0 - WGS84_E2) / curvature
    metres = np.hypot(meridian * np.radians(lat_2 - lat_1), prime_vertical * cosine * np.radians(degrees_east))
    convergence = metres * np.abs(sine)
    far = (metres > MID_LATITUDE_MAX_M) | (convergence > MID_LATITUDE_MAX_CONVERGENCE_M * np.abs(cosine))
    if far.any():
        metres = np.array(metres)
        metres[far] = _GEOD.inv(lon_1[far], lat_1[far], lon_2[far], lat_2[far])[2]
    return np.asarray(metres, dtype=np.float64)
