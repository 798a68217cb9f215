"""All pairs of a place and a site within a limit: long and sparse, never a dense matrix."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from circle import units
from circle.kernels.pairs import pairs_by_network
from circle.kernels.settle import NO_WAY
from circle.kernels.shortest import Arcs, Ends, Stops
from circle.model import Floats, Int32s, Ints
from circle.reach.attach import leg_impedance
from circle.reach.engine import Engine, by_edge, stops_of
from circle.reach.nearest import Places, Sites, direct_pairs, select_places
from circle.threads import cpu_count

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
    return _gathered(
        engine, places, stops_of(sites.attachment), _direct(engine, places, sites, _bound(limit)), _bound(limit)
    )


def facilities_within_limit(engine: Engine, places: Places, sites: Sites, limit: float | None) -> Pairs:
    """Impedance from places to facilities: as `pairs_within_limit`, to the best entrance of each.

    Returns
    -------
    Pairs
        `site` is the number of the facility.
    """
    order = np.argsort(sites.facility, kind="stable")
    entrances = select_places(sites.places, order)
    facility, first = np.unique(sites.facility[order], return_index=True)
    group = np.repeat(np.arange(len(facility), dtype=np.int32), np.diff(np.append(first, len(order))))
    stops = stops_of(entrances.attachment)
    stops = stops._replace(offset=stops.offset[np.append(first, len(order))])
    entrance, place, cost = _direct(engine, places, entrances, _bound(limit))
    pairs = _gathered(engine, places, stops, (group[entrance], place, cost), _bound(limit))
    return Pairs(facility.astype(np.int32)[pairs.site], pairs.place, pairs.impedance)


def _bound(limit: float | None) -> int:
    """The largest impedance that counts; a limit beyond every way, infinite too, is none."""
    if limit is None or limit >= NO_WAY / units.IMPEDANCE_PER_UNIT:
        return NO_WAY - 1
    return int(units.to_impedance(limit))


def _gathered(engine: Engine, places: Places, sites: Stops, direct: Columns, limit: int) -> Pairs:
    """The better of network and direct leg for every pair."""
    parts = network_pairs((engine.arcs, engine.ends), stops_of(places.attachment), sites, limit)
    slices = []
    for low, part in parts:
        beside = slice(*np.searchsorted(direct[0], [low, low + SITES_AT_ONCE]))
        slices.append(_merged(part, (direct[0][beside], direct[1][beside], direct[2][beside])))
    return joined_slices(slices)


def joined_slices(slices: list[Columns]) -> Pairs:
    """One behind the other; `slices` is emptied."""
    columns = [list(column) for column in zip(*slices, strict=True)]
    slices.clear()
    columns.reverse()
    # a column's slices are let go once it stands: a hundred million pairs are 1.6 GB, once
    return Pairs(*(np.concatenate(columns.pop()) for _ in range(len(columns))))


def network_pairs(net: tuple[Arcs, Ends], places: Stops, sites: Stops, limit: int) -> Iterator[tuple[int, Columns]]:
    """Pairs over the network alone, by threads over slices of sites, in their order.

    Yields
    ------
    low, (site, place, impedance)
        The slice's first site, and its pairs by site, then place.
    """
    arcs, ends = net
    rows = by_edge(places, len(ends.start))

    def one(low: int) -> tuple[int, Columns]:
        part = sites._replace(offset=sites.offset[low : low + SITES_AT_ONCE + 1])
        site, place, cost = pairs_by_network(arcs, ends, part, places, rows, limit)
        return low, (site + np.int32(low), place, cost)

    with ThreadPoolExecutor(cpu_count()) as pool:
        yield from pool.map(one, range(0, max(len(sites.offset) - 1, 1), SITES_AT_ONCE))


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
    """The better of network and direct leg for every pair. The network's come by site, then place, each once."""
    if len(beside[0]) == 0:
        return network
    key, other = _pair_numbers(network), _pair_numbers(beside)
    order = np.argsort(other, kind="stable")  # a facility may have several entrances beside one place
    first = np.flatnonzero(np.diff(other[order], prepend=-1))
    cost, first = np.minimum.reduceat(beside[2][order], first), order[first]
    other = other[first]
    at = np.searchsorted(key, other)
    known = np.zeros(len(at), np.bool_)
    known[at < len(key)] = key[at[at < len(key)]] == other[at < len(key)]
    network[2][at[known]] = np.minimum(network[2][at[known]], cost[known])
    new, at = first[~known], at[~known]
    site, place = (np.insert(column, at, more[new]) for column, more in zip(network[:2], beside[:2], strict=True))
    return site, place, np.insert(network[2], at, cost[~known])


def _pair_numbers(columns: Columns) -> Ints:
    """One number for each pair, in the order of site, then place."""
    return (columns[0].astype(np.int64) << 32) | columns[1]
