"""The projected systems of Chinese maps: Gauss-Krueger zones of 3 and 6 degrees in CGCS2000, told from their numbers.

An easting of eight digits begins with the number of its zone: 40,512,345 m is 12,345 m east of the meridian of the
3 degree zone 40 (120 E). The numbers of 3 degree zones (25-45) and 6 degree zones (13-23) do not meet, so the prefix
says the zone; which datum it is - CGCS2000, Xian 80, Beijing 54 - it does not say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyproj

from circle.load.located import Located
from circle.model import Floats

FALSE_EASTING_M = 500_000.0
PREFIX_M = 1e6
HALF_ZONE_M = 420_000.0
"""Half the width of a 6 degree zone at 18 N, the south of Hainan, is 318 km; data may hang over by a hundred."""
NORTHINGS_M = (1.9e6, 6.0e6)
"""From 17 N to 54 N."""
OLD_DATUMS = ("Beijing 1954", "New Beijing", "Xian 1980")


class _Family(NamedTuple):
    """EPSG codes of one width of zones: the first zone, and that zone in each datum, with the prefix and without."""

    first: int
    last: int
    degrees: int
    cgcs2000: int
    cgcs2000_plain: int
    xian80: int
    beijing54: int


_FAMILIES = (
    _Family(25, 45, 3, cgcs2000=4513, cgcs2000_plain=4534, xian80=2349, beijing54=2401),
    _Family(13, 23, 6, cgcs2000=4491, cgcs2000_plain=4502, xian80=2327, beijing54=21413),
)


@dataclass(frozen=True)
class Zone:
    """One Gauss-Krueger zone.

    Parameters
    ----------
    number, degrees
        As in the prefix, and how wide: 3 or 6.
    meridian
        Degrees east.
    crs, plain_crs
        In CGCS2000, with the number in the easting and without.
    others
        The same numbers in Xian 80 and in Beijing 54.
    """

    number: int
    degrees: int
    meridian: int
    crs: str
    plain_crs: str
    others: tuple[str, str]


def zone(number: int) -> Zone | None:
    """A zone by its number; None where China has none.

    Examples
    --------
    >>> zone(40).crs, zone(40).meridian, zone(20).crs, zone(20).plain_crs, zone(20).meridian, zone(24)
    ('EPSG:4528', 120, 'EPSG:4498', 'EPSG:4509', 117, None)
    """
    for family in _FAMILIES:
        if family.first <= number <= family.last:
            n = number - family.first
            meridian = 3 * number if family.degrees == 3 else 6 * number - 3
            old = (f"EPSG:{family.xian80 + n}", f"EPSG:{family.beijing54 + n}")
            own, plain = f"EPSG:{family.cgcs2000 + n}", f"EPSG:{family.cgcs2000_plain + n}"
            return Zone(number, family.degrees, meridian, own, plain, old)
    return None


def zone_of_easting(easting: float) -> Zone | None:
    """The zone that an easting names by its first two digits; None for other numbers.

    Examples
    --------
    >>> zone_of_easting(40512345.0).crs, zone_of_easting(512345.0), zone_of_easting(40990000.0)
    ('EPSG:4528', None, None)
    """
    number = int(easting // PREFIX_M) if np.isfinite(easting) else 0
    within = abs(easting - number * PREFIX_M - FALSE_EASTING_M) <= HALF_ZONE_M
    return zone(number) if within else None


def is_northing(value: float) -> bool:
    """Whether a number can be the northing of a place in China, in metres."""
    return NORTHINGS_M[0] <= value <= NORTHINGS_M[1]


def zones_at(lon: float) -> Iterator[Zone]:
    """The zones of both widths whose meridian is nearest to a longitude.

    >>> [z.crs for z in zones_at(118.9)]
    ['EPSG:4528', 'EPSG:4498']
    """
    for number in (int((lon + 1.5) // 3), int(lon // 6) + 1):
        found = zone(number)
        if found is not None and found.degrees == (3 if number >= _FAMILIES[0].first else 6):
            yield found


def metric_candidates(x: float, lon: float, lat: float) -> list[str]:
    """The projected systems in which an easting may be meant at a place: CGCS2000, UTM and Web Mercator.

    Parameters
    ----------
    x
        An easting of the layer.
    lon, lat
        Where the region is.

    Examples
    --------
    >>> metric_candidates(40512345.0, 118.9, 28.9)
    ['EPSG:4528']
    >>> metric_candidates(490000.0, 118.9, 28.9)
    ['EPSG:4549', 'EPSG:4509', 'EPSG:4548', 'EPSG:4550', 'EPSG:32650']
    """
    prefixed = zone_of_easting(x)
    if prefixed is not None:
        return [prefixed.crs]
    if abs(x) > PREFIX_M:
        return ["EPSG:3857"]
    near = [found.plain_crs for found in zones_at(lon)]
    beside = [zone(found.number + step) for found in zones_at(lon) if found.degrees == 3 for step in (-1, 1)]
    near += [found.plain_crs for found in beside if found is not None]
    utm = (32600 if lat >= 0 else 32700) + int((lon + 180) // 6) + 1
    return [*dict.fromkeys(near), f"EPSG:{utm}"]


def judge_metres(x: Floats, y: Floats, crs: str, at: Located) -> bool:
    """Whether coordinates in metres can be of the projected system `crs`; else the mistake is an error by its name.

    Judged by the middle values of (n,) finite ones: axes that are exchanged (surveyors call the northing X), a zone in
    the easting that the system does not have, or the other way round.
    """
    east, north = float(np.median(x)), float(np.median(y))
    shown: dict[str, Any] = {"x": f"{east:.10g}", "y": f"{north:.10g}", "crs": crs}
    false_easting = _false_easting(crs)
    if _is_exchanged(east, north, crs) or (false_easting is not None and looks_exchanged(east, north)):
        at.error("crs.axes_exchanged", **shown)
        return False
    if false_easting is None or not is_northing(north):
        return True
    meant, written = zone_of_easting(false_easting), zone_of_easting(east)
    if written is not None and written != meant:
        at.error("crs.zone_written", zone=written.number, meridian=written.meridian, right=written.crs, **shown)
        return False
    if meant is not None and abs(east - FALSE_EASTING_M) <= HALF_ZONE_M:
        at.error("crs.zone_not_written", zone=meant.number, right=meant.plain_crs, **shown)
        return False
    return True


def unnamed_metres(x: Floats, y: Floats, at: Located) -> bool:
    """Record what the numbers of a layer say that names no system; False where they are no metres of China.

    The zone is told, not used: the datum is not in the numbers.
    """
    finite = np.isfinite(x) & np.isfinite(y)
    if not finite.any():
        return False
    east, north = float(np.median(x[finite])), float(np.median(y[finite]))
    shown: dict[str, Any] = {"x": f"{east:.10g}", "y": f"{north:.10g}"}
    if looks_exchanged(east, north):
        at.error("crs.unnamed_exchanged", **shown)
        return True
    written = zone_of_easting(east)
    if written is not None and is_northing(north):
        xian80, beijing54 = written.others
        at.error(
            "crs.unnamed_zone",
            zone=written.number,
            degrees=written.degrees,
            meridian=written.meridian,
            right=written.crs,
            xian80=xian80,
            beijing54=beijing54,
            **shown,
        )
        return True
    if abs(east) > 360 and abs(north) > 90:
        at.error("crs.unnamed_metres", **shown)
        return True
    return False


def warn_of_old_datum(crs: str, at: Located) -> None:
    """Beijing 54 and Xian 80 are read as if they were WGS84, for their parameters are not public: that is told."""
    geodetic = pyproj.CRS(crs).geodetic_crs
    name = "" if geodetic is None else geodetic.name.replace("GCS_", "").replace("_", " ")
    if any(name.startswith(old) for old in OLD_DATUMS):
        at.warn("crs.old_datum", datum=name, crs=crs)


def _is_exchanged(east: float, north: float, crs: str) -> bool:
    """Whether a place lies where the system is used only if its two numbers change places."""
    area = pyproj.CRS(crs).area_of_use
    if area is None or area.west > area.east:
        return False
    transformer = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)

    def is_used_at(x: float, y: float) -> bool:
        lon, lat = transformer.transform(x, y)
        return bool(area.west - 3 <= lon <= area.east + 3 and area.south - 1 <= lat <= area.north + 1)

    return not is_used_at(east, north) and is_used_at(north, east)


def looks_exchanged(east: float, north: float) -> bool:
    """Whether the first number can only be a northing of China and the second only an easting."""
    return is_northing(east) and (zone_of_easting(north) is not None or abs(north - FALSE_EASTING_M) <= HALF_ZONE_M)


def _false_easting(crs: str) -> float | None:
    """Of a transverse Mercator projection; None of others."""
    operation = pyproj.CRS(crs).coordinate_operation
    if operation is None or "Transverse Mercator" not in operation.method_name:
        return None
    return next((float(one.value) for one in operation.params if one.name == "False easting"), None)
