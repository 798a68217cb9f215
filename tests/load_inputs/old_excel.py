"""A workbook of Excel 97 written byte by byte, for no library of the project writes one: a compound file with one stream.

By the published formats: [MS-CFB] for the container, [MS-XLS] for the records.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

_SECTOR = 512
_END, _FAT, _FREE, _NONE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF, 0xFFFFFFFF


def write_xls(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    """Text and numbers; None leaves a cell out."""
    path.write_bytes(_container(_workbook(sheets)))
    return path


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _workbook(sheets: dict[str, Sequence[Sequence[object]]]) -> bytes:
    head = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)) + _record(
        0x0042, struct.pack("<H", 1200)
    )
    bodies = [_sheet(rows) for rows in sheets.values()]
    names = [name.encode("utf-16-le") for name in sheets]
    bound = [struct.pack("<BB", len(name) // 2, 1) + name for name in names]
    offset = len(head) + sum(len(name) + 6 + 4 for name in bound) + 4
    globals_ = head
    for name, body in zip(bound, bodies, strict=True):
        globals_ += _record(0x0085, struct.pack("<IH", offset, 0) + name)
        offset += len(body)
    return globals_ + _record(0x000A, b"") + b"".join(bodies)


def _sheet(rows: Sequence[Sequence[object]]) -> bytes:
    width = max((len(row) for row in rows), default=0)
    made = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    made += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if isinstance(cell, str):
                text = cell.encode("utf-16-le")
                made += _record(0x0204, struct.pack("<HHHHB", r, c, 0, len(text) // 2, 1) + text)
            elif cell is not None:
                made += _record(0x0203, struct.pack("<HHHd", r, c, 0, float(str(cell))))
    return made + _record(0x000A, b"")


def _container(stream: bytes) -> bytes:
    """Sector 0 is the allocation table, sector 1 the directory, the stream follows; 4096 bytes keep it out of the mini stream."""
    stream = stream.ljust(4096, b"\0")
    count = -(-len(stream) // _SECTOR)
    stream = stream.ljust(count * _SECTOR, b"\0")
    table = [_FAT, _END, *range(3, 2 + count), _END]
    assert len(table) <= _SECTOR // 4, "one sector of allocations holds some 60 KB"
    table += [_FREE] * (_SECTOR // 4 - len(table))
    header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16)
    header += struct.pack("<HHHHH", 0x003E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", _FREE) * 108
    directory = _entry("Root Entry", 5, _END, 0, child=1) + _entry("Workbook", 2, 2, count * _SECTOR)
    return header + struct.pack(f"<{_SECTOR // 4}I", *table) + directory.ljust(_SECTOR, b"\0") + stream


def _entry(name: str, kind: int, start: int, size: int, child: int = _NONE) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    made = text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1) + struct.pack("<III", _NONE, _NONE, child)
    return made + bytes(16 + 4 + 16) + struct.pack("<IQ", start, size)
