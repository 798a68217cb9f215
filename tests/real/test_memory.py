"""What is told of memory beforehand, beside the peak of a process that does the whole job."""

from __future__ import annotations

from pathlib import Path

import pytest

from circle.sample import write_sample
from tests.bench.measured import measured
from tests.real import test_comoros, test_las_palmas

pytestmark = pytest.mark.slow

LEAST, MOST = 0.7, 1.6
"""The estimate over the measured peak."""

JOB = """
import sys
from dataclasses import replace
import numpy as np
from circle import api, memory
from circle.load.machine import memory_here
from circle.load.sizes import extract_bytes
least = memory_here().held + memory.least_bytes(extract_bytes(sys.argv[1]))
region = api.load_region(sys.argv[1])
if len(sys.argv) > 3:  # the same facilities, of so many services
    own = region.data.facilities
    names = np.array([f"service {row % int(sys.argv[3])}" for row in range(len(own.table))], dtype=object)
    many = replace(own, columns={**own.columns, "service": names})
    region = api.Region(replace(region.data, facilities=many), replace(region.question, services=None), region.problems)
told = memory_here().held + memory.analysis_bytes(region.data, region.question)
api.analyze(region).write(sys.argv[2])
print(least, told)
"""


def _told_and_taken(region: Path, out: Path, *services: int) -> tuple[int, int, int]:
    """Bytes told at least before reading, told before the analysis, and taken at the peak."""
    cost = measured(["-c", JOB, region, out, *services])
    least, told = map(int, cost.said.split())
    print(f"\n{region.name}: at least {least / 1e6:.0f} MB, told {told / 1e6:.0f}, taken {cost.peak_bytes / 1e6:.0f}")
    return least, told, cost.peak_bytes


@pytest.mark.parametrize("junctions", [2_000, 40_000])
def test_the_estimate_of_a_county_is_near_its_peak(junctions: int, tmp_path: Path) -> None:
    write_sample("qingxi", tmp_path / "county", junctions=junctions, seed=4)
    least, told, taken = _told_and_taken(tmp_path / "county", tmp_path / "out")
    assert least <= taken
    assert LEAST <= told / taken <= MOST


@pytest.mark.parametrize("name", ["comoros", "las_palmas"])
def test_the_estimate_of_a_real_region_is_near_its_peak(name: str, regions: Path, tmp_path: Path) -> None:
    text = test_comoros.manifest(regions, 4) if name == "comoros" else test_las_palmas.manifest(regions)
    folder = tmp_path / name
    folder.mkdir()
    (folder / "region.toml").write_text(text, encoding="utf-8")
    least, told, taken = _told_and_taken(folder, tmp_path / "out")
    assert least <= taken
    assert LEAST <= told / taken <= MOST


def test_many_services_are_in_the_estimate(regions: Path, tmp_path: Path) -> None:
    """Of 24 the residents' table decides, not the analysis: without its share the estimate would be below the peak."""
    (tmp_path / "region.toml").write_text(test_comoros.manifest(regions, 4), encoding="utf-8")
    least, told, taken = _told_and_taken(tmp_path, tmp_path / "out", 24)
    assert least <= taken
    assert 0.9 <= told / taken <= MOST
