"""What a written report says, without how it looks: layout hangs on a machine's fonts, and its words do not."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from zipfile import BadZipFile

from circle.report.files import DOCUMENT, PAGE

_SILENT = frozenset({"style", "svg", "script"})
_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "li", "td", "th", "dt", "dd", "caption", "figcaption", "title"})


class _Words(HTMLParser):
    """Lines of text, one per block; figures and styles are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 (theirs)
        self._inside += tag in _SILENT
        if tag in _BLOCKS:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag in _SILENT

    def handle_data(self, data: str) -> None:
        if not self._inside and self.lines:
            self.lines[-1] += data.strip("\n")


def page_words(page: bytes) -> list[str]:
    r"""The lines of ``report.html``.

    Examples
    --------
    >>> page_words(b"<style>p{}</style><h1>A</h1>\n<p>b<svg><text>c</text></svg>")
    ['A', 'b']
    """
    reader = _Words()
    reader.feed(page.decode("utf-8"))
    return reader.lines


def document_words(document: bytes) -> list[str]:
    """The lines of ``report.docx``: its paragraphs and the cells of its tables.

    Raises
    ------
    ValueError
        If it is no document.
    """
    import docx
    from docx.opc.exceptions import OpcError
    from docx.oxml.ns import qn

    try:
        body = docx.Document(io.BytesIO(document)).element.body
    except (OpcError, BadZipFile, KeyError, OSError, SyntaxError) as error:  # cut off: a broken archive, part or XML
        raise ValueError(str(error)) from error
    return ["".join(part.text or "" for part in line.iter(qn("w:t"))) for line in body.iter(qn("w:p"))]


REPORT_WORDS: Mapping[str, Callable[[bytes], list[str]]] = {PAGE: page_words, DOCUMENT: document_words}
"""What reads the lines of each file of a report."""
