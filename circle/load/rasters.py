"""Grids from files: opening, checking and mosaicking tiles that lie on one grid.

A tile becomes `Block`s of values with NaN for void cells, placed by whole rows and columns on the grid of the first
tile, and trimmed to what they hold; so a county read out of a country's raster costs the memory of the county.
"""

from __future__ import annotations

import math
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from rasterio.errors import NotGeoreferencedWarning, RasterioIOError
from rasterio.windows import Window

from circle.errors import Findings
from circle.kernels.heights import Transform, grid_position
from circle.load.located import Located
from circle.load.mosaic import Block, Values
from circle.load.said import Said
from circle.load.whole import is_whole

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""
Clean = Callable[[Values], Values]

RASTER_SUFFIXES = (".tif", ".tiff", ".hgt", ".img", ".asc", ".vrt")
STRIP_CELLS = 8_000_000
ALIGNMENT = 0.02
"""How far, in cells, a tile may lie off the grid of the others; tiles cut with rounded corners stay below."""


@dataclass(frozen=True)
class Grid:
    """Where the cells of a file lie: `crs` as text, `transform` of its first cell, and the file that said so."""

    crs: str
    transform: Transform
    file: str


@dataclass(frozen=True)
class Reading:
    """How to read.

    Parameters
    ----------
    clean
        What to do to each strip, NaN where void.
    dtype
        Precision kept.
    crs
        The system of files that carry none.
    bounds
        The part wanted; None: all.
    """

    clean: Clean
    dtype: type[np.floating] = np.float64
    crs: str | None = None
    bounds: Bounds | None = None


def read_tiles(
    paths: Sequence[Path], findings: Findings, reading: Reading, like: Grid | None = None
) -> tuple[Grid, list[Block]] | None:
    """All tiles of one layer on one grid.

    Parameters
    ----------
    paths
        Raster files, or ``.zip`` archives of them.
    like
        A grid that the tiles must share; by default that of the first tile.

    Returns
    -------
    tuple or None
        The grid and its blocks, none where the tiles do not meet ``reading.bounds``; None after an error, which is in
        `findings`.
    """
    blocks: list[Block] = []
    grid = like
    missed = cut = False
    errors_before = len(findings.errors)
    for path in paths:
        for name in _gdal_names(path, findings):
            with _opened(name, str(path), findings) as dataset:
                own = _grid_of(dataset, str(path), reading.crs, findings) if dataset is not None else None
                offset = _offset(own, grid, findings) if own is not None else None
                if own is None or offset is None:
                    continue
                grid = grid or own
                window = _window(dataset, own, reading.bounds)
                missed |= window is None
                cut |= window is None or (window.width, window.height) != (dataset.width, dataset.height)
                blocks += [] if window is None else _blocks(dataset, window, offset, reading)
    if len(findings.errors) > errors_before or grid is None:
        return None
    if missed and not blocks:
        findings.error("raster.outside_region", file=", ".join(map(str, paths)), bounds=_shown(reading.bounds))
        return None
    if cut:
        findings.note("raster.part_read", file=", ".join(map(str, paths)), bounds=_shown(reading.bounds))
    return grid, blocks


def _gdal_names(path: Path, findings: Findings) -> list[str]:
    """What GDAL calls the raster, or the rasters inside an archive."""
    if not path.exists():
        findings.error("file.missing", file=str(path))
        return []
    if path.suffix.lower() != ".zip":
        return [str(path)] if is_whole(path, Located(findings, str(path))) else []
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted(archive.namelist())
    except (zipfile.BadZipFile, OSError) as error:
        findings.error("raster.unreadable", file=str(path), reason=Said(str(error)))
        return []
    own = [member for member in members if not Path(member).name.startswith("._")]  # what a Mac adds of its own
    rasters = [member for member in own if Path(member).suffix.lower() in RASTER_SUFFIXES]
    if not rasters:
        findings.error("raster.zip_without_raster", file=str(path), found=", ".join(members[:5]) or "-")
    return [f"/vsizip/{path}/{member}" for member in rasters]


@contextmanager
def _opened(name: str, file: str, findings: Findings) -> Iterator[Any]:
    """The open dataset, or None; a fault while opening or reading becomes a finding."""
    try:
        with warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning):
            dataset = rasterio.open(name)
    except RasterioIOError as error:
        findings.error("raster.unreadable", file=file, reason=Said(str(error)))
        yield None
        return
    with dataset:
        try:
            yield dataset
        except RasterioIOError as error:
            findings.error("raster.unreadable", file=file, reason=Said(str(error.__cause__ or error)))


def _grid_of(dataset: Any, file: str, declared: str | None, findings: Findings) -> Grid | None:
    """The file's grid; findings where it has no place on earth."""
    transform: Transform = tuple(float(v) for v in dataset.transform[:6])  # type: ignore[assignment]
    a, b, _, d, e, _ = transform
    if dataset.transform.is_identity or a * e - b * d == 0:
        findings.error("raster.not_georeferenced", file=file)
        return None
    written = dataset.crs.to_string() if dataset.crs else declared
    if not written:
        degrees = (np.abs(dataset.bounds) <= [360, 90, 360, 90]).all()
        key = "raster.crs_missing_degrees" if degrees else "raster.crs_missing"
        findings.error(key, file=file, bounds=_shown(dataset.bounds))
        return None
    try:
        known = CRS.from_user_input(written)
    except CRSError:
        findings.error("raster.crs_unknown", file=file, crs=written[:80])
        return None
    if dataset.crs and declared and not _same_crs(known, declared):
        findings.warn("raster.crs_declared_differs", file=file, own=written[:80], declared=declared)
    if dataset.count > 1:
        findings.warn("raster.several_bands", file=file, bands=dataset.count)
    return Grid(written, transform, file)


def _same_crs(known: CRS, other: str) -> bool:
    try:
        return bool(known.equals(CRS.from_user_input(other), ignore_axis_order=True))
    except CRSError:
        return False


def _offset(own: Grid, grid: Grid | None, findings: Findings) -> tuple[int, int] | None:
    """Row and column of a tile's first cell on the common grid; a finding where the cells do not fall together."""
    if grid is None:
        return 0, 0
    column, row = (float(v) for v in grid_position(grid.transform, own.transform[2], own.transform[5]))
    steps = np.array([own.transform[i] - grid.transform[i] for i in (0, 1, 3, 4)])
    cell = math.sqrt(abs(grid.transform[0] * grid.transform[4] - grid.transform[1] * grid.transform[3]))
    aligned = (
        max(abs(column - round(column)), abs(row - round(row))) <= ALIGNMENT
        and np.abs(steps).max() <= 1e-6 * cell
        and _same_crs(CRS.from_user_input(own.crs), grid.crs)
    )
    if not aligned:
        findings.error(
            "raster.grids_differ", file=own.file, own=_described(own), other=_described(grid), first=grid.file
        )
        return None
    return round(row), round(column)


def _window(dataset: Any, grid: Grid, bounds: Bounds | None) -> Window | None:
    """The rows and columns that cover `bounds` with a cell to spare; None where they lie apart."""
    if bounds is None:
        return Window(0, 0, dataset.width, dataset.height)
    try:
        west, south, east, north = Transformer.from_crs("EPSG:4326", grid.crs, always_xy=True).transform_bounds(*bounds)
    except ProjError:
        return None
    if not np.isfinite([west, south, east, north]).all():
        return None
    columns, rows = grid_position(grid.transform, [west, east, west, east], [south, south, north, north])
    left, top = max(math.floor(columns.min()) - 1, 0), max(math.floor(rows.min()) - 1, 0)
    right, bottom = min(math.ceil(columns.max()) + 1, dataset.width), min(math.ceil(rows.max()) + 1, dataset.height)
    return Window(left, top, right - left, bottom - top) if left < right and top < bottom else None


def _blocks(dataset: Any, window: Window, offset: tuple[int, int], reading: Reading) -> list[Block]:
    """The window's values, strip by strip, cleaned and trimmed; a strip of voids gives no block."""
    blocks = []
    step = max(STRIP_CELLS // window.width, 1)
    scale, shift = dataset.scales[0], dataset.offsets[0]
    for top in range(window.row_off, window.row_off + window.height, step):
        height = min(step, window.row_off + window.height - top)
        strip = dataset.read(1, window=Window(window.col_off, top, window.width, height), masked=True)
        values = strip.astype(reading.dtype).filled(np.nan)
        if (scale, shift) != (1.0, 0.0):
            values = values * reading.dtype(scale) + reading.dtype(shift)
        values = reading.clean(values)
        known = ~np.isnan(values)
        rows, columns = np.flatnonzero(known.any(axis=1)), np.flatnonzero(known.any(axis=0))
        if len(rows):
            part = values[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
            blocks.append(Block(offset[0] + top + int(rows[0]), offset[1] + window.col_off + int(columns[0]), part))
    return blocks


def _described(grid: Grid) -> str:
    a, b, c, d, e, f = grid.transform
    return f"{grid.crs[:40]}, {math.hypot(a, d):.10g} x {math.hypot(b, e):.10g} @ ({c:.10g}, {f:.10g})"


def _shown(bounds: Bounds | None) -> str:
    return ", ".join(f"{value:.6g}" for value in bounds or ())
