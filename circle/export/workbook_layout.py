"""How the sheets of a workbook lie on screen and paper: rows as high as their text, legible in print."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

LINE = 15.5
"""Points of a line of text."""
MARGIN = 2
"""Widths of a digit that a column is wider than its text."""
_HIGHEST = 400.0
"""Points; a row of a spreadsheet has 409 at most."""
_WIDEST_PAGE = 230.0
"""Widths of a digit on a page of A4 that is turned: shrunk to a little over a half, and still read without a lens."""
_A4 = 9
_SLACK = 1.12
"""What lines lose where a word goes to the next one, and letters are wider than a digit."""


def width_of(words: str) -> int:
    """Columns of a terminal, which is about what a cell needs: Chinese letters are twice as wide.

    >>> width_of("青溪 km")
    7
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in words)


def lines_of(words: str, width: float) -> int:
    r"""Lines that text takes in a column.

    >>> [lines_of(words, 20) for words in ("", "a word", "a" * 18, "a" * 20, "甲" * 20, "two\nlines")]
    [1, 1, 1, 2, 3, 2]
    """
    wide = [width_of(line) for line in words.split("\n")]
    return sum(1 if line + MARGIN <= width else math.ceil(line * _SLACK / (width - 1)) for line in wide)


def set_heights(sheet: Any, first: int, columns: Iterable[tuple[float, Sequence[Any]]]) -> None:
    """Make rows as high as their longest text.

    Not every program that opens a workbook reckons that by itself: in some, long text lies over the rows below.

    Parameters
    ----------
    sheet
        Of xlsxwriter.
    first
        The row of the first values.
    columns
        Width and values of every column whose text goes on in further lines.
    """
    lines: dict[int, int] = {}
    for width, values in columns:
        for row, value in enumerate(values, first):
            if isinstance(value, str) and 2 * len(value) + MARGIN > width and (needed := lines_of(value, width)) > 1:
                lines[row] = max(needed, lines.get(row, 1))
    for row, needed in lines.items():
        sheet.set_row(row, min(LINE * needed, _HIGHEST))


def set_print(sheet: Any, widths: Sequence[float], *, heads: tuple[int, int], fixed: int) -> None:
    """A4 on its side, as many pages side by side as keep letters legible, each with the heads and the fixed columns.

    Parameters
    ----------
    sheet
        Of xlsxwriter.
    widths
        Of all columns.
    heads
        First and last row of the headers.
    fixed
        Columns that come again on every page.
    """
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    kept = sum(widths[:fixed])
    across = max(1, math.ceil((sum(widths) - kept) / max(_WIDEST_PAGE - kept, _WIDEST_PAGE / 3)))
    sheet.fit_to_pages(across, 0)
    sheet.repeat_rows(*heads)
    if across > 1 and fixed:
        sheet.repeat_columns(0, fixed - 1)
    sheet.set_footer("&C&P / &N")
