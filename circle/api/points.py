"""Points that people hand in, as degrees that can be on Earth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from circle.api.arguments import Argument
from circle.lazily import gpd, pd
from circle.model import Floats


def lon_lat(frame: pd.DataFrame, at: Argument) -> tuple[Floats, Floats]:
    """Degrees of each row of a frame.

    Raises
    ------
    InputError
        If it is no frame, or has neither geometries in a known system nor ``lon`` and ``lat``.
    """
    if not isinstance(frame, pd.DataFrame):
        at.refuse("api.frame_needed", found=type(frame).__name__)
    if isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name is not None:
        return plausible(*_of_shapes(frame, at), at)
    names = frame.columns.tolist()
    shown = ", ".join(map(str, names))
    if not {"lon", "lat"} <= set(names):
        at.refuse("api.no_coordinates", columns=shown)
    if names.count("lon") > 1 or names.count("lat") > 1:
        at.refuse("api.columns_twice", columns=shown)
    lon, lat = (at.named(name).numbers(frame[name]) for name in ("lon", "lat"))
    return plausible(lon, lat, at)


def _of_shapes(frame: gpd.GeoDataFrame, at: Argument) -> tuple[Floats, Floats]:
    """A point inside each shape; NaN where there is none."""
    import shapely  # where there are shapes
    from pyproj.exceptions import ProjError

    if frame.crs is None:
        at.refuse("api.no_crs")
    try:
        shapes = np.asarray(frame.geometry.to_crs("EPSG:4326").array, dtype=object)
    except ProjError as error:
        at.refuse("api.no_degrees", reason=str(error).split("\n", maxsplit=1)[0])
    vertex, row = shapely.get_coordinates(shapes, return_index=True)
    shapes[row[~np.isfinite(vertex).all(axis=1)]] = None  # GEOS takes what is nowhere for what is at 0, 0
    points = shapely.point_on_surface(shapes)
    points[shapely.is_empty(points)] = None
    return shapely.get_x(points), shapely.get_y(points)


def degrees(lon: npt.ArrayLike, lat: npt.ArrayLike, at: Argument) -> tuple[Floats, Floats]:
    """Arrays of degrees from whatever can be one.

    Raises
    ------
    InputError
        If they are no numbers, there are more longitudes than latitudes or the other way round, or one cannot be on
        Earth.
    """
    east, north = np.atleast_1d(at.named("lon").numbers(lon)), np.atleast_1d(at.named("lat").numbers(lat))
    if east.shape != north.shape or east.ndim != 1:
        at.refuse("api.uneven_points", lon=str(east.shape), lat=str(north.shape))
    return plausible(east, north, at)


def plausible(lon: Floats, lat: Floats, at: Argument) -> tuple[Floats, Floats]:
    """The same degrees, refused if any of them cannot be on Earth: swapped, or missing."""
    wrong = np.flatnonzero(~((np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0)))
    if len(wrong):
        first = int(wrong[0])
        at.refuse("api.impossible_point", count=len(wrong), position=first + 1, lon=lon[first], lat=lat[first])
    return lon, lat
