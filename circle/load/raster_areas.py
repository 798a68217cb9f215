"""How far the files of a raster of people reach, whoever lives in it."""

from __future__ import annotations

from pathlib import Path

import shapely

from circle.load.manifest import Manifest
from circle.load.manifest_file import resolve_path


def population_area(manifest: Manifest, folder: Path) -> shapely.Geometry | None:
    """The boxes of all rasters of residents in degrees; None where people are not counted by rasters alone."""
    section = manifest.population
    written = section.paths or tuple(path for paths in section.group_rasters.values() for path in paths)
    paths = [resolve_path(folder, path) for path in written]
    if section.is_census or not paths or any(path.suffix.lower() not in (".tif", ".tiff") for path in paths):
        return None
    import rasterio  # only for regions with a raster
    from rasterio.warp import transform_bounds

    boxes = []
    for path in paths:
        with rasterio.open(path) as raster:
            if raster.crs is None:
                return None
            boxes.append(shapely.box(*transform_bounds(raster.crs, "EPSG:4326", *raster.bounds, densify_pts=51)))
    return shapely.union_all(boxes)
