"""OSM ways to `circle.model.Streets`."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import osmium
import pandas as pd

from circle.load.streets import Ways, build_streets, offsets
from circle.load.walkability import Walk, Walkability, count_reason
from circle.model import Extent, Streets

_WKB = osmium.geom.WKBFactory()
_ALL_NODES = osmium.geom.use_nodes.ALL
_WKB_HEADER = 2 * (1 + 4 + 4)
"""Hexadecimal digits before the vertices of a line: byte order, geometry type, number of vertices."""


def line_bytes(way: Any) -> bytes | None:
    """The vertices of an OSM way as little-endian pairs of doubles; None where a node is missing from the file."""
    try:
        return bytes.fromhex(_WKB.create_linestring(way, _ALL_NODES)[_WKB_HEADER:])
    except (osmium.InvalidLocationError, RuntimeError):
        return None


def located_runs(way: Any) -> Iterator[tuple[list[int], bytes]]:
    """The stretches of at least two neighbouring nodes that the file holds: their numbers, and vertices as bytes."""
    refs: list[int] = []
    vertices: list[float] = []
    for node in (*way.nodes, None):
        if node is not None and node.location.valid():
            refs.append(node.ref)
            vertices += (node.location.lon, node.location.lat)
            continue
        if len(refs) > 1:
            yield refs, np.array(vertices, dtype="<f8").tobytes()
        refs, vertices = [], []


class StreetCollector:
    """Takes ways one by one and keeps those that can be walked."""

    def __init__(self, *, class_only: bool = False) -> None:
        self.walkability = Walkability(class_only=class_only)
        self._judge = self.walkability.judge_values
        self._tags = self.walkability.tags
        self.counts: Counter[str] = Counter()
        self.located = 0
        self._refs = array("q")
        self._vertices = bytearray()
        self._lengths = array("q")
        self._way_ids = array("q")
        self._walks: dict[Walk, int] = {}
        self._walk_of = array("q")
        self._met: set[int] = set()

    def take(self, way: Any) -> None:
        """Look at one way; the object is valid during this call only."""
        verdict = self._judge(tuple(map(way.tags.get, self._tags)))
        walk = verdict if isinstance(verdict, Walk) else count_reason(self.counts, verdict)
        if walk is None:
            return
        way_id, nodes = way.id, way.nodes
        if way_id in self._met:
            self.counts["duplicate_way"] += 1
            return
        self._met.add(way_id)
        node = nodes.__getitem__  # a third faster than iterating, and this is the innermost loop
        refs = [node(i).ref for i in range(len(nodes))]
        if len(refs) < 2:
            self.counts["way_of_one_node"] += 1
            return
        vertices = line_bytes(way)
        if vertices is None:
            self._take_truncated(way, walk)
        else:
            self._keep(way_id, walk, refs, vertices)

    def _take_truncated(self, way: Any, walk: Walk) -> None:
        """Keep what is there of a way that leaves the data; a ferry only where both landings are there."""
        self.counts["truncated_way"] += 1
        if walk.duration_s > 0:
            ends = [way.nodes[0], way.nodes[-1]]
            if all(end.location.valid() for end in ends):
                vertices = np.array([(end.location.lon, end.location.lat) for end in ends], dtype="<f8").tobytes()
                self._keep(way.id, walk, [end.ref for end in ends], vertices)
            return
        for refs, vertices in located_runs(way):
            self._keep(way.id, walk, refs, vertices)

    def _keep(self, way_id: int, walk: Walk, refs: list[int], vertices: bytes) -> None:
        self.located += 1
        self._refs.extend(refs)
        self._vertices += vertices
        self._lengths.append(len(refs))
        self._way_ids.append(way_id)
        self._walk_of.append(self._walks.setdefault(walk, len(self._walks)))

    def finish(self, extent: Extent | None) -> Streets:
        """The streets of all ways taken."""
        vertex, nodes = pd.factorize(np.array(self._refs, dtype=np.int64))
        lonlat = np.empty((len(nodes), 2))
        lonlat[vertex] = np.frombuffer(self._vertices, dtype="<f8").reshape(-1, 2)
        ways = Ways(
            offset=offsets(np.array(self._lengths, dtype=np.int64)),
            vertex=vertex.astype(np.int64),
            way_id=np.array(self._way_ids, dtype=np.int64),
            walk=np.array(self._walk_of, dtype=np.int64),
        )
        return build_streets(
            lonlat[:, 0].copy(), lonlat[:, 1].copy(), ways, list(self._walks), counts=dict(self.counts), extent=extent
        )
