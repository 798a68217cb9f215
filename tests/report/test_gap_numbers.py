"""A gap has two numbers, one in the report and one in map and tables: the report says both, and which is which."""

from __future__ import annotations

from dataclasses import replace

import pytest

from circle.export import service_name
from circle.messages import LANGUAGES
from circle.report.drawing import styled
from circle.report.gaps import gap_lines, gap_title, largest_gaps
from circle.report.maps import region_map
from tests.export.town import town_analysis


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_gap_says_its_number_of_the_map(lang: str) -> None:
    analysis = town_analysis()
    zones = analysis.gaps[analysis.gaps["kind"] == "zone"]
    found = largest_gaps(analysis)
    assert len(found) == len(zones) > 1
    for gap in found:
        (own,) = zones[zones["gap_id"] == gap.row["gap_id"]].itertuples()
        last = gap_lines(gap, analysis, lang)[-1]
        assert str(int(own.rank)) in last
        assert service_name(own.service, lang) in last


def test_a_gap_called_like_its_district_is_named_once() -> None:
    analysis = town_analysis()
    frame = analysis.gaps
    name = analysis.region.districts.frame["district_name"].iloc[0]
    same = replace(analysis, gaps=frame.assign(name=name, district_name=name))
    for gap in largest_gaps(same):
        assert gap_title(gap, "en").count(name) == 1
    for one, times in ((analysis, 1), (same, 1)):
        with styled():
            texts = [note.get_text() for axes in region_map(one, largest_gaps(one), "en").axes for note in axes.texts]
        assert texts.count(name) == times
