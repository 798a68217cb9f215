"""What a reader stumbles over: brackets within brackets, colours without a name, cards under the panel, empty close-ups."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from circle.export import map_html
from circle.messages import LANGUAGES, catalogue
from circle.model import POPULATION_KINDS, Analysis
from tests.export.test_map_browser import AT, PAINTED, _open, frames, overlapping, rest
from tests.export.town import SOUTH, STEP, WEST, town_analysis

pytestmark = pytest.mark.slow

PLACE = (SOUTH + 2.5 * STEP, WEST + 2.5 * STEP)
NESTED = re.compile(r"（[^（）]*（|）[^（）]*））|）\s*）|\([^()]*\(|\)\s*\)")


def opened(browser: Browser, tmp_path: Path, analysis: Analysis, *, lang: str = "en", width: int = 1280) -> Page:
    path = tmp_path / "map.html"
    path.write_text(map_html(analysis, lang=lang), encoding="utf-8")
    return _open(browser, path, width=width)[0]


def click_place(page: Page, lat: float, lon: float) -> None:
    rest(page)
    at = page.evaluate(AT, [lat, lon])
    assert at is not None, "something lies over the place"
    page.mouse.click(*at)


@pytest.mark.parametrize("kind", [None, *POPULATION_KINDS])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_brackets_stand_in_brackets(browser: Browser, tmp_path: Path, lang: str, kind: str | None) -> None:
    """In panel, cards and list, for every service, with every sort of people."""
    analysis = town_analysis()
    page = opened(
        browser, tmp_path, replace(analysis, region=replace(analysis.region, population_kind=kind)), lang=lang
    )
    said = []
    for service in range(3):
        page.locator("#circle-service").select_option(str(service))
        click_place(page, *PLACE)
        page.wait_for_selector(".circle-popup")
        said.append(page.evaluate("document.body.innerText"))
    page.locator("#circle-service").select_option("1")
    page.locator(".circle-gaps button").first.click()
    said.append(page.evaluate("document.body.innerText"))
    for told in said:
        assert [line for line in told.splitlines() if NESTED.search(line)] == []
        assert kind is None or catalogue()[f"population_kind.{kind}"][lang] in told


def test_nested_brackets_are_found() -> None:
    assert NESTED.search("（共 40,985 人（常住人口））；")
    assert not NESTED.search("（一）、（二）；f(x) g(y)")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", POPULATION_KINDS)
def test_the_title_does_not_break_within_its_brackets(browser: Browser, tmp_path: Path, kind: str, lang: str) -> None:
    """However long the region's name is."""
    analysis = town_analysis()
    for letters in range(2, 24, 3):
        region = replace(analysis.region, population_kind=kind, name="青" * letters)
        page = opened(browser, tmp_path, replace(analysis, region=region), lang=lang)
        lines = page.evaluate("""() => { const range = document.createRange();
          range.selectNodeContents(document.querySelector(".circle-kind"));
          return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size; }""")
        assert lines == 1
        assert page.locator(".circle-panel h1").inner_text().replace("\n", "") == page.title()
        page.context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kinds", [(), ("zone",), ("rest",), ("zone", "rest")])
def test_what_is_drawn_of_gaps_is_in_the_legend_and_in_the_list(
    browser: Browser, tmp_path: Path, kinds: tuple[str, ...], lang: str
) -> None:
    """No colour without a name, no name without a colour, and the panel denies nothing that is drawn."""
    analysis = town_analysis()
    analysis = replace(analysis, gaps=analysis.gaps[analysis.gaps["kind"].isin(kinds)].reset_index(drop=True))
    page = opened(browser, tmp_path, analysis, lang=lang)
    page.locator("#circle-service").select_option("1")
    for name in ("facilities", "names"):
        page.locator(f"input[name={name}]").uncheck()
    page.wait_for_timeout(300)
    words, legend = catalogue(), page.locator(".circle-legend").inner_text()
    rows = page.locator(".circle-gaps").inner_text()
    assert (words["map.legend_small_gaps"][lang] in legend) == ("rest" in kinds)
    assert (page.locator(".circle-legend .circle-gap:not(.circle-small-gap)").count() == 1) == ("zone" in kinds)
    assert (page.locator(".circle-gaps button").count() > 0) == ("zone" in kinds)
    assert (words["map.no_gaps"][lang] in rows) == (not kinds)
    if kinds == ("rest",):
        assert "12" in rows  # 12.5 people, half to even
    page.locator("input[name=gaps]").uncheck()
    assert page.locator(".circle-legend .circle-gap").count() == 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_numbers_that_leave_some_out_are_explained(browser: Browser, tmp_path: Path, lang: str) -> None:
    """A list that reads 1, 4 says why; one that reads 1, 2 does not."""
    analysis = town_analysis()
    told = catalogue()["map.numbers_of_all"][lang]
    for numbers in ((1, 2), (1, 4), (3, 4)):
        gaps = analysis.gaps.copy()
        gaps.loc[gaps["kind"] == "zone", "rank"] = numbers
        page = opened(browser, tmp_path, replace(analysis, gaps=gaps), lang=lang)
        page.locator("#circle-service").select_option("1")
        values = page.evaluate(
            "[...document.querySelectorAll('.circle-gaps li:not(.circle-note)')].map((item) => item.value)"
        )
        assert values == list(numbers)
        assert (told in page.locator(".circle-gaps").inner_text()) == (numbers != (1, 2))
        page.context.close()


@pytest.mark.parametrize("width", [360, 400, 699, 720, 1280])
def test_a_narrow_screen_shows_card_or_panel(browser: Browser, tmp_path: Path, width: int) -> None:
    """Whichever was asked for last; where there is room, both. Nothing is printed across a card."""
    page = opened(browser, tmp_path, town_analysis(), width=width)
    narrow = width < 700
    summary, card, panel = (
        page.locator(".circle-panel > summary"),
        page.locator(".leaflet-popup"),
        page.locator(".circle-panel[open]"),
    )

    def beside_each_other() -> None:
        page.wait_for_timeout(500)
        taken = frames(
            page, ".leaflet-popup-content-wrapper, .circle-frame, .leaflet-control-attribution, .leaflet-control-scale"
        )
        assert overlapping(taken) == 0

    click_place(page, *PLACE)
    page.wait_for_selector(".leaflet-popup")
    beside_each_other()
    assert panel.count() == (0 if narrow else 1)
    if narrow:
        summary.click()
        page.wait_for_timeout(500)
        assert (card.count(), panel.count()) == (0, 1)
        page.locator("#circle-service").select_option("1")
        assert (card.count(), panel.count()) == (0, 1)
        page.locator(".circle-gaps button").first.click()
    else:
        page.locator("#circle-service").select_option("1")
    beside_each_other()
    assert (card.count(), panel.count()) == (1, 0 if narrow else 1)
    if not narrow:
        page.set_viewport_size({"width": 380, "height": 800})
        page.wait_for_timeout(500)
        assert card.count() + panel.count() == 1


@pytest.mark.parametrize("width", [400, 1920])
def test_zooming_in_ends_where_the_data_end(browser: Browser, tmp_path: Path, width: int) -> None:
    """By the wheel over a place: something is still drawn there, and the scale is a length as wide as at first."""
    page = opened(browser, tmp_path, town_analysis(), width=width)
    at = page.evaluate(AT, list(PLACE))
    page.mouse.move(*at)
    bars = []
    for _ in range(45):
        page.mouse.wheel(0, -400)
        page.wait_for_timeout(90)
        left, _, right, _ = frames(page, ".leaflet-control-scale-line")[0]
        bars.append(right - left)
    assert max(bars) <= 110
    assert page.evaluate(PAINTED, "circle-cells")
    metres = int(page.locator(".leaflet-control-scale-line").inner_text().split()[0])
    assert metres >= 10
