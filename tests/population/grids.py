"""Small rasters and districts written by the tests."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely

from circle.errors import Findings
from circle.model import CountRaster, Districts


def write_raster(path: Path, values, *, origin=(10.0, 50.0), cell=0.001, crs="EPSG:4326", **profile) -> Path:
    """A GeoTIFF whose first cell has its upper left corner at `origin`."""
    array = np.asarray(values)
    profile = {"driver": "GTiff", "dtype": array.dtype, "count": 1, "crs": crs} | profile
    transform = rasterio.Affine(cell, 0, origin[0], 0, -cell, origin[1])
    with rasterio.open(path, "w", height=array.shape[0], width=array.shape[1], transform=transform, **profile) as file:
        file.write(array, 1)
    return path


def counts(values, *, origin=(10.0, 50.0), cell=0.001, crs="EPSG:4326", groups=("all",)) -> CountRaster:
    """A raster of counts as `load` hands it on."""
    array = np.asarray(values, dtype=np.float64)
    array = array[None] if array.ndim == 2 else array
    return CountRaster(array, groups, (cell, 0.0, origin[0], 0.0, -cell, origin[1]), crs)


def districts(*shapes, names=None) -> Districts:
    """Districts A, B, C... of these shapes."""
    names = names or [chr(ord("A") + i) for i in range(len(shapes))]
    return Districts(
        gpd.GeoDataFrame({"district_id": names, "district_name": names}, geometry=list(shapes), crs="EPSG:4326")
    )


def cells_box(left, top, right, bottom, *, origin=(10.0, 50.0), cell=0.001):
    """A rectangle given in columns and rows of `counts`."""
    return shapely.box(
        origin[0] + left * cell, origin[1] - bottom * cell, origin[0] + right * cell, origin[1] - top * cell
    )


def codes(findings: Findings) -> list[str]:
    """The codes of all findings."""
    return [problem.code for problem in findings.problems]
