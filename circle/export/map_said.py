"""Every word of the map in one language; the page holds all languages, and its reader chooses."""

from __future__ import annotations

import math
from typing import Any

from circle import units
from circle.export import words
from circle.export.eastward import on_the_globe
from circle.export.group_words import group_names
from circle.export.whole_people import reason_parts
from circle.lazily import pd
from circle.messages import PLURALS, catalogue, text
from circle.model import Analysis, Status
from circle.settings import Question

OSM_ENDINGS = (".pbf", ".osm", ".graphml")
TAGS = {"en": "en", "zh": "zh-CN"}
"""Of the languages, for the browser."""


def map_said(analysis: Analysis, lang: str) -> dict[str, Any]:
    """What the page says.

    Parameters
    ----------
    analysis
        In one piece, see `circle.export.eastward`.
    lang
        ``"en"`` or ``"zh"``.

    Returns
    -------
    dict
        Texts, never markup. Lists follow the order of the summary's services, of gaps, limits and groups.
    """
    question: Question = analysis.settings
    from_osm = any(file.path.lower().endswith(OSM_ENDINGS) for file in analysis.region.inputs)
    return {
        "tag": TAGS[lang],
        "own_name": text("map.own_name", lang),
        "plural": PLURALS[lang].categories,
        "text": {key.removeprefix("map."): entry[lang] for key, entry in catalogue().items() if is_of_map(key)},
        "notes": text("map.notes", lang, factor=f"{units.CIRCUITY:g}"),
        "title": map_title(analysis, lang),
        "kind": words.kind_words(analysis.region.population_kind, lang),
        "sentence": words.answer(analysis, lang),
        "attribution": text("map.osm", lang) if from_osm else "",
        "main": words.limit_words(question.main, question, lang),
        "limits": [words.limit_words(limit, question, lang) for limit in question.limits],
        "reasons": [text(f"short_reason.{status.name.lower()}", lang) for status in Status],
        "words": {name: text(f"words.{name}", lang, number="{number}") for name in ("minutes", "metres", "kilometres")},
        "unreached": text("words.unreached", lang),
        "groups": group_names(analysis.residents.groups, lang),
        "services": [_service(analysis, service, lang) for service in analysis.summary["service"].astype(str)],
    }


def is_of_map(key: str) -> bool:
    """Whether an entry of the catalogue is one of the map of a region; a province's map has more."""
    return key.startswith("map.") and not key.startswith("map.county_")


def map_title(analysis: Analysis, lang: str) -> str:
    """Of the page and its panel: where, within what, and which people where that was said."""
    limit = words.limit_words(analysis.settings.main, analysis.settings, lang)
    kind = words.kind_words(analysis.region.population_kind, lang)
    return text("map.title", lang, region=analysis.region.name, limit=limit, kind=kind)


def _service(analysis: Analysis, service: str, lang: str) -> dict[str, Any]:
    gaps, rest = analysis.gaps[analysis.gaps["service"] == service], text("map.gap_rest", lang)
    return {
        "name": words.service_name(service, lang),
        "shares": _shares(analysis, service, lang),
        "gaps": [
            [
                plain_name(gap["name"]) if gap["kind"] == "zone" else rest,
                _gap(gap, analysis, lang),
            ]
            for gap in gaps.drop(columns=gaps.geometry.name).to_dict("records")
        ],
    }


def _shares(analysis: Analysis, service: str, lang: str) -> list[list[list[str]]]:
    """Per group and limit: on the road network, and as the crow flies."""
    table, question = analysis.indicators, analysis.settings
    own = table[(table["scope"] == "region") & (table["service"] == service)]
    kinds = ["share", "straight_share"]
    told = {
        tuple(row[:2]): [words.share_words(share, lang) for share in row[2:]]
        for row in own[["group", "limit", *kinds]].to_numpy().tolist()
    }
    return [[told[group, limit.label] for limit in question.limits] for group in analysis.residents.groups]


def _gap(row: dict[Any, Any], analysis: Analysis, lang: str) -> list[str]:
    """What the popup of a gap says: who, why, where to build, and how far the nearest is from there."""
    question: Question = analysis.settings
    kind = words.kind_words(analysis.region.population_kind, lang)
    people = words.people_words(row["people"])
    limit = words.limit_words(question.main, question, lang)
    service = words.service_name(row["service"], lang)
    lines = [text("map.gap_people", lang, people=people, kind=kind, limit=limit, service=service)]
    told_people = reason_parts(row)
    for reason in sorted(told_people, key=lambda reason: -row[reason]):
        if row[reason] > 0:
            told = words.reason_words(reason, lang)
            lines.append(text("map.gap_reason", lang, reason=told, people=told_people[reason]))
    if row["kind"] != "zone":
        return lines
    where = words.position_words(on_the_globe(row["site_lon"]), row["site_lat"], lang)
    lines.append(text("map.gap_site", lang, people=people, where=where))
    if not math.isfinite(row["cost"]):
        return [*lines, text("map.gap_unreachable", lang)]
    nearest = {
        "name": plain_name(row["facility_name"]) or text("map.no_name", lang),
        "straight": words.length_words(row["straight_m"], lang),
        "route": words.length_words(row["route_m"], lang),
        "cost": words.cost_words(row["cost"], question, lang),
    }
    key = "map.gap_nearest" if question.metric == "time" else "map.gap_nearest_distance"
    return [*lines, text(key, lang, **nearest)]


def plain_name(value: object) -> str:
    """A name from data as text; empty where there is none."""
    return "" if value is None or value is pd.NA or value != value else str(value)
