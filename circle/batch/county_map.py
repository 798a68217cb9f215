"""What the map of a province shows, as plain data for its scripts: areas, numbers and words, nothing that could run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from circle import units
from circle.batch.book import failure_of
from circle.batch.prepared import Prepared
from circle.batch.records import COUNTIES, State
from circle.batch.survey import Survey, totals
from circle.batch.told import column_said, elsewhere_lines, limit_said
from circle.export.county_page import encoded_areas, page_words
from circle.export.folder import MAP as COUNTY_MAP
from circle.export.geojson import plain
from circle.export.group_words import group_names
from circle.export.map_about import about_inputs, licences
from circle.export.words import kind_words, service_name
from circle.lazily import pd
from circle.messages import LANGUAGES, text
from circle.model import Geometries

NAMED = 500
"""Counties whose names are written on the map, the most populous first; the search knows all."""
OSM_ENDINGS = (".pbf", ".osm", ".graphml")
ROUNDED = {"share": 5, "straight": 5, "before": 5, "change": 5}


def county_map_data(
    prepared: Prepared, shown: Survey, areas: Geometries, changes: pd.DataFrame | None, out: Path, lang: str
) -> dict[str, Any]:
    """What the scripts draw.

    Parameters
    ----------
    prepared, shown, areas
        The counties: what they have in common, their numbers, where they lie.
    changes
        Rows of ``changes.parquet``; None without another period.
    out
        Where counties' folders are; those with a map of their own are linked to.
    lang
        In which language the page opens.

    Returns
    -------
    dict
        Plain lists, numbers and strings, ready for JSON. Strings are texts, never markup.
    """
    shapes, points, bounds = encoded_areas(areas)
    cubes = _cubes(shown)
    previous = None
    if changes is not None:
        previous = next((p for p in changes["previous_period"] if p), None) or "–"
        _add_changes(cubes, shown, changes)
    counties = list(_counties(shown, out, shapes, points))
    if changes is not None:
        _mark_changed(counties, changes)
    people = cubes.pop("people")
    crowd = people[-1, 0] if len(people) else np.zeros(len(counties))
    order = np.argsort(-np.nan_to_num(crowd), kind="stable")
    limits = [value for _, value, _ in shown.limits] or [units.minutes_to_s(15.0)]
    return {
        "lang": lang,
        "said": {language: _said(prepared, shown, language) for language in LANGUAGES},
        "metric": "distance" if shown.limits and shown.limits[0][2] == "m" else "time",
        "main": limits[-1],
        "limits": limits,
        "bounds": bounds,
        "counties": counties,
        "named": [int(row) for row in order[:NAMED] if shapes[row] is not None],
        "people": [_plain_list(people[:, group].max(axis=0), "people") for group in range(len(shown.groups))]
        if len(people)
        else [],
        "values": _values(cubes, shown),
        "totals": _totals(shown),
        "shown": max(len(shown.services) - 1, 0),  # all services: what terminal and workbook begin with
        "rankBy": shown.rank_by,
        "previous": previous,
        "about": {
            "said": {language: about_inputs(prepared.inputs, language) for language in LANGUAGES},
            "licences": licences(),
        },
    }


def _counties(
    shown: Survey, out: Path, shapes: Sequence[Any], points: Sequence[list[float] | None]
) -> list[dict[str, Any]]:
    doubt = shown.rows.groupby("county")["leg_over_500m"].first().to_dict()
    found = []
    for number, record in enumerate(shown.records):
        county = record.county
        one: dict[str, Any] = {"code": county.code, "name": county.name, "shape": shapes[number], "at": points[number]}
        if record.state is State.FAILED:
            one["failed"] = {language: failure_of(record, language) for language in LANGUAGES}
        else:
            one["doubt"] = round(float(doubt.get(number, 0.0)), 1)
            if (out / COUNTIES / county.folder / COUNTY_MAP).exists():
                one["map"] = f"{COUNTIES}/{quote(county.folder, safe='')}/{COUNTY_MAP}"
        found.append(one)
    return found


_KEPT = {
    "people": "people", "share": "share", "straight_share": "straight", "covered": "covered", "uncovered": "uncovered",
    "median_cost": "median", "facilities": "facilities", "gaps": "gaps", "largest_gap_people": "gapPeople",
    "rank": "rank",
}  # fmt: skip


def _cubes(shown: Survey) -> dict[str, Any]:
    """(services, groups, counties) of each number; NaN where there is none."""
    size = (len(shown.services), len(shown.groups), len(shown.records))
    rows = shown.rows
    service = pd.Index(shown.services).get_indexer(pd.Index(rows["service"])) if len(rows) else np.empty(0, int)
    group = pd.Index(shown.groups).get_indexer(pd.Index(rows["group"])) if len(rows) else np.empty(0, int)
    place = (service, group, rows["county"].to_numpy(int))
    cubes: dict[str, Any] = {}
    for name, called in _KEPT.items():
        cubes[called] = np.full(size, np.nan)
        cubes[called][place] = rows[name].astype("float64").to_numpy()
    cubes["gap"] = np.full(size, None, dtype=object)
    cubes["gap"][place] = rows["largest_gap_name"].to_numpy(object)
    return cubes


def _add_changes(cubes: dict[str, Any], shown: Survey, changes: pd.DataFrame) -> None:
    mine = changes[(changes["scope"] == "county") & (changes["change"] == "both")]
    numbers = {record.county.code: number for number, record in enumerate(shown.records)}
    number = mine["code"].map(numbers).to_numpy(float)
    service = pd.Index(shown.services).get_indexer(pd.Index(mine["service"]))
    group = pd.Index(shown.groups).get_indexer(pd.Index(mine["group"]))
    fits = np.isfinite(number) & (service >= 0) & (group >= 0)
    place = (service[fits], group[fits], number[fits].astype(int))
    for name, called in (
        ("share_change", "change"),
        ("share_before", "before"),
        ("uncovered_before", "uncoveredBefore"),
    ):
        cubes[called] = np.full((len(shown.services), len(shown.groups), len(shown.records)), np.nan)
        cubes[called][place] = mine[name].to_numpy(float)[fits]


def _mark_changed(counties: Sequence[dict[str, Any]], changes: pd.DataFrame) -> None:
    told = changes[changes["scope"] == "county"].drop_duplicates("code").set_index("code")["data_changed"].to_dict()
    for county in counties:
        known = told.get(county["code"])
        county["changed"] = None if known is None or known is pd.NA else bool(known)


def _values(cubes: Mapping[str, Any], shown: Survey) -> list[list[dict[str, list[Any]]]]:
    """By service, then by group; what is told of everybody stands with the first group only."""
    everybody = {"facilities", "gaps", "gap", "gapPeople"}
    return [
        [
            {
                name: _plain_list(cube[service, group], name)
                for name, cube in cubes.items()
                if (group == 0 or name not in everybody) and not pd.isna(cube[service, group]).all()
            }
            for group in range(len(shown.groups))
        ]
        for service in range(len(shown.services))
    ]


def _plain_list(values: Any, name: str) -> list[Any]:
    if name == "gap":
        return [None if pd.isna(value) else str(value) for value in values]
    digits = ROUNDED.get(name, 2)
    found = [plain(round(float(value), digits)) for value in values]
    return [int(value) if value is not None and value == int(value) else value for value in found]


def _totals(shown: Survey) -> list[list[dict[str, float | None]]]:
    """Sums of the counties by service, then by group."""
    names = ("people", "covered", "uncovered", "share")
    known = {(row["service"], row["group"]): row for row in totals(shown).to_dict("records")}
    return [
        [{name: plain(float(known[service, group][name])) for name in names} for group in shown.groups]
        for service in shown.services
    ]


def _said(prepared: Prepared, shown: Survey, lang: str) -> dict[str, Any]:
    province = prepared.name.strip() or text("map.county_province", lang)
    limit = limit_said(shown, lang)
    key = "map.county_title_period" if prepared.period else "map.county_title"
    from_osm = any(file.path.lower().endswith(OSM_ENDINGS) for file in prepared.inputs)
    done = len(shown.records) - len(shown.failed)
    return {
        **page_words(lang),
        "title": text(key, lang, province=province, period=prepared.period, limit=limit),
        "sentence": text("map.county_sentence", lang, count=f"{len(shown.records):,}", done=f"{done:,}"),
        "notes": text("map.notes", lang, factor=f"{units.CIRCUITY:g}"),
        "kind": kind_words(shown.population_kind, lang),
        "attribution": text("map.osm", lang) if from_osm else "",
        "elsewhere": elsewhere_lines(shown, lang),
        "rankBy": column_said(shown.rank_by, lang) if shown.rank_by else None,
        "groups": group_names(shown.groups, lang),
        "services": [{"name": service_name(service, lang)} for service in shown.services],
    }
