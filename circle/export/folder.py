"""The folder of results: every file of an analysis, written where the store asks for it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from circle.export.csv_file import csv_bytes
from circle.export.fields import counts_people, describe
from circle.export.frames import (
    Layer,
    coverage_layer,
    facilities_layer,
    gaps_layer,
    isochrones_layer,
    repairs_layer,
    residents_frame,
    with_population_kind,
)
from circle.export.geojson import feature_collection
from circle.export.map_page import map_html
from circle.export.problems_file import ProblemRow, problems_workbook
from circle.export.provenance import provenance
from circle.lazily import pd
from circle.model import Analysis
from circle.store import sha256_of


def write_outputs(
    analysis: Analysis, folder: Path, *, lang: str = "en", tiles: str | None = None, region_file: Path | None = None
) -> list[Path]:
    """Write all files of an analysis into an existing, empty folder.

    Parameters
    ----------
    analysis
        The whole answer.
    folder
        Exists and is empty; whether it becomes a result as a whole is the store's care.
    lang
        Language of the map, ``"en"`` or ``"zh"``; all other files are the same in both.
    tiles
        Tiles of the map: None for none, ``"osm"``, or the URL of a tile server.
    region_file
        Where the region was read from; the provenance names it relative to the folder, so both can move together.

    Returns
    -------
    list of Path
        The files in the order written. The same analysis gives the same bytes, but for the last, ``provenance.json``.

    Raises
    ------
    OSError
        If a file cannot be written (disk full, no right to).
    """
    columns: dict[str, Sequence[str]] = {}
    paths = []
    for name, layer in _layers(analysis).items():
        table = with_population_kind(layer.table, analysis) if counts_people(name) else layer.table
        columns[name] = [str(column) for column in table.columns]
        paths.append(_write(folder / name, feature_collection(table, layer.geometries).encode("utf-8")))
    residents = with_population_kind(residents_frame(analysis), analysis)
    columns["residents.parquet"] = list(residents.columns)
    paths.append(_write_parquet(folder / "residents.parquet", residents))
    indicators = with_population_kind(analysis.indicators, analysis)
    columns["indicators.csv"] = list(indicators.columns)
    paths.append(_write(folder / "indicators.csv", csv_bytes(indicators)))
    columns["problems.xlsx"] = ProblemRow._fields
    paths.append(_write(folder / "problems.xlsx", problems_workbook(analysis.problems)))
    paths.append(_write(folder / "gap_map.html", map_html(analysis, lang=lang, tiles=tiles).encode("utf-8")))
    paths.append(_write(folder / "fields.json", _json_bytes(describe(columns, analysis))))
    hashes = {path.name: sha256_of(path) for path in paths}
    source = None if region_file is None else _from_folder(region_file, folder)
    record = provenance(analysis, hashes, lang=lang, tiles=tiles, region_file=source)
    return [*paths, _write(folder / "provenance.json", _json_bytes(record))]


def _layers(analysis: Analysis) -> dict[str, Layer]:
    """The map layers by file; that of road repairs only where there is one."""
    layers = {
        "coverage.geojson": coverage_layer(analysis),
        "gaps.geojson": gaps_layer(analysis),
        "isochrones.geojson": isochrones_layer(analysis),
        "facilities.geojson": facilities_layer(analysis),
    }
    repairs = analysis.region.streets.repairs
    if repairs is not None and len(repairs.kind):
        layers["road_repairs.geojson"] = repairs_layer(repairs)
    return layers


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _write_parquet(path: Path, frame: pd.DataFrame) -> Path:
    """Arrow columns without pandas' own notes; NaN stays NaN, and only a missing code is null."""
    columns = {str(name): _column(frame[name]) for name in frame.columns}
    pq.write_table(pa.table(columns), path, compression="zstd")
    return path


def _column(values: pd.Series) -> pa.Array:
    if not isinstance(values.dtype, pd.CategoricalDtype):
        return pa.array(values.to_numpy(), from_pandas=False)
    codes = values.cat.codes.to_numpy().astype("int32")
    names = pa.array(values.cat.categories.to_numpy(), pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), names)


def _json_bytes(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode("utf-8")


def _from_folder(path: Path, folder: Path) -> str:
    """A path as seen from a folder; on another drive there is only the whole path."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:
        return path.resolve().as_posix()
