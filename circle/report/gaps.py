"""The largest gaps of all services together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from circle.export.eastward import on_the_globe
from circle.export.whole_people import reason_parts
from circle.export.words import (
    cost_words,
    kind_words,
    length_words,
    limit_words,
    people_words,
    position_words,
    reason_words,
    service_name,
)
from circle.messages import text
from circle.model import Analysis
from circle.report.plain_text import plain

TEN = 10
CUT_BYTES = 10
"""Names no shorter than that may be the beginning of a longer one: a field of a shapefile holds no more."""


@dataclass(frozen=True, eq=False)
class Gap:
    """One zone: its number, the same in all outputs, and its row in `Analysis.gaps`."""

    number: int
    row: dict[str, Any]
    shape: Any

    @property
    def site(self) -> tuple[float, float]:
        """Longitude and latitude of the site proposed."""
        return float(self.row["site_lon"]), float(self.row["site_lat"])


def largest_gaps(analysis: Analysis, count: int = TEN) -> list[Gap]:
    """The zones with most people, of whichever service: those with the first numbers."""
    frame = analysis.gaps
    zones = frame[frame["kind"] == "zone"]
    zones = zones.assign(rank=zones["rank"].astype(int)).sort_values("rank", kind="stable").head(count)
    rows = zones.drop(columns=zones.geometry.name).to_dict("records")
    shapes = zones.geometry.to_numpy()
    return [
        Gap(row["rank"], {str(key): value for key, value in row.items()}, shape)
        for row, shape in zip(rows, shapes, strict=True)
    ]


def gap_name(gap: Gap, lang: str) -> str:
    """What a gap is called."""
    return plain(gap.row["name"]) or text("map.no_name", lang)


def gap_title(gap: Gap, lang: str) -> str:
    """Number, name, district and service."""
    district = plain(gap.row["district_name"])
    name = gap_name(gap, lang)
    where = "" if _same_name(name, district) else text("report.gap_in_district", lang, district=district)
    service = service_name(gap.row["service"], lang)
    return text("report.gap_title", lang, number=gap.number, name=name, where=where, service=service)


def _same_name(name: str, district: str) -> bool:
    """Whether the district says nothing new: its name is that of the gap, or one is the other cut short."""
    short, long = sorted((name.rstrip("…. ").casefold(), district.rstrip("…. ").casefold()), key=len)
    return short == long or not district or (len(short.encode()) >= CUT_BYTES and long.startswith(short))


def gap_lines(gap: Gap, analysis: Analysis, lang: str) -> tuple[str, ...]:
    """Who, why, where to build, what that gains, how far the nearest is now."""
    question, row = analysis.settings, gap.row
    people = people_words(row["people"])
    shown = {
        "people": people,
        "kind": kind_words(analysis.region.population_kind, lang),
        "limit": limit_words(question.main, question, lang),
        "service": service_name(row["service"], lang),
    }
    lines = [text("map.gap_people", lang, **shown)]
    told_people = reason_parts(row)
    for reason in sorted(told_people, key=lambda reason: -row[reason]):
        if row[reason] > 0:
            told = reason_words(reason, lang)
            lines.append(text("map.gap_reason", lang, reason=told, people=told_people[reason]))
    where = position_words(on_the_globe(gap.site[0]), gap.site[1], lang)
    lines.append(text("map.gap_site", lang, people=people, where=where))
    return (*lines, _nearest(gap, analysis, lang))


def _nearest(gap: Gap, analysis: Analysis, lang: str) -> str:
    question, row = analysis.settings, gap.row
    if not math.isfinite(row["cost"]):
        if not math.isfinite(row["straight_m"]):
            return text("map.gap_unreachable", lang)
        return text("report.gap_unreachable", lang, straight=length_words(row["straight_m"], lang))
    nearest = {
        "name": plain(row["facility_name"]) or text("map.no_name", lang),
        "straight": length_words(row["straight_m"], lang),
        "route": length_words(row["route_m"], lang),
        "cost": cost_words(row["cost"], question, lang),
    }
    key = "map.gap_nearest" if question.metric == "time" else "map.gap_nearest_distance"
    told = text(key, lang, **nearest)
    if row["straight_m"] > 0 and math.isfinite(row["route_m"]):
        times = text("report.gap_detour", lang, times=f"{row['route_m'] / row['straight_m']:.1f}")
        told = text("report.sentences", lang, first=told, second=times)
    return told
