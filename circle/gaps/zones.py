"""Unserved residents grouped by what one new site could serve within the limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from circle.gaps.naming import name_zones
from circle.kernels.cover import greedy_cover
from circle.kernels.projection import to_degrees, to_metres
from circle.model import (
    OUTSIDE,
    REASONS,
    Districts,
    Facilities,
    Floats,
    Int32s,
    Ints,
    Residents,
    ServiceReach,
    Settlements,
    Status,
)

LEAST_PEOPLE = 50.0
SITES_AT_MOST = 20_000
POINT_SIDE_M = 80.0
"""Side of the square that a place without a size of its own is drawn as."""

COLUMNS = (
    "gap_id",
    "service",
    "kind",
    "rank",
    "name",
    "district_id",
    "district_name",
    "people",
    "reason",
    *(reason.name.lower() for reason in REASONS),
    "site_lon",
    "site_lat",
    "facility_id",
    "facility_name",
    "cost",
    "route_m",
    "straight_m",
)


@dataclass(frozen=True, eq=False)
class Setting:
    """Where the zones lie: the projection, residents, districts, settlements and facilities of the region."""

    crs: str
    residents: Residents
    districts: Districts | None
    settlements: Settlements | None
    facilities: Facilities


def uncovered_places(reach: ServiceReach, residents: Residents) -> Ints:
    """Row numbers of the region's places where people live who are not covered (neighbours' people are not its gaps)."""
    unserved = (reach.status != Status.COVERED) & (reach.status != Status.UNKNOWN) & (residents.people[0] > 0)
    return np.flatnonzero(unserved & (residents.district != OUTSIDE))


def candidate_sites(crs: str, residents: Residents, uncovered: Ints) -> Ints:
    """Where a new site might stand: among the unserved places themselves.

    Where there are over 20,000 of them, one per square stands for the others: the one with most people, in squares of
    100 m, 200 m, … until few enough are left.

    Returns
    -------
    ndarray
        (sites,) positions in `uncovered`, ascending.
    """
    chosen = np.arange(len(uncovered))
    x, y = to_metres(crs, residents.lon[uncovered], residents.lat[uncovered])
    people, side_m = residents.people[0][uncovered], 100.0
    while len(chosen) > SITES_AT_MOST:
        square = np.column_stack([x[chosen] // side_m, y[chosen] // side_m])
        _, group = np.unique(square, axis=0, return_inverse=True)
        order = np.lexsort((chosen, -people[chosen], group.ravel()))
        first = np.r_[True, group.ravel()[order][1:] != group.ravel()[order][:-1]]
        chosen, side_m = np.sort(chosen[order[first]]), side_m * 2
    return chosen


def gap_zones(
    setting: Setting,
    reach: ServiceReach,
    uncovered: Ints,
    sites: Ints,
    pairs: tuple[Int32s, Int32s],
    route_m: Callable[[Floats, Floats], Floats],
) -> gpd.GeoDataFrame:
    """Zones of one service, ranked, and a closing row for all that are too small.

    Sites are chosen greedily: the one that newly covers most people of its own district, then the one that covers
    most of the rest, and so on while a site adds at least 50 people. What a site newly covers is its zone, so the zones
    and the closing row hold every uncovered person once.

    Parameters
    ----------
    setting
        The region.
    reach
        The service's answer.
    uncovered
        Row numbers from `uncovered_places`.
    sites
        Positions in `uncovered` from `candidate_sites`.
    pairs
        (site, place): positions in `sites` and in `uncovered` of all pairs within the limit.
    route_m
        Metres along the network from points (lon, lat) to the nearest facility of the service.

    Returns
    -------
    geopandas.GeoDataFrame
        WGS84, columns `COLUMNS`.
    """
    residents = setting.residents
    chosen, zone_of = _choose(residents, uncovered, sites, pairs)
    rank = _ranks(residents.people[0][uncovered], zone_of, len(chosen))
    zone_of = np.where(zone_of >= 0, np.append(rank, -1)[zone_of], len(chosen))
    site_place = np.empty(len(chosen), np.int64)
    site_place[rank] = uncovered[sites[chosen]]
    order = np.argsort(zone_of, kind="stable")
    members = np.split(uncovered[order], np.searchsorted(zone_of[order], np.arange(1, len(chosen) + 1)))
    rows = [_row(setting, reach, members[zone], zone, int(place)) for zone, place in enumerate(site_place)]
    if len(members[-1]):
        rows.append(_rest(setting, reach, members[-1]))
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "geometry"])
    if len(chosen):
        frame.loc[: len(chosen) - 1, "route_m"] = route_m(residents.lon[site_place], residents.lat[site_place])
    frame["name"] = name_zones(setting.crs, setting.settlements, residents, (uncovered, zone_of), frame)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326")


def _choose(residents: Residents, uncovered: Ints, sites: Ints, pairs: tuple[Int32s, Int32s]) -> tuple[Ints, Ints]:
    """Greedy cover, each site serving its own district; a site always serves the place where it stands."""
    own = np.arange(len(sites))
    site, place = np.r_[pairs[0], own].astype(np.int64), np.r_[pairs[1], sites].astype(np.int64)
    district = residents.district[uncovered]
    same = district[sites[site]] == district[place]
    both = np.unique(np.column_stack([site[same], place[same]]), axis=0)
    site, place = both[:, 0], both[:, 1]
    order = np.lexsort((site, place))
    chosen, zone_of = greedy_cover(
        _offset(site, len(sites)),
        place,
        _offset(place, len(uncovered)),
        site[order],
        residents.people[0][uncovered],
        LEAST_PEOPLE,
    )
    return chosen, zone_of


def _offset(row: Ints, count: int) -> Ints:
    return np.concatenate([[0], np.cumsum(np.bincount(row, minlength=count))]).astype(np.int64)


def _ranks(people: Floats, zone_of: Ints, count: int) -> Ints:
    """Rank of each zone by people, most first."""
    held = np.bincount(zone_of[zone_of >= 0], people[zone_of >= 0], count)
    rank = np.empty(count, np.int64)
    rank[np.argsort(-held, kind="stable")] = np.arange(count)
    return rank


def _row(setting: Setting, reach: ServiceReach, members: Ints, zone: int, site: int) -> dict[str, object]:
    """One zone with its site."""
    residents, table = setting.residents, setting.facilities.table
    facility, district = int(reach.facility[site]), int(residents.district[site])
    row = {
        **_people_by_reason(residents, reach, members),
        "gap_id": f"{reach.service}-{zone + 1:03d}",
        "service": reach.service,
        "kind": "zone",
        "rank": zone + 1,
        "district_id": "",
        "district_name": "",
        "site_lon": float(residents.lon[site]),
        "site_lat": float(residents.lat[site]),
        "cost": float(reach.cost[site]),
        "straight_m": float(reach.straight_m[site]),
        "geometry": _area(setting, members),
    }
    if setting.districts is not None:
        row |= setting.districts.frame[["district_id", "district_name"]].iloc[district].to_dict()
    if facility >= 0:
        row |= {"facility_id": table["facility_id"].iloc[facility], "facility_name": table["name"].iloc[facility]}
    return row


def _rest(setting: Setting, reach: ServiceReach, members: Ints) -> dict[str, object]:
    """The closing row: everyone in zones under 50 people."""
    return {
        **_people_by_reason(setting.residents, reach, members),
        "gap_id": f"{reach.service}-rest",
        "service": reach.service,
        "kind": "rest",
        "district_id": "",
        "district_name": "",
        "geometry": _area(setting, members),
    }


def _people_by_reason(residents: Residents, reach: ServiceReach, members: Ints) -> dict[str, object]:
    people = residents.people[0][members]
    by_status = np.bincount(reach.status[members].astype(np.int64), people, len(Status))
    reasons = {reason.name.lower(): float(by_status[reason]) for reason in REASONS}
    return {"people": float(people.sum()), "reason": max(reasons, key=lambda r: reasons[r]), **reasons}


def _area(setting: Setting, members: Ints) -> shapely.Geometry:
    """The squares where these people live, as one multipolygon in degrees."""
    residents = setting.residents
    half = (residents.cell_m or POINT_SIDE_M) / 2 + 1.0  # a metre more closes the seams between neighbouring cells
    x, y = to_metres(setting.crs, residents.lon[members], residents.lat[members])
    area = shapely.union_all(shapely.box(x - half, y - half, x + half, y + half))
    area = shapely.transform(area, lambda p: np.column_stack(to_degrees(setting.crs, p[:, 0], p[:, 1])))
    return shapely.MultiPolygon([p for p in shapely.get_parts(area) if p.geom_type == "Polygon"])
