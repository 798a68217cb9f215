"""Footprints of buildings from a map layer, with storeys and use where its columns say them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from circle.lazily import gpd
from circle.load.columns import find_column, numbers, rows_listed, shape_kinds, texts
from circle.load.datums import WGS84
from circle.load.located import Located
from circle.load.vector import read_vector, repair_polygons
from circle.model import Floats

STOREY_M = 3.0
"""Metres of height per storey, where a layer knows heights only."""


def read_buildings(path: Path, at: Located, *, crs: str | None = None) -> gpd.GeoDataFrame | None:
    """The footprints of a polygon layer.

    Parameters
    ----------
    crs
        System of a file that carries none.

    Returns
    -------
    GeoDataFrame or None
        WGS84 footprints with ``levels`` (float, NaN unknown) and, where a column says it, ``use``. None after an error.
    """
    frame = read_vector(path, at, crs=crs)
    return None if frame is None else building_frame(frame, at)


def building_frame(frame: gpd.GeoDataFrame, at: Located) -> gpd.GeoDataFrame | None:
    """Footprints of a layer in WGS84 with any columns; what is no area is left out and told."""
    areas = repair_polygons(frame, at)
    area = shapely.get_dimensions(np.asarray(areas.geometry.array)) == 2
    area &= ~shapely.is_empty(np.asarray(areas.geometry.array))
    if not area.any():
        at.error("buildings.no_polygons", kinds=shape_kinds(areas))
        return None
    if not area.all():
        at.warn("buildings.not_polygons", count=int((~area).sum()), rows=rows_listed(areas.index[~area]))
    kept = areas[area]
    columns: dict[str, np.ndarray] = {"levels": _levels(kept, at)}
    use = find_column(kept, "use")
    if use is not None:
        at.note("buildings.use_column", column=use)
        columns["use"] = texts(kept[use])
    return gpd.GeoDataFrame(columns, geometry=np.asarray(kept.geometry.array), crs=WGS84)


def _levels(frame: gpd.GeoDataFrame, at: Located) -> Floats:
    """Storeys, else height by `STOREY_M` and at least one, else NaN."""
    levels, height = find_column(frame, "levels"), find_column(frame, "height")
    storeys = numbers(frame[levels], at) if levels is not None else np.full(len(frame), np.nan)
    if height is not None:
        metres = numbers(frame[height], at)
        told = np.isnan(storeys) & (metres > 0)
        if told.any():
            count = int(told.sum())
            at.note("buildings.levels_by_height", column=height, count=count, metres=f"{STOREY_M:g}")
        storeys = np.where(told, np.maximum(np.rint(metres / STOREY_M), 1.0), storeys)
    return storeys
