"""Points that people hand in, as degrees that can be on Earth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from circle.errors import InputError, Problem, Severity
from circle.lazily import gpd, pd
from circle.model import Floats


def lon_lat(frame: pd.DataFrame) -> tuple[Floats, Floats]:
    """Degrees of each row of a frame.

    Raises
    ------
    InputError
        If the frame has neither geometries in a known system nor ``lon`` and ``lat``.
    """
    if not isinstance(frame, gpd.GeoDataFrame):
        missing = {"lon", "lat"} - set(frame.columns)
        if missing:
            refuse("api.no_coordinates", columns=", ".join(map(str, frame.columns)))
        return plausible(np.asarray(frame["lon"], np.float64), np.asarray(frame["lat"], np.float64))
    if frame.crs is None:
        refuse("api.no_crs")
    points = frame.geometry.to_crs("EPSG:4326").representative_point()
    return plausible(np.asarray(points.x, np.float64), np.asarray(points.y, np.float64))


def degrees(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Arrays of degrees from whatever can be one.

    Raises
    ------
    InputError
        If there are more longitudes than latitudes or the other way round, or one cannot be on Earth.
    """
    east, north = np.atleast_1d(np.asarray(lon, np.float64)), np.atleast_1d(np.asarray(lat, np.float64))
    if east.shape != north.shape or east.ndim != 1:
        refuse("api.uneven_points", lon=str(east.shape), lat=str(north.shape))
    return plausible(east, north)


def plausible(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """The same degrees, refused if any of them cannot be on Earth: swapped, or missing."""
    wrong = np.flatnonzero(~((np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0)))
    if len(wrong):
        first = int(wrong[0])
        refuse("api.impossible_point", count=len(wrong), position=first + 1, lon=lon[first], lat=lat[first])
    return lon, lat


def refuse(code: str, **fields: object) -> None:
    """Raise one problem.

    Raises
    ------
    InputError
        Always.
    """
    raise InputError(Problem(code, Severity.ERROR, fields))
