"""``layers.gpkg``: every layer in one file, with its style for QGIS and what its columns are called in Chinese.

GDAL writes the layers and their spatial index. What it has no words for - aliases of columns, styles, one date for all
- is put in afterwards by SQLite itself, after the GeoPackage standard (its schema extension) and as QGIS stores styles.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from circle.antimeridian import crosses, cut
from circle.export.target import Target
from circle.lazily import pd
from circle.model import Geometries

DATE = "2000-01-01T00:00:00.000Z"
"""Stands wherever the file wants to know when it was changed: the same input gives the same bytes."""
VERSION = "1.2"
"""Of the standard: what is written is in it, and older programs warn of newer ones."""
ROWS_AT_A_TIME = 50_000
TYPES = {
    "string": pa.string(), "number": pa.float64(), "double": pa.float64(), "integer": pa.int64(), "int64": pa.int64(),
    "boolean": pa.bool_(), "bool": pa.bool_(),
}  # fmt: skip
"""By what the table of fields says, not by the rows: a layer without rows has the same columns."""
GEOMETRY, NUMBER = "geom", "fid"

STYLES = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME DEFAULT CURRENT_TIMESTAMP
)
"""
COLUMNS = """
CREATE TABLE gpkg_data_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
    constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
    CONSTRAINT gdc_tn UNIQUE (table_name, name)
)
"""
CONSTRAINTS = """
CREATE TABLE gpkg_data_column_constraints (
    constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
    max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value)
)
"""
SCHEMA_EXTENSION = ("gpkg_schema", "http://www.geopackage.org/spec/#extension_schema", "read-write")


@dataclass(frozen=True, eq=False)
class GisLayer:
    """One layer of the file.

    Parameters
    ----------
    name
        Of its table.
    title
        What it is called, in Chinese and English.
    table
        n rows of attributes.
    shapes
        Makes the geometries of a slice of the rows, in WGS 84; None where there is none.
    kind
        ``"Point"``, ``"LineString"``, ``"MultiLineString"`` or ``"MultiPolygon"``; single ones will do for many.
    about
        Of each column, in their order: ``name``, ``type``, ``unit``, ``alias`` (Chinese, short), ``en``, ``zh``.
    style
        QML.
    """

    name: str
    title: str
    table: pd.DataFrame
    shapes: Callable[[slice], Geometries]
    kind: str
    about: Sequence[Mapping[str, str]]
    style: str = field(repr=False, default="")


def write_geopackage(path: Path, layers: Iterable[GisLayer], target: Target) -> None:
    """Write the layers, one after the other, into a new file.

    Parameters
    ----------
    path
        Does not exist yet.
    layers
        May be made while they are written.
    target
        The system that they are written in.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_SQLITE_SYNCHRONOUS": "OFF"})  # the folder is whole, or it is not there
    told: list[GisLayer] = []
    for layer in layers:
        try:
            pyogrio.write_arrow(
                _reader(layer, target),
                path,
                layer=layer.name,
                driver="GPKG",
                geometry_name=GEOMETRY,
                geometry_type=layer.kind,
                crs=target.code,
                dataset_options={"VERSION": VERSION},
                layer_options={"FID": NUMBER, "IDENTIFIER": layer.name, "DESCRIPTION": layer.title},
            )
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
            raise OSError(str(error)) from error  # a full disk comes as either
        told.append(replace(layer, table=layer.table.head(0), shapes=_nothing))  # not all of them at once
        del layer
    try:
        _finish(path, told)
    except sqlite3.OperationalError as error:
        raise OSError(str(error)) from error


def _nothing(part: slice) -> Geometries:
    return np.empty(0, dtype=object)[part]


def _shapes(layer: GisLayer, part: slice, target: Target) -> Geometries:
    """Cut at the 180th meridian, in the system asked for, and all of one kind."""
    shapes = np.array(layer.shapes(part), dtype=object)
    if layer.kind != "Point":
        for row in np.flatnonzero(_wide(shapes)):
            shapes[row] = cut(shapes[row])
    join: Any = {"MultiPolygon": shapely.multipolygons, "MultiLineString": shapely.multilinestrings}.get(layer.kind)
    if join is not None:
        alone = np.isin(shapely.get_type_id(shapes), (shapely.GeometryType.POLYGON, shapely.GeometryType.LINESTRING))
        shapes[alone] = join(shapes[alone], indices=np.arange(int(alone.sum())))
    return target.shapes(shapes)


def _wide(shapes: Geometries) -> Any:
    """Which cross the meridian; only those that leave the globe or span half of it can."""
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        maybe = (bounds[:, 2] - bounds[:, 0] > 180.0) | (bounds[:, 0] < -180.0) | (bounds[:, 2] > 180.0)
    maybe[maybe] = [crosses(shape) for shape in shapes[maybe]]
    return maybe


def _reader(layer: GisLayer, target: Target) -> pa.RecordBatchReader:
    """The rows in pieces, so that a province takes no more memory than a county."""
    table = layer.table
    geometry = pa.field(GEOMETRY, pa.binary(), metadata={"ARROW:extension:name": "geoarrow.wkb"})
    schema = pa.schema([*(pa.field(column["name"], TYPES[column["type"]]) for column in layer.about), geometry])

    def batches() -> Iterator[pa.RecordBatch]:
        for first in range(0, len(table), ROWS_AT_A_TIME):
            part = slice(first, first + ROWS_AT_A_TIME)
            columns = [_values(table[name].iloc[part], schema.field(str(name)).type) for name in table.columns]
            bytes_ = pa.array(shapely.to_wkb(_shapes(layer, part, target), byte_order=1), pa.binary())
            yield pa.record_batch([*columns, bytes_], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _values(values: pd.Series, wanted: pa.DataType) -> pa.Array:
    """What is infinite or unknown is NULL: a column beside it says which."""
    if wanted == pa.float64():
        numbers = values.astype(np.float64).to_numpy()
        return pa.array(numbers, wanted, mask=~np.isfinite(numbers))
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes = values.cat.codes.to_numpy().astype(np.int32)
        names = pa.array([_text(name) for name in values.cat.categories], wanted)
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), names).cast(wanted)
    if wanted == pa.string():
        words = values.astype(object)
        missing = words.isna().to_numpy()
        kept = ["" if none else _text(word) for word, none in zip(words, missing, strict=True)]
        return pa.array(kept, wanted, mask=missing)
    return pa.array(values.astype(object).where(values.notna(), None).tolist(), wanted)


def _text(word: object) -> str:
    """Text that UTF-8 can hold, and that no reader cuts off at a zero byte."""
    return str(word).encode("utf-8", errors="replace").decode("utf-8").replace("\0", "\ufffd")


def _finish(path: Path, layers: Sequence[GisLayer]) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        for create in (STYLES, COLUMNS, CONSTRAINTS):
            database.execute(create)
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)"
            " VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
            [DATE],
        )
        for table in ("gpkg_data_columns", "gpkg_data_column_constraints"):
            database.execute("INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, ?)", [table, *SCHEMA_EXTENSION])
        for layer in layers:
            _describe(database, layer)
        database.execute("UPDATE gpkg_contents SET last_change = ?", [DATE])
        database.execute("COMMIT")
        fresh = path.with_suffix(".fresh")
        database.execute("VACUUM INTO ?", [str(fresh)])  # the same pages, whatever way and how often they were written
    fresh.replace(path)


def _describe(database: sqlite3.Connection, layer: GisLayer) -> None:
    for column in layer.about:
        said = f"{column['zh']} / {column['en']}" + (f" ({column['unit']})" if column["unit"] else "")
        row = [layer.name, column["name"], column["alias"], column["name"], said]
        database.execute("INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, NULL)", row)
    style = ["", "", layer.name, GEOMETRY, "circle", layer.style, "", True, layer.title, "", None, DATE]
    database.execute(f"INSERT INTO layer_styles VALUES (NULL{', ?' * len(style)})", style)
