"""The roads of an extract into arrays, beside a bare loop over ``osmium.FileProcessor`` that collects the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
import osmium
import pytest

from circle.load.osm_ways import WayReader
from circle.load.walkability import Walkability
from tests.bench.figures import Say

ROUNDS = 15
Road = tuple[np.ndarray, np.ndarray]
"""References (n,) of all nodes of all roads, one road after the other, and their degrees (n, 2); NaN: not in the file."""


def by_circle(file: str) -> Road:
    """With the tags, too, by which streets are judged: what the peer leaves in the file."""
    ways = list(WayReader(["highway"], Walkability().tags).read(file))
    return np.concatenate([way.refs for way in ways]), np.concatenate([way.lonlat for way in ways])


def roads_of(file: str) -> osmium.FileProcessor:
    """As pyosmium's handbook has it: positions from an index of nodes, filters that keep all but roads from Python.

    Of the indexes ``flex_mem``, pyosmium's own default, is the quickest here (``sparse_mem_array`` takes a quarter longer).
    """
    kinds = osmium.osm.NODE | osmium.osm.WAY
    roads = osmium.FileProcessor(file, kinds).with_locations("flex_mem")
    return roads.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY)).with_filter(osmium.filter.KeyFilter("highway"))


def node_by_node(file: str) -> list[tuple[int, float, float]]:
    """The bare loop, and nothing made of its list. Unchecked, for extracts cut at a border lack nodes."""
    found = []
    for road in roads_of(file):
        for node in road.nodes:
            at = node.location
            found.append((node.ref, at.lon_without_check(), at.lat_without_check()))
    return found


def way_by_way(file: str) -> list[tuple[int, float, float]]:
    """The same by comprehension, which asks the node itself; roads without all their nodes are asked once more."""
    found: list[tuple[int, float, float]] = []
    nan = float("nan")
    for road in roads_of(file):
        try:
            found += [(node.ref, node.lon, node.lat) for node in road.nodes]
        except osmium.InvalidLocationError:
            found += [
                (node.ref, node.lon, node.lat) if node.location.valid() else (node.ref, nan, nan) for node in road.nodes
            ]
    return found


def by_geometry(file: str) -> tuple[list[int], list[str]]:
    """Positions as well-known binary, which osmium writes itself, and never made numbers; only roads that are whole."""
    refs, lines, factory = [], [], osmium.geom.WKBFactory()
    for road in roads_of(file):
        try:
            lines.append(factory.create_linestring(road))
        except (osmium.InvalidLocationError, RuntimeError):
            continue
        refs += [node.ref for node in road.nodes]
    return refs, lines


PEERS: tuple[Callable[[str], object], ...] = (node_by_node, way_by_way, by_geometry)


def assert_the_same_roads(file: str) -> None:
    refs, lonlat = by_circle(file)
    theirs = np.array(way_by_way(file))
    assert np.array_equal(refs, theirs[:, 0].astype(np.int64))
    assert np.array_equal(lonlat, theirs[:, 1:], equal_nan=True)
    unchecked = np.array(node_by_node(file))
    unchecked[np.abs(unchecked[:, 1]) > 180, 1:] = np.nan
    assert np.array_equal(unchecked, theirs, equal_nan=True)


def test_both_collect_the_same_roads(sample_regions: Path) -> None:
    assert_the_same_roads(str(sample_regions / "qingxi" / "roads.osm.pbf"))


@pytest.mark.bench
def test_reading_roads_beside_a_bare_loop(regions: Path, figure: Say) -> None:
    """Row 8: arrays against the quickest of three loops whose lists are left as they are. Turns in one process."""
    file = str(regions / "las_palmas/las_palmas_2023.osm.pbf")
    assert_the_same_roads(file)
    least = dict.fromkeys((by_circle, *PEERS), float("inf"))
    for _ in range(ROUNDS):
        for read in least:
            begin = perf_counter()
            read(file)
            least[read] = min(least[read], perf_counter() - begin)
    peer = min(PEERS, key=least.__getitem__)
    figure(
        row=8,
        work="Las Palmas: roads of the extract into arrays",
        peer=f"osmium.FileProcessor, the quickest of {len(PEERS)} bare loops: {peer.__name__.replace('_', ' ')}",
        ours_s=least[by_circle],
        peer_s=least[peer],
        at_most=1.3,
    )
