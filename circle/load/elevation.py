"""Heights from files - GeoTIFF, SRTM tiles, and archives of them - and from arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from circle.errors import Findings
from circle.kernels.heights import Transform
from circle.load.located import Located
from circle.load.mosaic import Values, assemble, shifted, window_of
from circle.load.rasters import Bounds, Reading, read_tiles
from circle.model import Elevation

LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""Nothing on land lies outside; other values are voids that the file does not declare."""

COVERED_SHARE = 0.99
"""Heights for less of the wanted box than this are worth a warning."""


def read_elevation(
    paths: Sequence[Path],
    findings: Findings,
    *,
    bounds: Bounds | None = None,
    needed: Bounds | None = None,
    crs: str | None = None,
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
    needed
        Where it is worth a warning that there are none; None: in all of `bounds`.
    crs
        System of files that carry none.

    Returns
    -------
    Elevation or None
        Float32 metres, NaN unknown; None after an error.
    """
    voided = _Voided()
    read = read_tiles(paths, findings, Reading(voided.clean, np.float32, crs, bounds))
    if read is None:
        return None
    grid, blocks = read
    at = Located(findings, ", ".join(map(str, paths)))
    if not blocks:
        at.error("elevation.all_void")
        return None
    voided.tell(at)
    window = window_of(blocks)
    height_m, disputed = assemble(blocks, window)
    if disputed:
        at.warn("elevation.tiles_disagree", cells=disputed)
    elevation = Elevation(height_m.astype(np.float32, copy=False), shifted(grid.transform, *window[:2]), grid.crs)
    _warn_if_partial(elevation, needed or bounds, Located(findings, grid.file))
    return elevation


def array_elevation(
    height_m: Any, transform: Any, crs: Any, at: Located, *, bounds: Bounds | None = None
) -> Elevation | None:
    """Heights in memory, with the checks that files undergo.

    Parameters
    ----------
    height_m
        (rows, columns) metres; NaN, and what a masked array masks, unknown.
    transform
        Affine coefficients a, b, c, d, e, f as rasterio has them; see `circle.model.CountRaster`.
    crs
        Anything that pyproj understands.
    at
        Takes what is wrong.
    bounds
        Where heights are wanted.

    Returns
    -------
    Elevation or None
        None after an error.
    """
    if not _is_grid(height_m):
        at.error("elevation.not_a_grid", found=f"{type(height_m).__name__} {getattr(height_m, 'shape', '')}")
        return None
    values = np.array(np.ma.filled(np.ma.asarray(height_m).astype(np.float32), np.nan))
    place = _transform(transform)
    if place is None:
        at.error("raster.not_georeferenced")
        return None
    try:
        system = str(CRS.from_user_input(crs).to_string())
    except CRSError:
        at.error("raster.crs_unknown", crs=str(crs)[:80])
        return None
    voided = _Voided()
    voided.clean(values)
    if np.isnan(values).all():
        at.error("elevation.all_void")
        return None
    voided.tell(at)
    elevation = Elevation(values, place, system)
    if bounds is not None and _covered_share(elevation, bounds) == 0.0:
        at.error("raster.outside_region", bounds=", ".join(f"{degrees:.3f}" for degrees in bounds))
        return None
    _warn_if_partial(elevation, bounds, at)
    return elevation


@dataclass
class _Voided:
    """Heights that cannot be become unknown, and are counted."""

    cells: int = 0
    example: float = np.nan

    def clean(self, values: Values) -> Values:
        """The values without those; in place."""
        wrong = (values < LOWEST_M) | (values > HIGHEST_M)
        if wrong.any():
            self.example = self.example if self.cells else float(values[wrong][0])
            self.cells += int(np.count_nonzero(wrong))
            values[wrong] = np.nan
        return values

    def tell(self, at: Located) -> None:
        """Warn of them."""
        if self.cells:
            at.warn("elevation.implausible", cells=self.cells, example=f"{self.example:g}")


def _is_grid(values: Any) -> bool:
    return isinstance(values, np.ndarray) and values.dtype.kind in "iuf" and values.ndim == 2 and values.size > 0


def _transform(given: Any) -> Transform | None:
    """Six finite coefficients that put cells on a plane, else None."""
    try:
        a, b, c, d, e, f = (float(value) for value in tuple(given)[:6])
    except (TypeError, ValueError):
        return None
    return (a, b, c, d, e, f) if np.isfinite([a, b, c, d, e, f]).all() and a * e - b * d != 0 else None


def _warn_if_partial(elevation: Elevation, bounds: Bounds | None, at: Located) -> None:
    """Say how much of the wanted box lies beyond the heights."""
    share = 1.0 if bounds is None else _covered_share(elevation, bounds)
    if share < COVERED_SHARE:
        at.warn("elevation.partial", percent=f"{100 * share:.0f}")


def _covered_share(elevation: Elevation, bounds: Bounds) -> float:
    """How much of the box in degrees has heights."""
    rows, columns = elevation.height_m.shape
    a, b, c, d, e, f = elevation.transform
    x = c + a * np.array([0.0, columns, columns, 0.0]) + b * np.array([0.0, 0.0, rows, rows])
    y = f + d * np.array([0.0, columns, columns, 0.0]) + e * np.array([0.0, 0.0, rows, rows])
    corners = Transformer.from_crs(elevation.crs, "EPSG:4326", always_xy=True).transform(x, y)
    wanted, known = shapely.box(*bounds), shapely.convex_hull(shapely.multipoints(np.column_stack(corners)))
    if wanted.area == 0.0:  # the only road runs due east
        return float(shapely.intersects(wanted, known))
    return float(shapely.area(shapely.intersection(wanted, known)) / shapely.area(wanted))
