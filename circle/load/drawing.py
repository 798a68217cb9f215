"""A road layer as it is drawn: numbered positions, lines through them, and the distinct pieces between two of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely

from circle.lazily import pd
from circle.model import Bools, Floats, Geometries, Ints


@dataclass(frozen=True, eq=False)
class Drawing:
    """w lines through n positions, in metres of one plane.

    Parameters
    ----------
    x, y
        (n,) positions.
    offset, vertex
        The positions of each line in drawing order. A position may follow itself: such a step is nothing.
    level
        (w,) how high the line runs: 0 on the ground.
    spans
        (w,) bridge or tunnel: nothing joins it between its ends.
    """

    x: Floats
    y: Floats
    offset: Ints
    vertex: Ints
    level: Ints
    spans: Bools

    @property
    def is_end(self) -> Bools:
        """(n,) whether some line begins or ends at the position."""
        ended = np.zeros(len(self.x), dtype=np.bool_)
        ended[self.vertex[self.offset[:-1]]] = ended[self.vertex[self.offset[1:] - 1]] = True
        return ended

    def length_m(self) -> Floats:
        """(w,) length of each line."""
        arc = self.arc()
        return np.asarray(arc[self.offset[1:] - 1])

    def arc(self) -> Floats:
        """(v,) how far along its line each vertex lies, to the bit the same whichever lines come before it."""
        step = np.hypot(np.diff(self.x[self.vertex], prepend=0.0), np.diff(self.y[self.vertex], prepend=0.0))
        step[self.offset[:-1]] = 0.0
        line = np.repeat(np.arange(len(self.level)), np.diff(self.offset))
        return np.asarray(pd.Series(step).groupby(line).cumsum().to_numpy())


@dataclass(frozen=True, eq=False)
class Pieces:
    """s distinct pieces of straight line between two positions; lines drawn twice have the same pieces.

    `a`, `b`: (s,) positions, a < b. `line`: (s,) the first line that has the piece. `arc_a`, `arc_b`: (s,) how far
    along that line its ends lie. `of_step`: (v - 1,) the piece between each vertex and the next, -1 for none.
    """

    a: Ints
    b: Ints
    line: Ints
    arc_a: Floats
    arc_b: Floats
    of_step: Ints

    def shapes(self, drawing: Drawing) -> Geometries:
        """(s,) as lines."""
        ends = np.stack([np.column_stack([drawing.x[v], drawing.y[v]]) for v in (self.a, self.b)], axis=1)
        return np.asarray(shapely.linestrings(ends), dtype=object)


def pieces_of(drawing: Drawing) -> Pieces:
    """The distinct pieces. The same two positions at another level make another piece."""
    line = np.repeat(np.arange(len(drawing.level)), np.diff(drawing.offset))
    start, end = drawing.vertex[:-1], drawing.vertex[1:]
    real = np.flatnonzero((line[:-1] == line[1:]) & (start != end))
    stratum = np.unique(np.column_stack([drawing.level, drawing.spans]), axis=0, return_inverse=True)[1].ravel()
    low, high = np.minimum(start, end)[real], np.maximum(start, end)[real]
    key = (low * len(drawing.x) + high) * (int(stratum.max()) + 1) + stratum[line[real]]
    _, first, number = np.unique(key, return_index=True, return_inverse=True)
    of_step = np.full(len(start), -1, dtype=np.int64)
    of_step[real] = number.ravel()
    at, arc = real[first], drawing.arc()
    along = start[at] == low[first]
    return Pieces(
        a=low[first],
        b=high[first],
        line=line[at],
        arc_a=np.where(along, arc[at], arc[at + 1]),
        arc_b=np.where(along, arc[at + 1], arc[at]),
        of_step=of_step,
    )


def ways_on(pieces: Pieces, n: int) -> Ints:
    """(n,) how many ways go on from each position: 1 at a loose end, 3 and more at a junction."""
    pairs = pieces.a * n + pieces.b  # ascending, as pieces are; those of several levels follow one another
    pairs = pairs[np.diff(pairs, prepend=-1) != 0]
    return np.asarray(np.bincount(pairs // n, minlength=n) + np.bincount(pairs % n, minlength=n))


def merged(drawing: Drawing, into: Ints) -> Drawing:
    """Every position becomes the one that `into` names; pieces between two that become one are nothing."""
    return replace(drawing, vertex=into[drawing.vertex])


def inserted(drawing: Drawing, pieces: Pieces, piece: Ints, fraction: Floats, position: Ints) -> Drawing:
    """Pieces get positions in their midst, at fractions of the way from their `a` to their `b`, wherever they occur."""
    order = np.lexsort((position, fraction, piece))
    piece, position = piece[order], position[order]
    again = np.zeros(len(piece), dtype=np.bool_)
    again[1:] = (piece[1:] == piece[:-1]) & (position[1:] == position[:-1])
    piece, position = piece[~again], position[~again]
    begin = np.searchsorted(piece, np.arange(len(pieces.a)))
    count = np.bincount(piece, minlength=len(pieces.a))
    real = pieces.of_step >= 0
    more = np.zeros(len(drawing.vertex), dtype=np.int64)
    more[:-1][real] = count[pieces.of_step[real]]
    place = np.arange(len(drawing.vertex)) + np.cumsum(more) - more
    vertex = np.empty(len(drawing.vertex) + int(more.sum()), dtype=np.int64)
    vertex[place] = drawing.vertex
    step = np.repeat(np.arange(len(more)), more)
    nth = np.arange(len(step)) - np.repeat(np.cumsum(more) - more, more)
    of = pieces.of_step[step]
    along = drawing.vertex[step] == pieces.a[of]
    vertex[place[step] + 1 + nth] = position[begin[of] + np.where(along, nth, count[of] - 1 - nth)]
    return replace(drawing, vertex=vertex, offset=np.append(place, len(vertex))[drawing.offset])
