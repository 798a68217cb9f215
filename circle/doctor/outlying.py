"""A place asked for by its degrees that lies outside the region: how far, and whether the two numbers are swapped."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
import shapely.affinity

from circle import units
from circle.errors import Problem, Severity
from circle.model import Extent

FAR_M = 1000.0
"""Nearer to the extent a place may well belong to it: an extent ends where the roads do."""
MOST_LAT, MOST_LON = 90.0, 180.0

_GEOD = pyproj.Geod(ellps="WGS84")


def outlying(lon: float, lat: float, extent: Extent, wanted: str) -> Problem | None:
    """A warning where a place lies more than a kilometre outside the extent; None elsewhere.

    Parameters
    ----------
    lon, lat
        The place.
    extent
        Of the region.
    wanted
        How the user said it.

    Examples
    --------
    >>> here = Extent(shapely.box(118.0, 28.0, 119.0, 29.0), "declared")
    >>> outlying(118.5, 28.5, here, "118.5,28.5") is None
    True
    >>> problem = outlying(120.0, 28.5, here, "120.0,28.5")
    >>> problem.code, problem.fields["km"]
    ('route.outlying', '98')
    >>> outlying(28.5, 118.5, here, "28.5,118.5").fields["swapped"]
    '118.5,28.5'
    """
    away_m = outside_m(lon, lat, extent)
    if away_m <= FAR_M:
        return None
    kilometres = away_m / units.METRES_PER_KILOMETRE
    km = f"{kilometres:,.0f}" if kilometres >= 10 else f"{kilometres:.1f}"
    told = {"wanted": wanted, "km": km, "swapped": swapped(lon, lat, extent)}
    code = "route.outlying_swapped" if told["swapped"] else "route.outlying"
    return Problem(code, Severity.WARNING, told)


def swapped(lon: float, lat: float, extent: Extent) -> str:
    """The same two numbers the other way round where that lies within the extent; else nothing."""
    if abs(lon) > MOST_LAT or abs(lat) > MOST_LON or outside_m(lat, lon, extent) > FAR_M:
        return ""
    return f"{lat:g},{lon:g}"


def outside_m(lon: float, lat: float, extent: Extent) -> float:
    """Metres on the ellipsoid from a place to the extent; 0 within. A region at the 180th meridian has two sides.

    Examples
    --------
    >>> round(outside_m(-179.9, 0.0, Extent(shapely.box(179.0, -1.0, 180.0, 1.0), "declared")))
    11132
    """
    if shapely.intersects_xy(extent.polygon, lon, lat):
        return 0.0
    stretch = max(float(np.cos(np.radians(min(abs(lat), MOST_LAT)))), 1e-6)  # so that near is near in metres
    plane = shapely.affinity.scale(extent.polygon, xfact=stretch, yfact=1.0, origin=(0, 0))
    found = []
    for turn in (-360.0, 0.0, 360.0):
        place = shapely.Point((lon + turn) * stretch, lat)
        if shapely.distance(plane, place) == 0.0:
            return 0.0
        near = shapely.get_coordinates(shapely.shortest_line(plane, place))[0]
        found.append(float(_GEOD.inv(near[0] / stretch, near[1], lon + turn, lat)[2]))
    return min(found)
