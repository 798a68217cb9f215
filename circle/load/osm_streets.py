"""OSM ways to `circle.model.Streets`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from circle.load.osm_ways import Way
from circle.load.streets import Ways, build_streets, offsets
from circle.load.walkability import Walk, Walkability, count_reason
from circle.model import Extent, Floats, Ints, Streets


def located_runs(way: Way) -> Iterator[tuple[Ints, Floats]]:
    """The stretches of at least two neighbouring nodes that the file holds: their numbers and positions."""
    if way.whole and len(way.refs) > 1:
        yield way.refs, way.lonlat
        return
    there = np.flatnonzero(~np.isnan(way.lonlat[:, 0]))
    for run in np.split(there, np.flatnonzero(np.diff(there) > 1) + 1):
        if len(run) > 1:
            yield way.refs[run], way.lonlat[run]


class StreetCollector:
    """Takes ways one by one and keeps those that can be walked."""

    def __init__(self, *, class_only: bool = False) -> None:
        self.walkability = Walkability(class_only=class_only)
        self.counts: Counter[str] = Counter()
        self._refs: list[Ints] = []
        self._lonlat: list[Floats] = []
        self._way_ids: list[int] = []
        self._walks: dict[Walk, int] = {}
        self._walk_of: list[int] = []
        self._met: set[int] = set()

    @property
    def located(self) -> int:
        """How many ways, or parts of ways, lie in the file."""
        return len(self._way_ids)

    def take(self, way: Way) -> None:
        """Look at one way."""
        walk = count_reason(self.counts, self.walkability.judge_once(way.tags))
        if walk is None:
            return
        if way.way_id in self._met:
            self.counts["duplicate_way"] += 1
            return
        self._met.add(way.way_id)
        if len(way.refs) < 2:
            self.counts["way_of_one_node"] += 1
        elif way.whole:
            self._keep(way.way_id, walk, way.refs, way.lonlat)
        else:
            self._take_truncated(way, walk)

    def _take_truncated(self, way: Way, walk: Walk) -> None:
        """Keep what is there of a way that leaves the data; a ferry only where both landings are there."""
        self.counts["truncated_way"] += 1
        if walk.duration_s > 0:
            ends = way.lonlat[[0, -1]]
            if not np.isnan(ends).any():
                self._keep(way.way_id, walk, way.refs[[0, -1]], ends)
            return
        for refs, lonlat in located_runs(way):
            self._keep(way.way_id, walk, refs, lonlat)

    def _keep(self, way_id: int, walk: Walk, refs: Ints, lonlat: Floats) -> None:
        self._refs.append(refs)
        self._lonlat.append(lonlat)
        self._way_ids.append(way_id)
        self._walk_of.append(self._walks.setdefault(walk, len(self._walks)))

    def finish(self, extent: Extent | None) -> Streets:
        """The streets of all ways taken."""
        nodes, vertex = np.unique(np.concatenate(self._refs), return_inverse=True)
        lonlat = np.empty((len(nodes), 2))
        lonlat[vertex] = np.concatenate(self._lonlat)
        ways = Ways(
            offset=offsets([len(refs) for refs in self._refs]),
            vertex=vertex.astype(np.int64),
            way_id=np.array(self._way_ids, dtype=np.int64),
            walk=np.array(self._walk_of, dtype=np.int64),
        )
        return build_streets(
            lonlat[:, 0].copy(), lonlat[:, 1].copy(), ways, list(self._walks), counts=dict(self.counts), extent=extent
        )
