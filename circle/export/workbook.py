"""Workbooks: what every cell of every sheet obeys. Text stays text, numbers keep their value and show what is true.

The same content gives the same bytes: no time of writing, no name of a writer.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from circle.export.csv_file import FORMULA_STARTS
from circle.export.geojson import NUMBER_DECIMALS
from circle.export.workbook_layout import LINE, MARGIN, set_heights, set_print, width_of
from circle.lazily import pd
from circle.messages import LANGUAGES, text

CREATED = datetime(2000, 1, 1)
LONGEST = 32_000
"""Letters; a cell of a spreadsheet holds 32,767."""
MOST_ROWS = 50_000
"""Rows of a sheet; that there are more is said in a last one."""
NARROWEST, WIDEST = 9, 44
HEAD_COLOUR, BAR_COLOUR = "#dce9f3", "#9ecae1"

SHOWN = {
    "text": "General",
    "integer": "#,##0",
    "people": "#,##0",
    "minutes": "#,##0.0",
    "metres": "#,##0",
    "kmh": "0.0##",
    "share": "0.0%",
    "degrees": "0.00000",
}
"""The number format of each kind of column."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column: its headers in every language, the kind of its values, and they.

    `limits` are those that a rounded time must not cross; `about` is the column's description for ``fields.json``.
    """

    heads: dict[str, str]
    kind: str
    values: Sequence[Any]
    limits: tuple[float, ...] = ()
    about: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Sheet:
    """One topic: sentences, then a table. `fixed` columns stay where they are when the others are scrolled."""

    title: str
    columns: Sequence[Column]
    above: Sequence[str] = ()
    fixed: int = 1

    @property
    def head_row(self) -> int:
        """Of the first header, counted from 0."""
        return len(self.above) + 1 if self.above else 0


def workbook_bytes(sheets: Iterable[Sheet], title: str) -> bytes:
    """The workbook with these sheets, in their order."""
    from xlsxwriter import Workbook

    held = io.BytesIO()
    with Workbook(held, {"in_memory": True}) as book:
        book.set_properties({"created": CREATED, "title": clean(title)[:250]})
        pen = Pen(book)
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.title), sheet, pen)
    return held.getvalue()


class Pen:
    """Writes cells; keeps the formats of one workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def format(self, **looks: Any) -> Any:
        """The format with these properties."""
        key = tuple(sorted(looks.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(looks)
        return self._made[key]

    def text(self, sheet: Any, row: int, column: int, words: str, **looks: Any) -> None:
        """A cell of text, marked as such where a spreadsheet would see a formula once it is edited."""
        if words.startswith(FORMULA_STARTS):
            looks["quote_prefix"] = True
        sheet.write_string(row, column, clean(words), self.format(**looks))

    def cell(self, sheet: Any, row: int, column: int, value: Any, kind: str, limits: tuple[float, ...] = ()) -> None:
        """A value of its kind; blank where there is none, words where it is infinite."""
        if isinstance(value, np.generic):
            value = value.item()
        if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
            return
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.text(sheet, row, column, str(value), valign="top", text_wrap=width_of(str(value)) + MARGIN > WIDEST)
        elif math.isinf(value):
            self.text(sheet, row, column, both("words.unreached"), valign="top", align="right")
        else:
            shown = number_format(float(value), kind, limits)
            sheet.write_number(row, column, round(value, NUMBER_DECIMALS), self.format(valign="top", num_format=shown))


def number_format(value: float, kind: str, limits: tuple[float, ...] = ()) -> str:
    """How a number is shown: never as *all*, *none* or within a limit by rounding alone.

    Examples
    --------
    >>> [number_format(share, "share") for share in (0.5, 1.0, 0.9999, 0.0001)]
    ['0.0%', '0.0%', '">99.9%"', '"<0.1%"']
    >>> number_format(15.02, "minutes", (5.0, 15.0)), number_format(0.2, "people")
    ('#,##0.00', '"<1"')
    """
    if kind == "share" and 0.9995 <= value < 1:
        return '">99.9%"'
    if kind == "share" and 0 < value < 0.0005:
        return '"<0.1%"'
    if kind == "people" and 0 < value < 0.5:
        return '"<1"'
    shown, places = SHOWN[kind], {"minutes": 1, "metres": 0}.get(kind, NUMBER_DECIMALS)
    while places < NUMBER_DECIMALS and any((round(value, places) <= limit) != (value <= limit) for limit in limits):
        places += 1
        shown = f"#,##0.{'0' * places}"
    return shown


def both(key: str, **values: object) -> str:
    """An entry of the catalogue in Chinese and English, for cells that everybody reads.

    >>> both("words.unreached")
    '不可达 unreached'
    """
    return " ".join(dict.fromkeys(text(key, lang, **values) for lang in reversed(LANGUAGES)))


def clean(cell: str) -> str:
    """Text that a workbook can hold: no halves of characters, not too long."""
    return cell.encode("utf-8", errors="replace").decode("utf-8")[:LONGEST]


def _write_sheet(sheet: Any, content: Sheet, pen: Pen) -> None:
    for row, sentence in enumerate(content.above):
        pen.text(sheet, row, 0, sentence, bold=row == 0, font_size=12)
    head = content.head_row
    first, rows = head + len(LANGUAGES), max((len(column.values) for column in content.columns), default=0)
    shown = min(rows, MOST_ROWS)
    widths = [_column_width(column, shown) for column in content.columns]
    for number, column in enumerate(content.columns):
        sheet.set_column(number, number, widths[number])
        for line, lang in enumerate(reversed(LANGUAGES)):
            pen.text(sheet, head + line, number, column.heads[lang], **_head_looks(column.kind))
        for row, value in enumerate(column.values[:shown], first):
            pen.cell(sheet, row, number, value, column.kind, column.limits)
        if column.kind == "share" and shown:
            sheet.conditional_format(first, number, first + shown - 1, number, _bar())
    if rows > shown:
        pen.text(sheet, first + shown, 0, both("workbook.more", count=f"{rows - shown:,}"))
    for line, lang in enumerate(reversed(LANGUAGES)):
        sheet.set_row(head + line, LINE * _head_lines(content.columns, lang, shown))
    texts = zip(widths, content.columns, strict=True)
    set_heights(sheet, first, [(width, column.values[:shown]) for width, column in texts if column.kind == "text"])
    sheet.freeze_panes(first, min(content.fixed, len(content.columns)))
    sheet.autofilter(head + 1, 0, max(first + shown - 1, head + 1), len(content.columns) - 1)
    set_print(sheet, widths, heads=(head, head + 1), fixed=content.fixed)


def _head_looks(kind: str) -> dict[str, Any]:
    align = "left" if kind == "text" else "right"
    return {"bold": True, "text_wrap": True, "valign": "top", "bg_color": HEAD_COLOUR, "align": align}


def _bar() -> dict[str, Any]:
    """A bar in the cell, as long as the share."""
    ends = {"min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}
    return {"type": "data_bar", "bar_color": BAR_COLOUR, **ends}


def _column_width(column: Column, shown: int) -> float:
    longest = max((width_of(head) / 2 for head in column.heads.values()), default=0)
    if column.kind == "text":
        longest = max([longest, *(width_of(str(value)) for value in column.values[: min(shown, 2000)] if value)])
    return min(max(longest + MARGIN, NARROWEST + 3), WIDEST)


def _head_lines(columns: Sequence[Column], lang: str, shown: int) -> int:
    """Lines that the highest header of a language takes; a word is not broken, so one is kept in reserve."""
    lines = [math.ceil(width_of(column.heads[lang]) * 1.15 / (_column_width(column, shown) - 2)) for column in columns]
    return max(1, *lines) if lines else 1
