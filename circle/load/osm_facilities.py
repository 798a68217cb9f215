"""Facilities from OSM tags: nodes, ways, areas, and what is left of objects that the data cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import osmium
import shapely

from circle.load.features import Features
from circle.load.osm_features import Gathered, osm_id, wkb_of
from circle.load.osm_tags import Get, Rule, RuleBook, number_of, text_of
from circle.reference import table

FACILITY_COLUMNS = ("service", "osm_id", "name", "capacity", "role")


class FacilityCollector:
    """Takes nodes, ways and areas and keeps those whose tags offer a service.

    A way is drawn as a line, or as an area that may turn out broken: it is held back until it is known whether its
    area comes. A relation whose area never comes is placed amid its members.
    """

    def __init__(self, rules: Mapping[str, Sequence[Rule]]) -> None:
        self.book = RuleBook(rules)
        self.counts: Counter[str] = Counter()
        self.members: dict[str, list[tuple[str, int]]] = {}
        self._settings = table("osm_features")
        self._areas: set[str] = set()
        self._held: dict[str, tuple[str | None, list[tuple[object, ...]]]] = {}
        self._gathered = Gathered(FACILITY_COLUMNS)

    def take(self, thing: Any) -> None:
        """Look at one object; it is valid during this call only."""
        get = thing.tags.get
        services = self.book.names(get)
        if not services:
            return
        reason = self._out(get)
        if reason:
            if not thing.is_area():  # an area comes a second time, as its way or relation
                self.counts[reason] += 1
            return
        identity = osm_id(thing)
        rows: list[tuple[object, ...]] = [(service, identity, *self._described(get)) for service in services]
        wkb = None if thing.is_relation() else wkb_of(thing)
        if thing.is_node() or thing.is_area():
            self._areas.add(identity)
            self._add(wkb, rows)
        else:
            self._held[identity] = (wkb, rows)
            if thing.is_relation():
                self.members[identity] = [(member.type, member.ref) for member in thing.members]

    def _out(self, get: Get) -> str | None:
        for tag, values in self._settings["facilities"]["out"].items():
            if get(tag) in values:
                return f"facility_{tag}"
        return None

    def _described(self, get: Get) -> tuple[str | None, float, str | None]:
        rules = self._settings["facilities"]
        return (
            text_of(get, self._settings["names"]["tags"]),
            number_of(get, rules["capacity"]),
            text_of(get, rules["role"]),
        )

    def _add(self, wkb: str | None, rows: Iterable[tuple[object, ...]]) -> None:
        if wkb is None:
            self.counts["facility_without_position"] += 1
            return
        for row in rows:
            self._gathered.add(wkb, *row)

    def waiting(self) -> dict[str, list[tuple[str, int]]]:
        """Members (``"n"``, ``"w"`` or ``"r"``, number) of the relations and ways whose area has not come."""
        waiting: dict[str, list[tuple[str, int]]] = {}
        for identity, (wkb, _) in self._held.items():
            if wkb is None and identity not in self._areas:
                kind, number = identity.split("/")
                waiting[identity] = [("w", int(number))] if kind == "way" else self.members[identity]
        return waiting

    def finish(self, middles: Mapping[str, str]) -> Features:
        """All facilities; `middles` places those that `waiting` named, as hexadecimal WKB."""
        for identity, (wkb, rows) in self._held.items():
            if identity in self._areas:
                continue
            if wkb is None:
                wkb = middles.get(identity)
                if wkb is not None:
                    self.counts["facility_outline_incomplete"] += 1
            self._add(wkb, rows)
        found = self._gathered.table()
        # An open line (a platform's edge) stands for its middle.
        lines = shapely.get_type_id(found.shapes) == shapely.GeometryType.LINESTRING
        found.shapes[lines] = shapely.line_interpolate_point(found.shapes[lines], 0.5, normalized=True)
        return found


def middles_of_members(path: str, waiting: Mapping[str, Sequence[tuple[str, int]]]) -> dict[str, str]:
    """The centre of what the file holds of each object's members, as hexadecimal WKB."""
    if not waiting:
        return {}
    found: dict[tuple[str, int], list[tuple[float, float]]] = {}
    members = {member for parts in waiting.values() for member in parts}
    things = osmium.FileProcessor(path, osmium.osm.NODE | osmium.osm.WAY).with_locations()
    for letter, bits in (("n", osmium.osm.NODE), ("w", osmium.osm.WAY)):
        wanted = osmium.filter.IdFilter(number for kind, number in members if kind == letter)
        wanted.enable_for(bits)
        things.with_filter(wanted)
    thing: Any
    for thing in things:
        points = [thing] if thing.is_node() else list(thing.nodes)
        found[thing.type_str(), thing.id] = [
            (point.location.lon, point.location.lat) for point in points if point.location.valid()
        ]
    centres: dict[str, str] = {}
    for identity, parts in waiting.items():
        lonlat = [vertex for part in parts for vertex in found.get(part, ())]
        if lonlat:
            centres[identity] = shapely.MultiPoint(lonlat).centroid.wkb_hex
    return centres
