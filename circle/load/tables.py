"""Lists as people keep them: CSV in any usual encoding and Excel workbooks, with the row numbers they see."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from circle.load.columns import rows_listed
from circle.load.encoding import decode
from circle.load.located import Located
from circle.load.said import Said
from circle.model import Bools

WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
TEXTS = (".csv", ".txt", ".tsv")
TABLES = WORKBOOKS + TEXTS

_HEADER_WITHIN = 20
_DELIMITERS = (",", "\t", ";", "|")


def is_table(path: Path) -> bool:
    """Whether the name says that the file is a list rather than a map layer.

    >>> is_table(Path("schools.XLSX")), is_table(Path("schools.gpkg"))
    (True, False)
    """
    return path.suffix.lower() in TABLES


def read_table(path: Path, at: Located, sheet: str | None = None) -> pd.DataFrame | None:
    """A list, one row per record.

    Titles above the header are passed over, empty rows and columns dropped.

    Parameters
    ----------
    sheet
        Of a workbook; default: the first that holds something.

    Returns
    -------
    DataFrame or None
        Columns named by the header; cells are text or, from workbooks, numbers; the index holds the row numbers that a
        spreadsheet shows. None after recording why the file cannot be used.
    """
    if not path.is_file():
        at.error("file.missing")
        return None
    workbook = path.suffix.lower() in WORKBOOKS
    cells = _workbook(path, at, sheet) if workbook else _text_table(path, at)
    table = None if cells is None else _with_header(cells, at)
    return table if table is None or workbook or _fits_header(table, at) else None


def _workbook(path: Path, at: Located, sheet: str | None) -> pd.DataFrame | None:
    from python_calamine import CalamineError, load_workbook

    try:
        book = load_workbook(path)
        if sheet is not None and sheet not in book.sheet_names:
            at.error("table.sheet_missing", sheet=sheet, found=", ".join(book.sheet_names))
            return None
        filled = []
        for name in [sheet] if sheet is not None else book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if rows:
                filled.append((name, rows))
    except (CalamineError, OSError, ValueError) as error:
        at.error("table.workbook_unreadable", reason=Said(str(error)))
        return None
    if not filled:
        at.error("table.empty")
        return None
    if len(filled) > 1:
        at.note("table.sheets_several", sheet=filled[0][0], others=", ".join(name for name, _ in filled[1:]))
    return pd.DataFrame(filled[0][1], dtype=object)


def _text_table(path: Path, at: Located) -> pd.DataFrame | None:
    decoded = decode(path.read_bytes())
    if decoded is None:
        at.error("file.encoding_unknown")
        return None
    text, encoding = decoded
    if encoding == "gb18030":
        at.note("file.encoding", encoding="GB18030")
    if not text.strip():
        at.error("table.empty")
        return None
    delimiter, width = _shape(text)
    try:
        return pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            header=None,
            names=list(range(width)),
            index_col=False,
            dtype=object,
            keep_default_na=False,
            skip_blank_lines=False,
        )
    except pd.errors.ParserError as error:
        long = _long_rows(text, delimiter, width)
        if long:
            at.error("table.row_too_long", rows=rows_listed(long), width=width)
        else:
            at.error("table.text_unreadable", reason=Said(str(error).strip()))
        return None


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """Records as `csv` reads them; a field may be as long as the file."""
    csv.field_size_limit(max(len(text), 131072))
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _shape(text: str) -> tuple[str, int]:
    """Delimiter and number of fields, from the first records: the delimiter that splits them most."""
    best = (",", 1)
    for delimiter in _DELIMITERS:
        head = itertools.islice(_records(text, delimiter), _HEADER_WITHIN)
        width = max((_filled(record) for record in head), default=1)
        if width > best[1]:
            best = (delimiter, width)
    delimiter = best[0]
    return delimiter, max(len(record) for record in itertools.islice(_records(text, delimiter), _HEADER_WITHIN))


def _long_rows(text: str, delimiter: str, width: int) -> list[int]:
    return [number for number, record in enumerate(_records(text, delimiter), 1) if len(record) > width]


def _fits_header(table: pd.DataFrame, at: Located) -> bool:
    """Whether no row has values beyond the last header: in plain text that is an unquoted delimiter inside a value."""
    named = [i for i, name in enumerate(table.columns) if not str(name).startswith("#")]
    beyond = table.iloc[:, max(named, default=0) + 1 :]
    rows = beyond.index.to_numpy()[~_blank(beyond).all(axis=1)]
    if not len(rows):
        return True
    at.error("table.row_too_long", rows=rows_listed(rows), width=max(named, default=0) + 1)
    return False


def _blank(cells: pd.DataFrame) -> Bools:
    """Which cells hold nothing, (rows, columns); those of blanks only are rare and looked at one by one."""
    values = cells.to_numpy(dtype=object)
    blank = np.asarray(pd.isna(values) | (values == ""), dtype=bool)
    for column in np.flatnonzero(~blank.all(axis=0)):
        blank[:, column] |= [isinstance(value, str) and value.isspace() for value in values[:, column]]
    return blank


def _filled(cells: Iterable[object]) -> int:
    return sum(str(cell).strip() != "" for cell in cells if cell is not None)


def _with_header(cells: pd.DataFrame, at: Located) -> pd.DataFrame | None:
    """Name the columns by the header row; drop what is empty."""
    counts = [_filled(row) for row in cells.iloc[:_HEADER_WITHIN].to_numpy(dtype=object)]
    header = next((i for i, count in enumerate(counts) if count > 1), int(np.argmax(np.asarray(counts) > 0)))
    body = cells.iloc[header + 1 :]
    body = body.set_axis(np.arange(header + 2, header + 2 + len(body)), axis="index")
    blank = _blank(body)
    names = [str(cell).strip() for cell in cells.iloc[header]]
    keep = np.array([name != "" for name in names]) | ~blank.all(axis=0)
    if not np.any(~blank):
        at.error("table.empty")
        return None
    unnamed = [f"#{i + 1}" if name == "" else name for i, name in enumerate(names)]
    table = body.set_axis(unnamed, axis="columns").iloc[np.flatnonzero(~blank.all(axis=1)), np.flatnonzero(keep)]
    twice = sorted({name for name in table.columns if list(table.columns).count(name) > 1})
    if twice:
        at.warn("table.header_twice", columns=", ".join(twice))
    return table
