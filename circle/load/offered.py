"""Which service each row of a list offers: as region.toml says, else by types and names; what is left out is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt

from circle import reference
from circle.lazily import gpd, pd
from circle.load.columns import find_column, need_column, optional_column, rows_listed, texts
from circle.load.located import Located
from circle.load.sections import FacilitiesSection
from circle.load.service_rules import (
    UNDECIDED,
    Decided,
    RuleName,
    Words,
    decide,
    decisions,
    left_out,
    rules,
)
from circle.load.service_words import service_of
from circle.model import Bools, Ints

_SLIP = 0.75
"""How like a known service (0-1) an unknown one must be to look like a slip of the pen."""


@dataclass(frozen=True, eq=False)
class Offered:
    """What a list offers.

    Parameters
    ----------
    row, service
        (k,) positions in the list and the services offered there; a row with two services stands twice.
    part
        (k,) the row is a gate or a building of a site.
    """

    row: Ints
    service: npt.NDArray[np.object_]
    part: Bools


def offered_services(frame: gpd.GeoDataFrame, section: FacilitiesSection, at: Located) -> Offered | None:
    """What the rows of a list offer; None after recording that nothing says it."""
    if section.service is not None:
        _tell_of_own_services([section.service], at)
        _doubt(frame, section, at)
        return _all_rows(section.service, len(frame))
    if section.service_column is None and find_column(frame, "service") is None:
        return _without_column(frame, section, at)
    column = need_column(frame, "service", section.service_column, at, key="service_column")
    if column is None:
        return None
    if section.mapping is None:
        return _by_rules(frame, section, column, at)
    words = _words(frame, section, column, at)
    values = pd.Series(words.kind, dtype=object)
    meaning = {value: service_of(value, section.mapping) for value in values.dropna().unique()}
    services = values.map(meaning).to_numpy(dtype=object)
    _tell_of_own_services({service for service in meaning.values() if service is not None}, at)
    known = ~pd.isna(services)
    if not _tell_of_unknown(frame, column, words, ~known, at):
        return None
    return Offered(np.flatnonzero(known), services[known], np.zeros(int(known.sum()), dtype=bool))


def _by_rules(frame: gpd.GeoDataFrame, section: FacilitiesSection, column: str, at: Located) -> Offered | None:
    """By the words of a column and, beside it, the names."""
    words = _words(frame, section, column, at)
    found = decide(words)
    _tell_of_own_services(found.service, at)
    if not _tell_of_unknown(frame, column, words, found.rule == UNDECIDED, at):
        return None
    if not all(kind is None or service_of(kind, None) == kind for kind in set(words.kind)):
        _tell_decisions(frame, found, words, at)
    return Offered(found.row, found.service, found.part[found.row])


def _without_column(frame: gpd.GeoDataFrame, section: FacilitiesSection, at: Located) -> Offered | None:
    """By the name of the sheet, else by the names of the rows."""
    by_sheet = service_of(at.layer, None) if section.sheet is not None and at.layer is not None else None
    if by_sheet in reference.table("services"):
        at.note("services.by_sheet", service=reference.ServiceNames((by_sheet,)))
        return _all_rows(by_sheet, len(frame))
    words = _words(frame, section, None, at)
    found = decide(words)
    if not len(found.row):
        at.error("facilities.service_unsaid", found=", ".join(str(c) for c in frame.columns if c != "geometry"))
        return None
    at.note("services.by_name")
    _tell_decisions(frame, found, words, at)
    silent = np.flatnonzero(found.rule == UNDECIDED)
    if len(silent):
        shown = rows_listed(frame.index[silent], _named(words, silent))
        at.warn("services.nameless", count=len(silent), rows=shown)
    return Offered(found.row, found.service, found.part[found.row])


def _tell_decisions(frame: gpd.GeoDataFrame, found: Decided, words: Words, at: Located) -> None:
    """Tell how often each rule decided, and which rows were left out by one."""
    at.note("services.decided", decisions=decisions(found, words))
    for key, rows in left_out(found).items():
        shown = rows_listed(frame.index[rows], _named(words, rows))
        at.note("services.left_out", rule=RuleName(key), count=len(rows), rows=shown)


def _doubt(frame: gpd.GeoDataFrame, section: FacilitiesSection, at: Located) -> None:
    """Tell of rows that region.toml calls one service and their names another thing: the declaration is followed."""
    words = _words(frame, section, None, at)
    kind = np.full(len(frame), section.service, dtype=object)
    found = decide(words._replace(kind=kind), believed=False)
    service = reference.ServiceNames((str(section.service),))
    doubtful = dict(left_out(found))
    for number, rule in enumerate(rules()):
        if rule.get("part") and (found.parts == number).any():
            doubtful[rule["key"]] = np.flatnonzero(found.parts == number)
    for key, rows in doubtful.items():
        shown = rows_listed(frame.index[rows], _named(words, rows))
        at.warn("services.doubtful", service=service, rule=RuleName(key), count=len(rows), rows=shown)


def _words(frame: gpd.GeoDataFrame, section: FacilitiesSection, column: str | None, at: Located) -> Words:
    """Names, types and codes of the rows, as far as there are columns for them."""
    nothing = np.full(len(frame), None, dtype=object)
    quiet = Located(type(at.findings)(), at.file)  # a column of names that is not there is told where it is needed
    name = optional_column(frame, "name", section.name, quiet)
    code = find_column(frame, "typecode")
    return Words(
        nothing if name is None else texts(frame[name]),
        nothing if column is None else texts(frame[column]),
        nothing if code is None or list(frame.columns).count(code) > 1 else texts(frame[code]),
    )


def _named(words: Words, rows: Ints) -> list[str]:
    """What stands in rows, for a message."""
    pairs = zip(words.name[rows], words.kind[rows], strict=True)
    return ["; ".join(part for part in pair if part is not None) for pair in pairs]


def _all_rows(service: str, count: int) -> Offered:
    every = np.arange(count, dtype=np.int64)
    return Offered(every, np.full(count, service, dtype=object), np.zeros(count, dtype=bool))


def _tell_of_unknown(frame: gpd.GeoDataFrame, column: str, words: Words, unknown: Bools, at: Located) -> bool:
    """Record the rows whose type means no service, and those without a type; False where there are no others."""
    report = at.error if unknown.all() else at.warn
    silent = np.array([kind is None for kind in words.kind], dtype=bool)
    for code, rows in (
        ("facilities.values_unknown", np.flatnonzero(unknown & ~silent)),
        ("facilities.values_empty", np.flatnonzero(unknown & silent)),
    ):
        if len(rows):
            counts = pd.Series(words.kind[rows], dtype=object).value_counts()
            values = ", ".join(f"“{value}” × {count}" for value, count in counts.iloc[:8].items())
            shown = rows_listed(frame.index[rows], _named(words, rows))
            report(code, column=column, values=values, count=len(rows), rows=shown)
    return not unknown.all()


def _tell_of_own_services(services: Iterable[str], at: Located) -> None:
    """A service that circle does not know is one of its own, if it is no slip: it joins what is asked of everybody."""
    known = reference.table("services")
    for service in sorted(set(services) - set(known)):
        near = get_close_matches(service, known, n=1, cutoff=_SLIP)
        at.warn("facilities.service_near" if near else "facilities.service_own", service=service, near="".join(near))
