"""The document's layout: no number is broken in two, heads come again, the map stays with the answer, no heading ends a page."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import matplotlib
import pytest
from docx.oxml.ns import qn
from PIL import ImageFont

from circle.messages import LANGUAGES
from circle.report import report_files, word_file
from circle.report.blocks import Picture, Report, Table
from circle.report.drawing import Drawing
from circle.report.word_tables import TEXT_MM, widths
from tests.export.town import town_analysis

_BOLD = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"
"""As wide a font as a reader may have in place of the one asked for."""


def millimetres(words: str, points: float) -> float:
    """Measured by FreeType."""
    return ImageFont.truetype(str(_BOLD), 1000).getlength(words) / 1000 * points * 25.4 / 72


def document(lang: str, analysis=None):
    """The report of the town, read again."""
    return docx.Document(io.BytesIO(report_files(analysis or town_analysis(), lang)["report.docx"]))


@pytest.mark.parametrize("columns", [5, 8, 10])
def test_numbers_fit_their_columns(columns):
    numbers = ["1,150,511", "856,214", "100.0%", "1,325 min", "99.6%"]
    cells = ("a district with a name of some length", *(numbers[i % 5] for i in range(columns - 1)))
    heads = ("District", *(f"Within {i} min" for i in range(columns - 1)))
    block = Table("t", "", heads, (cells, cells))
    found = widths(block)
    points = 8.0 if columns < 9 else 7.5
    assert sum(found) == pytest.approx(TEXT_MM)
    for cell, width in zip(cells[1:], found[1:], strict=True):
        assert millimetres(cell, points) + 2.0 < width


def test_a_table_that_cannot_fit_still_fills_the_page_and_no_more():
    block = Table("t", "", ("x" * 60,) * 12, (("123,456,789,123",) * 12,), words_first=2)
    assert sum(widths(block)) == pytest.approx(TEXT_MM)
    assert min(widths(block)) > 5


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_table_of_numbers_repeats_its_heads_and_tears_no_row(lang):
    tables = [table for table in document(lang).tables if table._tbl.tblPr.find(qn("w:tblBorders")) is not None]
    assert len(tables) >= 4
    for table in tables:
        first = table._tbl.tr_lst[0].trPr
        assert first.find(qn("w:tblHeader")) is not None
        assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in table._tbl.tr_lst)
        sides = [int(cell.get(qn("w:w"))) for cell in table._tbl.tblGrid.findall(qn("w:gridCol"))]
        assert sum(sides) == pytest.approx(TEXT_MM / 25.4 * 1440, abs=len(sides))


def test_a_tall_map_is_made_smaller_so_that_it_stays_with_the_answer():
    tall, flat = Drawing(174, 300), Drawing(174, 80)
    blocks = (Picture("tall", tall, "", "a"), Picture("flat", flat, "", "b"))
    content = word_file.document_of(Report("en", "t", "s", blocks))
    shapes = docx.Document(io.BytesIO(content)).inline_shapes
    assert [round(shape.height.mm) for shape in shapes] == [145, 80]
    assert [round(shape.width.mm) for shape in shapes] == [84, 174]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_heading_ends_a_page(lang):
    headings = [paragraph for paragraph in document(lang).paragraphs if paragraph.style.name.startswith("Heading")]
    assert len(headings) >= 8
    assert all(paragraph.style.paragraph_format.keep_with_next for paragraph in headings)
    assert not any(paragraph.paragraph_format.keep_with_next is False for paragraph in headings)
