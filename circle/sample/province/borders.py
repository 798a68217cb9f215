"""Counties as cells of a honeycomb with moved corners and winding sides: an exact partition, each side made once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from circle.model import Floats, Geometries, Ints
from circle.sample.province.ground import METRES_PER_LAT, METRES_PER_LON, degrees
from circle.sample.province.hashing import uniform

WIDTH = (2.0 / 3.0**0.5) ** 0.5
"""Width of a regular hexagon with the area of a unit square."""

MOVED = 0.08
"""How far a corner is moved, in widths. Two sides then meet at 88 degrees or more; none winds by more than 31."""

WINDING_M = 160.0
"""About how far apart the vertices of a border are."""

Corner = tuple[int, int]
_CORNERS: tuple[Corner, ...] = ((0, 2), (-1, 1), (-1, -1), (0, -2), (1, -1), (1, 1))
"""From the north against the clock, in halves of a width and in quarters of a hexagon's height."""


@dataclass(frozen=True, eq=False)
class Borders:
    """Areas of n counties in degrees.

    Parameters
    ----------
    polygon
        (n,) areas.
    sides
        Line (vertices, 2) of the border between two counties of the numbers a < b.
    """

    polygon: Geometries
    sides: dict[tuple[int, int], Floats]


def cells(count: int) -> Ints:
    """(count, 2) column and row of the cells of a honeycomb nearest to its middle, in blocks of neighbours."""
    reach = int(1.2 * count**0.5) + 3
    row, col = (axis.ravel() for axis in np.mgrid[-reach : reach + 1, -reach : reach + 1])
    away = np.hypot(col + 0.5 * (row & 1), 0.75**0.5 * row)
    chosen = np.lexsort((col, row, np.round(away, 9)))[:count]
    col, row = col[chosen], row[chosen]
    places = np.column_stack([col, row])
    return places[np.lexsort((col, row, _block_key(places)))]


def blocks(places: Ints) -> Ints:
    """(n,) number of the block of neighbours that each cell stands in: a prefecture, of 99 at most."""
    return np.unique(_block_key(places), return_inverse=True)[1].astype(np.int64)


def _block_key(places: Ints) -> Ints:
    side = max(3, int(np.ceil(0.135 * len(places) ** 0.5)))
    return np.asarray(((places[:, 1] + side // 2) // side + 50) * 100 + (places[:, 0] + side // 2) // side)


def make_borders(seed: int, places: Ints, side_m: float) -> Borders:
    """The areas of the cells in `places`."""
    rings = [_ring(col, row) for col, row in places.tolist()]
    made: dict[tuple[Corner, Corner], Floats] = {}
    owner: dict[tuple[Corner, Corner], int] = {}
    sides: dict[tuple[int, int], Floats] = {}
    polygons = []
    for number, ring in enumerate(rings):
        outline = []
        for one, other in zip(ring, [*ring[1:], ring[0]], strict=True):
            key = (one, other) if one < other else (other, one)
            if key not in made:
                made[key] = _side(seed, key, side_m * WIDTH)
                owner[key] = number
            else:
                sides[owner[key], number] = made[key]
            outline.append((made[key] if key[0] == one else made[key][::-1])[:-1])
        polygons.append(shapely.polygons(np.concatenate(outline)))
    return Borders(np.array(polygons, dtype=object), sides)


def _ring(col: int, row: int) -> list[Corner]:
    return [(2 * col + (row & 1) + east, 3 * row + north) for east, north in _CORNERS]


def _side(seed: int, key: tuple[Corner, Corner], width_m: float) -> Floats:
    """A winding line between two corners, (vertices, 2) degrees to 1e-6."""
    (start, end) = (_corner(seed, corner, width_m) for corner in key)
    length_m = float(np.hypot(*(end - start)))
    pieces = 1 << max(3, int(np.log2(max(length_m / WINDING_M, 1.0))))
    along = np.arange(pieces + 1) / pieces
    winding, whole = np.zeros(pieces + 1), 0.0
    for octave in range(2, int(np.log2(pieces)) + 1):
        knots = 2.0 * uniform(seed, 60 + octave, np.arange(2**octave + 1), *key[0], *key[1]) - 1.0
        winding += 0.65**octave * np.interp(along, np.arange(2**octave + 1) / 2**octave, knots)
        whole += 0.65**octave
    off_m = 0.6 * along * (1.0 - along) * winding / whole * length_m
    across = np.array([start[1] - end[1], end[0] - start[0]]) / length_m
    line = start + along[:, None] * (end - start) + off_m[:, None] * across
    line[-1] = end  # to the last bit, as the other sides have it
    lon, lat = degrees(line[:, 0], line[:, 1])
    return np.column_stack([np.round(lon, 6), np.round(lat, 6)])


def _corner(seed: int, corner: Corner, width_m: float) -> Floats:
    away, bearing = MOVED * uniform(seed, 50, *corner), 2.0 * np.pi * uniform(seed, 51, *corner)
    x, y = corner[0] / 2.0 + away * np.cos(bearing), corner[1] / (2.0 * 3.0**0.5) + away * np.sin(bearing)
    return np.array([float(x), float(y)]) * width_m


def area_km2(polygon: shapely.Geometry) -> float:
    """Area on the plane."""
    return float(shapely.area(polygon)) * METRES_PER_LON * METRES_PER_LAT / 1e6
