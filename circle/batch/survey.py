"""The first look at all counties' rows: their few numbers that tables, ranks and the map share, some bytes a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pyarrow as pa

from circle.batch.records import COUNTIES, ROWS, Record, State
from circle.batch.rows import COUNTED, SCHEMA, main_rows, outline_in, read_rows
from circle.errors import Problem, QueryError, Severity
from circle.lazily import pd
from circle.model import Geometries
from circle.settings import Question

LEAST_IS_WORST = ("facilities", "covered", "share", "straight_covered", "straight_share")
"""Ranked from the smallest; all other columns from the largest. Rank 1 is worst."""
RANKED = tuple(
    field.name
    for field in SCHEMA
    if (pa.types.is_floating(field.type) or pa.types.is_integer(field.type)) and field.name != "limit_value"
)
KEPT = (
    "facilities", "people", "covered", "uncovered", "unknown", "share", "straight_covered", "straight_share",
    "median_cost", "gaps", "largest_gap_people", "largest_gap_name", "no_road", "leg_over_500m", "edge_affected",
)  # fmt: skip
AT_ONCE = 64
"""Counties whose rows are held one by one."""
SIMPLE_DEG = 1e-4
"""By which the area of a county with a region file of its own may be off on the map."""


@dataclass(frozen=True, eq=False)
class Survey:
    """What was seen of all counties.

    Parameters
    ----------
    records
        By code, then by folder; failed ones included.
    rows
        One per county that was done, service and group: ``county`` (row number in `records`), ``service``, ``group``,
        the columns `KEPT`, ``rank`` (missing unless asked).
    services, groups
        In the order in which the counties have them; all services last, everybody first.
    limits
        The main limits of the counties: label, value, unit; more than one where region files ask differently.
    data_keys
        Of the counties' data, by row number in `records`.
    outlines
        Areas of counties with region files of their own, simplified, by row number in `records`.
    elsewhere
        Rows of people in no county, in the columns of `circle.batch.rows.SCHEMA`.
    population_kind
        What is said that people count; None where the counties say different things, or nothing.
    rank_by
        The column ranked by; None: none.
    """

    records: tuple[Record, ...]
    rows: pd.DataFrame
    services: tuple[str, ...]
    groups: tuple[str, ...]
    limits: tuple[tuple[str, float, str], ...]
    data_keys: Mapping[int, str]
    outlines: Mapping[int, object]
    elsewhere: pd.DataFrame
    population_kind: str | None
    rank_by: str | None

    @property
    def failed(self) -> list[Record]:
        """Counties without an answer."""
        return [record for record in self.records if record.state is State.FAILED]


def survey(out: Path, records: Sequence[Record], elsewhere: pd.DataFrame, rank_by: str | None) -> Survey:
    """Read all counties' rows once.

    Raises
    ------
    InputError
        If a county's file cannot be read, or is of another version.
    QueryError
        If there is no column `rank_by`.
    """
    refuse_unknown_column(rank_by)
    ordered = tuple(sorted(records, key=lambda record: (record.county.code, record.county.folder)))
    wanted = [*KEPT, *([rank_by] if rank_by and rank_by not in KEPT else [])]
    parts: list[pa.Table] = []
    limits: dict[tuple[str, float, str], None] = {}
    keys: dict[int, str] = {}
    kinds: set[str | None] = set()
    outlines: dict[int, object] = {}
    for number, table in tables_of(out, ordered):
        for limit in zip(*(table[name].to_pylist()[:1] for name in ("limit", "limit_value", "unit")), strict=True):
            limits[limit] = None
        if len(table):
            keys[number] = table["data_key"][0].as_py()
            kinds.add(table["population_kind"][0].as_py())
        if (outline := outline_in(table)) is not None:
            outlines[number] = outline.simplify(SIMPLE_DEG)
        own = table.select(["service", "group", *wanted]).replace_schema_metadata(None)
        parts.append(own.append_column("county", pa.array([number] * len(own), pa.int64())))
        if len(parts) > AT_ONCE:  # a small table takes ten times what is in it
            parts = [pa.concat_tables(parts).combine_chunks()]
    empty = SCHEMA.empty_table().select(["service", "group", *wanted])
    rows = pa.concat_tables([empty.append_column("county", pa.array([], pa.int64())), *parts]).to_pandas()
    rows["rank"] = _ranks(rows, rank_by)
    services = _in_order(rows["service"], last="all_services")
    groups = _in_order(rows["group"], first="all")
    kind = kinds.pop() if len(kinds) == 1 else None
    return Survey(ordered, rows, services, groups, tuple(limits), keys, outlines, elsewhere, kind, rank_by)


def tables_of(out: Path, records: Sequence[Record]) -> Iterator[tuple[int, pa.Table]]:
    """The rows of every county that was done, with its number, in their order."""
    for number, record in enumerate(records):
        if record.state is not State.FAILED:
            yield number, read_rows(out / COUNTIES / record.county.folder / ROWS)


def elsewhere_rows(found: Mapping[str, pd.DataFrame], question: Question | None) -> pd.DataFrame:
    """Rows of people in no county as all others have them, from the indicators of those scopes."""
    if question is None or not found:
        return pd.DataFrame(columns=SCHEMA.names)
    made = []
    for scope in ("outside", "unlocated"):
        if scope in found:
            table = found[scope]
            rows = main_rows(table[table["limit"] == question.main.label], question)
            made.append(rows.assign(scope=scope, code="", name=""))
    return pd.concat(made, ignore_index=True)


def refuse_unknown_column(rank_by: str | None) -> None:
    """Names the columns most like it.

    Raises
    ------
    QueryError
        If counties cannot be ranked by it.
    """
    if rank_by is None or rank_by in RANKED:
        return
    near = get_close_matches(rank_by, RANKED, n=4, cutoff=0.4)
    offered = ", ".join(near or RANKED)
    code = "union.unknown_column_near" if near else "union.unknown_column"
    raise QueryError(Problem(code, Severity.ERROR, {"value": rank_by, "offered": offered}))


def _ranks(rows: pd.DataFrame, rank_by: str | None) -> pd.Series:
    """Within service and group, 1 worst; equals share a rank (1, 1, 1, 4); without a value there is none."""
    if rank_by is None or rows.empty:
        return pd.Series(pd.NA, index=rows.index, dtype="Int64")
    values = rows[rank_by].astype("float64")
    order = values if rank_by in LEAST_IS_WORST else -values
    ranked = order.groupby([rows["service"], rows["group"]]).rank(method="min")
    return ranked.astype("Int64")


def totals(shown: Survey) -> pd.DataFrame:
    """Sums of all counties by service and group, and the shares of the sums; people elsewhere are not among them."""
    names = [name for name in COUNTED if name in KEPT]
    sums = shown.rows.groupby(["service", "group"], sort=False)[[*names, "facilities", "gaps"]].sum()
    order = pd.MultiIndex.from_product([shown.services, shown.groups], names=["service", "group"])
    sums = sums.reindex([pair for pair in order if pair in sums.index])
    with np.errstate(invalid="ignore"):
        sums["share"] = sums["covered"] / sums["people"]
        sums["straight_share"] = sums["straight_covered"] / sums["people"]
    return sums.reset_index()


def _in_order(values: pd.Series, *, first: str = "", last: str = "") -> tuple[str, ...]:
    found = [str(value) for value in values.unique()]
    ends = [value for value in found if value == last]
    return tuple([v for v in found if v == first] + [v for v in found if v not in (first, last)] + ends)


def as_objects(shapes: Sequence[object]) -> Geometries:
    """Shapes, or None, as an array."""
    filled = np.empty(len(shapes), dtype=object)
    filled[:] = shapes
    return filled
