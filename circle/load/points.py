"""Rows of a table to points: which columns, which system, and which rows have no usable place."""

from __future__ import annotations

import numpy as np
import shapely

from circle.errors import Listed
from circle.lazily import gpd, pd
from circle.load.axes import Axes, axes_of, has_axes
from circle.load.columns import SHOWN, find_column, parse_numbers, texts
from circle.load.datums import READ_AS, WGS84, is_geographic, plausible, to_wgs84
from circle.load.located import Located
from circle.load.sections import Columns, FacilitiesSection
from circle.model import Bools


def point_frame(
    table: pd.DataFrame,
    columns: Columns,
    crs: str | None,
    at: Located,
    *,
    keep_unplaced: bool = False,
    tried: bool = False,
) -> gpd.GeoDataFrame | None:
    """A table as WGS84 points; rows without a usable place are listed with their values.

    Parameters
    ----------
    table
        As `circle.load.tables.read_table` returns it.
    columns
        The columns that the user named. Facilities may be found by their names afterwards: a list of them without a
        single place is no error, nor are rows without, which are kept.
    crs
        As the user wrote it; None is an error unless the headers name a datum.
    keep_unplaced
        Keep rows without a usable place, without geometry (people are never dropped); else they are left out.
    tried
        The system is only tried on the layer.

    Returns
    -------
    GeoDataFrame or None
        Its ``attrs[READ_AS]`` is the system that the places were read in: headers may know better than `crs`.
    """
    by_name = isinstance(columns, FacilitiesSection)
    if by_name and not has_axes(table, columns) and find_column(table, "name", columns.name) is not None:
        at.warn("table.no_axes", found=", ".join(map(str, table.columns)))
        nowhere = np.full(len(table), None, dtype=object)
        return gpd.GeoDataFrame(table.drop(columns="geometry", errors="ignore"), geometry=nowhere, crs=WGS84)
    axes = axes_of(table, columns, crs, at, tried=tried)
    if axes is None:
        return None
    x, y = (parse_numbers(column)[0] for column in (axes.x, axes.y))
    if not plausible(x, y, axes.crs, at):
        return None
    lon, lat = to_wgs84(x, y, axes.crs)
    lon = np.where((x == 0) & (y == 0), np.nan, lon)  # noughts are how forms leave a place empty
    usable = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    empty = ~usable
    pairs = zip(texts(axes.x[~usable]), texts(axes.y[~usable]), strict=True)
    empty[~usable] = [a is None and b is None for a, b in pairs]
    swapped = ~usable & is_geographic(axes.crs) & (np.abs(x) <= 90) & (np.abs(y) > 90) & (np.abs(y) <= 180)
    lost = ~usable & ~(empty & by_name) & ~swapped
    if not usable.any() and not (by_name and empty.any()):
        at.error("table.no_usable_place", count=len(table), cells=_pairs_listed(axes, ~usable))
        return None
    if lost.any():
        at.warn("table.no_place", count=int(lost.sum()), cells=_pairs_listed(axes, lost))
    if swapped.any():
        at.warn("table.rows_swapped", count=int(swapped.sum()), cells=_pairs_listed(axes, swapped))
    points = np.full(len(table), None, dtype=object)
    points[usable] = shapely.points(lon[usable], lat[usable])
    kept = np.ones(len(table), dtype=bool) if keep_unplaced else ~swapped if by_name else usable
    attributes = table.drop(columns="geometry", errors="ignore")
    frame = gpd.GeoDataFrame(attributes[kept], geometry=points[kept], crs=WGS84)
    frame.attrs[READ_AS] = axes.crs
    return frame


def _pairs_listed(axes: Axes, rows: Bools) -> Listed:
    """Rows with both values, for a message."""
    x, y = axes.x[rows], axes.y[rows]
    values = [f"“{a}”, “{b}”" for a, b in zip(x, y, strict=True)]
    shown = [f"{row}: {value}"[:80] for row, value in zip(x.index[:SHOWN], values, strict=False)]
    return Listed("; ".join(shown) + ("; …" if len(x) > SHOWN else ""), x.index, values)
