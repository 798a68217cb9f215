"""``report.docx``: the same report for those who go on writing in it, with pictures of 200 dots an inch."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from functools import singledispatchmethod
from itertools import zip_longest
from typing import Any
from unicodedata import east_asian_width

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from circle.report.blocks import Block, Card, Facts, Heading, Items, Paragraph, Picture, Report, Table
from circle.report.plain_text import in_order, plain
from circle.report.word_tables import TEXT_MM, font_size, keep_ends, keep_together, mark_row, rule, set_widths, widths

LATIN, CHINESE = "Segoe UI", "Microsoft YaHei"
"""Asked for by name; Word takes another where they are not."""
SOFT, INK = RGBColor(0x55, 0x60, 0x6E), RGBColor(0x1F, 0x29, 0x33)
CARD_MM = 42.0
MOST_MM = 145.0
"""A picture's height: title, answer and map stand on the first page together."""
TITLE_PT, SMALLER_PT, TITLE_EM = 21, 17, 23.5
"""Sizes of the title, and how many em of the larger one fit a line."""
_LONG_AGO = datetime(2000, 1, 1)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def document_of(report: Report) -> bytes:
    """The document; the same report gives the same bytes."""
    writer = _Writer(report)
    for block, after in zip_longest(report.blocks, report.blocks[1:]):
        writer.write(block)
        if isinstance(block, Paragraph) and isinstance(after, Table):  # else a heading and a line end a page
            writer.document.paragraphs[-1].paragraph_format.keep_with_next = True
    held = io.BytesIO()
    writer.document.save(held)
    return _undated(held.getvalue())


def _em(words: str) -> float:
    """About how wide words are: a Chinese sign is an em."""
    return sum(1.0 if east_asian_width(sign) in "WF" else 0.53 for sign in words)


class _Writer:
    """Puts blocks into a document, one after the other."""

    def __init__(self, report: Report) -> None:
        self.document: Any = docx.Document()
        self.pictures = 0
        _set_page(self.document)
        _set_styles(self.document, report.lang)
        properties = self.document.core_properties
        properties.title, properties.author, properties.comments = plain(report.title)[:255], "circle", ""
        properties.language = {"en": "en-US", "zh": "zh-CN"}[report.lang]
        properties.created = properties.modified = _LONG_AGO
        title = self.document.add_heading(plain(report.title), 0)
        if TITLE_EM < _em(plain(report.title)) < TITLE_EM * TITLE_PT / SMALLER_PT:  # else one word stands alone
            title.runs[0].font.size = Pt(SMALLER_PT)
        self._paragraph(report.subtitle, size=9.5, colour=SOFT)

    @singledispatchmethod
    def write(self, block: Block) -> None:
        """Append a block."""
        raise TypeError(block)

    @write.register
    def _(self, block: Heading) -> None:
        heading = self.document.add_heading(plain(block.words), block.level)
        heading.paragraph_format.page_break_before = block.new_page

    @write.register
    def _(self, block: Paragraph) -> None:
        looks: dict[str, dict[str, Any]] = {
            "lead": {"size": 14, "bold": True},
            "note": {"size": 9, "colour": SOFT},
            "plain": {},
        }
        self._paragraph(block.words, **looks[block.kind])

    @write.register
    def _(self, block: Items) -> None:
        for line in block.lines:
            self.document.add_paragraph(
                in_order(plain(line)).strip(), style="List Bullet 2" if line.startswith(" ") else "List Bullet"
            )

    @write.register
    def _(self, block: Facts) -> None:
        table = self._table(2, len(block.pairs), None)
        for column, (number, what) in enumerate(block.pairs):
            _fill(table.cell(0, column), number, size=17, bold=True)
            _fill(table.cell(1, column), what, size=8.5, colour=SOFT)
        keep_together(table)
        self._paragraph("", size=4)

    @write.register
    def _(self, block: Table) -> None:
        caption = self._paragraph(block.caption, size=9.5, bold=True)
        caption.paragraph_format.keep_with_next = True
        caption.paragraph_format.space_before, caption.paragraph_format.space_after = Pt(4), Pt(4)
        heads = (1 if block.spans else 0) + 1
        table = self._table(len(block.rows) + heads, len(block.columns), None)
        rule(table, heads)
        rows = [list(row.cells) for row in table.rows]  # once: python-docx looks through all of them
        column = 0
        for words, count in block.spans:
            first = rows[0][column].merge(rows[0][column + count - 1])
            _fill(first, words, size=8, bold=True, centred=True)
            column += count
        size = font_size(len(block.columns))
        lines = [block.columns, *block.rows]
        for number, cells in enumerate(lines, heads - 1):
            strong = number == heads - 1 or number - heads in block.strong_rows
            for place, words in enumerate(cells):
                _fill(rows[number][place], words, size=size, bold=strong, right=place >= block.words_first)
        for number, row in enumerate(table.rows):
            mark_row(row, head=number < heads)
        set_widths(table, widths(block))
        if block.fits_a_page:
            keep_together(table)
        else:
            keep_ends(table, heads)
        self._paragraph("", size=4)

    @write.register
    def _(self, block: Picture) -> None:
        holder = self.document.add_paragraph()
        holder.paragraph_format.keep_with_next = bool(block.caption)
        holder.alignment = WD_ALIGN_PARAGRAPH.CENTER
        wide, high = block.drawing.size_mm
        self._picture(holder, block, min(TEXT_MM, MOST_MM * wide / high))
        if block.caption:
            self._paragraph(block.caption, size=9, colour=SOFT)
        if words := block.drawing.numbered:
            self._paragraph(_key(words), size=8, colour=SOFT)

    @write.register
    def _(self, block: Card) -> None:
        table = self._table(1, 2, None)
        left, right = table.rows[0].cells
        self._picture(left.paragraphs[0], block.picture, CARD_MM)
        _fill(right, block.title, size=11, bold=True)
        for line in block.lines:
            _add(right.add_paragraph(), line, size=9)
        if words := block.picture.drawing.numbered:
            _add(right.add_paragraph(), _key(words), size=8, colour=SOFT)
        set_widths(table, [CARD_MM + 4, TEXT_MM - CARD_MM - 4])
        mark_row(table.rows[0], head=False)
        self._paragraph("", size=4)

    def _paragraph(self, words: str, **look: Any) -> Any:
        paragraph = self.document.add_paragraph()
        _add(paragraph, words, **look)
        return paragraph

    def _table(self, rows: int, columns: int, style: str | None) -> Any:
        table = self.document.add_table(rows, columns, style=style)
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        return table

    def _picture(self, paragraph: Any, picture: Picture, width_mm: float) -> None:
        self.pictures += 1
        shape = paragraph.add_run().add_picture(io.BytesIO(picture.drawing.png()), width=Mm(width_mm))
        told = shape._inline.docPr
        told.set("descr", plain(picture.alt))
        told.set("name", picture.name)


def _key(words: Sequence[str]) -> str:
    """What the numbers in a picture stand for."""
    return "  ".join(f"[{number}] {word}" for number, word in enumerate(words, 1))


def _add(
    paragraph: Any, words: str, *, size: float | None = None, bold: bool = False, colour: RGBColor | None = None
) -> None:
    run = paragraph.add_run(in_order(plain(words)))
    run.bold = bold or None
    if size is not None:
        run.font.size = Pt(size)
    if colour is not None:
        run.font.color.rgb = colour


def _fill(cell: Any, words: str, *, right: bool = False, centred: bool = False, **look: Any) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1)
    if right or centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.CENTER
    _add(paragraph, words, **look)


def _set_page(document: Any) -> None:
    """A4, and the page's number below."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin, section.bottom_margin = Mm(16), Mm(18)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind in ("begin", None, "end"):
        run = foot.add_run()
        run.font.size = Pt(8)
        if kind is None:
            field = OxmlElement("w:instrText")
            field.set(qn("xml:space"), "preserve")
            field.text = "PAGE"
        else:
            field = OxmlElement("w:fldChar")
            field.set(qn("w:fldCharType"), kind)
        run._r.append(field)


def _set_styles(document: Any, lang: str) -> None:
    """Fonts for both scripts, and quiet headings."""
    sizes = {"Normal": 10, "Title": TITLE_PT, "Heading 1": 15, "Heading 2": 12, "List Bullet": 10, "List Bullet 2": 9.5}
    linked = {f"{name} Char": size for name, size in sizes.items() if name.startswith(("Title", "Heading"))}
    for name, size in {**sizes, **linked}.items():
        style = document.styles[name]
        style.font.name, style.font.size = LATIN, Pt(size)
        style.font.color.rgb = INK
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), CHINESE)
        fonts.set(qn("w:hAnsi"), LATIN)
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), "en-US")
        language.set(qn("w:eastAsia"), "zh-CN" if lang == "zh" else "en-US")
        style.element.get_or_add_rPr().append(language)
    document.styles["Normal"].paragraph_format.space_after = Pt(5)
    for name, before, after in (("Heading 1", 16, 6), ("Heading 2", 11, 4)):
        spaces = document.styles[name].paragraph_format
        spaces.space_before, spaces.space_after, spaces.keep_with_next = Pt(before), Pt(after), True
    for level in document.part.numbering_part.element.iter(qn("w:lvl")):
        _plain_bullet(level)


def _plain_bullet(level: Any) -> None:
    """A bullet that every font has: the template's are signs of a font that is not everywhere."""
    kind, sign = level.find(qn("w:numFmt")), level.find(qn("w:lvlText"))
    if kind is not None and kind.get(qn("w:val")) == "bullet" and sign is not None:
        sign.set(qn("w:val"), "•")
        for fonts in list(level.iter(qn("w:rFonts"))):
            fonts.getparent().remove(fonts)


def _undated(document: bytes) -> bytes:
    """The same archive with no times of day in it."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            new.writestr(entry, old.read(name))
    return held.getvalue()
