"""What a report consists of, whatever it is written as: headings, paragraphs, lists, tables, pictures."""

from __future__ import annotations

from dataclasses import dataclass

from circle.report.drawing import Drawing

ROWS_KEPT_TOGETHER = 6
"""Rows of a table up to which it is not torn by the end of a page; longer ones would leave too much of one empty, and
have their heads on each."""


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 or 2; `new_page` where it begins one."""

    words: str
    level: int = 1
    new_page: bool = False


@dataclass(frozen=True)
class Paragraph:
    """Running text; `kind` is ``plain``, ``lead`` (the answer) or ``note`` (small print)."""

    words: str
    kind: str = "plain"


@dataclass(frozen=True)
class Items:
    """A list; those that begin with a blank belong to the one before."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """The few numbers that are seen first: pairs of a number and what it counts."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """A table of words.

    Parameters
    ----------
    name
        By which the table is found in the page.
    caption
        Above it.
    columns
        Heads of the columns.
    rows
        Cells.
    spans
        A row of heads over those of the columns: words, and how many columns they cover.
    words_first
        So many columns hold words and stand on the left; the others hold numbers.
    strong_rows
        Rows (counted from 0) that stand out: totals.
    """

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    spans: tuple[tuple[str, int], ...] = ()
    words_first: int = 1
    strong_rows: tuple[int, ...] = ()

    @property
    def fits_a_page(self) -> bool:
        """Whether it is short enough to be kept together."""
        return len(self.rows) <= ROWS_KEPT_TOGETHER


@dataclass(frozen=True, eq=False)
class Picture:
    """A drawing with its caption below, and what it shows in words for those who cannot see it."""

    name: str
    drawing: Drawing
    caption: str
    alt: str


@dataclass(frozen=True, eq=False)
class Card:
    """A small picture with what is said of it beside: one gap."""

    title: str
    lines: tuple[str, ...]
    picture: Picture


Block = Heading | Paragraph | Items | Facts | Table | Picture | Card


@dataclass(frozen=True, eq=False)
class Report:
    """A whole report in one language."""

    lang: str
    title: str
    subtitle: str
    blocks: tuple[Block, ...]
