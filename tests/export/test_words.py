"""The answer in words, against the numbers it was made from."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from circle.export.words import answer, cost_words, limit_words, people_words, reason_words, share_words
from circle.messages import LANGUAGES
from circle.model import REASONS
from tests.export.town import town_analysis


def test_the_answer_tells_how_many_reach_everything_and_what_is_scarcest() -> None:
    """8 x 6 places of 10, 11 … 57 people are 1,608, the last of them outside, and 7 more of unknown location: 1,558."""
    analysis = town_analysis()
    people = analysis.residents.people[0]
    people[47] = 0.0  # who lives outside is not in the headline
    share = people[analysis.together.cost <= 900].sum() / 1558
    clinic = people[analysis.reach["clinic"].cost <= 900].sum() / 1558
    told = answer(analysis, "en")
    assert f"{share:.1%} of 1,558 people live within 15 min on foot of all 2 services" in told
    assert f"clinic, with {clinic:.1%}" in told
    assert "1,558" in answer(analysis, "zh")
    assert "卫生室" in answer(analysis, "zh")


def test_one_service_needs_no_comparison() -> None:
    analysis = town_analysis()
    one = replace(analysis, summary=analysis.summary[analysis.summary["service"] != "clinic"])
    assert "of a primary school" in answer(one, "en")


def test_a_region_without_people_says_so() -> None:
    analysis = town_analysis()
    summary = analysis.summary.assign(people=0.0, share_15min=np.nan)
    assert "Nobody lives in 青溪" in answer(replace(analysis, summary=summary), "en")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_has_words(lang: str) -> None:
    told = [reason_words(reason.name.lower(), lang) for reason in REASONS]
    assert len(set(told)) == len(REASONS)


def test_costs_are_minutes_for_times_and_metres_for_distances() -> None:
    times, distances = town_analysis().settings, town_analysis(metric="distance").settings
    assert [cost_words(cost, times, "en") for cost in (90.0, 2880.0, math.inf)] == ["1.5 min", "48 min", "unreached"]
    assert [cost_words(cost, distances, "zh") for cost in (90.0, 2880.0)] == ["90 米", "2.9 公里"]
    assert limit_words(distances.main, distances, "en") == "1,000 m"


def test_small_counts_and_shares_do_not_vanish() -> None:
    assert (people_words(0.3), people_words(0.0), people_words(0.6)) == ("<1", "0", "1")
    assert (share_words(0.99951, "en"), share_words(math.nan, "en")) == (">99.9%", "unknown")
