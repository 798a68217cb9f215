"""Nodes after ways, relations before both, as web queries write them: the same is read, whatever the order."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
import shapely

from circle.errors import Findings, render
from circle.load.osm import read_osm
from circle.load.osm_extract import OsmExtract, OsmWanted
from tests.load_roads.drawing import osm_xml
from tests.load_roads.test_osm_damage import as_pbf_uncompressed

SPOTS = [(0, 0), (5, 0), (1, 1), (2, 1), (2, 2), (1, 2), (3, 1), (4, 1)]
NODES = [(number, 119 + x / 1000, 29 + y / 1000) for number, (x, y) in enumerate(SPOTS, 1)]
ROAD = (1, [1, 2], {"highway": "residential"})
RING, LINE = [3, 4, 5, 6, 3], [7, 8]
TOWNSHIP = {"type": "boundary", "boundary": "administrative", "admin_level": "8", "name": "t"}
THINGS = {
    "closed school": ([(2, RING, {"amenity": "school"})], []),
    "school of members": ([(2, RING, {})], [(1, [("way", 2, "outer")], {"type": "multipolygon", "amenity": "school"})]),
    "cut school": ([(2, RING[:3], {})], [(1, [("way", 2, "outer")], {"type": "multipolygon", "amenity": "school"})]),
    "platform": ([(2, LINE, {"highway": "bus_stop"})], []),
    "lake": ([(2, RING, {"natural": "water"})], []),
    "river": ([(2, RING[:3], {"waterway": "river"})], []),
    "building": ([(2, RING, {"building": "yes"})], []),
    "village": ([(2, RING, {"place": "village", "name": "a"})], []),
    "township": ([(2, RING, {})], [(1, [("way", 2, "outer")], TOWNSHIP)]),
}
WANTED = OsmWanted(
    facilities={"school": [{"amenity": ["school"]}], "bus_stop": [{"highway": ["bus_stop"]}]},
    buildings=True,
    admin_level=8,
    places=True,
)


def written(folder: Path, order: tuple[int, ...], thing: str) -> Path:
    ways, relations = THINGS[thing]
    parts = [osm_xml(NODES), osm_xml([], [ROAD, *ways]), osm_xml([], [], relations)]
    bodies = [part.split("\n", 2)[2].removesuffix("</osm>") for part in parts]
    path = folder / f"{''.join(map(str, order))}.osm"
    path.write_text('<osm version="0.6">' + "".join(bodies[i] for i in order) + "</osm>", encoding="utf-8")
    return path


def held(extract: OsmExtract) -> list[object]:
    tables = (extract.facility_table, extract.building_table, extract.boundary_table, extract.place_table)
    shapes = [shapely.normalize(table.shapes).tolist() for table in tables]
    assert extract.streets is not None
    return [*shapes, extract.barriers.kind.tolist(), len(extract.barriers.water), len(extract.streets.way_id)]


@pytest.mark.parametrize("thing", THINGS)
def test_the_order_of_objects_changes_nothing(tmp_path: Path, thing: str) -> None:
    found = []
    for order in permutations(range(3)):
        findings = Findings()
        extract = read_osm(written(tmp_path, order, thing), WANTED, findings)
        assert extract is not None
        codes = {problem.code for problem in findings.problems} - {"roads.osm_sorted"}
        found.append((held(extract), codes, dict(extract.counts)))
    assert np.sum([len(part) for part in found[0][0] if isinstance(part, list)]) + len(found[0][1]) > 0
    assert all(other == found[0] for other in found[1:])


SAYINGS = {
    f"roads.osm_{key}"
    for key in ("bad_text", "boundaries_incomplete", "facilities", "ferries_left_out", "sorted", "truncated_ways")
}


def test_whatever_is_said_names_the_users_own_file_and_none_that_was_sorted_on_the_way(tmp_path: Path) -> None:
    """One of each thing that there is to say, in every order of nodes, ways and relations."""
    ways = [
        ROAD,
        (2, [2, 3, 98], {"highway": "path"}),
        (3, [3, 4], {"route": "ferry"}),
        (4, [4, 5], {"highway": "ABCDEF"}),
        (5, [5, 6, 99], {"amenity": "school"}),
    ]
    parts = [osm_xml(NODES), osm_xml([], ways), osm_xml([], [], [(1, [("way", 1, "outer")], TOWNSHIP)])]
    bodies = [part.split("\n", 2)[2].removesuffix("</osm>") for part in parts]
    said = set()
    for order in permutations(range(3)):
        drawn = tmp_path / f"{''.join(map(str, order))}.osm"
        drawn.write_text('<osm version="0.6">' + "".join(bodies[i] for i in order) + "</osm>", encoding="utf-8")
        path = as_pbf_uncompressed(drawn)
        path.write_bytes(path.read_bytes().replace(b"ABCDEF", b"ABCDE\xe4"))
        findings = Findings()
        read_osm(path, WANTED, findings)
        assert {problem.file for problem in findings.problems} == {str(path)}
        assert "sorted.osm.pbf" not in "".join(render(problem, "en") for problem in findings.problems)
        codes = {problem.code for problem in findings.problems}
        assert codes | {"roads.osm_sorted"} == SAYINGS
        said |= codes
    assert said == SAYINGS
