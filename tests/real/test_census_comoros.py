"""The islands' census of 2017 spread by WorldPop's pattern: real borders, a real raster, real totals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from circle import pipeline
from circle.errors import Findings
from circle.load import read_region
from circle.model import OUTSIDE
from tests.real.test_comoros import PEOPLE, manifest

pytestmark = pytest.mark.slow

CENSUS = {"Ngazidja": 379_367, "Nzwani": 327_382, "Mwali": 51_567}
"""Residents by island, RGPH 2017; together 758,316."""


def test_every_island_keeps_its_census_and_worldpop_its_pattern(regions: Path, tmp_path: Path) -> None:
    """Within an island every place has the same share of the census as it has of WorldPop's people."""
    text = manifest(regions, 4).split("[elevation]")[0]
    (tmp_path / "region.toml").write_text(text, encoding="utf-8")
    raw = read_region(tmp_path).data
    assert raw.districts is not None
    names = raw.districts.frame["district_name"]
    totals = np.array([next(n for island, n in CENSUS.items() if island in name) for name in names])
    lines = [f"{name},{total}" for name, total in zip(names, totals, strict=True)]
    table = "\n".join(["île,population", *lines, f"Total,{sum(CENSUS.values())}"])
    (tmp_path / "census.csv").write_text(table, encoding="utf-8")
    raster = next(line for line in text.splitlines() if "com_ppp" in line)
    census = f'path = "census.csv"\ndistrict = "île"\n{raster.replace("path", "pattern")}'
    (tmp_path / "region.toml").write_text(text.replace(raster, census), encoding="utf-8")
    placed = pipeline.residents_of(read_region(tmp_path).data, Findings())
    counted = pipeline.residents_of(raw, Findings())
    assert counted.people[0].sum() == pytest.approx(PEOPLE, abs=1)

    by_island = np.bincount(placed.district, weights=placed.people[0])
    np.testing.assert_allclose(by_island, totals, atol=1e-6)
    assert placed.people[0].sum() == pytest.approx(758_316, abs=1e-6)
    own = counted.district != OUTSIDE
    worldpop = np.bincount(counted.district[own], weights=counted.people[0][own])
    order = np.argsort(counted.district[own], kind="stable")
    expected = (counted.people[0] * (totals / worldpop)[counted.district])[own][order]
    np.testing.assert_allclose(placed.people[0], expected, rtol=1e-9)
    np.testing.assert_array_equal(placed.lon, counted.lon[own][order])
