"""The folder of results: every file of an analysis, written where the store asks for it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

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
from circle.export.geopackage import GisLayer, write_geopackage
from circle.export.geoparquet import write_geoparquet
from circle.export.gis_layers import FILE as GEOPACKAGE
from circle.export.gis_layers import gis_layers
from circle.export.indicators_file import described_sheets, indicator_sheets, indicators_workbook
from circle.export.map_page import map_html
from circle.export.problems_file import ProblemRow, problems_workbook
from circle.export.provenance import provenance
from circle.export.target import Target, refuse_unfit, target_system
from circle.export.tiles import tile_source
from circle.model import Analysis
from circle.store import sha256_of

MAP = "gap_map.html"
SMALL = 250_000
"""Places: up to here two files are made at a time; beyond, the memory that each takes counts."""

Columns = Sequence[str] | Sequence[Mapping[str, str]]
"""Of a written file: their names, or, where one name is not enough, all that is to be said of each."""
Job = Callable[[Path], Columns | None]


@dataclass(frozen=True)
class Manner:
    """How the files are to be.

    Parameters
    ----------
    lang
        ``"en"`` or ``"zh"``, for the map.
    tiles
        Tiles of the map: None for none, ``"osm"``, ``"tianditu:KEY"``, or the URL of a tile server.
    crs
        Coordinate system of the GeoPackage; None for WGS 84.
    """

    lang: str = "en"
    tiles: str | None = None
    crs: str | None = None


PLAIN = Manner()


def write_outputs(
    analysis: Analysis,
    folder: Path,
    manner: Manner = PLAIN,
    *,
    region_file: Path | None = None,
    further: Callable[[], Mapping[str, bytes]] | None = None,
    told: Callable[[dict[str, Any]], dict[str, Any]] = dict,
) -> list[Path]:
    """Write all files of an analysis into an existing, empty folder.

    Parameters
    ----------
    analysis
        The whole answer.
    folder
        Exists and is empty; whether it becomes a result as a whole is the store's care.
    manner
        How the files are to be.
    region_file
        Where the region was read from; the provenance names it relative to the folder, so both can move together.
    further
        Makes files that others add (the report), by name; they are written last, and named in the provenance.
    told
        Has the last word on what the provenance says.

    Returns
    -------
    list of Path
        The files in the order written. The same analysis gives the same bytes, but for the last, ``provenance.json``.

    Raises
    ------
    OSError
        If a file cannot be written (disk full, no right to).
    QueryError
        If `crs` is unknown, or not for this region, or `tiles` lack a key or are no fit URL.
    """
    target, tiles = target_system(manner.crs), tile_source(manner.tiles)
    refuse_unfit(target, analysis.network.node_lon, analysis.network.node_lat, analysis.region.name)
    small = len(analysis.residents.lon) < SMALL
    jobs = _jobs(analysis, manner.lang, manner.tiles)
    jobs[GEOPACKAGE] = partial(_write_gis, analysis, target)
    with ThreadPoolExecutor(2 if small else 1) as pool:  # much of it waits for GEOS, zstd and the disk
        begun = {name: pool.submit(jobs[name], folder / name) for name in sorted(jobs, key=lambda name: name != MAP)}
        try:
            columns = {name: begun[name].result() for name in jobs}
        finally:  # what fails or is interrupted ends with the files at hand
            pool.shutdown(wait=False, cancel_futures=True)
    described = {name: known for name, known in columns.items() if known is not None}
    _write(folder / "fields.json", json_bytes(describe(described, analysis)))
    added = {} if further is None else further()
    for name, content in added.items():
        _write(folder / name, content)
    paths = [folder / name for name in (*jobs, "fields.json", *added)]
    hashes = {path.name: sha256_of(path) for path in paths}
    source = None if region_file is None else _from_folder(region_file, folder)
    origin = None if tiles is None else tiles.told
    record = provenance(analysis, hashes, lang=manner.lang, tiles=origin, region_file=source)
    record["geopackage"] = {"crs": target.code, "name": target.name}
    record["report"] = {"language": manner.lang} if added else None
    return [*paths, _write(folder / "provenance.json", json_bytes(told(record)))]


def _jobs(analysis: Analysis, lang: str, tiles: str | None) -> dict[str, Job]:
    """What writes each file, in the order in which the files are told of; those of tables answer with their columns."""

    def layer(make: Callable[[], Layer], path: Path) -> list[str]:
        made = make()
        table = with_population_kind(made.table, analysis) if counts_people(path.name) else made.table
        _write(path, feature_collection(table, made.geometries).encode("utf-8"))
        return [str(column) for column in table.columns]

    def residents(path: Path) -> list[str]:
        return write_geoparquet(path, with_population_kind(residents_frame(analysis), analysis))

    def indicators(path: Path) -> list[str]:
        table = with_population_kind(analysis.indicators, analysis)
        _write(path, csv_bytes(table))
        return list(table.columns)

    def workbook(path: Path) -> Sequence[Mapping[str, str]]:
        sheets = indicator_sheets(analysis)
        _write(path, indicators_workbook(sheets, analysis))
        return described_sheets(sheets)

    def problems(path: Path) -> Sequence[str]:
        _write(path, problems_workbook(analysis.problems))
        return ProblemRow._fields

    def page(path: Path) -> None:
        _write(path, map_html(analysis, lang=lang, tiles=tiles).encode("utf-8"))

    layers: dict[str, Job] = {name: partial(layer, make) for name, make in _layers(analysis).items()}
    tables: dict[str, Job] = {"residents.parquet": residents, "indicators.csv": indicators}
    tables |= {"indicators.xlsx": workbook, "problems.xlsx": problems}
    return {**layers, **tables, MAP: page}


def _write_gis(analysis: Analysis, target: Target, path: Path) -> list[dict[str, str]]:
    """The GeoPackage; answers with the columns of its layers."""
    described: list[dict[str, str]] = []

    def told() -> Iterator[GisLayer]:
        for layer in gis_layers(analysis):
            described.extend({"layer": layer.name, **column} for column in layer.about)
            yield layer

    write_geopackage(path, told(), target)
    return described


def _layers(analysis: Analysis) -> dict[str, Callable[[], Layer]]:
    """What makes the map layers, by file; that of road repairs only where there is one."""
    layers: dict[str, Callable[[], Layer]] = {
        "coverage.geojson": partial(coverage_layer, analysis),
        "gaps.geojson": partial(gaps_layer, analysis),
        "isochrones.geojson": partial(isochrones_layer, analysis),
        "facilities.geojson": partial(facilities_layer, analysis),
    }
    repairs = analysis.region.streets.repairs
    if repairs is not None and len(repairs.kind):
        layers["road_repairs.geojson"] = partial(repairs_layer, repairs)
    return layers


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def json_bytes(value: object) -> bytes:
    """A document as it is written: the same for the same."""
    return (json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode("utf-8")


def _from_folder(path: Path, folder: Path) -> str:
    """A path as seen from a folder; on another drive there is only the whole path."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:
        return path.resolve().as_posix()
