"""The ways of all places to the nearest facility of each service, as trees: kept from the search that found them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from circle.kernels.lengths import ellipsoid_distance_m
from circle.kernels.trails import kept_ways, metres_of
from circle.kernels.walk import Goals, Rows
from circle.model import Bools, Departure, Int8s, Int32s, Ints, Trail, Trails
from circle.reach.engine import Engine, on_edge, stops_of
from circle.reach.nearest import Nearest, Places, Settled, Sites, nearest_of, ways_and_winners
from circle.reach.paths import Search


@dataclass(frozen=True, eq=False)
class Traced:
    """The nearest facilities of n places, and how their ways begin.

    Parameters
    ----------
    nearest
        As `nearest_facility` has them.
    winner
        (n,) the candidate by which the way comes to the road; -1 without one.
    departure, goal
        (n,) `Departure`, and for `Departure.BESIDE` the candidate of the entrance, else -1.
    used
        (nodes,) whether a way of any of them leads over the junction.
    arrival, ahead
        (nodes,) the candidate of the entrance where the way ends after it, -1 where it goes on, and whether it walks
        that last edge forward.
    """

    nearest: Nearest
    winner: Ints
    departure: Int8s
    goal: Ints
    used: Bools
    arrival: Ints
    ahead: Bools


def traced(found: Search, places: Places) -> Traced:
    """The nearest facility from every place, as `nearest_facility` finds it, with the beginnings of the ways."""
    engine, sites = found.engine, found.sites
    rows = on_edge(sites.places.attachment, engine.network.edge_count)
    ways, winner = ways_and_winners(engine, places, sites, Settled(found.node_key, found.labels), rows)
    stops, goals = stops_of(places.attachment), _goals(found)
    departure, goal, *over = kept_ways(stops, ways.key, winner, goals, engine.arcs, engine.ends, rows)
    departure[ways.direct] = Departure.DIRECT
    return Traced(nearest_of(places.x, ways, found.labels), winner, departure, goal, *over)


def trails_of(engine: Engine, places: Places, found: Mapping[str, tuple[Search, Traced]]) -> Trails:
    """The ways to every service, with the stops that they share."""
    attachment, net = places.attachment, engine.network
    used = np.zeros(len(attachment.edge), np.bool_)
    for _, own in found.values():
        used[own.winner[own.winner >= 0]] = True
    candidate = np.flatnonzero(used)
    number = np.append(np.cumsum(used) - 1, -1).astype(np.int32)
    rows = Rows(net.segment_offset, net.cost_along, net.cost_back, net.vertex_m)
    return Trails(
        stop_place=(np.searchsorted(attachment.offset, candidate, side="right") - 1).astype(np.int32),
        stop_edge=attachment.edge[candidate],
        stop_m=metres_of(stops_of(attachment), candidate, rows),
        services={name: _trail(search, own, places, number, rows) for name, (search, own) in found.items()},
    )


def _goals(found: Search) -> Goals:
    site = found.sites.places.attachment
    label = np.repeat(found.sites.facility, np.diff(site.offset))
    return Goals(stops_of(site), label, found.labels, found.node_key, found.via)


def _trail(found: Search, own: Traced, places: Places, number: Int32s, rows: Rows) -> Trail:
    """One service's ways; `number` of each candidate among the stops."""
    engine, site = found.engine, found.sites.places
    node = np.flatnonzero(own.used)
    via, arrival, ahead = found.via[node], own.arrival[node], own.ahead[node]
    on_way = via >= 0
    edge = np.append(site.attachment.edge, np.int32(-1))[arrival]  # of goals; others follow
    edge[on_way], ahead[on_way] = engine.arcs.edge[via[on_way]], engine.arcs.forward[via[on_way]]

    direct = np.flatnonzero(own.departure == Departure.DIRECT)
    entrance = _doors(own.nearest, places, direct, found.sites)
    candidates, doors = _several(arrival, own.goal), np.unique(entrance)
    goal = np.full(len(own.goal), -1, np.int32)
    beside = own.goal >= 0
    goal[beside] = np.searchsorted(candidates, own.goal[beside])
    goal[direct] = len(candidates) + np.searchsorted(doors, entrance)
    door = np.r_[np.searchsorted(site.attachment.offset, candidates, side="right") - 1, doors]
    none = np.zeros(len(doors))
    return Trail(
        stop=number[own.winner],
        departure=own.departure,
        goal=goal,
        node=node.astype(np.int32),
        edge=edge.astype(np.int32),
        ahead=ahead,
        arrival=np.where(arrival >= 0, np.searchsorted(candidates, arrival), -1).astype(np.int32),
        goal_edge=np.r_[site.attachment.edge[candidates], np.full(len(doors), -1)].astype(np.int32),
        goal_m=np.r_[metres_of(stops_of(site.attachment), candidates, rows), none],
        goal_leg_m=np.r_[site.attachment.leg_m[candidates], none],
        goal_lon=site.lon[door],
        goal_lat=site.lat[door],
    )


def _several(*candidates: Ints) -> Ints:
    """All candidates of entrances that are named, ascending."""
    found = np.unique(np.concatenate(candidates))
    return found[found >= 0]


def _doors(nearest: Nearest, places: Places, direct: Ints, sites: Sites) -> Ints:
    """The entrance that each direct leg leads to: not the nearest one of its facility, if a barrier lies before it."""
    order, own = np.argsort(sites.facility, kind="stable"), nearest.facility[direct]
    first = np.searchsorted(sites.facility[order], own)
    count = np.searchsorted(sites.facility[order], own, side="right") - first
    begin = np.cumsum(count) - count
    leg = np.repeat(direct, count)
    entrance = order[np.repeat(first - begin, count) + np.arange(len(leg))]
    there = sites.places
    metres = ellipsoid_distance_m(places.lon[leg], places.lat[leg], there.lon[entrance], there.lat[entrance])
    off = np.abs(metres - nearest.leg_m[leg])
    best = np.lexsort((off, np.repeat(np.arange(len(direct)), count)))
    return entrance[best[begin]] if len(direct) else np.empty(0, np.int64)
