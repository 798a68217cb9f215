"""The last part of the report: the method in words that a layman reads, and where everything comes from."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from circle import units
from circle.export.provenance import DISTRIBUTION
from circle.export.words import length_words, limit_words, service_name
from circle.gaps.zones import LEAST_PEOPLE
from circle.messages import text
from circle.model import Analysis
from circle.report.blocks import Block, Heading, Items, Paragraph
from circle.report.plain_text import plain

OSM_ENDINGS = (".pbf", ".osm", ".graphml")


def method_blocks(analysis: Analysis, lang: str) -> list[Block]:
    """How it was computed, and the sources."""
    question = analysis.settings
    shown = {
        "limit": limit_words(question.main, question, lang),
        "radius": length_words(question.radius_m(question.main), lang),
        "speed": f"{question.walking_speed_m_s * 3.6:.3g}",
        "factor": f"{units.CIRCUITY:g}",
    }
    slopes = "slopes" if analysis.region.elevation is not None and question.metric == "time" else "flat"
    steps = [
        text("report.method_residents", lang),
        text("report.method_network", lang),
        text(f"report.method_{question.metric}", lang, speed=shown["speed"]),
        *([text(f"report.method_{slopes}", lang)] if question.metric == "time" else []),
        text("report.method_legs", lang, factor=shown["factor"]),
        text("report.method_covered", lang, limit=shown["limit"]),
        text("report.method_straight", lang, radius=shown["radius"]),
        text("report.method_gaps", lang, limit=shown["limit"], least=f"{LEAST_PEOPLE:g}"),
        text("report.method_edge", lang),
    ]
    return [
        Heading(text("report.method", lang)),
        Items(tuple(steps)),
        Heading(text("report.sources", lang), 2),
        Items(tuple(_sources(analysis, lang))),
        Paragraph(text("report.made_with", lang, version=_version()), "note"),
    ]


def from_osm(analysis: Analysis) -> bool:
    """Whether any of the data is OpenStreetMap's."""
    return any(file.path.lower().endswith(OSM_ENDINGS) for file in analysis.region.inputs)


def _sources(analysis: Analysis, lang: str) -> list[str]:
    """The standard, row by row, with how far each has been checked; then whose data these are."""
    standard, asked = analysis.settings.standard, analysis.settings.is_of_standard
    name = plain(standard.zh if lang == "zh" else standard.en)
    lines = [text("report.source_standard" if asked else "report.source_own_limits", lang, name=name)]
    for row in standard.rows if asked else ():
        every = row.service == "*"
        service = text("report.every_service", lang) if every else service_name(row.service, lang)
        unit = "words.minutes" if standard.metric == "time" else "words.metres"
        lines.append(
            " "
            + text(
                "report.source_row", lang, service=service, limit=text(unit, lang, number=f"{row.limit:g}"),
                source=plain((row.source_zh or row.source) if lang == "zh" else row.source), clause=plain(row.clause),
                confidence=text(f"report.confidence_{row.confidence}", lang),
            )
        )  # fmt: skip
    if from_osm(analysis):
        lines.append(text("report.source_osm", lang))
    return [*lines, text("report.source_files", lang)]


def _version() -> str:
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:  # code that runs without being installed
        return "-"
