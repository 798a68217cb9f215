"""The files of a report: made together, because they share what is drawn."""

from __future__ import annotations

from collections.abc import Mapping

from circle.errors import Problem, Severity
from circle.model import Analysis
from circle.report.browser import find_browser, page_as_pdf
from circle.report.content import report_of
from circle.report.drawings import draw_all
from circle.report.fonts import has_chinese, legible
from circle.report.html_page import page_of
from circle.report.plain_text import plain
from circle.report.word_file import document_of

PAGE, DOCUMENT, PDF = "report.html", "report.docx", "report.pdf"


def file_names(*, pdf: bool = False) -> tuple[str, ...]:
    """What `report_files` will make.

    Raises
    ------
    ResourceError
        If `pdf` is asked for and there is no browser that prints.
    """
    if pdf:
        find_browser()
        return PAGE, DOCUMENT, PDF
    return PAGE, DOCUMENT


def font_problems(analysis: Analysis, lang: str) -> tuple[Problem, ...]:
    """That names could not be written into pictures, where that is so."""
    if has_chinese():
        return ()
    region = analysis.region
    names = set(region.facilities.table["name"])
    if region.districts is not None:
        names |= set(region.districts.frame["district_name"])
    if region.settlements is not None:
        names |= set(region.settlements.frame["name"])
    if lang != "zh" and all(legible(plain(name)) for name in names):
        return ()
    return (Problem("report.no_chinese_font", Severity.WARNING),)


def report_files(analysis: Analysis, lang: str, *, pdf: bool = False) -> Mapping[str, bytes]:
    """The files of a report by their names.

    Parameters
    ----------
    analysis
        The whole answer.
    lang
        ``"en"`` or ``"zh"``.
    pdf
        Print the page too.

    Returns
    -------
    dict of str to bytes
        ``report.html``, ``report.docx``, and ``report.pdf`` where it was asked for. The same analysis gives the same
        bytes, with the same libraries and fonts; of the PDF that much is the browser's affair.

    Raises
    ------
    ResourceError
        If there is no browser that prints.
    """
    report = report_of(analysis, draw_all(analysis, lang, strips=True), lang)
    page = page_of(report).encode("utf-8")
    files = {PAGE: page, DOCUMENT: document_of(report)}
    return {**files, PDF: page_as_pdf(page)} if pdf else files
