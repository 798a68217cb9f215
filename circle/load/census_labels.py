"""Which district each row of a census table names, and whether what stands beside the name agrees.

The column that the user names decides. Another column of codes only tells totals and other counties from the districts'
own rows; where it names another district, or a name beside a code does, people could land in the wrong place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from circle.lazily import pd
from circle.load.census_codes import COUNTY_DIGITS, area_of_code, is_rounded, larger_areas
from circle.load.columns import find_column, plain_text, texts
from circle.load.header_rows import called_totals
from circle.model import Bools, Districts, Floats, Ints

NOWHERE = -1
_MOST = 0.5
"""Share of a column's cells that must be codes, each its own: titles, sums and notes stand in it too."""

Codes = list[str | None]


class Row(Enum):
    """What a row of a census table is."""

    COUNTED = "counted"
    EMPTY = "empty"
    ROUNDED = "rounded"
    UNNAMED = "unnamed"
    AMBIGUOUS = "ambiguous"
    DISAGREE = "disagree"
    TOTAL = "total"
    PART = "part"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"


class Column(NamedTuple):
    """A column of a table as text."""

    header: str
    cells: npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Rows:
    """What the rows of a census table say of themselves.

    Parameters
    ----------
    labels
        (n,) code or name of the district, None where there is none.
    others
        The other columns.
    names
        Header of the column that holds names of districts by its header; None: none does.
    called_total
        (n,) a word for a total stands in the row.
    people
        (n,) all residents; 0 where the cell is empty, NaN where it holds something else than a number.
    """

    labels: Sequence[str | None]
    others: Sequence[Column]
    names: str | None
    called_total: Bools
    people: Floats

    @classmethod
    def of(cls, frame: pd.DataFrame, labels: Sequence[str | None], people: Floats) -> Self:
        """Read the rows of a table; columns that repeat the labels say nothing."""
        every = [Column(str(name), texts(frame.iloc[:, i])) for i, name in enumerate(frame.columns)]
        others = [one for one in every if one.header != "geometry" and one.cells.tolist() != list(labels)]
        return cls(labels, others, find_column(frame, "district_name"), called_totals(frame), people)


class Apart(NamedTuple):
    """A row of which another column names another district, or (`NOWHERE`) another county."""

    row: int
    header: str
    said: str
    district: int


@dataclass(frozen=True, eq=False)
class Labelled:
    """What the labels of the rows say.

    Parameters
    ----------
    kind, district
        (n,) `Row.COUNTED` and the row number in `Districts`; else unknown yet, and `NOWHERE`.
    codes
        (n,) see `area_of_code`; None where a row has no statistical code.
    beside
        Header of the column of codes where it is not that of the labels.
    apart
        Rows whose label and what stands beside it disagree.
    """

    kind: npt.NDArray[np.object_]
    district: Ints
    codes: Codes
    beside: str | None
    apart: tuple[Apart, ...]


@dataclass(frozen=True)
class Finder:
    """Finds districts by statistical code, by the code as it is written, and by name."""

    by_code: Mapping[str, int]
    by_id: Mapping[str, int]
    by_name: Mapping[str, Sequence[int]]
    codes: Sequence[str | None]

    @classmethod
    def of(cls, districts: Districts) -> Self:
        """What `districts` are called."""
        ids = districts.frame["district_id"].astype(str).tolist()
        codes = [area_of_code(written) for written in ids]
        by_name: dict[str, list[int]] = {}
        for row, name in enumerate(districts.frame["district_name"].astype(str)):
            by_name.setdefault(plain_text(name), []).append(row)
        by_code = {code: row for row, code in enumerate(codes) if code is not None}
        return cls(by_code, {plain_text(written): row for row, written in enumerate(ids)}, by_name, codes)

    def __call__(self, label: str | None, code: str | None) -> tuple[Row, int]:
        """What a row is and its district, by its label alone; `code` is that which the label is."""
        if label is None:
            return Row.UNNAMED, NOWHERE
        if is_rounded(label):
            return Row.ROUNDED, NOWHERE
        at = NOWHERE if code is None else self.by_code.get(code, NOWHERE)
        at = at if at != NOWHERE else self.by_id.get(plain_text(label), NOWHERE)
        named = self.named(label)
        if at != NOWHERE or len(named) == 1:
            return Row.COUNTED, at if at != NOWHERE else named[0]
        return (Row.AMBIGUOUS if named else Row.UNKNOWN), NOWHERE

    def named(self, text: str | None) -> Sequence[int]:
        """The districts of a name."""
        return () if text is None else self.by_name.get(plain_text(text), ())

    def is_near(self, code: str) -> bool:
        """Whether an area lies in the county of a district, or a district lies in it."""
        return any(code.startswith(ours[:COUNTY_DIGITS]) or ours.startswith(code) for ours in self.by_code)


def label_rows(rows: Rows, find: Finder) -> Labelled:
    """Which district each row names, and which rows contradict themselves."""
    own = [area_of_code(label) for label in rows.labels]
    found = [find(label, code) for label, code in zip(rows.labels, own, strict=True)]
    kind = np.array([what for what, _ in found], dtype=object)
    district = np.array([at for _, at in found], dtype=np.int64)
    beside = _column_of_codes(rows, district, find)
    said = Labelled(kind, district, own, None if beside is None else beside.header, ())
    apart = list(_names_apart(rows, said, find))
    if beside is not None:
        apart += _codes_apart(rows, beside, said, find)
    kind[[one.row for one in apart]] = Row.DISAGREE
    return Labelled(kind, district, said.codes, said.beside, tuple(apart))


def _column_of_codes(rows: Rows, district: Ints, find: Finder) -> Column | None:
    """Another column that holds mostly statistical codes, each its own: of several that which fits the labels best."""
    best, most = None, -1
    for column in rows.others:
        codes = [area_of_code(cell) for cell in column.cells]
        if len(set(codes) - {None}) > _MOST * len(codes):
            fits = sum(
                at != NOWHERE and code is not None and find.codes[at] == code
                for at, code in zip(district, codes, strict=True)
            )
            if fits > most:
                best, most = column, fits
    return best


def _codes_apart(rows: Rows, beside: Column, said: Labelled, find: Finder) -> Iterator[Apart]:
    """Complete the codes of `said` by those beside the labels; yield the rows in which these contradict the label.

    Where the codes are not those of most districts named (old ones, those of another list) they tell nothing.
    """
    kind, district = said.kind, said.district
    spare = {i: code for i, cell in enumerate(beside.cells) if said.codes[i] is None and (code := area_of_code(cell))}
    named = {i: ours for i in spare if kind[i] is Row.COUNTED and (ours := find.codes[district[i]]) is not None}
    fitting = {ours for i, ours in named.items() if spare[i] == ours}
    trusted = len(fitting) >= len(set(named.values()) - fitting)
    for i, code in spare.items():
        there = find.by_code.get(code, NOWHERE)
        if kind[i] is Row.AMBIGUOUS and there in find.named(rows.labels[i]):
            kind[i], district[i] = Row.COUNTED, there
        if i not in named:
            said.codes[i] = code if trusted else None
            continue
        ours = said.codes[i] = named[i]
        if there not in (NOWHERE, district[i]):
            yield Apart(i, beside.header, str(beside.cells[i]), there)
        elif code != ours and trusted and not _beside_each_other(code, ours):
            if ours in fitting:  # of the same name, but the district has a row with its own code
                kind[i], district[i], said.codes[i] = Row.UNKNOWN, NOWHERE, code
            elif not find.is_near(code):
                yield Apart(i, beside.header, str(beside.cells[i]), NOWHERE)


def _beside_each_other(code: str, other: str) -> bool:
    """Whether two areas lie in one larger area and are of one level: no two have one name, so a code is out of date."""
    return len(code) == len(other) and larger_areas(code)[:1] == larger_areas(other)[:1]


def _names_apart(rows: Rows, said: Labelled, find: Finder) -> Iterator[Apart]:
    """The rows that name a district by code, and another one by a name beside it."""
    coded = [i for i, label in enumerate(rows.labels) if said.kind[i] is Row.COUNTED and not find.named(label)]
    for column in rows.others:
        named = {i: find.named(column.cells[i]) for i in coded if not str(column.cells[i]).isdecimal()}
        named = {i: districts for i, districts in named.items() if districts}
        other = [i for i, districts in named.items() if said.district[i] not in districts]
        each_its_own = len(named) == len(coded) == len({districts[0] for districts in named.values()})
        if column.header == rows.names or each_its_own or len(other) < len(named) - len(other):
            yield from (Apart(i, column.header, str(column.cells[i]), named[i][0]) for i in other)
