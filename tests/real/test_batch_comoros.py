"""The Comoros by islands and by districts: every county out of the province has what a run on the whole gives it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import circle
from circle import pipeline
from circle.batch.counties import county_of
from circle.batch.prepare import prepare
from circle.batch.province import map_province
from circle.errors import Findings
from circle.indicators import indicator_table
from circle.stages import Clock, Silent
from tests.real.test_comoros import manifest


@pytest.mark.slow
@pytest.mark.parametrize(("admin_level", "counties"), [(4, 3), (8, 6)])
def test_islands_and_districts_have_the_answers_of_the_whole(regions: Path, tmp_path: Path, admin_level: int, counties: int) -> None:
    file = tmp_path / "province.toml"
    file.write_text(manifest(regions, admin_level) + '\n[batch]\nperiod = "2026Q4"\n', encoding="utf-8")
    region = circle.load_region(file, cache=False)
    data, question = region.data, region.question
    assert data.districts is not None
    whole = pipeline.reached(data, question, Clock(Silent()), Findings())
    union = indicator_table(whole.reach, whole.together, whole.joined.residents, data.districts, question, facilities=data.facilities)
    prepared = prepare(file, tmp_path / "out")
    assert prepared.source is not None
    assert len(prepared.counties) == counties
    province, asked = map_province(prepared.source)
    people = 0.0
    for county in prepared.counties:
        part, own = county_of(province, asked, county.row)
        there = np.flatnonzero(whole.joined.residents.district == county.row)
        for service, answer in own.reach.items():
            assert answer.cost.tobytes() == whole.reach[service].cost[there].tobytes()
            assert answer.status.tobytes() == whole.reach[service].status[there].tobytes()
        table = indicator_table(own.reach, own.together, own.joined.residents, part.districts, asked, facilities=part.facilities)
        rows, expected = (t[(t["scope"] == "district") & (t["district_id"] == county.code)] for t in (table, union))
        assert len(rows) > 0
        pd.testing.assert_frame_equal(rows.reset_index(drop=True), expected.reset_index(drop=True), check_exact=True)
        people += county.people
    outside = prepared.elsewhere["outside"]
    expected = union[union["scope"] == "outside"]
    columns = [name for name in expected if name not in ("facilities", "share", "straight_share")]
    pd.testing.assert_frame_equal(outside[columns].reset_index(drop=True), expected[columns].reset_index(drop=True), check_exact=True)
    everybody = float(whole.joined.residents.people[0].sum())
    assert people + float(outside["people"].iloc[0]) == pytest.approx(everybody, rel=1e-12)
