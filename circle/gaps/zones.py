"""Unserved residents grouped by what one new site could serve within the limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from circle.gaps.areas import Grid, zone_areas
from circle.gaps.naming import name_zones
from circle.kernels.cover import greedy_cover, rows_by_place
from circle.kernels.projection import to_metres
from circle.kernels.walls import Walls
from circle.lazily import gpd, pd
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
SITES_AT_MOST = 10_000
SQUARES = 2**32

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
    """Where the zones lie: the projection, residents and the grid they are drawn on, and what is around them."""

    crs: str
    walls: Walls
    residents: Residents
    grid: Grid
    districts: Districts | None
    settlements: Settlements | None
    facilities: Facilities


def uncovered_places(reach: ServiceReach, residents: Residents) -> Ints:
    """Row numbers of the region's places where uncovered people live; neighbours' people are not its gaps."""
    unserved = (reach.status != Status.COVERED) & (reach.status != Status.UNKNOWN) & (residents.people[0] > 0)
    return np.flatnonzero(unserved & (residents.district != OUTSIDE))


def candidate_sites(crs: str, residents: Residents, uncovered: Ints) -> Ints:
    """Where a new site might stand: among the unserved places themselves.

    Where there are over 10,000 of them, one per square stands for the others: the one with most people, in squares of
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
        square = _square(x[chosen], y[chosen], side_m)
        order = np.lexsort((chosen, -people[chosen], square))
        first = np.r_[True, square[order][1:] != square[order][:-1]]
        chosen, side_m = np.sort(chosen[order[first]]), side_m * 2
    return chosen


def _square(x: Floats, y: Floats, side_m: float) -> Ints:
    """One number for each square of a grid, by column, then row; for anything smaller than the Earth."""
    return (x // side_m).astype(np.int64) * SQUARES + (y // side_m).astype(np.int64)


def gap_zones(
    setting: Setting,
    reach: ServiceReach,
    uncovered: Ints,
    sites: Ints,
    pairs: tuple[Int32s, Int32s],
    route_m: Callable[[Ints], Floats],
) -> gpd.GeoDataFrame:
    """Zones of one service, ranked within it, and a closing row for all that are too small.

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
        (site, place): positions in `sites` and in `uncovered` of all pairs within the limit, by site, then place.
    route_m
        Metres of the quickest ways from places (row numbers) to the nearest facility of the service.

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
    frame = _table(setting, reach, uncovered, zone_of, site_place)
    if len(chosen):
        frame.loc[: len(chosen) - 1, "route_m"] = route_m(site_place)
    plane = setting.crs, setting.walls
    frame["name"] = name_zones(plane, (setting.settlements, setting.districts), residents, (uncovered, zone_of), frame)
    return gpd.GeoDataFrame(frame[[*COLUMNS, "geometry"]], geometry="geometry", crs="EPSG:4326")


def _choose(residents: Residents, uncovered: Ints, sites: Ints, pairs: tuple[Int32s, Int32s]) -> tuple[Ints, Ints]:
    """Greedy cover, each site serving its own district; a site always serves the place where it stands."""
    site, place = pairs
    district = residents.district[uncovered].astype(np.int32)
    same = district[sites].take(site) == district.take(place)
    site, place = site[same], place[same]
    stranded = np.ones(len(sites), np.bool_)
    stranded[site[sites.take(site) == place]] = False
    if stranded.any():
        own = np.flatnonzero(stranded).astype(np.int32)
        site, place = np.r_[site, own], np.r_[place, sites[own].astype(np.int32)]
        order = np.lexsort((place, site))
        site, place = site[order], place[order]
    by_site = _offset(site, len(sites))
    people = residents.people[0][uncovered]
    place_offset, place_site = rows_by_place(by_site, place, len(uncovered))
    chosen, zone_of = greedy_cover(by_site, place, place_offset, place_site, people, LEAST_PEOPLE)
    return chosen, zone_of


def _offset(row: Ints, count: int) -> Ints:
    return np.concatenate([[0], np.cumsum(np.bincount(row, minlength=count))]).astype(np.int64)


def _ranks(people: Floats, zone_of: Ints, count: int) -> Ints:
    """Rank of each zone by people, most first."""
    held = np.bincount(zone_of[zone_of >= 0], people[zone_of >= 0], count)
    rank = np.empty(count, np.int64)
    rank[np.argsort(-held, kind="stable")] = np.arange(count)
    return rank


def _table(setting: Setting, reach: ServiceReach, uncovered: Ints, zone_of: Ints, site_place: Ints) -> pd.DataFrame:
    """One row per zone in order of rank, and the closing row where anybody is left."""
    residents, zones = setting.residents, len(site_place)
    rows = zones + int((zone_of == zones).any())
    frame = _people_by_reason(residents, reach, uncovered, zone_of, rows)
    number = np.arange(rows)
    frame["service"] = reach.service
    frame["kind"] = np.where(number < zones, "zone", "rest")
    frame["rank"] = pd.array([*range(1, zones + 1), *[None] * (rows - zones)], dtype="Int64")
    frame["gap_id"] = [f"{reach.service}-{i + 1:03d}" if i < zones else f"{reach.service}-rest" for i in number]
    for column, values in _of_sites(setting, reach, site_place).items():
        blank = "" if column.startswith("district") else None if column.startswith("facility") else np.nan
        frame[column] = np.array([*values, *[blank] * (rows - zones)], dtype=object)
    numbers = ["site_lon", "site_lat", "cost", "straight_m"]
    frame[numbers] = frame[numbers].astype(np.float64)
    frame["route_m"] = np.nan
    lon, lat = residents.lon[uncovered], residents.lat[uncovered]
    frame["geometry"] = zone_areas(setting.grid, lon, lat, zone_of, rows)
    return frame


def _of_sites(setting: Setting, reach: ServiceReach, site: Ints) -> dict[str, list[object]]:
    """What is known of the best site of each zone: its district, its nearest facility today."""
    residents, table = setting.residents, setting.facilities.table
    columns: dict[str, list[object]] = {
        "site_lon": residents.lon[site].tolist(),
        "site_lat": residents.lat[site].tolist(),
        "cost": reach.cost[site].tolist(),
        "straight_m": reach.straight_m[site].tolist(),
    }
    for column in ("district_id", "district_name"):
        known = [] if setting.districts is None else setting.districts.frame[column].tolist()
        columns[column] = [known[d] if known else "" for d in residents.district[site]]
    for column, source in (("facility_id", "facility_id"), ("facility_name", "name")):
        values = table[source].tolist()
        columns[column] = [values[f] if f >= 0 and isinstance(values[f], str) else None for f in reach.facility[site]]
    return columns


def _people_by_reason(
    residents: Residents, reach: ServiceReach, uncovered: Ints, zone_of: Ints, rows: int
) -> pd.DataFrame:
    """People of each zone, by reason, and the reason of most of them."""
    cell = zone_of * len(Status) + reach.status[uncovered]
    people = np.bincount(cell, residents.people[0][uncovered], rows * len(Status)).reshape(rows, len(Status))
    frame = pd.DataFrame({reason.name.lower(): people[:, reason] for reason in REASONS})
    names = np.array(frame.columns, dtype=object)
    return frame.assign(people=people.sum(axis=1), reason=names[np.argmax(frame.to_numpy(), axis=1)])
