"""Matching OSM objects against rules that are data: a rule is tag -> values, ``"*"`` for any value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Get = Callable[[str], str | None]
"""The value of a tag, None where the object does not have it."""

Rule = Mapping[str, Sequence[str]]

ANY = "*"


def values_of(text: str) -> tuple[str, ...]:
    """A tag's value, and its parts where it is a list.

    >>> values_of("clinic; pharmacy")
    ('clinic; pharmacy', 'clinic', 'pharmacy')
    """
    return (text, *(part.strip() for part in text.split(";"))) if ";" in text else (text,)


def holds(rule: Rule, get: Get) -> bool:
    """Whether all tags of `rule` hold.

    >>> holds({"amenity": ["school"], "name": ["*"]}, {"amenity": "school;library", "name": "A"}.get)
    True
    """
    for tag, wanted in rule.items():
        value = get(tag)
        if value is None or (ANY not in wanted and not any(part in wanted for part in values_of(value))):
            return False
    return True


class RuleBook:
    """Which names an object earns; each name has alternatives of which one must hold.

    Parameters
    ----------
    rules
        Name -> alternatives.

    Examples
    --------
    >>> rules = {"clinic": [{"amenity": ["clinic"]}, {"healthcare": ["*"]}], "school": [{"amenity": ["school"]}]}
    >>> book = RuleBook(rules)
    >>> book.names({"healthcare": "doctor", "amenity": "school"}.get)
    ('clinic', 'school')
    """

    def __init__(self, rules: Mapping[str, Sequence[Rule]]) -> None:
        self._by_tag: dict[str, dict[str, list[tuple[str, Rule]]]] = {}
        for name, alternatives in rules.items():
            for rule in alternatives:
                (first, values), *rest = rule.items()
                of_value = self._by_tag.setdefault(first, {})
                for value in values:
                    of_value.setdefault(value, []).append((name, dict(rest)))
        self._lookups = tuple((tag, of_value, of_value.get(ANY, [])) for tag, of_value in self._by_tag.items())
        self._order = {name: number for number, name in enumerate(rules)}

    @property
    def tags(self) -> tuple[str, ...]:
        """An object that has none of these earns no name."""
        return tuple(self._by_tag)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...] | None:
        """An object with a single value per tag that has none of these pairs earns no name; None: any value may do."""
        if any(ANY in of_value for of_value in self._by_tag.values()):
            return None
        return tuple((tag, value) for tag, of_value in self._by_tag.items() for value in of_value)

    def names(self, get: Get) -> tuple[str, ...]:
        """The names that the object earns, in the order of the rules."""
        earned: set[str] = set()
        for tag, of_value, of_any in self._lookups:
            text = get(tag)
            if text is None or not (text in of_value or of_any or ";" in text):
                continue
            for value in values_of(text):
                earned.update(name for name, rest in of_value.get(value, ()) if holds(rest, get))
            if of_any:
                earned.update(name for name, rest in of_any if holds(rest, get))
        return tuple(sorted(earned, key=self._order.__getitem__)) if earned else ()


def taken_out(out: Mapping[str, Any], get: Get) -> bool:
    """Whether a tag takes the object out: a value among ``values``, or one not under ``except``.

    >>> rules = {"tunnel": {"except": ["no"]}, "layer": {"values": ["-1"]}}
    >>> [taken_out(rules, tags.get) for tags in ({"tunnel": "yes"}, {"tunnel": "no"}, {"layer": "-1"}, {})]
    [True, False, True, False]
    """
    for tag, rule in out.items():
        value = get(tag)
        if value is not None and (value in rule["values"] if "values" in rule else value not in rule["except"]):
            return True
    return False


def text_of(get: Get, tags: Sequence[str]) -> str | None:
    """The first of `tags` that is there and not blank; a name in broken encoding counts as not there.

    >>> text_of({"name": " ", "name:en": "Ridge"}.get, ["name", "name:en"])
    'Ridge'
    """
    for tag in tags:
        try:
            value = get(tag)
        except UnicodeDecodeError:
            continue
        if value and value.strip():
            return value.strip()
    return None


def number_of(get: Get, tags: Sequence[str]) -> float:
    """The first of `tags` that is a plain number, NaN where none is.

    >>> number_of({"capacity": "1,200", "beds": "30"}.get, ["capacity", "beds"])
    1200.0
    """
    for tag in tags:
        text = (text_of(get, [tag]) or "").replace(",", "").replace(" ", "")
        try:
            value = float(text)
        except ValueError:
            continue
        if 0 <= value < float("inf"):
            return value
    return float("nan")
