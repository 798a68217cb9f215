"""What the report says, in its order."""

from __future__ import annotations

from functools import reduce

from circle.export.words import (
    ALL_SERVICES,
    answer,
    kind_words,
    length_words,
    limit_words,
    people_words,
    service_name,
    share_words,
)
from circle.messages import text
from circle.model import Analysis
from circle.report.appendix import appendix_blocks
from circle.report.blocks import Block, Card, Facts, Heading, Paragraph, Picture, Report
from circle.report.coverage import coverage_blocks
from circle.report.doubts import doubts_blocks
from circle.report.drawing import Drawing
from circle.report.gaps import gap_lines, gap_name, gap_title, largest_gaps
from circle.report.marks import asked
from circle.report.method import from_osm, method_blocks
from circle.report.plain_text import plain


def report_of(analysis: Analysis, drawings: dict[str, Drawing], lang: str) -> Report:
    """The whole report as blocks.

    Parameters
    ----------
    analysis
        The whole answer.
    drawings
        From `draw_all`, in the same language.
    lang
        ``"en"`` or ``"zh"``.
    """
    question = analysis.settings
    limit = limit_words(question.main, question, lang)
    title = text("report.title", lang, region=plain(analysis.region.name), limit=limit)
    blocks = (
        *_answer(analysis, drawings, lang),
        *coverage_blocks(analysis, drawings, lang),
        *_gaps(analysis, drawings, lang),
        *doubts_blocks(analysis, lang),
        *method_blocks(analysis, lang),
        *appendix_blocks(analysis, lang),
    )
    return Report(lang, title, _subtitle(analysis, lang), blocks)


def _subtitle(analysis: Analysis, lang: str) -> str:
    """What was asked: the standard, and the speed or that metres were counted."""
    question = analysis.settings
    standard = plain(question.standard.zh if lang == "zh" else question.standard.en)
    if not question.is_of_standard:
        limits = text("words.list_joint", lang).join(limit_words(limit, question, lang) for limit in question.limits)
        standard = text("report.own_limits", lang, limits=limits)
    speed = f"{question.walking_speed_m_s * 3.6:.3g}"
    key = "report.subtitle_time" if question.metric == "time" else "report.subtitle_distance"
    return text(key, lang, standard=standard, speed=speed)


def _answer(analysis: Analysis, drawings: dict[str, Drawing], lang: str) -> list[Block]:
    question = analysis.settings
    limit = limit_words(question.main, question, lang)
    blocks: list[Block] = [Paragraph(answer(analysis, lang), "lead")]
    row = analysis.summary[analysis.summary["service"] == ALL_SERVICES].to_dict("records")[0]
    label = question.main.label
    people, covered = float(row["people"]), float(row[f"covered_{label}"])
    if people > 0:
        lacking = people - covered - float(row["unknown"])
        straight = float(row[f"straight_share_{label}"])
        kind = kind_words(analysis.region.population_kind, lang)
        pairs = [
            (people_words(people), text("report.fact_people", lang, kind=kind)),
            (share_words(float(row[f"share_{label}"]), lang), text("report.fact_share", lang, limit=limit)),
            (share_words(straight, lang), text("report.fact_straight", lang)),
            (people_words(lacking), text("report.fact_lacking", lang, limit=limit)),
        ]
        blocks.append(Facts(tuple(pairs)))
        radius = length_words(question.radius_m(question.main), lang)
        blocks.append(Paragraph(text("report.straight_note", lang, radius=radius, limit=limit), "note"))
    blocks.append(_map(analysis, drawings, lang))
    return blocks


def _map(analysis: Analysis, drawings: dict[str, Drawing], lang: str) -> Picture:
    """The map of the region; its caption speaks of what it shows."""
    region = plain(analysis.region.name)
    gaps = largest_gaps(analysis)
    told = []
    if len(analysis.gaps):
        told.append(text("report.map_shaded" if len(asked(analysis)) > 1 else "report.map_shaded_one", lang))
    if gaps:
        told.append(text("report.map_numbers", lang, count=len(gaps)))
    if "map_sites" in drawings:
        told.append(text("report.map_enlarged", lang))
    if from_osm(analysis):
        told.append(text("map.osm", lang))
    caption = reduce(lambda first, second: text("report.sentences", lang, first=first, second=second), told or [""])
    alt = text("report.map_alt" if gaps else "report.map_alt_plain", lang, region=region)
    return Picture("map", drawings["map"], caption, alt)


def _gaps(analysis: Analysis, drawings: dict[str, Drawing], lang: str) -> list[Block]:
    """The ten largest gaps, a card each."""
    gaps = largest_gaps(analysis)
    blocks: list[Block] = [Heading(text("report.gaps", lang))]
    if not gaps:
        key = "report.gaps_none" if not len(analysis.gaps) else "report.gaps_small"
        people = people_words(float(analysis.gaps["people"].sum()))
        return [*blocks, Paragraph(text(key, lang, people=people))]
    zones = int((analysis.gaps["kind"] == "zone").sum())
    blocks.append(Paragraph(text("report.gaps_intro", lang, shown=len(gaps), zones=f"{zones:,}")))
    if "map_sites" in drawings:
        told = text("report.map_sites", lang)
        blocks.append(Picture("map_sites", drawings["map_sites"], told, told))
    for gap in gaps:
        service = service_name(gap.row["service"], lang)
        alt = text("report.gap_alt", lang, name=gap_name(gap, lang), service=service)
        picture = Picture(f"gap_{gap.number}", drawings[f"gap_{gap.number}"], "", alt)
        blocks.append(Card(gap_title(gap, lang), gap_lines(gap, analysis, lang), picture))
    return blocks
