"""Which file is the region's, and what the file is that somebody gave in its place."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Literal

from circle.load.question import REGION_FILE

_EXTRACTS = (".pbf", ".osm", ".osm.gz", ".osm.bz2")
_DATA = (
    ".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".csv", ".tsv", ".tif", ".tiff", ".hgt", ".img", ".asc", ".vrt",
    ".gpkg", ".shp", ".shx", ".dbf", ".prj", ".geojson", ".json", ".parquet", ".geoparquet", ".fgb", ".graphml", ".zip",
)  # fmt: skip
_MARKS = tuple(
    bytes.fromhex(mark)
    for mark in (
        "504b0304", "d0cf11e0", "49492a00", "4d4d002a", "49492b00", "53514c697465", "50415231", "1f8b", "425a68",
        "25504446", "0000270a", "89504e47", "ffd8ff",
    )
)  # fmt: skip
"""Archives and workbooks, old workbooks, TIFF, GeoPackage, Parquet, gzip, bzip2, PDF, shapes, pictures."""
_HEAD_BYTES = 1000


def region_file(path: str | Path) -> Path:
    """The region file: `path` itself, or that of the folder."""
    file = Path(path)
    return file / REGION_FILE if file.is_dir() else file


def told_otherwise(file: Path) -> Literal["extract", "data"] | None:
    """What a file is that cannot be a region file: an extract of OpenStreetMap, or other data; None where it may be.

    By what it begins with, whatever it is called; else by its name.
    """
    with file.open("rb") as opened:
        head = opened.read(_HEAD_BYTES)
    name = file.name.lower()
    is_xml = head.removeprefix(codecs.BOM_UTF8).lstrip().startswith((b"<?xml", b"<osm")) and b"<osm" in head
    if head[4:15] == b"\n\tOSMHeader" or is_xml or name.endswith(_EXTRACTS):
        return "extract"
    return "data" if head.startswith(_MARKS) or name.endswith(_DATA) else None
