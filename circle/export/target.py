"""The coordinate system that the GeoPackage is written in, where another one than WGS 84 is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyproj
import shapely
from pyproj.transformer import AreaOfInterest, TransformerGroup

from circle.antimeridian import around
from circle.errors import Problem, QueryError, Severity
from circle.model import Floats, Geometries

WGS84 = "EPSG:4326"
SHIFTED = ("gcj02", "gcj-02", "bd09", "bd-09", "火星坐标", "百度坐标", "高德坐标")
MODERN_RADIUS_M = 6_378_137.0
"""Of WGS 84, GRS 80 and CGCS2000: systems on it are one with WGS 84 within a metre or two."""
READ_BACK = 1e-6
"""Degrees by which a position may be off once it was written and read again: a decimetre."""


@dataclass(frozen=True)
class Target:
    """A system that positions can be written in, as it was asked for."""

    asked: str

    @cached_property
    def crs(self) -> pyproj.CRS:
        """The system."""
        return pyproj.CRS.from_user_input(self.asked)

    @property
    def name(self) -> str:
        """What it is called, in English."""
        return str(self.crs.name)

    @cached_property
    def forward(self) -> pyproj.Transformer:
        """From WGS 84, longitude first."""
        return pyproj.Transformer.from_crs(WGS84, self.crs, always_xy=True)

    @property
    def code(self) -> str:
        """Its code where it has one, else its definition."""
        authority = self.crs.to_authority(min_confidence=100)
        return str(self.crs.to_wkt()) if authority is None else ":".join(authority)

    def shapes(self, geometries: Geometries) -> Geometries:
        """Geometries of WGS 84 in this system."""
        if self.crs == pyproj.CRS.from_user_input(WGS84):
            return geometries

        def moved(positions: Floats) -> Floats:
            return np.column_stack(self.forward.transform(positions[:, 0], positions[:, 1]))

        return np.asarray(shapely.transform(geometries, moved))


def target_system(asked: str | None) -> Target:
    """The system by its name or code; WGS 84 where none is asked for.

    Raises
    ------
    QueryError
        If nobody knows it, or no plane map can be drawn in it.

    Examples
    --------
    >>> target_system("EPSG:4490").name
    'China Geodetic Coordinate System 2000'
    """
    if asked is None:
        return Target(WGS84)
    words = asked.strip()
    if words.lower().replace("_", "-") in SHIFTED:
        raise _refused("target.shifted", asked=words)
    try:
        target = Target(words)
        crs = target.crs
    except pyproj.exceptions.CRSError as error:
        raise _refused("target.unknown", asked=words[:80]) from error
    if len(crs.axis_info) != 2 or not (crs.is_geographic or crs.is_projected):
        raise _refused("target.not_plane", asked=words, name=crs.name)
    return target


def refuse_unfit(target: Target, lon: Floats, lat: Floats, region: str) -> None:
    """Refuse a system that is not made for a place.

    Parameters
    ----------
    target
        The system asked for.
    lon, lat
        Where the region is: positions of its roads.
    region
        Its name.

    Raises
    ------
    QueryError
        If the system is for elsewhere, cannot hold these positions, or its relation to WGS 84 is not public.
    """
    if target.asked == WGS84 or not len(lon):
        return
    east = around(lon)
    box = [float(value) for value in (east.min(), lat.min(), east.max(), lat.max())]
    middle = (_globe((box[0] + box[2]) / 2), (box[1] + box[3]) / 2)
    said: dict[str, Any] = {"asked": target.asked, "name": target.name, "place": f"{middle[0]:.2f}, {middle[1]:.2f}"}
    area = target.crs.area_of_use
    if area is not None and not _within(middle, area.bounds):
        raise _refused("target.elsewhere", **said, area=area.name.split(". ")[0].rstrip("."), region=region)
    if not _comes_back(target, box, middle):
        raise _refused("target.distorts", **said)
    if not _way_known(target, middle):
        raise _refused("target.no_way", **said)


def _comes_back(target: Target, box: list[float], middle: tuple[float, float]) -> bool:
    """Whether the corners and the middle are the same once they were written and read."""
    lon = np.array([_globe(value) for value in (box[0], box[0], box[2], box[2])] + [middle[0]])
    lat = np.array([box[1], box[3], box[1], box[3], middle[1]])
    there = target.forward.transform(lon, lat)
    back = np.asarray(target.forward.transform(*there, direction=pyproj.enums.TransformDirection.INVERSE))
    off = np.abs(back - np.stack([lon, lat]))
    off[0] = np.minimum(off[0], 360.0 - off[0])
    return bool(np.isfinite(there).all() and (off <= READ_BACK).all())


def _way_known(target: Target, middle: tuple[float, float]) -> bool:
    """Whether positions of an old datum can be told from those of WGS 84; on a modern one they are the same."""
    ellipsoid = target.crs.ellipsoid
    if ellipsoid is not None and abs(ellipsoid.semi_major_metre - MODERN_RADIUS_M) < 1.0:
        return True
    here = AreaOfInterest(middle[0], middle[1], middle[0], middle[1])
    ways = TransformerGroup(WGS84, target.crs, always_xy=True, area_of_interest=here).transformers
    return bool(ways) and "Ballpark" not in ways[0].description


def _within(middle: tuple[float, float], bounds: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    across = west > east
    inside = (middle[0] >= west or middle[0] <= east) if across else west <= middle[0] <= east
    return inside and south <= middle[1] <= north


def _globe(lon: float) -> float:
    return (lon + 180.0) % 360.0 - 180.0


def _refused(code: str, **fields: Any) -> QueryError:
    return QueryError(Problem(code, Severity.ERROR, fields))
