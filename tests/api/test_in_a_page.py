"""What a notebook shows, in a plain page as nbconvert writes it: a real browser, the network cut off."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from circle.api.result import Result
from circle.export import map_html
from tests.export.test_map_page import HOSTILE
from tests.export.town import town_analysis

pytestmark = pytest.mark.slow


def opened(browser: Browser, path: Path):
    page = browser.new_context(viewport={"width": 1100, "height": 1400}, offline=True).new_page()
    complaints: list[str] = []
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.goto(path.as_uri())
    return page, complaints, [url for url in requests if not url.startswith(("data:", path.as_uri(), "about:"))]


def test_tables_and_map_stand_in_one_page_and_ask_for_nothing(browser, tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    result = Result(town_analysis(hostile=HOSTILE))
    path = tmp_path / "exported.html"
    shown = result._repr_html_() + result.explore(lang="en")._repr_html_()
    path.write_text(f'<!DOCTYPE html><meta charset="utf-8"><body>{shown}</body>', encoding="utf-8")
    page, complaints, requests = opened(browser, path)
    inside = page.frame_locator("iframe")
    inside.locator('[data-ready="true"]').first.wait_for()
    box = page.locator("iframe").bounding_box()
    assert box["width"] > 900
    assert box["height"] > 400
    assert page.locator("table tbody tr").count() == 3
    assert HOSTILE[:20] in page.locator("strong").first.inner_text()
    assert page.locator("body > img, body > script, p img, td img").count() == 0
    assert complaints == []
    assert requests == []


def test_the_page_of_the_doctor_draws_its_map_within_a_frame(browser, tmp_path, sample_regions):
    import circle

    path = tmp_path / "exported.html"
    shown = circle.check(sample_regions / "qingxi").explore(lang="en")._repr_html_()
    path.write_text(f'<!DOCTYPE html><meta charset="utf-8"><body>{shown}</body>', encoding="utf-8")
    page, complaints, requests = opened(browser, path)
    inside = page.frame_locator("iframe")
    inside.locator("#map .leaflet-pane").first.wait_for(state="attached")
    assert "The data can be used" in inside.locator(".verdict").inner_text()
    assert complaints == []
    assert requests == []


def test_a_map_in_a_frame_is_as_the_file_opened_by_itself(browser, tmp_path):
    """The same words."""
    analysis = town_analysis()
    alone, framed = tmp_path / "gap_map.html", tmp_path / "framed.html"
    alone.write_text(map_html(analysis, lang="en"), encoding="utf-8")
    framed.write_text(f'<meta charset="utf-8">{Result(analysis).explore(lang="en")._repr_html_()}', encoding="utf-8")
    one, _, _ = opened(browser, alone)
    other, _, _ = opened(browser, framed)
    one.locator('[data-ready="true"]').first.wait_for()
    inside = other.frame_locator("iframe")
    inside.locator('[data-ready="true"]').first.wait_for()
    words = one.locator("body").inner_text()
    assert len(words) > 50
    assert inside.locator("body").inner_text() == words
