"""Facilities on the map are taken together only where they would overlap, in a real browser."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from circle.messages import LANGUAGES
from tests.export.test_map_browser import HOSTILE, _open, _untouched, rest
from tests.export.test_map_search import with_facilities, written
from tests.export.town import SOUTH, STEP, WEST

pytestmark = pytest.mark.slow

GROUPED = (
    """([x, y]) => circleGrouped(x, y).map(({ x, y, members }) => [x, y, circleRingSize(members.length), members])"""
)
MAP = "const map = window[Object.keys(window).find((key) => key.startsWith('map_'))];"
SYMBOLS = f"""() => {{ {MAP} const found = [];
  map.eachLayer((layer) => {{
    if (!(layer instanceof L.CircleMarker)) return;
    const at = map.latLngToContainerPoint(layer.getLatLng());
    found.push([at.x, at.y, layer.options.count || "1"]);
  }});
  return found; }}"""


def town_page(browser: Browser, tmp_path: Path, lon: np.ndarray, lat: np.ndarray, lang: str = "en") -> Page:
    names: list[str | None] = [f"School {i}" for i in range(len(lon))]
    page, _ = _open(browser, written(tmp_path, with_facilities(names, lon=lon, lat=lat), lang))
    page.locator("#circle-service").select_option(index=0)
    return page


def look(page: Page, lat: float, lon: float, zoom: float) -> None:
    page.evaluate(
        f"([lat, lon, zoom]) => {{ {MAP} map.setView([lat, lon], zoom, {{ animate: false }}); }}", [lat, lon, zoom]
    )
    page.wait_for_timeout(100)


def click_at(page: Page, lat: float, lon: float) -> None:
    rest(page)
    at = page.evaluate(
        f"([lat, lon]) => {{ {MAP} const p = map.latLngToContainerPoint([lat, lon]);"
        "const box = map.getContainer().getBoundingClientRect(); return [box.left + p.x, box.top + p.y]; }",
        [lat, lon],
    )
    page.mouse.move(*at)
    page.mouse.click(*at)
    page.wait_for_timeout(700)


@pytest.mark.parametrize("spread", [30.0, 300.0, 3000.0])
def test_no_two_symbols_overlap_and_nobody_is_lost(browser: Browser, tmp_path: Path, spread: float) -> None:
    """Against all pairs. Each stands in the middle of its own; whom nothing comes near stays alone."""
    page = town_page(browser, tmp_path, np.zeros(0), np.zeros(0))
    random = np.random.default_rng(11)
    for n in (1, 2, 40, 400):
        x, y = random.normal(0, spread, (2, n))
        groups = page.evaluate(GROUPED, [x.tolist(), y.tolist()])
        assert sorted(i for *_, members in groups for i in members) == list(range(n))
        at, size = np.array([[gx, gy] for gx, gy, *_ in groups]), np.array([s for _, _, s, _ in groups])
        apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
        np.fill_diagonal(apart, np.inf)
        assert (apart >= size[:, None] + size - 1e-9).all()
        for gx, gy, _, members in groups:
            assert (gx, gy) == pytest.approx((x[members].mean(), y[members].mean()), abs=1e-6)
        between = np.hypot(x[:, None] - x, y[:, None] - y)
        np.fill_diagonal(between, np.inf)
        lonely = between.min(axis=1) > 100.0
        alone = {members[0] for *_, members in groups if len(members) == 1}
        assert set(np.flatnonzero(lonely)) <= alone
        if not (between < 12.0).any():
            assert len(groups) == n


def test_dots_that_do_not_touch_are_left_alone(browser: Browser, tmp_path: Path) -> None:
    """A dot is 12 pixels wide."""
    page = town_page(browser, tmp_path, np.zeros(0), np.zeros(0))
    assert len(page.evaluate(GROUPED, [[0, 12.01], [0, 0]])) == 2
    assert len(page.evaluate(GROUPED, [[0, 11.99], [0, 0]])) == 1
    assert len(page.evaluate(GROUPED, [[0, 13, 26, 39, 52], [0] * 5])) == 5


def test_a_ring_says_its_number_and_comes_apart_when_clicked(browser: Browser, tmp_path: Path) -> None:
    """Three schools within 60 m: one ring from afar, three dots after clicks; nobody is drawn twice."""
    lon, lat = WEST + 5 * STEP + np.array([0.0, 0.0006, 0.0003]), SOUTH + 2 * STEP + np.array([0.0, 0.0, 0.0005])
    page = town_page(browser, tmp_path, lon, lat)
    look(page, lat.mean(), lon.mean(), 13)
    assert sorted(count for *_, count in page.evaluate(SYMBOLS)) == ["1", "1", "3"]
    at = [float(lat.mean()), float(lon.mean())]
    click_at(page, *at)
    page.locator(".leaflet-tooltip").wait_for(state="detached")
    symbols = page.evaluate(SYMBOLS)
    assert {count for *_, count in symbols} == {"1"}
    assert page.locator(".circle-popup").count() == 0
    click_at(page, float(lat[2]), float(lon[2]))
    assert "School 2" in page.locator(".circle-popup").inner_text()
    assert "Primary school" in page.locator(".circle-popup").inner_text()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_on_one_spot_can_both_be_read(browser: Browser, tmp_path: Path, lang: str) -> None:
    page = town_page(browser, tmp_path, np.full(2, WEST + 5 * STEP), np.full(2, SOUTH + 2 * STEP), lang)
    look(page, SOUTH + 2 * STEP, WEST + 5 * STEP, 18)
    page.mouse.move(5, 400)
    click_at(page, SOUTH + 2 * STEP, WEST + 5 * STEP)
    told = page.locator(".circle-popup").inner_text()
    assert "School 0" in told
    assert "School 1" in told
    assert ("Primary school 2" if lang == "en" else "小学 2 处") in told


def test_all_services_together_share_a_ring(browser: Browser, tmp_path: Path) -> None:
    """The clinic and two schools on its spot: the ring has both colours, and the words both numbers."""
    at = (SOUTH + 3 * STEP, WEST + 2 * STEP)
    page = town_page(browser, tmp_path, np.full(2, at[1]), np.full(2, at[0]))
    page.locator("#circle-service").select_option(label="All services")
    look(page, *at, 15)
    click_at(page, *at)
    told = page.locator(".circle-popup").inner_text()
    assert told.startswith("3 facilities: Primary school 2, Clinic 1")
    assert "卫生院 · Clinic" in told


def test_hostile_names_in_rings_stay_text(browser: Browser, tmp_path: Path) -> None:
    path = written(tmp_path, with_facilities([HOSTILE, HOSTILE]))
    page, seen = _open(browser, path)
    page.locator("#circle-service").select_option(index=0)
    look(page, SOUTH + 2.5 * STEP, WEST + 5.5 * STEP, 18)
    click_at(page, SOUTH + 2.5 * STEP, WEST + 5.5 * STEP)
    assert "<img src=x onerror=alert(1)>" in page.locator(".circle-popup").inner_text()
    assert page.locator("img[src='x']").count() == 0
    _untouched(seen, path)


ZOOMS = """async (zooms) => { MAP
  const times = [];
  for (const zoom of zooms) {
    const begin = performance.now();
    map.setZoom(zoom, { animate: false });
    await new Promise(requestAnimationFrame);
    times.push(performance.now() - begin);
  }
  return times; }""".replace("MAP", MAP)


def test_twenty_thousand_facilities_are_zoomed_without_a_wait(browser: Browser, tmp_path: Path) -> None:
    random = np.random.default_rng(9)
    lon, lat = WEST + random.normal(4, 3, 20_000) * STEP, SOUTH + random.normal(3, 3, 20_000) * STEP
    page = town_page(browser, tmp_path, lon, lat)
    look(page, SOUTH + 3 * STEP, WEST + 4 * STEP, 12)
    times = page.evaluate(ZOOMS, [8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 15, 12, 9])
    print(f"zooming with 20,000 facilities: median {np.median(times):.0f} ms, longest {max(times):.0f} ms")
    assert np.median(times) < 200
    page.locator("#circle-search").fill("School 17")
    page.locator(".circle-search li").first.click()
    assert "School 17" in page.locator(".circle-popup").inner_text()
