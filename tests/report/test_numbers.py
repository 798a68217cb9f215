"""What the report says is what the analysis holds: page and document are read back, and held against the frames."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from circle.errors import Problem, Severity
from circle.gaps import numbered
from circle.messages import LANGUAGES, text
from circle.report import report_files
from tests.export.town import town_analysis
from tests.report.reading import body_rows, count, document_tables, document_words, read_page, share

CASES = {
    "time": {},
    "distance": {"metric": "distance"},
    "no districts": {"districts": False},
    "own service": {"service": "sauna"},
}


@cache
def _files_of_the_town(lang: str):
    return report_files(town_analysis(), lang)


def told(analysis, lang: str):
    files = report_files(analysis, lang) if analysis is not None else _files_of_the_town(lang)
    return read_page(files["report.html"].decode("utf-8")), files["report.docx"]


def close(shown: str, value: float) -> bool:
    return abs(share(shown) - value) <= 0.0005 + 1e-9


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_coverage_by_service_is_that_of_the_residents(case, lang):
    """Counted anew from costs and people, not from the tables that the report is made of."""
    analysis = town_analysis(**CASES[case])
    page, document = told(analysis, lang)
    rows = body_rows(page.tables["services"])
    question, residents = analysis.settings, analysis.residents
    own = (residents.district >= 0) | np.isnan(residents.lon)
    people = np.where(own, residents.people[0], 0.0)
    answers = [*analysis.reach.values(), analysis.together]
    assert len(rows) == len(answers)
    for row, answer in zip(rows, answers, strict=True):
        for number, limit in enumerate(question.limits):
            covered = people[answer.cost <= limit.value].sum()
            assert close(row[2 + number], covered / people.sum())
        radius = question.radius_m(question.main)
        straight = people[(answer.straight_m <= radius) & ~np.isnan(residents.lon)].sum()
        assert close(row[2 + len(question.limits)], straight / people.sum())
        uncovered, unknown = people[answer.cost > question.main.value].sum(), people[np.isnan(residents.lon)].sum()
        printed = [count(cell) for cell in row[3 + len(question.limits) : 5 + len(question.limits)]]
        assert printed == [pytest.approx(covered, abs=1.5), pytest.approx(uncovered, abs=0.5)]
        assert sum(printed) + round(unknown) == round(people.sum())
    assert [list(row) for row in rows] in [table[1:] for table in document_tables(document)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_reasons_and_the_unknown_add_up_to_whom_no_service_reaches(lang):
    analysis = town_analysis()
    page, _ = told(None, lang)
    for row, (_, told_of) in zip(body_rows(page.tables["reasons"]), analysis.summary.iterrows(), strict=True):
        lacking = told_of["people"] - told_of["covered_15min"] - told_of["unknown"]
        assert sum(count(cell) for cell in row[1:6]) == round(lacking)
        assert count(row[6]) == 7


@pytest.mark.parametrize("lang", LANGUAGES)
def test_districts_stand_with_network_and_straight_line_beside_each_other(lang):
    analysis = town_analysis()
    page, document = told(None, lang)
    rows = body_rows(page.tables["districts_1"])
    frame = analysis.indicators[(analysis.indicators["group"] == "all") & (analysis.indicators["limit"] == "15min")]
    assert [row[0] for row in rows[:2]] == ["竹坞乡", "石梁镇"]
    assert [row[0] for row in rows[2:]] == [text(f"report.scope_{name}", lang) for name in ("unlocated", "outside", "region")]
    scopes = [*(("district", name) for name in ("0331", "0332")), ("unlocated", ""), ("outside", ""), ("region", "")]
    for row, (scope, district) in zip(rows, scopes, strict=True):
        mine = frame[(frame["scope"] == scope) & (frame["district_id"] == district)].set_index("service")
        assert count(row[1]) == pytest.approx(mine["people"].iloc[0], abs=0.5)
        for place, service in enumerate(("all_services", "primary_school", "clinic")):
            assert close(row[2 + 2 * place], mine["share"][service])
            assert close(row[3 + 2 * place], mine["straight_share"][service])
    tables = document_tables(document)
    assert [list(row) for row in rows] in [table[2:] for table in tables if len(table) > 2]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_groups_are_told_where_there_are_several(lang):
    analysis = town_analysis()
    page, _ = told(None, lang)
    frame = analysis.indicators
    mine = frame[(frame["scope"] == "region") & (frame["limit"] == "15min")]
    for row, group in zip(body_rows(page.tables["groups"]), ("all", "children"), strict=True):
        shares = mine[mine["group"] == group]["share"]
        assert all(close(shown, value) for shown, value in zip(row[2:], shares, strict=True))
        assert count(row[1]) == pytest.approx(mine[mine["group"] == group]["people"].iloc[0], abs=0.5)
    everybody = replace(
        analysis,
        residents=replace(analysis.residents, people=analysis.residents.people[:1], groups=("all",)),
        indicators=frame[frame["group"] == "all"].reset_index(drop=True),
    )
    assert "groups" not in told(everybody, lang)[0].tables


@pytest.mark.parametrize("lang", LANGUAGES)
def test_gaps_come_by_people_and_say_who_why_where_and_how_far(lang):
    page, document = told(None, lang)
    for words in (page.words, "\n".join(cell for table in document_tables(document) for row in table for cell in row)):
        first, second = (re.search(rf"{number}\. .*", words)[0] for number in (1, 2))
        assert "上坞" in first
        assert "竹坞乡" in first
        assert text("map.no_name", lang) in second
        for number in ("321", "300", "21", "60"):
            assert re.search(rf"\b{number}\b", words)
        assert "28.90400" in words
        assert "118.52800" in words
        assert text("words.kilometres", lang, number="3.2") in words
        assert text("words.kilometres", lang, number="1.4") in words
        assert text("report.gap_detour", lang, times="2.3") in words  # 3200 / 1404
        assert text("words.kilometres", lang, number="1.5") in words  # the second: nothing reached, 1,500 m off
    assert not re.search(r"^3\. ", page.words, re.MULTILINE)


def test_the_ten_largest_of_all_services_are_shown_the_largest_first():
    analysis = town_analysis()
    one = analysis.gaps.iloc[[0]]
    people = [70.0, 900.0, 55.0, 80.0, 60.0, 65.0, 500.0, 85.0, 90.0, 95.0, 75.0, 900.0]
    gaps = pd.concat([one.assign(people=n, name=f"zone {i}", service=("clinic", "primary_school")[i % 2]) for i, n in enumerate(people)])
    gaps = numbered(gaps.reset_index(drop=True))
    page, _ = told(replace(analysis, gaps=gaps), "en")
    shown = re.findall(r"(\d+)\. zone (\d+)", page.words)
    assert shown == [(str(i), str(z)) for i, z in enumerate((1, 11, 6, 9, 8, 7, 3, 10, 0, 5), 1)]
    assert "the 10 largest of 12" in page.words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_region_without_a_gap_says_so(lang):
    analysis = town_analysis()
    page, document = told(replace(analysis, gaps=analysis.gaps.iloc[:0]), lang)
    for words in (page.words, document_words(document)):
        assert text("report.gaps_none", lang, people="0") in words
    rest, _ = told(replace(analysis, gaps=analysis.gaps.iloc[2:]), lang)
    assert text("report.gaps_small", lang, people="12") in rest.words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_districts_there_is_no_table_of_them(lang):
    page, _ = told(town_analysis(districts=False), lang)
    assert [name for name in page.tables if name.startswith("districts")] == []
    assert text("report.no_districts", lang) in page.words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_both_files_say_the_same(lang):
    """Every table cell and every sentence of the page stands in the document."""
    page, document = told(None, lang)
    cells = {cell for table in document_tables(document) for row in table for cell in row}
    shown = {cell for table in page.tables.values() for row in table for cell in row}
    assert shown <= cells
    sentences = set(document_words(document).split("\n")) | {line for cell in cells for line in cell.split("\n")}
    lines = {line.strip() for line in page.words.split("\n")} - {""}
    assert len(lines) > 40
    assert lines - sentences == set()


def test_what_was_told_while_reading_stands_in_the_report():
    analysis = town_analysis()
    page, document = told(None, "en")
    for words in (page.words, document_words(document)):
        assert "x.csv · row 3" in words
        assert "Nobody" not in words or "edge" in words
    (edge,) = [page.tables[name] for name in page.tables if name == "edge"]
    assert {row[0]: count(row[1]) for row in body_rows(edge)}["Clinic"] == pytest.approx(
        analysis.audit.edge_affected["clinic"], abs=0.5
    )


@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA])
def test_whatever_has_no_name_is_said_to_have_none(nothing):
    analysis = town_analysis()
    gaps = analysis.gaps.assign(name=pd.Series([nothing] * 3, dtype=object), facility_name=None)
    page, _ = told(replace(analysis, gaps=gaps), "en")
    assert page.words.count("without a name (") == 2
    assert not re.search(r"\bnan\b|\bNone\b", page.words)
    assert "<NA>" not in page.words


def test_what_speaks_of_coordinates_stands_under_its_own_heading():
    analysis = town_analysis()
    found = Problem("crs.old_datum", Severity.WARNING, {"datum": "Xian 80", "crs": "EPSG:4610"}, file="old.shp")
    page, _ = told(replace(analysis, problems=(found,)), "en")
    heading, none = text("report.datums", "en"), text("report.problems_none", "en")
    assert page.words.index(heading) < page.words.index("old.shp") < page.words.index(none)
    assert text("report.datums_none", "en") not in page.words
    assert text("report.datums_none", "en") in told(None, "en")[0].words


def test_of_many_findings_the_first_are_told_warnings_before_notes_and_the_rest_counted():
    analysis = town_analysis()
    notes = [Problem("file.missing", Severity.NOTE, file=f"n{i}.csv") for i in range(60)]
    page, _ = told(replace(analysis, problems=(*notes, Problem("file.missing", Severity.WARNING, file="w.csv"))), "en")
    assert page.words.index("w.csv") < page.words.index("n0.csv")
    assert "n38.csv" in page.words
    assert "n39.csv" not in page.words
    assert text("report.problems_more", "en", count=21) in page.words
