"""The last part of the report, for whoever prepared the data: files, rows, settings, all remarks as they were made."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from circle.errors import Problem, Severity, render
from circle.export.audit_words import facility_lines, piece_lines
from circle.export.words import limit_words, people_words, service_name, share_words
from circle.messages import text
from circle.model import Analysis, InputFile
from circle.report.blocks import Block, Heading, Items, Paragraph, Table
from circle.report.plain_text import plain

PROBLEMS = 40
"""Findings listed; the rest are counted, and stand in problems.xlsx and provenance.json."""
LONGEST = 600
"""Letters of a finding: a list of a thousand rows is not read on paper."""
DATUMS = {"gcj02": "GCJ-02", "bd09": "BD-09"}
LAYERS = (
    "extent", "osm", "roads", "barriers", "facilities", "population", "pattern", "buildings", "districts", "places",
    "elevation", "standard",
)  # fmt: skip
_ABOUT_PLACE = re.compile(r"crs|swapped|axes|facility\.far_from_roads|place\.outside")
"""Codes of findings on coordinate systems."""
_SIDE_FILES = (".shx", ".dbf", ".prj", ".cpg")
_REGION = "region"
_IN_DEGREES = (".osm", ".pbf")


def appendix_blocks(analysis: Analysis, lang: str) -> list[Block]:
    """Inputs, coordinate systems, everything that was told, places to look at, and how good the coloured areas are."""
    return [
        Heading(text("report.appendix", lang)),
        Paragraph(text("report.appendix_intro", lang)),
        *_inputs(analysis, lang),
        Heading(text("report.datums", lang), 2),
        *_datums(analysis, lang),
        *_problems(analysis, lang),
        *_places(analysis, lang),
        *_isochrones(analysis, lang),
    ]


def _inputs(analysis: Analysis, lang: str) -> list[Block]:
    """A row per layer with its coordinate system; what only belongs to one, in a line below."""
    region = analysis.region
    shown = _short_names([file.path for file in region.inputs])
    columns = tuple(text(f"report.input_{name}", lang) for name in ("layer", "file", "crs", "hash"))
    layers = [file for file in region.inputs if not _is_beside(file)]
    rows = tuple((_layers(file, lang), shown[file.path], _system(file, lang), _hash(file)) for file in layers)
    extent = text(f"report.extent_{region.extent.source}", lang)
    caption = text("report.inputs_table", lang, extent=extent)
    blocks: list[Block] = [Table("inputs", caption, columns, rows, words_first=4)]
    beside = [
        text("report.input_beside", lang, file=shown[file.path], hash=_hash(file))
        for file in region.inputs
        if _is_beside(file)
    ]
    if beside:
        files = text("words.list_joint", lang).join(beside)
        blocks.append(Paragraph(text("report.inputs_beside", lang, files=files), "note"))
    return blocks


def _is_beside(file: InputFile) -> bool:
    """Whether a file only belongs to others: the description of the region, and all of a shapefile but the shapes."""
    return file.layer == _REGION or file.path.lower().endswith(_SIDE_FILES)


def _layers(file: InputFile, lang: str) -> str:
    """What a file served as, in words."""
    parts = file.layer.split(", ")
    return text("words.list_joint", lang).join(
        text(f"layer.{part}", lang) if part in LAYERS else plain(part) for part in parts
    )


def _system(file: InputFile, lang: str) -> str:
    if file.crs:
        return DATUMS.get(file.crs, plain(file.crs))
    in_degrees = file.path.lower().endswith(_IN_DEGREES)
    return text("report.in_degrees" if in_degrees else "report.crs_with_table", lang)


def _hash(file: InputFile) -> str:
    return plain(file.sha256)[:12]


def _short_names(paths: list[str]) -> dict[str, str]:
    """Of paths of somebody's machine the last part, with its folder where several are called the same."""
    parsed = {path: (PureWindowsPath if "\\" in path else PurePosixPath)(path) for path in paths}
    often = Counter(path.name for path in parsed.values())
    last = {written: path.parts[-2 if often[path.name] > 1 else -1 :] for written, path in parsed.items()}
    absolute = {written for written, path in parsed.items() if path.is_absolute()}
    return {path: plain("/".join(last[path]) if path in absolute else path) for path in paths}


def _datums(analysis: Analysis, lang: str) -> list[Block]:
    """What spoke for and against the coordinate systems."""
    about = [problem for problem in analysis.problems if _ABOUT_PLACE.search(problem.code)]
    if not about:
        return [Paragraph(text("report.datums_none", lang))]
    told = _told(about, analysis, lang)
    return [Paragraph(text("report.datums_intro", lang)), Items(told)]


def _problems(analysis: Analysis, lang: str) -> list[Block]:
    """Warnings, then notes: what was told while reading and computing."""
    rest = [problem for problem in analysis.problems if not _ABOUT_PLACE.search(problem.code)]
    blocks: list[Block] = [Heading(text("report.problems", lang), 2)]
    if not rest:
        return [*blocks, Paragraph(text("report.problems_none", lang))]
    rest.sort(key=lambda problem: problem.severity is not Severity.WARNING)
    blocks.append(Items(_told(rest[:PROBLEMS], analysis, lang)))
    if len(rest) > PROBLEMS:
        blocks.append(Paragraph(text("report.problems_more", lang, count=len(rest) - PROBLEMS), "note"))
    return blocks


def _told(problems: list[Problem], analysis: Analysis, lang: str) -> tuple[str, ...]:
    """Findings as sentences; files by their short names."""
    shown = _short_names([file.path for file in analysis.region.inputs])
    long = sorted((path for path, name in shown.items() if path != name), key=len, reverse=True)
    lines = []
    for problem in problems:
        told = render(problem, lang)
        for path in long:
            told = told.replace(path, shown[path])
        told = plain(told)
        told = told if len(told) <= LONGEST else told[: LONGEST - 1] + "…"
        word = text(f"severity.{problem.severity.value}", lang)
        lines.append(text("report.told", lang, severity=word, sentence=told))
    return tuple(lines)


def _places(analysis: Analysis, lang: str) -> list[Block]:
    """Pieces of the network that lack something, and facilities far from roads, each by place or name."""
    lines = (*piece_lines(analysis, lang), *facility_lines(analysis, lang))
    return [Heading(text("report.places_to_look", lang), 2), Items(lines)] if lines else []


def _isochrones(analysis: Analysis, lang: str) -> list[Block]:
    """People on the wrong side of the coloured areas of the map: these areas decide nothing."""
    check, question = analysis.isochrone_check, analysis.settings
    if not len(check):
        return []
    services = list(dict.fromkeys(check["service"]))
    found = {(row["service"], row["limit"]): row for row in check.to_dict("records")}
    columns = [text("map.service", lang)]
    columns += [limit_words(limit, question, lang) for limit in question.limits]
    columns.append(text("report.column_step", lang))
    rows = tuple(
        _wrong(service, [found[service, limit.label] for limit in question.limits], lang) for service in services
    )
    caption = text("report.isochrones_table", lang)
    heading = Heading(text("report.isochrones", lang), 2)
    return [heading, Table("isochrones", caption, tuple(columns), rows)]


def _wrong(service: str, rows: list[dict[Hashable, Any]], lang: str) -> tuple[str, ...]:
    """Per limit the people on the wrong side and their share; the step of the grid."""
    cells = []
    for row in rows:
        people = people_words(row["people_inside_uncovered"] + row["people_outside_covered"])
        cells.append(text("report.people_share", lang, people=people, share=share_words(row["share_wrong"], lang)))
    steps = sorted({float(row["resolution_m"]) for row in rows})
    step = text("words.list_joint", lang).join(text("words.metres", lang, number=f"{one:g}") for one in steps)
    return service_name(service, lang), *cells, step
