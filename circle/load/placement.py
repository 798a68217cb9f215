"""Whether the places of a layer lie in the region; if not, which mistake would explain it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError

from circle.load.columns import rows_listed
from circle.load.datums import SHIFTED, WGS84, is_geographic, to_wgs84
from circle.load.local import metres_per_degree
from circle.load.located import Located
from circle.messages import Terms
from circle.model import Bools, Extent, Floats, Ints

MARGIN_M = 10_000.0


@dataclass(frozen=True)
class Box:
    """A box in degrees."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def around(cls, lon: Floats, lat: Floats, margin_m: float = 0.0) -> Box:
        """The box of points, widened by metres on each side."""
        south, north = float(lat.min()), float(lat.max())
        per_lon, per_lat = metres_per_degree(np.clip(np.array([max(abs(south), abs(north))]), 0.0, 89.0))
        wide, high = margin_m / float(per_lon[0]), margin_m / float(per_lat[0])
        return cls(float(lon.min()) - wide, south - high, float(lon.max()) + wide, north + high)

    def holds(self, lon: Floats, lat: Floats) -> Bools:
        """Which points lie inside; not those that are NaN."""
        return np.asarray((lon >= self.west) & (lon <= self.east) & (lat >= self.south) & (lat <= self.north))


def check_placement(
    places: tuple[Floats, Floats, Ints], crs: str | None, box: Box, extent: Extent, at: Located
) -> bool:
    """Whether most places lie near the roads.

    When most do not, the error names where they lie and the mistake that would put them in. A few outside the extent
    are a warning: they count as what lies beyond the border.

    Parameters
    ----------
    places
        Longitudes, latitudes and the row numbers that users see, (n,) each.
    crs
        The system that they were read in; None: degrees.
    box
        The roads, with a margin of `MARGIN_M`.
    """
    lon, lat, rows = places
    if not len(lon):
        return True
    outside = ~box.holds(lon, lat)
    if outside.mean() > 0.5:
        guess = likely_mistake(lon, lat, crs or WGS84, box)
        at.error(
            {None: "place.outside", "": "place.outside_swapped"}.get(guess, "place.outside_other_crs"),
            count=int(outside.sum()),
            total=len(lon),
            lon=f"{np.median(lon):.4f}",
            lat=f"{np.median(lat):.4f}",
            box=f"{box.west:.3f}, {box.south:.3f}, {box.east:.3f}, {box.north:.3f}",
            crs=guess or crs or WGS84,
        )
        return False
    shapely.prepare(extent.polygon)
    beyond = ~shapely.intersects_xy(extent.polygon, lon, lat)
    if beyond.any():
        of = Terms("extent_of", (extent.source,))
        at.warn(
            "place.some_outside", count=int(beyond.sum()), total=len(lon), extent=of, rows=rows_listed(rows[beyond])
        )
    return True


def likely_mistake(lon: Floats, lat: Floats, crs: str, box: Box) -> str | None:
    """What would put most of the points into the box.

    Returns
    -------
    str or None
        ``""``: longitude and latitude swapped; else the name of another system; None: nothing that was tried.

    Examples
    --------
    >>> box = Box(43.0, -12.5, 44.5, -11.0)
    >>> likely_mistake(np.array([-11.7, -12.1]), np.array([43.3, 44.2]), "EPSG:4326", box)
    ''
    """
    x, y = _as_written(lon, lat, crs)
    if _mostly_in(box, y, x, crs):
        return ""
    if is_geographic(crs):
        return None
    for candidate in _systems_near(box):
        if _mostly_in(box, x, y, candidate) or _mostly_in(box, y, x, candidate):
            return candidate
    return None


def _mostly_in(box: Box, x: Floats, y: Floats, crs: str) -> bool:
    lon, lat = to_wgs84(x, y, crs)
    return bool(box.holds(lon, lat).mean() > 0.5)


def _as_written(lon: Floats, lat: Floats, crs: str) -> tuple[Floats, Floats]:
    """Back to the coordinates of the file; the shift of Chinese datums is too small to matter here."""
    if crs == WGS84 or crs in SHIFTED:
        return lon, lat
    x, y = pyproj.Transformer.from_crs(WGS84, crs, always_xy=True).transform(lon, lat)
    return np.asarray(x), np.asarray(y)


def _systems_near(box: Box) -> Iterator[str]:
    """Projected systems in use at the middle of the box: UTM, the 3 and 6 degree zones of CGCS2000, Web Mercator."""
    lon, lat = (box.west + box.east) / 2, (box.south + box.north) / 2
    utm = int((lon + 180) // 6) + 1
    three, six = int((lon + 1.5) // 3), int(lon // 6) + 1
    codes = [(32600 if lat >= 0 else 32700) + utm, 4509 + three, 4488 + three, 4478 + six, 4489 + six, 3857]
    zones = ((25, 45), (13, 23))
    allowed = [True, *(zones[0][0] <= three <= zones[0][1],) * 2, *(zones[1][0] <= six <= zones[1][1],) * 2, True]
    for code, usable in zip(codes, allowed, strict=True):
        if usable:
            try:
                yield str(pyproj.CRS.from_epsg(code).to_string())
            except CRSError:
                continue
