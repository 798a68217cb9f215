"""A county's part of the lattice: points inside its border, and links between them of which no two cross."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from circle.model import Bools, Floats, Ints
from circle.sample.province.ground import STEP_M, Ground, falling, lattice_points, metres
from circle.sample.province.hashing import uniform
from circle.sample.province.plan import Cell, CountyPlan, usable

_BRIDGES = 80
BRIDGE_EVERY = 12
"""Columns of the lattice for one in which a bridge costs less."""


@dataclass(frozen=True, eq=False)
class Grid:
    """The lattice inside a county. n points in rows from the south, k links.

    Parameters
    ----------
    i, j
        (n,) column and row in the lattice of the whole province.
    lon, lat, x, y
        (n,) degrees, and metres of the plane.
    height_m
        (n,) elevation.
    bank
        (n,) land between two rivers.
    a, b
        (k,) points.
    diagonal, wet
        (k,) from corner to corner of a square; over a river.
    weight
        (k,) how dear a road is: length, steepness, bridges.
    """

    i: Ints
    j: Ints
    lon: Floats
    lat: Floats
    x: Floats
    y: Floats
    height_m: Floats
    bank: Ints
    a: Ints
    b: Ints
    diagonal: Bools
    wet: Bools
    weight: Floats

    def number_of(self, cell: Cell) -> int:
        """The point at a place of the lattice; -1 if it is not part of the county's."""
        found = np.flatnonzero((self.i == cell[0]) & (self.j == cell[1]))
        return int(found[0]) if len(found) else -1


def make_grid(county: CountyPlan, ground: Ground) -> Grid:
    """The largest connected piece of the lattice in a county."""
    i, j, lon, lat = _inside(county, ground)
    x, y = metres(lon, lat)
    bank, _ = ground.banks(x, y)
    height_m = ground.height_m(x, y)
    a, b, diagonal = _links(ground, i, j)
    wet = bank[a] != bank[b]
    length_m = np.hypot(x[a] - x[b], y[a] - y[b])
    slope = np.abs(height_m[a] - height_m[b]) / length_m
    bridge = np.where(uniform(ground.seed, _BRIDGES, i[a] // BRIDGE_EVERY) < 0.35, 9.0, 120.0)
    weight = length_m * (1.0 + np.minimum((slope / 0.06) ** 2, 60.0)) * np.where(wet, bridge, 1.0)
    _, piece = connected_components(coo_array((np.ones(len(a)), (a, b)), shape=(len(i), len(i))), directed=False)
    kept = piece == np.argmax(np.bincount(piece))
    new = np.cumsum(kept) - 1
    links = kept[a]
    return Grid(
        *(values[kept] for values in (i, j, lon, lat, x, y, height_m, bank)),
        *(new[ends[links]] for ends in (a, b)),
        *(values[links] for values in (diagonal, wet, weight)),
    )


def _inside(county: CountyPlan, ground: Ground) -> tuple[Ints, Ints, Floats, Floats]:
    west, south, east, north = shapely.bounds(county.polygon).tolist()
    x, y = metres(np.array([west, east]), np.array([south, north]))
    columns = np.arange(int(x[0] // STEP_M) - 1, int(x[1] // STEP_M) + 2)
    rows = np.arange(int(y[0] // STEP_M) - 1, int(y[1] // STEP_M) + 2)
    i, j = (axis.ravel() for axis in np.meshgrid(columns, rows))
    lon, lat = lattice_points(ground.seed, i, j)
    shapely.prepare(county.polygon)
    kept = np.flatnonzero(shapely.contains_xy(county.polygon, lon, lat))
    _, river_m = ground.banks(*metres(lon[kept], lat[kept]))
    kept = kept[usable(river_m)]
    return i[kept], j[kept], lon[kept], lat[kept]


def _links(ground: Ground, i: Ints, j: Ints) -> tuple[Ints, Ints, Bools]:
    """Every point with those east and north of it, and one diagonal of every square."""
    west, south = int(i.min()) - 1, int(j.min()) - 1
    wide, high = int(i.max()) - west + 2, int(j.max()) - south + 2
    number = np.full((wide, high), -1, dtype=np.int64)
    number[i - west, j - south] = np.arange(len(i))
    here, east, north, across = number[:-1, :-1], number[1:, :-1], number[:-1, 1:], number[1:, 1:]
    column, row = np.indices(here.shape, dtype=np.int64)
    falls = falling(ground.seed, np.asarray(column + west), np.asarray(row + south)) < 0.5
    pairs = ((here, east), (here, north), (np.where(falls, north, here), np.where(falls, east, across)))
    a, b = (np.concatenate([pair[end].ravel() for pair in pairs]) for end in (0, 1))
    real = (a >= 0) & (b >= 0)
    diagonal = np.arange(len(a)) >= 2 * here.size
    return a[real], b[real], diagonal[real]
