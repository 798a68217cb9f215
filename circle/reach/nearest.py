"""From every place to the nearest facility of a service: one search outward from the facilities, without limit."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from circle import units
from circle.kernels.beside import pairs_within
from circle.kernels.lengths import ellipsoid_distance_m
from circle.kernels.nearest_point import nearest_points
from circle.kernels.projection import to_metres
from circle.kernels.settle import NO_WAY
from circle.kernels.shortest import keys_of_places, seeds, spread
from circle.model import Attachment, Bools, Facilities, Floats, Ints
from circle.reach.attach import attach_metres, candidates_of_groups, chosen_candidates, leg_impedance
from circle.reach.engine import Engine, OnEdge, grid_of_points, on_edge, stops_of
from circle.threads import cpu_count

DIRECT_LEG_M = 300.0
CHUNK = 100_000


@dataclass(frozen=True, eq=False)
class Places:
    """n points joined to the network: `lon`, `lat` degrees, `x`, `y` metres of the network's projection.

    `strict`: those in the water have no way out of it; see `attach`.
    """

    lon: Floats
    lat: Floats
    x: Floats
    y: Floats
    attachment: Attachment
    strict: bool = False


@dataclass(frozen=True, eq=False)
class Sites:
    """m entrances joined to the network, each with the facility (row number) that it leads to."""

    places: Places
    facility: Ints


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest facility from each of n places.

    `cost` (seconds or metres; ``inf``: none can be reached; NaN: location unknown), `facility` (row number, -1 none),
    `leg_m` (the winning access leg, or the direct leg; NaN without a way), `direct` (the direct leg won).
    """

    cost: Floats
    facility: Ints
    leg_m: Floats
    direct: Bools


def join_places(
    engine: Engine, lon: Floats, lat: Floats, *, farthest_m: float = np.inf, strict: bool = False
) -> Places:
    """Points with their candidates."""
    x, y = to_metres(engine.network.crs, lon, lat)
    return Places(lon, lat, x, y, attach_metres(engine, x, y, lat, farthest_m=farthest_m, strict=strict), strict)


def join_facilities(engine: Engine, facilities: Facilities) -> dict[str, Sites]:
    """Entrances with their candidates, by service in the order of the table."""
    joined = join_places(engine, facilities.entrance_lon, facilities.entrance_lat)
    owner = facilities.entrance_facility
    joined = replace(joined, attachment=candidates_of_groups(joined.attachment, owner, facilities.outline))
    service = facilities.columns["service"][owner]
    rows = {name: np.flatnonzero(service == name) for name in facilities.services}
    return {name: Sites(select_places(joined, own), owner[own]) for name, own in rows.items()}


def no_sites() -> Sites:
    """The sites of a service that nobody offers."""
    nothing = np.empty(0)
    numbers = np.empty(0, np.int64)
    attachment = Attachment(
        np.zeros(1, np.int64),
        np.empty(0, np.int32),
        numbers,
        numbers,
        numbers,
        nothing,
        nothing,
        nothing,
        np.empty(0, np.bool_),
    )
    return Sites(Places(nothing, nothing, nothing, nothing, attachment), numbers)


def select_places(places: Places, rows: Ints) -> Places:
    """The same places and candidates, those rows only."""
    attachment = places.attachment
    count = attachment.offset[rows + 1] - attachment.offset[rows]
    first = np.cumsum(count) - count
    item = np.repeat(attachment.offset[rows] - first, count) + np.arange(count.sum())
    part = chosen_candidates(attachment, item, count, attachment.barred[rows])
    return Places(places.lon[rows], places.lat[rows], places.x[rows], places.y[rows], part, places.strict)


def nearest_facilities(engine: Engine, places: Places, sites: Mapping[str, Sites]) -> dict[str, Nearest]:
    """`nearest_facility` of every service, each in a thread of its own."""
    with ThreadPoolExecutor(cpu_count()) as pool:
        found = pool.map(lambda own: nearest_facility(engine, places, own), sites.values())
        return dict(zip(sites, found, strict=True))


def nearest_facility(engine: Engine, places: Places, sites: Sites) -> Nearest:
    """The nearest facility from every place; ties go to the smaller row number.

    The travel time of a place is the least, over its candidate edges, of access leg + network + egress leg; beside the
    network a direct leg of at most 300 m counts if it is shorter.
    """
    settled = settled_nodes(engine, sites, int(sites.facility.max(initial=0)) + 1)
    rows = on_edge(sites.places.attachment, engine.network.edge_count)
    return nearest_of(places.x, best_ways(engine, places, sites, settled, rows), settled.labels)


class Settled(NamedTuple):
    """A search's answer for junctions: (n,) ``impedance * labels + facility``, `NO_WAY` where none can be reached."""

    key: Ints
    labels: int


class Ways(NamedTuple):
    """The best way of n places: its key as in `Settled`; else as in `Nearest`."""

    key: Ints
    leg_m: Floats
    direct: Bools

    def at(self, rows: Ints) -> Ways:
        """Those of some places."""
        return Ways(self.key[rows], self.leg_m[rows], self.direct[rows])


def settled_nodes(engine: Engine, sites: Sites, labels: int) -> Settled:
    """Search outward from entrances; facilities have numbers below `labels`."""
    node, seed_key = seeds(stops_of(sites.places.attachment), engine.ends, sites.facility, labels)
    return Settled(spread(engine.arcs, node, seed_key, labels, NO_WAY, trace=False)[0], labels)


def best_ways(
    engine: Engine, places: Places, sites: Sites, settled: Settled, rows: OnEdge, *, beside: Sites | None = None
) -> Ways:
    """The best ways of places, over the network or by a direct leg.

    Parameters
    ----------
    engine, places, sites, settled
        What was searched.
    rows
        The entrances' candidates by edge.
    beside
        The entrances that any of the places may have direct legs to; None: all.
    """
    return ways_and_winners(engine, places, sites, settled, rows, beside=beside)[0]


def ways_and_winners(
    engine: Engine, places: Places, sites: Sites, settled: Settled, rows: OnEdge, *, beside: Sites | None = None
) -> tuple[Ways, Ints]:
    """As `best_ways`, with the candidate of each place that won; -1 where none did."""
    entrances = stops_of(sites.places.attachment)
    key, winner = keys_of_places(
        stops_of(places.attachment), engine.ends, settled.key, entrances, sites.facility, settled.labels, rows
    )
    direct_key, direct_m = _direct(engine, places, sites if beside is None else beside, settled.labels)
    direct = direct_key <= key
    direct &= direct_key < NO_WAY
    leg_m = np.where(winner >= 0, np.append(places.attachment.leg_m, np.nan)[winner], np.nan)
    ways = Ways(np.minimum(key, direct_key), np.where(direct, direct_m, leg_m), direct)
    return ways, np.where(direct, -1, winner)


def nearest_of(x: Floats, ways: Ways, labels: int) -> Nearest:
    """Keys of places at `x` (not finite: unknown) taken apart."""
    reached, known = ways.key < NO_WAY, np.isfinite(x)
    return Nearest(
        cost=np.where(known, units.from_impedance(np.where(reached, ways.key // labels, NO_WAY)), np.nan),
        facility=np.where(reached, ways.key % labels, -1),
        leg_m=ways.leg_m,
        direct=ways.direct,
    )


def _direct(engine: Engine, places: Places, sites: Sites, labels: int) -> tuple[Ints, Floats]:
    """Key and metres of the best direct leg of each place; `NO_WAY` and NaN without one."""
    key, metres = np.full(len(places.x), NO_WAY, np.int64), np.full(len(places.x), np.nan)
    for part, place, entrance, leg_m in direct_pairs(engine, places, sites.places):
        cost = leg_impedance(leg_m, engine.network.leg_speed_m_s) * labels + sites.facility[entrance]
        if not len(place):
            continue
        first = np.flatnonzero(np.r_[True, place[1:] != place[:-1]])
        least = np.minimum.reduceat(cost, first)
        tied = cost == np.repeat(least, np.diff(np.r_[first, len(place)]))
        key[part.start + place[first]] = least
        # two doors may differ by less than a millisecond
        metres[part.start + place[first]] = np.minimum.reduceat(np.where(tied, leg_m, np.inf), first)
    return key, metres


def direct_pairs(engine: Engine, places: Places, entrances: Places):  # type: ignore[no-untyped-def]
    """Pairs of a place and an entrance at most 300 m apart with no barrier between, slice by slice of places.

    Yields
    ------
    part, place, entrance, leg_m
        The slice, row numbers within it, row numbers of entrances, ellipsoidal metres.
    """
    grid = grid_of_points(entrances.x, entrances.y)
    for low in range(0, len(places.x), CHUNK):
        part = slice(low, min(low + CHUNK, len(places.x)))
        # a hair wider on the plane, so that the ellipsoid decides at exactly 300 m
        options = (DIRECT_LEG_M * 1.01, places.strict)
        place, entrance = pairs_within(
            places.x[part], places.y[part], entrances.x, entrances.y, grid, engine.walls, options
        )
        leg_m = ellipsoid_distance_m(
            places.lon[part][place], places.lat[part][place], entrances.lon[entrance], entrances.lat[entrance]
        )
        near = leg_m <= DIRECT_LEG_M
        yield part, place[near], entrance[near], leg_m[near]


def straight_line_m(places: Places, sites: Sites) -> Floats:
    """(n,) ellipsoidal metres from every place to the nearest entrance as the crow flies; ``inf`` without any."""
    known = np.isfinite(places.x)
    metres = np.where(known, np.inf, np.nan)
    if len(sites.places.x) and known.any():
        _, nearest = nearest_points(places.x[known], places.y[known], sites.places.x, sites.places.y)
        metres[known] = ellipsoid_distance_m(
            places.lon[known], places.lat[known], sites.places.lon[nearest], sites.places.lat[nearest]
        )
    return metres
