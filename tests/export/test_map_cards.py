"""A card stays while the slider and the language change, and nothing on the map says what does not hold at the slider's limit."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page
from shapely import Point

from circle.export import map_html, people_words, service_name, share_words
from circle.export.map_people import slider_of
from circle.kernels.lengths import ellipsoid_distance_m
from circle.messages import catalogue
from circle.model import Analysis
from tests.export.test_map_browser import AT, _open, _untouched, rest
from tests.export.town import town_analysis

pytestmark = pytest.mark.slow

MAP = 'window[Object.keys(window).find((key) => key.startsWith("map_"))]'
SHADED = """(name) => [...document.querySelectorAll(`.leaflet-${name}-pane canvas`)].map((canvas) =>
  canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.reduce((sum, value, i) => sum + (i % 4 === 3 && value > 0), 0))
  .reduce((a, b) => a + b, 0)"""


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return town_analysis()


def opened(browser: Browser, tmp_path: Path, analysis: Analysis) -> tuple[Page, Callable[[], None]]:
    path = tmp_path / "map.html"
    path.write_text(map_html(analysis), encoding="utf-8")
    page, seen = _open(browser, path)
    gap = analysis.gaps[analysis.gaps["kind"] == "zone"].iloc[0]
    page.locator("#circle-service").select_option(str(analysis.summary["service"].tolist().index(gap["service"])))

    def untouched() -> None:
        seen.complaints = [
            one for one in seen.complaints if "willReadFrequently" not in one
        ]  # it is this test that reads
        _untouched(seen, path)

    return page, untouched


def slide(page: Page, to: int, last: int) -> None:
    """By the mouse, from where the slider stands."""
    box, now = page.locator("#circle-at").bounding_box(), int(page.locator("#circle-at").input_value())
    assert box
    thumb = 16
    at = [box["x"] + thumb / 2 + (k - 1) / (last - 1) * (box["width"] - thumb) for k in (now, to)]
    page.mouse.move(at[0], box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(at[1], box["y"] + box["height"] / 2, steps=6)
    page.mouse.up()
    assert int(page.locator("#circle-at").input_value()) == to


def click(page: Page, lat: float, lon: float) -> None:
    rest(page)
    at = page.evaluate(AT, [lat, lon])
    assert at is not None
    page.mouse.click(*at)


def open_card(page: Page, kind: str, analysis: Analysis) -> str:
    """What the card of this kind begins with, in both languages."""
    if kind == "place":
        own = np.flatnonzero(np.isfinite(analysis.residents.lon) & (analysis.residents.district >= 0))
        spots = [(i, page.evaluate(AT, [analysis.residents.lat[i], analysis.residents.lon[i]])) for i in own]
        i = next(i for i, at in spots if at and 0 < at[0] < 1280 and 0 < at[1] < 800)
        page.locator('input[name="facilities"]').uncheck()
        click(page, analysis.residents.lat[i], analysis.residents.lon[i])
    elif kind == "gap":
        page.locator(".circle-gaps button").first.click()
    elif kind == "badge":
        page.locator(".circle-badge span:visible").first.click()
    elif kind == "district":
        page.locator(".circle-ranking button").first.click()
    else:
        page.locator('input[name="gaps"]').uncheck()
        row = analysis.region.facilities.table
        at = row[row["service"] == analysis.gaps["service"].iloc[0]].iloc[0]
        click(page, at["lat"], at["lon"])
    page.locator(".circle-popup").wait_for()
    page.wait_for_timeout(500)
    return str(page.locator(".circle-popup").last.inner_text())


@pytest.mark.parametrize("kind", ["place", "gap", "badge", "district", "facility"])
def test_a_card_stays_while_slider_and_language_change(
    browser: Browser, tmp_path: Path, analysis: Analysis, kind: str
) -> None:
    page, untouched = opened(browser, tmp_path, analysis)
    first, last = open_card(page, kind, analysis), 2 * slider_of(analysis.settings).main
    words = {
        "place": "map.place_title",
        "gap": "map.gap_site",
        "badge": "map.gap_site",
        "district": "map.district_uncovered",
        "facility": "map.facility_people",
    }[kind]
    before = page.evaluate(f"[{MAP}.getCenter().lat, {MAP}.getCenter().lng, {MAP}.getZoom()]")
    for k in (3, last - 2, slider_of(analysis.settings).main):
        slide(page, k, last)
        page.wait_for_timeout(300)
        assert page.locator(".circle-popup").count() == 1
        if kind != "district":
            assert page.locator(".circle-popup").inner_text() == first
    for lang in ("zh", "en"):
        page.locator(f".circle-languages button[lang^={lang}]").click()
        page.wait_for_timeout(500)
        assert page.locator(".circle-popup").count() == 1
        beginning = max(catalogue()[words][lang].replace("}", "{").split("{")[::2], key=len)
        assert beginning.strip() in page.locator(".circle-popup").inner_text()
        assert page.evaluate(f"document.activeElement.lang.startsWith('{lang}')")
    assert page.locator(".circle-popup").inner_text() == first
    assert page.evaluate(f"[{MAP}.getCenter().lat, {MAP}.getCenter().lng, {MAP}.getZoom()]") == before
    page.keyboard.press("Escape")
    page.locator(".circle-popup").wait_for(state="detached")
    slide(page, 5, last)
    page.locator(".circle-languages button[lang^=zh]").click()
    page.wait_for_timeout(400)
    assert page.locator(".circle-popup").count() == 0  # what was closed stays closed
    untouched()


def test_the_card_of_a_district_tells_the_share_at_the_slider(
    browser: Browser, tmp_path: Path, analysis: Analysis
) -> None:
    page, _ = opened(browser, tmp_path, analysis)
    first = open_card(page, "district", analysis)
    names = analysis.region.districts.frame["district_name"].tolist()
    i = next(k for k, name in enumerate(names) if first.startswith(name))
    slider, main = slider_of(analysis.settings), analysis.settings.main.value
    cost, own = analysis.reach[analysis.gaps["service"].iloc[0]].cost, analysis.residents.district == i
    people = analysis.residents.people[0]
    told = set()
    for k in (2, slider.main // 2, 2 * slider.main):
        slide(page, k, 2 * slider.main)
        share = people[own & (cost <= main * k / slider.main)].sum() / people[own].sum()
        assert share_words(share, "en") in page.locator(".circle-popup").inner_text()
        told.add(share_words(share, "en"))
    assert len(told) > 1


def test_a_card_goes_with_what_it_tells_of(browser: Browser, tmp_path: Path, analysis: Analysis) -> None:
    """A gap's with its service and its layer, a facility's with its layer; a place's stays."""
    page, _ = opened(browser, tmp_path, analysis)
    service = page.locator("#circle-service").input_value()
    open_card(page, "gap", analysis)
    page.locator("#circle-service").select_option("0" if service != "0" else "1")
    page.locator(".circle-popup").wait_for(state="detached")
    page.locator("#circle-service").select_option(service)
    open_card(page, "gap", analysis)
    page.locator('input[name="gaps"]').uncheck()
    page.locator(".circle-popup").wait_for(state="detached")
    open_card(page, "place", analysis)
    page.locator("#circle-service").select_option("0" if service != "0" else "1")
    page.wait_for_timeout(400)
    assert page.locator(".circle-popup").count() == 1


def test_gap_zones_are_seen_only_at_their_limit(browser: Browser, tmp_path: Path, analysis: Analysis) -> None:
    """Of all positions of the slider one; at the others it is said why, and a button and each gap's name lead back."""
    page, untouched = opened(browser, tmp_path, analysis)
    slider = slider_of(analysis.settings)
    page.locator('input[name="facilities"]').uncheck()
    said = page.locator(".circle-of-run")
    painted = page.evaluate(SHADED, "overlay")
    assert page.locator(".circle-badge span:visible").count() > 0
    assert not said.is_visible()
    for k in (1, slider.main - 1, slider.main + 1, 2 * slider.main):
        slide(page, k, 2 * slider.main)
        page.wait_for_timeout(150)
        assert page.locator(".circle-badge span:visible").count() == 0
        assert page.evaluate(SHADED, "overlay") < painted
        assert "15 min" in said.inner_text()
        assert f"{k} min" in said.inner_text()
        assert "gap zones" not in page.locator(".circle-legend").inner_text()
    said.locator("button").click()
    page.wait_for_timeout(150)
    assert int(page.locator("#circle-at").input_value()) == slider.main
    assert page.locator("#circle-at").evaluate("(node) => node === document.activeElement")
    assert page.locator(".circle-badge span:visible").count() > 0
    assert page.evaluate(SHADED, "overlay") == painted
    assert not said.is_visible()
    slide(page, 3, 2 * slider.main)
    page.locator(".circle-gaps button").first.click()
    assert int(page.locator("#circle-at").input_value()) == slider.main
    assert "1." in page.locator(".circle-popup").last.inner_text()
    page.locator("#circle-group").select_option("1")
    assert "all residents" in said.inner_text()
    assert said.locator("button").count() == 0
    untouched()


def test_areas_in_reach_end_at_the_slider(browser: Browser, tmp_path: Path, analysis: Analysis) -> None:
    page, _ = opened(browser, tmp_path, analysis)
    slider = slider_of(analysis.settings)
    page.locator('input[name="gaps"]').uncheck()
    page.locator('input[value="isochrones"]').check()
    said, shaded = page.locator(".circle-of-run"), {}
    for k in (2, 5, 7, 10, 15, 29):
        slide(page, k, 2 * slider.main)
        page.wait_for_timeout(150)
        shaded[k] = page.evaluate(SHADED, "circle-shading")
        assert said.is_visible() == (k not in slider.limits)
    assert shaded[2] == 0
    assert 0 < shaded[5] == shaded[7] < shaded[10] < shaded[15] == shaded[29]


def test_a_click_outside_every_district_tells_of_the_place_and_that_it_is_not_counted(
    browser: Browser, tmp_path: Path, analysis: Analysis
) -> None:
    """One place of the town is in no district: told like any other, drawn by nothing, in no figure."""
    page, untouched = opened(browser, tmp_path, analysis)
    residents = analysis.residents
    (i,) = np.flatnonzero(np.isfinite(residents.lon) & (residents.district < 0))
    for lang in ("en", "zh"):
        page.locator(f".circle-languages button[lang^={lang}]").click()
        click(page, residents.lat[i], residents.lon[i])
        page.wait_for_timeout(500)
        card = page.locator(".circle-popup").last.inner_text()
        assert people_words(residents.people[0, i]) in card.splitlines()[0]
        assert catalogue()["map.place_outside"][lang] in card
        assert all(service_name(service, lang) in card for service in analysis.reach)
        assert page.locator(".circle-further button").count() == 0
    own = residents.people[0][residents.district >= 0].sum() + residents.people[0][~np.isfinite(residents.lon)].sum()
    assert f"{own:,.0f} 人" in page.locator(".circle-numbers").inner_text()
    untouched()


def test_a_click_on_empty_land_says_so(browser: Browser, tmp_path: Path, analysis: Analysis) -> None:
    """In no district, with nobody near: how far it is to somebody, as the ellipsoid has it."""
    page, untouched = opened(browser, tmp_path, analysis)
    residents = analysis.residents
    known = np.isfinite(residents.lon) & (residents.people[0] > 0)
    for _ in range(2):
        page.locator(".leaflet-control-zoom-out").click()
        page.wait_for_timeout(500)
    empty = [
        (float(lon), float(lat))
        for lon in residents.lon[known].min() - np.arange(1, 40) * 2e-3
        for lat in residents.lat[known].mean() + np.arange(-9, 10) * 1e-3
        if not any(shape.intersects(Point(lon, lat)) for shape in analysis.region.districts.frame.geometry)
    ]
    seen = [(place, page.evaluate(AT, [place[1], place[0]])) for place in empty]
    lon, lat = next(place for place, at in seen if at and 90 < at[0] < 800 and 20 < at[1] < 700)
    away_m = ellipsoid_distance_m(lon, lat, residents.lon[known], residents.lat[known]).min()
    for lang in ("en", "zh"):
        page.locator(f".circle-languages button[lang^={lang}]").click()
        click(page, lat, lon)
        page.wait_for_timeout(500)
        card = page.locator(".circle-popup").last.inner_text()
        assert catalogue()["map.place_nobody"][lang] in card
        ((number, unit),) = re.findall(r"([\d.,]+) ?(m|km|米|公里)\b", card)
        told_m = float(number.replace(",", "")) * (1000 if unit in ("km", "公里") else 1)
        assert told_m == pytest.approx(away_m, abs=60)
    untouched()
