"""Heights from files: GeoTIFF, SRTM tiles, and archives of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely
from pyproj import Transformer

from circle.errors import Findings
from circle.load.rasters import Bounds, Grid, Reading, Values, assemble, read_tiles, shifted, window_of
from circle.model import Elevation

LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""Nothing on land lies outside; other values are voids that the file does not declare."""

COVERED_SHARE = 0.99
"""Heights for less of the wanted box than this are worth a warning."""


def read_elevation(
    paths: Sequence[Path], findings: Findings, *, bounds: Bounds | None = None, crs: str | None = None
) -> Elevation | None:
    """Heights on one grid from one or several tiles; where tiles share an edge, its rows count once.

    Parameters
    ----------
    paths
        Rasters (``.tif``, ``.hgt``), or ``.zip`` archives that hold some.
    findings
        Takes what is wrong.
    bounds
        West, south, east, north in degrees: only this part is read. Without it, everything.
    crs
        System of files that carry none.

    Returns
    -------
    Elevation or None
        Float32 metres, NaN unknown; None after an error.
    """
    implausible: list[tuple[int, float]] = []

    def clean(values: Values) -> Values:
        wrong = (values < LOWEST_M) | (values > HIGHEST_M)
        if wrong.any():
            implausible.append((int(np.count_nonzero(wrong)), float(values[wrong][0])))
            values[wrong] = np.nan
        return values

    read = read_tiles(paths, findings, Reading(clean, np.float32, crs, bounds))
    if read is None:
        return None
    grid, blocks = read
    files = ", ".join(map(str, paths))
    if not blocks:
        findings.error("elevation.all_void", file=files)
        return None
    if implausible:
        cells = sum(count for count, _ in implausible)
        findings.warn("elevation.implausible", file=files, cells=cells, example=f"{implausible[0][1]:g}")
    window = window_of(blocks)
    height_m, disputed = assemble(blocks, window)
    if disputed:
        findings.warn("elevation.tiles_disagree", file=files, cells=disputed)
    elevation = Elevation(height_m.astype(np.float32, copy=False), shifted(grid.transform, *window[:2]), grid.crs)
    _warn_if_partial(elevation, grid, bounds, findings)
    return elevation


def _warn_if_partial(elevation: Elevation, grid: Grid, bounds: Bounds | None, findings: Findings) -> None:
    """Say how much of the wanted box lies beyond the heights."""
    if bounds is None:
        return
    rows, columns = elevation.height_m.shape
    a, b, c, d, e, f = elevation.transform
    x = c + a * np.array([0.0, columns, columns, 0.0]) + b * np.array([0.0, 0.0, rows, rows])
    y = f + d * np.array([0.0, columns, columns, 0.0]) + e * np.array([0.0, 0.0, rows, rows])
    corners = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True).transform(x, y)
    wanted, known = shapely.box(*bounds), shapely.convex_hull(shapely.multipoints(np.column_stack(corners)))
    share = float(shapely.area(shapely.intersection(wanted, known)) / shapely.area(wanted)) if wanted.area else 1.0
    if share < COVERED_SHARE:
        findings.warn("elevation.partial", file=grid.file, percent=f"{100 * share:.0f}")
