"""How large the sheets of a workbook are, before anything is read: a stray cell far off would fill the memory.

A reader holds the whole rectangle from the first to the last cell that is filled. What a sheet announces of it
(`<dimension>`) may be missing or wrong, so the references of the cells themselves are looked at.
"""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO, NamedTuple

MOST_CELLS = 50_000_000
"""Of one sheet, empty ones included: 200,000 rows of 250 columns, or all rows of 47."""

_CHUNK = 1 << 20
_LONGEST = 64
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_WIDE = (re.compile(rb'r="([A-Z]{2,3})\d'), re.compile(rb"r='([A-Z]{2,3})\d"))
_ROW = (re.compile(rb'r="(\d{1,9})"'), re.compile(rb"r='(\d{1,9})'"))
"""Each begins with letters as they are, which is ten times as fast to search for as a choice."""


class FarCell(NamedTuple):
    """A sheet that is too large: its name, last column and last row."""

    sheet: str
    column: str
    row: int


def too_large(path: Path, sheets: Collection[str]) -> FarCell | None:
    """The first of `sheets` of an .xlsx or .xlsm that spans more than `MOST_CELLS`.

    What is damaged is left to its reader.
    """
    if path.suffix.lower() not in (".xlsx", ".xlsm") or not zipfile.is_zipfile(path):
        return None
    try:
        with zipfile.ZipFile(path) as book:
            for name, part in _parts(book):
                if name in sheets and (far := _far_cell(book, part)) is not None:
                    return FarCell(name, *far)
    except (zipfile.BadZipFile, zlib.error, KeyError, RuntimeError, NotImplementedError, EOFError):
        return None
    return None


def _parts(book: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Each sheet's name and the member that holds it."""
    relations = [_attributes(tag) for tag in _RELATION.findall(book.read("xl/_rels/workbook.xml.rels"))]
    target = {one.get("Id"): one.get("Target", "") for one in relations}
    for tag in _SHEET.findall(book.read("xl/workbook.xml")):
        sheet = _attributes(tag)
        where = target.get(sheet.get("id"))
        if where is not None:
            yield sheet.get("name", ""), posixpath.normpath(posixpath.join("/xl", where)).lstrip("/")


def _attributes(tag: bytes) -> dict[str, str]:
    """The attributes of a tag, without their prefixes."""
    found = re.findall(r"""([\w:.]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag.decode("utf-8", "replace"))
    return {name.rpartition(":")[2]: html.unescape(double or single) for name, double, single in found}


def _far_cell(book: zipfile.ZipFile, part: str) -> tuple[str, int] | None:
    """The last column and row of a sheet that is too large; 26 columns never are, whatever their rows."""
    column, row = b"A", 1
    with book.open(part) as file:
        for text in _overlapping(file):
            wide = {letters for pattern in _WIDE for letters in pattern.findall(text)}
            column = max(column, *wide, key=_column_number) if wide else column
            row = max(row, *(int(number) for pattern in _ROW for number in pattern.findall(text)), 0)
    return (column.decode(), row) if _column_number(column) * row > MOST_CELLS else None


def _overlapping(file: IO[bytes]) -> Iterator[bytes]:
    """The text in pieces, each beginning with the end of the one before: no reference is missed that is cut."""
    before = b""
    while piece := file.read(_CHUNK):
        yield before + piece
        before = piece[-_LONGEST:]


def _column_number(letters: bytes) -> int:
    """The number of a column.

    >>> _column_number(b"A"), _column_number(b"XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number
