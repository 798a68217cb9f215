"""Shapefiles as they come: in a folder or a .zip, without .cpg, .shx or .dbf, with the .cpg of another file."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np

from circle.errors import Findings
from circle.lazily import gpd, pd
from circle.load.dbf_text import (
    BYTES,
    CHINESE,
    Told,
    claimed_by_cpg,
    claimed_by_language,
    decoded,
    headers_of,
    text_cells,
    told_by_bytes,
)
from circle.load.located import Located
from circle.load.whole import announced_bytes

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
MARK = (9994).to_bytes(4, "big")
_KINDS = {1: "Point", 3: "LineString", 5: "Polygon", 8: "MultiPoint"}
_HEAD_BYTES = 100
PART_LIMIT_BYTES = 1_000_000_000
"""What a part of an archive may unpack to: it is held in memory, two or three times over while it is read."""


class Shapefile(NamedTuple):
    """One shapefile: the name of its layer, its parts by suffix in lower case, and whether GDAL finds them itself."""

    name: str
    parts: Mapping[str, bytes]
    plain: bool


def read_shapefile(path: Path, layer: str | None, at: Located) -> Any:
    """The features of a shapefile, its text decoded; None where `path` is an archive without one, or after an error.

    Raises
    ------
    pyogrio.errors.DataSourceError, ValueError
        If GDAL cannot read it.
    """
    import pyogrio

    found = _in_archive(path, layer, at) if path.suffix.lower() == ".zip" else _in_folder(path)
    if found is None:
        return None
    if layer is not None and layer != found.name:
        at.error("vector.layer_missing", layer_name=layer, found=found.name)
        return None
    parts = dict(found.parts)
    if not parts[".shp"].startswith(MARK):
        return pyogrio.read_dataframe(path)
    if ".shx" not in parts:
        at.note("shapefile.shx_missing")
        parts[".shx"] = index_of(parts[".shp"])
    if ".dbf" not in parts:
        at.warn("shapefile.dbf_missing")
    system = parts.get(".prj", b"")
    if not _is_utf_8(system):
        parts[".prj"] = _in_utf_8(system)
    plain = found.plain and parts.keys() == found.parts.keys() and _is_utf_8(system)
    source: Path | bytes = path if plain else _packed(parts)
    frame = pyogrio.read_dataframe(source, encoding="ISO-8859-1")
    told = _encoding_of(parts, at) if ".dbf" in parts else None
    return frame if told is None else _with_text(frame, told, at)


def system_of(path: Path) -> str | None:
    """The coordinate system that the .prj of a shapefile in a folder says, as `read_shapefile` understands it.

    Raises
    ------
    pyogrio.errors.DataSourceError
        If GDAL cannot read it.
    """
    import pyogrio

    empty = struct.pack(">i20xi", 9994, _HEAD_BYTES // 2) + struct.pack("<2i64x", 1000, 1)  # points, none of them
    system = _in_utf_8(_in_folder(path).parts.get(".prj", b""))
    heads = {".shp": empty, ".shx": empty, ".prj": system}
    said = pyogrio.read_info(_packed(heads))["crs"]
    return None if said is None else str(said)


def has_shapefile(path: Path) -> bool:
    """Whether a path is a shapefile or an archive that holds one."""
    if path.suffix.lower() == ".shp":
        return True
    if path.suffix.lower() != ".zip" or not zipfile.is_zipfile(path):
        return False
    try:
        with _opened(path) as archive:
            return any(name.lower().endswith(".shp") for name in archive.namelist())
    except zipfile.BadZipFile:
        return False  # its reader will say why


class Glance(NamedTuple):
    """What the heads of a shapefile say: its layer, kind of shapes as GDAL calls them, headers, and whether a .prj."""

    layer: str
    kind: str
    columns: list[str]
    has_crs: bool


def glance_at(path: Path) -> list[Glance]:
    """The heads of a shapefile, or of all in an archive; nothing of what cannot be read."""
    unheard = Located(Findings(), str(path))
    if path.suffix.lower() == ".zip":
        try:
            with _opened(path) as archive:
                names = [PurePosixPath(_member_name(info)) for info in archive.infolist()]
            layers = [name.stem for name in names if name.suffix.lower() == ".shp" and "__MACOSX" not in name.parts]
            found = [_in_archive(path, layer, unheard) for layer in dict.fromkeys(sorted(layers))]
        except zipfile.BadZipFile:
            return []
    else:
        found = [_in_folder(path)]
    return [_glance(shapefile) for shapefile in found if shapefile is not None]


def _glance(shapefile: Shapefile) -> Glance:
    parts = shapefile.parts
    dbf = parts.get(".dbf", b"")
    said = claimed_by_cpg(parts.get(".cpg", b"").decode("ascii", "replace")) or claimed_by_language(dbf)
    number = int.from_bytes(parts[".shp"][32:36], "little")
    columns = headers_of(dbf, told_by_bytes(text_cells(dbf), said).codec) if dbf else []
    return Glance(shapefile.name, _KINDS.get(number % 10, "Unknown"), columns, ".prj" in parts)


def index_of(shapes: bytes) -> bytes:
    """The .shx of a .shp: for each record its place and length in words of two bytes.

    >>> len(index_of(bytes(100)))
    100
    """
    records, place = [], _HEAD_BYTES
    while place + 8 <= len(shapes):
        words = struct.unpack(">i", shapes[place + 4 : place + 8])[0]
        if words < 2 or place + 8 + 2 * words > len(shapes):
            break
        records.append(struct.pack(">2i", place // 2, words))
        place += 8 + 2 * words
    length = struct.pack(">i", (_HEAD_BYTES + 8 * len(records)) // 2)
    return shapes[:24] + length + shapes[28:_HEAD_BYTES] + b"".join(records)


def _in_folder(path: Path) -> Shapefile:
    """The files beside the .shp, whatever case their suffixes are written in."""
    wanted = path.stem.lower()
    beside = [other for other in path.parent.iterdir() if other.stem.lower() == wanted]
    found = {other.suffix.lower(): other for other in sorted(beside) if other.suffix.lower() in PARTS}
    found[".shp"] = path
    alike = {(other.stem, other.suffix.islower(), other.suffix.isupper()) for other in found.values()}
    return Shapefile(path.stem, {suffix: other.read_bytes() for suffix, other in found.items()}, len(alike) == 1)


def _in_archive(path: Path, layer: str | None, at: Located) -> Shapefile | None:
    """The shapefile of a .zip, in any folder of it; of several the one that is named, else the first."""
    with _opened(path) as archive:
        names = {_member_name(info): info for info in archive.infolist() if info.filename and not info.is_dir()}
        shapes = sorted(name for name in names if name.lower().endswith(".shp") and "__MACOSX" not in name)
        if not shapes:
            raise zipfile.BadZipFile("no .shp")
        by_layer = {PurePosixPath(name).stem: name for name in reversed(shapes)}
        if layer is not None and layer not in by_layer:
            at.error("vector.layer_missing", layer_name=layer, found=", ".join(sorted(by_layer)))
            return None
        if layer is None and len(shapes) > 1:
            first, *others = (PurePosixPath(name).stem for name in shapes)
            at.warn("vector.layers_several", layer_name=first, others=", ".join(others))
        chosen = PurePosixPath(by_layer[layer] if layer is not None else shapes[0])
        parts, whole = {}, True
        for name, info in names.items():
            part = PurePosixPath(name)
            suffix = part.suffix.lower()
            if suffix in PARTS and part.parent == chosen.parent and part.stem.lower() == chosen.stem.lower():
                if info.file_size > PART_LIMIT_BYTES:
                    size, limit = (f"{n:,}" for n in (info.file_size, PART_LIMIT_BYTES))
                    at.error("shapefile.part_too_large", part=name, size=size, limit=limit)
                    return None
                parts[suffix] = _unpacked(archive, info)
                wanted = announced_bytes(suffix, io.BytesIO(parts[suffix]))
                if wanted > len(parts[suffix]):
                    size = f"{len(parts[suffix]):,}"
                    at.error("file.cut_off", part=name, size=size, wanted=f"{wanted:,}")
                    whole = False
    return Shapefile(chosen.stem, parts, plain=False) if whole else None


def _opened(path: Path) -> zipfile.ZipFile:
    """An archive; one of a version that is not known is a damaged one."""
    try:
        return zipfile.ZipFile(path)
    except NotImplementedError as error:
        raise zipfile.BadZipFile(str(error)) from error


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The bytes of a member; a password and a method that is not known are faults of the archive like any other."""
    try:
        return archive.read(info)
    except (RuntimeError, NotImplementedError, OSError, EOFError, zlib.error) as error:
        raise zipfile.BadZipFile(str(error)) from error


def _member_name(info: zipfile.ZipInfo) -> str:
    """The name of a member; Windows writes Chinese ones in its own encoding without saying so."""
    says_utf_8 = bool(info.flag_bits & 0x800)
    if says_utf_8 or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode(CHINESE)
    except UnicodeError:
        return info.filename


def _is_utf_8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _in_utf_8(system: bytes) -> bytes:
    """The text of a .prj as GDAL wants it; names of systems are often Chinese, in the encoding of Windows."""
    return system if _is_utf_8(system) else system.decode(CHINESE, "replace").encode()


def _packed(parts: Mapping[str, bytes]) -> bytes:
    """The parts as an archive in memory, under names that GDAL knows."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for suffix, content in parts.items():
            archive.writestr(f"layer{suffix}", content)
    return buffer.getvalue()


def _encoding_of(parts: Mapping[str, bytes], at: Located) -> Told:
    """The encoding of the text, told; a .cpg that says something else is a warning."""
    dbf = parts[".dbf"]
    said = parts.get(".cpg", b"").decode("ascii", "replace").strip()
    by_cpg = claimed_by_cpg(said)
    cells = text_cells(dbf)
    told = told_by_bytes(cells, by_cpg or claimed_by_language(dbf))
    if not told.sure:
        at.warn("vector.encoding_unknown")
    elif by_cpg is not None and told.contradicts:
        example = decoded(cells[-1], told.codec)[0].strip("\0")[:40]
        at.warn("shapefile.cpg_wrong", said=said, found=told.codec.upper(), example=example)
    elif cells and told.codec == CHINESE:
        at.note("file.encoding", encoding="GB18030")
    return told


def _with_text(frame: Any, told: Told, at: Located) -> Any:
    """The frame, read byte by byte, with headers and cells in the encoding that was told."""
    if told.codec == BYTES:
        return frame
    broken: list[object] = []

    def text(value: object) -> object:
        if not isinstance(value, str) or value.isascii():
            return value
        plain, whole = decoded(value.encode(BYTES), told.codec)
        if not whole:
            broken.append(plain)
        return plain

    columns = [name for name in frame.columns if not isinstance(frame[name], gpd.GeoSeries)]
    for name in columns:
        if pd.api.types.is_object_dtype(frame[name]) or pd.api.types.is_string_dtype(frame[name]):
            code, distinct = pd.factorize(frame[name])
            values = np.array([*(text(value) for value in distinct), None], dtype=object)
            frame[name] = values[code]
    if broken and told.sure:
        at.warn("shapefile.cells_damaged", count=len(broken), encoding=told.codec.upper(), example=str(broken[0])[:40])
    return frame.rename(columns={name: str(text(name)) for name in columns})
