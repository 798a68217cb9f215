"""What was read of an extract, kept from one run to the next: the same layers, the same warnings."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from circle.load import kept as kept_module
from circle.load.region import check_region, read_region
from circle.store import Cache


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
