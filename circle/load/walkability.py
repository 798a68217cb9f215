"""Who may walk where: one small interpreter of the table ``circle/tables/osm_walk.toml``."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from circle.reference import table

_CLOCK = re.compile(r"(\d+):(\d{1,2})(?::(\d{1,2}))?")
_MINUTES = re.compile(r"(\d+(?:\.\d+)?)")
_ISO_8601 = re.compile(r"P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")


class Walk(NamedTuple):
    """How a way is walked; the fields are those of `circle.model.Streets`."""

    way_class: str
    forward: bool = True
    backward: bool = True
    speed_factor: float = 1.0
    duration_s: float = math.nan
    attachable: bool = True
    spans: bool = False


class Walkability:
    """The table, ready to judge ways.

    Parameters
    ----------
    rules
        The table as parsed; default: the one that ships inside the package.
    class_only
        Judge highways by their class alone and nothing else at all, without permission, direction, bridges and tunnels:
        for comparing sources of which one knows nothing else.

    Examples
    --------
    >>> walkability = Walkability()
    >>> walkability.judge({"highway": "steps"}).speed_factor
    0.6
    >>> walkability.judge({"highway": "service", "access": "private"})
    'access_denied'
    >>> walkability.judge({"highway": "service", "access": "private", "foot": "yes"}).forward
    True
    >>> walkability.judge({"building": "yes"}) is None
    True
    """

    def __init__(self, rules: Mapping[str, Any] | None = None, *, class_only: bool = False) -> None:
        self._rules = table("osm_walk") if rules is None else rules
        self._class_only = class_only
        self._rows = [row for row in self._rules["ways"] if row.get("counted") or not class_only]
        self._known: dict[tuple[tuple[str, str], ...], Walk | str | None] = {}

    @cached_property
    def class_tags(self) -> tuple[str, ...]:
        """The tags of which a way must have one to be looked at."""
        return tuple(row["tag"] for row in self._rows)

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Every tag that the judgement may depend on."""
        rules = self._rules
        if self._class_only:
            return self.class_tags
        return tuple(
            dict.fromkeys(
                (
                    *self.class_tags,
                    *rules["permission"]["tags"],
                    *rules["closed"],
                    rules["outline"]["tag"],
                    *(row["tag"] for row in rules["direction"]),
                    *(row["tag"] for row in rules["slower"]),
                    *rules["spans"],
                    rules["ferry"]["duration"],
                )
            )
        )

    def judge_once(self, tags: tuple[tuple[str, str], ...]) -> Walk | str | None:
        """As `judge`, for pairs of tag and value; few combinations occur, so answers are remembered."""
        try:
            return self._known[tags]
        except KeyError:
            return self._known.setdefault(tags, self.judge(dict(tags)))

    def judge(self, tags: Mapping[str, str]) -> Walk | str | None:
        """How a way with these tags is walked.

        Returns
        -------
        Walk | str | None
            The reason, as counted in ``Streets.counts``, where it is not walked; None where it is no way at all.
        """
        kind, way_class = self._class_of(tags)
        if kind is None:
            return None
        if kind in ("blocked_class", "not_built"):
            return kind
        outline = self._rules["outline"]
        if self._class_only:
            walked = Walk(way_class, speed_factor=self._speed_factor(tags))
            return walked if kind == "walkable" else "unknown_class" if kind == "unknown_class" else "blocked_class"
        if tags.get(outline["tag"]) in outline["values"] and way_class not in outline["walkable"]:
            return "road_surface"
        refusal = self._refusal(kind, tags)
        if refusal:
            return refusal
        spans = any(
            tags.get(tag, allowed["except"][0]) not in allowed["except"]
            for tag, allowed in self._rules["spans"].items()
        )
        forward, backward = self._directions(tags)
        walk = Walk(way_class, forward, backward, self._speed_factor(tags), attachable=not spans, spans=spans)
        if kind != "ferry":
            return walk
        duration_s = parse_duration_s(tags.get(self._rules["ferry"]["duration"], ""))
        if not duration_s > 0:
            return "ferry_without_duration"
        return walk._replace(duration_s=duration_s, attachable=False, spans=True)

    def _class_of(self, tags: Mapping[str, str]) -> tuple[str | None, str]:
        """Which list of the first fitting row holds the way, and its class."""
        for row in self._rows:
            value = tags.get(row["tag"])
            if value is None:
                continue
            value = self._rules["aliases"].get(value, value) if row.get("counted") else value
            for kind, reason in (("ferry", "ferry"), ("walkable", "walkable"), ("by_permission", "by_permission"),
                                 ("never", "blocked_class"), ("absent", "not_built")):  # fmt: skip
                if value in row.get(kind, ()):
                    return reason, value
            if row.get("counted"):
                return "unknown_class", value
        return None, ""

    def _refusal(self, kind: str, tags: Mapping[str, str]) -> str | None:
        """The reason why the way is closed to walkers, None where it is open."""
        permission = self._rules["permission"]
        verdict: bool | None = None
        opened = tags.get(permission["opens"]) in permission["yes"]
        for tag in permission["tags"]:
            if tags.get(tag) in permission["yes"]:
                verdict = True
            elif tags.get(tag) in permission["no"]:
                verdict = False
            if verdict is not None:
                break
        if verdict is False:
            return "access_denied"
        if opened:
            return None
        if kind in ("by_permission", "unknown_class"):
            return "unknown_class" if kind == "unknown_class" else "blocked_class"
        return next((tag for tag, values in self._rules["closed"].items() if tags.get(tag) in values), None)

    def _directions(self, tags: Mapping[str, str]) -> tuple[bool, bool]:
        """Whether a walker may go along and against the drawing order; the first tag that says so decides."""
        for row in self._rules["direction"]:
            value = tags.get(row["tag"])
            if value in row.get("forward_only", ()):
                return True, False
            if value in row.get("backward_only", ()):
                return False, True
        return True, True

    def _speed_factor(self, tags: Mapping[str, str]) -> float:
        """The product of all rows that apply."""
        return math.prod(float(row["factor"]) for row in self._rules["slower"] if tags.get(row["tag"]) in row["values"])


def parse_duration_s(text: str) -> float:
    """Seconds of an OSM ``duration``: ``HH:MM``, ``HH:MM:SS``, minutes, or ISO 8601; NaN where it is none of these.

    Examples
    --------
    >>> [parse_duration_s(text) for text in ("00:20", "1:30:30", "45", "PT1H20M", "soon")]
    [1200.0, 5430.0, 2700.0, 4800.0, nan]
    """
    text = text.strip()
    if match := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (float(part or 0) for part in match.groups())
        return hours * 3600 + minutes * 60 + seconds
    if match := _MINUTES.fullmatch(text):
        return float(match[1]) * 60
    if (match := _ISO_8601.fullmatch(text)) and any(match.groups()):
        days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
        return days * 86400 + hours * 3600 + minutes * 60 + seconds
    return math.nan


def count_reason(counts: Counter[str], verdict: Walk | str | None) -> Walk | None:
    """The walk of a verdict; a reason for leaving the way out is counted instead."""
    if isinstance(verdict, str):
        counts[verdict] += 1
        return None
    return verdict
