"""The shortest path itself: from one place to the nearest facility of a service, leg by leg."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from circle import units
from circle.kernels.lengths import ellipsoid_distance_m
from circle.kernels.projection import to_degrees
from circle.kernels.settle import NO_WAY
from circle.kernels.shortest import keys_of_places, seeds, spread
from circle.kernels.walk import Goals, Rows, walked_metres
from circle.model import Attachment, Floats, Int32s, Ints
from circle.reach.engine import Engine, on_edge, stops_of
from circle.reach.nearest import Nearest, Places, Sites, join_places, nearest_facility


@dataclass(frozen=True, eq=False)
class Leg:
    """A part of a route: ``"access"``, ``"network"``, ``"egress"`` or ``"direct"``; cost in seconds (or metres)."""

    kind: str
    cost: float
    length_m: float
    lon: Floats
    lat: Floats

    @property
    def walked_m(self) -> float:
        """Metres that are charged: off the network 1.3 times the straight length."""
        return self.length_m if self.kind == "network" else self.length_m * units.CIRCUITY


@dataclass(frozen=True, eq=False)
class Route:
    """A way from a place to a facility; `legs` is empty when there is none."""

    nearest: Nearest
    legs: tuple[Leg, ...]

    @property
    def walked_m(self) -> float:
        """Metres of all legs as they are charged; ``inf`` without a way."""
        return sum(leg.walked_m for leg in self.legs) if self.legs else np.inf


@dataclass(frozen=True, eq=False)
class Search:
    """One service's search, kept so that many routes can be read off it."""

    engine: Engine
    sites: Sites
    labels: int
    node_key: Ints
    via: Int32s


def search(engine: Engine, sites: Sites) -> Search:
    """Search outward from the facilities of a service, remembering the way back."""
    labels = int(sites.facility.max(initial=0)) + 1
    node, key = seeds(stops_of(sites.places.attachment), engine.ends, sites.facility, labels)
    node_key, via = spread(engine.arcs, node, key, labels, NO_WAY)
    return Search(engine, sites, labels, node_key, via)


def routes(found: Search, lon: Floats, lat: Floats) -> list[Route]:
    """The quickest ways from points to the nearest facility.

    Parameters
    ----------
    found
        From `search`.
    lon, lat
        (n,) degrees.
    """
    places = join_places(found.engine, lon, lat)
    nearest = nearest_facility(found.engine, places, found.sites)
    key, winner = _keys(found, places)
    found_routes = []
    for i in range(len(lon)):
        one = Nearest(*(getattr(nearest, f.name)[i : i + 1] for f in fields(nearest)))
        if not np.isfinite(one.cost[0]):
            legs: tuple[Leg, ...] = ()
        elif one.direct[0]:
            legs = (_direct_leg(one, places, i, found.sites),)
        else:
            legs = _legs(found, places, i, int(key[i]), int(winner[i]))
        found_routes.append(Route(one, legs))
    return found_routes


def route(found: Search, lon: float, lat: float) -> Route:
    """The quickest way from one point; see `routes`."""
    return routes(found, np.array([lon]), np.array([lat]))[0]


def route_lengths(found: Search, places: Places) -> Floats:
    """Metres of the quickest ways of `routes`, without drawing them; ``inf`` where there is none.

    Parameters
    ----------
    found
        From `search`.
    places
        Where they start.
    """
    engine, net, site = found.engine, found.engine.network, found.sites.places.attachment
    nearest = nearest_facility(engine, places, found.sites)
    key, winner = _keys(found, places)
    label = np.repeat(found.sites.facility, np.diff(site.offset))
    goals = Goals(stops_of(site), label, found.labels, found.node_key, found.via)
    rows = Rows(net.segment_offset, net.cost_along, net.cost_back, net.vertex_m)
    walked, goal = walked_metres(stops_of(places.attachment), key, winner, goals, engine.arcs, engine.ends, rows)
    on_foot = np.append(places.attachment.leg_m, np.nan)[winner] + walked + np.append(site.leg_m, np.nan)[goal]
    return np.where(np.isfinite(nearest.cost), np.where(nearest.direct, nearest.leg_m, on_foot), np.inf)


def _keys(found: Search, places: Places) -> tuple[Ints, Ints]:
    """Key of the way over the network of every place, and its winning candidate."""
    engine, sites = found.engine, found.sites
    stops, entrances = stops_of(places.attachment), stops_of(sites.places.attachment)
    rows = on_edge(sites.places.attachment, engine.network.edge_count)
    key, winner = keys_of_places(stops, engine.ends, found.node_key, entrances, sites.facility, found.labels, rows)
    return key, winner


def _direct_leg(nearest: Nearest, places: Places, i: int, sites: Sites) -> Leg:
    own = np.flatnonzero(sites.facility == nearest.facility[0])
    straight_m = ellipsoid_distance_m(places.lon[i], places.lat[i], sites.places.lon[own], sites.places.lat[own])
    near = own[np.argmin(np.abs(straight_m - nearest.leg_m[0]))]  # not the nearest one, if a barrier lies before it
    lon, lat = np.array([places.lon[i], sites.places.lon[near]]), np.array([places.lat[i], sites.places.lat[near]])
    return Leg("direct", float(nearest.cost[0]), float(nearest.leg_m[0]), lon, lat)


def _legs(found: Search, places: Places, i: int, key: int, c: int) -> tuple[Leg, ...]:
    """Access leg, network, egress leg of place i, whose candidate c won with `key`."""
    attachment, egress = places.attachment, found.sites.places
    walk = _Walk(found, attachment, c, key - int(attachment.leg[c]) * found.labels)
    f, entrance = walk.follow()
    vertices_lon, vertices_lat = np.concatenate(walk.lon), np.concatenate(walk.lat)
    if len(vertices_lon) == 1:  # the place comes to the road where the facility does: a line still has two ends
        vertices_lon, vertices_lat = np.repeat(vertices_lon, 2), np.repeat(vertices_lat, 2)
    cost = key // found.labels - int(attachment.leg[c]) - int(egress.attachment.leg[f])
    return (
        Leg(
            "access",
            float(units.from_impedance(attachment.leg[c])),
            float(attachment.leg_m[c]),
            np.r_[places.lon[i], vertices_lon[:1]],
            np.r_[places.lat[i], vertices_lat[:1]],
        ),
        Leg("network", float(units.from_impedance(cost)), walk.length_m, vertices_lon, vertices_lat),
        Leg(
            "egress",
            float(units.from_impedance(egress.attachment.leg[f])),
            float(egress.attachment.leg_m[f]),
            np.r_[vertices_lon[-1:], egress.lon[entrance]],
            np.r_[vertices_lat[-1:], egress.lat[entrance]],
        ),
    )


class _Walk:
    """Follows the keys from a place's candidate to the facility, gathering vertices."""

    def __init__(self, found: Search, attachment: Attachment, candidate: int, key: int) -> None:
        self.found, self.engine, self.net = found, found.engine, found.engine.network
        self.edge = int(attachment.edge[candidate])
        self.along, self.back = int(attachment.along[candidate]), int(attachment.back[candidate])
        self.key = key
        self.lon: list[Floats] = []
        self.lat: list[Floats] = []
        self.length_m = 0.0
        self.site = found.sites.places.attachment

    def follow(self) -> tuple[int, int]:
        """Walk to the end; the site's candidate and its entrance."""
        start = self._position(self.along, self.back)
        beside = self._site_on(self.edge, self.along, self.back, self.key)
        if beside is not None:
            self._draw(self.edge, start, self._site_position(beside))
            return beside, self._entrance(beside)
        node, end = self._leave()
        self._draw(self.edge, start, end)
        while self.found.via[node] >= 0:
            arc = self.found.via[node]
            edge, forward = int(self.engine.arcs.edge[arc]), bool(self.engine.arcs.forward[arc])
            whole = (0.0, float(len(self._row(edge)) - 1))
            self._draw(edge, *(whole if forward else whole[::-1]))
            node = int(self.engine.ends.end[edge] if forward else self.engine.ends.start[edge])
        site, edge, forward = self._site_from(node)
        last = float(len(self._row(edge)) - 1)
        self._draw(edge, 0.0 if forward else last, self._site_position(site))
        return site, self._entrance(site)

    def _row(self, edge: int) -> Ints:
        """Vertex numbers of an edge."""
        net = self.net
        return np.arange(net.segment_offset[edge] + edge, net.segment_offset[edge + 1] + edge + 1)

    def _position(self, along: int, back: int, edge: int | None = None) -> float:
        """Where on the edge, as vertex number plus fraction of the next segment."""
        row = self._row(self.edge if edge is None else edge)
        sums, value = self.net.cost_along[row], along
        if sums[-1] == 0:
            sums, value = self.net.cost_back[row], back
        segment = int(np.clip(np.searchsorted(sums, value, side="right") - 1, 0, len(row) - 2))
        step = int(sums[segment + 1] - sums[segment])
        return segment + (min(1.0, (value - int(sums[segment])) / step) if step else 0.0)

    def _site_position(self, site: int) -> float:
        return self._position(int(self.site.along[site]), int(self.site.back[site]), int(self.site.edge[site]))

    def _entrance(self, site: int) -> int:
        return int(np.searchsorted(self.site.offset, site, side="right") - 1)

    def _label(self, site: int) -> int:
        return int(self.found.sites.facility[self._entrance(site)])

    def _site_on(self, edge: int, along: int, back: int, key: int) -> int | None:
        """The site's candidate reached straight along the edge at exactly `key`, if that is how the key came about."""
        ends = self.engine.ends
        for site in np.flatnonzero(self.site.edge == edge):
            ahead, behind = int(self.site.along[site]) - along, back - int(self.site.back[site])
            walks = [w for w, way in ((ahead, ends.forward[edge]), (behind, ends.backward[edge])) if way and w >= 0]
            if any((w + int(self.site.leg[site])) * self.found.labels + self._label(int(site)) == key for w in walks):
                return int(site)
        return None

    def _leave(self) -> tuple[int, float]:
        """The end of the edge by which the way leaves it, and that end's position."""
        ends, edge, labels = self.engine.ends, self.edge, self.found.labels
        rest = int(ends.along[edge]) - self.along
        if ends.forward[edge] and int(self.found.node_key[ends.end[edge]]) + rest * labels == self.key:
            return int(ends.end[edge]), float(len(self._row(edge)) - 1)
        return int(ends.start[edge]), 0.0

    def _site_from(self, node: int) -> tuple[int, int, bool]:
        """The site's candidate that seeded `node`, its edge, and whether the edge is walked forward."""
        ends, key = self.engine.ends, int(self.found.node_key[node])
        for site in np.flatnonzero((ends.start[self.site.edge] == node) | (ends.end[self.site.edge] == node)):
            edge, leg = int(self.site.edge[site]), int(self.site.leg[site])
            label, labels = self._label(int(site)), self.found.labels
            ahead = int(self.site.along[site]) + leg
            if ends.start[edge] == node and ends.forward[edge] and ahead * labels + label == key:
                return int(site), edge, True
            behind = int(ends.back[edge]) - int(self.site.back[site]) + leg
            if ends.end[edge] == node and ends.backward[edge] and behind * labels + label == key:
                return int(site), edge, False
        message = f"no facility seeds node {node}: the search and the attachment disagree"
        raise AssertionError(message)

    def _draw(self, edge: int, start: float, end: float) -> None:
        """Add the vertices of an edge between two positions."""
        row = self._row(edge)
        low, high = min(start, end), max(start, end)
        if low == 0.0 and high == len(row) - 1:
            step = 1 if end > start else -1
            self.lon.append(self.net.vertex_lon[row[0] : row[-1] + 1][::step])
            self.lat.append(self.net.vertex_lat[row[0] : row[-1] + 1][::step])
            self.length_m += float(self.net.vertex_m[row[-1]])
            return
        steps = np.arange(len(row))
        lon, lat = self._points(row, np.unique(np.r_[low, np.arange(np.ceil(low), np.floor(high) + 1), high]))
        step = -1 if end < start else 1
        self.lon.append(lon[::step])
        self.lat.append(lat[::step])
        metres = np.interp([low, high], steps, self.net.vertex_m[row])
        self.length_m += float(metres[1] - metres[0])

    def _points(self, row: Ints, at: Floats) -> tuple[Floats, Floats]:
        """Degrees of positions on an edge: between two vertices straight on the plane, as places are joined to it."""
        net, steps = self.net, np.arange(len(row))
        vertex = row[at.astype(np.int64)]
        lon, lat = net.vertex_lon[vertex], net.vertex_lat[vertex]
        between = at % 1.0 > 0.0
        x, y = np.interp(at[between], steps, net.vertex_x[row]), np.interp(at[between], steps, net.vertex_y[row])
        lon[between], lat[between] = to_degrees(net.crs, x, y)
        return lon, lat
