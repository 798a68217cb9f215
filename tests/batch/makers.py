"""Counties' folders without an engine: the province is analysed as a whole and every county's rows are written."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import circle
from circle import pipeline
from circle.batch.counties import county_of
from circle.batch.province import map_province, province_of, write_province
from circle.batch.records import COUNTIES, ROWS, County, Record, State
from circle.batch.rows import county_rows, write_rows
from circle.errors import Findings, Problem
from circle.model import Analysis, RegionData
from circle.settings import Question
from circle.stages import Clock, Silent


def said() -> tuple[Clock, Findings]:
    return Clock(Silent()), Findings()


@dataclass
class Batch:
    """What the engine leaves behind, and the run on the union beside it."""

    out: Path
    prepared: Any
    records: list[Record]
    union: Analysis
    rows: dict[str, Any] = field(default_factory=dict)


def batch_of(
    data: RegionData,
    question: Question,
    out: Path,
    *,
    failed: dict[int, Problem] | None = None,
    period: str | None = "2026Q4",
    keys: dict[str, str] | None = None,
) -> Batch:
    """Every county's folder in `out`; `failed` are row numbers of counties that have none, and why."""
    whole = pipeline.reached(data, question, *said())
    union = pipeline.finished(data, question, whole, said())
    source = out / ".circle" / "province.arrays"
    source.parent.mkdir(parents=True, exist_ok=True)
    write_province(source, province_of(data, whole), question)
    kept, _ = map_province(source)
    counties, records, rows = [], [], {}
    for row, (code, name) in enumerate(
        zip(data.districts.frame["district_id"], data.districts.frame["district_name"], strict=True)
    ):
        county = County(str(code), str(name), f"c{row}", row, 1.0)
        counties.append(county)
        if failed and row in failed:
            records.append(Record(county, State.FAILED, problems=(failed[row],)))
            continue
        answer = pipeline.finished(*_part(kept, question, row), said())
        key = (keys or {}).get(county.code, f"data-{county.code}")
        rows[county.code] = county_rows(county, answer, key)
        folder = out / COUNTIES / county.folder
        folder.mkdir(parents=True, exist_ok=True)
        write_rows(folder / ROWS, rows[county.code])
        records.append(Record(county, State.DONE, data_key=key, people=float(rows[county.code]["people"].iloc[0])))
    elsewhere = {
        scope: rows
        for scope, rows in union.indicators.groupby("scope")
        if scope in ("outside", "unlocated") and rows["people"].sum() > 0
    }
    prepared = SimpleNamespace(
        source=source, counties=tuple(counties), question=question, period=period, projection="", inputs=data.inputs,
        name=data.name, elsewhere=elsewhere, problems=(),
    )  # fmt: skip
    return Batch(out, prepared, records, union, rows)


def _part(kept: Any, question: Question, row: int) -> tuple[RegionData, Question, Any]:
    part, own = county_of(kept, question, row)
    return part, question, own


def without_counties(region: circle.Region, count: int) -> RegionData:
    """The region without its last counties: whoever lives there lives in none."""
    districts = region.data.districts
    frame = districts.frame.iloc[: len(districts.frame) - count].reset_index(drop=True)
    return replace(region.data, districts=replace(districts, frame=frame))
