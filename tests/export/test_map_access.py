"""The map and the report for those who use no mouse, a phone, a screen reader or large letters: axe-core, keys, sizes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

import circle
from circle.export import map_html
from circle.messages import LANGUAGES
from circle.report import report_files
from tests.export.test_map_browser import frames, overlapping

pytestmark = pytest.mark.slow

SCREENS = [(1280, 800), (360, 740)]
RULES = {"rules": {"target-size": {"enabled": True}}}
"""WCAG 2.2's 24 pixels are not asked for by default."""

PANES = """(seen) => document.querySelectorAll(".leaflet-map-pane > .leaflet-pane:not(.leaflet-popup-pane)")
  .forEach((pane) => { pane.style.visibility = seen; })"""

SET = """([id, value, kind]) => { const node = document.querySelector(id);
  node.value = String(value); node.dispatchEvent(new Event(kind)); }"""


def violations(page: Page) -> list[str]:
    """What axe-core finds, of any impact, with the first element of each."""
    page.wait_for_timeout(400)  # a card that fades away has no contrast
    # what is scrolled half under the title of the panel would count as too small
    page.evaluate("document.querySelector('.circle-panel')?.scrollTo(0, 0)")
    found = Axe().run(page, options=RULES).response["violations"]
    # names on the map lie below panel and card, yet axe does not judge the contrast of what stands over them
    page.evaluate(PANES, "hidden")
    found += Axe().run(page, options=RULES).response["violations"]
    page.evaluate(PANES, "")
    return [f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]}" for one in found]


@pytest.fixture(scope="module")
def analysis(sample_regions: Path):
    return circle.analyze(circle.load_region(sample_regions / "qingxi")).analysis


@pytest.fixture(scope="module")
def written(analysis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("access")
    (folder / "gap_map.html").write_text(map_html(analysis), encoding="utf-8")
    for lang in LANGUAGES:
        (folder / f"report_{lang}.html").write_bytes(report_files(analysis, lang)["report.html"])
    return folder


def opened(browser: Browser, path: Path, size: tuple[int, int], lang: str = "", **context: str) -> Page:
    page = browser.new_context(viewport={"width": size[0], "height": size[1]}, offline=True, **context).new_page()
    page.goto(path.as_uri())
    if path.name == "gap_map.html":
        page.wait_for_selector('[data-ready="true"]')
        if lang:
            page.locator(f".circle-languages button[lang^={lang}]").click()
    return page


def unfolded(page: Page) -> None:
    if page.locator(".circle-panel").get_attribute("open") is None:
        page.locator(".circle-panel > summary").click()


def _states(page: Page):
    """The panel as it opens, and after each thing that a reader may do to it."""
    yield "as it opens"
    unfolded(page)
    yield "unfolded"
    page.evaluate(SET, ["#circle-at", 7, "input"])
    page.evaluate(SET, ["#circle-group", 1, "change"])
    yield "slider moved and group chosen"
    page.locator(".circle-gaps button").first.click()
    page.wait_for_selector(".circle-popup")
    page.wait_for_timeout(600)  # the card is faded in
    yield "a card open"
    unfolded(page)
    page.locator('input[value="districts"]').check()
    page.locator('input[value="paper"]').check()
    yield "districts, in greys"
    page.evaluate(SET, ["#circle-service", page.locator("#circle-service option").count() - 1, "change"])
    yield "all services, without gaps"


@pytest.mark.parametrize("size", SCREENS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_finds_nothing_in_the_map(browser: Browser, written: Path, lang: str, size: tuple[int, int]) -> None:
    page = opened(browser, written / "gap_map.html", size, lang)
    for state in _states(page):
        assert violations(page) == [], state


@pytest.mark.parametrize("size", SCREENS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_finds_nothing_in_the_report(browser: Browser, written: Path, lang: str, size: tuple[int, int]) -> None:
    assert violations(opened(browser, written / f"report_{lang}.html", size)) == []


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        ("document.querySelector('.circle-answer').style.color = '#ccc'", "color-contrast (serious)"),
        (
            "document.querySelector('#circle-service').parentNode.replaceWith(document.querySelector('#circle-service'))",
            "select-name (critical)",
        ),
        (
            "document.querySelector('.circle-panel summary').append(document.createElement('button'))",
            "nested-interactive (serious)",
        ),
        (
            "document.querySelector('.circle-gaps button').style.cssText = 'min-height: 10px; font-size: 6px; line-height: 1'",
            "target-size (serious)",
        ),
    ],
)
def test_axe_reports_what_is_spoilt(browser: Browser, written: Path, spoil: str, rule: str) -> None:
    page = opened(browser, written / "gap_map.html", SCREENS[0])
    page.evaluate(spoil)
    if rule.startswith("target"):
        page.evaluate(
            "document.querySelectorAll('.circle-gaps button').forEach((b) => { b.style.minHeight = '8px'; b.style.fontSize = '6px'; })"
        )
    assert any(found.startswith(rule) for found in violations(page))


ZOOMED = [(640, 400), (512, 384), (960, 540)]
"""Windows of 1280, 1024 and 1920 pixels at 200 %."""


@pytest.mark.parametrize("size", [(360, 740), (1024, 768), (1280, 800), (1920, 1080), *ZOOMED])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_is_seen_and_nothing_overlaps(
    browser: Browser, written: Path, lang: str, size: tuple[int, int]
) -> None:
    page = opened(browser, written / "gap_map.html", size, lang)
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == list(size)
    panel = frames(page, ".circle-frame")
    controls = frames(page, ".leaflet-control-attribution, .leaflet-control-scale, .leaflet-control-zoom")
    assert overlapping(np.vstack([panel, controls])) == 0
    assert overlapping(frames(page, ".circle-badge span, .circle-label span")) == 0
    assert overlapping(np.vstack([frames(page, ".circle-panel h1"), frames(page, ".circle-languages")])) == 0
    whole = frames(page, ".circle-label span")
    assert (whole[:, :2] >= 0).all()
    assert (whole[:, 2:] <= size).all()
    keys = frames(page, ".circle-legend .circle-key")
    assert len(keys) == 8 + page.locator(".circle-legend .circle-together").count()
    if size[1] >= 740:
        assert (keys[:, 3] <= size[1]).all()
    across, along = page.evaluate(
        "(() => { const p = document.querySelector('.circle-panel'); return [p.scrollWidth - p.clientWidth, p.scrollHeight - p.clientHeight]; })()"
    )
    assert across <= 0
    assert along <= 0 or size not in [(1280, 800), (1920, 1080)]
    free = (panel[0, 0] if size[0] >= 700 else size[0]) * (size[1] if size[0] >= 700 else panel[0, 1])
    assert free > 0.45 * size[0] * size[1]
    unfolded(page)
    page.wait_for_timeout(100)
    assert frames(page, ".circle-frame")[0, 1] >= (0 if size[0] >= 700 else 0.39 * size[1])


def focused(page: Page) -> str:
    return page.evaluate("""(() => { const node = document.activeElement;
      return node.className.includes && node.className.includes("leaflet-container") ? "map" :
        [node.tagName, node.id || node.name || node.className].join(" ").toLowerCase(); })()""")


def test_all_is_reached_by_keyboard_and_seen_to_be(browser: Browser, written: Path) -> None:
    """The map first, then languages, title, choices and lists, gaps on the map, the zoom: each with an outline."""
    page = opened(browser, written / "gap_map.html", SCREENS[0])
    order = []
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        order.append(focused(page))
        shown = "(node) => [node, node.firstChild].some((one) => one instanceof Element && parseFloat(getComputedStyle(one).outlineWidth) >= 1 && getComputedStyle(one).outlineStyle !== 'none')"
        assert page.evaluate(f"({shown})(document.activeElement)"), order[-1]
    wanted = [
        "map",
        "summary",
        "select circle-service",
        "select circle-group",
        "input circle-at",
        "input circle-shading",
        "input gaps",
    ]
    places = [next(i for i, one in enumerate(order) if one.startswith(name)) for name in wanted]
    assert places == sorted(places)
    badges = [i for i, one in enumerate(order) if "circle-badge" in one]
    zooms = [i for i, one in enumerate(order) if "control-zoom" in one]
    assert max(places) < min(badges)
    assert max(badges) < min(zooms)
    assert len(badges) == page.locator(".circle-badge span:visible").count()


CENTRE = "(() => { const c = MAP.getCenter(); return [c.lat, c.lng, MAP.getZoom()]; })()".replace(
    "MAP", 'window[Object.keys(window).find((key) => key.startsWith("map_"))]'
)


def test_the_map_is_moved_and_asked_by_keyboard(browser: Browser, written: Path) -> None:
    """Arrows and signs move it; Enter at the cross tells what the mouse tells there; Escape closes, and focus returns."""
    page = opened(browser, written / "gap_map.html", SCREENS[0], reduced_motion="reduce")
    page.keyboard.press("Tab")
    assert focused(page) == "map"
    before = page.evaluate(CENTRE)
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(100)
    moved = page.evaluate(CENTRE)
    assert moved[1] > before[1]
    page.keyboard.press("+")
    page.wait_for_timeout(100)
    assert page.evaluate(CENTRE)[2] > moved[2]
    cross = frames(page, ".circle-cross")[0]
    at = (cross[:2] + cross[2:]) / 2
    assert at[0] < frames(page, ".circle-frame")[0, 0]
    page.keyboard.press("Enter")
    page.wait_for_selector(".circle-popup")
    told = page.locator(".circle-popup").inner_text()
    page.keyboard.press("Escape")
    page.wait_for_timeout(400)
    assert page.locator(".circle-popup").count() == 0
    assert focused(page) == "map"
    page.mouse.click(*np.round(frames(page, ".circle-cross")[0][:2] + 13).tolist())
    page.wait_for_selector(".circle-popup")
    assert page.locator(".circle-popup").inner_text() == told


def test_a_card_opened_from_the_panel_is_closed_by_escape(browser: Browser, written: Path) -> None:
    page = opened(browser, written / "gap_map.html", SCREENS[0])
    page.locator(".circle-gaps button").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".circle-popup")
    page.keyboard.press("Escape")
    page.wait_for_timeout(400)
    assert page.locator(".circle-popup").count() == 0
    assert page.evaluate("document.activeElement === document.querySelector('.circle-gaps button')")


def test_whoever_wants_no_motion_sees_none(browser: Browser, written: Path) -> None:
    page = opened(browser, written / "gap_map.html", SCREENS[0], reduced_motion="reduce")
    page.locator(".circle-gaps button").first.click()
    first = frames(page, ".circle-badge span")
    page.wait_for_timeout(400)
    assert np.array_equal(first, frames(page, ".circle-badge span"))


def test_forced_colours_leave_the_legend_its_own(browser: Browser, written: Path) -> None:
    page = opened(browser, written / "gap_map.html", SCREENS[0], forced_colors="active")
    colours = page.evaluate(
        "[...document.querySelectorAll('.circle-key .circle-cell')].map((key) => getComputedStyle(key).backgroundColor)"
    )
    assert len(set(colours)) == 4
    assert "rgb(29, 95, 138)" in colours


def test_it_prints_on_one_sheet_of_a4_with_all_its_layers(browser: Browser, written: Path) -> None:
    """The four canvases are pictures in the file; those that a browser drops while printing are not."""
    page = opened(browser, written / "gap_map.html", SCREENS[0])
    page.locator('input[value="paper"]').check()
    page.wait_for_timeout(500)
    before = page.screenshot()
    content = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type /Page\b", content)) == 1
    sheet = [float(n) for n in re.search(rb"/MediaBox \[([^\]]+)\]", content)[1].split()]
    assert sheet == pytest.approx((0, 0, 841.92, 594.96), abs=1.5)
    widths = [int(n) for n in re.findall(rb"/Subtype /Image\b[^>]*?/Width (\d+)", content)]
    drawn = page.evaluate("[...document.querySelectorAll('canvas')].map((canvas) => canvas.width)")
    assert len(drawn) >= 4
    assert all(widths.count(width) >= drawn.count(width) for width in drawn)
    page.wait_for_timeout(300)
    assert page.screenshot() == before  # and the screen is as it was
