"""What differs between two result folders, file by file, down to the row and the column."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

from circle.lazily import pd
from circle.model import Bools
from circle.report import REPORT_WORDS
from circle.store import RESULT_MARK, sha256_of

SHOWN = 5
"""Values listed per column; the rest are counted."""

RELATIVE = 1e-5
ABSOLUTE = 1e-6
ABSOLUTE_COST = 2e-3
"""Costs and lengths are sums of integer milliseconds or millimetres: one step of rounding is no difference."""
DEGREES = 1e-6
DECIMAL = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was.

    Parameters
    ----------
    file
        Name in the folder.
    kind
        Entry ``differs.<kind>`` of the message catalogue: ``file_missing``, ``file_new``, ``content``, ``rows``,
        ``column_missing``, ``column_new``, ``value`` or ``values_more``.
    row, column, was, now
        Where (rows counted from 1) and what; ``values_more`` has the count in `now`.
    """

    file: str
    kind: str
    row: int | None = None
    column: str = ""
    was: str = ""
    now: str = ""

    def fields(self) -> dict[str, Any]:
        """As the places of its message."""
        return asdict(self)


def folder_differences(was: Path, now: Path) -> list[Difference]:
    """Compare two result folders; equal bytes are equal, else values within rounding are.

    Parameters
    ----------
    was, now
        Folders with the files of a result; ``provenance.json``, which holds times, is left out.
    """
    found: list[Difference] = []
    names = {path.name for folder in (was, now) for path in folder.iterdir() if path.is_file()}
    written = {path.name for path in now.iterdir()}
    for name in sorted(names & written - {RESULT_MARK}):
        if not (was / name).is_file():
            found.append(Difference(name, "file_missing"))
        elif sha256_of(was / name) != sha256_of(now / name):
            found += file_differences(was / name, now / name)
    return found


def printed_differences(folder: Path, recorded: Mapping[str, str]) -> list[Difference]:
    """PDFs of the result that are not the ones it was written with; they are not printed again."""
    pdfs = sorted(name for name in recorded if name.endswith(".pdf"))
    there = {name: (folder / name).is_file() for name in pdfs}
    changed = [name for name in pdfs if there[name] and sha256_of(folder / name) != recorded[name]]
    missing = [name for name in pdfs if not there[name]]
    return [Difference(name, "content") for name in changed] + [Difference(name, "file_missing") for name in missing]


def file_differences(was: Path, now: Path) -> list[Difference]:
    """Compare two files of one name that differ in bytes."""
    try:
        before, after = (_as_tables(path) for path in (was, now))
    except (ValueError, KeyError, TypeError, OSError):  # cut off or edited beyond reading
        return [Difference(was.name, "content")]
    if not before or list(before) != list(after):
        return [Difference(was.name, "content")]
    return [found for part in before for found in table_differences(was.name, before[part], after[part], part=part)]


def table_differences(name: str, was: pd.DataFrame, now: pd.DataFrame, *, part: str = "") -> Iterator[Difference]:
    """Compare two tables row by row; `part` is the sheet or layer, and is named with the column.

    Examples
    --------
    >>> was, now = pd.DataFrame({"people": [3.0, 4.0]}), pd.DataFrame({"people": [3.0, 5.0]})
    >>> [(d.row, d.column, d.was, d.now) for d in table_differences("x.csv", was, now)]
    [(2, 'people', '4.0', '5.0')]
    """
    within = f"{part}: " if part else ""
    for column in was.columns.difference(now.columns):
        yield Difference(name, "column_missing", column=f"{within}{column}")
    for column in now.columns.difference(was.columns):
        yield Difference(name, "column_new", column=f"{within}{column}")
    if len(was) != len(now):
        yield Difference(name, "rows", was=str(len(was)), now=str(len(now)))
        return
    for column in [column for column in was.columns if column in now.columns]:
        rows = np.flatnonzero(_unequal(str(column), was[column], now[column]))
        for row in rows[:SHOWN]:
            before, after = (_shown(side[column].iloc[row]) for side in (was, now))
            yield Difference(name, "value", int(row) + 1, f"{within}{column}", before, after)
        if len(rows) > SHOWN:
            yield Difference(name, "values_more", column=f"{within}{column}", now=str(len(rows) - SHOWN))


def _unequal(column: str, was: pd.Series[Any], now: pd.Series[Any]) -> Bools:
    if column == "geometry":
        a, b = np.asarray(was, dtype=object), np.asarray(now, dtype=object)
        missing = shapely.is_missing(a) & shapely.is_missing(b)
        return np.asarray(~(missing | shapely.equals_exact(a, b, tolerance=DEGREES)), dtype=np.bool_)
    if pd.api.types.is_numeric_dtype(was) and pd.api.types.is_numeric_dtype(now):
        step = ABSOLUTE_COST if column.endswith(("_s", "_m")) else ABSOLUTE
        a, b = was.to_numpy(np.float64), now.to_numpy(np.float64)
        return np.asarray(~np.isclose(b, a, rtol=RELATIVE, atol=step, equal_nan=True), dtype=np.bool_)
    a, b = (side.astype(object).where(side.notna(), None).to_numpy(dtype=object) for side in (was, now))
    differ = np.asarray(a != b, dtype=np.bool_)
    differ[differ] = [not _same_decimal(*pair) for pair in zip(a[differ], b[differ], strict=True)]
    return differ


def _same_decimal(was: object, now: object) -> bool:
    """Whether two texts are one number but for rounding; codes, which have no decimal point, never are.

    >>> _same_decimal("0.318979", "0.318980"), _same_decimal("007", "7")
    (True, False)
    """
    texts = [value for value in (was, now) if isinstance(value, str) and DECIMAL.fullmatch(value)]
    if len(texts) < 2 or "." not in "".join(texts):
        return False
    return bool(np.isclose(float(texts[1]), float(texts[0]), rtol=RELATIVE, atol=ABSOLUTE))


def _as_tables(path: Path) -> dict[str, pd.DataFrame]:
    """A file as tables by sheet; nothing where it holds none."""
    if path.suffix == ".xlsx":
        sheets = pd.read_excel(path, sheet_name=None, engine="calamine", dtype=str, keep_default_na=False)
        return {str(name): sheet for name, sheet in sheets.items()}
    if path.suffix == ".gpkg":
        return _layers(path)
    if path.name in REPORT_WORDS:
        return {"": pd.DataFrame({"text": REPORT_WORDS[path.name](path.read_bytes())})}
    table = _as_table(path)
    return {} if table is None else {"": table}


def _layers(path: Path) -> dict[str, pd.DataFrame]:
    """Every table of a GeoPackage that people see: the layers, and how they are drawn."""
    try:
        names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
        return {name: pd.DataFrame(pyogrio.read_dataframe(path, layer=name)) for name in names}
    except pyogrio.errors.DataSourceError as error:
        raise ValueError(str(error)) from error


def _as_table(path: Path) -> pd.DataFrame | None:
    """A file as a table; None where it is none."""
    if path.suffix == ".csv":
        return pd.read_csv(path, encoding="utf-8-sig")
    if path.suffix == ".parquet":
        table = pd.read_parquet(path)
        return table.assign(geometry=list(shapely.from_wkb(table["geometry"]))) if "geometry" in table else table
    if path.suffix == ".geojson":
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        table = pd.DataFrame([feature["properties"] for feature in features])
        shapes = [feature["geometry"] and json.dumps(feature["geometry"]) for feature in features]
        table["geometry"] = list(shapely.from_geojson(np.array(shapes, dtype=object))) if shapes else []
        return table
    return None


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:77] + "..."
