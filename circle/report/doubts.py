"""The part of the report on the data, in a layman's words: what is doubtful, and what that means for the figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from circle.errors import Problem, Severity
from circle.export.audit_words import leg_lines, people_lines
from circle.export.words import people_words, service_name, share_words
from circle.messages import text
from circle.model import Analysis
from circle.reference import table
from circle.report.blocks import Block, Heading, Items, Paragraph, Table

SAID, OTHER = "said", "other"
"""Topics of findings that other parts of the report speak of; and of those that no topic knows."""


def doubts_blocks(analysis: Analysis, lang: str) -> list[Block]:
    """What is doubtful, how people join the roads, who lives near the edge of the data."""
    doubts = tuple(doubt_lines(analysis.problems, lang))
    return [
        Heading(text("report.data", lang)),
        Paragraph(text("report.data_intro", lang)),
        Heading(text("report.doubts", lang), 2),
        Items(doubts) if doubts else Paragraph(text("report.doubts_none", lang)),
        Heading(text("report.audit", lang), 2),
        Paragraph(text("report.audit_intro", lang)),
        Items((*people_lines(analysis, lang), *_roads(analysis, lang), *leg_lines(analysis, lang))),
        *_edge(analysis, lang),
    ]


def doubt_lines(problems: Iterable[Problem], lang: str) -> Iterator[str]:
    """
    What the findings mean for the figures, a sentence per topic, warnings first.

    Files, rows and settings are not among the words: they stand in the appendix.

    Parameters
    ----------
    problems
        Whatever was found.
    lang
        ``"en"`` or ``"zh"``.
    """
    found: dict[str, list[Problem]] = {}
    for problem in sorted(problems, key=lambda problem: problem.severity is Severity.NOTE):
        topic = topic_of(problem)
        if topic is not None:
            found.setdefault(topic, []).append(problem)
    others = found.pop(OTHER, [])
    for topic, mine in found.items():
        counted = table("report_doubts")[topic].get("counted", ())
        yield text(f"report.doubt_{topic}", lang, **_sums(mine, counted))
    if others:
        yield text(f"report.doubt_{OTHER}", lang, count=len(others))


def topic_of(problem: Problem) -> str | None:
    """Of which topic a finding is; None of what means nothing for the figures, or is said elsewhere."""
    for topic, about in table("report_doubts").items():
        if any(fnmatchcase(problem.code, code) for code in about["codes"]):
            heard = problem.severity is not Severity.NOTE or about.get("notes", False)
            return topic if heard and topic != SAID else None
    return OTHER if problem.severity is not Severity.NOTE else None


def _sums(problems: list[Problem], names: Iterable[str]) -> dict[str, str]:
    return {name: f"{sum(int(str(problem.fields[name])) for problem in problems):,}" for name in names}


def _roads(analysis: Analysis, lang: str) -> list[str]:
    """Pieces of the network that lack a service, and facilities away from all roads; the appendix names them."""
    pieces, far = analysis.audit.pieces, analysis.audit.far_facilities
    lacking = pieces[pieces["lacking"] > 0]
    lines = []
    if len(lacking):
        people = people_words(float(lacking["lacking"].sum()))
        shown: dict[str, Any] = {"pieces": f"{len(pieces):,}", "lacking": f"{len(lacking):,}", "people": people}
        lines.append(text("report.pieces", lang, **shown))
    if len(far):
        total = len(analysis.region.facilities.table)
        lines.append(text("report.far_facilities", lang, count=f"{len(far):,}", total=f"{total:,}"))
    return lines


def _edge(analysis: Analysis, lang: str) -> list[Block]:
    """People whose answer depends on what lies beyond the data, per service."""
    affected = analysis.audit.edge_affected
    if not any(people > 0 for people in affected.values()):  # and where nobody lives
        return [Paragraph(text("report.edge_nobody", lang))]
    total = float(analysis.summary["people"].iloc[0])
    columns = (text("map.service", lang), text("report.column_people", lang), text("report.column_share", lang))
    rows = [
        (service_name(service, lang), people_words(people), share_words(people / total, lang))
        for service, people in affected.items()
    ]
    return [Table("edge", text("report.edge_table", lang), columns, tuple(rows))]
