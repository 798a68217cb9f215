"""Ways read through osmium's text format are those that osmium hands out one by one."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import osmium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circle.load import osm_ways
from circle.load.osm_ways import Way, WayReader
from tests.load_roads.drawing import draw, read
from tests.load_roads.test_osm_damage import as_pbf_uncompressed

NODES = [
    (-7, -0.0000001, 0.5),
    (1, 118.0, 29.0),
    (2, 118.0123456, 29.1),
    (3, -180.0, -90.0),
    (13_000_000_000, 7.5, 1.0),
]
TAGS = ["highway", "foot", "名"]
Plain = tuple[int, dict[str, str], list[int], list[tuple[float, float] | None]]

values = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(" ,=%@\n\tTNxy"), min_size=1, max_size=9
)
ways = st.lists(
    st.tuples(
        st.lists(st.sampled_from([-7, 1, 2, 3, 13_000_000_000, 99]), max_size=6),
        st.dictionaries(st.sampled_from([*TAGS, "name", "a b"]), values, max_size=4),
    ),
    max_size=5,
)


def of_osmium(path: Path, keys: set[str]) -> list[Plain]:
    """What osmium's own objects say, with its node numbers and positions."""
    found: list[Plain] = []
    for thing in osmium.FileProcessor(str(path)).with_locations():
        tags = {tag.k: tag.v for tag in thing.tags}
        if thing.is_way() and keys & set(tags):
            places = [(n.location.lon, n.location.lat) if n.location.valid() else None for n in thing.nodes]
            asked = {key: tags[key] for key in TAGS if key in tags}
            found.append((thing.id, asked, [n.ref for n in thing.nodes], places))
    return found


def plain(way: Way) -> Plain:
    places = [None if np.isnan(x) else (float(x), float(y)) for x, y in way.lonlat]
    assert way.whole == (None not in places)
    return way.way_id, dict(way.tags), way.refs.tolist(), places


@settings(deadline=None, max_examples=60)
@given(drawn=ways)
def test_text_and_objects_say_the_same(drawn: list[tuple[list[int], dict[str, str]]], tmp_path_factory) -> None:
    """Any tags, far and negative numbers, nodes that the file lacks; to the last digit of every position."""
    rows = [(number, refs, tags) for number, (refs, tags) in enumerate(drawn, 1)]
    path = as_pbf_uncompressed(draw(tmp_path_factory.mktemp("ways"), NODES, rows))
    reader = WayReader(["highway", "名"], TAGS)
    assert [plain(way) for way in reader.read(str(path))] == of_osmium(path, {"highway", "名"})
    assert reader.bad_text == 0


@pytest.mark.parametrize("lengths", [lengths for n in (1, 2, 3) for lengths in product((0, 1, 3), repeat=n)])
@pytest.mark.parametrize("block_bytes", [1, 1 << 24])
def test_ways_of_no_node_stand_among_the_others_in_any_order(
    lengths: tuple[int, ...], block_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alone in a file or in a block of it, and between ways that have nodes."""
    monkeypatch.setattr(osm_ways, "BLOCK_BYTES", block_bytes)
    rows = [(number, [1, 2, 3][:length], {"highway": "path"}) for number, length in enumerate(lengths, 1)]
    path = draw(tmp_path, NODES, rows)
    found = [plain(way) for way in WayReader(["highway"], TAGS).read(str(path))]
    assert found == of_osmium(path, {"highway"})
    extract, findings = read(path)
    codes = [problem.code for problem in findings.errors]
    assert (extract is not None and extract.streets is not None, codes) == (
        (True, []) if 3 in lengths else (False, ["roads.osm_no_walkable_way"])
    )


@pytest.mark.parametrize(
    "broken",
    [b"ABCDE\xe4", b"\xffBCDEF", b"AB\xc3,EF", b"AB\xc3\n=F", b"\xc3 N1x1", "青溪镇".encode("gb18030")],
)
def test_broken_text_costs_only_the_ways_whose_answer_it_touches(broken: bytes, tmp_path: Path) -> None:
    """The bytes stand raw in the file, once in a name that nobody asks for, once in a class."""
    rows = [
        (1, [1, 2], {"highway": "path", "name": "ABCDEF"}),
        (2, [2, 3], {"highway": "ABCDEF"}),
        (3, [2, 99], {"highway": "steps"}),
    ]
    path = as_pbf_uncompressed(draw(tmp_path, NODES, rows))
    path.write_bytes(path.read_bytes().replace(b"ABCDEF", broken))
    reader = WayReader(["highway"], TAGS)
    found = [plain(way) for way in reader.read(str(path))]
    assert found == [
        (1, {"highway": "path"}, [1, 2], [(118.0, 29.0), (118.0123456, 29.1)]),
        (3, {"highway": "steps"}, [2, 99], [(118.0123456, 29.1), None]),
    ]
    assert reader.bad_text == 1


def test_damage_is_raised_as_osmium_raises_it(tmp_path: Path) -> None:
    path = as_pbf_uncompressed(draw(tmp_path, NODES, [(1, [1, 2], {"highway": "path"})]))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(RuntimeError):
        list(WayReader(["highway"], TAGS).read(str(path)))
