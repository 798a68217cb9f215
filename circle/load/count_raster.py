"""Where people live, from rasters: people per cell, by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from circle.errors import Findings
from circle.load.group_excess import warn_of_excess
from circle.load.located import Located
from circle.load.mosaic import Block, Values, assemble, shifted, window_of
from circle.load.population import ALL, with_total
from circle.load.rasters import Bounds, Grid, Reading, read_tiles
from circle.model import CountRaster

SENTINEL = -9999.0
"""Counts at or below are taken for voids that the file forgot to declare; smaller shortfalls are negative people."""


@dataclass
class _Tally:
    """What was met in the cells of one group."""

    known: int = 0
    negatives: int = 0
    smallest: float = 0.0
    undeclared: int = 0
    sentinel: float = 0.0

    def clean(self, values: Values) -> Values:
        """People above zero; everything else void."""
        wild = np.isinf(values) | (values <= SENTINEL)
        if wild.any():
            self.undeclared += int(np.count_nonzero(wild))
            self.sentinel = float(values[wild][0])
            values[wild] = np.nan
        negative = values < 0
        if negative.any():
            self.negatives += int(np.count_nonzero(negative))
            self.smallest = min(self.smallest, float(values[negative].min()))
        self.known += int(np.count_nonzero(~np.isnan(values)))
        values[values <= 0] = np.nan
        return values


def read_count_raster(
    paths: Mapping[str, Sequence[Path]],
    findings: Findings,
    *,
    crs: str | None = None,
    bounds: Bounds | None = None,
    step: int = 1,
) -> CountRaster | None:
    """People per cell from rasters, one group per entry, each of one or several tiles of one grid.

    Counts are taken as they stand, never resampled. Void cells are those that the file declares, NaN, infinities
    and values of -9999 and below; negative people become 0 and are told.

    Parameters
    ----------
    paths
        Raster files (or ``.zip`` archives of them) of each group. Without the group ``"all"``, the sum of the others
        takes its place.
    findings
        Takes what is wrong.
    crs
        System of files that carry none.
    bounds
        West, south, east, north in degrees: only this part is read. Without it, everything.
    step
        See `circle.load.rasters.window_of`.

    Returns
    -------
    CountRaster or None
        Cropped to the cells that hold people, in steps; None after an error.
    """
    grid: Grid | None = None
    layers: dict[str, list[Block]] = {}
    errors_before = len(findings.errors)
    for group in sorted(paths, key=lambda name: name != ALL):
        tally = _Tally()
        read = read_tiles(paths[group], findings, Reading(tally.clean, np.float64, crs, bounds), grid)
        if read is not None:
            grid, layers[group] = read
            _report(tally, paths[group], findings)
    if len(findings.errors) > errors_before or grid is None:
        return None
    files = ", ".join(str(path) for tiles in paths.values() for path in tiles)
    blocks = [block for layer in layers.values() for block in layer]
    if not blocks:
        findings.error("population.nobody", file=files)
        return None
    window = window_of(blocks, step)
    counts = np.empty((len(layers), window[2] - window[0], window[3] - window[1]))
    for i, (group, layer) in enumerate(layers.items()):
        values, disputed = assemble(layer, window)
        counts[i] = np.nan_to_num(values, nan=0.0)
        shared = sum(np.count_nonzero(~np.isnan(block.values)) for block in layer) - np.count_nonzero(~np.isnan(values))
        if shared > disputed:
            findings.note("raster.tiles_overlap", file=", ".join(map(str, paths[group])), cells=int(shared) - disputed)
        if disputed:
            findings.warn("raster.tiles_disagree", file=", ".join(map(str, paths[group])), cells=disputed)
    at, transform = Located(findings, files), shifted(grid.transform, *window[:2])
    counts, groups = with_total(counts, tuple(layers), at)
    if ALL in layers:
        warn_of_excess(counts, groups, (grid.crs, transform), at)
    return CountRaster(counts, groups, transform, grid.crs)


def _report(tally: _Tally, tiles: Sequence[Path], findings: Findings) -> None:
    file = ", ".join(map(str, tiles))
    if tally.undeclared:
        findings.warn("raster.nodata_undeclared", file=file, cells=tally.undeclared, value=f"{tally.sentinel:g}")
    if tally.negatives:
        findings.warn("raster.negative", file=file, cells=tally.negatives, smallest=f"{tally.smallest:g}")
    if not tally.known:
        findings.error("raster.all_nodata", file=file)
