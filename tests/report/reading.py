"""Reads a report back: the tables of the page and of the document, without the code that wrote them."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import docx

VOID = {"meta", "link", "br", "img", "input"}


@dataclass
class Page(HTMLParser):
    """Tables by their id, rows of cells; the words outside tables and in drawings; every tag and attribute met."""

    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    words: str = ""
    drawn: str = ""
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] | None = None
        self.cell: list[str] | None = None
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.rows = self.tables[dict(attrs)["id"]] = []
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.cell = []

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag in ("p", "h1", "h2", "h3", "li", "dt", "dd", "figcaption", "caption"):
            self.words += "\n"
        if tag in ("td", "th"):
            self.rows[-1].append("".join(self.cell))
            self.cell = None
        elif tag == "table":
            self.rows = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell.append(data)
        elif "svg" in self.open:
            self.drawn += data
        elif "style" not in self.open:
            self.words += data


def read_page(page: str) -> Page:
    read = Page()
    read.feed(page)
    read.close()
    assert read.open == []
    return read


def body_rows(table: list[list[str]]) -> list[list[str]]:
    """Without the heads: of two rows of heads the first is shorter."""
    return table[1:] if len(table[0]) == len(table[1]) else table[2:]


def document_tables(content: bytes) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in docx.Document(io.BytesIO(content)).tables]


def document_words(content: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs)


def share(words: str) -> float:
    """A percentage read back."""
    match = re.fullmatch(r"[<>]?([\d.]+)%", words)
    assert match, words
    return float(match[1]) / 100


def count(words: str) -> float:
    """A number of people read back; fewer than half a person as a quarter."""
    return 0.25 if words == "<1" else float(words.replace(",", ""))
