"""Residents from a raster of counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import Geod, Transformer

from circle.errors import Findings
from circle.kernels.heights import grid_position
from circle.kernels.lengths import ellipsoid_distance_m
from circle.lazily import gpd
from circle.model import OUTSIDE, Bools, CountRaster, Floats, Geometries, Ints, Residents, Streets
from circle.population.borders import Parts, cut_cells, districts_of_points
from circle.population.spread import WIDE_M, Carriers, Spread, carriers_of, spread

EDGE_DEGREES = 0.01
"""Borders are given vertices at least this often before they are bent into another projection."""

_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True, eq=False)
class Cells:
    """The n populated cells of a raster, row by row.

    Parameters
    ----------
    populated
        (rows, columns) where anybody lives.
    lon, lat
        (n,) centres; NaN where the projection has no such place.
    people
        (groups, n).
    side_m
        Square root of the area of the cell in the middle of the raster.
    size_m
        Width and height of that cell.
    """

    populated: Bools
    lon: Floats
    lat: Floats
    people: Floats
    side_m: float
    size_m: tuple[float, float]


def populated_cells(raster: CountRaster) -> Cells:
    """The cells where anybody of any group lives."""
    populated: Bools = np.any(raster.counts > 0, axis=0)
    rows, columns = (index.astype(np.float64) for index in np.nonzero(populated))
    lon, lat = _lonlat(raster, columns + 0.5, rows + 0.5)
    size = _cell_size(raster, columns, rows, np.flatnonzero(np.isfinite(lon)))
    return Cells(populated, lon, lat, raster.counts[:, populated], *size)


def _cell_size(raster: CountRaster, columns: Floats, rows: Floats, known: Ints) -> tuple[float, tuple[float, float]]:
    """Root of the area, and width and height in metres, of the cell in the middle of the raster.

    Where the projection has no such place, of the middle one of the `known` cells.
    """
    if not len(known):
        a, b, _, d, e, _ = raster.transform
        return 0.0, (float(np.hypot(a, d)), float(np.hypot(b, e)))
    corners = np.array([[0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 1.0, 1.0]])
    high, wide = raster.counts.shape[1:]
    lon, lat = _lonlat(raster, wide // 2 + corners[0], high // 2 + corners[1])
    if not np.isfinite(lon).all():
        middle = known[len(known) // 2]
        lon, lat = _lonlat(raster, columns[middle] + corners[0], rows[middle] + corners[1])
    area, _ = _GEOD.polygon_area_perimeter(lon, lat)
    width, height = ellipsoid_distance_m(lon[[0, 1]], lat[[0, 1]], lon[[1, 2]], lat[[1, 2]])
    return float(np.sqrt(abs(area))), (float(width), float(height))


def _lonlat(raster: CountRaster, column: Floats, row: Floats) -> tuple[Floats, Floats]:
    """Degrees of places given in columns and rows; NaN where there is no such place on earth."""
    a, b, c, d, e, f = raster.transform
    to_degrees = Transformer.from_crs(raster.crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(a * column + b * row + c, d * column + e * row + f)
    lon, lat = (np.where(np.isfinite(lon) & np.isfinite(lat), degrees, np.nan) for degrees in (lon, lat))
    return lon - 360.0 * np.rint(lon / 360.0), lat


def parts_of_cells(raster: CountRaster, cells: Cells, areas: Geometries | None) -> Parts:
    """The cells cut at the districts' borders; whole, and all in district 0, where there are no districts."""
    if areas is None:
        n = len(cells.lon)
        return Parts(np.arange(n), np.zeros(n, dtype=np.int64), np.ones(n))
    width, height = cells.size_m
    rows = cells.populated.shape[0]
    to_raster = Transformer.from_crs("EPSG:4326", raster.crs, always_xy=True)

    def plane(lonlat: Floats) -> Floats:
        column, row = grid_position(raster.transform, *to_raster.transform(lonlat[:, 0], lonlat[:, 1]))
        return np.column_stack([column * width, (rows - row) * height])

    drawn = shapely.transform(shapely.segmentize(areas, EDGE_DEGREES), plane)
    valid = shapely.make_valid(drawn, method="structure", keep_collapsed=False)
    return cut_cells(cells.populated, valid, cells.size_m)


def place_cells(
    raster: CountRaster,
    areas: Geometries | None,
    streets: Streets | None,
    buildings: gpd.GeoDataFrame | None,
    findings: Findings,
) -> Residents:
    """The people of a raster at places: centres of cells cut at borders; wide cells are spread over what is given."""
    cells = populated_cells(raster)
    parts = parts_of_cells(raster, cells, areas)
    people = cells.people[:, parts.cell] * parts.share
    cell_m = f"{cells.side_m:.0f}"
    carriers = carriers_of(streets, buildings, findings) if cells.side_m > WIDE_M else None
    if carriers is None:
        if cells.side_m > WIDE_M:
            findings.warn("population.cells_coarse", cell_m=cell_m)
        lon, lat = cells.lon[parts.cell], cells.lat[parts.cell]
        return Residents(lon, lat, people, raster.groups, parts.district, cells.side_m)
    placed = spread_parts(raster, cells, parts, carriers, areas)
    people = people[:, placed.zone] * placed.share
    stay = f"{people[0, placed.bare].sum():,.0f}"
    findings.note("population.cells_spread", cell_m=cell_m, places=len(placed.zone), people=stay)
    return Residents(placed.lon, placed.lat, people, raster.groups, parts.district[placed.zone], 0.0)


def carriers_of_cells(
    pattern: CountRaster,
    areas: Geometries,
    streets: Streets | None,
    buildings: gpd.GeoDataFrame | None,
    findings: Findings,
) -> tuple[Carriers, Ints]:
    """The populated places of a raster, weighing the people they hold, and the area that each lies in."""
    cells = place_cells(pattern, areas, streets, buildings, findings)
    weight = np.where(np.isfinite(cells.lon), cells.people[0], 0.0)
    return Carriers(cells.lon, cells.lat, weight, np.arange(len(weight))), cells.district


def spread_parts(
    raster: CountRaster, cells: Cells, parts: Parts, carriers: Carriers, areas: Geometries | None
) -> Spread:
    """Places of every part of a cell on the carriers that lie in it, `Spread.zone` being the part.

    A border thus divides the people of a coarse cell by area, whatever roads the file holds on its far side.
    """
    to_raster = Transformer.from_crs("EPSG:4326", raster.crs, always_xy=True)
    column, row = grid_position(raster.transform, *to_raster.transform(carriers.lon, carriers.lat))
    rows, columns = cells.populated.shape
    inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    carrier = np.flatnonzero(inside)
    number = np.full(cells.populated.shape, -1, dtype=np.int64)
    number[cells.populated] = np.arange(len(cells.lon))
    cell = number[row[carrier].astype(np.int64), column[carrier].astype(np.int64)]
    carrier, cell = carrier[cell >= 0], cell[cell >= 0]
    district = np.zeros(len(carrier), dtype=np.int64)
    if areas is not None:
        district = districts_of_points(carriers.lon[carrier], carriers.lat[carrier], areas)
    part = _part_of(parts, cell, district, 0 if areas is None else len(areas))
    return spread(cells.lon[parts.cell], cells.lat[parts.cell], carriers, part[part >= 0], carrier[part >= 0])


def _part_of(parts: Parts, cell: Ints, district: Ints, districts: int) -> Ints:
    """Row of each pair in `parts`; a cell that is all in one part takes all its carriers; else -1."""
    keys = parts.cell * (districts + 2) + parts.district - OUTSIDE
    wanted = cell * (districts + 2) + district - OUTSIDE
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    part = np.where(keys[at] == wanted, at, -1)
    first = np.searchsorted(parts.cell, cell)
    alone = np.bincount(parts.cell)[cell] == 1
    return np.where((part < 0) & alone, first, part)
