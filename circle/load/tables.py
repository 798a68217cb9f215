"""Lists as people keep them: CSV in any usual encoding and Excel workbooks, with the row numbers they see."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from circle.lazily import pd
from circle.load.columns import only_texts, rows_listed
from circle.load.encoding import DAMAGED, decode
from circle.load.file_kind import is_what_it_is_called
from circle.load.header_rows import HEADER_WITHIN, filled, find_header, recognised, without_totals
from circle.load.located import Located
from circle.load.said import Said
from circle.load.workbook_size import MOST_CELLS, too_large
from circle.model import Bools

WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
TEXTS = (".csv", ".txt", ".tsv")
TABLES = WORKBOOKS + TEXTS

_DELIMITERS = (",", "\t", ";", "|")
_START = 1 << 16


def is_table(path: Path) -> bool:
    """Whether the name says that the file is a list rather than a map layer.

    >>> is_table(Path("schools.XLSX")), is_table(Path("schools.gpkg"))
    (True, False)
    """
    return path.suffix.lower() in TABLES


def read_table(path: Path, at: Located, sheet: str | None = None, *, keep_totals: bool = False) -> pd.DataFrame | None:
    """A list, one row per record.

    Titles above the header are passed over, empty rows and columns dropped.

    Parameters
    ----------
    sheet
        Of a workbook; default: the first that looks like a list, else the first that holds something.
    keep_totals
        Leave rows of totals in, for who checks them against their rows.

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
    table = None if cells is None else _with_header(cells, at, keep_totals=keep_totals)
    return table if table is None or workbook or _fits_header(table, at) else None


def sheet_names(path: Path, at: Located) -> tuple[list[str], list[str]]:
    """The sheets of a workbook that look like lists, and those that hold something else; none after an error."""
    sheets = _sheets(path, at, None) or {}
    lists = [name for name, cells in sheets.items() if _is_list(cells)]
    return lists, [name for name in sheets if name not in lists]


def _workbook(path: Path, at: Located, sheet: str | None) -> pd.DataFrame | None:
    """The cells of one sheet: the one named, else the first that looks like a list; that there are others is told."""
    sheets = _sheets(path, at, sheet)
    if sheets is None:
        return None
    if not sheets:
        at.error("table.empty")
        return None
    chosen = next((name for name, cells in sheets.items() if _is_list(cells)), next(iter(sheets)))
    others = [name for name in sheets if name != chosen]
    lists = [name for name in others if _is_list(sheets[name])]
    if lists:
        at.warn("table.sheets_unread", sheet=chosen, others=", ".join(lists))
    elif others:
        at.note("table.sheets_several", sheet=chosen, others=", ".join(others))
    return sheets[chosen]


def _sheets(path: Path, at: Located, sheet: str | None) -> dict[str, pd.DataFrame] | None:
    """The visible sheets that hold something, or the one named; None after an error."""
    from python_calamine import CalamineError, SheetVisibleEnum, load_workbook

    if path.is_file() and not is_what_it_is_called(path, at):
        return None
    try:
        book = load_workbook(path)
        if sheet is not None and sheet not in book.sheet_names:
            at.error("table.sheet_missing", sheet=sheet, found=", ".join(book.sheet_names))
            return None
        hidden = [one.name for one in book.sheets_metadata if one.visible != SheetVisibleEnum.Visible]
        if hidden and sheet is None:
            at.note("table.sheets_hidden", others=", ".join(hidden))
        wanted = [sheet] if sheet is not None else [name for name in book.sheet_names if name not in hidden]
        if (far := too_large(path, wanted)) is not None:
            at.error("table.far_cell", sheet=far.sheet, cell=f"{far.column}{far.row}", limit=f"{MOST_CELLS:,}")
            return None
        cells = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in wanted}
    except (CalamineError, OSError, ValueError) as error:
        at.error("table.workbook_unreadable", reason=Said(str(error)))
        return None
    return {name: pd.DataFrame(rows, dtype=object) for name, rows in cells.items() if rows}


def _is_list(cells: pd.DataFrame) -> bool:
    """Whether a sheet has a header with words that circle knows, and something below it."""
    header, names = find_header(cells.iloc[:HEADER_WITHIN].to_numpy(dtype=object).tolist())
    return recognised(names) > 1 and header + 1 < len(cells)


def _text_table(path: Path, at: Located) -> pd.DataFrame | None:
    if not is_what_it_is_called(path, at):
        return None
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
    damaged = [number for number, line in enumerate(text.splitlines(), 1) if DAMAGED in line] if DAMAGED in text else []
    if damaged:
        at.warn("table.text_damaged", count=len(damaged), rows=rows_listed(damaged))
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


def _first_records(text: str, delimiter: str) -> list[list[str]]:
    """The records among which the header is."""
    start = text[:_START]  # reading all of a long file for its first records would take as long as reading it
    records = list(itertools.islice(_records(start, delimiter), HEADER_WITHIN + 1))
    if len(records) <= HEADER_WITHIN and len(start) < len(text):
        records = list(itertools.islice(_records(text, delimiter), HEADER_WITHIN + 1))
    return records[:HEADER_WITHIN]


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """Records as `csv` reads them; a field may be as long as the file."""
    csv.field_size_limit(max(len(text), 131072))
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _shape(text: str) -> tuple[str, int]:
    """Delimiter and number of fields, from the first records.

    The delimiter whose fields hold most headers that circle knows, unless that is one at most; else the one that splits
    the records most. Numbers with decimal commas and addresses are split by commas often enough.
    """
    best, delimiter = (0, 1), _DELIMITERS[0]
    for tried in _DELIMITERS:
        records = _first_records(text, tried)
        known = max((recognised(record) for record in records), default=0)
        width = max((sum(map(filled, record)) for record in records), default=1)
        if (known if known > 1 else 0, width) > best:
            best, delimiter = (known if known > 1 else 0, width), tried
    return delimiter, max(map(len, _first_records(text, delimiter)))


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
    """Which cells hold nothing or blanks only, (rows, columns)."""
    values = cells.to_numpy(dtype=object)
    blank = np.asarray(pd.isna(values) | (values == ""), dtype=bool)
    for column in np.flatnonzero(~blank.all(axis=0)):
        spaces = pc.fill_null(pc.utf8_is_space(only_texts(values[:, column])), False)
        blank[:, column] |= np.asarray(spaces.to_numpy(zero_copy_only=False), dtype=bool)
    return blank


def _with_header(cells: pd.DataFrame, at: Located, *, keep_totals: bool = False) -> pd.DataFrame | None:
    """Name the columns by the header; drop what is empty, totals and remarks."""
    header, names = find_header(cells.iloc[:HEADER_WITHIN].to_numpy(dtype=object).tolist())
    body = cells.iloc[header + 1 :]
    body = body.set_axis(np.arange(header + 2, header + 2 + len(body)), axis="index")
    blank = _blank(body)
    keep = np.array([name != "" for name in names]) | ~blank.all(axis=0)
    if not np.any(~blank):
        at.error("table.empty")
        return None
    unnamed = [f"#{i + 1}" if name == "" else name for i, name in enumerate(names)]
    table = body.set_axis(unnamed, axis="columns").iloc[np.flatnonzero(~blank.all(axis=1)), np.flatnonzero(keep)]
    twice = sorted({name for name in table.columns if list(table.columns).count(name) > 1})
    if twice:
        at.warn("table.header_twice", columns=", ".join(twice))
    table = without_totals(table, at, keep_totals=keep_totals)
    if table.empty:
        at.error("table.empty")
        return None
    return table
