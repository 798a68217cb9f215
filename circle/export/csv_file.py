"""CSV for spreadsheets: UTF-8 with a BOM, CRLF, blanks for NaN, a word for what cannot be reached, no formulae."""

from __future__ import annotations

from typing import Any

import numpy as np

from circle.export.geojson import NUMBER_DECIMALS
from circle.lazily import pd

UNREACHED = "unreached"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(table: pd.DataFrame) -> bytes:
    r"""A table as spreadsheet programs open it without being told anything.

    Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers are never touched.

    Examples
    --------
    >>> print(csv_bytes(pd.DataFrame({"name": ["=1+1", "North"], "s": [np.inf, np.nan], "n": [1.0, -2.5]})))
    b"\xef\xbb\xbfname,s,n\r\n'=1+1,unreached,1\r\nNorth,,-2.5\r\n"
    """
    cells = table.copy()
    for name in table.columns:
        column = table[name]
        numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        cells[name] = column.map(number_cell if numeric else text_cell).astype(object)
    cells.columns = [text_cell(name) for name in table.columns]
    return b"\xef\xbb\xbf" + cells.to_csv(index=False, lineterminator="\r\n").encode("utf-8")


def number_cell(value: Any) -> str:
    """A number in at most six decimals, blank where there is none, ``unreached`` where it is infinite."""
    if pd.isna(value):
        return ""
    if np.isinf(value):
        return UNREACHED
    rounded = round(float(value), NUMBER_DECIMALS)
    return f"{rounded:.0f}" if rounded == int(rounded) else repr(rounded)


def text_cell(value: Any) -> str:
    """Text that stays text: a leading apostrophe where a spreadsheet would see a formula."""
    if value is None or pd.isna(value):
        return ""
    words = str(value)
    return f"'{words}" if words.startswith(FORMULA_STARTS) else words
