"""CSV as a spreadsheet reads it: nothing runs, nothing turns into another number."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pytest

from circle.export.csv_file import csv_bytes


def _cells(table: pd.DataFrame) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_bytes(table).decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_from_data_never_starts_a_formula(start: str) -> None:
    name, cell = _cells(pd.DataFrame({f"{start}name": [f'{start}cmd|"x",1']}))
    assert (name[0][0], cell[0][0]) == ("'", "'")
    assert cell[0][1:] == f'{start}cmd|"x",1'


def test_negative_numbers_stay_numbers_and_infinity_is_a_word() -> None:
    table = pd.DataFrame({"x": [-1.5, np.inf, np.nan, 1e6, 0.1 + 0.2, 1e-9], "n": [1, 2, 3, 4, 5, 6]})
    assert [row[0] for row in _cells(table)[1:]] == ["-1.5", "unreached", "", "1000000", "0.3", "0"]
    assert [row[1] for row in _cells(table)[1:]] == ["1", "2", "3", "4", "5", "6"]


def test_lines_end_as_spreadsheets_expect_and_codes_keep_their_zeros() -> None:
    raw = csv_bytes(pd.DataFrame({"id": ["0331", None], "name": ["竹坞\n乡", "a,b"]}))
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == 3
    assert _cells(pd.DataFrame({"id": ["0331", None]}))[1:] == [["0331"], [""]]
