"""The province's OSM extract, streamed: nodes of county after county, their ways parked until all nodes stand."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import numpy as np

from circle.model import Floats
from circle.sample.places import Tier
from circle.sample.province.county import County
from circle.sample.province.ground import degrees, metres
from circle.sample.province.lanes import used_points
from circle.sample.province.plan import Cell, Plan
from circle.sample.streets import BRIDGE, CLASSES, SECONDARY, TERTIARY
from circle.sample.ways import string_ways

FIRST_ID = 1
RIVER_STEP_M = 80.0
LONGEST_WAY = 500
MARGIN_DEG = 1e-4


class Extract:
    """A PBF file being written, nodes before ways, each by number.

    Parameters
    ----------
    path
        The file.
    parked
        A temporary file that takes the ways meanwhile.
    plan
        The province.
    """

    def __init__(self, path: Path, parked: IO[bytes], plan: Plan) -> None:
        import osmium
        from osmium.osm import mutable

        self._node, self._way = mutable.Node, mutable.Way
        header = osmium.io.Header()
        header.set("generator", "circle sample")
        header.set("sorting", "Type_then_ID")
        west, south, east, north = plan.bounds
        box = (west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG)
        header.add_box(osmium.osm.Box(*box))
        self._writer: Any = osmium.SimpleWriter(str(path), header=header)
        self._plan, self._parked = plan, parked
        self._nodes = self._ways = self._blocks = 0
        self._tags: dict[tuple[int, int], int] = {}
        self._at_gates: dict[tuple[int, Cell], int] = {}

    def add(self, county: County) -> None:
        """Write the nodes of a county and park its ways."""
        used = used_points(county.streets)
        number = np.cumsum(used) - 1 + FIRST_ID + self._nodes
        self._add_nodes(county.grid.lon[used], county.grid.lat[used])
        for gate in county.plan.gates:
            cell = gate.cells[gate.counties.index(county.plan.number)]
            point = county.grid.number_of(cell)
            if point >= 0 and used[point]:
                self._at_gates[county.plan.number, cell] = int(number[point])
        self._add_points(county)
        ways = string_ways(county.streets)
        kinds = [(int(county.streets.rank[first]), int(county.streets.span[first])) for first, _ in ways]
        kind = [self._tags.setdefault(key, len(self._tags)) for key in kinds]
        points = [points for _, points in ways]
        arrays = (
            np.array(kind, dtype=np.int32),
            np.array([len(nodes) for nodes in points], dtype=np.int32),
            number[np.array([node for nodes in points for node in nodes], dtype=np.int64)],
        )
        for array in arrays:
            np.save(self._parked, array)
        self._blocks += 1

    def finish(self) -> None:
        """Write rivers and all ways, and close."""
        rivers = [self._add_nodes(*line) for line in self._river_lines()]
        self._parked.seek(0)
        tags = [_road_tags(*key) for key in self._tags]
        for _ in range(self._blocks):
            kind, length, refs = (np.load(self._parked) for _ in range(3))
            end = 0
            nodes = refs.tolist()
            for way, size in zip(kind.tolist(), length.tolist(), strict=True):
                self._add_way(nodes[end : end + size], tags[way])
                end += size
        for county in self._plan.counties:
            for gate in county.gates:
                ends = [self._at_gates.get(key) for key in zip(gate.counties, gate.cells, strict=True)]
                if gate.counties[0] == county.number and None not in ends:
                    self._add_way(ends, _road_tags(TERTIARY if gate.settled is not None else SECONDARY, 0))
        for nodes in rivers:
            for first in range(0, len(nodes) - 1, LONGEST_WAY):
                name = self._plan.words["river"]
                self._add_way(nodes[first : first + LONGEST_WAY + 1], {"waterway": "river", "name": name})
        self.close()

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _add_points(self, county: County) -> None:
        """Settlements with their names, and bus stops."""
        places, grid = county.places, county.grid
        for place in np.flatnonzero(places.tier != Tier.EXIT).tolist():
            people, point = int(places.people[place]), places.point[place]
            small = "hamlet" if people < 200 else "village"
            kind = ("town", "town", small)[int(places.tier[place])]
            tags = {"place": kind, "name": places.name[place], "population": str(people)}
            self._add_nodes(grid.lon[[point]], grid.lat[[point]], tags)
        lon, lat, names = county.stops
        for stop, name in enumerate(names):
            self._add_nodes(lon[[stop]], lat[[stop]], {"highway": "bus_stop", "name": name})

    def _add_nodes(self, lon: Floats, lat: Floats, tags: dict[str, str] | None = None) -> list[int]:
        first = FIRST_ID + self._nodes
        for number, location in enumerate(zip(lon.tolist(), lat.tolist(), strict=True), start=first):
            self._writer.add_node(self._node(id=number, version=1, location=location, tags=tags or {}))
        self._nodes += len(lon)
        return list(range(first, FIRST_ID + self._nodes))

    def _add_way(self, nodes: list[Any], tags: dict[str, str]) -> None:
        self._writer.add_way(self._way(id=FIRST_ID + self._ways, version=1, nodes=nodes, tags=tags))
        self._ways += 1

    def _river_lines(self) -> list[tuple[Floats, Floats]]:
        """Every river inside the province's box, from west to east, in degrees."""
        west, south, east, north = self._plan.bounds
        (left, right), (low, high) = metres(np.array([west, east]), np.array([south, north]))
        x = np.linspace(left, right, int((right - left) / RIVER_STEP_M) + 2)
        lines: list[tuple[Floats, Floats]] = []
        for river in self._plan.ground.river_numbers(float(low), float(high)):
            y = self._plan.ground.river_y(np.full(len(x), river), x)
            within = np.flatnonzero((y > low) & (y < high))
            parts = np.split(within, np.flatnonzero(np.diff(within) > 1) + 1)
            lines += [degrees(x[part], y[part]) for part in parts if len(part) > 1]
        return lines


def _road_tags(rank: int, span: int) -> dict[str, str]:
    tags = {"highway": CLASSES[rank]}
    return tags | {"bridge": "yes", "layer": "1"} if span == BRIDGE else tags
