"""Text from data in every column of every layer at once: shown as text, obeyed by nothing - in a browser, on paper, in a workbook."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from circle.errors import Problem, Severity
from circle.export import map_html, write_outputs
from circle.export.map_page import map_data
from circle.messages import LANGUAGES
from circle.model import Analysis
from circle.report import report_files
from circle.report.plain_text import plain
from tests.export.test_map_browser import rest
from tests.export.town import town_analysis
from tests.report.reading import document_words

MARK = "☢"
"""Stands in every hostile text, so that it is known wherever it has come to."""
HOSTILES = {
    "markup": f"{MARK}<img src=x onerror=\"window.ran=1;alert(1)\"></script></style><script>window.ran=2</script><!--",
    "quotes": f"{MARK}\" onfocus=\"window.ran=3\" autofocus x='\\\"`' style=\"background:url(http://x.invalid/)\"",
    "templates": f"{MARK}${{window.ran=4}}{{{{7*7}}}}{{% raw %}}{{people}}{{0}}%s%(x)s",
    "link": f"{MARK}javascript:window.ran=5//http://x.invalid/ @import url(http://x.invalid/y)",
    "signs": f"{MARK}a\u2028b\u2029c\u202edrow\u2066x\x00y\x07\x1b[31m\ufffe",
    "long": MARK + "很长的名字" * 1000,
}  # fmt: skip
CLOSED = {
    "settings", "problems.code", "problems.severity", "seconds",
    "gaps.kind", "gaps.reason", "isochrones.limit", "isochrones.facility_id", "isochrone_check.limit",
    "indicators.limit", "indicators.scope", "summary.unreached", "region.settlements.frame.place", "region.extent.kind", "region.extent.source",
    "region.inputs.sha256", "region.inputs.role", "region.inputs.crs", "network.crs", "network.metric", "network.classes",
    "region.inputs.layer", "region.facilities.columns", "problems.fields", "reach.primary_school.service", "together.service",
    "region.population.groups", "region.streets.counts", "network.counts", "audit.people", "region.streets.classes",
}  # fmt: skip
"""What no user writes: words of our own, and numbers as text. Whatever else holds text must hold the mark."""


def everywhere(words: str) -> Analysis:
    analysis = town_analysis(hostile=words, service=f"桑拿{words}")
    group = f"children{words}"
    problem = Problem(
        "table.column_missing", Severity.NOTE, {"wanted": words, "found": words, "example": words}, file=words
    )
    standard = analysis.settings.standard.model_copy(update={"en": words, "zh": words})
    rows = tuple(row.model_copy(update={"source": words, "clause": words}) for row in standard.rows)
    question = replace(analysis.settings, standard=standard.model_copy(update={"rows": rows}))
    facilities = analysis.region.facilities
    columns = {
        **facilities.columns,
        "facility_id": np.array([f"{one}{words}" for one in ("007", "s2", "c1")], dtype=object),
    }
    return replace(
        analysis,
        region=replace(analysis.region, facilities=replace(facilities, columns=columns)),
        gaps=analysis.gaps.assign(facility_id=[f"c1{words}", None, None]),
        residents=replace(analysis.residents, groups=("all", group)),
        indicators=analysis.indicators.assign(group=analysis.indicators["group"].replace("children", group)),
        problems=(*analysis.problems, problem),
        settings=question,
    )


def texts(value: object, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Every field, column and key that holds text, with its texts - by the data model, not by a list."""
    if isinstance(value, str):
        yield path, [value]
    elif isinstance(value, pd.DataFrame):
        for name in value.columns:
            held = [one for one in value[name].tolist() if isinstance(one, str)]
            if held:
                yield f"{path}.{name}", held
    elif isinstance(value, np.ndarray):
        held = [one for one in value.ravel().tolist() if isinstance(one, str)] if value.dtype == object else []
        if held:
            yield path, held
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name), f"{path}.{field.name}".removeprefix("."))
    elif isinstance(value, Mapping):
        yield f"{path}", [key for key in value if isinstance(key, str)]
        for key, one in value.items():
            yield from texts(one, f"{path}.{key}" if MARK not in str(key) else path)
    elif isinstance(value, list | tuple) and not hasattr(value, "en"):
        for one in value:
            yield from texts(one, path)


def test_no_column_of_text_is_forgotten() -> None:
    """A new column of the model without hostile text fails here, until the town has it or it is one of our own words."""
    held: dict[str, list[str]] = {}
    for path, found in texts(everywhere(f"{MARK}x")):
        held.setdefault(path, []).extend(found)
    bare = {path for path, found in held.items() if found and not any(MARK in one for one in found)}
    assert {path for path in bare if path not in CLOSED and path.split(".")[0] not in CLOSED} == set()
    marked = set(held) - bare
    wanted = {
        "region.name",
        "region.districts.frame.district_name",
        "region.settlements.frame.name",
        "gaps.name",
        "gaps.facility_name",
    }
    assert wanted <= marked
    assert {
        "region.facilities.columns.name",
        "region.facilities.columns.facility_id",
        "residents.groups",
        "reach",
    } <= marked


WATCH = """window.ran = 0; window.opened = 0; window.open = () => { window.opened++; };
  document.addEventListener("securitypolicyviolation", (event) => { window.refused = event.violatedDirective; });"""


def _open(browser: Browser, path: Path, width: int = 1280) -> tuple[Page, list[str]]:
    page = browser.new_context(
        viewport={"width": width, "height": 800}, offline=True, reduced_motion="reduce"
    ).new_page()
    seen: list[str] = []
    page.add_init_script(WATCH)
    page.on("request", lambda request: seen.append(request.url))
    page.on("console", lambda message: seen.append(message.text))
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))
    page.goto(path.as_uri())
    return page, seen


def _nothing_ran(page: Page, seen: list[str], path: Path) -> None:
    assert page.evaluate("[window.ran, window.opened, window.refused ?? null]") == [0, 0, None]
    assert [one for one in seen if not one.startswith("data:")] == [path.as_uri()]
    assert page.locator("img[src='x'], [onerror], [onfocus], a[href^='javascript']").count() == 0


CLICK = """([lat, lon]) => { const map = window[Object.keys(window).find((key) => key.startsWith("map_"))];
  map.closePopup(); const at = map.latLngToContainerPoint([lat, lon]); return [at.x, at.y]; }"""


def _cards(page: Page, analysis: Analysis) -> Iterator[str]:
    """What is told of a facility, a district, a gap, and a place, clicked as a reader would."""
    table, residents = analysis.region.facilities.table, analysis.residents
    spots = [
        (table["lat"][2], table["lon"][2]),
        (28.9005, 118.5010),
        *zip(residents.lat[:40:13], residents.lon[:40:13], strict=True),
    ]
    for spot in spots:
        rest(page)
        page.mouse.click(*page.evaluate(CLICK, [float(n) for n in spot]))
        page.wait_for_timeout(250)
        if page.locator(".circle-popup").count():
            yield page.locator(".circle-popup").last.text_content() or ""
    for button in page.locator(".circle-gaps button, .circle-ranking button").all():
        button.click()
        page.wait_for_timeout(250)
        yield page.locator(".circle-popup").last.text_content() or ""


@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILES)
def test_nothing_runs_in_the_map_whatever_is_clicked(browser: Browser, tmp_path: Path, kind: str) -> None:
    words = HOSTILES[kind]
    analysis, path = everywhere(words), tmp_path / "map.html"
    path.write_text(map_html(analysis), encoding="utf-8")
    page, seen = _open(browser, path)
    page.wait_for_selector('[data-ready="true"]')
    for lang in LANGUAGES:
        page.locator(f".circle-languages button[lang^={lang}]").click()
        shown = page.locator(".circle-panel").text_content() or ""
        assert f"青溪{words}" in shown
        assert f"竹坞乡{words}" in shown
        assert f"children{words}" in shown
        for number in range(page.locator("#circle-service option").count()):
            page.locator("#circle-service").select_option(index=number)
            told = list(_cards(page, analysis))
            assert told
            assert any(words in one for one in told)
    for value in ("districts", "isochrones", "paper"):
        page.locator(f'input[value="{value}"]').check()
    labels = page.locator(".circle-label").all_text_contents()
    assert f"上坞{words}" in labels
    _nothing_ran(page, seen, path)
    if kind == "long":
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
        assert page.evaluate("document.querySelector('.circle-panel summary').offsetHeight") < 120


@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_runs_in_the_report(browser: Browser, tmp_path: Path, kind: str, lang: str) -> None:
    words, path = HOSTILES[kind], tmp_path / "report.html"
    files = report_files(everywhere(words), lang)
    path.write_bytes(files["report.html"])
    page, seen = _open(browser, path, 1000)
    shown = " ".join((page.locator("main").text_content() or "").split())
    assert " ".join(plain(f"青溪{words}").split()) in shown
    assert " ".join(plain(f"上坞{words}").split()) in shown
    _nothing_ran(page, seen, path)
    assert MARK in document_words(files["report.docx"])


@pytest.mark.slow
def test_what_runs_is_seen_to_run(browser: Browser, tmp_path: Path) -> None:
    """The watch itself: the same text put in as markup is noticed."""
    path = tmp_path / "page.html"
    path.write_text(f"<!DOCTYPE html><body>{HOSTILES['markup']}</body>", encoding="utf-8")
    page, seen = _open(browser, path)
    page.wait_for_timeout(200)
    with pytest.raises(AssertionError):
        _nothing_ran(page, seen, path)
    assert page.evaluate("window.ran") in (1, 2)


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t="])
def test_no_cell_of_a_workbook_is_a_formula(tmp_path: Path, begin: str) -> None:
    words = f'{MARK}{begin}HYPERLINK("http://x.invalid")'
    analysis = everywhere(words)
    first = f"{begin}1+1{MARK}"
    analysis.region.districts.frame.loc[0, "district_name"] = first  # type: ignore[union-attr]
    write_outputs(analysis, tmp_path)
    for name in ("indicators.xlsx", "problems.xlsx"):
        book = openpyxl.load_workbook(io.BytesIO((tmp_path / name).read_bytes()))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert any(MARK in str(cell.value) for cell in cells)
        assert {cell.data_type for cell in cells if MARK in str(cell.value)} == {"s"}
        assert [cell.hyperlink for cell in cells if cell.hyperlink and "invalid" in str(cell.hyperlink.target)] == []


def test_the_page_holds_all_that_it_is_given() -> None:
    """The data of the page are those of the analysis, sign by sign."""
    words = HOSTILES["signs"]
    data, _ = map_data(everywhere(words), "en")
    assert data["districts"][0]["name"] == f"竹坞乡{words}"
