"""A law: who recomputes a decision from what is written comes to the decision that is written."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from circle.export import write_outputs
from circle.export.words import cost_words
from circle.indicators import indicator_table, summary_table
from circle.messages import LANGUAGES
from circle.model import Analysis, Status
from tests.export.town import town_analysis

EDGES = (-0.6, -0.001, 0.0, 0.001, 0.024, 0.4, 0.6, 29.0)
"""Seconds (or metres) beside a limit: a step of the search, less and more than rounding would forgive."""


def at_the_limits(metric: str) -> Analysis:
    """The town, with places just beside every limit for the clinic."""
    analysis = town_analysis(metric=metric)
    answer, question = analysis.reach["clinic"], analysis.settings
    beside = np.array([limit.value + edge for limit in question.limits for edge in EDGES])
    cost = answer.cost.copy()
    cost[: len(beside)] = beside
    status = np.where(cost <= question.main.value, Status.COVERED, answer.status)
    status[(cost > question.main.value) & (status == Status.COVERED)] = Status.FAR
    facility = np.where(np.isfinite(cost), answer.facility.max(), -1)
    told = replace(answer, cost=cost, facility=facility, status=status.astype(np.int8))
    reach = {**analysis.reach, "clinic": told}
    region = analysis.region
    table = indicator_table(
        reach, analysis.together, analysis.residents, region.districts, question, facilities=region.facilities
    )
    summary = summary_table(table, analysis.gaps, region.facilities, question)
    return replace(analysis, reach=reach, indicators=table, summary=summary)


@pytest.mark.parametrize("metric", ["time", "distance"])
def test_every_file_agrees_with_the_costs_that_are_written(tmp_path, metric) -> None:
    """Status, people by district, limit and group, people of each facility, share: all out of residents.parquet."""
    analysis = at_the_limits(metric)
    question = analysis.settings
    write_outputs(analysis, tmp_path)
    homes = pd.read_parquet(tmp_path / "residents.parquet")
    cost = homes[f"clinic_{question.cost_name}"]
    assert ((cost <= question.main.value) == (homes["clinic_status"] == "covered")).all()
    table = pd.read_csv(tmp_path / "indicators.csv", dtype={"district_id": str})
    table = table[table["service"] == "clinic"]
    facilities = [f["properties"] for f in json.loads((tmp_path / "facilities.geojson").read_text("utf-8"))["features"]]
    clinic = next(row for row in facilities if row["service"] == "clinic")
    for limit in question.limits:
        near = cost <= limit.value
        for group in ("all", "children"):
            rows = table[(table["limit"] == limit.label) & (table["group"] == group)]
            of_district = homes[near].groupby("district_id", observed=False)[f"people_{group}"].sum()
            written = rows[rows["scope"] == "district"].set_index("district_id")["covered"]
            assert written.to_dict() == pytest.approx(of_district.to_dict(), abs=1e-6)
        assert clinic[f"people_{limit.label}"] == pytest.approx(homes.loc[near, "people_all"].sum(), abs=1e-6)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("metric", ["time", "distance"])
@given(steps=st.integers(1, 4_000_000))
@example(steps=900_001)
@example(steps=900_000)
@example(steps=1_000_001)
@example(steps=300_001)
def test_words_stay_on_their_side_of_every_limit(metric, lang, steps) -> None:
    """Thousandths of a second (or metre), which is what the search counts, against the number that people read."""
    question = QUESTIONS[metric]
    cost = steps / 1000
    number, unit = re.fullmatch(r"([\d.,]+) (\S+)", cost_words(cost, question, lang)).groups()  # type: ignore[union-attr]
    worth = {"min": 60.0, "分钟": 60.0, "m": 1.0, "米": 1.0, "km": 1000.0, "公里": 1000.0}[unit]
    shown = float(number.replace(",", "")) * worth
    for limit in question.limits:
        assert (shown <= limit.value) == (cost <= limit.value)
    assert shown == pytest.approx(cost, abs=0.5 * worth if worth == 60.0 else 50.0)


QUESTIONS = {metric: town_analysis(metric=metric).settings for metric in ("time", "distance")}
