"""Coordinate systems of the inputs, as users name them, to WGS84 degrees; and which mistake their values show."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj.exceptions import CRSError, ProjError

from circle.errors import Findings
from circle.lazily import gpd
from circle.load.located import Located
from circle.load.shifted import in_china, wgs84_from_bd09, wgs84_from_gcj02
from circle.load.zones import judge_metres, unnamed_metres, warn_of_old_datum, zone_of_easting
from circle.model import Floats

WGS84 = "EPSG:4326"
SHIFTED = ("gcj02", "bd09")
AUTO = "auto"
"""Told by evidence; see `circle.load.auto`."""
READ_AS = "read_as"
"""Under this key the ``attrs`` of a frame hold the system that it was read in, where headers decide it."""

_WORDS = {
    "gcj02": ("gcj02", "gcj02ll", "amap", "高德", "高德地图", "腾讯", "腾讯地图", "火星", "火星坐标", "火星坐标系"),
    "bd09": ("bd09", "bd09ll", "baidu", "百度", "百度地图", "百度坐标"),
    WGS84: ("wgs84", "gps"),
    "EPSG:4490": ("cgcs2000", "国家2000", "大地2000", "国家大地2000", "2000国家大地坐标系"),
    "EPSG:4610": ("xian80", "xian1980", "西安80", "西安1980"),
    "EPSG:4214": ("beijing54", "beijing1954", "北京54", "北京1954"),
    AUTO: ("auto", "自动"),
}
_SPELLINGS = {spelling: system for system, spellings in _WORDS.items() for spelling in spellings}


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
        return wgs84_from_gcj02(x, y)
    if crs == "bd09":
        return wgs84_from_bd09(x, y)
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
    known = _SPELLINGS.get(_plain(written))
    if known == AUTO:
        at.error("crs.auto_not_here")
        return None
    if known is not None:
        return known
    try:
        crs = pyproj.CRS.from_user_input(written.strip())
    except CRSError:
        at.error("crs.unknown", value=written)
        return None
    if crs.is_geocentric:
        at.error("crs.geocentric", crs=written)
        return None
    return str(crs.to_string())


def named_system(written: str | None) -> str | None:
    """As `named_crs`, of a name that is known to be one already; None of none, of ``auto`` and of what is unknown."""
    return None if written is None or is_auto(written) else named_crs(written, Located(Findings(), ""))


def is_auto(written: str | None) -> bool:
    """Whether the user leaves the system to evidence."""
    return written is not None and _SPELLINGS.get(_plain(written)) == AUTO


def _plain(written: str) -> str:
    return written.strip().lower().replace("-", "").replace("_", "").replace(" ", "")


def frame_to_wgs84(frame: gpd.GeoDataFrame, crs: str | None, at: Located) -> gpd.GeoDataFrame | None:
    """A frame in WGS84: from `crs` where it is given, else from its own system.

    None after recording an error: no system known, metres where degrees are expected or the other way round.
    """
    own = None if frame.crs is None else frame.crs.to_string()
    if crs is None and own is None:
        x, y = shapely.get_coordinates(np.asarray(frame.geometry.array)).T
        if not unnamed_metres(x, y, at):
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
    try:
        return frame.set_crs(source, allow_override=True).to_crs(WGS84)
    except ProjError as error:
        at.error("crs.no_degrees", crs=source[:80], reason=str(error).split("\n", maxsplit=1)[0][:160])
        return None


def is_geographic(crs: str) -> bool:
    """Whether coordinates of `crs` are degrees.

    >>> is_geographic("gcj02"), is_geographic("EPSG:4549")
    (True, False)
    """
    return crs in SHIFTED or bool(pyproj.CRS(crs).is_geographic)


def plausible(x: Floats, y: Floats, crs: str, at: Located) -> bool:
    """Whether most coordinates can be of `crs`; else the mistake is recorded, with the values found."""
    if crs not in SHIFTED:
        warn_of_old_datum(crs, at)
    finite = np.isfinite(x) & np.isfinite(y)
    if not finite.any():
        return True
    x, y = x[finite], y[finite]
    if crs in SHIFTED and not in_china(x, y).any():
        at.warn("crs.nothing_shifted", declared=crs, system=WGS84)
    middle: dict[str, Any] = {"x": f"{np.median(x):.10g}", "y": f"{np.median(y):.10g}", "crs": crs}
    degrees = np.mean((np.abs(x) <= 360) & (np.abs(y) <= 90))
    if not is_geographic(crs):
        if degrees > 0.5 and not (np.all(x == 0) and np.all(y == 0)):
            at.error("crs.degrees_in_projected", **middle)
            return False
        return judge_metres(x, y, crs, at)
    if degrees >= 0.5:
        return True
    if np.mean((np.abs(y) <= 360) & (np.abs(x) <= 90)) > 0.5:
        at.error("crs.swapped", **middle)
    elif (found := zone_of_easting(float(np.median(x)))) is not None:
        at.error("crs.zone_written", zone=found.number, meridian=found.meridian, right=found.crs, **middle)
    else:
        at.error("crs.metres_in_degrees", **middle)
    return False
