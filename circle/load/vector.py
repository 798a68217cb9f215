"""Map layers of any format that GDAL or GeoParquet knows, as WGS84 frames."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from circle.lazily import gpd, pd
from circle.load.columns import rows_listed
from circle.load.datums import frame_to_wgs84
from circle.load.frame_cells import beyond_earth
from circle.load.located import Located
from circle.load.said import Said
from circle.load.shapefile import has_shapefile, read_shapefile
from circle.load.whole import is_whole
from circle.model import Geometries

MEASURES = "Measured (M) geometry types are not supported"


def read_vector(
    path: Path, at: Located, *, layer: str | None = None, crs: str | None = None, keep_unplaced: bool = False
) -> gpd.GeoDataFrame | None:
    """A layer in WGS84, its index counting features from 1.

    Parameters
    ----------
    layer
        Of a file with several; default: the first with geometry.
    crs
        Declared by the user; wins over what the file says (which is how GCJ-02 files lie).
    keep_unplaced
        Keep features without a geometry (people are never dropped); else they are counted in a warning.

    Returns
    -------
    GeoDataFrame or None
        The features; None after recording an error.
    """
    frame = read_layer(path, at, layer=layer)
    return None if frame is None else placed_frame(frame, at, crs=crs, keep_unplaced=keep_unplaced)


def placed_frame(
    frame: gpd.GeoDataFrame, at: Located, *, crs: str | None = None, keep_unplaced: bool = False
) -> gpd.GeoDataFrame | None:
    """A layer that has been read, or was never in a file, as `read_vector` returns it."""
    frame = frame.set_axis(np.arange(1, len(frame) + 1), axis="index")
    missing = np.asarray(frame.geometry.isna() | frame.geometry.is_empty)
    if missing.any() and not keep_unplaced:
        at.warn("vector.no_geometry", count=int(missing.sum()), rows=rows_listed(frame.index[missing]))
        frame = frame[~missing]
    if frame.empty:
        at.error("vector.empty")
        return None
    flat = shapely.force_2d(np.asarray(frame.geometry.array))
    frame = frame.set_geometry(gpd.GeoSeries(flat, frame.index, frame.crs))
    somewhere = _on_earth(frame, at, keep_unplaced=keep_unplaced)
    placed = None if somewhere is None else frame_to_wgs84(somewhere, crs, at)
    return None if placed is None else _on_earth(placed, at, keep_unplaced=keep_unplaced)


def _on_earth(frame: gpd.GeoDataFrame, at: Located, *, keep_unplaced: bool) -> gpd.GeoDataFrame | None:
    """Without shapes of which a coordinate is no number, or nothing on Earth; people stay, without a place."""
    wrong = beyond_earth(frame)
    if not wrong.any():
        return frame
    at.warn("vector.nowhere", count=int(wrong.sum()), rows=rows_listed(frame.index[wrong]))
    if keep_unplaced:
        shapes = np.array(frame.geometry.array, dtype=object)
        shapes[wrong] = None
        return frame.set_geometry(gpd.GeoSeries(shapes, frame.index, frame.crs))
    if wrong.all():
        at.error("vector.empty")
        return None
    kept: gpd.GeoDataFrame = frame[~wrong]
    return kept


def read_layer(path: Path, at: Located, *, layer: str | None = None) -> gpd.GeoDataFrame | None:
    """A layer as it is in the file: its own system, nothing checked but that it can be read."""
    import pyogrio

    if not path.exists():
        at.error("file.missing")
        return None
    if not is_whole(path, at):
        return None
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            frame: gpd.GeoDataFrame | pd.DataFrame | None
            if path.suffix.lower() in (".parquet", ".geoparquet"):
                frame = _of_parquet(path)
            elif has_shapefile(path):
                frame = read_shapefile(path, layer, at)
            else:
                frame = pyogrio.read_dataframe(path, layer=_choose_layer(path, layer, at))
    except pyogrio.errors.CRSError:
        at.error("vector.crs_damaged")
        return None
    except pyogrio.errors.DataLayerError as error:
        found = _layer_names(path)
        if found and layer is not None:
            at.error("vector.layer_missing", layer_name=layer, found=", ".join(found))
        else:
            at.error("vector.unreadable", reason=Said(str(error).split("\n", 1)[0]))
        return None
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.FeatureError,
        shapely.errors.GEOSException,
        zipfile.BadZipFile,
        ValueError,
        OSError,
    ) as error:
        at.error("vector.unreadable", reason=Said(str(error).split("\n", 1)[0] or type(error).__name__))
        return None
    if frame is None:
        return None
    for message in sorted({str(warning.message) for warning in said}):
        if message.startswith(MEASURES):  # heights and measures are left out anyhow
            continue
        at.warn("vector.reader_says", said=Said(message))
    if not isinstance(frame, gpd.GeoDataFrame):
        at.error("vector.no_map_layer")
        return None
    return frame


def repair_polygons(frame: gpd.GeoDataFrame, at: Located) -> gpd.GeoDataFrame:
    """The frame with valid areas; what had to be repaired is a warning.

    `shapely.make_valid` keeps the area that an outline encloses; the lines and points it may leave over are dropped.
    What encloses nothing comes back empty.
    """
    shapes = np.asarray(frame.geometry.array, dtype=object)
    mended = repaired_areas(shapes, frame.index.to_numpy(), at)
    return frame if mended is shapes else frame.set_geometry(gpd.GeoSeries(mended, frame.index, frame.crs))


def repaired_areas(shapes: Geometries, labels: npt.NDArray[Any], at: Located) -> Geometries:
    """As `repair_polygons`, of shapes whose rows users know by `labels`; the same array where nothing is broken."""
    broken = ~shapely.is_valid(shapes)
    if not broken.any():
        return shapes
    mended = shapes.copy()
    mended[broken] = [areas_of(shape) for shape in shapely.make_valid(shapes[broken])]
    kept = broken & ~shapely.is_empty(mended)  # who leaves out what encloses nothing says so
    if kept.any():
        reason = Said(str(shapely.is_valid_reason(shapes[kept][0])))
        at.warn("vector.repaired", count=int(kept.sum()), rows=rows_listed(labels[kept]), reason=reason)
    return mended


def areas_of(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a geometry as one, without its lines and points.

    >>> areas_of(shapely.from_wkt("GEOMETRYCOLLECTION (POINT (0 0), POLYGON ((0 0, 1 0, 1 1, 0 0)))")).wkt
    'POLYGON ((0 0, 1 0, 1 1, 0 0))'
    """
    parts = shapely.get_parts(shapely.get_parts([shape]))
    areas = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    single: shapely.Geometry = areas[0] if len(areas) == 1 else shapely.multipolygons(areas)
    return single


def _of_parquet(path: Path) -> gpd.GeoDataFrame:
    """A GeoParquet file, its text looked at: pandas would stumble over damaged letters only when they are asked for."""
    import pyarrow as pa

    frame = gpd.read_parquet(path)
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.StringDtype):
            pa.Array.from_pandas(frame[name]).validate(full=True)
    return frame


def _layer_names(path: Path) -> list[str]:
    """The layers of a file; none where even these cannot be read."""
    import pyogrio

    try:
        return [str(name) for name, _ in pyogrio.list_layers(path)]
    except (pyogrio.errors.DataSourceError, ValueError, OSError):
        return []


def _choose_layer(path: Path, layer: str | None, at: Located) -> str | None:
    """The layer to read: the one named, else the first with geometry; that there are others is a note."""
    import pyogrio

    if layer is not None:
        return layer
    layers = pyogrio.list_layers(path)
    names = [str(name) for name, kind in layers if kind is not None] or [str(name) for name, _ in layers]
    if not names:
        raise pyogrio.errors.DataSourceError("no layers")
    if len(names) > 1:
        at.warn("vector.layers_several", layer_name=names[0], others=", ".join(names[1:]))
    return names[0]
