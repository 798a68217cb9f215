"""The list of rows that need a look: what is in it, that nothing in it runs, and that it is the same every time."""

from __future__ import annotations

import pickle

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from circle.errors import Listed, Problem, Severity
from circle.export.problems_file import PER_FINDING, ProblemRow, problem_rows, problems_workbook

HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "<b>\u202e",
    "\x00\x1b[31m",
    "https://example.org",
    "0571",
    "\ud800",
    "长" * 40_000,
]


def finding(values: list[str], code: str = "table.no_place") -> Problem:
    rows = range(2, 2 + len(values))
    return Problem(code, Severity.WARNING, {"count": len(values), "cells": Listed("…", rows, values)}, "a.xlsx", "甲")


def read_back(data: bytes, tmp_path) -> list[list[object]]:
    path = tmp_path / "problems.xlsx"
    path.write_bytes(data)
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def test_every_row_has_file_sheet_row_value_and_advice_in_both_languages(tmp_path):
    head, chinese, *rows = read_back(problems_workbook([finding(["“”, “28.9”", "“x”, “y”"])]), tmp_path)
    assert head == list(ProblemRow._fields) == ["file", "sheet", "row", "value", "severity", "advice", "advice_zh"]
    assert chinese[:4] == ["文件", "工作表", "行号", "内容"]
    assert [row[:5] for row in rows] == [
        ["a.xlsx", "甲", 2.0, "“”, “28.9”", "warning"],
        ["a.xlsx", "甲", 3.0, "“x”, “y”", "warning"],
    ]
    assert all("coordinates" in str(row[5]) and "坐标" in str(row[6]) for row in rows)


def test_nothing_in_it_is_a_formula_or_a_link(tmp_path):
    """Read with a library that would show the formulae: there are none, and the text is what stood in the list."""
    data = problems_workbook([finding(HOSTILE)])
    path = tmp_path / "a.xlsx"
    path.write_bytes(data)
    book = CalamineWorkbook.from_path(path)
    rows = book.get_sheet_by_index(0).to_python()[2:]
    assert [row[3] for row in rows[:5]] == HOSTILE[:5]
    assert rows[7][3] == "0571"
    assert len(str(rows[9][3])) == 32_000
    import zipfile

    with zipfile.ZipFile(path) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet
        assert b"<hyperlink" not in sheet
        assert not any(name.startswith("xl/worksheets/_rels") for name in parts.namelist())


def test_the_same_findings_give_the_same_bytes():
    assert problems_workbook([finding(HOSTILE)]) == problems_workbook([finding(HOSTILE)])


def test_without_findings_it_holds_its_header_only(tmp_path):
    rows = read_back(problems_workbook([Problem("file.missing", Severity.ERROR, file="a.csv")]), tmp_path)
    assert len(rows) == 2


def test_a_kind_without_advice_says_the_finding_itself():
    fields = {"count": 1, "rows": Listed("3", ["3"])}
    (row,) = problem_rows([Problem("vector.no_geometry", Severity.WARNING, fields, "a.gpkg")])
    assert row.row == "3"
    assert row.advice
    assert row.advice_zh != row.advice


def test_of_very_many_rows_the_rest_is_counted():
    rows = list(problem_rows([finding(["x"] * (PER_FINDING + 7))]))
    assert len(rows) == PER_FINDING + 1
    assert "7" in rows[-1].advice


def test_a_finding_can_be_sent_to_another_process():
    sent = pickle.loads(pickle.dumps(finding(["x", "y"])))
    assert list(problem_rows([sent])) == list(problem_rows([finding(["x", "y"])]))


@pytest.mark.parametrize("value", ["", "x"])
def test_values_may_be_left_out(value, tmp_path):
    rows = read_back(problems_workbook([finding([value])]), tmp_path)
    assert str(rows[2][3]) == value
    assert isinstance(pd.read_excel(tmp_path / "problems.xlsx", engine="calamine"), pd.DataFrame)
