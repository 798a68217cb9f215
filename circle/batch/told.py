"""What the files over all counties say of themselves: what every column means, and what everything follows from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from circle import units
from circle.batch.prepared import Prepared
from circle.batch.previous import SCHEMA as CHANGES
from circle.batch.rows import VERSION
from circle.batch.survey import RANKED, Survey, totals
from circle.export.fields import LANGUAGES, meaning, schema_version
from circle.export.provenance import LIBRARIES, input_told, installed_version, records
from circle.export.provenance import question_record as question_told
from circle.export.words import people_words, service_name
from circle.lazily import pd
from circle.messages import text
from circle.reference import table


def fields_of(
    shown: Survey, union: Sequence[str], sheets: Sequence[Mapping[str, str]], changes: pd.DataFrame | None
) -> dict[str, Any]:
    """Every column of every file over all counties, as `circle.export.fields` describes those of one."""
    unit = shown.limits[0][2] if shown.limits else "s"
    files = {name: _plain("counties.parquet", union, unit) for name in ("counties.parquet", "counties.csv")}
    files["counties.xlsx"] = [dict(sheet) for sheet in sheets]
    if changes is not None:
        files |= {name: _plain("changes.parquet", CHANGES.names, unit) for name in ("changes.parquet", "changes.csv")}
    files["coverage.geojson"] = _coverage(shown)
    return {"schema_version": schema_version(), "rows_version": VERSION, "files": files}


def _plain(file: str, names: Sequence[str], unit: str) -> list[dict[str, str]]:
    words: dict[str, dict[str, str]] = {lang: {} for lang in LANGUAGES}
    return [{"name": name, **meaning(file, name, words, unit)} for name in names]


def limit_said(shown: Survey, lang: str) -> str:
    """The main limit of all counties in words; where they differ, that each has its own."""
    if len(shown.limits) != 1:
        return text("union.own_limits", lang)
    _, value, unit = shown.limits[0]
    if unit == "s":
        return text("words.minutes", lang, number=f"{units.s_to_minutes(value):g}")
    return text("words.metres", lang, number=f"{value:,g}")


def column_said(name: str, lang: str) -> str:
    """A column of the table of all counties as its workbook heads it.

    Examples
    --------
    >>> column_said("uncovered", "en"), column_said("share", "zh")
    ('People not within the limit', '覆盖率')
    """
    return text(f"union.head_{name}", lang)


def elsewhere_lines(shown: Survey, lang: str) -> list[str]:
    """How many people are in none of the sums, and why: they live in no county, in one that failed, or nowhere known.

    How many live in a county that failed is known where the province was counted as a whole. The data of a county with
    a region file of its own may hold people outside its districts, or of unknown location.
    """
    rows = shown.elsewhere
    everybody = {} if rows.empty else rows[rows["group"] == "all"].groupby("scope")["people"].max().to_dict()
    everybody["failed"] = sum(record.county.people for record in shown.failed)
    everybody["apart"] = _apart(shown)
    sums = totals(shown)
    counted = people_words(float(sums.loc[sums["group"] == "all", "people"].max()) if len(sums) else 0.0)
    return [
        text(f"union.people_{scope}", lang, people=people_words(float(everybody[scope])), counted=counted)
        for scope in ("outside", "unlocated", "failed", "apart")
        if everybody.get(scope, 0.0) > (scope == "apart") / 2  # a difference of sums
    ]


def _apart(shown: Survey) -> float:
    """People in the data of counties and in none of their rows."""
    everybody = shown.rows[shown.rows["group"] == "all"]
    counted = everybody.groupby("county")["people"].max()
    own = {n: r.people for n, r in enumerate(shown.records) if r.county.row is None and n in counted.index}
    return sum(people - float(counted[n]) for n, people in own.items())


def _coverage(shown: Survey) -> list[dict[str, str]]:
    """Its columns are patterns of services."""
    found = []
    unit = shown.limits[0][2] if shown.limits else "s"
    patterns = table("fields")["counties/coverage.geojson"]
    common = [pattern for pattern in patterns if "{" not in pattern]
    filled = [(pattern, "") for pattern in common]
    filled += [(pattern, service) for service in shown.services for pattern in patterns if "{" in pattern]
    for pattern, service in filled:
        words = {lang: {"service": service_name(service, lang), "limit": limit_said(shown, lang)} for lang in LANGUAGES}
        about = meaning("counties/coverage.geojson", pattern, words, unit)
        found.append({"name": pattern.replace("{service}", service), **about})
    return found


def provenance_of(
    prepared: Prepared, shown: Survey, outputs: Mapping[str, str], *, previous: str | None
) -> dict[str, Any]:
    """What the union follows from. There is no clock in it: the same counties give the same bytes."""
    question = prepared.question
    sums = totals(shown)
    return {
        "schema_version": schema_version(),
        "rows_version": VERSION,
        "circle": installed_version("circle-access"),
        "libraries": {name: installed_version(name) for name in LIBRARIES},
        "province": prepared.name,
        "period": prepared.period,
        "question": None if question is None else question_told(question),
        "inputs": [input_told(file) for file in prepared.inputs],
        "projection": prepared.projection or None,
        "counties": [
            {
                "code": r.county.code,
                "name": r.county.name,
                "folder": r.county.folder,
                "key": r.key,
                "data_key": shown.data_keys[number],
            }
            for number, r in enumerate(shown.records)
            if number in shown.data_keys
        ],
        "failed": [r.county.code for r in shown.failed],
        "totals": records(sums),
        "elsewhere": records(shown.elsewhere[["scope", "service", "group", "people"]]),
        "rank": None if shown.rank_by is None else {"by": shown.rank_by, "first": "worst", "of": list(RANKED)},
        "previous_period": previous,
        "outputs": dict(outputs),
    }
