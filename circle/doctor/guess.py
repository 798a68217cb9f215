"""What the files lying in a folder could be, judged by their names, columns, geometry and first values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from circle import reference
from circle.doctor.guess_census import census_keys, own_column_keys
from circle.doctor.guess_groups import group_columns
from circle.doctor.guess_layer import ROWS_READ, first_rows, is_water, likeness_of_districts, names_water
from circle.errors import Findings
from circle.lazily import pd
from circle.load.columns import find_column, normal_header, texts
from circle.load.located import Located
from circle.load.service_words import service_of
from circle.load.shapefile import glance_at, has_shapefile
from circle.load.sheets import EVERY
from circle.load.tables import TABLES, WORKBOOKS, read_table, sheet_names
from circle.store import is_unicode

OSM = (".osm.pbf", ".pbf", ".osm", ".osm.bz2")
RASTERS = (".tif", ".tiff", ".hgt", ".hgt.zip", ".img", ".asc", ".vrt")
VECTORS = (".gpkg", ".shp", ".geojson", ".parquet", ".geoparquet", ".fgb")
_ENOUGH_FILES = 200
_MOST_MEANT = 0.5


@dataclass(frozen=True)
class Sighting:
    """A file, or a layer of one, and what it seems to be.

    Parameters
    ----------
    path
        Relative to the folder, with forward slashes.
    role
        Section of the region file (``"osm"``, ``"roads"`` …), ``"buildings"``, or ``"unknown"``.
    keys
        What else the section should say, in order.
    open_keys
        Keys that the user must give, with an example each: they could not be told.
    people
        The column of districts or of named places that counts their people.
    groups
        Groups of people that columns beside the total seem to count.
    likeness
        Of several files for one section the greatest is taken, and of equal ones the first.
    """

    path: str
    role: str
    keys: dict[str, str] = field(default_factory=dict)
    open_keys: dict[str, str] = field(default_factory=dict)
    people: str | None = None
    groups: dict[str, str] = field(default_factory=dict)
    likeness: int = 0


def look_around(folder: Path) -> list[Sighting]:
    """Every usable file in a folder and the folders directly in it, by name.

    Parameters
    ----------
    folder
        Hidden files and the region file itself are passed over.

    Returns
    -------
    list of Sighting
    """
    shown = [path for path in _files_of(folder) if is_unicode(path)]
    return [found for path in shown[:_ENOUGH_FILES] for found in _look_at(folder / path, path.as_posix())]


def unnameable(folder: Path) -> list[Path]:
    """The files there, as seen from the folder, that no region file could name: their names are no Unicode."""
    return [path for path in _files_of(folder) if not is_unicode(path)]


def _files_of(folder: Path) -> list[Path]:
    """Files in a folder and the folders directly in it, as seen from it, without hidden ones."""
    files = sorted(path.relative_to(folder) for glob in ("*", "*/*") for path in folder.glob(glob) if path.is_file())
    return [path for path in files if not any(part.startswith(".") for part in path.parts)]


def _look_at(path: Path, shown: str) -> Iterator[Sighting]:
    name = path.name.lower()
    if name.endswith(OSM):
        yield Sighting(shown, "osm")
    elif name.endswith(".graphml"):
        yield Sighting(shown, "roads")
    elif name.endswith(RASTERS):
        yield Sighting(shown, _raster_role(path))
    elif name.endswith(VECTORS) or (name.endswith(".zip") and has_shapefile(path)):
        yield from _layers(path, shown)
    elif name.endswith((*TABLES, ".zip")):
        yield _list(path, shown) if name.endswith(TABLES) else Sighting(shown, "unknown")


def _says(name: str, meaning: str) -> bool:
    """Whether a file or layer name has a word of ``file_words.toml`` for a section."""
    return any(word in name.casefold() for word in reference.table("file_words")[meaning]["words"])


def _raster_role(path: Path) -> str:
    """Population or elevation: by name, else by whether most cells hold exactly nothing."""
    import rasterio

    for role in ("elevation", "population"):
        if _says(path.name, role):
            return role
    try:
        with rasterio.open(path) as source:
            shape = (min(source.height, 256), min(source.width, 256))
            cells = np.ma.filled(source.read(1, out_shape=shape, masked=True).astype(np.float64), np.nan)
    except (rasterio.errors.RasterioError, OSError):
        return "unknown"
    known = cells[np.isfinite(cells)]
    if known.size == 0:
        return "unknown"
    whole = bool(np.all(known == np.rint(known)))
    return "elevation" if known.min() < 0 or (whole and np.mean(known == 0) < _MOST_MEANT) else "population"


def _layers(path: Path, shown: str) -> Iterator[Sighting]:
    """The layers of a vector file that have a geometry."""
    import pyogrio

    if path.suffix.lower() in (".parquet", ".geoparquet"):
        yield from _parquet(path, shown)
        return
    if has_shapefile(path):
        seen = glance_at(path)
        for layer, kind, columns, has_crs in seen:
            keys = {"layer": layer} if len(seen) > 1 else {}
            yield _layer(shown, layer, kind, columns, (keys, not has_crs), first_rows(path, layer))
        return
    try:
        layers = [(str(name), str(kind)) for name, kind in pyogrio.list_layers(path) if kind is not None]
        infos = [pyogrio.read_info(path, layer=name) for name, _ in layers]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError, ValueError):
        yield Sighting(shown, "unknown")
        return
    for (name, kind), info in zip(layers, infos, strict=True):
        keys = {"layer": name} if len(layers) > 1 else {}
        label = name if len(layers) > 1 else path.stem
        columns = [str(column) for column in info["fields"]]
        yield _layer(shown, label, kind, columns, (keys, info["crs"] is None), first_rows(path, name))


def _parquet(path: Path, shown: str) -> Iterator[Sighting]:
    import geopandas as gpd

    try:
        frame = gpd.read_parquet(path)
    except (ValueError, OSError):
        yield Sighting(shown, "unknown")
        return
    kind = str(frame.geom_type.mode().iloc[0]) if len(frame) else "Unknown"
    rows = pd.DataFrame(frame.drop(columns=frame.geometry.name)).iloc[:ROWS_READ]
    yield _layer(shown, path.stem, kind, [str(c) for c in frame.columns], ({}, frame.crs is None), rows)


def _layer(
    shown: str,
    label: str,
    kind: str,
    columns: Sequence[str],
    more: tuple[dict[str, str], bool],
    rows: pd.DataFrame,
) -> Sighting:
    """A map layer by its geometry, its columns, its name and its first rows."""
    keys, without_crs = more
    header = pd.DataFrame(columns=list(columns))
    open_keys = {"crs": "EPSG:4490"} if without_crs else {}
    counted = find_column(header, "people")
    has_people = counted is not None
    if "Line" in kind:
        water = _says(label, "barriers") or is_water(rows)
        return Sighting(shown, "barriers" if water else "roads", keys, open_keys)
    if "Polygon" in kind and (is_water(rows) or (names_water(label) and not _says(label, "districts"))):
        return Sighting(shown, "barriers", keys, open_keys)
    if (_says(label, "places") or "place" in columns) and not _without_names(header):
        return Sighting(shown, "places", keys, open_keys, counted, group_columns(columns))
    named_areas = find_column(header, "district_name") and not has_people and _service_in(label) is None
    if "Polygon" in kind and (_says(label, "districts") or named_areas):
        people, groups = find_column(header, "people"), group_columns(columns)
        return Sighting(shown, "districts", keys, open_keys, people, groups, likeness_of_districts(rows, header))
    if counted is not None and (_says(label, "population") or find_column(header, "service") is None):
        return Sighting(shown, "population", keys | own_column_keys(counted), open_keys, groups=group_columns(columns))
    if "Polygon" in kind and _says(label, "buildings"):
        return Sighting(shown, "buildings", keys)
    return _facilities(shown, label, header, (keys, open_keys))


def _list(path: Path, shown: str) -> Sighting:
    """A CSV or a workbook by its header and what stands under it."""
    at = Located(Findings(), shown)
    table = read_table(path, at)
    if table is None:
        return Sighting(shown, "unknown")
    header = [str(column) for column in table.columns]
    datum = next((named for _, named in map(normal_header, header) if named), None)
    pair = all(find_column(table, axis, crs=datum) for axis in ("lon", "lat"))
    if not pair and find_column(table, "location") is None:
        census = census_keys(table, path.stem)
        return (
            Sighting(shown, "unknown")
            if census is None
            else Sighting(shown, "population", *census, groups=group_columns(header))
        )
    system = {"wgs84": "EPSG:4326"}.get(datum or "", datum)
    keys, open_keys = ({"crs": system}, {}) if system else ({}, {"crs": "gcj02"})
    several = path.suffix.lower() in WORKBOOKS and len(sheet_names(path, at)[0]) > 1
    counted, groups = find_column(table, "people"), group_columns(header)
    if _says(path.stem, "places") and not _without_names(table):
        return Sighting(shown, "places", keys, open_keys, counted, groups)
    if _says(path.stem, "population") or (counted and not find_column(table, "service")):
        keys |= own_column_keys(counted) if counted else {}
        return Sighting(shown, "population", keys, open_keys, groups=groups)
    return _facilities(shown, path.stem, table, ({**keys, "sheet": EVERY} if several else keys, open_keys))


def _without_names(table: pd.DataFrame) -> bool:
    """Whether rows count people and have no names: homes, whatever the file is called, and no named places."""
    return find_column(table, "people") is not None and find_column(table, "name") is None


def _facilities(shown: str, label: str, table: pd.DataFrame, more: tuple[dict[str, str], dict[str, str]]) -> Sighting:
    """A list of places that offer services: which, by a column whose values are known, else by the name of the file."""
    keys, open_keys = more
    column = find_column(table, "service")
    if column is not None and len(table):
        known = [service_of(str(word), None) is not None for word in texts(table[column]) if word is not None]
        if known and np.mean(known) >= _MOST_MEANT:
            return Sighting(shown, "facilities", {**keys, "service_column": column}, open_keys)
    named = _service_in(label)
    if named is not None:
        return Sighting(shown, "facilities", {**keys, "service": named}, open_keys)
    return Sighting(shown, "facilities", keys, {**open_keys, "service": "clinic"})


def _service_in(label: str) -> str | None:
    """The service whose longest word stands in a file's name.

    Examples
    --------
    >>> _service_in("2023年小学名单"), _service_in("bus_stops"), _service_in("list")
    ('primary_school', 'bus_stop', None)
    """
    plain = label.casefold().replace("_", " ").replace("-", " ")
    words = {
        word: key
        for key, row in reference.table("services").items()
        for word in (key.replace("_", " "), row["zh"], row["en"].casefold(), *row.get("names", ()))
        if len(word) > 1
    }
    matching = [word for word in words if word.casefold() in plain]
    return words[max(matching, key=len)] if matching else None
