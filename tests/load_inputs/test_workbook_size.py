"""A workbook with a stray cell far from its list is refused by name before a reader reserves the space between."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from circle.load import workbook_size
from circle.load.tables import read_table
from circle.load.workbook_size import too_large
from tests.load_inputs.conftest import codes

ROWS = [["名称", "经度", "纬度"], ["甲卫生室", 118.9, 28.9]]


def workbook(path: Path, *cells: tuple[int, int], sheet: str = "A&B") -> Path:
    """A list, and in a second sheet the same with further cells, (row, column) from 0."""
    with xlsxwriter.Workbook(path) as book:
        for name, strays in (("名单", ()), (sheet, cells)):
            made = book.add_worksheet(name)
            for number, row in enumerate(ROWS):
                made.write_row(number, 0, row)
            for row_number, column in strays:
                made.write(row_number, column, "x")
    return path


def quoted_singly(path: Path) -> Path:
    """The same workbook as other programs may write it."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content.replace(b'"', b"'") if "sheet" in name else content)
    return path


@pytest.mark.parametrize("cells", [[(1048575, 16383)], [(0, 16383), (1048575, 0)], [(4000, 16383)], [(1048575, 47)]])
@pytest.mark.parametrize("as_written", [Path, quoted_singly])
def test_a_stray_cell_is_refused_with_its_sheet_and_the_other_sheets_can_be_read(
    tmp_path, at, findings, cells, as_written
):
    """4,001 rows of 16,384 columns are 65.6 million cells; 1,048,576 rows of 48 are 50.3 million."""
    path = as_written(workbook(tmp_path / "a.xlsx", *cells))
    assert read_table(path, at) is None
    assert codes(findings) == ["table.far_cell"]
    assert findings.problems[0].fields["sheet"] == "A&B"
    assert read_table(path, at, "名单").shape == (1, 3)


@pytest.mark.parametrize(("row", "refused"), [(37, False), (38, True)])
def test_a_sheet_is_too_large_above_the_limit_and_not_at_it(tmp_path, monkeypatch, row, refused):
    """27 columns (AA) of 37 rows are 999 cells, of 38 rows 1,026."""
    monkeypatch.setattr(workbook_size, "MOST_CELLS", 999)
    found = too_large(workbook(tmp_path / "a.xlsx", (row - 1, 26)), ["A&B"])
    assert found == (("A&B", "AA", row) if refused else None)


def test_references_are_found_wherever_the_text_is_cut(tmp_path, monkeypatch):
    path = workbook(tmp_path / "a.xlsx", (1048575, 16383))
    for chunk in range(65, 80):
        monkeypatch.setattr(workbook_size, "_CHUNK", chunk)
        assert too_large(path, ["A&B"]) == ("A&B", "XFD", 1048576)


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "file.is_empty"), (b"PK\x03\x04", "file.is_cut_archive"), (b"no archive", "file.is_text")],
)
def test_what_is_no_workbook_is_left_to_its_reader(tmp_path, at, findings, content, told):
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert too_large(path, ["S"]) is None
    assert read_table(path, at) is None
    assert codes(findings) == [told]
