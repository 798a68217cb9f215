"""``counties.xlsx``: a row per county, all rows by service and group, what changed; rows go to disk as they come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from circle import units
from circle.batch.records import Record, State
from circle.batch.survey import Survey, totals
from circle.errors import Severity, render
from circle.export.fields import meaning
from circle.export.group_words import group_name
from circle.export.streams import RowBook, RowSheet
from circle.export.words import service_name
from circle.export.workbook import Column, both
from circle.lazily import pd
from circle.messages import LANGUAGES, text

PER_SERVICE = (
    "share", "straight_share", "covered", "uncovered", "median_cost", "facilities", "gaps", "largest_gap_people",
    "rank",
)  # fmt: skip
PER_COUNTY = ("leg_over_500m", "no_road")
KINDS = {
    "share": "share", "straight_share": "share", "median_cost": "minutes", "p90_cost": "minutes",
    "facilities": "integer", "gaps": "integer", "rank": "integer", "far_facilities": "integer", "limit_value": "kmh",
    "share_before": "share", "share_change": "share",
}  # fmt: skip
TEXTS = (
    "schema_version", "period", "previous_period", "scope", "code", "name", "state", "failure", "service", "group",
    "limit", "unit", "largest_gap_name", "warnings", "population_kind", "data_key", "change", "data_changed",
)  # fmt: skip

Rows = Sequence[Mapping[str, Any]]
"""Rows of the union as plain values; None where there is none."""


class CountyBook:
    """The sheets, in their order; rows are given in the order of their counties."""

    def __init__(self, book: RowBook, shown: Survey, columns: Sequence[str]) -> None:
        self._shown = shown
        self._unit = "m" if all(unit == "m" for _, _, unit in shown.limits) and shown.limits else "s"
        self._names = tuple(columns)
        self._wide = book.sheet(both("union.sheet_counties"), self._wide_columns(), fixed=2)
        self._long = book.sheet(both("union.sheet_rows"), [self.column(name) for name in columns], fixed=4)
        self._write_totals()

    def column(self, name: str, service: str = "") -> Column:
        """A column without values: its heads in both languages."""
        unit = "min" if self._unit == "s" else "m"
        key = f"union.head_of_{name}" if service else f"union.head_{name}"
        heads = {
            lang: text(key, lang, service=service_name(service, lang), unit=text(f"workbook.unit_{unit}", lang))
            for lang in LANGUAGES
        }
        if name in ("median_cost", "p90_cost") and not service:
            heads = {lang: f"{head} ({text(f'workbook.unit_{unit}', lang)})" for lang, head in heads.items()}
        limits = [units.s_to_minutes(value) if self._unit == "s" else value for _, value, _ in self._shown.limits]
        cost = name in ("median_cost", "p90_cost")
        kind = "text" if name in TEXTS else KINDS.get(name, "people")
        if cost and self._unit == "m":
            kind = "metres"
        about = (
            {}
            if service
            else meaning("counties.parquet" if name in self._names else "changes.parquet", name, _WORDS, unit)
        )
        values = () if service else self._examples(name)
        return Column(heads, kind, values, tuple(limits) if cost else (), about)

    def _examples(self, name: str) -> Sequence[str]:
        """Of texts, by which the width of a column is told."""
        counties = [record.county for record in self._shown.records[:2000]]
        services = [
            _in_both(*(service_name(one, lang) for lang in reversed(LANGUAGES))) for one in self._shown.services
        ]
        groups = [_in_both(*(group_name(one, lang) for lang in reversed(LANGUAGES))) for one in self._shown.groups]
        known = {
            "code": [county.code for county in counties],
            "name": [*(county.name for county in counties), both("union.total"), both("union.scope_outside")],
            "service": services,
            "group": groups,
            "scope": [both("union.scope_outside")],
            "state": [both("union.done")],
            "change": [both("union.change_failed")],
            "data_key": list(self._shown.data_keys.values())[:1],
        }
        return known.get(name, ())

    def write_county(self, number: int, rows: Rows) -> None:
        """A county's row of the first sheet, and its rows of the second; a failed one has a single row."""
        record = self._shown.records[number]
        self._wide.write([self._wide_row(record, rows)])
        self._long.write(self._long_rows(rows))

    def write_elsewhere(self, rows: Rows) -> None:
        """People in no county, behind all counties."""
        self._long.write(self._long_rows(rows))

    def described(self) -> list[dict[str, str]]:
        """Every column of both sheets for ``fields.json``; its `name` is the English head."""
        sheets = ((both("union.sheet_counties"), self._wide), (both("union.sheet_rows"), self._long))
        return [line for title, sheet in sheets for line in described(title, sheet.columns)]

    def _wide_columns(self) -> list[Column]:
        made = [self.column(name) for name in ("code", "name", "state", "failure", "people")]
        for service in self._shown.services:
            for name in self._per_service():
                column = self.column(name, service)
                words = {lang: {"service": service_name(service, lang)} for lang in LANGUAGES}
                about = self.column(name).about
                said = {lang: f"{words[lang]['service']}: {about[lang]}" for lang in LANGUAGES}
                made.append(replace(column, about={**about, **said}))
        return [*made, *(self.column(name) for name in PER_COUNTY)]

    def _per_service(self) -> tuple[str, ...]:
        return PER_SERVICE if self._shown.rank_by else PER_SERVICE[:-1]

    def _wide_row(self, record: Record, rows: Rows) -> list[Any]:
        state = both("union.failed" if record.state is State.FAILED else "union.done")
        if record.state is State.FAILED:
            empty = len(self._wide.columns) - 4
            return [record.county.code, record.county.name, state, failure_of(record), *([None] * empty)]
        mine = {row["service"]: row for row in rows if row["group"] == "all"}
        values: list[Any] = [record.county.code, record.county.name, state, None, rows[0]["people"] if rows else None]
        for service in self._shown.services:
            own = mine.get(service, {})
            values += [self._cost(name, own.get(name)) for name in self._per_service()]
        return [*values, *(rows[0][name] if rows else None for name in PER_COUNTY)]

    def _write_totals(self) -> None:
        """Above the counties: their sums; who lives in none of them; each only where there is something to say."""
        sums = totals(self._shown)
        sums = sums[sums["group"] == "all"].set_index("service")
        if not sums.empty:
            self._wide.write([self._sum_row(both("union.total"), sums)], bold=True)
        for scope in ("outside", "unlocated"):
            rows = self._shown.elsewhere
            rows = rows[(rows["scope"] == scope) & (rows["group"] == "all")]
            if len(rows):
                self._wide.write([self._sum_row(both(f"union.scope_{scope}"), rows.set_index("service"))], bold=True)

    def _sum_row(self, title: str, sums: pd.DataFrame) -> list[Any]:
        added = {"share", "straight_share", "covered", "uncovered", "facilities", "gaps"}
        values: list[Any] = [None, title, None, None, sums["people"].max()]
        for service in self._shown.services:
            known = service in sums.index
            values += [sums[name][service] if known and name in added else None for name in self._per_service()]
        return [*values, *(None for _ in PER_COUNTY)]

    def _long_rows(self, rows: Rows) -> Iterator[list[Any]]:
        for row in rows:
            yield [self._said(name, row[name]) for name in self._names]

    def _said(self, name: str, value: Any) -> Any:
        """Words for keys; text from data as it is."""
        if value is None:
            return None
        if name == "service":
            return _in_both(service_name(value, "zh"), service_name(value, "en"))
        if name == "group":
            return _in_both(group_name(value, "zh"), group_name(value, "en"))
        if name == "scope":
            return both(f"union.scope_{value}")
        if name == "state":
            return both(f"union.{value}")
        return self._cost(name, value)

    def _cost(self, name: str, value: Any) -> Any:
        if name in ("median_cost", "p90_cost") and self._unit == "s" and value is not None:
            return units.s_to_minutes(value)
        return value


_WORDS: Mapping[str, Mapping[str, str]] = {lang: {} for lang in LANGUAGES}


def described(title: str, columns: Sequence[Column]) -> list[dict[str, str]]:
    """Columns of a sheet for ``fields.json``."""
    return [
        {"sheet": title, "name": column.heads["en"], "name_zh": column.heads["zh"], **column.about}
        for column in columns
    ]


def write_changes(sheet: RowSheet, names: Sequence[str], rows: pd.DataFrame) -> None:
    """Rows of what changed, keys in words."""
    for row in rows[list(names)].itertuples(index=False):
        sheet.write([[_change(name, value) for name, value in zip(names, row, strict=True)]])


def _change(name: str, value: Any) -> Any:
    if value is None or value is pd.NA or value != value:
        return None
    if name == "data_changed":
        return both("union.yes" if value else "union.no")
    if name in ("change", "scope"):
        return both(f"union.change_{value}" if name == "change" else f"union.scope_{value}")
    if name == "service":
        return _in_both(service_name(value, "zh"), service_name(value, "en"))
    return _in_both(group_name(value, "zh"), group_name(value, "en")) if name == "group" else value


def failure_of(record: Record, lang: str = "en") -> str:
    """Why a county failed, in one line."""
    said = [render(problem, lang) for problem in record.problems if problem.severity is Severity.ERROR]
    return " · ".join(said or [render(problem, lang) for problem in record.problems])


def _in_both(zh: str, en: str) -> str:
    return zh if zh == en else f"{zh} {en}"
