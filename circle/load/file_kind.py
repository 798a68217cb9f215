"""What a list really is, by its first bytes: programs export web pages and plain text under the names of workbooks."""

from __future__ import annotations

import codecs
import io
import zipfile
from pathlib import Path

from circle.load.encoding import decode
from circle.load.located import Located

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PAGES = (
    b"<!doctype",
    b"<html",
    b"<?xml",
    b"<table",
    b"<head",
    b"<meta",
    b"<style",
    b"<body",
    b"<div",
    b"mime-version:",
)
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_TEXTS = (".csv", ".txt", ".tsv")
_HEAD_BYTES = 4096


def is_what_it_is_called(path: Path, at: Located) -> bool:
    """Whether a list can be of the kind that its name says; else an error says what it is and what to do.

    What is of no known kind is left to its reader.
    """
    data, suffix = path.read_bytes(), path.suffix.lower()
    kind = _told_by_mark(data) if suffix in _TEXTS else kind_of(data)
    if kind in (None, "unknown") or kind in _kinds_called(suffix):
        return True
    at.error(f"file.is_{kind}", suffix=suffix)
    return False


def kind_of(data: bytes) -> str:
    """The kind of a file that is called a list.

    Returns
    -------
    str
        ``empty``, ``workbook`` (of today), ``old_workbook``, ``encrypted``, ``archive``, ``cut_archive``, ``document``
        (of a word processor, or to be printed), ``web_page``, ``text`` or ``unknown``.

    Examples
    --------
    >>> [kind_of(data) for data in (b"", b" <table>", b"%PDF-1.7", b"a,b", bytes([0, 1]))]
    ['empty', 'web_page', 'document', 'text', 'unknown']
    """
    marked = _told_by_mark(data)
    if marked is not None:
        return marked
    is_text = (b"\0" not in data or data.startswith(_WIDE)) and decode(data) is not None
    return "text" if is_text else "unknown"


def _told_by_mark(data: bytes) -> str | None:
    """The kind by the first bytes; None where they say nothing, as those of plain text."""
    if not data:
        return "empty"
    if data.startswith(b"PK\x03\x04"):
        return _kind_of_archive(data)
    if data.startswith(_OLE):
        return _kind_of_compound(data)
    head = data[:_HEAD_BYTES].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if head.startswith((b"%pdf", b"{\\rtf")):
        return "document"
    return "web_page" if head.startswith(_PAGES) else None


def _kind_of_archive(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "cut_archive"
    if any(name.startswith("xl/") for name in names) or {"mimetype", "content.xml"} <= set(names):
        return "workbook"
    return "document" if any(name.startswith(("word/", "ppt/")) for name in names) else "archive"


def _kind_of_compound(data: bytes) -> str:
    """Old Office files and new ones under a password are folders of named streams."""
    for stream, kind in (("EncryptedPackage", "encrypted"), ("WordDocument", "document"), ("Workbook", "old_workbook")):
        if stream.encode("utf-16-le") in data:
            return kind
    return "old_workbook" if "Book".encode("utf-16-le") in data else "unknown"


def _kinds_called(suffix: str) -> tuple[str, ...]:
    """The kinds that a suffix may stand for."""
    if suffix in _TEXTS:
        return ("text", "empty")  # an empty list has a sentence of its own
    return ("old_workbook",) if suffix == ".xls" else ("workbook",)
