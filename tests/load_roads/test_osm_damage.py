"""Files that are no OSM files, or not whole: one clear error, never a traceback."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from circle.errors import render
from tests.load_roads.drawing import as_pbf, codes, draw, osm_xml, read

NODES = [(number, 118.0 + number / 1000, 29.0) for number in range(1, 400)]
ROAD = {"highway": "residential", "name": "青溪路"}


def garbage(length: int) -> bytes:
    return np.random.default_rng(1).integers(0, 256, length, dtype=np.uint8).tobytes()


DAMAGED = {
    "empty.osm": b"",
    "empty.osm.pbf": b"",
    "garbage.osm": garbage(300),
    "garbage.osm.pbf": garbage(5000),
    "page.osm": b"<html><body>504 Gateway Time-out</body></html>",
    "page.osm.pbf": b"<html><body>504 Gateway Time-out</body></html>",
    "cut.osm": osm_xml(NODES).encode()[:5000],
    "position.osm": b'<osm version="0.6"><node id="1" lat="north" lon="1"/></osm>',
    "gbk.osm": osm_xml(NODES[:2], [(1, [1, 2], ROAD)]).encode("gb18030"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_one_error_that_says_what_to_do(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(DAMAGED[name])
    extract, findings = read(path, facilities={"school": [{"amenity": ["school"]}]}, places=True)
    assert extract is None
    assert codes(findings) == ["roads.osm_unreadable"]
    for lang in ("en", "zh"):
        assert str(len(DAMAGED[name])) in render(findings.problems[0], lang)


def test_a_pbf_cut_off_in_the_middle_is_an_error_that_says_how_far_it_was_read(tmp_path: Path) -> None:
    whole = as_pbf(draw(tmp_path, NODES, [(1, range(1, 400), ROAD)])).read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    extract, findings = read(path)
    assert extract is None
    assert codes(findings) == ["roads.osm_unreadable"]
    assert findings.problems[0].fields["size"] == len(whole) * 2 // 3


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    assert codes(read(tmp_path / "nowhere.osm.pbf")[1]) == ["file.missing"]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.osm").mkdir()
    assert codes(read(tmp_path / "folder.osm")[1]) == ["file.missing"]


def test_an_unknown_ending_is_an_error_that_names_the_known_ones(tmp_path: Path) -> None:
    path = tmp_path / "roads.xlsx"
    path.write_bytes(b"PK")
    _, findings = read(path)
    assert codes(findings) == ["roads.osm_suffix"]
    assert ".osm.pbf" in render(findings.problems[0], "en")


def test_a_file_without_any_walkable_way_is_an_error_but_the_rest_is_read(tmp_path: Path) -> None:
    nodes = [*NODES[:3], (500, 118.0, 29.0, {"place": "village", "name": "上村"})]
    extract, findings = read(draw(tmp_path, nodes, [(1, [1, 2], {"highway": "motorway"})]), places=True)
    assert extract is not None
    assert extract.streets is None
    assert extract.places["name"].tolist() == ["上村"]
    assert codes(findings) == ["roads.osm_no_walkable_way"]
    assert "motorways and the like) 1" in render(findings.problems[0], "en")
    assert "高速公路等） 1" in render(findings.problems[0], "zh")


def test_ways_without_their_nodes_are_an_error(tmp_path: Path) -> None:
    extract, findings = read(draw(tmp_path, NODES[:2], [(1, [901, 902], {"highway": "path"})]))
    assert extract is not None
    assert extract.streets is None
    assert codes(findings) == ["roads.osm_sorted", "roads.osm_nodes_missing"]


def test_nodes_with_negative_numbers_are_an_error_that_says_so(tmp_path: Path) -> None:
    nodes = [(-1, 118.0, 29.0), (-2, 118.1, 29.0)]
    extract, findings = read(draw(tmp_path, nodes, [(-1, [-1, -2], {"highway": "path"})]))
    assert extract is not None
    assert extract.streets is None
    assert "negative" in render(findings.errors[0], "en")


def test_a_file_with_ways_before_their_nodes_is_sorted_and_read(tmp_path: Path) -> None:
    nodes = "".join(f'<node id="{n}" lon="118.0{n}" lat="29"/>' for n in (2, 1))
    way = '<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="path"/></way>'
    path = tmp_path / "query.osm"
    path.write_text(f'<osm version="0.6">{way}{nodes}</osm>', encoding="utf-8")
    extract, findings = read(path)
    assert extract is not None
    assert extract.streets is not None
    assert extract.streets.lon.tolist() == [118.01, 118.02]
    assert codes(findings) == ["roads.osm_sorted"]


def test_a_name_in_a_broken_encoding_costs_the_name_and_nothing_else(tmp_path: Path) -> None:
    """The PBF's text is stored raw: bytes of GB18030 take the place of the UTF-8 letters, six for six."""
    school = {"amenity": "school", "name": "ABCDEF"}
    path = as_pbf_uncompressed(
        draw(tmp_path, [*NODES[:2], (500, 118.0, 29.0, school)], [(1, [1, 2], {"highway": "path"})])
    )
    raw = path.read_bytes()
    assert raw.count(b"ABCDEF") == 1
    path.write_bytes(raw.replace(b"ABCDEF", "青溪镇".encode("gb18030")))
    extract, findings = read(path, facilities={"school": [{"amenity": ["school"]}]})
    assert extract is not None
    assert extract.features["service"].tolist() == ["school"]
    assert extract.features["name"].tolist() == [None]
    assert codes(findings) == []


def test_a_class_in_a_broken_encoding_is_counted(tmp_path: Path) -> None:
    path = as_pbf_uncompressed(
        draw(tmp_path, NODES[:3], [(1, [1, 2], {"highway": "path"}), (2, [2, 3], {"highway": "ABCDEF"})])
    )
    path.write_bytes(path.read_bytes().replace(b"ABCDEF", "青溪镇".encode("gb18030")))
    extract, findings = read(path, barriers=False)
    assert extract is not None
    assert extract.streets is not None
    assert extract.streets.way_id.tolist() == [1]
    assert codes(findings) == ["roads.osm_bad_text"]


def as_pbf_uncompressed(path: Path) -> Path:
    import osmium

    target = path.with_suffix(".osm.pbf")
    file = osmium.io.File(str(target), "pbf,pbf_compression=none")
    with osmium.SimpleWriter(file, overwrite=True) as writer:
        for thing in osmium.FileProcessor(str(path)):
            writer.add(thing)
    return target
