"""Printed pages are full: none but the last ends with much more than a fifth of it empty, and none with a heading."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise

import docx
import geopandas as gpd
import pandas as pd
import pytest
from docx.oxml.ns import qn

import circle
from circle.messages import LANGUAGES
from circle.model import Analysis, Districts
from circle.report import report_files
from circle.report.browser import page_as_pdf
from circle.report.content import report_of
from circle.report.drawings import draw_all
from tests.export.town import town_analysis
from tests.report.pages import pages_of
from tests.report.reading import read_page

MOST_EMPTY = 0.25


def with_districts(count: int) -> Analysis:
    """The town's first district again and again under other names."""
    analysis = town_analysis()
    frame, rows = analysis.region.districts.frame, analysis.indicators
    first = rows[rows["district_id"] == frame["district_id"].iloc[0]]
    again = [first.assign(district_id=f"d{i}", district_name=f"District {i}") for i in range(count)]
    shape = frame.geometry.iloc[0]
    districts = gpd.GeoDataFrame(
        {"district_id": [f"d{i}" for i in range(count)], "district_name": [f"District {i}" for i in range(count)]},
        geometry=[shape] * count, crs=frame.crs,
    )  # fmt: skip
    indicators = pd.concat([rows[rows["scope"] != "district"], *again], ignore_index=True)
    return replace(analysis, region=replace(analysis.region, districts=Districts(districts)), indicators=indicators)


def full(pages, headings: set[str], most: float = MOST_EMPTY) -> None:
    assert len(pages) >= 2
    for number, page in enumerate(pages[:-1], 1):
        assert page.empty < most, (number, [round(one.empty, 2) for one in pages])
        assert page.last not in headings, (number, page.last)


def headings_of(analysis: Analysis, lang: str) -> set[str]:
    blocks = report_of(analysis, draw_all(analysis, lang, strips=True), lang).blocks
    return {block.words for block in blocks if type(block).__name__ == "Heading"}


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 7, 13, 21, 30, 45])
def test_pages_are_full_however_many_districts_there_are(count):
    analysis = with_districts(count)
    full(pages_of(report_files(analysis, "en", pdf=True)["report.pdf"]), headings_of(analysis, "en"))


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_of_the_sample_are_full(sample_regions, lang):
    analysis = circle.analyze(circle.load_region(sample_regions / "qingxi")).analysis
    files = report_files(analysis, lang, pdf=True)
    full(pages_of(files["report.pdf"]), headings_of(analysis, lang))


@pytest.mark.slow
def test_a_page_that_is_half_empty_would_be_seen():
    style = "<style>@page{size:A4;margin:16mm 18mm 18mm}body{margin:0}</style>"
    tall = '<div style="height:{}mm;background:#000">x</div><h2 style="break-before:page">Alone</h2><p style="break-before:page">end'
    half, whole = (pages_of(page_as_pdf(f"{style}{tall.format(high)}".encode())) for high in (130, 255))
    assert half[0].empty == pytest.approx(1 - 130 / 263, abs=0.01)
    assert whole[0].empty == pytest.approx(1 - 255 / 263, abs=0.01)
    assert half[1].last == "Alone"
    with pytest.raises(AssertionError):
        full(half, set())
    with pytest.raises(AssertionError):
        full(whole, {"Alone"}, 1.1)


def test_a_chart_of_many_districts_comes_in_strips_on_paper_and_whole_in_python():
    analysis = with_districts(21)
    page = read_page(report_files(analysis, "en")["report.html"].decode("utf-8"))
    strips = [attrs["id"] for tag, attrs in page.tags if tag == "figure" and attrs["id"].startswith("coverage_by_district")]
    assert strips == ["coverage_by_district", "coverage_by_district_2", "coverage_by_district_3"]
    for i in range(21):
        assert page.drawn.count(f"District {i}\n") + page.drawn.count(f"District {i}") >= 1
    figures = circle.Result(analysis).figures(lang="en")
    assert [name for name in figures if name.startswith("coverage_by_district")] == ["coverage_by_district"]


def test_no_word_of_a_table_in_word_touches_a_line_and_no_heading_its_table():
    """Margins of cells in the order of the schema (CT_TblCellMar: top, left, bottom, right), 20 to 40 twips above and below."""
    document = docx.Document(io.BytesIO(report_files(with_districts(13), "en")["report.docx"]))
    ruled = [table for table in document.tables if table._tbl.tblPr.find(qn("w:tblBorders")) is not None]
    assert len(ruled) >= 5
    for table in ruled:
        (margins,) = table._tbl.tblPr.findall(qn("w:tblCellMar"))
        assert [child.tag.split("}")[1] for child in margins] == ["top", "left", "bottom", "right"]
        assert all(20 <= int(margins.find(qn(f"w:{side}")).get(qn("w:w"))) <= 40 for side in ("top", "bottom"))
    for level in (1, 2):
        spaces = document.styles[f"Heading {level}"].paragraph_format
        assert spaces.keep_with_next
        assert spaces.space_after.pt >= 4
    body = list(document.element.body)
    for before, table in pairwise(body):
        if table in [one._tbl for one in ruled]:
            assert before.find(qn("w:pPr")).find(qn("w:keepNext")) is not None


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here to lay the document out")
@pytest.mark.parametrize("count", [2, 13, 30])
def test_pages_of_the_document_are_full(tmp_path, count):
    analysis = with_districts(count)
    (tmp_path / "report.docx").write_bytes(report_files(analysis, "zh")["report.docx"])
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    words = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", tmp_path, tmp_path / "report.docx"]
    subprocess.run(words, check=True, capture_output=True, timeout=300)
    full(pages_of((tmp_path / "report.pdf").read_bytes()), headings_of(analysis, "zh"), 0.3)
