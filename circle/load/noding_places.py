"""Geometry of pieces, and a list of the places where something was found."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from circle.load.drawing import Drawing, Pieces
from circle.model import REPAIR_KINDS, Bools, Floats, Ints

SAME_PLACE_M = 0.05
"""Closer than this nobody meant two places: coordinates written in six decimals are as coarse."""

ROUND_TRIP = 4.0
"""Whoever gets there within so many times the gap by the roads as drawn needs no joint: a short stub, a bend."""


@dataclass
class Places:
    """Places found so far, as lists of arrays: kind, x, y, metres, line; and the positions that were spoken of."""

    kind: list[Ints] = field(default_factory=list)
    x: list[Floats] = field(default_factory=list)
    y: list[Floats] = field(default_factory=list)
    distance_m: list[Floats] = field(default_factory=list)
    line: list[Ints] = field(default_factory=list)
    told: list[Ints] = field(default_factory=list)

    def add(
        self, kind: str, x: Floats, y: Floats, distance_m: Floats, line: Ints, *, position: Ints | None = None
    ) -> None:
        """Places of one kind."""
        self.kind.append(np.full(len(x), REPAIR_KINDS.index(kind)))
        self.x.append(x)
        self.y.append(y)
        self.distance_m.append(distance_m)
        self.line.append(line)
        if position is not None:
            self.told.append(position)

    def columns(self) -> tuple[Ints, Floats, Floats, Floats, Ints]:
        """Kind, x, y, metres and line of all places, those of one line after the other."""
        kind, line = np.concatenate(self.kind), np.concatenate(self.line)
        x, y, distance_m = np.concatenate(self.x), np.concatenate(self.y), np.concatenate(self.distance_m)
        order = np.lexsort((y, x, kind, line))
        return kind[order], x[order], y[order], distance_m[order], line[order]


def foot_on(drawing: Drawing, pieces: Pieces, piece: Ints, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The point of each piece that is nearest to (x, y), as a fraction from its `a`, and how far away it is."""
    a, b = pieces.a[piece], pieces.b[piece]
    ax, ay = drawing.x[a], drawing.y[a]
    dx, dy = drawing.x[b] - ax, drawing.y[b] - ay
    square = dx * dx + dy * dy
    dot = (x - ax) * dx + (y - ay) * dy
    fraction = np.clip(np.divide(dot, square, out=np.zeros(len(dot)), where=square > 0), 0.0, 1.0)
    return fraction, np.hypot(x - ax - fraction * dx, y - ay - fraction * dy)


def crossing_of(drawing: Drawing, pieces: Pieces, one: Ints, two: Ints) -> tuple[Floats, Floats, Bools]:
    """Where pieces cross from one side to the other: fractions along `one` and `two`, and whether they do."""
    x, y = drawing.x, drawing.y
    a, b, c, d = pieces.a[one], pieces.b[one], pieces.a[two], pieces.b[two]
    side_c, side_d = _side(x, y, a, b, c), _side(x, y, a, b, d)
    side_a, side_b = _side(x, y, c, d, a), _side(x, y, c, d, b)
    meets = (side_c * side_d < 0.0) & (side_a * side_b < 0.0)
    on_one = np.divide(side_a, side_a - side_b, out=np.zeros(len(one)), where=meets)
    on_two = np.divide(side_c, side_c - side_d, out=np.zeros(len(one)), where=meets)
    return on_one, on_two, meets


def _side(x: Floats, y: Floats, a: Ints, b: Ints, p: Ints) -> Floats:
    """Positive where p lies left of a -> b, negative right of it."""
    return np.asarray((x[b] - x[a]) * (y[p] - y[a]) - (y[b] - y[a]) * (x[p] - x[a]))


def line_at(drawing: Drawing) -> Ints:
    """(n,) a line that begins or ends at each position, the first of several; -1 for none."""
    line = np.full(len(drawing.x), -1, dtype=np.int64)
    number = np.arange(len(drawing.level))[::-1]
    line[drawing.vertex[drawing.offset[1:] - 1][::-1]] = number
    line[drawing.vertex[drawing.offset[:-1]][::-1]] = number
    return line


def each_of(start: Ints, count: Ints) -> tuple[Ints, Ints]:
    """Ranges written out: which range, and the number.

    >>> [values.tolist() for values in each_of(np.array([5, 0, 8]), np.array([2, 0, 1]))]
    [[0, 0, 2], [5, 6, 8]]
    """
    of = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    return of, start[of] + nth


def any_of(n: int, of: Ints, holds: Bools) -> Bools:
    """(n,) whether it holds for any of those that belong to each."""
    some = np.zeros(n, dtype=np.bool_)
    some[of[holds]] = True
    return some
