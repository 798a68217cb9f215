"""Barriers from OSM: rivers, lakes and coast, railways, motorways."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from circle.load.barriers import BarrierLine, build_barriers
from circle.load.osm_features import wkb_of
from circle.load.osm_streets import line_bytes, located_runs
from circle.load.osm_tags import taken_out
from circle.model import BARRIER_KINDS, Barriers
from circle.reference import table


class BarrierCollector:
    """Takes ways and areas and keeps those that stop walkers."""

    def __init__(self) -> None:
        self._rules = table("osm_barriers")
        self._lines: list[BarrierLine] = []
        self._areas: list[str] = []
        self.line_tags = tuple(dict.fromkeys(row["tag"] for row in self._rules["lines"]))
        self.area_tags = tuple(self._rules["areas"])

    def take_way(self, way: Any) -> None:
        """Look at one way."""
        get = way.tags.get
        for row in self._rules["lines"]:
            if get(row["tag"]) in row["values"]:
                break
        else:
            return
        if taken_out(self._rules["out"], get):
            return
        vertices = line_bytes(way)
        runs = [vertices] if vertices is not None else [run for _, run in located_runs(way)]
        kind = BARRIER_KINDS.index(row["kind"])
        self._lines.extend(BarrierLine(run, kind, row.get("one_sided", False)) for run in runs)

    def take_area(self, area: Any) -> None:
        """Look at one area."""
        get = area.tags.get
        if any(get(tag) in values for tag, values in self._rules["areas"].items()) and not taken_out(
            self._rules["out"], get
        ):
            wkb = wkb_of(area)
            if wkb is not None:
                self._areas.append(wkb)

    def finish(self) -> Barriers:
        """All barriers; rings of water follow the lines."""
        areas = shapely.get_parts(shapely.from_wkb(np.array(self._areas, dtype=object)))
        return build_barriers(self._lines, areas)
