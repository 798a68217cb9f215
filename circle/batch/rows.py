"""A county's rows of the table of all counties."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from circle.batch.records import County
from circle.lazily import pd
from circle.model import Analysis


def county_rows(county: County, analysis: Analysis, data_key: str) -> pd.DataFrame:
    """One row per service and group at the main limit."""
    table = analysis.indicators
    rows = table[(table["scope"] == "region") & (table["limit"] == analysis.settings.main.label)]
    about = pd.DataFrame({"code": county.code, "name": county.name, "data_key": data_key}, index=rows.index)
    return pd.concat([about, rows], axis=1).reset_index(drop=True)


def outline_of(analysis: Analysis) -> Any:
    """The area of a county with a region file of its own."""
    return analysis.region.extent.polygon


def write_rows(path: Path, frame: pd.DataFrame, outline: Any = None) -> None:
    """Write a county's file."""
    del outline
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None), path)
