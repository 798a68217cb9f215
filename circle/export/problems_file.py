"""``problems.xlsx``: every row of every input that could not be used, or not as it is, with what to do about it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from circle.errors import Listed, Problem, render
from circle.export.csv_file import FORMULA_STARTS
from circle.export.workbook import CREATED, clean
from circle.export.workbook_layout import set_heights, set_print
from circle.messages import LANGUAGES, catalogue, text

PER_FINDING = 10_000
"""Rows listed of one finding; that there are more is said in a last one. A list may hold all shops of a province."""

_WIDTHS = {"file": 24, "sheet": 14, "row": 8, "value": 36, "severity": 10, "advice": 70, "advice_zh": 60}


class ProblemRow(NamedTuple):
    """One row of an input and what is the matter with it; the names are the columns of the file."""

    file: str
    sheet: str
    row: str
    value: str
    severity: str
    advice: str
    advice_zh: str


def problem_rows(problems: Iterable[Problem]) -> Iterator[ProblemRow]:
    """The rows that findings list, in their order.

    Examples
    --------
    >>> from circle.errors import Severity
    >>> cells = Listed("5: “x”", [5], ["x"])
    >>> fields = {"column": "床位数", "count": 1, "cells": cells}
    >>> found = Problem("table.text_in_number", Severity.WARNING, fields, "clinics.xlsx", "2024")
    >>> next(problem_rows([found]))[:5]
    ('clinics.xlsx', '2024', '5', 'x', 'warning')
    """
    for problem in problems:
        listed = next((field for field in problem.fields.values() if isinstance(field, Listed)), None)
        if listed is None and problem.row is None:
            continue
        if listed is None:
            listed = Listed(str(problem.row), [problem.row], [str(problem.fields.get("value", ""))])
        said = [_advice(problem, lang) for lang in LANGUAGES]
        where = (problem.file or "", problem.layer or "")
        pairs = list(zip(listed.rows, listed.values, strict=True))
        for row, value in pairs[:PER_FINDING]:
            yield ProblemRow(*where, row, value, problem.severity.value, *said)
        if len(pairs) > PER_FINDING:
            more = [text("problems.more", lang, count=f"{len(pairs) - PER_FINDING:,}") for lang in LANGUAGES]
            yield ProblemRow(*where, "", "", problem.severity.value, *more)


def problems_workbook(problems: Iterable[Problem]) -> bytes:
    """The workbook; the same findings give the same bytes. Nothing in it is ever run as a formula."""
    from xlsxwriter import Workbook

    held = io.BytesIO()
    with Workbook(held, {"in_memory": True}) as book:
        book.set_properties({"created": CREATED})
        sheet = book.add_worksheet(text("problems.sheet", "zh"))
        head, plain = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        guarded = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        for column, name in enumerate(ProblemRow._fields):
            sheet.set_column(column, column, _WIDTHS[name])
            sheet.write_string(0, column, name, head)
            sheet.write_string(1, column, text(f"problems.{'sheet_name' if name == 'sheet' else name}", "zh"), head)
        sheet.freeze_panes(2, 0)
        last = 1
        for last, row in enumerate(problem_rows(problems), 2):
            for column, cell in enumerate(row):
                if ProblemRow._fields[column] == "row" and cell.isdecimal() and len(cell) < 10:
                    sheet.write_number(last, column, int(cell), plain)
                else:
                    sheet.write_string(last, column, clean(cell), guarded if cell.startswith(FORMULA_STARTS) else plain)
            _set_height(sheet, last, row)
        sheet.autofilter(1, 0, last, len(ProblemRow._fields) - 1)
        set_print(sheet, list(_WIDTHS.values()), heads=(0, 1), fixed=0)
    return held.getvalue()


def _set_height(sheet: Any, number: int, row: ProblemRow) -> None:
    set_heights(sheet, number, [(_WIDTHS[name], [cell]) for name, cell in zip(ProblemRow._fields, row, strict=True)])


def _advice(problem: Problem, lang: str) -> str:
    """What to do about a row: the advice of its kind, else the finding itself."""
    key = f"advice.{problem.code.replace('.', '_')}"
    if key in catalogue():
        return text(key, lang, **problem.fields)
    return render(Problem(problem.code, problem.severity, problem.fields), lang)
