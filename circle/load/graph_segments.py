"""What a graph's edge says of its single segments: how long each takes, and whether places may be joined to it."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from circle.load.streets import offsets
from circle.model import Bools, Ints, KnownImpedance

IMPEDANCE, ATTACHABLE = "segment_impedance", "segment_attachable"
NOT_KNOWN = -1


class MisfitError(ValueError):
    """An edge's values are not one per segment: its shape was changed after they were written."""


class SegmentValues(NamedTuple):
    """Values of the segments of one drawn line, (s,) each, None where nothing is said.

    `along` and `back` are the impedance in the order of the line and against it, both in the order of the line.
    """

    along: Ints | None = None
    back: Ints | None = None
    attachable: Bools | None = None


def segment_values(data: Mapping[str, Any], segments: int) -> SegmentValues:
    """The values of an edge of so many segments, in the direction that it is walked.

    Raises
    ------
    MisfitError
        If they are not whole numbers, or not one per segment.

    Examples
    --------
    GraphML holds text only:

    >>> segment_values({"segment_impedance": "(900, 450)"}, 2).along.tolist()
    [900, 450]
    """
    attachable = _row(data.get(ATTACHABLE), segments)
    return SegmentValues(
        along=_row(data.get(IMPEDANCE), segments), attachable=None if attachable is None else attachable > 0
    )


def runs(values: SegmentValues, segments: int) -> list[tuple[int, int, bool | None, SegmentValues]]:
    """A line cut where `attachable` changes: first segment, the one after the last, the flag, and the values there.

    Examples
    --------
    >>> row = SegmentValues(np.array([7, 8, 9]), None, np.array([True, True, False]))
    >>> [(low, high, flag, part.along.tolist()) for low, high, flag, part in runs(row, 3)]
    [(0, 2, True, [7, 8]), (2, 3, False, [9])]
    """
    if values.attachable is None:
        return [(0, segments, None, values)]
    ends = [0, *(np.flatnonzero(np.diff(values.attachable)) + 1).tolist(), segments]
    return [
        (
            low,
            high,
            bool(values.attachable[low]),
            SegmentValues(_part(values.along, low, high), _part(values.back, low, high)),
        )
        for low, high in pairwise(ends)
    ]


def _part(row: Ints | None, low: int, high: int) -> Ints | None:
    return None if row is None else row[low:high]


def joined_impedance(rows: Sequence[SegmentValues], segments: Sequence[int]) -> KnownImpedance | None:
    """The impedance of all lines, each of so many segments, in one piece; None where no line says any."""
    if all(row.along is None and row.back is None for row in rows):
        return None
    start = offsets(segments)
    along, back = (np.full(start[-1], NOT_KNOWN, np.int64) for _ in range(2))
    for row, low, high in zip(rows, start, start[1:], strict=False):
        if row.along is not None:
            along[low:high] = row.along
        if row.back is not None:
            back[low:high] = row.back
    return KnownImpedance(along, back)


def _row(value: Any, segments: int) -> Ints | None:
    if value is None:
        return None
    try:
        row = np.asarray(ast.literal_eval(value) if isinstance(value, str) else value)
    except (ValueError, SyntaxError) as error:
        raise MisfitError from error
    if row.shape != (segments,) or row.dtype.kind not in "iub" or row.astype(np.int64).min(initial=0) < 0:
        raise MisfitError
    return row.astype(np.int64)
