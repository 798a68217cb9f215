"""Shapes in degrees as paths of matplotlib, cut to what a map shows and no finer than can be seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from matplotlib.path import Path
from pyproj import Geod

from circle.model import Bools, Floats, Geometries, Ints

Box = tuple[float, float, float, float]

STEPS = 2200
"""Of a map's width: what is finer cannot be seen on paper, and is not drawn."""
_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Window:
    """What a map shows: a box in degrees, and how much longer a degree of latitude is there than one of longitude."""

    box: Box
    stretch: float

    @property
    def width_m(self) -> float:
        """From west to east, along the middle."""
        west, south, east, north = self.box
        return abs(float(_GEOD.inv(west, (south + north) / 2, east, (south + north) / 2)[2]))


def shapes_path(shapes: Geometries, view: Window) -> Path | None:
    """Polygons, cut to the window and as fine as can be seen, as one path; None where nothing is seen."""
    if not len(shapes):
        return None
    seen = shapes[touching(shapes, view.box)]
    if not len(seen):
        return None
    step = (view.box[2] - view.box[0]) / STEPS
    # a little beyond the frame, so that cut edges are not drawn
    wide, high = view.box[2] - view.box[0], view.box[3] - view.box[1]
    box = (view.box[0] - wide, view.box[1] - high, view.box[2] + wide, view.box[3] + high)
    parts = shapely.get_parts(shapely.simplify(shapely.clip_by_rect(shapely.make_valid(seen), *box), step / 2))
    parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    rings = shapely.get_rings(parts) if len(parts) else np.empty(0, object)
    if not len(rings):
        return None
    points, owner = shapely.get_coordinates(rings, return_index=True)
    return compound(points, owner, closed=True)


def touching(shapes: Geometries, box: Box) -> Bools:
    """Whose bounds meet the box."""
    west, south, east, north = shapely.bounds(shapes).T
    met: Bools = (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])
    return met


def lines_in(lon: Floats, lat: Floats, offset: Ints, wanted: Bools, view: Window) -> list[Floats]:
    """The wanted lines that meet the window, thinned to what can be seen."""
    step = (view.box[2] - view.box[0]) / STEPS
    found = []
    for number in np.flatnonzero(wanted & (np.diff(offset) >= 2)).tolist():
        x, y = lon[offset[number] : offset[number + 1]], lat[offset[number] : offset[number + 1]]
        west, south, east, north = view.box
        if x.max() < west or x.min() > east or y.max() < south or y.min() > north:
            continue
        line = shapely.simplify(shapely.linestrings(x, y), step / 2)
        found.append(shapely.get_coordinates(line))
    return found


def compound(points: Floats, owner: Ints, *, closed: bool) -> Path:
    """Lines or rings as one path."""
    codes = np.where(np.diff(owner, prepend=-1) != 0, Path.MOVETO, Path.LINETO).astype(Path.code_type)
    if closed:
        codes[np.diff(owner, append=-1) != 0] = Path.CLOSEPOLY
    return Path(points, codes)
