"""The ground that the people of a zone live on, drawn from the cells on which they were counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import CRS

from circle.antimeridian import TURN
from circle.kernels.heights import Transform, grid_position
from circle.kernels.projection import to_crs
from circle.model import CountRaster, DistrictCounts, Floats, Geometries, Ints, Population, Residents

POINT_SIDE_M = 80.0
"""Side of the square that a place without a size of its own is drawn as."""

WGS84 = "EPSG:4326"


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells on a plane: `transform` leads from (column, row) to coordinates in `crs`, see `CountRaster`.

    `round_the_globe`: x are longitudes, which may lie a whole turn away from where the grid counts them.
    """

    crs: str
    transform: Transform
    round_the_globe: bool = False

    def cells(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Column and row of the cell of each place, as whole numbers."""
        x, y = to_crs(WGS84, self.crs, lon, lat)
        if self.round_the_globe:
            west = self.transform[2]
            x = west + np.mod(x - west, TURN)
        column, row = grid_position(self.transform, x, y)
        return np.floor(column), np.floor(row)

    def lonlat(self, corners: Floats) -> Floats:
        """(n, 2) degrees, within [-180, 180], of (n, 2) columns and rows."""
        a, b, c, d, e, f = self.transform
        column, row = corners.T
        lon, lat = to_crs(self.crs, WGS84, a * column + b * row + c, d * column + e * row + f)
        return np.column_stack([lon - TURN * np.rint(lon / TURN), lat])


def grid_of(crs: str, population: Population, residents: Residents) -> Grid:
    """The raster's own grid where each place is one of its cells; else squares of 80 m on the metric plane `crs`."""
    raster = population.pattern if isinstance(population, DistrictCounts) else population
    if isinstance(raster, CountRaster) and residents.cell_m > 0:
        return Grid(raster.crs, raster.transform, CRS.from_user_input(raster.crs).is_geographic)
    return Grid(crs, (POINT_SIDE_M, 0.0, 0.0, 0.0, POINT_SIDE_M, 0.0))


def zone_areas(grid: Grid, lon: Floats, lat: Floats, zone: Ints, zones: int) -> Geometries:
    """The cells in which the people of each zone live, as one multipolygon in degrees.

    Cells are joined as whole numbers of columns and rows, where equal corners are equal, and only then laid on the
    globe: neighbours have no seam between them. Zones overlap only in a cell that holds places of both - one cut by
    a border, or several buildings in one square.

    Parameters
    ----------
    grid
        Where the cells lie.
    lon, lat
        (n,) degrees of the places.
    zone
        (n,) number of each place's zone; every zone has a place.
    zones
        How many there are.
    """
    column, row = grid.cells(lon, lat)
    order = np.lexsort((row, column, zone))
    zone, column, row = zone[order], column[order], row[order]
    once = np.ones(len(zone), np.bool_)
    once[1:] = (np.diff(zone) != 0) | (np.diff(column) != 0) | (np.diff(row) != 0)
    zone, column, row = zone[once], column[once], row[once]
    by_zone = np.split(shapely.box(column, row, column + 1, row + 1), np.searchsorted(zone, np.arange(1, zones)))
    joined = np.array([shapely.coverage_union_all(squares) for squares in by_zone], dtype=object)
    corners = shapely.simplify(joined, 0.0, preserve_topology=False)  # vertices only where an outline turns
    parts, owner = shapely.get_parts(shapely.transform(corners, grid.lonlat), return_index=True)
    return np.asarray(shapely.multipolygons(parts, indices=owner))
