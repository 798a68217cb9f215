"""People counted by district, spread inside it: by a raster's pattern, over buildings, along roads, or over its area.

Every district keeps its own people, in every group, wherever they are put (volume-preserving, Tobler 1979); what
differs is only where inside. A district without any of what was wanted falls back to the next in this order, and that
is told by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from circle.errors import Findings
from circle.lazily import gpd
from circle.messages import Terms
from circle.model import (
    OUTSIDE,
    Bools,
    CountRaster,
    DistrictCounts,
    Districts,
    Floats,
    Geometries,
    Ints,
    Residents,
    Streets,
)
from circle.population.borders import districts_of_points
from circle.population.cells import place_cells
from circle.population.spread import Carriers, Spread, carriers_of_buildings, carriers_of_streets, spread
from circle.units import METRES_PER_DEGREE

ORDER = ("raster", "buildings", "roads", "area")
AREA_STEP_M = 200.0
MOST_POINTS = 4000
"""A district spread evenly over its area has places this far apart, but no more of them than this."""
NAMES_SHOWN = 10


@dataclass(frozen=True, eq=False)
class Offer:
    """What may carry people.

    Parameters
    ----------
    carriers
        c pieces.
    district
        (c,) row number of the district of each, or `OUTSIDE`.
    cell_m
        Side of the squares that the pieces stand for; 0 where they are points.
    """

    carriers: Carriers
    district: Ints
    cell_m: float = 0.0


@dataclass(frozen=True, eq=False)
class Ground:
    """What people can be spread over.

    Parameters
    ----------
    districts
        As read.
    areas
        (d,) the same without their overlaps.
    """

    districts: Districts
    areas: Geometries
    streets: Streets | None
    buildings: gpd.GeoDataFrame | None


def place_counts(counts: DistrictCounts, ground: Ground, findings: Findings) -> Residents:
    """People of every district at places inside it.

    Returns
    -------
    Residents
        The people of `counts`, district by district and group by group.
    """
    waiting = np.any(counts.people > 0, axis=0)
    nowhere = np.zeros(len(waiting))
    placed: list[Spread] = []
    sides = []
    for over in ORDER[ORDER.index(counts.spread) :]:
        offer = _offer(over, counts, ground, waiting, findings) if waiting.any() else None
        if offer is None:
            continue
        carrier = np.flatnonzero((offer.district != OUTSIDE) & waiting[offer.district])
        found = spread(nowhere, nowhere, offer.carriers, offer.district[carrier], carrier)
        served = np.zeros(len(waiting), dtype=bool)
        served[found.zone[~found.bare]] = True
        if served.any():
            _tell(counts, ground.districts, served, (over, int(np.count_nonzero(~found.bare))), findings)
            placed.append(found)
            sides.append(offer.cell_m)
        waiting = waiting & ~served
    return _residents(counts, placed, sides[0] if len(sides) == 1 else 0.0)


def _residents(counts: DistrictCounts, placed: list[Spread], cell_m: float) -> Residents:
    """The people of all districts at the places that carry them, in the order of the districts."""
    kept = [~found.bare for found in placed]

    def joined(arrays: Iterable[Floats | Ints], dtype: type = np.float64) -> NDArray[Any]:
        some = [values[keep] for values, keep in zip(arrays, kept, strict=True)]
        return np.concatenate([np.empty(0, dtype=dtype), *some])

    zone = joined((found.zone for found in placed), np.int64)
    lon, lat = joined(found.lon for found in placed), joined(found.lat for found in placed)
    share = joined(found.share for found in placed)
    order = np.argsort(zone, kind="stable")
    people = counts.people[:, zone[order]] * share[order]
    return Residents(lon[order], lat[order], people, counts.groups, zone[order], cell_m)


def _tell(
    counts: DistrictCounts, districts: Districts, served: Bools, over: tuple[str, int], findings: Findings
) -> None:
    """Note what people were spread over; warn, by name, where it is not what was wanted."""
    name, places = over
    names = districts.frame["district_name"].astype(str).to_numpy()[served]
    if name == counts.spread:
        findings.note("census.spread_over", districts=len(names), places=places, over=Terms("over", (name,)))
        return
    more = ", …" if len(names) > NAMES_SHOWN else ""
    findings.warn(
        "census.fallback",
        count=len(names),
        people=f"{counts.people[0, served].sum():,.0f}",
        wanted=Terms("over", (counts.spread,)),
        over=Terms("over", (name,)),
        names=", ".join(names[:NAMES_SHOWN]) + more,
    )


def _offer(over: str, counts: DistrictCounts, ground: Ground, waiting: Bools, findings: Findings) -> Offer | None:
    """What there is of one kind to put the people of the waiting districts on."""
    if over == "raster":
        return None if counts.pattern is None else _cells(counts, counts.pattern, ground, findings)
    if over == "area":
        return _even(ground, waiting)
    if over == "buildings":
        if ground.buildings is None or not len(ground.buildings):
            return None
        carriers = carriers_of_buildings(ground.buildings, findings)
    else:
        if ground.streets is None:
            return None
        carriers = carriers_of_streets(ground.streets)
    return Offer(carriers, districts_of_points(carriers.lon, carriers.lat, ground.areas))


def _cells(counts: DistrictCounts, pattern: CountRaster, ground: Ground, findings: Findings) -> Offer:
    """The populated cells of the raster, cut at borders by area, weighing the people they hold."""
    cells = place_cells(pattern, ground.areas, ground.streets, ground.buildings, findings)
    weight, outside = cells.people[0], cells.district == OUTSIDE
    lost, inside = float(weight[outside].sum()), float(weight[~outside].sum())
    if lost > 0:
        percent = f"{100 * lost / (lost + inside):.1f}"
        findings.note("census.pattern_outside", people=f"{lost:,.0f}", percent=percent)
    census = float(counts.people[0].sum())
    findings.note("census.pattern_differs", raster=f"{inside:,.0f}", census=f"{census:,.0f}")
    carriers = Carriers(cells.lon, cells.lat, np.where(np.isfinite(cells.lon), weight, 0.0), np.arange(len(weight)))
    return Offer(carriers, cells.district, cells.cell_m)


def _even(ground: Ground, waiting: Bools) -> Offer:
    """Points that lie evenly over each waiting district; plain areal weighting."""
    lon, lat, district = [], [], []
    for row in np.flatnonzero(waiting):
        own = ground.areas[row]
        points = even_points(ground.districts.frame.geometry.iloc[row] if shapely.is_empty(own) else own)
        lon.append(points[0])
        lat.append(points[1])
        district.append(np.full(len(points[0]), row))
    east, north = np.concatenate(lon), np.concatenate(lat)
    carriers = Carriers(east, north, np.cos(np.radians(north)), np.arange(len(east)))
    return Offer(carriers, np.concatenate(district))


def even_points(area: shapely.Geometry) -> tuple[Floats, Floats]:
    """Degrees of points inside an area, in lattices of equal steps of about `AREA_STEP_M`; one in the smallest.

    Part by part, for the parts of one area may lie on both sides of 180 degrees.
    """
    _, south, _, north = shapely.bounds(area)
    per_lon = METRES_PER_DEGREE * max(float(np.cos(np.radians((south + north) / 2))), 0.01)
    square_m = float(shapely.area(area)) * per_lon * METRES_PER_DEGREE
    step_m = max(AREA_STEP_M, (square_m / MOST_POINTS) ** 0.5)
    found = [_lattice(part, step_m / per_lon, step_m / METRES_PER_DEGREE) for part in shapely.get_parts(area)]
    points = np.concatenate(found)
    if not len(points):
        points = shapely.get_coordinates(shapely.point_on_surface(area))
    return points[:, 0].copy(), points[:, 1].copy()


def _lattice(area: shapely.Polygon, wide: float, high: float) -> Floats:
    """(n, 2) points inside an area, `wide` and `high` apart."""
    west, south, east, north = shapely.bounds(area)
    lon, lat = np.meshgrid(np.arange(west + 0.5 * wide, east, wide), np.arange(south + 0.5 * high, north, high))
    points = np.column_stack([lon.ravel(), lat.ravel()])
    shapely.prepare(area)
    return np.asarray(points[shapely.contains_xy(area, points)])
