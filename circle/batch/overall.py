"""The files over all counties: one table in three formats, areas, the map, what changed - each whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from circle.batch.book import CountyBook, described, failure_of, write_changes
from circle.batch.county_map import county_map_data
from circle.batch.outlines import coverage_table, outlines_of
from circle.batch.prepared import Prepared
from circle.batch.previous import QUESTION, Before, asked_of, compare, read_before
from circle.batch.previous import SCHEMA as CHANGES
from circle.batch.records import Record, State
from circle.batch.rows import FAR, VERSION, as_arrow, warned
from circle.batch.rows import SCHEMA as COUNTY
from circle.batch.survey import Survey, elsewhere_rows, refuse_unknown_column, survey, tables_of, totals
from circle.batch.told import fields_of, provenance_of
from circle.errors import Problem
from circle.export.county_page import county_page
from circle.export.streams import CsvStream, FeatureStream, RowBook
from circle.export.workbook import both, clean
from circle.lazily import pd
from circle.store import sha256_of, write_whole, writing

AT_ONCE = 64
"""Counties whose rows are held together; a row group of ``counties.parquet``."""
Piece = tuple[list[int | None], list[pa.Table]]
STAGING = Path(".circle", "overall")
TABLES = ("counties.parquet", "counties.csv", "counties.xlsx")
COMPARISON = ("changes.parquet", "changes.csv")
COVERAGE, MAP = "coverage.geojson", "province_map.html"

_AFTER = {"schema_version": ["period"], "name": ["state", "failure"], "population_kind": ["rank"]}
_NAMES = [name for own in COUNTY.names for name in (own, *_AFTER.get(own, []))]
SCHEMA = pa.schema(
    [(n, COUNTY.field(n).type if n in COUNTY.names else pa.int64() if n == "rank" else pa.string()) for n in _NAMES]
)
"""Of ``counties.parquet``: that of a county, with period, state, failure and rank."""


@dataclass(frozen=True, eq=False)
class Overall:
    """What came of it, for whoever tells it.

    Parameters
    ----------
    files
        Written, in their order.
    shown
        All counties' few numbers.
    totals
        Sums of the counties by service and group; people elsewhere are not among them.
    changes
        Rows of ``changes.parquet``; None without another period.
    problems
        Warnings.
    """

    files: tuple[Path, ...]
    shown: Survey
    totals: pd.DataFrame
    changes: pd.DataFrame | None
    problems: tuple[Problem, ...]


def check_overall(prepared: Prepared, *, rank_by: str | None, previous: Path | None) -> None:
    """Refuse at the beginning what else would be refused hours later.

    Raises
    ------
    QueryError
        If counties cannot be ranked by `rank_by`.
    InputError
        If `previous` holds no results that can be compared with.
    """
    refuse_unknown_column(rank_by)
    if previous is not None:
        read_before(previous, prepared.question)


def write_overall(
    out: Path,
    prepared: Prepared,
    records: Sequence[Record],
    *,
    rank_by: str | None = None,
    previous: Path | None = None,
    lang: str = "en",
) -> Overall:
    """Write the files over all counties into `out`, beside their folders.

    Parameters
    ----------
    out
        The folder of all results.
    prepared
        What the counties have in common.
    records
        How it went with each county; of those that did not fail the folder is there.
    rank_by
        A column of ``counties.parquet`` by which counties are ranked within service and group; 1 is worst: the smallest
        of what is wished for (shares, covered people, facilities), the largest of all else.
    previous
        The folder of another period to compare with.
    lang
        ``"en"`` or ``"zh"``: in which the map opens.

    Returns
    -------
    Overall

    Raises
    ------
    InputError, QueryError
        See `check_overall`; also if a county's rows cannot be read.
    OutputError
        If a file cannot be written.
    """
    before = None if previous is None else read_before(previous, prepared.question)
    shown = survey(out, records, elsewhere_rows(prepared.elsewhere, prepared.question), rank_by)
    changes, problems = (None, []) if before is None else compare(before, shown, prepared.period, previous or out)
    staging = out / STAGING
    with writing(out):
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        try:
            made = _write(staging, out, prepared, shown, (before, changes), lang)
            for name in made:
                (staging / name).replace(out / name)
            for name in {*COMPARISON} - {*made}:
                (out / name).unlink(missing_ok=True)  # of an earlier run that compared
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return Overall(tuple(out / name for name in made), shown, totals(shown), changes, tuple(problems))


def _write(
    staging: Path,
    out: Path,
    prepared: Prepared,
    shown: Survey,
    compared: tuple[Before | None, pd.DataFrame | None],
    lang: str,
) -> list[str]:
    """All files, into a folder that nobody looks at; answers with their names, the provenance last."""
    before, changes = compared
    areas = outlines_of(prepared, shown)
    sheets = _write_tables(staging, out, prepared, shown, changes)
    made = list(TABLES)
    if changes is not None:
        pq.write_table(as_arrow(changes, CHANGES), staging / COMPARISON[0], compression="zstd")
        with CsvStream(staging / COMPARISON[1]) as file:
            file.write(as_arrow(changes, CHANGES).to_pandas())
        made += COMPARISON
    with FeatureStream(staging / COVERAGE) as stream:
        for table, shapes in coverage_table(shown, areas, AT_ONCE):
            stream.write(table, shapes)
    page = county_page(county_map_data(prepared, shown, areas, changes, out, lang))
    write_whole(staging / MAP, page)
    made += [COVERAGE, MAP]
    write_whole(staging / "fields.json", _json(fields_of(shown, SCHEMA.names, sheets, changes)))
    made.append("fields.json")
    hashes = {name: sha256_of(staging / name) for name in made}
    previous = None if before is None else before.period
    record = provenance_of(prepared, shown, hashes, previous=previous)
    write_whole(staging / "provenance.json", _json(record))
    return [*made, "provenance.json"]


def _write_tables(
    staging: Path, out: Path, prepared: Prepared, shown: Survey, changes: pd.DataFrame | None
) -> list[dict[str, str]]:
    """The table of all counties in its three formats; answers with the columns of the workbook."""
    notes = {b"schema_version": VERSION.encode(), QUESTION: json.dumps(asked_of(prepared.question)).encode()}
    schema = SCHEMA.with_metadata(notes)
    with ExitStack() as stack:
        parquet = stack.enter_context(pq.ParquetWriter(staging / TABLES[0], schema, compression="zstd"))
        csv = stack.enter_context(CsvStream(staging / TABLES[1]))
        book = stack.enter_context(RowBook(staging / TABLES[2], both("union.list_title", period=prepared.period or "")))
        sheets = CountyBook(book, shown, SCHEMA.names[1:])  # whoever reads a workbook asks for no version
        for numbers, tables in _pieces(out, shown, schema, prepared):
            together = pa.concat_tables(tables)
            parquet.write_table(together.combine_chunks())
            csv.write(together.to_pandas())
            plain, begin = together.to_pylist(), 0
            for number, table in zip(numbers, tables, strict=True):
                rows, begin = plain[begin : begin + len(table)], begin + len(table)
                if number is None:
                    sheets.write_elsewhere(rows)
                else:
                    sheets.write_county(number, rows)
        told = sheets.described()
        if changes is not None:
            columns = [sheets.column(name) for name in CHANGES.names[1:]]
            title = both("union.sheet_changes")
            write_changes(book.sheet(title, columns, fixed=5), CHANGES.names[1:], changes)
            told += described(title, columns)
    return told


def _pieces(out: Path, shown: Survey, schema: pa.Schema, prepared: Prepared) -> Iterator[Piece]:
    """The rows of some counties at a time, each table with the number of its county; those of nobody's come last."""
    numbers: list[int | None] = []
    tables: list[pa.Table] = []
    doubted = any(problem.code == FAR for problem in prepared.problems)
    for number, table in _each(out, shown):
        numbers.append(number)
        known = {**{name: table[name] for name in table.column_names}, "period": [prepared.period] * len(table)}
        if doubted and "far_facilities" in known:
            known["warnings"] = warned(table)
        empty = [None] * len(table)
        tables.append(
            pa.table([pa.chunked_array(_array(known.get(f.name, empty), f.type)) for f in schema], schema=schema)
        )
        if len(tables) == AT_ONCE:
            yield numbers, tables
            numbers, tables = [], []
    if tables:
        yield numbers, tables


def _array(values: Any, kind: pa.DataType) -> list[pa.Array]:
    """The pieces of a column."""
    return list(values.chunks) if isinstance(values, pa.ChunkedArray) else [pa.array(values, kind)]


def _each(out: Path, shown: Survey) -> Iterator[tuple[int | None, pa.Table]]:
    ranks = dict(tuple(shown.rows.groupby("county", sort=False)["rank"])) if shown.rank_by else {}
    done = tables_of(out, shown.records)
    for number, record in enumerate(shown.records):
        if record.state is State.FAILED:
            yield number, _failed(record)
            continue
        _, table = next(done)
        table = table.append_column("state", pa.array([State.DONE.value] * len(table)))
        own = [None if rank is pd.NA else rank for rank in ranks[number]] if number in ranks else [None] * len(table)
        yield number, table.append_column("rank", pa.array(own, pa.int64()))
    if not shown.elsewhere.empty:
        table = as_arrow(shown.elsewhere, COUNTY)
        yield None, table.append_column("state", pa.array([State.DONE.value] * len(table)))


def _failed(record: Record) -> pa.Table:
    """The one row of a county without an answer."""
    known = {"schema_version": VERSION, "scope": "county", "code": clean(record.county.code)}
    known |= {"name": clean(record.county.name), "state": State.FAILED.value, "failure": clean(failure_of(record))}
    return pa.table({name: [value] for name, value in known.items()})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
