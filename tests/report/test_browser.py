"""The report in a real browser with the network cut off, and printed on A4."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

import circle
from circle.messages import LANGUAGES
from circle.report import report_files
from tests.export.town import town_analysis
from tests.report.test_hostile import HOSTILES, hostile_analysis

pytestmark = pytest.mark.slow


def opened(browser: Browser, path: Path, width: int = 1000):
    """The page, every address that it asked for, and whatever it complained of; all but the file itself is refused."""
    page = browser.new_context(viewport={"width": width, "height": 1200}, offline=True).new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.goto(path.as_uri(), wait_until="load")
    return page, asked, complaints


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", ["", *HOSTILES])
def test_the_page_asks_for_nothing_and_runs_nothing(browser, tmp_path, lang, kind):
    path = tmp_path / "报告 report.html"
    path.write_bytes(report_files(hostile_analysis(HOSTILES[kind]) if kind else town_analysis(), lang)["report.html"])
    page, asked, complaints = opened(browser, path)
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    assert complaints == []
    assert page.locator("script, img, iframe, object").count() == 0
    assert page.locator("figure svg").count() == 5
    assert page.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-CN"}[lang]


@pytest.mark.parametrize("width", [360, 1000])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_runs_out_of_the_page(browser, tmp_path, lang, width):
    path = tmp_path / "report.html"
    path.write_bytes(report_files(hostile_analysis(HOSTILES["long"]), lang)["report.html"])
    page, *_ = opened(browser, path, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 1000:
        sticking = """[...document.querySelectorAll("table, figure, p, li, dd, h1, h2, h3")].filter((part) =>
          part.getBoundingClientRect().right > document.querySelector("main").getBoundingClientRect().right).length"""
        assert page.evaluate(sticking) == 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_printed_on_a4_and_knows_no_time(lang):
    """Not the same bytes: browsers number what they print, now and then otherwise."""
    content = report_files(town_analysis(), lang, pdf=True)["report.pdf"]
    assert content.startswith(b"%PDF-")
    boxes = {tuple(float(n) for n in box.split()) for box in re.findall(rb"/MediaBox \[([^\]]+)\]", content)}
    assert len(boxes) == 1
    assert boxes.pop() == pytest.approx((0, 0, 594.96, 841.92), abs=1.5)
    assert 4 <= len(re.findall(rb"/Type /Page\b", content)) <= 9
    assert set(re.findall(rb"D:\d{14}", content)) == {b"D:20000101000000"}


def test_tables_pictures_and_cards_are_not_torn(browser, tmp_path, sample_regions):
    """Each fits into the height of a page, so that ``break-inside: avoid`` can be obeyed."""
    analysis = circle.analyze(circle.load_region(sample_regions / "qingxi")).analysis
    path = tmp_path / "report.html"
    path.write_bytes(report_files(analysis, "zh")["report.html"])
    page, *_ = opened(browser, path, 658)  # 174 mm
    page.emulate_media(media="print")
    heights = page.evaluate("""[...document.querySelectorAll("figure, .card, tr, .facts")].map((part) =>
      part.getBoundingClientRect().height)""")
    assert max(heights) < (297 - 16 - 18) / 25.4 * 96
    rules = page.evaluate("""[...document.querySelectorAll("figure, .card, tr, .facts")].map((part) =>
      getComputedStyle(part).breakInside)""")
    assert set(rules) == {"avoid"}
