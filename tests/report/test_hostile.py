"""Text from data in every column is shown as text: in the page, in its drawings and in the document."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from circle.errors import Problem, Severity
from circle.messages import LANGUAGES
from circle.report import report_files
from circle.report.plain_text import plain
from tests.export.town import town_analysis
from tests.report.reading import document_tables, document_words, read_page

SCRIPT = "<img src=x onerror=alert(1)></script></svg></style><script>alert(2)</script>"
HOSTILES = {
    "markup": SCRIPT + "\"' ]]> --> &lt; &#x3c;script",
    "templates": "${alert(3)} {{7*7}} {people} {0} %s $x^2$ \\frac{1}{2} $",
    "controls": "a\x00b\x07\x1b[31m\x0b\ufffe\u202eevil\u2066\x7f\x85",
    "long": "很长的名字" * 60,
    "link": "javascript:alert(4) =HYPERLINK(\"http://x\") @import url(x)",
    "lines": "one\n\ntwo\r\nthree\ttab\u2028four",
}
TAGS = {
    "html", "head", "meta", "link", "title", "style", "body", "main", "header", "h1", "h2", "h3", "p", "dl", "div", "dt", "dd",
    "figure", "figcaption", "table", "caption", "thead", "tbody", "tr", "th", "td", "ul", "li", "section", "svg", "g", "path",
    "text", "tspan", "use", "defs", "clippath", "rect",
}  # fmt: skip


def hostile_analysis(words: str):
    analysis = town_analysis(hostile=words)
    problem = Problem("table.column_missing", Severity.NOTE, {"wanted": words, "found": words, "example": words}, file=words)
    evidence = Problem("crs.old_datum", Severity.WARNING, {"datum": words, "crs": words}, file=words)
    standard = analysis.settings.standard.model_copy(update={"en": words, "zh": words})
    rows = tuple(row.model_copy(update={"source": words, "clause": words}) for row in standard.rows)
    question = replace(analysis.settings, standard=standard.model_copy(update={"rows": rows}))
    return replace(analysis, problems=(*analysis.problems, problem, evidence), settings=question)


@pytest.mark.parametrize("kind", HOSTILES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_holds_it_as_text_and_no_tag_or_attribute_of_its_making(kind, lang):
    words = HOSTILES[kind]
    files = report_files(hostile_analysis(words), lang)
    text = files["report.html"].decode("utf-8")
    page = read_page(text)
    assert {tag for tag, _ in page.tags} <= TAGS
    assert not any(name.startswith("on") or name in ("src", "srcset", "formaction") for _, attrs in page.tags for name in attrs)
    links = {attrs.get(name) for _, attrs in page.tags for name in ("href", "xlink:href")} - {None}
    assert all(link.startswith("#") or link == "data:," for link in links)
    obeyed = [value or "" for _, attrs in page.tags for name, value in attrs.items() if name != "aria-label"]
    assert not any("url(" in value and "url(#" not in value for value in obeyed)
    shown = " ".join(page.words.split())
    assert " ".join(plain(f"青溪{words}").split()) in shown
    assert " ".join(plain(f"卫生院{words}").split()) in shown
    for fragment in _drawings(text):
        ElementTree.fromstring(fragment)


@pytest.mark.parametrize("kind", HOSTILES)
def test_the_document_holds_it_as_text_and_is_whole(kind):
    words = HOSTILES[kind]
    content = report_files(hostile_analysis(words), "zh")["report.docx"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(archive.read(name))
    shown = document_words(content) + "\n".join(cell for table in document_tables(content) for row in table for cell in row)
    assert " ".join(plain(f"青溪{words}").split()) in " ".join(shown.split())
    assert "alert(2)" in shown or kind != "markup"


def _drawings(text: str) -> list[str]:
    return [part[: part.index("</svg>") + 6] for part in ("<svg" + rest for rest in text.split("<svg")[1:])]
