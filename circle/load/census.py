"""People per district, from a census table or from the district layer's own columns; nobody is lost silently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import numpy.typing as npt

from circle.errors import Listed
from circle.lazily import pd
from circle.load.census_codes import COUNTY_DIGITS
from circle.load.census_labels import NOWHERE, Row, Rows
from circle.load.census_rows import NEAR, Matched, match_rows
from circle.load.columns import SHOWN, listed, parse_numbers, plain_text, rows_listed
from circle.load.located import Located
from circle.load.population import (
    count_columns,
    counts_of,
    people_per_unit,
    tell_implausible,
    tell_larger_groups,
    with_total,
)
from circle.model import Districts, Floats


@dataclass(frozen=True, eq=False)
class CensusTable:
    """A table of people, a row per district.

    Parameters
    ----------
    frame
        As read; its index holds the row numbers that the user's program shows.
    labels
        (n,) code or name of the district of each row, None where there is none.
    column
        Where they stand, for messages.
    """

    frame: pd.DataFrame
    labels: npt.NDArray[np.object_]
    column: str


def district_people(
    table: CensusTable, districts: Districts, at: Located, *, people: str | None, groups: Mapping[str, str] | None
) -> tuple[Floats, tuple[str, ...]] | None:
    """People of every district by group, with every row of the table accounted for.

    Parameters
    ----------
    people
        Column of all residents; None: recognised by its header.
    groups
        Group to column.

    Returns
    -------
    people
        (groups, d) in the order of `districts`, ``"all"`` first.
    groups
        Their names. None instead of both after an error.
    """
    errors_before = len(at.findings.errors)
    columns = count_columns(table.frame, people, groups, at)
    if not columns:
        return None
    everyone = _everyone(table.frame, columns)
    matched = match_rows(Rows.of(table.frame, list(table.labels), everyone), districts)
    _tell_unusable(table, matched, everyone, districts, at)
    _tell_left_out(table, matched, everyone, at)
    counted = matched.rows(Row.COUNTED)
    if not len(counted):
        if not len(matched.rows(Row.ROUNDED, Row.DISAGREE)):
            _tell_nothing(table, districts, at)
        return None
    _tell_twice(table, matched, districts, at)
    values = [counts_of(table.frame[column].iloc[counted], at) for column in columns.values()]
    tell_larger_groups(table.frame.iloc[counted], columns, at, [_said(table, i) for i in counted])
    for column in columns.values():
        tell_implausible(table.frame[column].drop(table.frame.index[counted]), at)
    if len(at.findings.errors) > errors_before:
        return None
    rows, names = with_total(np.array(values), tuple(columns), at)
    of_district = np.zeros((len(names), len(districts.frame)))
    np.add.at(of_district.T, matched.district[counted], rows.T)
    if not of_district[0].any():
        at.error("population.nobody")
        return None
    _tell_without_row(table, matched, districts, at)
    at.note(
        "census.counted",
        rows=len(counted),
        column=", ".join(name for name in (table.column, matched.beside) if name),
        districts=len(np.unique(matched.district[counted])),
        people=f"{of_district[0].sum():,.0f}",
    )
    return of_district, names


def _everyone(frame: pd.DataFrame, columns: Mapping[str, str]) -> Floats:
    """All residents of each row, before anything is said of the cells; NaN for what is no number."""
    used = [columns["all"]] if "all" in columns else list(columns.values())
    people = np.zeros(len(frame))
    for column in used:
        values, unread = parse_numbers(frame[column])
        people += np.where(unread, np.nan, np.nan_to_num(values)) * people_per_unit(column)
    return people


def _tell_unusable(table: CensusTable, matched: Matched, people: Floats, districts: Districts, at: Located) -> None:
    """Errors for rows whose people would be lost."""
    index, labels = table.frame.index, pd.Series(table.labels, index=table.frame.index)
    rounded, unnamed = matched.rows(Row.ROUNDED), matched.rows(Row.UNNAMED)
    short = np.array(
        [str(table.labels[i]).isdecimal() and len(table.labels[i]) <= COUNTY_DIGITS for i in rounded], bool
    )
    for code, rows in (("census.code_rounded", rounded[~short]), ("census.code_of_larger", rounded[short])):
        if len(rows):
            at.error(code, column=table.column, cells=listed(labels.iloc[rows]))
    if len(unnamed):
        at.error("census.label_missing", column=table.column, rows=rows_listed(index[unnamed]))
    if len(ambiguous := matched.rows(Row.AMBIGUOUS)):
        at.error("census.name_ambiguous", column=table.column, cells=listed(labels.iloc[ambiguous]))
    _tell_apart(table, matched, districts, at)
    unknown = matched.rows(Row.UNKNOWN)
    if len(unknown) and len(matched.rows(Row.COUNTED)):
        free = np.setdiff1d(np.arange(len(districts.frame)), matched.district)
        at.error(
            "census.no_district",
            count=len(unknown),
            people=f"{np.nansum(people[unknown]):,.0f}",
            cells=_with_nearest(table, unknown.tolist(), districts.frame.iloc[free]),
        )


def _tell_apart(table: CensusTable, matched: Matched, districts: Districts, at: Located) -> None:
    """Errors for rows whose label and whose name or code in another column are those of different districts."""
    for other in sorted({one.header for one in matched.apart}):
        rows = [one for one in matched.apart if one.header == other]
        shown = [
            f"{table.frame.index[one.row]}: “{table.labels[one.row]}” ↔ “{one.said}”"
            + ("" if one.district == NOWHERE else f" = {_otherwise(districts.frame.iloc[one.district], one.said)}")
            for one in rows[:SHOWN]
        ]
        words = "; ".join(shown) + ("; …" if len(rows) > SHOWN else "")
        cells = Listed(words, [int(table.frame.index[one.row]) for one in rows], [one.said for one in rows])
        at.error("census.labels_differ", column=table.column, other=other, count=len(rows), cells=cells)


def _otherwise(district: pd.Series[Any], said: str) -> str:
    """The name of a district that was told by its code, else its code."""
    name, code = str(district["district_name"]), str(district["district_id"])
    return code if plain_text(said) == plain_text(name) else name


def _with_nearest(table: CensusTable, rows: Sequence[int], free: pd.DataFrame) -> str:
    """Each row with the district that it could mean: of those without a row, the one whose name or code is nearest."""
    called = _called(free)
    known: dict[str, str] = {}
    for column in ("district_id", "district_name"):
        known |= dict(zip(free[column].astype(str), called, strict=True))
    shown = []
    for i in rows[:SHOWN]:
        name, label = _name(table, i), str(table.labels[i])
        near = [one for said in (name, label) if said for one in get_close_matches(said, known, n=1, cutoff=NEAR)]
        words = f"{table.frame.index[i]}: “{label}”" + (f" ({name})" if name else "")
        shown.append(f"{words} → {known[near[0]]}?" if near else words)
    return ", ".join(shown) + (", …" if len(rows) > SHOWN else "")


def _name(table: CensusTable, row: int) -> str | None:
    """What a row that names its district by code is called beside it: its first text that is no number."""
    label = str(table.labels[row])
    if not label.isdecimal():
        return None
    cells = [cell.strip() for cell in table.frame.iloc[row].to_numpy(dtype=object) if isinstance(cell, str)]
    return next((cell for cell in cells if cell and not cell.replace(",", "").replace(".", "").isdecimal()), None)


def _called(frame: pd.DataFrame) -> list[str]:
    """Districts by name, and by code where that is something else."""
    pairs = zip(frame["district_name"].astype(str), frame["district_id"].astype(str), strict=True)
    return [name if name == code else f"{name} ({code})" for name, code in pairs]


def _tell_left_out(table: CensusTable, matched: Matched, people: Floats, at: Located) -> None:
    """Notes on rows that are sums, parts or elsewhere, and a warning where a sum is not that of its rows."""
    labels = pd.Series([_said(table, i) for i in range(len(table.labels))], index=table.frame.index, dtype=object)
    for kind in (Row.TOTAL, Row.PART, Row.ELSEWHERE):
        rows = matched.rows(kind)
        if len(rows):
            lost, cells = f"{np.nansum(people[rows]):,.0f}", listed(labels.iloc[rows])
            at.note(f"census.left_out_{kind.value}", count=len(rows), people=lost, cells=cells)
    for row, total, parts in matched.short:
        at.warn(
            "census.sum_differs",
            row=int(table.frame.index[row]),
            label=_said(table, row),
            total=f"{total:,.0f}",
            parts=f"{parts:,.0f}",
            difference=f"{abs(total - parts):,.0f}",
        )


def _said(table: CensusTable, row: int) -> str:
    """What a row calls itself: its label, else the first text in it."""
    if table.labels[row] is not None:
        return str(table.labels[row])
    cells = table.frame.iloc[row].to_numpy(dtype=object)
    return next((cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()), "-")


def _tell_nothing(table: CensusTable, districts: Districts, at: Located) -> None:
    labels = [str(label) for label in table.labels if label is not None]
    ours = ", ".join(_called(districts.frame)[:5])
    at.error("census.none_matched", column=table.column, found=", ".join(labels[:5]) or "-", districts=ours)


def _tell_twice(table: CensusTable, matched: Matched, districts: Districts, at: Located) -> None:
    """Errors for districts that have several rows: which one is right cannot be known."""
    direct = np.flatnonzero((matched.kind == Row.COUNTED) & ~matched.inside)
    number, times = np.unique(matched.district[direct], return_counts=True)
    for district in number[times > 1]:
        rows = direct[matched.district[direct] == district]
        name = str(districts.frame["district_name"].iloc[district])
        at.error("census.twice", district=name, rows=rows_listed(table.frame.index[rows]))


def _tell_without_row(table: CensusTable, matched: Matched, districts: Districts, at: Located) -> None:
    """Warn of districts of which the table says nothing: nobody is counted there."""
    counted = matched.district[matched.rows(Row.COUNTED)]
    without = np.setdiff1d(np.arange(len(districts.frame)), counted[counted != NOWHERE])
    if len(without):
        frame = districts.frame.iloc[without]
        spare = [str(table.labels[i]) for i in matched.rows(Row.EMPTY, Row.ELSEWHERE, Row.PART) if table.labels[i]]
        shown = []
        for name, called in list(zip(frame["district_name"].astype(str), _called(frame), strict=True))[:SHOWN]:
            near = get_close_matches(name, spare, n=1, cutoff=NEAR)
            shown.append(called + (f" → “{near[0]}”?" if near else ""))
        names = ", ".join(shown) + (", …" if len(without) > SHOWN else "")
        at.warn("census.no_row", count=len(without), districts=names)
