"""The rules of ``service_rules.toml``: what the names and types of a list mean, and which rule decided how often."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from circle import reference
from circle.load.columns import found_in
from circle.load.service_words import service_of
from circle.messages import text
from circle.model import Bools, Ints
from circle.reference import ServiceNames

UNDECIDED, BY_WORD = -1, -2
"""In place of a rule's number: nothing fits; the word of the list's own column decides."""
EXAMPLES = 3


class Words(NamedTuple):
    """What a list says of its rows, (n,) each: text or None."""

    name: npt.NDArray[np.object_]
    kind: npt.NDArray[np.object_]
    code: npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Decided:
    """What the rules make of a list.

    Parameters
    ----------
    row, service
        (k,) positions in the list, ascending, and the service offered there; a row with two services stands twice.
    rule
        (n,) number of the rule that decided, `BY_WORD` or `UNDECIDED`.
    parts
        (n,) number of the rule by which the row is a part of a site; `UNDECIDED`: it is none.
    """

    row: Ints
    service: npt.NDArray[np.object_]
    rule: Ints
    parts: Ints

    @property
    def part(self) -> Bools:
        """(n,) the row is a part of a site."""
        return np.asarray(self.parts != UNDECIDED, dtype=bool)


@dataclass(frozen=True)
class Decision:
    """One rule's share of a list: which services it gave (none: left out), to how many rows, and some of them.

    `rule` is its key in ``service_rules.toml``, or ``"word"`` where the list's own word decides.
    """

    rule: str
    services: tuple[str, ...]
    rows: int
    examples: tuple[str, ...]

    def called(self, lang: str) -> str:
        """The rule in words."""
        return RuleName(self.rule).in_language(lang)

    def outcome(self, lang: str) -> str:
        """The services, or that the rows are left out or joined to their site."""
        if not self.services:
            return text("services.joined" if rule_named(self.rule).get("part") else "services.out", lang)
        return ServiceNames(self.services).in_language(lang)


@dataclass(frozen=True)
class RuleName:
    """A rule in a message."""

    key: str

    def in_language(self, lang: str) -> str:
        """As the table of rules calls it."""
        return text("services.word", lang) if self.key == "word" else str(rule_named(self.key)[lang])


@dataclass(frozen=True)
class Decisions:
    """All decisions about one list, in the order of the rules."""

    every: tuple[Decision, ...]

    def in_language(self, lang: str) -> str:
        """Each with its count."""
        told = [
            text("services.decision", lang, rule=one.called(lang), outcome=one.outcome(lang), count=one.rows)
            for one in self.every
        ]
        return text("words.list_joint", lang).join(told) or text("words.none", lang)


def decide(words: Words, *, believed: bool = True) -> Decided:
    """Which services the rows offer, by rules first, then by the words of their types.

    Parameters
    ----------
    believed
        A type that is the key of a service is believed whatever the name says; else the rules look at the name.

    Examples
    --------
    >>> def column(*cells):
    ...     return np.array(cells, dtype=object)
    >>> names = column("三村完小", "阳光驾校", "实验学校（九年一贯制）", "东村卫生室", "小学(公交站)")
    >>> kinds = column("学校", "学校", "学校;小学", "医疗保健服务;诊所;诊所", "公交车站")
    >>> found = decide(Words(names, kinds, column(*[None] * 5)))
    >>> [(int(row), service) for row, service in zip(found.row, found.service)]
    [(0, 'primary_school'), (2, 'primary_school'), (2, 'middle_school'), (3, 'clinic'), (4, 'bus_stop')]
    """
    kinds, kind_row = _distinct(words.kind)
    meant = [() if kind is None else services_of(kind) for kind in kinds]
    silent = np.array([kind is None for kind in kinds])
    said = np.array([believed and kind in reference.table("services") for kind in kinds])
    name, kind, code = _folded(words.name), _folded(np.array(kinds, dtype=object)), _codes(words.code)
    rule = np.full(len(kind_row), UNDECIDED, dtype=np.int64)
    parts = rule.copy()
    known = np.array([bool(services) for services in meant])
    for number, one in enumerate(rules()):
        asked = silent | (np.array([_may_ask(one, services) for services in meant]) & ~said)
        fits = _found(name, one.get("name")) & asked[kind_row]
        fits = (fits | _found(kind, one.get("type"))[kind_row]) & ~_found(name, one.get("but_not"))
        unknown = _found(kind, one.get("unknown_type"))[kind_row] | _found(code, one.get("code"))
        fits |= unknown & ~known[kind_row]
        if one.get("part"):
            parts[fits & (rule == UNDECIDED) & (parts == UNDECIDED)] = number
        else:
            rule[fits & (rule == UNDECIDED)] = number
    rule[(rule == UNDECIDED) & known[kind_row]] = BY_WORD
    given = [tuple(one.get("services", ())) for one in rules()]
    offered = [
        meant[kind] if number == BY_WORD else () if number == UNDECIDED else given[number]
        for number, kind in zip(rule.tolist(), kind_row.tolist(), strict=True)
    ]
    row = np.repeat(np.arange(len(rule), dtype=np.int64), [len(services) for services in offered])
    service = np.array([service for services in offered for service in services], dtype=object)
    return Decided(row, service, rule, parts)


def decisions(found: Decided, words: Words) -> Decisions:
    """How often each rule decided, with examples."""
    told: list[Decision] = []
    for number, rule in enumerate(rules()):
        rows = np.flatnonzero((found.parts if rule.get("part") else found.rule) == number)
        told += [_decision(rule["key"], tuple(rule.get("services", ())), rows, words)] if len(rows) else []
    kinds, kind_row = _distinct(words.kind)
    by_word = np.where(found.rule == BY_WORD, kind_row, len(kinds))
    meaning: dict[tuple[str, ...], list[int]] = {}
    for number in np.unique(by_word[by_word < len(kinds)]).tolist():
        meaning.setdefault(services_of(kinds[number] or ""), []).append(number)
    for services, meant in sorted(meaning.items()):
        told.append(_decision("word", services, np.flatnonzero(np.isin(by_word, meant)), words))
    return Decisions(tuple(told))


def services_of(kind: str) -> tuple[str, ...]:
    """The services that a type names; Amap joins several by ``|``.

    >>> services_of("科教文化服务;学校;小学|科教文化服务;学校;中学"), services_of("餐饮服务;茶艺馆")
    (('primary_school', 'middle_school'), ())
    """
    meant = [service_of(part, None) for part in re.split(r"[|｜、]", kind) if part.strip()]
    return tuple(dict.fromkeys(service for service in meant if service is not None))


def left_out(found: Decided) -> Mapping[str, Ints]:
    """Rows that a rule left out, by its key."""
    out = {rule["key"]: np.flatnonzero(found.rule == number) for number, rule in enumerate(rules()) if _leaves(rule)}
    return {key: rows for key, rows in out.items() if len(rows)}


def rules() -> Sequence[Mapping[str, Any]]:
    """The rules in their order."""
    every: Sequence[Mapping[str, Any]] = reference.table("service_rules")["rule"]
    return every


@cache
def rule_named(key: str) -> Mapping[str, Any]:
    """A rule by its key; an empty one where there is none."""
    return next((rule for rule in rules() if rule["key"] == key), {})


def family(service: str) -> frozenset[str]:
    """A service and those that lists do not tell from it: a school of OSM may be a primary school.

    >>> sorted(family("clinic")), sorted(family("bank"))
    (['clinic', 'hospital'], ['bank'])
    """
    families = reference.table("service_rules")["families"].values()
    return frozenset(next((members for members in families if service in members), [service]))


def _leaves(rule: Mapping[str, Any]) -> bool:
    return not rule.get("part") and not rule.get("services")


def _decision(key: str, services: tuple[str, ...], rows: Ints, words: Words) -> Decision:
    """What a rule did, with the names of the first rows, or their types where they have none."""
    some = rows[: 20 * EXAMPLES]
    shown = (kind if name is None else name for name, kind in zip(words.name[some], words.kind[some], strict=True))
    examples = dict.fromkeys(str(example) for example in shown if example is not None)
    return Decision(key, services, len(rows), tuple(examples)[:EXAMPLES])


def _may_ask(rule: Mapping[str, Any], services: Sequence[str]) -> bool:
    """Whether a rule looks at the names of rows whose type says these services."""
    families = reference.table("service_rules")["families"]
    among = {service for word in rule.get("among", ()) for service in families.get(word, (word,))}
    return not among.isdisjoint(services)


def _distinct(cells: npt.NDArray[np.object_]) -> tuple[list[str | None], Ints]:
    """The values that occur, and for each cell which one."""
    number: dict[str | None, int] = {}
    row = np.array([number.setdefault(cell, len(number)) for cell in cells], dtype=np.int64)
    return list(number), row


def _folded(cells: npt.NDArray[np.object_]) -> pa.Array:
    """Text without case, spaces and full-width forms, as `circle.load.columns.plain_text`."""
    plain = pc.utf8_lower(pc.utf8_normalize(pa.array(cells, pa.string()), form="NFKC"))
    return pc.replace_substring_regex(plain, pattern=r"\s+", replacement="")


def _codes(cells: npt.NDArray[np.object_]) -> pa.Array:
    """Six digits; Excel drops a leading nought."""
    return pa.array([None if cell is None else cell.zfill(6) for cell in cells], pa.string())


def _found(cells: pa.Array, pattern: str | None) -> Bools:
    """In which cells a pattern is found."""
    if pattern is None:
        return np.zeros(len(cells), dtype=bool)
    return found_in(cells, pattern)
