"""Points of a user's frame, refused where they cannot be meant."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from circle.errors import InputError, Problem, Severity
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
        return _plausible(np.asarray(frame["lon"], np.float64), np.asarray(frame["lat"], np.float64))
    if frame.crs is None:
        refuse("api.no_crs")
    points = frame.geometry.to_crs("EPSG:4326").representative_point()
    return _plausible(np.asarray(points.x, np.float64), np.asarray(points.y, np.float64))


def _plausible(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """The same degrees, refused if any of them cannot be on Earth: swapped, or missing."""
    wrong = np.flatnonzero(~((np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0)))
    if len(wrong):
        first = int(wrong[0])
        refuse("api.impossible_point", count=len(wrong), position=first + 1, lon=lon[first], lat=lat[first])
    return lon, lat


def refuse(code: str, **fields: object) -> None:
    """An error, by its entry in the catalogue and the values of its sentence."""
    raise InputError(Problem(code, Severity.ERROR, fields))
