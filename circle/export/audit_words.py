"""The audit in words: what a planner should know of the data behind the answer, counted in people."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from circle import units
from circle.export.words import kind_words, length_words, people_words, service_name, share_words
from circle.lazily import pd
from circle.messages import text
from circle.model import Analysis

_SHOWN = 5
_NEAR_M = 100.0
"""A road no farther than this is near: not worth a word."""


def audit_lines(analysis: Analysis, lang: str) -> list[str]:
    """The findings of the audit, one sentence each; what concerns nobody is left out.

    Parameters
    ----------
    analysis
        The whole answer.
    lang
        ``"en"`` or ``"zh"``.
    """
    parts = (people_lines, piece_lines, _edge, facility_lines, leg_lines)
    return [line for part in parts for line in part(analysis, lang)]


def people_lines(analysis: Analysis, lang: str) -> list[str]:
    """How many people there are, and how many of them have no place, no district, no road, or a long way to one."""
    people = analysis.audit.people
    kind = kind_words(analysis.region.population_kind, lang)
    lines = [text("audit.total", lang, people=people_words(people["total"]), kind=kind)]
    for name in ("unknown", "outside_districts", "leg_over_500m", "barred", "no_road"):
        if people[name] > 0:
            share = share_words(people[name] / people["total"], lang)
            shown = {"people": people_words(people[name]), "share": share, "factor": f"{units.CIRCUITY:g}"}
            lines.append(text(f"audit.{name}", lang, **shown))
    return lines


def piece_lines(analysis: Analysis, lang: str) -> list[str]:
    """Pieces of the network from which people cannot reach a service."""
    pieces = analysis.audit.pieces
    lacking = pieces[pieces["lacking"] > 0].sort_values("lacking", ascending=False, kind="stable")
    if len(lacking) == 0:
        return []
    lines = [
        text(
            "audit.pieces",
            lang,
            pieces=len(pieces),
            lacking=len(lacking),
            people=people_words(float(lacking["lacking"].sum())),
        )
    ]
    for piece in lacking.head(_SHOWN).to_dict("records"):
        names = [_lacked(piece, service, lang) for service in analysis.reach if piece[f"without_{service}"] > 0]
        place = f"{piece['lon']:.4f}, {piece['lat']:.4f}"
        shown = text("words.list_joint", lang).join(names)
        lines.append(text("audit.piece", lang, place=place, people=people_words(piece["lacking"]), services=shown))
    return lines


def _lacked(piece: dict[Hashable, Any], service: str, lang: str) -> str:
    """A service by name, with its people where they are not all of those who lack something."""
    name, people = service_name(service, lang), people_words(piece[f"without_{service}"])
    return name if people == people_words(piece["lacking"]) else text("audit.lacked", lang, service=name, people=people)


def _edge(analysis: Analysis, lang: str) -> list[str]:
    """People whose answer depends on what lies beyond the data."""
    affected = {service: people for service, people in analysis.audit.edge_affected.items() if people > 0}
    if not affected:
        return []
    items = [f"{service_name(service, lang)} {people_words(people)}" for service, people in affected.items()]
    return [text("audit.edge_affected", lang, services=text("words.list_joint", lang).join(items))]


def facility_lines(analysis: Analysis, lang: str) -> list[str]:
    """Facilities far from any road."""
    far = analysis.audit.far_facilities
    if len(far) == 0:
        return []
    called = far["name"].fillna(far["facility_id"])
    names = [
        f"{name} ({length_words(leg_m, lang)})"
        for name, leg_m in zip(called.head(_SHOWN), far["leg_m"].head(_SHOWN), strict=True)
    ]
    shown = text("words.list_joint", lang).join(names)
    total = len(analysis.region.facilities.table)
    return [text("audit.far_facilities", lang, count=f"{len(far):,}", total=f"{total:,}", names=shown)]


def leg_lines(analysis: Analysis, lang: str) -> list[str]:
    """The longest ways to a road, those of one district together."""
    legs = analysis.audit.long_legs
    legs = legs[legs["leg_m"] > _NEAR_M]
    if len(legs) == 0:
        return []
    where = np.array([
        name or f"{lon:.4f}, {lat:.4f}"
        for name, lon, lat in zip(legs["district_name"], legs["lon"], legs["lat"], strict=True)
    ], dtype=object)  # fmt: skip
    items = [_legs_of(str(place), mine, lang) for place, mine in legs.groupby(where, sort=False)]
    return [text("audit.longest_legs", lang, legs=text("words.list_joint", lang).join(items))]


def _legs_of(place: str, legs: pd.DataFrame, lang: str) -> str:
    """From the shortest to the longest, for how many people in how many places."""
    least, most = (length_words(float(length_m), lang) for length_m in (legs["leg_m"].min(), legs["leg_m"].max()))
    length = most if least == most else text("audit.leg_range", lang, least=least, most=most)
    people = people_words(float(legs["people"].sum()))
    key = "audit.leg" if len(legs) == 1 else "audit.leg_places"
    return text(key, lang, length=length, people=people, place=place, places=len(legs))
