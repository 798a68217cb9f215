"""The part of the report on the data: how they were read, and what is doubtful about them."""

from __future__ import annotations

import re

from circle.errors import Problem, Severity, render
from circle.export.audit_words import audit_lines
from circle.export.words import limit_words, people_words, service_name, share_words
from circle.messages import text
from circle.model import Analysis, InputFile
from circle.report.blocks import Block, Heading, Items, Paragraph, Table
from circle.report.plain_text import plain

PROBLEMS = 40
"""Findings listed; the rest are counted, and stand in problems.xlsx and provenance.json."""
LONGEST = 600
"""Letters of a finding: a list of a thousand rows is not read on paper."""
_ABOUT_PLACE = re.compile(r"crs|swapped|axes|facility\.far_from_roads|place\.outside")
"""Codes of findings on coordinate systems."""


def doubts_blocks(analysis: Analysis, lang: str) -> list[Block]:
    """Inputs, the audit in people, coordinate systems, everything that was told, and how good the pictures are."""
    blocks: list[Block] = [
        Heading(text("report.data", lang)),
        Paragraph(text("report.data_intro", lang)),
        _inputs(analysis, lang),
        Heading(text("report.audit", lang), 2),
        Paragraph(text("report.audit_intro", lang)),
        Items(tuple(audit_lines(analysis, lang))),
        *_edge(analysis, lang),
        Heading(text("report.datums", lang), 2),
        *_datums(analysis, lang),
    ]
    return blocks + _problems(analysis, lang) + _isochrones(analysis, lang)


def _inputs(analysis: Analysis, lang: str) -> Table:
    region = analysis.region
    columns = tuple(text(f"report.input_{name}", lang) for name in ("layer", "file", "crs", "hash"))
    rows = [_input(file, lang) for file in region.inputs]
    extent = text(f"report.extent_{region.extent.source}", lang)
    caption = text("report.inputs_table", lang, extent=extent)
    return Table("inputs", caption, columns, tuple(rows), words_first=4)


def _input(file: InputFile, lang: str) -> tuple[str, ...]:
    crs = plain(file.crs) or text("words.unknown", lang)
    return plain(file.layer), plain(file.path), crs, plain(file.sha256)[:12]


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


def _datums(analysis: Analysis, lang: str) -> list[Block]:
    """What spoke for and against the coordinate systems."""
    about = [problem for problem in analysis.problems if _ABOUT_PLACE.search(problem.code)]
    if not about:
        return [Paragraph(text("report.datums_none", lang))]
    return [Paragraph(text("report.datums_intro", lang)), Items(tuple(_told(problem, lang) for problem in about))]


def _problems(analysis: Analysis, lang: str) -> list[Block]:
    """Warnings, then notes: what was told while reading and computing."""
    rest = [problem for problem in analysis.problems if not _ABOUT_PLACE.search(problem.code)]
    blocks: list[Block] = [Heading(text("report.problems", lang), 2)]
    if not rest:
        return [*blocks, Paragraph(text("report.problems_none", lang))]
    rest.sort(key=lambda problem: problem.severity is not Severity.WARNING)
    lines = [_told(problem, lang) for problem in rest[:PROBLEMS]]
    blocks.append(Items(tuple(lines)))
    if len(rest) > PROBLEMS:
        blocks.append(Paragraph(text("report.problems_more", lang, count=len(rest) - PROBLEMS), "note"))
    return blocks


def _told(problem: Problem, lang: str) -> str:
    word = text(f"severity.{problem.severity.value}", lang)
    told = plain(render(problem, lang))
    told = told if len(told) <= LONGEST else told[: LONGEST - 1] + "…"
    return text("report.told", lang, severity=word, sentence=told)


def _isochrones(analysis: Analysis, lang: str) -> list[Block]:
    """People on the wrong side of the coloured areas of the map: these areas decide nothing."""
    check, question = analysis.isochrone_check, analysis.settings
    if not len(check):
        return []
    limits = {limit.label: limit_words(limit, question, lang) for limit in question.limits}
    columns = tuple(
        text(key, lang)
        for key in (
            "map.service",
            "report.column_limit",
            "report.column_wrong",
            "report.column_share",
            "report.column_step",
        )
    )
    rows = tuple(
        (
            service_name(row["service"], lang),
            limits[row["limit"]],
            people_words(row["people_inside_uncovered"] + row["people_outside_covered"]),
            share_words(row["share_wrong"], lang),
            text("words.metres", lang, number=f"{row['resolution_m']:g}"),
        )
        for row in check.to_dict("records")
    )
    caption = text("report.isochrones_table", lang)
    return [Table("isochrones", caption, columns, rows, words_first=2)]
