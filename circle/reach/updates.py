"""The nearest facility of every place, held while facilities come and go: only what changes is reckoned anew."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from circle.kernels.beside import pairs_within
from circle.kernels.rows import ALL, in_rows
from circle.kernels.settle import NO_WAY, settle
from circle.kernels.shortest import seeds
from circle.kernels.updates import Leaving, catchment, forsake, places_beside
from circle.kernels.walls import walls_of
from circle.model import Attachment, Bools, Int32s, Ints
from circle.reach.engine import Engine, by_edge, grid_of_points, on_edge, stops_of
from circle.reach.nearest import (
    DIRECT_LEG_M,
    Nearest,
    Places,
    Settled,
    Sites,
    Ways,
    best_ways,
    nearest_of,
    select_places,
    settled_nodes,
)

NEAR_M = DIRECT_LEG_M * 1.01
"""No direct leg is longer, on the plane."""

_NOTHING = np.empty(0)
_NO_WALLS = walls_of(_NOTHING, _NOTHING, _NOTHING, _NOTHING, np.empty(0, np.bool_))


@dataclass(frozen=True, eq=False)
class Change:
    """What a facility more or less means: the places (row numbers, ascending) with another nearest facility or time.

    `before` and `after` have a row for each of them.
    """

    place: Ints
    before: Nearest
    after: Nearest


class LiveNearest:
    """The nearest facility of every place, while facilities of the service are added and removed.

    Always what `nearest_facility` finds for the present `sites`, to the millisecond and with the same ties. A change
    costs as much as the catchment that changes hands is large, however large the network is. One thread at a time.

    Parameters
    ----------
    engine
        The network.
    places
        Where people start.
    sites
        The entrances of the facilities to begin with.
    """

    def __init__(self, engine: Engine, places: Places, sites: Sites) -> None:
        network = engine.network
        self._engine, self._places, self._sites = engine, places, sites
        self._settled = settled_nodes(engine, sites, 2 * int(sites.facility.max(initial=0)) + 2)
        begin, end, candidate, entrance = on_edge(sites.places.attachment, network.edge_count)
        self._begin, self._end = begin.copy(), end.copy()
        self._rows = (self._begin, self._end, candidate, entrance)
        self._ways = best_ways(engine, places, sites, self._settled, self._rows)
        self._leaving = _leaving(engine)
        offset, _, place = by_edge(places.attachment, network.edge_count)
        self._places_of_edge = (offset, place.astype(np.int32))
        self._known = np.flatnonzero(np.isfinite(places.x))
        self._known_xy = places.x[self._known], places.y[self._known]
        self._known_grid = grid_of_points(*self._known_xy)
        self._seen_node, self._seen_place = np.zeros(network.node_count, np.bool_), np.zeros(len(places.x), np.bool_)

    @property
    def sites(self) -> Sites:
        """The entrances at present."""
        return self._sites

    @property
    def nearest(self) -> Nearest:
        """The nearest facility of all places at present; a copy, which later changes leave as it is."""
        ways = self._ways
        held = Ways(ways.key, ways.leg_m.copy(), ways.direct.copy())
        return nearest_of(self._places.x, held, self._settled.labels)

    def add(self, sites: Sites) -> Change:
        """Open facilities.

        Parameters
        ----------
        sites
            All of their entrances; the numbers of the facilities are new.

        Raises
        ------
        ValueError
            If a number is negative, or a facility of that number is there.
        """
        taken = np.intersect1d(sites.facility, self._sites.facility)
        if len(taken) or sites.facility.min(initial=0) < 0:
            raise ValueError(sites.facility.tolist())
        self._make_room(int(sites.facility.max(initial=0)) + 1)
        self._hold(_joined(self._sites, sites))
        stops, labels = stops_of(sites.places.attachment), self._settled.labels
        start, key = seeds(stops, self._engine.ends, sites.facility, labels)
        self._settle(start, key)
        return self._renewed(self._catchment(start, sites), sites)

    def remove(self, facilities: list[int] | Ints) -> Change:
        """Close facilities.

        Parameters
        ----------
        facilities
            Their numbers.

        Raises
        ------
        ValueError
            If there is no facility of a number.
        """
        missing = np.setdiff1d(facilities, self._sites.facility)
        if len(missing):
            raise ValueError(missing.tolist())
        goes = np.isin(self._sites.facility, facilities)
        gone = _selected(self._sites, goes)
        self._hold(_selected(self._sites, ~goes))
        engine, (node_key, labels) = self._engine, self._settled
        start, _ = seeds(stops_of(gone.places.attachment), engine.ends, gone.facility, labels)
        node = self._catchment(start, gone)
        stops, label = stops_of(self._sites.places.attachment), self._sites.facility
        self._settle(
            *forsake(engine.arcs, engine.ends, self._leaving, node, labels, node_key, stops, label, self._rows)
        )
        return self._renewed(node, gone)

    def _settle(self, node: Int32s, key: Ints) -> None:
        """Go on with the search from seeds; it passes through nodes that it improves, and ends at all others."""
        nobody = np.empty(0, np.int32)
        settle(self._engine.arcs, (node, key), self._settled.labels, NO_WAY, self._settled.key, nobody, nobody)

    def _catchment(self, start: Int32s, sites: Sites) -> Int32s:
        """The nodes whose nearest facility is one of these."""
        node_key, labels = self._settled
        own = np.zeros(labels, np.bool_)
        own[sites.facility] = True
        found: Int32s = catchment(self._engine.arcs, start, own, labels, node_key, self._seen_node)
        return found

    def _hold(self, sites: Sites) -> None:
        """Other entrances take the place of those before, in the rows by edge too."""
        self._begin[self._sites.places.attachment.edge] = 0
        self._end[self._sites.places.attachment.edge] = 0
        self._sites, attachment = sites, sites.places.attachment
        candidate = np.argsort(attachment.edge, kind="stable")
        edge, first = np.unique(attachment.edge[candidate], return_index=True)
        self._begin[edge], self._end[edge] = first, np.append(first[1:], len(candidate))
        entrance = np.repeat(np.arange(len(sites.facility)), np.diff(attachment.offset))
        self._rows = (self._begin, self._end, candidate, entrance[candidate])

    def _make_room(self, labels: int) -> None:
        """Facilities may have numbers up to `labels`; keys are written anew, all of them, when it doubles."""
        node_key, before = self._settled
        if labels <= before:
            return
        for key in (node_key, self._ways.key):
            reached = key < NO_WAY
            key[reached] = key[reached] // before * (2 * labels) + key[reached] % before
        self._settled = Settled(node_key, 2 * labels)

    def _renewed(self, node: Int32s, moved: Sites) -> Change:
        """New ways for the places around nodes, on the streets of moved entrances and within a direct leg of these."""
        edge = np.unique(moved.places.attachment.edge)
        row = places_beside(self._engine.arcs, node, edge, self._places_of_edge, self._seen_place)
        _, near = pairs_within(
            moved.places.x, moved.places.y, *self._known_xy, self._known_grid, _NO_WALLS, (NEAR_M, False)
        )
        row = np.union1d(row, self._known[near])
        part = select_places(self._places, row)
        beside = _selected(self._sites, _around(self._sites.places, part))
        after = best_ways(self._engine, part, self._sites, self._settled, self._rows, beside=beside)
        before = self._ways.at(row)
        for held, new in zip(self._ways, after, strict=True):
            held[row] = new
        changed = np.flatnonzero(before.key != after.key)
        x, labels = part.x[changed], self._settled.labels
        was, now = (nearest_of(x, ways.at(changed), labels) for ways in (before, after))
        return Change(row[changed], was, now)


def _leaving(engine: Engine) -> Leaving:
    """The arcs by the node where they start."""
    tail = engine.arcs.tail
    _, offset, arc = in_rows(tail, np.arange(len(tail)), engine.network.node_count, ALL)
    return Leaving(offset, arc.astype(np.int32))


def _around(entrances: Places, places: Places) -> Bools:
    """Which entrances may be within a direct leg of any of the places, by the box around these."""
    if len(places.x) == 0:
        return np.zeros(len(entrances.x), np.bool_)
    near = np.ones(len(entrances.x), np.bool_)
    for entrance, place in ((entrances.x, places.x), (entrances.y, places.y)):
        near &= (entrance >= place.min() - NEAR_M) & (entrance <= place.max() + NEAR_M)
    return near


def _selected(sites: Sites, chosen: Bools) -> Sites:
    rows = np.flatnonzero(chosen)
    return Sites(select_places(sites.places, rows), sites.facility[rows])


def _joined(one: Sites, other: Sites) -> Sites:
    """The entrances of both, one behind the other."""
    first, second = one.places, other.places
    lon, lat, x, y = (
        np.concatenate([getattr(first, name), getattr(second, name)]) for name in ("lon", "lat", "x", "y")
    )
    offset = np.r_[first.attachment.offset, first.attachment.offset[-1] + second.attachment.offset[1:]]
    columns = (
        np.concatenate([getattr(first.attachment, field.name), getattr(second.attachment, field.name)])
        for field in fields(Attachment)[1:]
    )
    places = Places(lon, lat, x, y, Attachment(offset, *columns), first.strict)
    return Sites(places, np.concatenate([one.facility, other.facility]))
