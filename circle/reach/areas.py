"""Isochrones of every service as a table, with the people on the wrong side of each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from circle.lazily import gpd, pd
from circle.model import Geometries, Residents, ServiceReach
from circle.reach.contours import Isochrone
from circle.reach.engine import Engine
from circle.reach.isochrone import facility_isochrones, isochrones_of, people_on_the_wrong_side
from circle.reach.lattice import Lattice, lattice_step_m
from circle.reach.nearest import Sites

if TYPE_CHECKING:
    from circle.settings import Question

COLUMNS = ("service", "facility_id", "limit", "limit_value", "geometry")


@dataclass(frozen=True, eq=False)
class Crowd:
    """Residents and what they reach, to hold the polygons against."""

    residents: Residents
    reach: Mapping[str, ServiceReach]


def isochrone_tables(
    engine: Engine,
    sites: Mapping[str, Sites],
    crowd: Crowd,
    question: Question,
    *,
    water: Geometries,
    facility_ids: Sequence[str] | None = None,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Areas per service and limit, and how far they can be trusted.

    Parameters
    ----------
    engine
        The network.
    sites
        Facilities by service; a service without any has no area.
    crowd
        Residents and their answers.
    question
        The limits and the resolution.
    water
        Polygons to be cut out.
    facility_ids
        Ids of the facility table: one area per facility as well; None: only per service.

    Returns
    -------
    isochrones, check
        `Analysis.isochrones` and `Analysis.isochrone_check`.
    """
    offered = {name: own for name, own in sites.items() if len(own.facility)}
    rows: list[tuple[object, ...]] = []
    checks: list[dict[str, object]] = []
    if offered:
        entrances = [own.places for own in offered.values()]
        step_m = lattice_step_m(engine, entrances, question.main.value, question.isochrone_resolution_m)
        lattice = Lattice(engine, step_m, most_points=math.inf, longest=question.limits[-1].value)
        shores = shapely.STRtree(water)
        for service, own in offered.items():
            areas = isochrones_of(lattice, own.places, question.limits, shores)
            rows += _rows(service, "", areas)
            checks += [_check(crowd, service, area, lattice.step_m) for area in areas]
            if facility_ids is not None:
                for number, each in facility_isochrones(lattice, own, question.limits, shores):
                    rows += _rows(service, facility_ids[number], each)
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326"), pd.DataFrame(checks)


def _rows(service: str, facility_id: str, areas: Sequence[Isochrone]) -> Iterator[tuple[object, ...]]:
    for area in areas:
        yield service, facility_id, area.limit.label, area.limit.value, area.geometry


def _check(crowd: Crowd, service: str, area: Isochrone, resolution_m: float) -> dict[str, object]:
    """People on the wrong side of a polygon: coverage is decided on the network, the polygon is for the eye."""
    residents = crowd.residents
    located = np.isfinite(residents.lon)
    people = residents.people[0][located]
    within = crowd.reach[service].cost[located] <= area.limit.value
    lon, lat = residents.lon[located], residents.lat[located]
    wrong_in, wrong_out = people_on_the_wrong_side(area.geometry, lon, lat, within)
    inside, outside = float(people[wrong_in].sum()), float(people[wrong_out].sum())
    return {
        "service": service,
        "limit": area.limit.label,
        "people_inside_uncovered": inside,
        "people_outside_covered": outside,
        "share_wrong": (inside + outside) / people.sum() if people.sum() > 0 else 0.0,
        "resolution_m": resolution_m,
    }
