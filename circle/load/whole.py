"""Whether a file is whole: the sizes that its own head announces against the bytes that are there."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from circle.load.located import Located

_TIFF_TYPE_BYTES = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8)
"""Bytes of one value by the number of its type (TIFF 6.0, section 2; BigTIFF)."""
_SHAPES = (9994).to_bytes(4, "big")
_STRIP_OFFSETS, _STRIP_BYTES, _TILE_OFFSETS, _TILE_BYTES = 273, 279, 324, 325


class _Layout(NamedTuple):
    """How a kind of TIFF is written: formats of counts and offsets, and the sizes of a directory's parts."""

    first: int  # where the offset of the first directory stands
    offset: str
    number: str
    entry: int

    def formats(self, order: str) -> tuple[struct.Struct, struct.Struct]:
        return struct.Struct(order + self.offset), struct.Struct(order + self.number)


_LAYOUTS = {42: _Layout(4, "I", "H", 12), 43: _Layout(8, "Q", "Q", 20)}


def is_whole(path: Path, at: Located) -> bool:
    """Whether a shapefile (with its companions) or a TIFF holds all that it announces; else that is recorded.

    Other kinds of files are left to their readers.
    """
    whole = True
    suffixes = (".shp", ".shx", ".dbf") if path.suffix.lower() == ".shp" else (path.suffix.lower(),)
    for suffix in suffixes:
        part = next((p for p in (path.with_suffix(suffix), path.with_suffix(suffix.upper())) if p.exists()), None)
        announced = _ANNOUNCED.get(suffix)
        if part is None or announced is None:
            continue
        size = part.stat().st_size
        with part.open("rb") as file:
            wanted = announced(file)
        if wanted > size:
            at.error("file.cut_off", part=part.name, size=f"{size:,}", wanted=f"{wanted:,}")
            whole = False
    return whole


def announced_bytes(suffix: str, file: BinaryIO) -> int:
    """How many bytes a file of this kind says that it has; 0 where it does not say."""
    announced = _ANNOUNCED.get(suffix)
    return 0 if announced is None else announced(file)


def _of_shapes(file: BinaryIO) -> int:
    """A .shp or .shx: bytes 24 to 27 give the length in words of two bytes."""
    head = file.read(100)
    if head[:4] != _SHAPES[: len(head)]:
        return len(head)
    return 100 if len(head) < 100 else 2 * int.from_bytes(head[24:28], "big")


def _of_attributes(file: BinaryIO) -> int:
    """A .dbf: the number of rows, the length of the head, the length of a row."""
    head = file.read(32)
    if len(head) < 32:
        return 32
    rows, start, length = struct.unpack("<IHH", head[4:12])
    return int(start + rows * length)


def _of_tiff(file: BinaryIO) -> int:
    """A TIFF: the end of the farthest tag, strip or tile; what is no TIFF announces nothing."""
    head = file.read(16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    layout = _LAYOUTS.get(int(np.frombuffer(head[2:4], f"{order}u2")[0])) if order and len(head) >= 4 else None
    if order is None or layout is None:
        return len(head)
    if len(head) < layout.first + struct.calcsize(layout.offset):
        return 16
    return max(_ends_of_tiff(file, file.seek(0, os.SEEK_END), order, layout), default=0)


def _ends_of_tiff(file: BinaryIO, size: int, order: str, layout: _Layout) -> Iterator[int]:
    """Where each part ends; the reading stops at the first directory that is not there."""
    address, number = layout.formats(order)
    directory, seen = _read(file, layout.first, address), set[int]()
    while directory and directory not in seen:
        seen.add(directory)
        yield directory + number.size
        if directory + number.size > size:
            return
        entries = _read(file, directory, number)
        start = directory + number.size
        yield start + entries * layout.entry + address.size
        if start + entries * layout.entry + address.size > size:
            return
        values: dict[int, np.ndarray] = {}
        for place in range(start, start + entries * layout.entry, layout.entry):
            yield from _end_of_tag(file, size, order, (place, address), values)
        for offsets, lengths in ((_STRIP_OFFSETS, _STRIP_BYTES), (_TILE_OFFSETS, _TILE_BYTES)):
            if len(values.get(offsets, ())) and len(values.get(offsets, ())) == len(values.get(lengths, ())):
                yield int((values[offsets] + values[lengths]).max())
        directory = _read(file, start + entries * layout.entry, address)


def _end_of_tag(
    file: BinaryIO, size: int, order: str, tag: tuple[int, struct.Struct], values: dict[int, np.ndarray]
) -> Iterator[int]:
    """Where the values of a tag end that lie outside its entry; those of strips and tiles are kept."""
    place, address = tag
    file.seek(place)
    code, kind = struct.unpack(f"{order}HH", file.read(4))
    count = _read(file, place + 4, address)
    width = _TIFF_TYPE_BYTES[kind] if kind < len(_TIFF_TYPE_BYTES) else 0
    start = place + 4 + address.size
    if count * width > address.size:
        start = _read(file, start, address)
        yield start + count * width
    placing = code in (_STRIP_OFFSETS, _STRIP_BYTES, _TILE_OFFSETS, _TILE_BYTES)
    if placing and width and start + count * width <= size:
        file.seek(start)
        values[code] = np.frombuffer(file.read(count * width), f"{order}u{width}").astype(np.int64)


def _read(file: BinaryIO, place: int, form: struct.Struct) -> int:
    file.seek(place)
    return int(form.unpack(file.read(form.size))[0])


_ANNOUNCED: dict[str, Callable[[BinaryIO], int]] = {
    ".shp": _of_shapes,
    ".shx": _of_shapes,
    ".dbf": _of_attributes,
    ".tif": _of_tiff,
    ".tiff": _of_tiff,
}
