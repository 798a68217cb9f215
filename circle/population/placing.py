"""From counts of people to residents at places."""

from __future__ import annotations

import numpy as np
import shapely

from circle.errors import Findings
from circle.lazily import gpd
from circle.model import (
    OUTSIDE,
    BuildingTotal,
    CountFeatures,
    CountRaster,
    DistrictCounts,
    Districts,
    Floats,
    Geometries,
    Ints,
    Population,
    Residents,
    Streets,
)
from circle.population.borders import disjoint_areas, districts_of_points, tree_of_points
from circle.population.cells import carriers_of_cells, place_cells
from circle.population.dasymetric import Ground, place_counts
from circle.population.floor_area import area_m2, floor_area_m2
from circle.population.spread import WIDE_M, Carriers, carriers_of, spread

MOSTLY_OUTSIDE = 0.5


def place_residents(
    population: Population,
    districts: Districts | None,
    *,
    streets: Streets | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    findings: Findings,
) -> Residents:
    """People at places, each in one district or outside all.

    Cells of a raster become places at their centres, one per district where a border cuts them, by area. Cells (and
    polygons) wider than 250 m are spread over the buildings or roads inside them. Points stay where they are. A total
    is spread over the buildings by floor area. People counted by district are spread inside each, see `dasymetric`.

    Parameters
    ----------
    population
        Counts as read.
    districts
        None: the region is one district.
    streets, buildings
        What wide cells and polygons are spread over; buildings are taken where both are given.
    findings
        Takes what the user should know of what was assumed.

    Returns
    -------
    Residents
        The same people as in `population`, in every group.

    Raises
    ------
    ValueError
        If people are counted by district and there are no districts.
    """
    areas = None if districts is None else disjoint_areas(districts, findings)
    if isinstance(population, DistrictCounts):
        if districts is None or areas is None:
            message = "people counted by district without districts"
            raise ValueError(message)
        residents = place_counts(population, Ground(districts, areas, streets, buildings), findings)
    elif isinstance(population, CountRaster):
        residents = place_cells(population, areas, streets, buildings, findings)
    elif isinstance(population, CountFeatures):
        residents = _from_features(population, areas, streets, buildings, findings)
    else:
        residents = _from_buildings(population, areas, findings)
    _tell_outside(residents, findings)
    return residents


def _from_features(
    counts: CountFeatures,
    areas: Geometries | None,
    streets: Streets | None,
    buildings: gpd.GeoDataFrame | None,
    findings: Findings,
) -> Residents:
    people = counts.frame[list(counts.groups)].to_numpy(dtype=np.float64).T
    lived_in = np.flatnonzero(np.any(people > 0, axis=0))
    frame, people = counts.frame.iloc[lived_in], people[:, lived_in]
    shapes = np.asarray(frame.geometry.array)
    lon, lat = _points_of(shapes)
    wide = np.flatnonzero(area_m2(frame) > WIDE_M**2)
    zone, share, bare = np.arange(len(lon)), np.ones(len(lon)), np.isin(np.arange(len(lon)), wide)
    if counts.pattern is not None and not len(wide):
        findings.warn("population.pattern_unused", width_m=f"{WIDE_M:.0f}")
    offered = _carried(counts, shapes[wide], (streets, buildings), findings) if len(wide) else None
    if offered is not None:
        carriers, polygon, carrier = offered
        placed = spread(lon, lat, carriers, wide[polygon], carrier)
        zone, lon, lat, share = placed.zone, placed.lon, placed.lat, placed.share
        bare = placed.bare & bare[zone]
    people = people[:, zone] * share
    if bare.any():
        crowd = f"{people[0, bare].sum():,.0f}"
        findings.warn("population.polygons_coarse", people=crowd, width_m=f"{WIDE_M:.0f}")
    return Residents(lon, lat, people, counts.groups, _districts(lon, lat, areas), 0.0)


def _carried(
    counts: CountFeatures,
    shapes: Geometries,
    ground: tuple[Streets | None, gpd.GeoDataFrame | None],
    findings: Findings,
) -> tuple[Carriers, Ints, Ints] | None:
    """What the people of wide polygons are put on, and which of it (third) lies in which polygon (second)."""
    if counts.pattern is None:
        carriers = carriers_of(*ground, findings)
        if carriers is None:
            return None
        polygon, carrier = tree_of_points(carriers.lon, carriers.lat).query(shapes, predicate="intersects")
        return carriers, polygon, carrier
    ids = [str(number) for number in range(len(shapes))]
    zones = Districts(gpd.GeoDataFrame({"district_id": ids, "district_name": ids}, geometry=shapes, crs="EPSG:4326"))
    carriers, polygon = carriers_of_cells(counts.pattern, disjoint_areas(zones, Findings()), *ground, findings)
    carrier = np.flatnonzero(polygon != OUTSIDE)
    return carriers, polygon[carrier], carrier


def _from_buildings(total: BuildingTotal, areas: Geometries | None, findings: Findings) -> Residents:
    """A total lives in the districts, so buildings around them get nobody."""
    frame = total.frame[total.frame.geometry.notna()]
    lon, lat = _points_of(np.asarray(frame.geometry.array))
    district = _districts(lon, lat, areas)
    inside = district != OUTSIDE
    if not inside.any():
        findings.warn("population.no_buildings_inside", buildings=len(frame))
        inside[:] = True
    elif not inside.all():
        counted = int(np.count_nonzero(inside))
        findings.note("population.buildings_outside", inside=counted, outside=len(frame) - counted)
    weight = floor_area_m2(frame[inside], findings)
    if not weight.sum() > 0:
        weight = np.ones(len(weight))
    people = total.total * weight / weight.sum()
    lived_in = people > 0
    return Residents(
        lon[inside][lived_in], lat[inside][lived_in], people[None, lived_in], ("all",), district[inside][lived_in], 0.0
    )


def _points_of(shapes: Geometries) -> tuple[Floats, Floats]:
    """A point inside each shape; NaN where there is none."""
    points = shapely.point_on_surface(shapes)
    return shapely.get_x(points), shapely.get_y(points)


def _districts(lon: Floats, lat: Floats, areas: Geometries | None) -> Ints:
    return np.zeros(len(lon), dtype=np.int64) if areas is None else districts_of_points(lon, lat, areas)


def _tell_outside(residents: Residents, findings: Findings) -> None:
    """Say how many people of known place live outside every district."""
    outside = (residents.district == OUTSIDE) & np.isfinite(residents.lon)
    people, total = float(residents.people[0, outside].sum()), float(residents.people[0].sum())
    if people <= 0:
        return
    shown = {"people": f"{people:,.0f}", "percent": f"{100 * people / total:.1f}"}
    if people > MOSTLY_OUTSIDE * total:
        findings.warn("population.mostly_outside", row=None, **shown)
    else:
        findings.note("population.outside", row=None, **shown)
