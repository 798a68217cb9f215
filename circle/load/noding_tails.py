"""The loose ends of hand-drawn lines, all lines that end there, and where their last metres overshoot another line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from circle.load.drawing import Drawing, Pieces
from circle.load.noding_places import ROUND_TRIP, crossing_of, each_of
from circle.model import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Ends:
    """The positions that look for a line, and for each of them all ends of lines (tails) that lie there.

    `position`, `loose`: (e,). `first`: (e + 1,) where the tails of each begin. The others are (t,): line, vertex of its
    end (its index), whether the line begins there, the vertex of the first junction along the line, or of its other
    end, and the way to it.
    """

    position: Ints
    loose: Bools
    first: Ints
    line: Ints
    index: Ints
    begins: Bools
    base: Ints
    base_m: Floats

    @property
    def first_line(self) -> Ints:
        """(e,) the line of the first tail of each, to speak of."""
        return self.line[self.first[:-1]]

    def tails_of(self, end: Ints) -> tuple[Ints, Ints]:
        """All tails of each of several ends: which of these, and the tail."""
        return each_of(self.first[end], np.diff(self.first)[end])


def looking(drawing: Drawing, ways: Ints, joined: Bools) -> Ends:
    """Ends of lines, if loose or if others were moved to them; lines of no length have none."""
    looks = drawing.is_end & ((ways == 1) | (joined & (ways > 0)))
    line = np.repeat(np.flatnonzero(drawing.length_m() > 0), 2)
    begins = np.arange(len(line)) % 2 == 0
    index = np.where(begins, drawing.offset[line], drawing.offset[line + 1] - 1)
    order = np.argsort(drawing.vertex[index], kind="stable")
    order = order[looks[drawing.vertex[index[order]]]]
    line, begins, index = line[order], begins[order], index[order]
    position, first = np.unique(drawing.vertex[index], return_index=True)
    stop = ways[drawing.vertex] != 2
    stop[drawing.offset[:-1]] = stop[drawing.offset[1:] - 1] = True
    stops = np.flatnonzero(stop)
    here = np.searchsorted(stops, index)
    base = stops[np.where(begins, here + 1, here - 1)]
    arc = drawing.arc()
    base_m = np.abs(arc[base] - arc[index])
    return Ends(position, ways[position] == 1, np.append(first, len(line)), line, index, begins, base, base_m)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pairs of an end and a piece nearby: the nearest point as a fraction of the piece, and its distance."""

    end: Ints
    piece: Ints
    fraction: Floats
    distance_m: Floats

    def where(self, keep: Bools | Ints) -> Candidates:
        """Some of them."""
        return Candidates(self.end[keep], self.piece[keep], self.fraction[keep], self.distance_m[keep])

    def nearest(self) -> Ints:
        """Which are the nearest of each end, in the order of ends."""
        order = np.lexsort((self.piece, self.distance_m, self.end))
        return np.asarray(order[np.unique(self.end[order], return_index=True)[1]])


def open_to(drawing: Drawing, line: Ints, own: Ints) -> Bools:
    """Whether an end of the line `own` may be moved onto `line`: one on the ground or at its own height, no bridge."""
    level = drawing.level[line]
    return np.asarray(~drawing.spans[line] & ((level == drawing.level[own]) | (level == 0)))


def overshot(
    drawing: Drawing, pieces: Pieces, ends: Ends, near: Candidates, snap_m: float
) -> tuple[Candidates, Ints, Ints]:
    """Where the last metres of a line cross another.

    Returns
    -------
    over, tail
        Crossings of ends that overshoot by no more than `snap_m`, with the length beyond it; and the tail of each.
    crossed
        Sorted numbers ``end * pieces + piece`` of what is crossed within four times that.
    """
    candidate, tail = ends.tails_of(near.end)
    of, index = _steps(drawing, ends, tail, ROUND_TRIP * snap_m)
    candidate, tail = candidate[of], tail[of]
    piece, other = near.piece[candidate], pieces.of_step[index]
    apart = other >= 0
    for one in (pieces.a, pieces.b):
        for two in (pieces.a, pieces.b):
            apart &= one[piece] != two[other]
    candidate, tail, piece, other, index = (all_[apart] for all_ in (candidate, tail, piece, other, index))
    fraction, along, meets = crossing_of(drawing, pieces, piece, other)
    arc = drawing.arc()
    along = np.where(drawing.vertex[index] == pieces.a[other], along, 1.0 - along)
    tail_m = np.abs(arc[index] + along * (arc[index + 1] - arc[index]) - arc[ends.index[tail]])
    meets &= tail_m <= ROUND_TRIP * snap_m
    end, tail, piece = near.end[candidate][meets], tail[meets], piece[meets]
    fraction, tail_m = fraction[meets], tail_m[meets]
    crossed = np.unique(end * len(pieces.a) + piece)
    trim = ends.loose[end] & (tail_m <= snap_m) & (tail_m < ends.base_m[tail])
    trim &= open_to(drawing, pieces.line[piece], ends.line[tail])
    return Candidates(end[trim], piece[trim], fraction[trim], tail_m[trim]), tail[trim], crossed


def _steps(drawing: Drawing, ends: Ends, tail: Ints, within_m: float) -> tuple[Ints, Ints]:
    """The steps of each tail's line within a distance of its end: which of the tails, and the step."""
    step_m = np.hypot(np.diff(drawing.x[drawing.vertex]), np.diff(drawing.y[drawing.vertex]))
    run = np.concatenate([[0.0], np.cumsum(step_m)])
    index, line, begins = ends.index[tail], ends.line[tail], ends.begins[tail]
    forth = np.minimum(np.searchsorted(run, run[index] + within_m), drawing.offset[line + 1] - 1)
    back = np.maximum(np.searchsorted(run, run[index] - within_m, side="right") - 1, drawing.offset[line])
    low = np.where(begins, drawing.offset[line], back)
    return each_of(low, np.where(begins, forth, drawing.offset[line + 1] - 1) - low)
