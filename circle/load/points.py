"""Rows of a table to points: which columns, which system, and which rows have no usable place."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from circle.load.columns import SHOWN, find_column, need_column, parse_numbers, texts
from circle.load.datums import WGS84, named_crs, plausible, to_wgs84
from circle.load.located import Located
from circle.load.sections import Columns


def point_frame(
    table: pd.DataFrame, columns: Columns, crs: str | None, at: Located, *, keep_unplaced: bool = False
) -> gpd.GeoDataFrame | None:
    """A table as WGS84 points; rows without a usable place are listed with their values.

    Parameters
    ----------
    table
        As `circle.load.tables.read_table` returns it.
    columns
        The columns that the user named.
    crs
        As the user wrote it; a table never says it itself, so None is an error.
    keep_unplaced
        Keep rows without a usable place, without geometry (people are never dropped); else they are left out.
    """
    if crs is None:
        at.error("crs.missing_in_table")
    known = None if crs is None else named_crs(crs, at)
    cells = _coordinate_cells(table, columns, known, at)
    if known is None or cells is None:
        return None
    x, y = (parse_numbers(column)[0] for column in cells)
    if not plausible(x, y, known, at):
        return None
    lon, lat = to_wgs84(x, y, known)
    usable = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    if not usable.all():
        listed = _pairs_listed(cells[0][~usable], cells[1][~usable])
        if not usable.any():
            at.error("table.no_usable_place", count=len(table), cells=listed)
            return None
        at.warn("table.no_place", count=int((~usable).sum()), cells=listed)
    points = np.full(len(table), None, dtype=object)
    points[usable] = shapely.points(lon[usable], lat[usable])
    kept = np.ones(len(table), dtype=bool) if keep_unplaced else usable
    attributes = table.drop(columns=[name for name in table.columns if name == "geometry"])
    return gpd.GeoDataFrame(attributes[kept], geometry=points[kept], crs=WGS84)


def _coordinate_cells(
    table: pd.DataFrame, columns: Columns, crs: str | None, at: Located
) -> tuple[pd.Series[str], pd.Series[str]] | None:
    """The two columns of coordinates; one that holds both is split at its comma."""
    both = find_column(table, "location")
    if both is not None and columns.lon is None and find_column(table, "lon", crs=crs) is None:
        text = pd.Series(texts(table[both]), index=table.index, dtype=object).fillna("").astype(str)
        parts = text.str.split(r"[,，;\s]+", n=1, expand=True, regex=True).reindex(columns=[0, 1]).fillna("")
        return parts[0], parts[1]
    lon = need_column(table, "lon", columns.lon, at, crs=crs)
    lat = need_column(table, "lat", columns.lat, at, crs=crs)
    return None if lon is None or lat is None else (table[lon], table[lat])


def _pairs_listed(x: pd.Series[str], y: pd.Series[str]) -> str:
    """Rows with both values, for a message."""
    shown = [f"{row}: “{a}”, “{b}”"[:80] for row, a, b in zip(x.index[:SHOWN], x[:SHOWN], y[:SHOWN], strict=True)]
    return "; ".join(shown) + ("; …" if len(x) > SHOWN else "")
