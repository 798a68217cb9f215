"""What was read of an extract, kept from one run to the next: the same layers, the same warnings."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from circle.errors import Findings
from circle.load import kept as kept_module
from circle.load.osm_extract import OsmWanted
from circle.load.region import check_region, read_region
from circle.store import Cache
from tests.load_roads.drawing import osm_xml


@pytest.fixture
def region(sample_regions: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample_regions / "qingxi", tmp_path / "region"))


def count_readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    read: list[str] = []
    real = kept_module.read_osm

    def counted(path, wanted, findings):
        read.append(path.name)
        return real(path, wanted, findings)

    monkeypatch.setattr(kept_module, "read_osm", counted)
    return read


def test_a_second_reading_is_the_first_one(region, tmp_path, monkeypatch):
    read = count_readings(monkeypatch)
    cache = Cache(tmp_path / "cache")
    plain, first, second = read_region(region), read_region(region, cache), read_region(region, cache)
    assert len(read) == 2  # without the cache, and the first time with it
    for other in (first, second):
        assert other.problems == plain.problems
        for name in ("lon", "lat", "way_offset", "way_vertex", "way_class", "speed_factor", "forward", "attachable"):
            np.testing.assert_array_equal(getattr(other.data.streets, name), getattr(plain.data.streets, name))
        assert other.data.streets.counts == plain.data.streets.counts
        pd.testing.assert_frame_equal(other.data.facilities.table, plain.data.facilities.table)
        pd.testing.assert_frame_equal(other.data.settlements.frame, plain.data.settlements.frame)
        assert shapely.equals(other.data.barriers.water, plain.data.barriers.water).all()
        np.testing.assert_array_equal(other.data.barriers.lon, plain.data.barriers.lon)


def test_another_file_and_another_wish_are_read(region, tmp_path, monkeypatch):
    read = count_readings(monkeypatch)
    cache = Cache(tmp_path / "cache")
    read_region(region, cache)
    toml = region / "region.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace('source = "osm"', 'source = "osm"\nclass_only = true', 1), encoding="utf-8")
    read_region(region, cache)
    assert len(read) == 2
    read_region(region, cache)
    assert len(read) == 2


def test_a_file_that_cannot_be_read_is_told_every_time(region, tmp_path):
    cache = Cache(tmp_path / "cache")
    extract = next(region.glob("*.pbf"))
    extract.write_bytes(extract.read_bytes()[:5000])
    codes = [[problem.code for problem in check_region(region, cache)[1]] for _ in range(2)]
    assert codes[0] == codes[1]
    assert "roads.osm_unreadable" in codes[0]
    assert not (tmp_path / "cache").exists()


def test_the_same_content_elsewhere_is_not_read_again_and_is_told_of_where_it_is(region, tmp_path, monkeypatch):
    read, cache = count_readings(monkeypatch), Cache(tmp_path / "cache")
    read_region(region, cache)
    other = Path(shutil.move(region, tmp_path / "县"))
    extract = next(other.glob("*.pbf"))
    moved = extract.rename(extract.with_name("别的.osm.pbf"))
    text = (other / "region.toml").read_text(encoding="utf-8")
    (other / "region.toml").write_text(text.replace(extract.name, moved.name), encoding="utf-8")
    kept = read_region(other, cache)
    assert len(read) == 1
    assert kept.problems == read_region(other).problems
    assert moved.name in {problem.file for problem in kept.problems}


SQUARE = [(1, 0.0, 0.0), (2, 0.01, 0.0), (3, 0.01, 0.01), (4, 0.0, 0.01)]
BORDER = [
    (7, [("w", 1, "outer"), ("w", 99, "outer")], {"boundary": "administrative", "admin_level": "8", "name": "镇"})
]


@pytest.mark.parametrize("in_order", [True, False])
def test_every_finding_is_about_the_file_that_was_named(tmp_path, in_order):
    """Also where its objects were put in order first, in a file of ours that nobody knows; and taken from the cache."""
    ways = [(1, [1, 2, 3, 4], {"highway": "path"}), (2, [4, 1], {"route": "ferry"}), (3, [3, 98], {"highway": "path"})]
    drawn = osm_xml(SQUARE, ways, BORDER)
    if not in_order:
        head, *lines, end = drawn.splitlines()[1:]
        drawn = "\n".join([head, *lines[::-1], end])
    wanted, cache, told = OsmWanted(admin_level=8), Cache(tmp_path / "cache"), []
    for name in ("a.osm", "b.osm"):
        (tmp_path / name).write_text(drawn, encoding="utf-8")
        for own in (None, cache, cache):
            findings = Findings()
            assert kept_module.read_kept(tmp_path / name, wanted, findings, own) is not None
            assert {problem.file for problem in findings.problems} == {str(tmp_path / name)}
            told.append([problem.code for problem in findings.problems])
    assert all(codes == told[0] for codes in told)
    assert {"roads.osm_boundaries_incomplete", "roads.osm_ferries_left_out"} <= set(told[0])
    assert ("roads.osm_sorted" in told[0]) != in_order
