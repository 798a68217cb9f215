"""The table of all counties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from circle.batch.prepare import Prepared
from circle.batch.records import COUNTIES, ROWS, Record, State
from circle.export.csv_file import csv_bytes
from circle.lazily import pd
from circle.store import write_whole


@dataclass(frozen=True)
class Overall:
    """What was written."""

    files: tuple[Path, ...]


def check_overall(prepared: Prepared, *, rank_by: str | None, previous: Path | None) -> None:
    """Refuse what cannot be done before any county is begun."""
    del prepared, rank_by, previous


def write_overall(
    out: Path,
    prepared: Prepared,
    records: Sequence[Record],
    *,
    rank_by: str | None = None,
    previous: Path | None = None,
    lang: str = "en",
) -> Overall:
    """All counties' rows, in the order of their codes."""
    del prepared, rank_by, previous, lang
    done = sorted((r for r in records if r.state is not State.FAILED), key=lambda r: r.county.code)
    tables = [pq.read_table(out / COUNTIES / record.county.folder / ROWS).to_pandas() for record in done]
    if tables:
        write_whole(out / "counties.csv", csv_bytes(pd.concat(tables)), force=True)
    return Overall((out / "counties.csv",))
