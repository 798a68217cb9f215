"""All pairs of a place and a site within a limit: long and sparse, never a dense matrix."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count

import numpy as np

from circle import units
from circle.kernels.pairs import pairs_by_network
from circle.kernels.settle import NO_WAY
from circle.kernels.shortest import Stops
from circle.model import Floats, Int32s, Ints
from circle.reach.attach import leg_impedance
from circle.reach.engine import Engine, by_edge, stops_of
from circle.reach.nearest import Places, direct_pairs

SITES_AT_ONCE = 1_000

Columns = tuple[Int32s, Int32s, Ints]
"""Site, place, impedance."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs within the limit, by site, then place: row numbers and impedance."""

    site: Int32s
    place: Int32s
    impedance: Ints


def pairs_within_limit(engine: Engine, places: Places, sites: Places, limit: float | None) -> Pairs:
    """Impedance from places to sites.

    Parameters
    ----------
    engine
        The network.
    places
        Where people start.
    sites
        Where they go; one point each.
    limit
        Seconds (or metres); pairs at exactly the limit count. None: no limit, every pair that is connected.

    Returns
    -------
    Pairs
    """
    slices = _slices(engine, places, sites, NO_WAY - 1 if limit is None else int(units.to_impedance(limit)))
    columns = list(zip(*slices, strict=True))
    columns.reverse()
    # a column's slices are let go once it stands: a hundred million pairs are 1.6 GB, once
    return Pairs(*(np.concatenate(columns.pop()) for _ in range(len(columns))))


def _slices(engine: Engine, places: Places, sites: Places, limit: int) -> Iterator[Columns]:
    """Threads over slices of sites, in their order."""
    rows = by_edge(places.attachment, engine.network.edge_count)
    stops, everything = stops_of(places.attachment), stops_of(sites.attachment)
    direct = _direct(engine, places, sites, limit)

    def one(low: int) -> Columns:
        high = min(low + SITES_AT_ONCE, len(sites.x))
        part = Stops(everything.offset[low : high + 1], *everything[1:])
        site, place, cost = pairs_by_network(engine.arcs, engine.ends, part, stops, rows, limit)
        beside = slice(*np.searchsorted(direct[0], [low, high]))
        return _merged((site + np.int32(low), place, cost), (direct[0][beside], direct[1][beside], direct[2][beside]))

    with ThreadPoolExecutor(cpu_count()) as pool:
        yield from pool.map(one, range(0, max(len(sites.x), 1), SITES_AT_ONCE))


def _direct(engine: Engine, places: Places, sites: Places, limit: int) -> Columns:
    """Direct legs within the limit, by site."""
    found: list[tuple[Ints, Ints, Floats]] = [
        (entrance, place + part.start, leg_m) for part, place, entrance, leg_m in direct_pairs(engine, places, sites)
    ]
    if not found:
        return np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.int64)
    site, place, leg_m = (np.concatenate(column) for column in zip(*found, strict=True))
    cost = leg_impedance(leg_m, engine.network.leg_speed_m_s)
    order = np.lexsort((place, site))
    order = order[cost[order] <= limit]
    return site[order].astype(np.int32), place[order].astype(np.int32), cost[order]


def _merged(network: Columns, beside: Columns) -> Columns:
    """The better of network and direct leg for every pair."""
    site, place = np.r_[network[0], beside[0]], np.r_[network[1], beside[1]]
    cost = np.r_[network[2], beside[2]]
    order = np.lexsort((cost, place, site))
    site, place, cost = site[order], place[order], cost[order]
    first = np.ones(len(site), np.bool_)
    first[1:] = (site[1:] != site[:-1]) | (place[1:] != place[:-1])
    return site[first], place[first], cost[first]
