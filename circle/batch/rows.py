"""A county's rows of the table of all counties: one per service and group at the main limit, in a fixed schema.

The schema is `SCHEMA`; what its columns mean stands in the table of fields (``county.parquet``). `VERSION` is raised
when a column changes its name, its type or its meaning. Neither a time nor a period stands in a county's file, so one
that nobody touched keeps its bytes from one quarter to the next.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from circle.batch.records import County
from circle.errors import InputError, Problem, Severity
from circle.export.workbook import clean
from circle.indicators import ALL_SERVICES
from circle.lazily import pd
from circle.model import REASONS, Analysis
from circle.settings import Question

VERSION = "1"
PEOPLE = ("people", "covered", "uncovered", "unknown")
REASON_NAMES = tuple(reason.name.lower() for reason in REASONS)
DOUBTS = ("leg_over_500m", "barred", "no_road")
"""Of `circle.model.Audit.people`: those of everybody, on each row of a county."""
COUNTED = (*PEOPLE, "straight_covered", *REASON_NAMES, "edge_affected")
"""Counts of people on rows of counties, outside and unlocated: their sums are the province's."""
FAR = "facility.far_from_roads"
"""The warning of a province that its counties are told of, too; see `warned`."""
OUTLINE = b"outline"
"""In the notes of a county's file: its area as well-known binary, where it has a region file of its own."""

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("schema_version", "scope", "code", "name", "service", "group", "limit")),
        ("limit_value", pa.float64()),
        ("unit", pa.string()),
        ("facilities", pa.int64()),
        *((name, pa.float64()) for name in (*PEOPLE, "share", "straight_covered", "straight_share")),
        *((name, pa.float64()) for name in ("median_cost", "p90_cost", *REASON_NAMES, "edge_affected")),
        ("gaps", pa.int64()),
        ("largest_gap_people", pa.float64()),
        ("largest_gap_name", pa.string()),
        *((name, pa.float64()) for name in DOUBTS),
        ("far_facilities", pa.int64()),
        *((name, pa.string()) for name in ("warnings", "population_kind", "data_key")),
    ]
)


def county_rows(county: County, analysis: Analysis, data_key: str) -> pd.DataFrame:
    """What a county gives to the table of all counties.

    Parameters
    ----------
    county
        Which. Of a province, its district of the analysis is told of; with a region file of its own, the region.
    analysis
        The whole answer.
    data_key
        Hash of the county's own data.

    Returns
    -------
    pandas.DataFrame
        The columns of `SCHEMA`; rows by service (all services last) and group (everybody first).
    """
    question: Question = analysis.settings
    scope = "region" if county.row is None else "district"
    table = analysis.indicators
    rows = table[(table["scope"] == scope) & (table["limit"] == question.main.label)]
    frame = main_rows(rows, question)
    named = {"code": clean(county.code), "name": clean(county.name)}
    frame = frame.assign(scope="county", **named, data_key=data_key)
    frame = _with_gaps(frame, analysis)
    for name in DOUBTS:
        frame[name] = analysis.audit.people[name]
    frame["far_facilities"] = _far_facilities(analysis, own=county.row is not None)
    codes = {problem.code for problem in analysis.problems if problem.severity is Severity.WARNING}
    frame["warnings"] = " ".join(sorted(codes))
    frame["population_kind"] = analysis.region.population_kind
    ordered: pd.DataFrame = frame[SCHEMA.names]
    return ordered


def main_rows(rows: pd.DataFrame, question: Question) -> pd.DataFrame:
    """Rows of indicators at the main limit under the names of `SCHEMA`; what indicators do not know is missing."""
    costs = {f"{name}_{question.cost_name}": f"{name}_cost" for name in ("median", "p90")}
    frame = rows.rename(columns=costs).reset_index(drop=True)
    unit = "s" if question.metric == "time" else "m"
    frame = frame.assign(schema_version=VERSION, limit_value=question.main.value, unit=unit)
    return frame.reindex(columns=SCHEMA.names)


def _with_gaps(frame: pd.DataFrame, analysis: Analysis) -> pd.DataFrame:
    """Zones are of everybody: counted on the rows of everybody, missing on those of groups."""
    zones = analysis.gaps[analysis.gaps["kind"] == "zone"]
    count: dict[Any, int] = zones.groupby("service").size().to_dict()
    count[ALL_SERVICES] = len(zones)
    largest = analysis.summary.set_index("service")
    everybody = (frame["group"] == "all").to_numpy()
    services = frame["service"]
    counted = pd.Series([count.get(service, 0) for service in services], dtype="Int64")
    return frame.assign(
        gaps=counted.where(everybody),
        largest_gap_people=services.map(largest["largest_gap_people"]).where(everybody),
        largest_gap_name=services.map(largest["largest_gap_name"]).astype(object).where(everybody, None),
    )


def _far_facilities(analysis: Analysis, *, own: bool) -> int:
    """Facilities far from any road; of a province's county, those that lie in it."""
    far = analysis.audit.far_facilities
    districts = analysis.region.districts
    if not own or districts is None or far.empty:
        return len(far)
    table = analysis.region.facilities.table
    table = table[table["facility_id"].isin(far["facility_id"])]
    points = shapely.points(table[["lon", "lat"]].to_numpy(float))
    return int(shapely.intersects(points, districts.frame.geometry.iloc[0]).sum())


def outline_of(analysis: Analysis) -> Any:
    """The area of a county with a region file of its own: its districts, else where its data are."""
    districts = analysis.region.districts
    if districts is None or districts.frame.empty:
        return analysis.region.extent.polygon
    return shapely.union_all(districts.frame.geometry.to_numpy())


def write_rows(path: Path, frame: pd.DataFrame, outline: Any = None) -> None:
    """Write a county's file; the same rows give the same bytes.

    Parameters
    ----------
    path
        ``county.parquet``.
    frame
        From `county_rows`.
    outline
        The county's area, where nobody else knows it: of a county with a region file of its own, see `outline_of`.
    """
    table = as_arrow(frame, SCHEMA)
    if outline is not None:
        table = table.replace_schema_metadata({OUTLINE: shapely.to_wkb(outline, byte_order=1)})
    pq.write_table(table, path, compression="zstd")


def warned(table: pa.Table) -> list[str | None]:
    """The warnings of a county's rows, with `FAR` where facilities that the province was warned of lie in it.

    Whether many facilities lie far from roads is a question of all of them; no county's own file tells.
    """
    found = []
    for said, far in zip(table["warnings"].to_pylist(), table["far_facilities"].to_pylist(), strict=True):
        codes = {*(said or "").split(), *([FAR] if far else [])}
        found.append(" ".join(sorted(codes)) if far else said)
    return found


def as_arrow(frame: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    """A frame in a schema, without pandas' notes; NaN and NA are null, infinite stays what it is."""
    columns = []
    for field in schema:
        values = frame[field.name].astype(object)
        missing = values.isna().to_numpy()
        kept = values.to_numpy(dtype=object, copy=True)
        kept[missing] = None
        columns.append(pa.array(kept, field.type))
    return pa.table(columns, schema=schema)


def read_rows(path: Path) -> pa.Table:
    """A county's file.

    Raises
    ------
    InputError
        If it was written by another version, or is no such file.
    """
    try:
        table = pq.ParquetFile(path).read(use_threads=False)
    except (pa.ArrowInvalid, OSError) as broken:
        raise InputError(_refused("union.unreadable", path, reason=str(broken).split("\n")[0])) from broken
    if table.schema.names != SCHEMA.names or (table.num_rows and table["schema_version"][0].as_py() != VERSION):
        raise InputError(_refused("union.other_rows", path, wanted=VERSION))
    return table


def outline_in(table: pa.Table) -> Any:
    """The area that a county's file holds; None without."""
    kept = (table.schema.metadata or {}).get(OUTLINE)
    return None if kept is None else shapely.from_wkb(kept)


def _refused(code: str, path: Path, **fields: object) -> Problem:
    return Problem(code, Severity.ERROR, fields, str(path))
