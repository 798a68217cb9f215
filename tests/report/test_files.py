"""The files of a report: the same bytes again, no file of others, whole, asked for on the command line and in Python."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import docx
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from PIL import Image

from circle import analyze, api
from circle.api.result import Result
from circle.errors import ExitCode, OutputError, ResourceError
from circle.messages import LANGUAGES, text
from circle.report import browser, font_problems, fonts, report_files
from tests.cli.conftest import circle, town  # noqa: F401
from tests.export.test_antimeridian import village
from tests.export.town import town_analysis
from tests.report.reading import read_page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_same_analysis_gives_the_same_bytes(lang):
    first, again = (report_files(town_analysis(), lang) for _ in range(2))
    assert first == again


def test_nothing_in_the_document_knows_the_time():
    content = report_files(town_analysis(), "en")["report.docx"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2000-01-01" in archive.read("docProps/core.xml")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pictures_of_the_document_have_200_dots_an_inch_and_say_what_they_show(lang):
    document = docx.Document(io.BytesIO(report_files(town_analysis(), lang)["report.docx"]))
    shapes = document.element.body.findall(".//{*}docPr")
    assert [shape.get("name") for shape in shapes] == ["map", "coverage_by_service", "coverage_by_district", "gap_1", "gap_2"]
    assert all(shape.get("descr") for shape in shapes)
    pictures = [part.blob for name, part in document.part.related_parts.items() if part.content_type == "image/png"]
    widths = sorted(Image.open(io.BytesIO(blob)).size[0] for blob in pictures)
    assert widths == [456, 456, 1370, 1370, 1370]  # 58 and 174 mm
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)


def test_figures_are_those_of_matplotlib_and_can_be_saved(tmp_path):
    figures = Result(town_analysis()).figures(lang="zh")
    assert list(figures) == ["map", "coverage_by_service", "coverage_by_district", "gap_1", "gap_2"]
    for name, figure in figures.items():
        figure.savefig(tmp_path / f"{name}.pdf")
        ElementTree.fromstring(figure._repr_svg_())
    figures["map"].axes[0].set_title("2026")
    assert "2026" in figures["map"]._repr_svg_()


def test_the_names_in_drawings_are_text_that_can_be_found():
    page = read_page(report_files(town_analysis(), "zh")["report.html"].decode("utf-8"))
    for name in ("竹坞乡", "石梁镇", "上坞", "卫生院", "小学", "卫生室/诊所"):
        assert name in page.drawn


def test_ids_in_a_page_are_each_its_own():
    page = read_page(report_files(town_analysis(), "en")["report.html"].decode("utf-8"))
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [attrs["xlink:href"][1:] for _, attrs in page.tags if "xlink:href" in attrs]
    assert set(links) <= set(ids)


def test_many_services_have_several_charts_and_tables():
    analysis = town_analysis()
    names = [f"s{i}" for i in range(8)]
    extra = {name: replace(analysis.reach["clinic"], service=name) for name in names}
    tables = {}
    for frame in ("indicators", "summary"):
        own = getattr(analysis, frame)
        more = [own[own["service"] == "clinic"].assign(service=name) for name in names]
        tables[frame] = pd.concat([own, *more], ignore_index=True)
    pieces = analysis.audit.pieces.assign(**{f"without_{name}": 0.0 for name in names})
    audit = replace(analysis.audit, pieces=pieces)
    many = replace(analysis, reach={**analysis.reach, **extra}, audit=audit, **tables)
    page = read_page(report_files(many, "en")["report.html"].decode("utf-8"))
    assert {"districts_1", "districts_2", "districts_3"} <= set(page.tables)
    drawn = [attrs["id"] for tag, attrs in page.tags if tag == "figure" and attrs["id"].startswith("coverage_by_d")]
    assert drawn == ["coverage_by_district", "coverage_by_district_2", "coverage_by_district_3"]


def test_a_region_across_the_180th_meridian_is_drawn_as_the_same_region_at_0():
    there, here = (analyze(village(middle)) for middle in (0.0, 180.0))
    assert len(here.gaps[here.gaps["kind"] == "zone"]) > 0
    for name, figure in here.figures(lang="en").items():
        other = there.figures(lang="en")[name]
        if name == "map" or name.startswith("gap"):
            limits = np.array([drawn.axes[0].get_xlim() for drawn in (other, figure)])
            assert limits[1] == pytest.approx(limits[0] + 180.0, abs=1e-3)
            assert len(figure.axes[0].patches) == len(other.axes[0].patches)
    pages = [read_page(report_files(result.analysis, "en")["report.html"].decode("utf-8")) for result in (there, here)]
    assert pages[0].tables["services"] == pages[1].tables["services"]
    assert re.search(r"-?1[78]\d\.\d{5}° [EW]", pages[1].words)
    assert "180.0" not in pages[1].words


def test_a_report_is_written_beside_what_is_there_and_never_over_it(tmp_path):
    result = Result(town_analysis())
    (tmp_path / "mine.txt").write_text("x")
    paths = result.write_report(tmp_path, lang="en")
    assert [path.name for path in paths] == ["report.html", "report.docx"]
    assert {path.name for path in tmp_path.iterdir()} == {"mine.txt", "report.html", "report.docx"}
    with pytest.raises(OutputError, match="exists"):
        result.write_report(tmp_path, lang="zh")
    assert "lang=\"en\"" in paths[0].read_text(encoding="utf-8")
    result.write_report(tmp_path, lang="zh", force=True)
    assert "lang=\"zh-CN\"" in paths[0].read_text(encoding="utf-8")


def test_run_writes_a_report_when_asked_and_names_it_in_the_provenance(circle, town):  # noqa: F811
    said = circle("run", town, "--out", town / "out", "--report", "--lang", "zh")
    assert said.code == ExitCode.OK
    record = json.loads((town / "out" / "provenance.json").read_text(encoding="utf-8"))
    for name in ("report.html", "report.docx"):
        content = (town / "out" / name).read_bytes()
        assert record["outputs"][name] == hashlib.sha256(content).hexdigest()
    result = api.analyze(api.load_region(town))
    assert result.write_report(town / "again", lang="zh")[0].read_bytes() == (town / "out" / "report.html").read_bytes()
    assert circle("verify", town / "out").code == ExitCode.OK
    assert circle("run", town, "--out", town / "out", "--force").code == ExitCode.OK
    assert not (town / "out" / "report.html").exists()


def test_without_a_browser_a_pdf_is_refused_in_words_before_anything_is_done(circle, town, monkeypatch):  # noqa: F811
    monkeypatch.setattr(browser, "COMMANDS", ("no-such-browser",))
    monkeypatch.setattr(browser, "ELSEWHERE", ("/no/such/browser",))
    with pytest.raises(ResourceError):
        Result(town_analysis()).write_report(town / "out", pdf=True)
    said = circle("run", town, "--out", town / "out", "--pdf")
    assert said.code == ExitCode.RESOURCE
    assert text("report.no_browser", "en") in said.err
    assert not (town / "out").exists()


def test_a_browser_that_does_not_print_is_told_of(monkeypatch, tmp_path):
    false = tmp_path / "browser"
    false.write_text("#!/bin/sh\necho no display >&2\nexit 3\n")
    false.chmod(0o755)
    monkeypatch.setattr(browser, "COMMANDS", (str(false),))
    with pytest.raises(ResourceError, match="no display"):
        browser.page_as_pdf(b"<p>x")


def test_where_no_font_writes_a_name_pictures_hold_numbers_and_the_document_says_which(monkeypatch):
    """As on a machine without Chinese: the list of fonts is matplotlib's own one."""
    monkeypatch.setattr(fonts, "families", lambda: (fonts.ALWAYS,))
    analysis = town_analysis()
    assert [problem.code for problem in font_problems(analysis, "en")] == ["report.no_chinese_font"]
    files = report_files(analysis, "en")
    figures = Result(analysis).figures(lang="en")
    assert "竹坞乡" in figures["map"].numbered
    assert all(fonts.legible(word) for word in ("People not served", "15 min"))
    page = read_page(files["report.html"].decode("utf-8"))
    assert "竹坞乡" in page.drawn
    words = "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(files["report.docx"])).paragraphs)
    assert re.search(r"\[\d\] 竹坞乡", words)
    seen: list[str] = []

    def note(self, renderer):
        seen.extend(part.get_text() for part in self.findobj(Text) if part.get_text())

    monkeypatch.setattr("matplotlib.figure.Figure.draw", note)
    figures["map"].png()
    assert seen
    assert all(fonts.legible(word) for word in seen)


def test_with_fonts_for_all_names_nothing_is_numbered_and_nobody_warned():
    assert font_problems(town_analysis(), "zh") == ()
    assert all(figure.numbered == () for figure in Result(town_analysis()).figures(lang="zh").values())
