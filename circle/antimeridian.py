"""Shapes that cross the 180th meridian are cut there, as RFC 7946 (3.1.9) wants them.

A ring whose longitudes jump from 179.9 to -179.9 is read as going the short way round; whether it was drawn clockwise
does not matter. Shapes that enclose a pole are not understood.
"""

from __future__ import annotations

import math
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

Floats = npt.NDArray[np.float64]

TURN = 360.0
HALF = 180.0


def continuous(lon: Floats) -> Floats:
    """Longitudes along a line without jumps; they may leave [-180, 180].

    Examples
    --------
    >>> continuous(np.array([179.9, -179.9, 179.8])).round(6).tolist()
    [179.9, 180.1, 179.8]
    """
    return np.asarray(lon - TURN * np.cumsum(np.rint(np.diff(lon, prepend=lon[:1]) / TURN)))


def around(lon: Floats) -> Floats:
    """Longitudes of scattered points without a gap at the 180th meridian, where they lie on both sides of it.

    They are cut open where the widest stretch of the globe without any of them is.

    Examples
    --------
    >>> around(np.array([179.9, -179.9, np.nan])).round(6).tolist(), around(np.array([-10.0, 20.0])).tolist()
    ([179.9, 180.1, nan], [-10.0, 20.0])
    """
    known = np.unique(lon[np.isfinite(lon)])
    if len(known) < 2:
        return lon
    gaps = np.diff(known)
    widest = int(np.argmax(gaps))
    if gaps[widest] <= known[0] + TURN - known[-1]:
        return lon
    return np.where(lon <= known[widest], lon + TURN, lon)


def cut(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry within [-180, 180], in several parts where it crosses the 180th meridian.

    Parameters
    ----------
    geometry
        Lines and areas in degrees, whose longitudes jump where they cross, or go on beyond 180.

    Returns
    -------
    shapely geometry
        The very same where nothing crosses.

    Examples
    --------
    >>> east = shapely.Polygon([(179.9, 0), (-179.9, 0), (-179.9, 1), (179.9, 1)])
    >>> [part.bounds for part in cut(east).geoms]
    [(-180.0, 0.0, -179.9, 1.0), (179.9, 0.0, 180.0, 1.0)]
    """
    if not crosses(geometry):
        return geometry
    parts = shapely.get_parts(geometry)
    if shapely.get_dimensions(geometry) == 2:
        areas = [piece for part in parts for piece in _cut_polygon(part)]
        areas.sort(key=_bounds)
        return areas[0] if len(areas) == 1 else shapely.MultiPolygon(areas)
    lines = [piece for part in parts for piece in _cut_line(part)]
    return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)


def crosses(geometry: BaseGeometry) -> bool:
    """Whether a line or area crosses the 180th meridian, so that it must be cut."""
    if shapely.get_dimensions(geometry) < 1 or shapely.is_empty(geometry):
        return False
    west, _, east, _ = shapely.bounds(geometry)
    if west >= -HALF and east <= HALF and east - west <= HALF:
        return False
    coordinates, owner = shapely.get_coordinates(_lines_of(geometry), return_index=True)
    jumps = np.abs(np.diff(coordinates[:, 0])) > HALF
    return bool((jumps & (owner[1:] == owner[:-1])).any()) or bool(west < -HALF or east > HALF)


def _lines_of(geometry: BaseGeometry) -> npt.NDArray[np.object_]:
    parts = shapely.get_parts(geometry)
    return np.asarray(shapely.get_rings(parts) if shapely.get_dimensions(geometry) == 2 else parts)


def _cut_polygon(polygon: shapely.Polygon) -> list[shapely.Polygon]:
    """Its parts between one crossing of the meridian and the next, each where it lies on the globe."""
    shell = _unrolled(polygon.exterior)
    holes = [_unrolled(ring) for ring in polygon.interiors]
    turns = [round((_middle(hole) - _middle(shell)) / TURN) for hole in holes]
    whole: BaseGeometry = shapely.Polygon(shell, [_west(hole, n) for hole, n in zip(holes, turns, strict=True)])
    if not whole.is_valid:
        whole = shapely.make_valid(whole)
    pieces: list[shapely.Polygon] = []
    for turn in range(_turn(shell[:, 0].min()), _turn(shell[:, 0].max()) + 1):
        window = shapely.box(turn * TURN - HALF, -90.0, turn * TURN + HALF, 90.0)
        found = shapely.get_parts(shapely.get_parts([shapely.intersection(whole, window)]))
        found = found[shapely.get_type_id(found) == shapely.GeometryType.POLYGON]
        pieces += list(shapely.transform(found, partial(_west, turns=turn)))
    return pieces


def _cut_line(line: BaseGeometry) -> list[shapely.LineString]:
    """Its parts in the order of the line, which may go over the same ground twice."""
    points = _unrolled(line)
    pieces, begun = [], [points[0]]
    for start, end in pairwise(points):
        low, high = sorted((_turn(start[0]), _turn(end[0])))
        meridians = [turn * TURN - HALF for turn in range(low + 1, high + 1)]
        for lon in meridians if end[0] > start[0] else meridians[::-1]:
            share = (lon - start[0]) / (end[0] - start[0])
            crossing = np.array([lon, start[1] + share * (end[1] - start[1])])
            pieces.append([*begun, crossing])
            begun = [crossing]
        begun.append(end)
    drawn = [np.array(piece) for piece in [*pieces, begun]]
    return [shapely.LineString(_west(piece, _turn(_middle(piece)))) for piece in drawn if (piece != piece[0]).any()]


def _bounds(area: shapely.Polygon) -> tuple[float, float, float, float]:
    return area.bounds


def _turn(lon: float) -> int:
    """How often one has gone round the globe, eastward, to get to a longitude."""
    return math.floor((lon + HALF) / TURN)


def _unrolled(line: BaseGeometry) -> Floats:
    points = shapely.get_coordinates(line)
    return np.column_stack([continuous(points[:, 0]), points[:, 1]])


def _middle(points: Floats) -> float:
    return float(points[:, 0].min() + points[:, 0].max()) / 2


def _west(points: Floats, turns: int) -> Floats:
    """So many turns back to the west."""
    return np.asarray(points - (TURN * turns, 0.0))
