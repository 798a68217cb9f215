"""Streets from tiny hand-drawn OSM files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from circle.model import Streets
from tests.load_roads.drawing import as_pbf, codes, draw, read

CROSS = [(1, 118.0, 29.0), (2, 118.01, 29.0), (3, 118.02, 29.0), (4, 118.01, 29.01), (5, 118.01, 28.99)]
"""Five nodes: 1-2-3 from west to east, 4-2-5 from north to south."""

ROAD = {"highway": "residential"}


def streets_of(path: Path, **wanted: object) -> Streets:
    extract, _ = read(path, **wanted)
    assert extract is not None
    assert extract.streets is not None
    return extract.streets


def lines(streets: Streets) -> list[list[tuple[float, float]]]:
    vertex = [streets.way_vertex[a:b] for a, b in zip(streets.way_offset, streets.way_offset[1:], strict=False)]
    return [list(zip(streets.lon[v].tolist(), streets.lat[v].tolist(), strict=True)) for v in vertex]


@pytest.mark.parametrize("pbf", [False, True])
def test_two_ways_are_joined_at_the_node_they_share(tmp_path: Path, pbf: bool) -> None:
    path = draw(tmp_path, CROSS, [(10, [1, 2, 3], ROAD), (11, [4, 2, 5], {"highway": "steps"})])
    streets = streets_of(as_pbf(path) if pbf else path)
    assert len(streets.lon) == 5
    assert streets.way_vertex[1] == streets.way_vertex[4]
    assert lines(streets) == [
        [(118.0, 29.0), (118.01, 29.0), (118.02, 29.0)],
        [(118.01, 29.01), (118.01, 29.0), (118.01, 28.99)],
    ]
    assert [streets.classes[c] for c in streets.way_class] == ["residential", "steps"]
    assert streets.way_id.tolist() == [10, 11]
    assert streets.speed_factor.tolist() == [1.0, 0.6]
    assert streets.forward.all()
    assert streets.backward.all()
    assert np.isnan(streets.duration_s).all()


def test_a_bridge_is_not_joined_to_the_road_under_it_even_at_one_position(tmp_path: Path) -> None:
    nodes = [*CROSS, (6, 118.01, 29.0)]
    streets = streets_of(draw(tmp_path, nodes, [(10, [1, 2, 3], ROAD), (11, [4, 6, 5], {**ROAD, "bridge": "yes"})]))
    assert len(np.unique(streets.way_vertex)) == 6
    assert streets.spans.tolist() == [False, True]
    assert streets.attachable.tolist() == [True, False]


def test_a_way_that_leaves_the_data_keeps_the_parts_that_are_there(tmp_path: Path) -> None:
    """Nodes 98 and 99 are missing: 1-2 and 3-4 stay, the lone 5 between two gaps does not."""
    streets = streets_of(draw(tmp_path, CROSS, [(10, [1, 2, 99, 5, 98, 3, 4], ROAD)]))
    assert lines(streets) == [[(118.0, 29.0), (118.01, 29.0)], [(118.02, 29.0), (118.01, 29.01)]]
    assert streets.way_id.tolist() == [10, 10]
    assert streets.counts == {"truncated_way": 1}


def test_a_way_drawn_twice_counts_once_in_either_order(tmp_path: Path) -> None:
    again = [(11, [3, 2, 1], ROAD), (12, [1, 2, 3], ROAD)]
    streets = streets_of(draw(tmp_path, CROSS, [(10, [1, 2, 3], ROAD), *again]))
    assert streets.way_id.tolist() == [10]
    assert streets.counts == {"duplicate_way": 2}


@pytest.mark.parametrize("facilities", [{}, {"school": [{"amenity": ["school"]}]}], ids=["one_pass", "two_passes"])
def test_the_same_number_twice_is_one_way(tmp_path: Path, facilities: dict[str, list[dict[str, list[str]]]]) -> None:
    path = draw(tmp_path, CROSS, [(10, [1, 2, 3], ROAD), (10, [1, 2, 3], ROAD), (11, [3, 4], ROAD)])
    streets = streets_of(path, barriers=False, facilities=facilities)
    assert streets.way_id.tolist() == [10, 11]


def test_two_one_way_paths_against_each_other_are_no_duplicates(tmp_path: Path) -> None:
    one_way = {**ROAD, "oneway:foot": "yes"}
    streets = streets_of(
        draw(tmp_path, CROSS, [(10, [1, 2, 3], one_way), (11, [3, 2, 1], one_way), (12, [1, 2, 3], one_way)])
    )
    assert streets.way_id.tolist() == [10, 11]
    assert streets.backward.tolist() == [False, False]


def test_parallel_ways_between_the_same_ends_both_stay(tmp_path: Path) -> None:
    streets = streets_of(draw(tmp_path, CROSS, [(10, [1, 2, 3], ROAD), (11, [1, 4, 3], ROAD)]))
    assert streets.way_id.tolist() == [10, 11]


def test_loops_and_segments_without_length_survive(tmp_path: Path) -> None:
    nodes = [*CROSS, (6, 118.02, 29.0)]
    streets = streets_of(draw(tmp_path, nodes, [(10, [1, 2, 4, 1], ROAD), (11, [3, 6], ROAD), (12, [2, 2, 3], ROAD)]))
    assert [len(line) for line in lines(streets)] == [4, 2, 3]


def test_ways_that_are_not_walked_are_counted_by_reason(tmp_path: Path) -> None:
    ways = [
        (10, [1, 2], ROAD),
        (11, [2, 3], {"highway": "motorway"}),
        (12, [2, 4], {"highway": "construction"}),
        (13, [2, 5], {"highway": "service", "access": "private"}),
        (14, [3, 4], {"route": "ferry"}),
        (15, [3], ROAD),
        (16, [3, 5], {"building": "yes"}),
    ]
    extract, findings = read(draw(tmp_path, CROSS, ways))
    assert extract is not None
    assert extract.streets is not None
    assert extract.streets.counts == {
        "blocked_class": 1, "not_built": 1, "access_denied": 1, "ferry_without_duration": 1, "way_of_one_node": 1,
    }  # fmt: skip
    assert codes(findings) == ["roads.osm_ferries_left_out"]


def test_a_ferry_with_a_duration_is_a_street_of_that_time(tmp_path: Path) -> None:
    ferry = {"route": "ferry", "duration": "00:15"}
    streets = streets_of(draw(tmp_path, CROSS, [(10, [1, 2], ROAD), (11, [2, 99, 3], ferry), (12, [3, 99], ferry)]))
    assert streets.way_id.tolist() == [10, 11]  # 12 has one landing only
    assert streets.duration_s[1] == 900.0
    assert not streets.attachable[1]
    assert lines(streets)[1] == [(118.01, 29.0), (118.02, 29.0)]


def test_the_header_box_is_the_extent(tmp_path: Path) -> None:
    head = '<bounds minlon="117.9" minlat="28.9" maxlon="118.1" maxlat="29.1"/>'
    streets = streets_of(draw(tmp_path, CROSS, [(10, [1, 2], ROAD)], head=head))
    assert streets.extent is not None
    assert streets.extent.polygon.bounds == (117.9, 28.9, 118.1, 29.1)
    assert streets.extent.source == "pbf_header"


def test_without_a_box_there_is_no_extent(tmp_path: Path) -> None:
    assert streets_of(draw(tmp_path, CROSS, [(10, [1, 2], ROAD)])).extent is None


def test_a_file_in_a_folder_with_spaces_and_chinese_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "青溪县 道路"
    folder.mkdir()
    assert len(streets_of(draw(folder, CROSS, [(10, [1, 2], ROAD)])).way_id) == 1
