"""Loose ends of hand-drawn lines are moved onto the lines that they just miss or overshoot."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely

from circle.load.drawing import Drawing, Pieces, inserted, merged, pieces_of, ways_on
from circle.load.noding_places import ROUND_TRIP, SAME_PLACE_M, Places, crossing_of, foot_on, line_at
from circle.model import Bools, Floats, Ints

NEAR = 3.0
"""An end that lies beyond the tolerance, but within so many times of it, is a near miss."""


@dataclass(frozen=True, eq=False)
class _Ends:
    """The ends that look for a line: position, line, whether the line begins there, and the way to the first branch.

    `base` is the vertex (its index) of the first junction along the line, or of its other end, `base_m` the way to it.
    """

    position: Ints
    line: Ints
    index: Ints
    begins: Bools
    loose: Bools
    base: Ints
    base_m: Floats


def _looking(drawing: Drawing, ways: Ints, joined: Bools) -> _Ends:
    position = np.flatnonzero(drawing.is_end & ((ways == 1) | (joined & (ways > 0))))
    line = line_at(drawing)[position]
    start, last = drawing.offset[line], drawing.offset[line + 1] - 1
    begins = drawing.vertex[start] == position
    index = np.where(begins, start, last)
    stop = ways[drawing.vertex] != 2
    stop[drawing.offset[:-1]] = stop[drawing.offset[1:] - 1] = True
    stops = np.flatnonzero(stop)
    here = np.searchsorted(stops, index)
    base = stops[np.clip(np.where(begins, here + 1, here - 1), 0, len(stops) - 1)]
    arc = drawing.arc()
    return _Ends(position, line, index, begins, ways[position] == 1, base, np.abs(arc[base] - arc[index]))


@dataclass(frozen=True, eq=False)
class _Candidates:
    """Pairs of an end (its row) and a piece nearby: the nearest point as a fraction of the piece, and its distance."""

    end: Ints
    piece: Ints
    fraction: Floats
    distance_m: Floats

    def where(self, keep: Bools) -> _Candidates:
        return _Candidates(self.end[keep], self.piece[keep], self.fraction[keep], self.distance_m[keep])

    def nearest(self) -> _Candidates:
        """The nearest of each end."""
        order = np.lexsort((self.piece, self.distance_m, self.end))
        first = np.unique(self.end[order], return_index=True)[1]
        keep = np.zeros(len(order), dtype=np.bool_)
        keep[order[first]] = True
        return self.where(keep)


def join_ends_to_lines(drawing: Drawing, joined: Bools, snap_m: float, seen: Places) -> Drawing:
    """Ends that stop short of a line within `snap_m`, or overshoot it by as much, are moved onto it.

    Parameters
    ----------
    joined
        (n,) ends to which others were moved: they look for a line like loose ends.
    """
    pieces = pieces_of(drawing)
    if not len(pieces.a):
        return drawing
    ways = ways_on(pieces, len(drawing.x))
    ends = _looking(drawing, ways, joined)
    near = _nearby(drawing, pieces, ends, NEAR * snap_m)
    over, tail_m, crossed = _overshot(drawing, pieces, ends, near, snap_m)
    line = pieces.line[near.piece]
    bent = np.isin(near.end * len(drawing.level) + line, crossed) | _reached_anyway(drawing, pieces, ends, near, snap_m)
    open_to = _open_to(drawing, line, ends.line[near.end]) | (near.distance_m <= SAME_PLACE_M)
    within = near.distance_m <= snap_m
    join = near.where(within & open_to & ~bent).nearest()
    shorter = _least(join, len(ends.position), join.distance_m)[over.end] < tail_m
    over, tail_m = over.where(~shorter), tail_m[~shorter]
    join = join.where(~np.isin(join.end, over.end))
    done = np.zeros(len(ends.position), dtype=np.bool_)
    done[join.end] = done[over.end] = True
    left = near.where(within & ~open_to & ~bent & ~done[near.end]).nearest()
    done[left.end] = True
    missed = near.where(~within & open_to & ~bent & ~done[near.end] & ends.loose[near.end]).nearest()
    for kind, some in (("left_apart", left), ("near_miss", missed)):
        at = ends.position[some.end]
        seen.add(kind, drawing.x[at], drawing.y[at], some.distance_m, ends.line[some.end])
    return _moved(drawing, pieces, ends, (join, over, tail_m), seen)


def _open_to(drawing: Drawing, line: Ints, own: Ints) -> Bools:
    """Whether an end of the line `own` may be moved onto `line`: one on the ground or at its own height, no bridge."""
    level = drawing.level[line]
    return np.asarray(~drawing.spans[line] & ((level == drawing.level[own]) | (level == 0)))


def _least(some: _Candidates, n: int, value: Floats) -> Floats:
    """(n,) the value of each end's candidate; infinite for none."""
    least = np.full(n, np.inf)
    least[some.end] = value
    return least


def _nearby(drawing: Drawing, pieces: Pieces, ends: _Ends, within_m: float) -> _Candidates:
    """All pieces within a distance of each end, but those that end in it."""
    x, y = drawing.x[ends.position], drawing.y[ends.position]
    boxes = shapely.box(x - within_m, y - within_m, x + within_m, y + within_m)
    end, piece = shapely.STRtree(pieces.shapes(drawing)).query(boxes)
    own = (pieces.a[piece] == ends.position[end]) | (pieces.b[piece] == ends.position[end])
    end, piece = end[~own], piece[~own]
    fraction, distance_m = foot_on(drawing, pieces, piece, x[end], y[end])
    return _Candidates(end, piece, fraction, distance_m).where(distance_m <= within_m)


def _reached_anyway(drawing: Drawing, pieces: Pieces, ends: _Ends, near: _Candidates, snap_m: float) -> Bools:
    """Whether the way there, along the end's own line or by the junction at its base, is short already."""
    n = len(drawing.x)
    short = ROUND_TRIP * np.maximum(near.distance_m, snap_m)
    line, arc = pieces.line[near.piece], drawing.arc()
    there = pieces.arc_a[near.piece] + near.fraction * (pieces.arc_b - pieces.arc_a)[near.piece]
    bend = (line == ends.line[near.end]) & (np.abs(there - arc[ends.index[near.end]]) <= short)
    base = drawing.vertex[ends.base[near.end]]
    on_line = np.sort(np.repeat(np.arange(len(drawing.level)), np.diff(drawing.offset)) * n + drawing.vertex)
    x, y = _point_on(drawing, pieces, near.piece, near.fraction)
    round_m = ends.base_m[near.end] + np.hypot(x - drawing.x[base], y - drawing.y[base])
    key = line * n + base
    found = on_line[np.minimum(np.searchsorted(on_line, key), len(on_line) - 1)] == key
    return np.asarray(bend | (found & (round_m <= short)))


def _point_on(drawing: Drawing, pieces: Pieces, piece: Ints, fraction: Floats) -> tuple[Floats, Floats]:
    a, b = pieces.a[piece], pieces.b[piece]
    x, y = drawing.x, drawing.y
    return x[a] + fraction * (x[b] - x[a]), y[a] + fraction * (y[b] - y[a])


def _overshot(
    drawing: Drawing, pieces: Pieces, ends: _Ends, near: _Candidates, snap_m: float
) -> tuple[_Candidates, Floats, Ints]:
    """Where the last metres of a line cross another.

    Returns
    -------
    over, tail_m
        The crossing nearest to each end that overshoots by no more than `snap_m`, and the length beyond it.
    crossed
        Sorted numbers ``end * lines + line`` of lines crossed within four times that: the end does not look for them.
    """
    index, candidate = _tail_steps(drawing, ends, near, ROUND_TRIP * snap_m)
    piece, other = near.piece[candidate], pieces.of_step[index]
    shared = np.zeros(len(piece), dtype=np.bool_)
    for one in (pieces.a, pieces.b):
        for two in (pieces.a, pieces.b):
            shared |= one[piece] == two[other]
    candidate, piece, other, index = (values[~shared & (other >= 0)] for values in (candidate, piece, other, index))
    fraction, tail_fraction, meets = crossing_of(drawing, pieces, piece, other)
    arc = drawing.arc()
    end = near.end[candidate]
    at = pieces.arc_a[other] + tail_fraction * (pieces.arc_b - pieces.arc_a)[other]
    own = pieces.line[other] == ends.line[end]  # else the line is a copy, whose pieces lie on the first
    tail_m = np.where(own, np.abs(at - arc[ends.index[end]]), np.inf)
    meets &= tail_m <= ROUND_TRIP * snap_m
    end, piece, fraction, tail_m = end[meets], piece[meets], fraction[meets], tail_m[meets]
    line = pieces.line[piece]
    crossed = np.unique(end * len(drawing.level) + line)
    trim = ends.loose[end] & (tail_m <= snap_m) & (tail_m < ends.base_m[end])
    trim &= _open_to(drawing, line, ends.line[end])
    over = _Candidates(end[trim], piece[trim], fraction[trim], tail_m[trim]).nearest()
    return over, over.distance_m, crossed


def _tail_steps(drawing: Drawing, ends: _Ends, near: _Candidates, within_m: float) -> tuple[Ints, Ints]:
    """The steps of each end's line within a distance of it, once for every candidate of the end: step, candidate."""
    step_m = np.hypot(np.diff(drawing.x[drawing.vertex]), np.diff(drawing.y[drawing.vertex]))
    run = np.concatenate([[0.0], np.cumsum(step_m)])
    start, stop = drawing.offset[ends.line], drawing.offset[ends.line + 1] - 1
    forth = np.minimum(np.searchsorted(run, run[ends.index] + within_m), stop)
    back = np.maximum(np.searchsorted(run, run[ends.index] - within_m, side="right") - 1, start)
    low, high = np.where(ends.begins, start, back), np.where(ends.begins, forth, stop)
    count = (high - low)[near.end]
    candidate = np.repeat(np.arange(len(near.end)), count)
    nth = np.arange(len(candidate)) - np.repeat(np.cumsum(count) - count, count)
    return low[near.end][candidate] + nth, candidate


def _moved(
    drawing: Drawing, pieces: Pieces, ends: _Ends, found: tuple[_Candidates, _Candidates, Floats], seen: Places
) -> Drawing:
    """The drawing with its ends on the lines that they were found for."""
    join, over, tail_m = found
    into, x, y = np.arange(len(drawing.x)), drawing.x.copy(), drawing.y.copy()
    moving = np.zeros(len(x), dtype=np.bool_)
    moving[ends.position[np.concatenate([join.end, over.end])]] = True
    is_end, events = drawing.is_end, []
    for kind, some in (("end_to_line", join), ("overshoot", over)):
        position = ends.position[some.end]
        to_x, to_y = _point_on(drawing, pieces, some.piece, some.fraction)
        a, b = pieces.a[some.piece], pieces.b[some.piece]
        length_m = np.hypot(drawing.x[b] - drawing.x[a], drawing.y[b] - drawing.y[a])
        vertex = np.where(some.fraction * length_m <= SAME_PLACE_M, a, -1)
        vertex = np.where((1.0 - some.fraction) * length_m <= SAME_PLACE_M, b, vertex)
        vertex[moving[vertex]] = -1
        at_vertex = vertex >= 0
        to_x[at_vertex], to_y[at_vertex] = drawing.x[vertex[at_vertex]], drawing.y[vertex[at_vertex]]
        distance_m = np.hypot(drawing.x[position] - to_x, drawing.y[position] - to_y)
        kinds = np.where(distance_m <= SAME_PLACE_M, "end_to_line", kind)
        kinds = np.where(at_vertex & is_end[vertex] & (kinds == "end_to_line"), "end_to_end", kinds)
        for name in ("end_to_end", "end_to_line", "overshoot"):
            of = kinds == name
            seen.add(name, to_x[of], to_y[of], distance_m[of], ends.line[some.end[of]], position=position[of])
        into[position[at_vertex]] = vertex[at_vertex]
        x[position], y[position] = to_x, to_y
        events.append((some.piece[~at_vertex], some.fraction[~at_vertex], position[~at_vertex]))
    _cut_tails(drawing, ends, over, tail_m, into)
    piece, fraction, position = (np.concatenate(parts) for parts in zip(*events, strict=True))
    return merged(replace(inserted(drawing, pieces, piece, fraction, position), x=x, y=y), into)


def _cut_tails(drawing: Drawing, ends: _Ends, over: _Candidates, tail_m: Floats, into: Ints) -> None:
    """What is drawn between a crossing and the end beyond it shrinks to the end."""
    arc = drawing.arc()
    for end, length_m in zip(over.end.tolist(), tail_m.tolist(), strict=True):
        index, step = int(ends.index[end]), 1 if ends.begins[end] else -1
        beyond = index + step
        while abs(arc[beyond] - arc[index]) < length_m:
            into[drawing.vertex[beyond]] = into[ends.position[end]]
            beyond += step
