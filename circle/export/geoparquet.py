"""Places as GeoParquet 1.0: a table that pandas reads as before, and geopandas and QGIS as points."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj

from circle.lazily import pd
from circle.model import Floats

GEOMETRY = "geometry"
VERSION = "1.0.0"
WGS84 = 4326
POINT = np.dtype([("little_endian", "u1"), ("kind", "<u4"), ("lon", "<f8"), ("lat", "<f8")])
"""A point in well-known binary; 21 bytes without gaps."""


def write_geoparquet(path: Path, frame: pd.DataFrame) -> list[str]:
    """Write a table of places; points are made of its columns ``lon`` and ``lat`` and stand behind them.

    Arrow columns without pandas' own notes; NaN stays NaN, and only a missing code or place is null.

    Returns
    -------
    list of str
        The columns of the file.
    """
    lon, lat = (frame[axis].to_numpy(np.float64) for axis in ("lon", "lat"))
    columns: dict[str, pa.Array] = {}
    for name in frame.columns:
        columns[str(name)] = _column(frame[name])
        if name == "lat":
            columns[GEOMETRY] = _points(lon, lat)
    table = pa.table(columns).replace_schema_metadata({"geo": json.dumps(_about(lon, lat))})
    pq.write_table(table, path, compression="zstd")
    return list(columns)


def _points(lon: Floats, lat: Floats) -> pa.Array:
    """Well-known binary, put together as it lies in memory; null where a place is not known."""
    known = np.isfinite(lon) & np.isfinite(lat)
    points = np.empty(int(known.sum()), dtype=POINT)
    points["little_endian"], points["kind"] = 1, 1
    points["lon"], points["lat"] = lon[known], lat[known]
    ends = np.zeros(len(lon) + 1, dtype=np.int32)
    np.cumsum(known * np.int32(POINT.itemsize), out=ends[1:])
    valid = np.packbits(known, bitorder="little")
    return pa.Array.from_buffers(
        pa.binary(), len(lon), [pa.py_buffer(part) for part in (valid, ends, points.tobytes())]
    )


def _about(lon: Floats, lat: Floats) -> dict[str, Any]:
    """What the standard wants to be said of the points."""
    about: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": ["Point"],
        "crs": json.loads(pyproj.CRS.from_epsg(WGS84).to_json()),
    }
    known = np.isfinite(lon) & np.isfinite(lat)
    if known.any():
        ends = (lon[known].min(), lat[known].min(), lon[known].max(), lat[known].max())
        about["bbox"] = [float(end) for end in ends]
    return {"version": VERSION, "primary_column": GEOMETRY, "columns": {GEOMETRY: about}}


def _column(values: pd.Series) -> pa.Array:
    if not isinstance(values.dtype, pd.CategoricalDtype):
        return pa.array(values.to_numpy(), from_pandas=False)
    codes = values.cat.codes.to_numpy().astype("int32")
    names = pa.array(values.cat.categories.to_numpy(), pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), names)
