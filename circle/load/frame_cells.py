"""Cells of frames in memory that no file could hold: they are made what a file would have in their place."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

import numpy as np

from circle.lazily import gpd, pd
from circle.load.columns import rows_listed
from circle.load.located import Located

_LARGEST = 2**1000
"""Of whole numbers; beyond 2**1024 they are no floating-point number any more."""
_BEYOND_EARTH = 1e9
"""Neither degrees nor metres of anything on Earth."""


def plain_cells(frame: gpd.GeoDataFrame, at: Located) -> gpd.GeoDataFrame | None:
    """The frame with cells of text, numbers and dates only; None where two columns share a name.

    Lists and the like, which frames of OSMnx hold where several ways were joined, become text, with a warning; halves
    of characters become a question mark, and whole numbers beyond all floating-point numbers infinite.

    Parameters
    ----------
    frame
        With an active geometry column.
    at
        Takes what is wrong.
    """
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        at.error("frames.columns_twice", columns=", ".join(dict.fromkeys(map(str, twice))))
        return None
    plain = frame
    for name in frame.columns:
        if name == frame.geometry.name or frame[name].dtype.kind != "O":
            continue
        cells = frame[name].astype(object).tolist()
        made = [_plain(cell) for cell in cells]
        odd = np.array([not _is_scalar(cell) for cell in cells], np.bool_)
        if odd.any():
            told = {"rows": rows_listed(np.flatnonzero(odd) + 1), "example": made[odd.argmax()]}
            at.warn("frames.cells_listed", column=str(name), count=int(odd.sum()), **told)
        if any(new is not old for new, old in zip(made, cells, strict=True)):
            plain = plain.copy() if plain is frame else plain
            plain[name] = pd.Series(made, index=frame.index, dtype=object)
    return plain


def beyond_earth(frame: gpd.GeoDataFrame) -> Any:
    """Which rows have a coordinate that is no number, or none that anything on Earth has."""
    import shapely

    points, row = shapely.get_coordinates(np.asarray(frame.geometry.array, dtype=object), return_index=True)
    with np.errstate(invalid="ignore"):
        wrong = ~(np.abs(points) < _BEYOND_EARTH).all(axis=1)
    found = np.zeros(len(frame), np.bool_)
    found[row[wrong]] = True
    return found


def _is_scalar(cell: object) -> bool:
    if isinstance(cell, str | bytes | int | float) or cell is None:
        return True
    return isinstance(cell, Hashable) and not isinstance(cell, tuple | frozenset)


def _plain(cell: Any) -> Any:
    if isinstance(cell, str):
        return cell if cell.isascii() else _whole_characters(cell)
    if isinstance(cell, int) and not -_LARGEST < cell < _LARGEST:
        return math.inf if cell > 0 else -math.inf
    return cell if _is_scalar(cell) else _written(cell)


def _whole_characters(text: str) -> str:
    whole = text.encode("utf-8", errors="replace").decode("utf-8")
    return text if whole == text else whole


def _written(cell: object) -> str:
    try:
        return _whole_characters(str(cell))
    except ValueError:  # holds a whole number that is too long to be written
        return f"({type(cell).__name__})"
