"""``circle check --html``: written whole or not at all, and in a real browser with the network cut off."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import pytest
from playwright.sync_api import Browser, Page

from circle.errors import ExitCode
from tests.cli.conftest import LAT, LON, STEP
from tests.doctor.conftest import add_districts, add_facilities, add_island
from tests.export.test_map_browser import HOSTILE, Seen, _untouched


def messy(town: Path, hostile: str = "") -> Path:
    """Something suspicious of many kinds; `hostile` in every text that data can hold."""
    add_districts(town, names=(f"西镇{hostile}", f"东镇{hostile}"))
    add_island(town)
    add_facilities(town, [(f"山中小学{hostile}", "小学", LON, LAT - 0.012)])
    add_facilities(town, [(f"中心小学{hostile}", "小学", LON + i * STEP, LAT) for i in (1, 2)])
    return town


def test_the_page_is_written_and_said_and_nothing_else_changes(circle, town, tmp_path) -> None:
    plain = circle("check", town).out
    path = tmp_path / "new folder" / "检查.html"
    said = circle("check", town, "--html", path)
    assert said.code == ExitCode.OK
    assert said.out == plain + f"Page: {path}\n"
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</body></html>\n")
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_the_same_data_give_the_same_page(circle, town, tmp_path) -> None:
    circle("check", town, "--html", tmp_path / "a.html")
    circle("check", town, "--html", tmp_path / "b.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_a_page_that_exists_is_replaced_only_when_asked(circle, town, tmp_path) -> None:
    path = tmp_path / "page.html"
    path.write_text("mine", encoding="utf-8")
    said = circle("check", town, "--html", path)
    assert said.code == ExitCode.OUTPUT
    assert "--force" in said.err
    assert path.read_text(encoding="utf-8") == "mine"
    assert circle("check", town, "--html", path, "--force").code == ExitCode.OK
    assert path.read_text(encoding="utf-8") != "mine"


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_folder_is_no_page(circle, town, tmp_path, force) -> None:
    said = circle("check", town, "--html", tmp_path, *force)
    assert said.code == ExitCode.OUTPUT
    assert "this is a folder" in said.err


def test_with_json_the_page_is_told_on_the_other_stream(circle, town, tmp_path) -> None:
    said = circle("check", town, "--json", "--html", tmp_path / "page.html")
    assert said.out.rstrip().endswith("}")
    assert "page.html" in said.err


def test_data_that_cannot_be_read_give_a_page_of_problems(circle, town, tmp_path) -> None:
    (town / "roads.gpkg").unlink()
    path = tmp_path / "page.html"
    said = circle("check", town, "--html", path, "--lang", "zh")
    assert said.code == ExitCode.INPUT
    page = path.read_text(encoding="utf-8")
    assert "roads.gpkg" in page
    assert "请先改正错误" in page
    assert 'id="map"' not in page


def test_a_page_holds_no_markup_from_data(circle, town, tmp_path) -> None:
    path = tmp_path / "page.html"
    circle("check", messy(town, HOSTILE), "--html", path)
    page = path.read_text(encoding="utf-8")
    assert "onerror" in page
    assert "<img" not in page.split("</head>")[1]
    assert len(re.findall(r"<script[ >]", page)) == len(re.findall(r"</script>", page)) == 4


def opened(browser: Browser, path: Path, width: int = 1280) -> tuple[Page, Seen]:
    seen = Seen()
    context = browser.new_context(viewport={"width": width, "height": 800}, offline=True)
    page = context.new_page()
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("console", lambda message: seen.complaints.append(message.text))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (seen.complaints.append(dialog.message), dialog.dismiss()))
    page.goto(path.as_uri())
    page.wait_for_selector('#map[data-ready="true"]')
    return page, seen


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_opens_without_network_and_fits_the_screen(circle, town, tmp_path, browser, width, lang) -> None:
    path = tmp_path / "page.html"
    circle("check", messy(town), "--html", path, "--lang", lang)
    page, seen = opened(browser, path, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.lang") == {"en": "en", "zh": "zh-CN"}[lang]
    assert page.locator("#map canvas").count() == 1
    assert page.locator("details.kind").count() == 3
    wide = page.locator("td, th, p, li, summary").evaluate_all(
        "(nodes) => nodes.filter((n) => n.offsetWidth && n.scrollWidth > n.clientWidth + 1).length"
    )
    assert wide == 0
    _untouched(seen, path)


@pytest.mark.slow
def test_a_suspicious_thing_is_shown_on_the_map_when_chosen(circle, town, tmp_path, browser) -> None:
    path = tmp_path / "page.html"
    circle("check", messy(town), "--html", path)
    page, seen = opened(browser, path)
    page.locator("details.kind summary").first.click()
    page.locator("details.kind button").first.click()
    told = page.locator(".check-popup").inner_text()
    assert told.startswith("山中小学 (Primary school) is 1.3 km from the nearest road")
    frame = page.locator("#map").bounding_box()
    popup = page.locator(".leaflet-popup").bounding_box()
    assert frame is not None
    assert popup is not None
    assert popup["y"] >= frame["y"]
    assert frame["x"] < popup["x"] + popup["width"] / 2 < frame["x"] + frame["width"]
    _untouched(seen, path)


@pytest.mark.slow
def test_hostile_names_are_shown_as_text_and_run_nothing(circle, town, tmp_path, browser) -> None:
    """In names of facilities, districts, the region, a file, a header and a column of the census."""
    messy(town, HOSTILE)
    toml = (town / "region.toml").read_text(encoding="utf-8")
    evil = HOSTILE.replace("\\", "\\\\").replace('"', '\\"')
    toml = toml.replace('name = "青溪镇"', f'name = "青溪镇{evil}"')
    (town / "region.toml").write_text(toml, encoding="utf-8")
    frame = gpd.read_file(town / "districts.gpkg").rename(
        columns={"常住人口": "常住人口[<img src=x onerror=alert`9`>]"}
    )
    frame.to_file(town / "districts.gpkg", driver="GPKG")
    path = tmp_path / "page.html"
    said = circle("check", town, "--html", path)
    assert said.code == ExitCode.OK, said.out
    page, seen = opened(browser, path)
    assert "<script>alert(2)</script>" in page.locator("h1").inner_text()
    page.evaluate("document.querySelectorAll('details').forEach((node) => { node.open = true; })")
    for button in page.locator("details.kind button").all():
        button.click()
        page.wait_for_selector(".check-popup")
    assert "<img src=x onerror=alert(1)>" in page.locator(".check-popup").last.inner_text()
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
    assert page.locator("img").count() == 0
    assert "onerror=alert`9`" in page.locator("main").inner_text()
    _untouched(seen, path)
