"""Loose ends of hand-drawn lines are moved onto the lines that they just miss or overshoot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from circle.load.drawing import Drawing, Pieces, inserted, merged, pieces_of, ways_on
from circle.load.noding_places import ROUND_TRIP, SAME_PLACE_M, Places, any_of, each_of, foot_on
from circle.load.noding_tails import Candidates, Ends, looking, open_to, overshot
from circle.model import Bools, Floats, Ints

NEAR = 3.0
"""An end that lies beyond the tolerance, but within so many times of it, is a near miss."""
NOISE_M = 1e-9
"""What is reckoned twice may differ by so much."""


def join_ends_to_lines(drawing: Drawing, into: Ints, snap_m: float, seen: Places) -> Drawing:
    """Ends that stop short of a line within `snap_m`, or overshoot it by as much, are moved onto it.

    Parameters
    ----------
    into
        (n,) to which positions others were moved: these look for a line like loose ends, and move only as far as each
        of those may move from where it was drawn.
    """
    pieces = pieces_of(drawing)
    if not len(pieces.a):
        return drawing
    joined = np.zeros(len(drawing.x), dtype=np.bool_)
    joined[into[into != np.arange(len(into))]] = True
    ends = looking(drawing, ways_on(pieces, len(drawing.x)), joined)
    near = _nearby(drawing, pieces, ends, NEAR * snap_m)
    over, tail, crossed = overshot(drawing, pieces, ends, near, snap_m)
    reach_m = _farthest_m(drawing, pieces, ends, over, into)
    over, tail = over.where(reach_m <= snap_m + NOISE_M), tail[reach_m <= snap_m + NOISE_M]
    first = over.nearest()
    over, tail = over.where(first), tail[first]
    bent = _led_there(drawing, pieces, ends, near, (crossed, snap_m))
    reach_m = np.maximum(near.distance_m, _farthest_m(drawing, pieces, ends, near, into))
    within = reach_m <= snap_m + NOISE_M
    pair, own = ends.tails_of(near.end)
    open_ = any_of(len(near.end), pair, open_to(drawing, pieces.line[near.piece[pair]], ends.line[own]))
    open_ |= near.distance_m <= SAME_PLACE_M
    join = _nearest(near, within & open_ & ~bent)
    shorter = _least_m(join, len(ends.position))[over.end] < over.distance_m
    over, tail = over.where(~shorter), tail[~shorter]
    join = join.where(~np.isin(join.end, over.end))
    done = np.zeros(len(ends.position), dtype=np.bool_)
    done[join.end] = done[over.end] = True
    left = _nearest(near, within & ~open_ & ~bent & ~done[near.end])
    done[left.end] = True
    told = ends.loose[near.end] | (near.distance_m <= snap_m)
    missed = _nearest(replace(near, distance_m=reach_m), ~within & open_ & ~bent & ~done[near.end] & told)
    for kind, some in (("left_apart", left), ("near_miss", missed)):
        at = ends.position[some.end]
        seen.add(kind, drawing.x[at], drawing.y[at], some.distance_m, ends.first_line[some.end])
    return _moved(drawing, pieces, ends, (join, over, tail), seen)


def _nearest(near: Candidates, which: Bools) -> Candidates:
    """The nearest of each end, of some candidates."""
    some = near.where(which)
    return some.where(some.nearest())


def _least_m(some: Candidates, n: int) -> Floats:
    """(n,) the distance of each end's candidate; infinite for none."""
    least = np.full(n, np.inf)
    least[some.end] = some.distance_m
    return least


def _nearby(drawing: Drawing, pieces: Pieces, ends: Ends, within_m: float) -> Candidates:
    """All pieces within a distance of each end, but those that end in it."""
    x, y = drawing.x[ends.position], drawing.y[ends.position]
    boxes = shapely.box(x - within_m, y - within_m, x + within_m, y + within_m)
    end, piece = shapely.STRtree(pieces.shapes(drawing)).query(boxes)
    own = (pieces.a[piece] == ends.position[end]) | (pieces.b[piece] == ends.position[end])
    end, piece = end[~own], piece[~own]
    fraction, distance_m = foot_on(drawing, pieces, piece, x[end], y[end])
    return Candidates(end, piece, fraction, distance_m).where(distance_m <= within_m)


def _farthest_m(drawing: Drawing, pieces: Pieces, ends: Ends, some: Candidates, into: Ints) -> Floats:
    """How far the farthest of those that were joined in an end lay from where the end would be moved."""
    order = np.argsort(into, kind="stable")
    position = ends.position[some.end]
    start = np.searchsorted(into[order], position)
    of, nth = each_of(start, np.searchsorted(into[order], position, side="right") - start)
    x, y = _point_on(drawing, pieces, some.piece, some.fraction)
    vertex = _vertex_at(drawing, pieces, some)
    farthest_m = np.zeros(len(position))
    at_x, at_y = (np.where(vertex < 0, foot, to[vertex]) for foot, to in ((x, drawing.x), (y, drawing.y)))
    for to_x, to_y in ((x, y), (at_x, at_y)):
        away_m = np.hypot(drawing.x[order[nth]] - to_x[of], drawing.y[order[nth]] - to_y[of])
        np.maximum.at(farthest_m, of, away_m)
    return farthest_m


def _led_there(drawing: Drawing, pieces: Pieces, ends: Ends, near: Candidates, found: tuple[Ints, float]) -> Bools:
    """Whether a line that ends there leads to the piece already: it crosses its line, or a short way goes there.

    A way along the line itself, or by the first junction on it, is short within four times the gap.
    """
    crossed, snap_m = found
    lines = len(drawing.level)
    of_vertex = np.repeat(np.arange(lines), np.diff(drawing.offset))
    order = np.argsort(pieces.of_step, kind="stable")
    first = np.searchsorted(pieces.of_step[order], np.arange(len(pieces.a) + 1))
    pair, nth = each_of(first[near.piece], np.diff(first)[near.piece])
    step = order[nth]
    end, piece = crossed // len(pieces.a), crossed % len(pieces.a)
    which, of = each_of(first[piece], np.diff(first)[piece])
    crossed_lines = end[which] * lines + of_vertex[order[of]]
    led = any_of(len(near.end), pair, np.isin(near.end[pair] * lines + of_vertex[step], crossed_lines))
    triple, tail = ends.tails_of(near.end[pair])
    pair, step = pair[triple], step[triple]
    short = ROUND_TRIP * np.maximum(near.distance_m, snap_m)[pair]
    return led | any_of(len(led), pair, _way_m(drawing, pieces, ends, near.where(pair), (tail, step)) <= short)


def _way_m(drawing: Drawing, pieces: Pieces, ends: Ends, near: Candidates, along: tuple[Ints, Ints]) -> Floats:
    """The way from a tail's end to the nearest point on a step, along the line or by the tail's first junction."""
    tail, step = along
    n, arc = len(drawing.x), drawing.arc()
    of_vertex = np.repeat(np.arange(len(drawing.level)), np.diff(drawing.offset))
    forth = drawing.vertex[step] == pieces.a[near.piece]
    there = arc[step] + np.where(forth, near.fraction, 1.0 - near.fraction) * (arc[step + 1] - arc[step])
    bend_m = np.abs(there - arc[ends.index[tail]])
    base = drawing.vertex[ends.base[tail]]
    x, y = _point_on(drawing, pieces, near.piece, near.fraction)
    round_m = ends.base_m[tail] + np.hypot(x - drawing.x[base], y - drawing.y[base])
    on_line = np.sort(of_vertex * n + drawing.vertex)
    key = of_vertex[step] * n + base
    by_base = on_line[np.minimum(np.searchsorted(on_line, key), len(on_line) - 1)] == key
    own = of_vertex[step] == ends.line[tail]
    return np.minimum(np.where(own, bend_m, np.inf), np.where(by_base, round_m, np.inf))


def _point_on(drawing: Drawing, pieces: Pieces, piece: Ints, fraction: Floats) -> tuple[Floats, Floats]:
    a, b = pieces.a[piece], pieces.b[piece]
    x, y = drawing.x, drawing.y
    return x[a] + fraction * (x[b] - x[a]), y[a] + fraction * (y[b] - y[a])


def _vertex_at(drawing: Drawing, pieces: Pieces, some: Candidates) -> Ints:
    """The end of the piece at which the nearest point lies, -1 in its midst."""
    a, b = pieces.a[some.piece], pieces.b[some.piece]
    length_m = np.hypot(drawing.x[b] - drawing.x[a], drawing.y[b] - drawing.y[a])
    vertex = np.where(some.fraction * length_m <= SAME_PLACE_M, a, -1)
    return np.where((1.0 - some.fraction) * length_m <= SAME_PLACE_M, b, vertex)


def _moved(
    drawing: Drawing, pieces: Pieces, ends: Ends, found: tuple[Candidates, Candidates, Ints], seen: Places
) -> Drawing:
    """The drawing with its ends on the lines that they were found for."""
    join, over, tail = found
    into, x, y = np.arange(len(drawing.x)), drawing.x.copy(), drawing.y.copy()
    moving = np.zeros(len(x), dtype=np.bool_)
    moving[ends.position[np.concatenate([join.end, over.end])]] = True
    is_end, events = drawing.is_end, []
    for kind, some in (("end_to_line", join), ("overshoot", over)):
        position = ends.position[some.end]
        to_x, to_y = _point_on(drawing, pieces, some.piece, some.fraction)
        vertex = _vertex_at(drawing, pieces, some)
        vertex[moving[vertex]] = -1
        at_vertex = vertex >= 0
        to_x[at_vertex], to_y[at_vertex] = drawing.x[vertex[at_vertex]], drawing.y[vertex[at_vertex]]
        distance_m = np.hypot(drawing.x[position] - to_x, drawing.y[position] - to_y)
        kinds = np.where(distance_m <= SAME_PLACE_M, "end_to_line", kind)
        kinds = np.where(at_vertex & is_end[vertex] & (kinds == "end_to_line"), "end_to_end", kinds)
        for name in ("end_to_end", "end_to_line", "overshoot"):
            of = kinds == name
            seen.add(name, to_x[of], to_y[of], distance_m[of], ends.first_line[some.end[of]], position=position[of])
        into[position[at_vertex]] = vertex[at_vertex]
        x[position], y[position] = to_x, to_y
        events.append((some.piece[~at_vertex], some.fraction[~at_vertex], position[~at_vertex]))
    _cut_tails(drawing, ends, over, tail, into)
    piece, fraction, position = (np.concatenate(parts) for parts in zip(*events, strict=True))
    return merged(replace(inserted(drawing, pieces, piece, fraction, position), x=x, y=y), into)


def _cut_tails(drawing: Drawing, ends: Ends, over: Candidates, tail: Ints, into: Ints) -> None:
    """What is drawn between a crossing and the end beyond it shrinks to the end."""
    arc = drawing.arc()
    for end, of, length_m in zip(over.end.tolist(), tail.tolist(), over.distance_m.tolist(), strict=True):
        index, step = int(ends.index[of]), 1 if ends.begins[of] else -1
        beyond = index + step
        while abs(arc[beyond] - arc[index]) < length_m:
            into[drawing.vertex[beyond]] = into[ends.position[end]]
            beyond += step
