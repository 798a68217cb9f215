"""Things that an OSM extract gives, as plain columns; a frame of them for those who want one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy.typing as npt

from circle.lazily import gpd, pd
from circle.model import Geometries


@dataclass(frozen=True, eq=False)
class Features:
    """Rows with a geometry each.

    Parameters
    ----------
    columns
        (n,) each: numbers where all cells are, else objects, None where nothing is known.
    shapes
        (n,) geometries, WGS84.
    """

    columns: Mapping[str, npt.NDArray[Any]]
    shapes: Geometries

    def __len__(self) -> int:
        return len(self.shapes)

    @cached_property
    def frame(self) -> gpd.GeoDataFrame:
        """The rows as a frame."""
        columns = {name: pd.Series(cells, dtype=cells.dtype) for name, cells in self.columns.items()}
        return gpd.GeoDataFrame(columns, geometry=self.shapes, crs="EPSG:4326")
