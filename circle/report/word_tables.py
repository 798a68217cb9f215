"""The tables of ``report.docx``: how wide their columns are, where lines are drawn, what is not torn by a page."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from docx.enum.table import WD_ALIGN_VERTICAL
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm

from circle.report.blocks import Table

TEXT_MM = 174.0
_MARGIN_MM = 1.2
"""Left and right of a cell's words."""
_ABOVE_MM = 0.6
"""Above and below them: 34 twips, so that no word touches a line."""
_NARROW_EM, _WIDE_EM = 0.72, 1.04
"""Of bold letters in a wide font: whoever has not the one asked for must not have numbers broken either."""
_MM_PER_POINT = 25.4 / 72
_SIGNS_TOGETHER = 3
"""Chinese signs of a head that stay side by side."""
_WORD_MM = 42.0
"""The longest single word that a column is made wide enough for."""


def font_size(columns: int) -> float:
    """Points of a table's words."""
    return 8.0 if columns < 9 else 7.5


def widths(block: Table) -> list[float]:
    """
    Millimetres of the columns: no number is broken and no word torn; what is left goes to whoever has long text.

    Parameters
    ----------
    block
        The table.
    """
    size = font_size(len(block.columns)) * _MM_PER_POINT
    least, full = [], []
    for column, head in enumerate(block.columns):
        cells = [row[column] for row in block.rows]
        pieces = [piece for words in [head, *(cells if column < block.words_first else ())] for piece in words.split()]
        whole = cells if column >= block.words_first else []
        need = max([_piece_em(piece) for piece in pieces] + [_em(cell) for cell in whole], default=1.0)
        least.append(min(need * size, _WORD_MM) + 2 * _MARGIN_MM)
        full.append(max(least[-1], max(map(_em, [head, *cells])) * size + 2 * _MARGIN_MM))
    return _shared_out(least, full)


def _shared_out(least: list[float], full: list[float]) -> list[float]:
    spare = TEXT_MM - sum(least)
    if spare <= 0:
        return [TEXT_MM * width / sum(least) for width in least]
    wanted = [whole - width for whole, width in zip(full, least, strict=True)]
    if sum(wanted) > spare:
        return [width + spare * more / sum(wanted) for width, more in zip(least, wanted, strict=True)]
    return [TEXT_MM * whole / sum(full) for whole in full]


def _em(words: str) -> float:
    return sum(_WIDE_EM if unicodedata.east_asian_width(sign) in "WF" else _NARROW_EM for sign in words)


def _piece_em(piece: str) -> float:
    """What of a word stays together: Chinese may go on in the next line after any sign, but one sign alone is ugly."""
    runs, narrow = [0.0], 0.0
    for sign in piece:
        wide = unicodedata.east_asian_width(sign) in "WF"
        narrow = 0.0 if wide else narrow + _NARROW_EM
        runs.append(narrow)
    signs = sum(unicodedata.east_asian_width(sign) in "WF" for sign in piece)
    return max(*runs, _WIDE_EM * min(signs, _SIGNS_TOGETHER))


def set_widths(table: Any, widths_mm: Sequence[float]) -> None:
    """Both where Word looks and where others do."""
    table.autofit = False
    for grid, width in zip(table._tbl.tblGrid.findall(qn("w:gridCol")), widths_mm, strict=True):
        grid.set(qn("w:w"), str(Mm(width).twips))
    for row in table._tbl.tr_lst:
        column = 0
        for cell in row.tc_lst:
            span = cell.grid_span
            cell.width = Mm(sum(widths_mm[column : column + span]))
            column += span


def mark_row(row: Any, *, head: bool) -> None:
    """No row is torn by the end of a page; heads come again on the next."""
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))


def rule(table: Any, heads: int) -> None:
    """
    Thin lines between rows, strong ones below the head and at the end; words in the middle of a row's height.

    Chinese is set higher than digits are, so cells on one line would else stand on two.
    """
    borders = OxmlElement("w:tblBorders")
    for side, size, colour in (("top", 8, "1F2933"), ("bottom", 8, "1F2933"), ("insideH", 4, "D5DAE0")):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", size), ("space", 0), ("color", colour)):
            line.set(qn(f"w:{name}"), str(value))
        borders.append(line)
    table._tbl.tblPr.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")
    _set_margins(table)
    for number, row in enumerate(table._tbl.tr_lst):
        for cell in row.tc_lst:
            cell.get_or_add_tcPr().vAlign_val = WD_ALIGN_VERTICAL.BOTTOM if number < heads else WD_ALIGN_VERTICAL.CENTER
    for cell in table.rows[heads - 1].cells:
        below = OxmlElement("w:tcBorders")
        line = OxmlElement("w:bottom")
        for name, value in (("val", "single"), ("sz", 8), ("space", 0), ("color", "1F2933")):
            line.set(qn(f"w:{name}"), str(value))
        below.append(line)
        cell._tc.get_or_add_tcPr().insert_element_before(below, "w:shd", "w:noWrap", "w:tcMar", "w:vAlign")


def _set_margins(table: Any) -> None:
    """In the order that the schema asks for: above, left, below, right."""
    margins = OxmlElement("w:tblCellMar")
    for side, wide_mm in (("top", _ABOVE_MM), ("left", _MARGIN_MM), ("bottom", _ABOVE_MM), ("right", _MARGIN_MM)):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(Mm(wide_mm).twips))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")


def keep_together(table: Any) -> None:
    """A short table stays on one page."""
    _keep_with_next(table.rows[:-1])


def keep_ends(table: Any, heads: int) -> None:
    """Of a long table two rows stay with its heads, and three at its end with each other."""
    _keep_with_next([*table.rows[: heads + 2], *table.rows[-3:-1]])


def _keep_with_next(rows: Iterable[Any]) -> None:
    for row in rows:
        for paragraph in row._tr.iter(qn("w:p")):
            paragraph.get_or_add_pPr().get_or_add_keepNext()
