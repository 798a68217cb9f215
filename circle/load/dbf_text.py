"""In which encoding the text of a .dbf is: by its bytes; what the .cpg and the language byte claim is only checked."""

from __future__ import annotations

import codecs
import re
import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

UTF_8, CHINESE, BYTES = "utf-8", "gb18030", "latin-1"
FITS = 0.98
"""Of the cells that are not plain ASCII so many must be text; a few may be damaged."""
HALF = 0.5
CHINESE_SHARE = 0.8
SAMPLED_CELLS = 5000
ENOUGH_SIGNS = 4
"""Every seventh sign of GBK can be read as a sign of two bytes of UTF-8: four in a row are no chance."""
_GIVES_WAY = {"big5hkscs": 0.95}
"""Text in Big5, read as GBK, is full of signs that GB 2312 lacks."""

_LANGUAGE_BYTE = 29
_LANGUAGES = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x4D: CHINESE, 0x7A: CHINESE, 0x4F: "big5hkscs", 0x78: "big5hkscs",
    0x13: "cp932", 0x7B: "cp932", 0x4E: "cp949", 0x79: "cp949", 0x7C: "cp874", 0xC8: "cp1250", 0xC9: "cp1251",
}  # fmt: skip
"""0x57, "the code page of the machine", says nothing."""
_CODE_PAGES = {"936": CHINESE, "54936": CHINESE, "950": "big5hkscs", "65001": UTF_8, "88591": BYTES, "28591": BYTES}
_SAME = {"gbk": CHINESE, "gb2312": CHINESE, "hz": CHINESE, "big5": "big5hkscs", "cp950": "big5hkscs"}


class Told(NamedTuple):
    """The encoding found; whether what the file claims is another; and whether it is only the least bad one."""

    codec: str
    contradicts: bool
    sure: bool


def claimed_by_cpg(text: str) -> str | None:
    """The codec that a .cpg names; None where it names none that is known.

    >>> [claimed_by_cpg(text) for text in ("UTF-8", "936", "ANSI 1252", "OEM 936", "gbk", "SYSTEM", "")]
    ['utf-8', 'gb18030', 'cp1252', 'gb18030', 'gb18030', None, None]
    """
    plain = text.strip().strip("\ufeff\x00").lower()
    number = re.fullmatch(r"(?:ansi|oem|cp|windows-?|ms)?[ _-]*(\d{3,5})", plain)
    if number:
        plain = _CODE_PAGES.get(number[1], f"cp{number[1]}")
    try:
        name = codecs.lookup(plain).name
    except (LookupError, ValueError):
        return None
    return BYTES if name == "iso8859-1" else _SAME.get(name, name)


def claimed_by_language(dbf: bytes) -> str | None:
    """The codec that the language byte of a .dbf stands for; None where it says nothing."""
    return _LANGUAGES.get(dbf[_LANGUAGE_BYTE]) if len(dbf) > _LANGUAGE_BYTE else None


def text_cells(dbf: bytes) -> list[bytes]:
    r"""Headers and text cells that are not plain ASCII, without their padding: all, or a sample of the rows.

    Where the field is not full a ``\0`` is left at the end: then the last sign must be whole.

    Parameters
    ----------
    dbf
        The whole file.
    """
    if len(dbf) < 32:
        return []
    rows, start, length = struct.unpack("<IHH", dbf[4:12])
    headers, fields = _columns(dbf)
    cells = [_closed(header, 10) for header in headers if not header.isascii()]
    there = min(rows, (len(dbf) - start) // length) if length else 0
    if there <= 0:
        return cells
    table = np.frombuffer(dbf, np.uint8, there * length, start).reshape(there, length)
    for begin, size in fields:
        column = table[:, begin : begin + size]
        foreign = np.flatnonzero((column >= 0x80).any(axis=1))
        step = max(1, len(foreign) // SAMPLED_CELLS)
        cells += [_closed(column[row].tobytes().rstrip(b" \0"), size) for row in foreign[::step]]
    return cells


def headers_of(dbf: bytes, codec: str) -> list[str]:
    """The headers of a .dbf."""
    return [decoded(header, codec)[0] for header in _columns(dbf)[0]]


def _columns(dbf: bytes) -> tuple[list[bytes], list[tuple[int, int]]]:
    """Headers of all columns, and place and width of those that hold text within a row."""
    start = int.from_bytes(dbf[8:10], "little")
    headers, fields, place, width = [], [], 32, 1  # a row begins with the mark of deletion
    while place + 32 <= min(start, len(dbf)) and dbf[place] != 0x0D:
        is_text = dbf[place + 11 : place + 12] == b"C"  # only these may be wider than 255
        size = dbf[place + 16] + (256 * dbf[place + 17] if is_text else 0)
        headers.append(dbf[place : place + 11].split(b"\0")[0])
        fields += [(width, size)] if is_text else []
        width += size
        place += 32
    return headers, fields


def _closed(text: bytes, size: int) -> bytes:
    """The text with an end mark, unless it may have been cut off by the field's end."""
    return text if len(text) > size - 4 else text + b"\0"


def told_by_bytes(cells: Sequence[bytes], claimed: str | None) -> Told:
    r"""The encoding of cells that are not plain ASCII.

    Text that can be read as UTF-8 is hardly ever anything else, once it holds more than two or three signs.
    Of the others, those that can be read as claimed are what they claim, unless every byte is a sign in that encoding
    and they look like Chinese: signs of GB 2312 throughout.

    Parameters
    ----------
    cells
        As of `text_cells`.
    claimed
        What the file says.

    Examples
    --------
    >>> told_by_bytes(["中心小学\0".encode("gbk")], "utf-8")
    Told(codec='gb18030', contradicts=True, sure=True)
    >>> told_by_bytes(["Café\0".encode("latin-1")], None)
    Told(codec='latin-1', contradicts=False, sure=False)
    """
    if not cells:
        return Told(claimed or UTF_8, contradicts=False, sure=True)
    share = {codec: _readable(cells, codec) for codec in dict.fromkeys((UTF_8, CHINESE, claimed or UTF_8))}
    chinese = _chinese_share(cells) if share[CHINESE] >= FITS else 0.0
    if share[UTF_8] >= FITS and _surely_utf_8(cells):
        found: str | None = UTF_8
    elif claimed is not None and share[claimed] >= FITS and chinese < _GIVES_WAY.get(claimed, _limit(claimed)):
        found = claimed
    elif share[UTF_8] >= FITS:
        found = UTF_8
    else:
        found = CHINESE if chinese >= CHINESE_SHARE else None
    if found is None:  # damaged, or of an encoding that nobody named
        best = max((codec for codec in share if codec != CHINESE), key=lambda codec: share[codec])
        if share[best] < HALF:
            return Told(BYTES, contradicts=False, sure=False)
        found = best
    return Told(found, claimed is not None and found != claimed, sure=True)


def _limit(claimed: str) -> float:
    """From which share of Chinese on a claim gives way: never where not every byte is a sign, as in UTF-8."""
    signs = bytes(range(256)).decode(claimed, "ignore")
    return CHINESE_SHARE if len(signs) > 200 else np.inf


def decoded(cell: bytes, codec: str) -> tuple[str, bool]:
    r"""The text of a cell, and whether it was whole; a sign that the end of the field cuts off is left out.

    >>> decoded("所属乡镇".encode()[:10], "utf-8"), decoded(b"a\xff\xffb", "utf-8")
    (('所属乡', True), ('a��b', False))
    """
    try:
        return codecs.getincrementaldecoder(codec)().decode(cell), True
    except UnicodeDecodeError:
        return cell.decode(codec, "replace"), False


def _decoded(cell: bytes, codec: str) -> str:
    return decoded(cell, codec)[0]


def _readable(cells: Sequence[bytes], codec: str) -> float:
    """Share of the cells that can be read."""
    return sum(decoded(cell, codec)[1] for cell in cells) / len(cells)


def _surely_utf_8(cells: Sequence[bytes]) -> bool:
    """Whether chance is out of the question: a sign of three bytes, or several of two."""
    signs = [sign for cell in cells for sign in _decoded(cell, UTF_8) if not sign.isascii()]
    return len(signs) >= ENOUGH_SIGNS or max(signs, default="") > "\u07ff"


def _chinese_share(cells: Sequence[bytes]) -> float:
    """Share of the signs beyond ASCII that GB 2312 has, or that take four bytes as nothing but GB 18030 writes them."""
    signs = [sign for cell in cells for sign in _decoded(cell, CHINESE) if not sign.isascii()]
    known = (bool(sign.encode("gb2312", "ignore")) or len(sign.encode(CHINESE)) == 4 for sign in signs)
    return sum(known) / max(len(signs), 1)
