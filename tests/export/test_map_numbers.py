"""Every number that the panel tells, for every service, group and limit, is what Python counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from circle.export import map_html, people_words, share_words
from circle.indicators import indicator_table, summary_table
from circle.messages import LANGUAGES
from circle.model import Analysis
from tests.export.test_map_browser import _open, _untouched
from tests.export.town import town_analysis

pytestmark = pytest.mark.slow

PANEL = """([service, group]) => {
  for (const [id, value] of [["#circle-service", service], ["#circle-group", group]]) {
    const node = document.querySelector(id);
    if (node) { node.value = String(value); node.dispatchEvent(new Event("change")); }
  }
  const cells = [...document.querySelectorAll(".circle-shares tr")].slice(1).map((row) => [...row.cells].slice(1).map((cell) => cell.textContent));
  return [document.querySelector(".circle-numbers strong").textContent, document.querySelector(".circle-numbers span").textContent, cells];
}"""


def with_people(analysis: Analysis, people: np.ndarray, groups: tuple[str, ...]) -> Analysis:
    """The town, lived in by others: counted again by Python's own tables."""
    residents = replace(analysis.residents, people=people, groups=groups)
    region, question = analysis.region, analysis.settings
    table = indicator_table(
        analysis.reach, analysis.together, residents, region.districts, question, facilities=region.facilities
    )
    summary = summary_table(table, analysis.gaps, region.facilities, question)
    return replace(analysis, residents=residents, indicators=table, summary=summary)


def other_people(analysis: Analysis, seed: int) -> Analysis:
    """Three groups that live in other places than all do."""
    rng = np.random.default_rng(seed)
    everyone = rng.integers(1, 400, len(analysis.residents.lon)).astype(float)
    shares = rng.random((3, len(everyone))) ** 3
    return with_people(
        analysis, np.vstack([everyone, np.floor(everyone * shares)]), ("all", "0_14", "60_plus", "seniors")
    )


def by_hand(analysis: Analysis, service: str, group: int) -> list[list[float]]:
    """Shares of the group within each limit, on the network and as the crow flies, summed up place by place."""
    answer = analysis.together if service == "all_services" else analysis.reach[service]
    question, residents = analysis.settings, analysis.residents
    outside = np.isfinite(residents.lon) & (residents.district < 0)
    weight = np.where(outside, 0.0, residents.people[group])
    speed = question.walking_speed_m_s if question.metric == "time" else 1.0
    return [
        [
            float(weight[near].sum() / weight.sum())
            for near in (answer.cost <= limit.value, answer.straight_m / speed <= limit.value)
        ]
        for limit in question.limits
    ]


@pytest.mark.parametrize("metric", ["time", "distance"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_panel_tells_every_group_its_own_numbers(browser: Browser, tmp_path: Path, metric: str, lang: str) -> None:
    """Headline and table of limits: both of the people chosen, and of no others."""
    analysis = other_people(town_analysis(metric=metric), seed=6)
    path = tmp_path / "map.html"
    path.write_text(map_html(analysis, lang=lang), encoding="utf-8")
    page, seen = _open(browser, path)
    table, told = analysis.indicators, []
    for number, service in enumerate(analysis.summary["service"]):
        for group, name in enumerate(analysis.residents.groups):
            headline, sentence, cells = page.evaluate(PANEL, [number, group])
            expected = by_hand(analysis, service, group)
            assert cells == [[share_words(share, lang) for share in row] for row in expected]
            assert headline == share_words(expected[-1][0], lang) == cells[-1][0]
            asked = (table["service"] == service) & (table["group"] == name) & (table["scope"] == "region")
            main = table[asked & (table["limit"] == analysis.settings.main.label)].iloc[0]
            assert people_words(main["people"]) in sentence
            assert people_words(main["uncovered"]) in sentence
            told.append(str(cells))
    assert len(set(told)) == len(told)  # no group's numbers are another's
    _untouched(seen, path)


@pytest.mark.parametrize("covered", [0.0, 1.0, 2.9, 3.0, 5518.0, 5519.0, 5520.0, 5521.0])
def test_tiny_shares_are_neither_none_nor_all(browser: Browser, tmp_path: Path, covered: float) -> None:
    """One child of 5,521 is less than a thousandth; one short of all is not all: in headline, table, and Python."""
    analysis = town_analysis()
    residents, answer = analysis.residents, analysis.together
    near, far = int(np.nanargmin(answer.cost)), int(np.flatnonzero(np.isinf(answer.cost))[0])
    people = np.zeros_like(residents.people)
    people[:, near], people[:, far] = covered, 5521.0 - covered
    analysis = with_people(analysis, people, residents.groups)
    path = tmp_path / "map.html"
    path.write_text(map_html(analysis), encoding="utf-8")
    page, _ = _open(browser, path)
    headline, _, cells = page.evaluate(PANEL, [len(analysis.reach), 1])
    assert headline == cells[-1][0] == share_words(covered / 5521.0, "en")
    assert (headline == "0.0%") == (covered == 0)
    assert (headline == "100.0%") == (covered == 5521)
