"""``report.html``: one page without a script, for the screen and for paper of A4."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch
from html import escape
from importlib.resources import files

from circle.report.blocks import Block, Card, Facts, Heading, Items, Paragraph, Picture, Report, Table
from circle.report.fonts import READERS
from circle.report.plain_text import in_order, plain

WIDE = 10
"""Columns from which on a table is set smaller."""
LANGUAGE_TAGS = {"en": "en", "zh": "zh-CN"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page_of(report: Report) -> str:
    """The page; the same report gives the same text. It asks for nothing that is not in it and runs nothing."""
    style = (files("circle.report") / "page.css").read_text(encoding="utf-8").replace("READERS", READERS)
    body = "\n".join(_html(block) for block in report.blocks)
    return (
        f'<!DOCTYPE html>\n<html lang="{LANGUAGE_TAGS[report.lang]}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>{_text(report.title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n<header>\n"
        f'<h1>{_text(report.title)}</h1>\n<p class="subtitle">{_text(report.subtitle)}</p>\n</header>\n'
        f"{body}\n</main>\n</body>\n</html>\n"
    )


def _text(words: str) -> str:
    return escape(in_order(plain(words)), quote=True)


@singledispatch
def _html(block: Block) -> str:
    raise TypeError(block)


@_html.register
def _(block: Heading) -> str:
    kind = ' class="new-page"' if block.new_page else ""
    return f"<h{block.level + 1}{kind}>{_text(block.words)}</h{block.level + 1}>"


@_html.register
def _(block: Paragraph) -> str:
    return f'<p class="{block.kind}">{_text(block.words)}</p>'


@_html.register
def _(block: Items) -> str:
    return f"<ul>{''.join(_items(block.lines))}</ul>"


def _items(lines: tuple[str, ...]) -> Iterator[str]:
    for line in lines:
        kind = ' class="within"' if line.startswith(" ") else ""
        yield f"<li{kind}>{_text(line.strip())}</li>\n"


@_html.register
def _(block: Facts) -> str:
    pairs = "".join(f"<div><dt>{_text(what)}</dt><dd>{_text(number)}</dd></div>" for number, what in block.pairs)
    return f'<dl class="facts">{pairs}</dl>'


@_html.register
def _(block: Table) -> str:
    spans = "".join(_span(words, count) for words, count in block.spans)
    above = f'<tr class="spans">{spans}</tr>' if block.spans else ""
    heads = "".join(f'<th scope="col"{_side(block, i)}>{_text(words)}</th>' for i, words in enumerate(block.columns))
    kinds = ["whole"] * block.fits_a_page + ["tight"] * (len(block.columns) > WIDE)
    whole = f' class="{" ".join(kinds)}"' if kinds else ""
    rows = "\n".join(_row(block, number, cells) for number, cells in enumerate(block.rows))
    name = escape(block.name)
    # on a narrow screen the table is scrolled, by keyboard too
    return (
        f'<div class="scrolled" role="group" tabindex="0" aria-labelledby="{name}-caption">'
        f'<table id="{name}"{whole}><caption id="{name}-caption">{_text(block.caption)}</caption>\n'
        f"<thead>{above}<tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>"
    )


def _span(words: str, count: int) -> str:
    """A head over several columns; over those that have none there is nothing to be read out."""
    return f'<th colspan="{count}" scope="colgroup">{_text(words)}</th>' if words else f'<td colspan="{count}"></td>'


def _row(block: Table, number: int, cells: tuple[str, ...]) -> str:
    strong = ' class="strong"' if number in block.strong_rows else ""
    first = f'<th scope="row">{_text(cells[0])}</th>'
    others = "".join(f"<td{_side(block, i)}>{_text(cell)}</td>" for i, cell in enumerate(cells[1:], 1))
    return f"<tr{strong}>{first}{others}</tr>"


def _side(block: Table, column: int) -> str:
    return "" if column < block.words_first else ' class="number"'


@_html.register
def _(block: Picture) -> str:
    caption = f"<figcaption>{_text(block.caption)}</figcaption>" if block.caption else ""
    picture = block.drawing.svg(block.name, plain(block.alt))
    return f'<figure id="{escape(block.name)}" tabindex="0">{picture}{caption}</figure>'


@_html.register
def _(block: Card) -> str:
    lines = "".join(f"<p>{_text(line)}</p>" for line in block.lines)
    return f'<section class="card">{_html(block.picture)}<div><h3>{_text(block.title)}</h3>{lines}</div></section>'
