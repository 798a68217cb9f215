"""What changed since another period: the rows of two unions side by side, by code, service and group."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from circle import units
from circle.batch.records import State
from circle.batch.rows import VERSION
from circle.batch.survey import Survey
from circle.errors import InputError, Problem, Severity
from circle.lazily import pd
from circle.settings import Question

UNION = "counties.parquet"
COMPARED = ("people", "covered", "uncovered", "share")
QUESTION = b"question"
"""In the notes of the union: what was asked."""
KEYS = ["scope", "code", "service", "group"]
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("schema_version", "previous_period", "period", "scope", "code", "name")),
        *((name, pa.string()) for name in ("service", "group", "change")),
        ("data_changed", pa.bool_()),
        *((name, pa.float64()) for one in COMPARED for name in (f"{one}_before", one, f"{one}_change")),
    ]
)
_READ = [
    "schema_version", "period", "scope", "code", "name", "state", "service", "group", "limit", "limit_value", "unit",
    "data_key", *COMPARED,
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Before:
    """A union of another period, as far as it is compared with."""

    rows: pd.DataFrame
    period: str | None
    problems: tuple[Problem, ...] = ()


def read_before(folder: Path, question: Question | None) -> Before:
    """The union in a folder of results.

    Parameters
    ----------
    folder
        Of an earlier batch.
    question
        What is asked now; None where region files ask for themselves, see `compare`.

    Raises
    ------
    InputError
        If there is none, or it was written by another version, or answers another question.
    """
    path = folder / UNION
    try:
        schema = pq.read_schema(path)
        table = pq.read_table(path, columns=_READ, partitioning=None) if set(_READ) <= set(schema.names) else None
    except (pa.ArrowInvalid, OSError) as broken:
        raise InputError(_refusal("union.no_previous", path, reason=str(broken).split("\n")[0])) from broken
    versions = [] if table is None else table["schema_version"].unique().to_pylist()
    if table is None or versions not in ([VERSION], []):
        raise InputError(
            _refusal("union.previous_version", path, found=", ".join(map(str, versions)) or "?", wanted=VERSION)
        )
    rows = table.to_pandas()
    then, now = asked_in(schema), asked_of(question)
    if then and now and then != now:
        said = [", ".join(str(one[key]) for key in now if then.get(key) != now[key]) for one in (then, now)]
        raise InputError(_refusal("union.previous_asked", path, before=said[0], now=said[1]))
    asked = () if question is None else ((question.main.value, "s" if question.metric == "time" else "m"),)
    refuse_other_question(rows, asked, path)
    periods = rows["period"].dropna().unique().tolist()
    return Before(rows, str(periods[0]) if periods else None)


def asked_of(question: Question | None) -> dict[str, Any]:
    """What two periods must have in common to be compared; empty where region files ask for themselves."""
    if question is None:
        return {}
    unit = "s" if question.metric == "time" else "m"
    speed = round(question.walking_speed_m_s / units.kmh_to_m_s(1.0), 6)
    return {
        "limit": _limit(question.main.value, unit),
        "walking_speed": f"{speed:g} km/h",
        "standard": question.standard.name,
    }


def asked_in(schema: pa.Schema) -> dict[str, Any]:
    """The same, as a union keeps it in its notes."""
    kept = (schema.metadata or {}).get(QUESTION)
    asked: dict[str, Any] = {} if kept is None else json.loads(kept)
    return asked


def refuse_other_question(rows: pd.DataFrame, asked: Sequence[tuple[float, str]], path: Path) -> None:
    """Shares within fifteen minutes and within ten are no change of anything.

    Raises
    ------
    InputError
        If a limit is in one of the two only.
    """
    done = rows[rows["state"] == State.DONE.value]
    found = {(float(value), str(unit)) for value, unit in zip(done["limit_value"], done["unit"], strict=True)}
    if asked and found and found != set(asked):
        said = [", ".join(_limit(value, unit) for value, unit in sorted(limits)) for limits in (found, set(asked))]
        raise InputError(_refusal("union.previous_question", path, before=said[0], now=said[1]))


def compare(before: Before, shown: Survey, period: str | None, path: Path) -> tuple[pd.DataFrame, list[Problem]]:
    """The rows of ``changes.parquet``, by code, and what a reader has to know of them.

    Raises
    ------
    InputError
        If the two answer different questions.
    """
    refuse_other_question(before.rows, [(value, unit) for _, value, unit in shown.limits], path)
    now = _now(shown)
    then = before.rows[before.rows["service"].notna()]
    joined = then[[*KEYS, "name", "data_key", *COMPARED]].merge(
        now, on=KEYS, how="outer", suffixes=("_before", ""), indicator=True, validate="one_to_one"
    )
    failed_now = {record.county.code for record in shown.failed}
    failed_then = set(before.rows.loc[before.rows["state"] == State.FAILED.value, "code"])
    joined["change"] = _change(joined, failed_now, failed_then)
    known = joined["data_key"].notna() & joined["data_key_before"].notna()
    joined["data_changed"] = (joined["data_key"] != joined["data_key_before"]).astype(object).where(known, None)
    for name in COMPARED:
        joined[f"{name}_change"] = joined[name] - joined[f"{name}_before"]
    joined["name"] = joined["name"].where(joined["name"].notna(), joined["name_before"])
    joined = joined.assign(schema_version=VERSION, previous_period=before.period, period=period)
    return _sorted(joined, shown)[SCHEMA.names], _warnings(before, shown, period, path)


def _now(shown: Survey) -> pd.DataFrame:
    """The counties' rows of today, and those of people in none."""
    codes = np.array([record.county.code for record in shown.records], dtype=object)
    names = np.array([record.county.name for record in shown.records], dtype=object)
    keys = np.array([shown.data_keys.get(number) for number in range(len(names))], dtype=object)
    number = shown.rows["county"].to_numpy(int)
    rows = shown.rows[["service", "group", *COMPARED]].assign(
        scope="county", code=codes[number], name=names[number], data_key=keys[number]
    )
    if shown.elsewhere.empty:
        return rows
    others = shown.elsewhere[["scope", "code", "name", "service", "group", *COMPARED]].assign(data_key=None)
    return pd.concat([rows, others.astype(dict.fromkeys(COMPARED, "float64"))], ignore_index=True)


def _change(joined: pd.DataFrame, failed_now: set[str], failed_then: set[str]) -> pd.Series:
    side = joined["_merge"].map({"both": "both", "left_only": "gone", "right_only": "new"}).astype(object)
    county = joined["scope"] == "county"
    failed = (side == "gone") & joined["code"].isin(failed_now) | (side == "new") & joined["code"].isin(failed_then)
    return side.mask(county & failed, "failed")


def _sorted(joined: pd.DataFrame, shown: Survey) -> pd.DataFrame:
    """By code, those of no county last; services and groups as in the union, unknown ones behind them by name."""
    scope = {"county": 0, "outside": 1, "unlocated": 2}
    service = {name: number for number, name in enumerate(shown.services)}
    group = {name: number for number, name in enumerate(shown.groups)}
    ranked = joined.assign(
        _scope=joined["scope"].map(scope),
        _service=joined["service"].map(service).fillna(len(service)),
        _group=joined["group"].map(group).fillna(len(group)),
    )
    return ranked.sort_values(["_scope", "code", "_service", "service", "_group", "group"], ignore_index=True)


def _warnings(before: Before, shown: Survey, period: str | None, path: Path) -> list[Problem]:
    found = list(before.problems)
    if period is not None and before.period == period:
        found.append(Problem("union.same_period", Severity.WARNING, {"period": period}, str(path)))
    then = {str(name) for name in before.rows["service"].dropna().unique()}
    gone, new = sorted(then - set(shown.services)), sorted(set(shown.services) - then)
    if then and shown.services and (gone or new):
        said = {"gone": ", ".join(gone) or "–", "new": ", ".join(new) or "–"}
        found.append(Problem("union.other_services", Severity.WARNING, said, str(path)))
    return found


def _limit(value: float, unit: str) -> str:
    return f"{value / 60:g} min" if unit == "s" else f"{value:g} m"


def _refusal(code: str, path: Path, **fields: object) -> Problem:
    return Problem(code, Severity.ERROR, fields, str(path))
