"""Which district each row of a census table speaks of, and which rows are sums of others.

Printed tables mix the totals of provinces, prefectures and counties with townships, and go beyond the county in hand.
Codes tell a sum from its parts; without codes, the words for a total, or being exactly the sum of the others, do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from circle import reference
from circle.load.census_codes import COUNTY_DIGITS, area_of_code, is_rounded
from circle.load.columns import plain_text, texts
from circle.model import Bools, Districts, Floats, Ints

NOWHERE = -1
_EXACT = 0.5
"""People by which a sum may differ from its parts: published figures are whole."""


_MOST = 0.5
"""Share of a column's cells that must be codes: titles, sums and notes stand in it too."""


_ROUNDED_ROWS = 3
"""So many rows of one county are no totals of it: a spreadsheet has rounded the codes of its townships to numbers."""


class Row(Enum):
    """What a row of a census table is."""

    COUNTED = "counted"
    EMPTY = "empty"
    ROUNDED = "rounded"
    UNNAMED = "unnamed"
    AMBIGUOUS = "ambiguous"
    TOTAL = "total"
    PART = "part"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class Matched:
    """The rows of a table, told apart.

    Parameters
    ----------
    kind
        (n,) what each row is; only those that are `Row.COUNTED` count.
    district
        (n,) row number in `Districts`, or `NOWHERE`.
    inside
        (n,) the row is a part of its district (a village of a township) and is added to others.
    short
        Position of every total, its people, and the people that its rows in the table add up to, where these differ.
    """

    kind: npt.NDArray[np.object_]
    district: Ints
    inside: Bools
    short: tuple[tuple[int, float, float], ...]

    def rows(self, *kinds: Row) -> Ints:
        """Positions of the rows of these kinds."""
        return np.flatnonzero(np.isin(self.kind, np.array(kinds, dtype=object)))


@dataclass(frozen=True, eq=False)
class Rows:
    """What the rows of a census table say of themselves.

    Parameters
    ----------
    labels
        (n,) code or name of the district, None where there is none.
    codes
        (n,) see `area_of_code`; None where a row has no statistical code.
    called_total
        (n,) a word for a total stands in the row.
    people
        (n,) all residents; 0 where the cell is empty, NaN where it holds something else than a number.
    """

    labels: Sequence[str | None]
    codes: Sequence[str | None]
    called_total: Bools
    people: Floats

    @classmethod
    def of(cls, frame: pd.DataFrame, labels: Sequence[str | None], people: Floats) -> Self:
        """Codes are the labels themselves, else those of another column: a table by name may have one."""
        own = [area_of_code(label) for label in labels]
        spare = _column_of_codes(frame) if not any(own) else None
        return cls(labels, own if spare is None else spare, called_totals(frame), people)


def match_rows(rows: Rows, districts: Districts) -> Matched:
    """Tell the rows of a census table apart."""
    labels, codes, people = rows.labels, rows.codes, rows.people
    find = _Finder.of(districts)
    kind = np.full(len(labels), Row.UNKNOWN, dtype=object)
    district = np.full(len(labels), NOWHERE, dtype=np.int64)
    for i, label in enumerate(labels):
        if label is None:
            kind[i] = Row.EMPTY if people[i] == 0 else Row.UNNAMED
        elif is_rounded(label):
            kind[i] = Row.ROUNDED
        else:
            kind[i], district[i] = find(label, codes[i])
    inside = _by_codes(kind, district, codes, find.by_code)
    short = _short_of(codes, kind, people)
    _sums_by_figures(kind, rows.called_total, people)
    short += _totals_by_words(kind, rows.called_total, people)
    kind[(kind == Row.UNKNOWN) & (people == 0)] = Row.EMPTY
    return Matched(kind, district, inside, tuple(short))


@dataclass(frozen=True)
class _Finder:
    """Finds districts by statistical code, by the code as it is written, and by name."""

    by_code: Mapping[str, int]
    by_id: Mapping[str, int]
    by_name: Mapping[str, Sequence[int]]
    counties: frozenset[str]

    @classmethod
    def of(cls, districts: Districts) -> Self:
        ids = districts.frame["district_id"].astype(str).tolist()
        by_code = {code: row for row, code in enumerate(map(area_of_code, ids)) if code is not None}
        by_name: dict[str, list[int]] = {}
        for row, name in enumerate(districts.frame["district_name"].astype(str)):
            by_name.setdefault(plain_text(name), []).append(row)
        by_id = {plain_text(written): row for row, written in enumerate(ids)}
        return cls(by_code, by_id, by_name, frozenset(code[:COUNTY_DIGITS] for code in by_code))

    def __call__(self, label: str, code: str | None) -> tuple[Row, int]:
        """What a row is and its district; a name means nothing where the code is that of another county."""
        plain = plain_text(label)
        at = NOWHERE if code is None else self.by_code.get(code, NOWHERE)
        at = at if at != NOWHERE else self.by_id.get(plain, NOWHERE)
        if at != NOWHERE:
            return Row.COUNTED, at
        if code is not None and self.counties and code[:COUNTY_DIGITS] not in self.counties:
            return Row.UNKNOWN, NOWHERE
        named = self.by_name.get(plain, ())
        if len(named) == 1:
            return Row.COUNTED, named[0]
        return (Row.AMBIGUOUS if named else Row.UNKNOWN), NOWHERE


def _by_codes(
    kind: npt.NDArray[np.object_], district: Ints, codes: Sequence[str | None], areas: Mapping[str, int]
) -> Bools:
    """Tell totals, parts and rows of elsewhere by code; (n,) which rows are added to a district as parts of it."""
    inside = np.zeros(len(kind), dtype=bool)
    own = {code: int(district[i]) for i, code in enumerate(codes) if code is not None and kind[i] is Row.COUNTED}
    above = {outer for code in codes if code is not None for outer in _larger(code)}
    above_districts = {outer for code in areas for outer in _larger(code)}
    counted_below = {outer for code in own for outer in _larger(code)}
    number = dict(areas) | own
    counties = {code[:COUNTY_DIGITS] for code in number}
    for i, code in enumerate(codes):
        if code is None:
            continue
        if kind[i] is Row.COUNTED:
            kind[i] = Row.TOTAL if code in counted_below else Row.COUNTED
        elif kind[i] is Row.UNKNOWN:
            outer = next((larger for larger in _larger(code) if larger in number), None)
            if outer is not None and outer in own:
                kind[i] = Row.PART
            elif code in above or code in above_districts:
                kind[i] = Row.TOTAL
            elif outer is not None:
                kind[i], district[i], inside[i] = Row.COUNTED, number[outer], True
            elif counties and code[:COUNTY_DIGITS] not in counties:
                kind[i] = Row.ELSEWHERE
    larger = Counter(code for i, code in enumerate(codes) if kind[i] is Row.TOTAL)
    for i, code in enumerate(codes):
        if larger[code] >= _ROUNDED_ROWS and kind[i] is Row.TOTAL:
            kind[i] = Row.ROUNDED
    return inside


def _larger(code: str) -> list[str]:
    """The areas that an area lies in, the smallest first."""
    return [code[:digits] for digits in (9, 6, 4, 2) if digits < len(code)]


def _short_of(
    codes: Sequence[str | None], kind: npt.NDArray[np.object_], people: Floats
) -> list[tuple[int, float, float]]:
    """Totals by code, of counted rows one level below, whose rows in the table do not add up to them.

    A township is missing then, or a figure is wrong. Of a province nobody expects all rows.
    """
    of_code = {code: i for i, code in enumerate(codes) if code is not None and kind[i] is Row.TOTAL}
    above = {_larger(code)[0] for i, code in enumerate(codes) if code and kind[i] is Row.COUNTED and _larger(code)}
    sums = dict.fromkeys(above & set(of_code), 0.0)
    for i, code in enumerate(codes):
        if code is not None and kind[i] not in (Row.TOTAL, Row.PART):
            for outer in _larger(code):
                if outer in sums:
                    sums[outer] += float(people[i])
    rows = [(of_code[outer], total) for outer, total in sums.items()]
    return [(row, float(people[row]), total) for row, total in sorted(rows) if abs(total - people[row]) > _EXACT]


def _totals_by_words(
    kind: npt.NDArray[np.object_], called_total: Bools, people: Floats
) -> list[tuple[int, float, float]]:
    """Tell rows that are called a total, or are exactly the sum of others; those that do not add up."""
    counted = people[kind == Row.COUNTED]
    sums = (float(counted.sum()), float(people[(kind == Row.COUNTED) | (kind == Row.ELSEWHERE)].sum()))
    unclear = np.flatnonzero((kind == Row.UNKNOWN) | (kind == Row.UNNAMED)).tolist()
    equal = [i for i in unclear if len(counted) > 1 and np.abs(people[i] - np.array(sums)).min() <= _EXACT]
    totals = [i for i in unclear if called_total[i] or i in equal]
    kind[totals] = Row.TOTAL
    if np.any((kind == Row.ROUNDED) | ((kind == Row.UNKNOWN) & (people != 0))):
        return []  # which is told, and why the sum differs
    return [(i, float(people[i]), sums[1]) for i in totals if people[i] > 0 and abs(people[i] - sums[1]) > _EXACT]


def _sums_by_figures(kind: npt.NDArray[np.object_], called_total: Bools, people: Floats) -> None:
    """Tell rows that are exactly the sum of the rows under them, as printed tables without codes are built.

    Such a block of which no row has a district is another county; its rows are not ours.
    """
    for i in reversed(np.flatnonzero((kind == Row.UNKNOWN) & (people > 0)).tolist()):
        rest, block = float(people[i]), []
        for j in range(i + 1, len(kind)):
            counts = kind[j] in (Row.COUNTED, Row.ELSEWHERE, Row.UNKNOWN) and not called_total[j]
            if counts and people[j] > 0:
                rest -= float(people[j])
                block.append(j)
            if not rest > _EXACT:
                break
        if abs(rest) <= _EXACT and len(block) > 1:
            kind[i] = Row.TOTAL
            if all(kind[j] is Row.UNKNOWN for j in block):
                kind[block] = Row.ELSEWHERE


def _column_of_codes(frame: pd.DataFrame) -> list[str | None] | None:
    """The codes of the first column that holds mostly statistical ones; None where there is no such column."""
    for i in range(frame.shape[1]):
        if frame.columns[i] == "geometry":
            continue
        codes = [area_of_code(cell) for cell in texts(frame.iloc[:, i])]
        if sum(code is not None for code in codes) > _MOST * len(codes):
            return codes
    return None


def called_totals(frame: pd.DataFrame) -> Bools:
    """(n,) rows with a cell that is a word for a total."""
    words = {plain_text(word) for word in reference.table("census")["totals"]}
    cells = frame.drop(columns="geometry", errors="ignore").to_numpy(dtype=object)
    said = [any(isinstance(cell, str) and plain_text(cell).strip(":") in words for cell in row) for row in cells]
    return np.array(said, dtype=bool)
