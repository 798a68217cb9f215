"""Whole numbers for the page in as few bytes as will do: folded, and byte by byte."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from circle.export.text85 import text85
from circle.model import Ints

Column = tuple[str, Ints]

LEVEL = 6
"""Of zlib: a higher one takes twice as long for a hundredth less."""


def packed_planes(columns: Iterable[Column]) -> tuple[list[list[Any]], str]:
    """Columns of whole numbers, deflated, as text (`text85`); ``circlePlanes`` of the page takes them out.

    Every number is first folded to one that is not negative (0, -1, 1, -2 … become 0, 1, 2, 3 …); of the numbers of a
    column all lowest bytes come first, then all next ones: the upper ones are nearly all zero and pack to nothing.

    Returns
    -------
    told
        Name, bytes a number and length of each column.
    packed
        The columns, one behind another.

    Examples
    --------
    >>> told, packed = packed_planes([("a", np.array([1, -2, 200])), ("b", np.array([0]))])
    >>> told, packed == text85(zlib.compress(bytes.fromhex("02039000000100"), LEVEL))
    ([['a', 2, 3], ['b', 1, 1]], True)
    """
    told, parts = [], []
    for name, values in columns:
        folded = (values << 1) ^ (values >> 63)
        most = int(folded.max(initial=0))
        width = next(width for width in (1, 2, 4) if most < 256**width)
        planes: npt.NDArray[np.uint8] = folded.astype(f"<u{width}").view("u1").reshape(-1, width).T
        told.append([name, width, len(values)])
        parts.append(np.ascontiguousarray(planes).tobytes())
    return told, text85(zlib.compress(b"".join(parts), LEVEL))


def steps(values: npt.NDArray[Any]) -> Ints:
    """Each number less the one before.

    Examples
    --------
    >>> steps(np.array([3, 5, 4])).tolist()
    [3, 2, -1]
    """
    found = values.astype(np.int64)
    found[1:] -= found[:-1].copy()
    return found
