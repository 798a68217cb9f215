"""Residents and their answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from circle.errors import Problem
from circle.lazily import gpd, pd
from circle.model.arrays import Bools, Floats, Int8s, Ints
from circle.model.inputs import RegionData
from circle.model.network import NetworkData
from circle.model.trails import Trails

if TYPE_CHECKING:
    from circle.settings import Question

OUTSIDE = -1
"""District row number of people who live in no district."""


@dataclass(frozen=True, eq=False)
class Residents:
    """People at places. n places; a raster cell on a border is one place per district.

    Parameters
    ----------
    lon, lat
        (n,) NaN where the location is unusable: those people are *unknown*.
    people
        (groups, n) people; row 0 is the group ``"all"``.
    groups
        Names of the groups, ``"all"`` first.
    district
        (n,) row number in `Districts`, or `OUTSIDE`. All 0 in a region without districts.
    cell_m
        Side of the square that a place stands for, in metres; 0 for points and buildings.
    """

    lon: Floats
    lat: Floats
    people: Floats
    groups: tuple[str, ...]
    district: Ints
    cell_m: float


class Status(IntEnum):
    """Why residents are covered or not, at the main limit."""

    COVERED = 0
    FAR = 1
    DETOUR = 2
    OFF_ROAD = 3
    NO_ROUTE = 4
    NO_FACILITY = 5
    UNKNOWN = 6


REASONS = (Status.FAR, Status.DETOUR, Status.OFF_ROAD, Status.NO_ROUTE, Status.NO_FACILITY)


@dataclass(frozen=True, eq=False)
class ServiceReach:
    """The nearest facility of one service from each of n places.

    Parameters
    ----------
    service
        Key of the service.
    cost
        (n,) seconds (or metres): ``inf`` cannot be reached at all, ``NaN`` location unknown.
    facility
        (n,) row number in the facility table; -1 none.
    straight_m
        (n,) straight metres to the nearest entrance of any facility of the service; ``inf`` where there is none.
    leg_m
        (n,) straight metres of the access leg of the winning way (of the direct leg where `direct`); NaN without one.
    direct
        (n,) the direct leg beside the network won.
    status
        (n,) `Status` at the main (longest) limit.
    edge_affected
        (n,) the answer could change with roads or facilities beyond the data's boundary.
    """

    service: str
    cost: Floats
    facility: Ints
    straight_m: Floats
    leg_m: Floats
    direct: Bools
    status: Int8s
    edge_affected: Bools


@dataclass(frozen=True, eq=False)
class Audit:
    """What the planner should know about the data behind the answer, counted in people.

    Parameters
    ----------
    people
        ``total``, ``unknown``, ``outside_districts``; of the region's own: ``leg_over_500m``, ``barred`` (a barrier
        lies before the nearest road, whether or not there is another), ``no_road`` (no road can be reached at all).
    pieces
        One row per piece of network that has people: ``piece``, ``nodes``, ``length_m``, ``people``, ``lon``, ``lat``,
        ``lacking`` (of them, those who cannot reach some service) and ``without_…`` (those, per service).
    long_legs
        The ten longest access legs: ``lon``, ``lat``, ``leg_m``, ``people``, ``district_name``.
    far_facilities
        Facilities over 100 m from any road: ``facility_id``, ``name``, ``service``, ``leg_m``.
    edge_affected
        People per service whose answer depends on unseen land.
    """

    people: Mapping[str, float]
    pieces: pd.DataFrame
    long_legs: pd.DataFrame
    far_facilities: pd.DataFrame
    edge_affected: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Analysis:
    """The whole answer.

    Parameters
    ----------
    settings
        `circle.settings.Question`.
    reach
        One per service.
    together
        All services at once, named ``"all_services"``: its cost is that of the service reached last.
    indicators
        Long table, one row per scope × service (and ``"all_services"``) × group × limit; columns in
        `circle.indicators`.
    summary
        One row per service and one for all services, group ``all``, whole region.
    gaps
        Zones of unserved people; WGS84.
    isochrones
        One polygon per service (or facility) and limit; WGS84.
    isochrone_check
        Per service and limit: people on the wrong side of the polygon, and the resolution.
    seconds
        Seconds per stage.
    trails
        The ways of all places to every service; None where the region is too large to keep them.
    """

    region: RegionData
    settings: Question
    network: NetworkData
    residents: Residents
    reach: Mapping[str, ServiceReach]
    together: ServiceReach
    indicators: pd.DataFrame
    summary: pd.DataFrame
    gaps: gpd.GeoDataFrame
    isochrones: gpd.GeoDataFrame
    isochrone_check: pd.DataFrame
    audit: Audit
    problems: tuple[Problem, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    trails: Trails | None = None
