"""Coordinate systems of the inputs, the shifted Chinese datums GCJ-02 and BD-09 among them, to WGS84 degrees.

GCJ-02 is the system of Amap, Tencent and most Chinese web maps, BD-09 that of Baidu; read as WGS84 they lie some
500 m off. The formulae are the published ones (as in wandergis/coordTransform_py); their inverse is found by
fixed-point iteration instead of the usual single step, which is up to 4 m off.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj.exceptions import CRSError

from circle.load.located import Located
from circle.model import Floats

WGS84 = "EPSG:4326"
SHIFTED = ("gcj02", "bd09")
AUTO = "auto"
"""Told by evidence; see `circle.load.auto`."""

_SPELLINGS = {
    "gcj02": "gcj02",
    "gcj02ll": "gcj02",
    "amap": "gcj02",
    "bd09": "bd09",
    "bd09ll": "bd09",
    "baidu": "bd09",
    "wgs84": WGS84,
    "cgcs2000": "EPSG:4490",
}
_SEMI_MAJOR_M = 6378245.0  # Krasovsky 1940, which the shift is defined on
_ECCENTRICITY2 = 0.00669342162296594323
_BD_PI = np.pi * 3000.0 / 180.0
_BOX = (72.004, 0.8293, 137.8347, 55.8271)  # outside it nothing is shifted
_ROUNDS = 40  # five reach 1e-7 m nearly everywhere; close to 105 E, where a root in the formula bends, it takes more
_CLOSE_DEG = 2e-13

Forward = Callable[[Floats, Floats], tuple[Floats, Floats]]


def gcj02_from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """WGS84 to GCJ-02 degrees; outside China unchanged.

    Parameters
    ----------
    lon, lat
        Degrees, any equal shape.

    Examples
    --------
    >>> lon, lat = gcj02_from_wgs84(118.874, 28.9417)
    >>> round(float(lon), 6), round(float(lat), 6)
    (118.878772, 28.938573)
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    east, north = _shift_m(lon - 105.0, lat - 35.0)
    phi = np.radians(lat)
    squeeze = 1.0 - _ECCENTRICITY2 * np.sin(phi) ** 2
    meridian_m = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY2) / squeeze**1.5
    parallel_m = _SEMI_MAJOR_M / np.sqrt(squeeze) * np.cos(phi)
    inside = in_china(lon, lat)
    return (
        np.where(inside, lon + np.degrees(east / parallel_m), lon),
        np.where(inside, lat + np.degrees(north / meridian_m), lat),
    )


def bd09_from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """WGS84 to BD-09 degrees; outside China unchanged.

    Examples
    --------
    >>> lon, lat = bd09_from_wgs84(118.874, 28.9417)
    >>> round(float(lon), 6), round(float(lat), 6)
    (118.885336, 28.944379)
    """
    x, y = gcj02_from_wgs84(lon, lat)
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * _BD_PI)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * _BD_PI)
    inside = in_china(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    return (
        np.where(inside, radius * np.cos(angle) + 0.0065, x),
        np.where(inside, radius * np.sin(angle) + 0.006, y),
    )


def to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, crs: str) -> tuple[Floats, Floats]:
    """Coordinates in `crs` to WGS84 degrees.

    Parameters
    ----------
    lon, lat
        Longitudes and latitudes, or eastings and northings; any equal shape. NaN stays NaN.
    crs
        As `named_crs` returns it: ``"gcj02"``, ``"bd09"`` or anything that PROJ reads.

    Examples
    --------
    >>> lon, lat = to_wgs84([118.878771913], [28.938572538], "gcj02")
    >>> lon.round(6).tolist(), lat.round(6).tolist()
    ([118.874], [28.9417])
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if crs == "gcj02":
        return _inverse(gcj02_from_wgs84, x, y)
    if crs == "bd09":
        return _inverse(bd09_from_wgs84, x, y)
    if crs == WGS84:
        return x.copy(), y.copy()
    transformer = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True)
    east, north = transformer.transform(x, y)
    usable = np.isfinite(east) & np.isfinite(north)
    return np.where(usable, east, np.nan), np.where(usable, north, np.nan)


def named_crs(written: str, at: Located) -> str | None:
    """The coordinate system that a user wrote, in one spelling; None after recording that there is no such system.

    Examples
    --------
    >>> from circle.errors import Findings
    >>> at = Located(Findings(), "schools.csv")
    >>> named_crs("GCJ-02", at), named_crs("epsg:4549", at), named_crs("EPSG:1", at)
    ('gcj02', 'EPSG:4549', None)
    """
    plain = _plain(written)
    if plain == AUTO:
        at.error("crs.auto_not_here")
        return None
    if plain in _SPELLINGS:
        return _SPELLINGS[plain]
    try:
        crs = pyproj.CRS.from_user_input(written.strip())
    except CRSError:
        at.error("crs.unknown", value=written)
        return None
    return str(crs.to_string())


def is_auto(written: str | None) -> bool:
    """Whether the user leaves the system to evidence."""
    return written is not None and _plain(written) == AUTO


def _plain(written: str) -> str:
    return written.strip().lower().replace("-", "").replace("_", "").replace(" ", "")


def frame_to_wgs84(frame: gpd.GeoDataFrame, crs: str | None, at: Located) -> gpd.GeoDataFrame | None:
    """A frame in WGS84: from `crs` where it is given, else from its own system.

    None after recording an error: no system known, metres where degrees are expected or the other way round.
    """
    own = None if frame.crs is None else frame.crs.to_string()
    if crs is None and own is None:
        at.error("crs.missing")
        return None
    source = own if crs is None else named_crs(crs, at)
    if source is None:
        return None
    if own is not None and source not in (own, *SHIFTED) and pyproj.CRS(source) != frame.crs:
        at.warn("crs.overridden", own=own, declared=source)
    x, y = shapely.get_coordinates(np.asarray(frame.geometry.array)).T
    if not plausible(x, y, source, at):
        return None
    if source in SHIFTED:
        geometry = shapely.transform(
            np.asarray(frame.geometry.array), lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], source))
        )
        return frame.set_geometry(gpd.GeoSeries(geometry, index=frame.index, crs=WGS84))
    return frame.set_crs(source, allow_override=True).to_crs(WGS84)


def is_geographic(crs: str) -> bool:
    """Whether coordinates of `crs` are degrees.

    >>> is_geographic("gcj02"), is_geographic("EPSG:4549")
    (True, False)
    """
    return crs in SHIFTED or bool(pyproj.CRS(crs).is_geographic)


def plausible(x: Floats, y: Floats, crs: str, at: Located) -> bool:
    """Whether most coordinates can be of `crs`; else the mistake is recorded, with the values found."""
    finite = np.isfinite(x) & np.isfinite(y)
    if not finite.any():
        return True
    x, y = x[finite], y[finite]
    middle: dict[str, Any] = {"x": f"{np.median(x):.6g}", "y": f"{np.median(y):.6g}", "crs": crs}
    degrees = np.mean((np.abs(x) <= 360) & (np.abs(y) <= 90))
    if not is_geographic(crs):
        if degrees > 0.5 and not (np.all(x == 0) and np.all(y == 0)):
            at.error("crs.degrees_in_projected", **middle)
            return False
        return True
    if degrees >= 0.5:
        return True
    if np.mean((np.abs(y) <= 360) & (np.abs(x) <= 90)) > 0.5:
        at.error("crs.swapped", **middle)
    else:
        at.error("crs.metres_in_degrees", **middle)
    return False


def in_china(lon: Floats, lat: Floats) -> npt.NDArray[np.bool_]:
    """(n,) whether the shifts apply: a box that also covers parts of the neighbours."""
    west, south, east, north = _BOX
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def _shift_m(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Metres that GCJ-02 moves a point, from degrees east of 105 and north of 35."""
    root = np.sqrt(np.abs(x))
    fast = (20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + fast
    north += (20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi * y / 3.0)) * 2.0 / 3.0
    north += (160.0 * np.sin(np.pi * y / 12.0) + 320.0 * np.sin(np.pi * y / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + fast
    east += (20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi * x / 3.0)) * 2.0 / 3.0
    east += (150.0 * np.sin(np.pi * x / 12.0) + 300.0 * np.sin(np.pi * x / 30.0)) * 2.0 / 3.0
    return east, north


def _inverse(forward: Forward, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The place that `forward` takes to (x, y): the shift is nearly constant, so correcting by the miss converges."""
    lon, lat = x.copy(), y.copy()
    for _ in range(_ROUNDS):
        got_lon, got_lat = forward(lon, lat)
        miss_lon, miss_lat = x - got_lon, y - got_lat
        lon, lat = lon + miss_lon, lat + miss_lat
        if not np.any((np.abs(miss_lon) > _CLOSE_DEG) | (np.abs(miss_lat) > _CLOSE_DEG)):
            break
    return lon, lat
