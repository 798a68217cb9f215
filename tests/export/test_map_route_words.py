"""The card of a place and ``circle route`` from there say the same: the minutes (or metres) of each leg and of the whole."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser

from circle.doctor.explain import Start, explain_start
from circle.reach import build_engine
from tests.export.test_map_ways import CLICKS, opened, town

pytestmark = pytest.mark.slow

COST = {
    "en": r"(?:counted as )?((?:<?[\d.,]+) (?:min|km|m))",
    "zh": r"((?:<?[\d.,]+) (?:分钟|公里|米))",
}


def of_card(line: str, metric: str, lang: str) -> str:
    """The cost in a line of the card: after "counted as" where metres are counted, else the first figure."""
    counted = re.search(r"(?:counted as|计为) ([\d.,]+ (?:km|m|公里|米))", line)
    if counted and metric == "distance":
        return counted[1]
    found = re.search(COST[lang], line)
    assert found, line
    return found[1]


def of_route(line: str, metric: str, lang: str) -> str:
    """The cost in a line of ``circle route``: the last figure in minutes, or what the metres are counted as."""
    if metric == "time":
        return re.findall(r"([\d.,]+ (?:min|分钟))", line)[-1]
    counted = re.search(r"(?:counted as|计为) ([\d.,]+ (?:km|m|公里|米))", line)
    return counted[1] if counted else re.findall(r"([\d.,]+ (?:km|m|公里|米))", line)[-1]


TOWNS: list[tuple[str, dict[str, Any]]] = [
    ("en", {}),
    ("zh", {"walking_speed_kmh": 3.7}),
    ("en", {"metric": "distance", "limits": (300, 500, 1000)}),
    ("zh", {"metric": "distance", "limits": (300, 1500)}),
]


@pytest.mark.parametrize(("lang", "options"), TOWNS, ids=["minutes", "slow, Chinese", "metres", "metres, Chinese"])
def test_card_and_route_tell_the_same_legs(
    browser: Browser, tmp_path: Path, lang: str, options: dict[str, Any]
) -> None:
    """All 40 places of five random towns, to both services: every leg of the one is a leg of the other."""
    compared = 0
    for seed in (11, 12, 13, 14, 15):
        analysis = town(seed, **options)
        engine, residents, metric = build_engine(analysis.network), analysis.residents, analysis.settings.metric
        page = opened(browser, tmp_path, analysis, lang)
        told = page.evaluate(CLICKS, np.column_stack([residents.lat, residents.lon]).tolist())
        for i, place in enumerate(told):
            start = Start(float(residents.lon[i]), float(residents.lat[i]), "here")
            for one, service in zip(place, analysis.reach, strict=True):
                found = explain_start(analysis.region, analysis.settings, engine, start, service)
                assert one["way"] == bool(found.way.legs)
                if not one["way"]:
                    continue
                head, *legs, _ = found.lines(lang)
                *shown, whole = one["words"]
                assert [of_card(line, metric, lang) for line in shown] == [
                    of_route(line, metric, lang) for line in legs
                ]
                assert of_card(whole, metric, lang) == of_route(head, metric, lang)
                assert of_route(head, metric, lang) in one["text"]
                compared += 1
        page.context.close()
    assert compared > 200
