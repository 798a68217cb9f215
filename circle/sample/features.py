"""The county as OpenStreetMap would have it: nodes, ways and their tags."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import shapely

from circle.model import Floats
from circle.sample.county import County
from circle.sample.frame import nearest_of
from circle.sample.people import to_degrees
from circle.sample.places import Access, Tier
from circle.sample.streets import BRIDGE, CLASSES, PRIMARY, SECONDARY, TRUNK, UNDERPASS
from circle.sample.terrain import RIVER_HALF_WIDTH_M
from circle.sample.ways import string_ways

Tags = dict[str, str]


@dataclass(eq=False)
class OsmObjects:
    """What an extract holds. Nodes and ways are numbered from 0 here.

    Parameters
    ----------
    x, y
        Blocks of node coordinates in metres, in the order of the numbers.
    node_tags
        Tags of the nodes that have any.
    ways
        Nodes and tags of each way.
    """

    x: list[Floats] = field(default_factory=list)
    y: list[Floats] = field(default_factory=list)
    node_tags: dict[int, Tags] = field(default_factory=dict)
    ways: list[tuple[list[int], Tags]] = field(default_factory=list)
    count: int = 0

    def add_nodes(self, x: Floats, y: Floats) -> list[int]:
        """Numbers of new nodes."""
        self.x.append(np.asarray(x, dtype=np.float64))
        self.y.append(np.asarray(y, dtype=np.float64))
        first, self.count = self.count, self.count + len(x)
        return list(range(first, self.count))

    def add_line(self, line: Floats, tags: Tags) -> list[int]:
        """A way with nodes of its own."""
        nodes = self.add_nodes(line[:, 0], line[:, 1])
        self.ways.append((nodes, tags))
        return nodes

    def degrees(self) -> tuple[Floats, Floats]:
        """Longitude and latitude of all nodes."""
        return to_degrees(np.concatenate(self.x), np.concatenate(self.y))


def osm_objects(county: County) -> OsmObjects:
    """All nodes and ways: roads, ferry, river and streams, rails and motorway, places and bus stops."""
    osm = OsmObjects()
    streets = county.streets
    osm.add_nodes(streets.x, streets.y)
    tags: dict[tuple[object, ...], Tags] = {}
    for first, way in string_ways(streets):
        key = _attributes(county, first)
        if key not in tags:
            tags[key] = _road_tags(county, first)
        osm.ways.append((way, tags[key]))
    _ferry(county, osm)
    _water(county, osm)
    _tracks(county, osm)
    _points(county, osm)
    return osm


def _attributes(county: County, stretch: int) -> tuple[object, ...]:
    streets = county.streets
    named = int(streets.street[stretch]) if streets.owner[stretch] == 0 else None
    return (
        int(streets.rank[stretch]),
        int(streets.span[stretch]),
        bool(streets.oneway[stretch]),
        bool(streets.private[stretch]),
        named,
    )


def _road_tags(county: County, stretch: int) -> Tags:
    streets, words = county.streets, county.words
    rank = int(streets.rank[stretch])
    tags = {"highway": CLASSES[rank]}
    ref = {TRUNK: "G599", PRIMARY: "S399", SECONDARY: "X801"}.get(rank)
    if ref:
        tags["ref"] = ref
    if streets.owner[stretch] == 0 and rank <= CLASSES.index("residential"):
        names, line = words["streets"], int(streets.street[stretch])
        name = names[line % len(names)]
        tags["name"] = name if abs(line) <= len(names) // 2 else f"{name}{abs(line)}号支路"
    if streets.span[stretch] == BRIDGE:
        tags |= {"bridge": "yes", "layer": "1"}
    elif streets.span[stretch] == UNDERPASS:
        tags |= {"tunnel": "yes", "layer": "-1"}
    if streets.oneway[stretch]:
        tags["oneway"] = "yes"
    if streets.private[stretch]:
        tags["access"] = "private"
    return tags


def _ferry(county: County, osm: OsmObjects) -> None:
    """One ferry between villages on opposite banks, as far from any bridge as can be, without a duration."""
    land, streets, places = county.land, county.streets, county.places
    lane = ~streets.road & (places.tier[streets.owner] == Tier.VILLAGE) & (places.access[streets.owner] == Access.ROAD)
    ends = np.unique(streets.u[lane])
    north = land.north_bank.ravel()[land.frame.cell_at(streets.x[ends], streets.y[ends])]
    here, there = ends[north], ends[~north]
    where = np.column_stack([streets.x, streets.y])
    gap_m, nearest = nearest_of(where[there], where[here])
    bridges = streets.u[streets.span == BRIDGE]
    to_bridge_m, _ = nearest_of(where[bridges], where[here])
    best = int(np.argmax(np.minimum(to_bridge_m, 6_000.0) - 6.0 * gap_m))
    a, b = int(here[best]), int(there[nearest[best]])
    middle = osm.add_nodes((streets.x[[a]] + streets.x[[b]]) / 2.0, (streets.y[[a]] + streets.y[[b]]) / 2.0)
    osm.ways.append(([a, *middle, b], {"route": "ferry", "foot": "yes", "name": "柳渡轮渡"}))


def _water(county: County, osm: OsmObjects) -> None:
    """The river as a line everywhere and as an area along the seat, and its streams."""
    land, words = county.land, county.words
    for stream in land.streams:
        osm.add_line(stream, {"waterway": "stream"})
    for part in _pieces(land.river):
        osm.add_line(part, {"waterway": "river", "name": words["river"]})
    along_m = np.hypot(land.river[:, 0] - land.seat_x, land.river[:, 1] - land.seat_y)
    reach = np.flatnonzero(along_m < 2.2 * county.scale.seat_radius_m)
    area = shapely.buffer(
        shapely.LineString(land.river[reach[0] : reach[-1] + 1]), RIVER_HALF_WIDTH_M, cap_style="flat"
    )
    outline = shapely.get_coordinates(shapely.simplify(shapely.get_exterior_ring(area), 1.0))
    nodes = osm.add_nodes(outline[:-1, 0], outline[:-1, 1])
    tags = {"natural": "water", "water": "river", "name": words["river"]}
    if len(nodes) < 1_990:
        osm.ways.append(([*nodes, nodes[0]], tags))


def _pieces(line: Floats, size: int = 500) -> Iterable[Floats]:
    """A line in parts that share their end points in place."""
    return (line[i : i + size + 1] for i in range(0, len(line) - 1, size))


def _tracks(county: County, osm: OsmObjects) -> None:
    """Railway and motorway, the motorway's link to the nearest large road."""
    land, streets, words = county.land, county.streets, county.words
    for part in _pieces(land.railway):
        osm.add_line(part, {"railway": "rail", "name": words["railway"]})
    tags = {"highway": "motorway", "ref": "G9912", "name": words["motorway"]}
    starts = [osm.add_line(part, tags)[0] for part in _pieces(land.motorway)]
    dry = (streets.rank <= CLASSES.index("unclassified")) & (streets.span == 0)
    ends = np.unique(streets.u[dry])
    south = ends[~land.north_bank.ravel()[land.frame.cell_at(streets.x[ends], streets.y[ends])]]
    ends = south if len(south) else ends
    away_m = np.hypot(streets.x[ends] - land.motorway[0, 0], streets.y[ends] - land.motorway[0, 1])
    osm.ways.append(([starts[0], int(ends[np.argmin(away_m)])], {"highway": "motorway_link"}))


def _points(county: County, osm: OsmObjects) -> None:
    """Settlements with their names, and bus stops."""
    places, stops = county.places, county.bus_stops
    settled = np.flatnonzero(places.tier != Tier.EXIT)
    for node, place in zip(osm.add_nodes(places.x[settled], places.y[settled]), settled.tolist(), strict=True):
        small = places.people[place] < 200
        kind = ("town", "town", "hamlet" if small else "village")[int(places.tier[place])]
        osm.node_tags[node] = {"place": kind, "name": places.name[place], "population": str(int(places.people[place]))}
    for node, name in zip(osm.add_nodes(stops.x, stops.y), stops.name, strict=True):
        osm.node_tags[node] = {"highway": "bus_stop", "name": name}
