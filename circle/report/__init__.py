"""The report that is handed on: figures, ``report.html``, ``report.docx`` and, by a browser, ``report.pdf``.

What it says is put together once (`content`), as blocks that know nothing of HTML or Word; two writers turn the same
blocks into a page and into a document, so that both say the same. Nothing is computed here: every number is one of the
`Analysis`. matplotlib and python-docx are imported when a report is asked for, and not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from circle.lazily import names_from

if TYPE_CHECKING:
    from circle.report.drawings import draw_all
    from circle.report.files import DOCUMENT, PAGE, file_names, font_problems, report_files
    from circle.report.words_of import REPORT_WORDS

__all__ = ["DOCUMENT", "PAGE", "REPORT_WORDS", "draw_all", "file_names", "font_problems", "report_files"]

_HOMES = {"draw_all": "drawings", "REPORT_WORDS": "words_of"}

__getattr__ = names_from(__name__, {name: _HOMES.get(name, "files") for name in __all__})
