"""Reports of a sample and of two real regions, opened in a browser, and pictures of them for whoever looks."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

import circle
from circle.messages import LANGUAGES
from circle.report import report_files
from tests.real import test_comoros, test_las_palmas
from tests.report.pages import pages_of
from tests.report.reading import body_rows, read_page, share
from tests.report.test_browser import opened
from tests.report.test_pages import full, headings_of

pytestmark = pytest.mark.slow

NAMES = ("qingxi", "comoros", "las_palmas")


@pytest.fixture(scope="module", params=NAMES)
def result(request, tmp_path_factory) -> circle.Result:
    if request.param == "qingxi":
        return circle.analyze(circle.load_region(request.getfixturevalue("sample_regions") / "qingxi"))
    regions, folder = request.getfixturevalue("regions"), tmp_path_factory.mktemp(request.param)
    text = test_las_palmas.manifest(regions) if request.param == "las_palmas" else test_comoros.manifest(regions, 4)
    (folder / "region.toml").write_text(text, encoding="utf-8")
    return circle.analyze(circle.load_region(folder))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_report_is_quickly_made_not_large_and_says_what_was_computed(
    result: circle.Result, lang: str, browser: Browser, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Pictures go into $CIRCLE_PICTURES, where that is a folder."""
    analysis = result.analysis
    begin = time.process_time()
    files = report_files(analysis, lang, pdf=True)
    assert time.process_time() - begin < 30
    assert len(files["report.html"]) < 8e6
    assert len(files["report.docx"]) < 8e6
    rows = body_rows(read_page(files["report.html"].decode("utf-8")).tables["services"])
    own = (analysis.residents.district >= 0) | np.isnan(analysis.residents.lon)
    people = np.where(own, analysis.residents.people[0], 0.0)
    for row, answer in zip(rows, [*analysis.reach.values(), analysis.together], strict=True):
        for cell, limit in zip(row[2:5], analysis.settings.limits, strict=True):
            covered = people[answer.cost <= limit.value].sum() / people.sum()
            assert share(cell) == pytest.approx(covered, abs=0.00051)
    folder = Path(os.environ.get("CIRCLE_PICTURES", tmp_path))
    name = f"report_{request.node.callspec.params['result']}_{lang}"
    for ending in ("html", "docx", "pdf"):
        (folder / f"{name}.{ending}").write_bytes(files[f"report.{ending}"])
    full(pages_of(files["report.pdf"]), headings_of(analysis, lang))
    page, asked, complaints = opened(browser, folder / f"{name}.html")
    page.screenshot(path=folder / f"{name}.png", full_page=True)
    assert complaints == []
    assert [url for url in asked if not url.startswith("data:")] == [(folder / f"{name}.html").as_uri()]
