"""Thousands of counties that nobody analysed, to measure what all of them together take."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from circle.batch.prepared import Prepared
from circle.batch.records import COUNTIES, ROWS, County, Record, State
from circle.batch.rows import SCHEMA, VERSION, write_rows

SERVICES = ("primary_school", "clinic", "middle_school", "bus_stop", "all_services")


def many_counties(out: Path, count: int) -> tuple[Prepared, list[Record]]:
    """Counties in a square, each with its rows and its own area in `out`; every 600th failed."""
    rng, side = np.random.default_rng(7), math.ceil(math.sqrt(count))
    records = []
    for number in range(count):
        code = f"{number:06d}"
        county = County(code, f"县 {number}", code, None, 1.0)
        if number % 600 == 5:
            records.append(Record(county, State.FAILED))
            continue
        folder = out / COUNTIES / code
        folder.mkdir(parents=True)
        write_rows(folder / ROWS, _rows(code, county.name, rng), _area(number % side, number // side))
        records.append(Record(county, State.DONE, data_key=code))
    return Prepared(None, "", tuple(r.county for r in records), None, "2026Q4", (), (), {}), records


def _rows(code: str, name: str, rng: Any) -> pd.DataFrame:
    people, share = rng.uniform(1e4, 1e6), np.sort(rng.uniform(0, 1, len(SERVICES)))[::-1]
    known: dict[str, Any] = dict.fromkeys(SCHEMA.names, 0.0)
    known |= {
        "schema_version": VERSION,
        "scope": "county",
        "code": code,
        "name": name,
        "service": SERVICES,
        "group": "all",
    }
    known |= {"limit": "15min", "limit_value": 900.0, "unit": "s", "facilities": 9, "gaps": 3, "far_facilities": 0}
    known |= {"people": people, "covered": share * people, "uncovered": (1 - share) * people, "share": share}
    known |= {"straight_share": share, "straight_covered": share * people, "median_cost": 600.0, "p90_cost": 1200.0}
    known |= {"largest_gap_name": "村", "warnings": "", "population_kind": None, "data_key": code}
    return pd.DataFrame(known)


def _area(column: int, row: int) -> shapely.Polygon:
    """A square whose borders wind as those of its neighbours do."""
    along = np.linspace(0.0, 1.0, 40, endpoint=False)
    wave = 0.03 * np.sin(6 * math.pi * along)
    flat, high = np.column_stack([along, wave]), np.column_stack([wave, along])
    east, north = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    ring = np.vstack([flat, high + east, (flat + north)[::-1], high[::-1]])
    return shapely.Polygon((ring + column * east + row * north) * 0.2 + 100.0 * east + 20.0 * north).buffer(0)
