"""Sheets of ``indicators.xlsx`` about the data: how they were read, what is doubtful, and what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from circle import units
from circle.errors import Problem, render
from circle.export.group_words import group_names
from circle.export.topics import Columns, in_languages
from circle.export.words import limit_words, service_name
from circle.export.workbook import Sheet, both
from circle.messages import LANGUAGES, text
from circle.model import Analysis, InputFile
from circle.settings import Question, StandardRow

Said = dict[str, str]


class Figure(NamedTuple):
    """One figure about the data; what does not apply is None."""

    item: Said
    what: str | None = None
    people: float | None = None
    share: float | None = None
    length_m: float | None = None
    lon: float | None = None
    lat: float | None = None


def quality_sheet(analysis: Analysis, columns: Columns) -> Sheet:
    """The audit: in people, by service, by piece of network, by place."""
    rows = _figures(analysis)
    made = columns.in_both("item", [row.item for row in rows])
    made.append(columns.make("what", "text", [row.what for row in rows]))
    made.append(columns.make("people", "people", [row.people for row in rows]))
    made.append(columns.make("share_of_people", "share", [row.share for row in rows]))
    made.append(columns.make("length_m", "metres", [row.length_m for row in rows]))
    made += [columns.make(axis, "degrees", [getattr(row, axis) for row in rows]) for axis in ("lon", "lat")]
    return Sheet(both("workbook.sheet_quality"), made)


def findings_sheet(analysis: Analysis, columns: Columns) -> Sheet:
    """Warnings and notes, of reading and of the analysis."""
    problems = analysis.problems
    made = [columns.make("severity", "text", [both(f"severity.{problem.severity.value}") for problem in problems])]
    made.append(columns.make("file", "text", [problem.file for problem in problems]))
    made.append(columns.make("layer", "text", [problem.layer for problem in problems]))
    made.append(columns.make("row", "text", [None if p.row is None else str(p.row) for p in problems]))
    made += columns.in_both("finding", [_said(problem) for problem in problems])
    return Sheet(both("workbook.sheet_findings"), made)


def question_sheet(analysis: Analysis, columns: Columns) -> Sheet:
    """What was asked, of what data."""
    rows = [*_asked(analysis), *(_input(file) for file in analysis.region.inputs)]
    made = columns.in_both("item", [item for item, _ in rows]) + columns.in_both("value", [value for _, value in rows])
    return Sheet(both("workbook.sheet_question"), made)


def _figures(analysis: Analysis) -> list[Figure]:
    seen = analysis.audit
    total = float(seen.people["total"])

    def share(people: float) -> float | None:
        return people / total if total > 0 else None

    rows = [
        Figure(in_languages(f"quality.{name}"), None, people, share(people)) for name, people in seen.people.items()
    ]
    edge = in_languages("quality.edge_affected")
    rows += [Figure(edge, _service(key), people, share(people)) for key, people in seen.edge_affected.items()]
    return [*rows, *_drawn(analysis), *_places(analysis)]


def _drawn(analysis: Analysis) -> list[Figure]:
    """People on the wrong side of the drawn areas; their share is of those whom the check counted."""
    question: Question = analysis.settings
    limits = {limit.label: limit for limit in question.limits}
    rows = []
    for row in analysis.isochrone_check.to_dict("records"):
        limit = limits[row["limit"]]
        item = {lang: text("quality.wrong_side", lang, limit=limit_words(limit, question, lang)) for lang in LANGUAGES}
        people = row["people_inside_uncovered"] + row["people_outside_covered"]
        rows.append(Figure(item, _service(row["service"]), people, row["share_wrong"]))
    return rows


def _places(analysis: Analysis) -> list[Figure]:
    """Pieces of the network that lack a service, the longest ways to a road, facilities far from any."""
    seen = analysis.audit
    pieces = seen.pieces[seen.pieces["lacking"] > 0] if "lacking" in seen.pieces else seen.pieces.head(0)
    named = (("piece", pieces), ("long_leg", seen.long_legs), ("far_facility", seen.far_facilities))
    position = analysis.region.facilities.table.set_index("facility_id")[["lon", "lat"]]
    rows = []
    for key, table in named:
        for row in table.to_dict("records"):
            at = position.loc[row["facility_id"]] if "facility_id" in row else row
            people = row.get("lacking", row.get("people"))
            what = row.get("name") or row.get("facility_id") or row.get("district_name")
            length = row.get("leg_m", row.get("length_m"))
            lon, lat = (float(at[axis]) for axis in ("lon", "lat"))
            rows.append(Figure(in_languages(f"quality.{key}"), what, people, None, length, lon, lat))
    return rows


def _service(key: str) -> str:
    return " ".join(dict.fromkeys(service_name(key, lang) for lang in reversed(LANGUAGES)))


def _said(problem: Problem) -> Said:
    """The finding without its place, which has cells of its own."""
    return {lang: render(Problem(problem.code, problem.severity, problem.fields), lang) for lang in LANGUAGES}


def _asked(analysis: Analysis) -> list[tuple[Said, Said]]:
    question: Question = analysis.settings
    kind = analysis.region.population_kind
    speed = f"{question.walking_speed_m_s / units.kmh_to_m_s(1.0):g}"
    slopes = "asked.slopes_no" if analysis.region.elevation is None else "asked.slopes_yes"
    standard, rows = question.standard, question.standard.rows if question.is_of_standard else ()
    values: dict[str, Said] = {
        "region": _same(analysis.region.name),
        "population_kind": in_languages("asked.not_said" if kind is None else f"population_kind.{kind}"),
        "standard": {"en": standard.en, "zh": standard.zh} if rows else in_languages("asked.own_limits"),
        "basis": {lang: _basis(rows, lang) for lang in LANGUAGES},
        "metric": in_languages(f"asked.metric_{question.metric}"),
        "limits": _listed([[limit_words(limit, question, lang) for limit in question.limits] for lang in LANGUAGES]),
        "walking_speed": in_languages("asked.kmh", speed=speed),
        "circuity": _same(f"{units.CIRCUITY:g}"),
        "slopes": in_languages(slopes),
        "services": _listed([[service_name(key, lang) for key in analysis.reach] for lang in LANGUAGES]),
        "groups": _listed([group_names(analysis.residents.groups, lang) for lang in LANGUAGES]),
        "projection": _same(analysis.network.crs),
    }
    return [(in_languages(f"asked.{name}"), value) for name, value in values.items()]


def _basis(rows: Sequence[StandardRow], lang: str) -> str:
    """Where the limits come from."""
    sources = [(row.source_zh or row.source) if lang == "zh" else row.source for row in rows]
    sure = [text(f"report.confidence_{row.confidence}", lang) for row in rows]
    said = [f"{source}, {row.clause} ({word})" for source, row, word in zip(sources, rows, sure, strict=True)]
    return "; ".join(said)


def _input(file: InputFile) -> tuple[Said, Said]:
    value = in_languages("asked.input_value", path=file.path, crs=file.crs or "-", digest=file.sha256)
    return in_languages("asked.input", layer=file.layer), value


def _listed(items: Any) -> Said:
    return {lang: text("words.list_joint", lang).join(own) for lang, own in zip(LANGUAGES, items, strict=True)}


def _same(words: str) -> Said:
    return dict.fromkeys(LANGUAGES, words)
