"""Where the counties lie, with their numbers: for ``coverage.geojson`` and the map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from circle.batch.prepared import Prepared
from circle.batch.province import map_province
from circle.batch.records import State
from circle.batch.survey import Survey, as_objects
from circle.lazily import pd
from circle.model import Geometries

OF_SERVICE = ("facilities", "covered", "uncovered", "unknown", "share", "straight_share")


def outlines_of(prepared: Prepared, shown: Survey) -> Geometries:
    """The area of each county of `shown.records`; None where nobody knows it (a region file that could not be read)."""
    whole = as_objects([])
    if prepared.source is not None:
        counties = map_province(prepared.source)[0].layers.counties
        whole = counties.at(np.arange(counties.rows)).geometry.to_numpy()
    found: list[object] = []
    for number, record in enumerate(shown.records):
        row = record.county.row
        found.append(whole[row] if row is not None and row < len(whole) else shown.outlines.get(number))
    return as_objects(found)


def coverage_table(shown: Survey, areas: Geometries, at_once: int) -> Iterator[tuple[pd.DataFrame, Geometries]]:
    """Counties by services, one row per county by code, some at a time; those of no county last, without an area."""
    rows = shown.rows[shown.rows["group"] == "all"].set_index(["service", "county"])
    for begin in range(0, len(shown.records), at_once):
        numbers = np.arange(begin, min(begin + at_once, len(shown.records)))
        records = [shown.records[number] for number in numbers]
        table = pd.DataFrame(
            {
                "scope": "county",
                "code": [record.county.code for record in records],
                "name": [record.county.name for record in records],
                "state": ["failed" if record.state is State.FAILED else "done" for record in records],
            }
        )
        yield _with_services(table, rows, numbers, shown.services), areas[numbers]
    for scope in shown.elsewhere["scope"].drop_duplicates():
        own = shown.elsewhere[(shown.elsewhere["scope"] == scope) & (shown.elsewhere["group"] == "all")]
        table = pd.DataFrame({"scope": [scope], "code": "", "name": "", "state": "done"})
        keyed = own.assign(county=0).set_index(["service", "county"])
        yield _with_services(table, keyed, np.array([0]), shown.services), as_objects([None])


def _with_services(table: pd.DataFrame, rows: pd.DataFrame, numbers: Any, services: tuple[str, ...]) -> pd.DataFrame:
    columns: dict[str, Any] = {"people": np.full(len(numbers), np.nan)}
    for service in services:
        known = service in rows.index.get_level_values(0)
        own = rows.xs(service).reindex(numbers) if known else rows.iloc[:0].reindex(numbers)
        people = own["people"].to_numpy(float)
        columns["people"] = np.where(np.isnan(columns["people"]), people, columns["people"])
        columns |= {f"{service}_{name}": own[name].to_numpy() for name in OF_SERVICE}
        columns[f"{service}_facilities"] = pd.array(own["facilities"].to_numpy(float), dtype="Int64")
    return pd.concat([table, pd.DataFrame(columns)], axis=1)
