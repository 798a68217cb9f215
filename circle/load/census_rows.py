"""Which district each row of a census table speaks of, and which rows are sums of others.

Printed tables mix the totals of provinces, prefectures and counties with townships, and go beyond the county in hand.
Codes tell a sum from its parts; without codes, the words for a total, or being exactly the sum of the others, do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt

from circle.load.census_codes import COUNTY_DIGITS, area_of_code, larger_areas
from circle.load.census_labels import Apart, Finder, Row, Rows, label_rows
from circle.load.census_seats import seats_of
from circle.load.sums import EXACT, Short, short_totals
from circle.model import Bools, Districts, Floats, Ints

NEAR = 0.5
"""How alike (difflib) a name must be to be taken for a slip of another."""

_ROUNDED_ROWS = 3
"""So many rows of one county are no totals of it: a spreadsheet has rounded the codes of its townships to numbers."""


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
        Totals whose rows in the table do not add up to them.
    apart
        Rows of which another column names another district (`Row.DISAGREE`).
    beside
        Header of the column of codes by which parts without a code of their own were added, if any were.
    """

    kind: npt.NDArray[np.object_]
    district: Ints
    inside: Bools
    short: tuple[Short, ...]
    apart: tuple[Apart, ...]
    beside: str | None

    def rows(self, *kinds: Row) -> Ints:
        """Positions of the rows of these kinds."""
        return np.flatnonzero(np.isin(self.kind, np.array(kinds, dtype=object)))


def match_rows(rows: Rows, districts: Districts) -> Matched:
    """Tell the rows of a census table apart."""
    people = rows.people
    find = Finder.of(districts)
    labelled = label_rows(rows, find)
    kind, district, codes = labelled.kind, labelled.district, labelled.codes
    kind[(kind == Row.UNNAMED) & (people == 0)] = Row.EMPTY
    seats = seats_of((kind, district, people), codes, districts)
    inside = _by_codes((kind, district, people), codes, find.by_code, seats)
    short = _short_of(codes, kind, people)
    slip = _slips(rows.labels, district[kind == Row.COUNTED], districts)
    _sums_by_figures(kind, rows.called_total, people, slip)
    short += _totals_by_words(kind, rows.called_total, people, slip)
    kind[(kind == Row.UNKNOWN) & (people == 0)] = Row.EMPTY
    beside = any(inside[i] and area_of_code(rows.labels[i]) is None for i in range(len(inside)))
    return Matched(kind, district, inside, tuple(short), labelled.apart, labelled.beside if beside else None)


def _slips(labels: Sequence[str | None], counted: Ints, districts: Districts) -> Callable[[int], bool]:
    """Whether a row is called nearly as a district that has none: it is that one rather than a sum."""
    free = np.setdiff1d(np.arange(len(districts.frame)), counted)
    names = districts.frame["district_name"].astype(str).to_numpy()[free].tolist()
    return lambda i: bool(get_close_matches(labels[i] or "", names, n=1, cutoff=NEAR))


def _by_codes(
    rows: tuple[npt.NDArray[np.object_], Ints, Floats],
    codes: Sequence[str | None],
    areas: Mapping[str, int],
    seats: Set[str],
) -> Bools:
    """Tell totals, parts and rows of elsewhere by code; (n,) which rows are added to a district as parts of it.

    A row of a district without a figure is a heading: the parts under it count. Nothing lies in a seat by its code.
    """
    kind, district, people = rows
    inside = np.zeros(len(kind), dtype=bool)
    direct = [i for i, code in enumerate(codes) if code is not None and kind[i] is Row.COUNTED and people[i] != 0]
    own = {str(codes[i]): int(district[i]) for i in direct}
    above = {outer for code in codes if code is not None for outer in larger_areas(code)}
    above_districts = {outer for code in areas for outer in larger_areas(code)}
    counted_below = {outer for code in own for outer in larger_areas(code)}
    own = {code: at for code, at in own.items() if code not in seats}
    number = {code: at for code, at in (dict(areas) | own).items() if code not in seats}
    counties = {code[:COUNTY_DIGITS] for code in (*number, *seats)}
    for i, code in enumerate(codes):
        if code is None:
            continue
        if kind[i] is Row.COUNTED:
            kind[i] = Row.TOTAL if code in counted_below and code not in seats else Row.COUNTED
        elif kind[i] is Row.UNKNOWN:
            outer = next((larger for larger in larger_areas(code) if larger in number), None)
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


def _short_of(codes: Sequence[str | None], kind: npt.NDArray[np.object_], people: Floats) -> list[Short]:
    """Totals by code, of counted rows one level below, whose rows in the table do not add up to them.

    A township is missing then, or a figure is wrong. Of a province nobody expects all rows.
    """
    of_code = {code: i for i, code in enumerate(codes) if code is not None and kind[i] is Row.TOTAL}
    above = {
        larger_areas(code)[0]
        for i, code in enumerate(codes)
        if code and kind[i] in (Row.COUNTED, Row.DISAGREE) and larger_areas(code)
    }
    sums = dict.fromkeys(above & set(of_code), 0.0)
    for i, code in enumerate(codes):
        if code is not None and kind[i] not in (Row.TOTAL, Row.PART):
            for outer in larger_areas(code):
                if outer in sums:
                    sums[outer] += float(people[i])
    rows = [(of_code[outer], total) for outer, total in sums.items()]
    return [Short(row, float(people[row]), total) for row, total in sorted(rows) if abs(total - people[row]) > EXACT]


def _totals_by_words(
    kind: npt.NDArray[np.object_], called_total: Bools, people: Floats, slip: Callable[[int], bool]
) -> list[Short]:
    """Tell rows that are called a total, or are exactly the sum of others; those that do not add up."""
    ours = (kind == Row.COUNTED) | (kind == Row.DISAGREE)
    listed = ours | (kind == Row.ELSEWHERE)
    sums = (float(people[ours].sum()), float(people[listed].sum()))
    unclear = np.flatnonzero((kind == Row.UNKNOWN) | (kind == Row.UNNAMED)).tolist()
    equal = [i for i in unclear if ours.sum() > 1 and np.abs(people[i] - np.array(sums)).min() <= EXACT and not slip(i)]
    totals = [i for i in unclear if called_total[i] or i in equal]
    kind[totals] = Row.TOTAL
    if np.any((kind == Row.ROUNDED) | ((kind == Row.UNKNOWN) & (people != 0))):
        return []  # which is told, and why the sum differs
    short = short_totals(people, kind == Row.TOTAL, listed | (kind == Row.PART), sums[::-1])
    return [one for one in short if one.row in totals]


def _sums_by_figures(
    kind: npt.NDArray[np.object_], called_total: Bools, people: Floats, slip: Callable[[int], bool]
) -> None:
    """Tell rows that are exactly the sum of the rows under them, as printed tables without codes are built.

    Such a block of which no row has a district is another county; its rows are not ours.
    """
    for i in reversed(np.flatnonzero((kind == Row.UNKNOWN) & (people > 0)).tolist()):
        rest, block = float(people[i]), []
        for j in range(i + 1, len(kind)):
            counts = kind[j] in (Row.COUNTED, Row.DISAGREE, Row.ELSEWHERE, Row.UNKNOWN) and not called_total[j]
            if counts and people[j] > 0:
                rest -= float(people[j])
                block.append(j)
            if not rest > EXACT:
                break
        if abs(rest) <= EXACT and len(block) > 1 and not slip(i):
            kind[i] = Row.TOTAL
            if all(kind[j] is Row.UNKNOWN for j in block):
                kind[block] = Row.ELSEWHERE
