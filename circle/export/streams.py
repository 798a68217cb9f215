"""Tables too long to be held: written row by row as CSV, as a workbook, as lines of GeoJSON, in memory that stays flat.

The same rows give the same bytes, in however many pieces they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from circle.export.csv_file import csv_bytes
from circle.export.geojson import feature_collection
from circle.export.workbook import CREATED, HEAD_COLOUR, Column, Pen, both, clean
from circle.export.workbook_layout import LINE, MARGIN, lines_of, set_print, width_of
from circle.lazily import pd
from circle.messages import LANGUAGES
from circle.model import Geometries

MOST_ROWS = 1_048_000
"""Rows of a sheet; a spreadsheet holds 1,048,576."""
_NARROWEST, _WIDEST, _LONGEST = 10.0, 40.0, 70.0
"""Widths of columns in digits: at least, of text, and of text without blanks."""
_BOM = b"\xef\xbb\xbf"


class CsvStream:
    """A CSV file that grows; see `circle.export.csv_file`."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._head = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, table: pd.DataFrame) -> None:
        """Further rows, of the same columns."""
        if not self._head:
            self._head = csv_bytes(table.iloc[:0])
            self._file.write(self._head)
        self._file.write(csv_bytes(table)[len(self._head) :])


class FeatureStream:
    """A FeatureCollection that grows, one feature per line; see `circle.export.geojson`."""

    _FIRST, _LAST = '{"type":"FeatureCollection","features":[\n', "\n]}\n"

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._file.write(self._FIRST.encode())
        self._begun = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.write(self._LAST.encode())
        self._file.close()

    def write(self, properties: pd.DataFrame, geometries: Geometries) -> None:
        """Further features, of the same properties."""
        if not len(properties):
            return
        told = feature_collection(properties, geometries)
        lines = told.removeprefix(self._FIRST).removesuffix(self._LAST)
        self._file.write(((",\n" if self._begun else "") + lines).encode("utf-8"))
        self._begun = True


@dataclass(eq=False)
class RowSheet:
    """A sheet of a `RowBook`: heads in both languages, then rows as they come.

    `columns` hold no values but some by which their width is told; the first `fixed` of them stay where they are when
    the others are scrolled.
    """

    sheet: Any
    columns: Sequence[Column]
    pen: Pen
    fixed: int
    widths: list[float] = field(default_factory=list)
    next_row: int = len(LANGUAGES)
    left_out: int = 0

    def write(self, rows: Iterable[Sequence[Any]], **looks: Any) -> None:
        """Further rows, a value per column."""
        for row in rows:
            if self.next_row >= MOST_ROWS:
                self.left_out += 1
                continue
            self._set_height(row)
            for number, (column, value) in enumerate(zip(self.columns, row, strict=True)):
                if looks and isinstance(value, str):
                    self.pen.text(self.sheet, self.next_row, number, value, valign="top", **looks)
                else:
                    self.pen.cell(self.sheet, self.next_row, number, value, column.kind, column.limits)
            self.next_row += 1

    def _set_height(self, row: Sequence[Any]) -> None:
        lines = 1
        for value, width in zip(row, self.widths, strict=True):
            if isinstance(value, str) and 2 * len(value) + MARGIN > width:
                lines = max(lines, lines_of(value, width))
        if lines > 1:
            self.sheet.set_row(self.next_row, min(LINE * lines, 400.0))

    def begin(self) -> None:
        """The heads: Chinese above English."""
        self.widths = [_width(column) for column in self.columns]
        for line, lang in enumerate(reversed(LANGUAGES)):
            heights = [
                lines_of(column.heads[lang], width) for column, width in zip(self.columns, self.widths, strict=True)
            ]
            self.sheet.set_row(line, LINE * max(heights, default=1))
            for number, column in enumerate(self.columns):
                align = "left" if column.kind == "text" else "right"
                looks = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": HEAD_COLOUR, "align": align}
                self.pen.text(self.sheet, line, number, column.heads[lang], **looks)
        for number, width in enumerate(self.widths):
            self.sheet.set_column(number, number, width)
        self.sheet.freeze_panes(len(LANGUAGES), min(self.fixed, len(self.columns)))
        set_print(self.sheet, self.widths, heads=(0, 1), fixed=self.fixed)

    def end(self) -> None:
        """Say what did not fit, let readers filter."""
        if self.left_out:
            self.pen.text(self.sheet, self.next_row, 0, both("workbook.more", count=f"{self.left_out:,}"))
        self.sheet.autofilter(1, 0, max(self.next_row - 1, 1), max(len(self.columns) - 1, 0))


class RowBook:
    """A workbook whose rows go to disk as they come."""

    def __init__(self, path: Path, title: str) -> None:
        from xlsxwriter import Workbook

        self._book = Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
        self._book.set_properties({"created": CREATED, "title": clean(title)[:250]})
        self._pen = Pen(self._book)
        self._sheets: list[RowSheet] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for sheet in self._sheets:
            sheet.end()
        self._book.close()

    def sheet(self, title: str, columns: Sequence[Column], *, fixed: int = 1) -> RowSheet:
        """A further sheet."""
        made = RowSheet(self._book.add_worksheet(title), columns, self._pen, fixed)
        made.begin()
        self._sheets.append(made)
        return made


def _width(column: Column) -> float:
    """Of the heads, and of the values where some are told beforehand; what has no blank is not broken."""
    text = column.kind == "text"
    longest = max((width_of(head) / (1 if text else 2.5) for head in column.heads.values()), default=0)
    values = [width_of(str(value)) for value in column.values if value]
    unbroken = [width_of(str(value)) for value in column.values if value and " " not in str(value)]
    widest = max([_WIDEST, *(min(wide + MARGIN, _LONGEST) for wide in unbroken)]) if text else 18.0
    return min(max(max([longest, *values]) + MARGIN, _NARROWEST), widest)
