"""Barriers from OSM: rivers, lakes and coast, railways, motorways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import shapely

from circle.load.barriers import BarrierLine, build_barriers
from circle.load.osm_features import shapes_of, wkb_of
from circle.load.osm_streets import located_runs
from circle.load.osm_tags import taken_out
from circle.load.osm_ways import Tags, Way
from circle.model import BARRIER_KINDS, Barriers
from circle.reference import table


class BarrierCollector:
    """Takes ways and areas and keeps those that stop walkers."""

    def __init__(self) -> None:
        self._rules = table("osm_barriers")
        self._lines: list[BarrierLine] = []
        self._known: dict[Tags, Mapping[str, Any] | None] = {}
        self._areas: list[str] = []
        self.line_tags = tuple(dict.fromkeys(row["tag"] for row in self._rules["lines"]))
        self.area_tags = tuple(self._rules["areas"])

    @property
    def tags(self) -> tuple[str, ...]:
        """Every tag on which it may depend whether a way is a barrier."""
        return (*self.line_tags, *self._rules["out"])

    def take_way(self, way: Way) -> None:
        """Look at one way."""
        try:
            row = self._known[way.tags]
        except KeyError:
            row = self._known.setdefault(way.tags, self._row_of(dict(way.tags)))
        if row is not None:
            kind, one_sided = BARRIER_KINDS.index(row["kind"]), row.get("one_sided", False)
            runs = located_runs(way)
            self._lines.extend(BarrierLine(lonlat.tobytes(), kind, one_sided) for _, lonlat in runs)

    def _row_of(self, tags: Mapping[str, str]) -> Mapping[str, Any] | None:
        """The rule that makes a way a barrier."""
        rows = (row for row in self._rules["lines"] if tags.get(row["tag"]) in row["values"])
        return None if taken_out(self._rules["out"], tags.get) else next(rows, None)

    def take_area(self, area: Any) -> None:
        """Look at one area."""
        get = area.tags.get
        for tag, values in self._rules["areas"].items():  # most areas are buildings: no more words than it takes
            if get(tag) in values:
                break
        else:
            return
        wkb = None if taken_out(self._rules["out"], get) else wkb_of(area)
        if wkb is not None:
            self._areas.append(wkb)

    def finish(self) -> Barriers:
        """All barriers; rings of water follow the lines."""
        areas = shapely.get_parts(shapes_of(self._areas))
        return build_barriers(self._lines, areas)
