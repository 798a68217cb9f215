"""Loose ends of hand-drawn lines that lie beside each other become one."""

from __future__ import annotations

import numpy as np
import shapely

from circle.load.drawing import Drawing, merged, pieces_of, ways_on
from circle.load.noding_places import ROUND_TRIP, Places, any_of, each_of, line_at
from circle.model import Bools, Floats, Ints


def join_ends(drawing: Drawing, snap_m: float, seen: Places) -> tuple[Drawing, Ints]:
    """Loose ends within `snap_m` of another end become one position with it.

    The nearest pairs come first. Who joins a group moves to the one position that stays, never farther than `snap_m`.

    Returns
    -------
    drawing, into
        The drawing, and (n,) to which position each was moved; itself for most.
    """
    n = len(drawing.x)
    ways = ways_on(pieces_of(drawing), n)
    ends = np.flatnonzero(drawing.is_end & (ways > 0))
    loose = drawing.is_end & (ways == 1)
    points = np.asarray(shapely.points(drawing.x[ends], drawing.y[ends]), dtype=object)
    p, q = shapely.STRtree(points).query(points[loose[ends]], predicate="dwithin", distance=snap_m)
    p, q = ends[loose[ends]][p], ends[q]
    stub = _short_way(drawing, p, q, ROUND_TRIP * snap_m)
    keep = (p != q) & ((p < q) | ~loose[q]) & ~stub
    p, q = p[keep], q[keep]
    apart = np.hypot(drawing.x[p] - drawing.x[q], drawing.y[p] - drawing.y[q])
    order = np.lexsort((q, p, apart))
    into = _grouped(drawing, p[order], q[order], loose, snap_m)
    moved = np.flatnonzero(into != np.arange(n))
    target = into[moved]
    distance_m = np.hypot(drawing.x[moved] - drawing.x[target], drawing.y[moved] - drawing.y[target])
    seen.add("end_to_end", drawing.x[target], drawing.y[target], distance_m, line_at(drawing)[moved])
    return merged(drawing, into), into


def _grouped(drawing: Drawing, p: Ints, q: Ints, loose: Bools, snap_m: float) -> Ints:
    """Which position each joins, pair by pair in the order given."""
    into = np.arange(len(drawing.x))
    members: dict[int, list[int]] = {}

    def reaches(mover: int, stayer: int) -> bool:
        return all(
            np.hypot(drawing.x[m] - drawing.x[stayer], drawing.y[m] - drawing.y[stayer]) <= snap_m
            for m in members.get(mover, [mover])
        )

    for one, two in zip(p.tolist(), q.tolist(), strict=True):
        a, b = int(into[one]), int(into[two])
        if a == b:
            continue
        choices = sorted(((a, b), (b, a)), key=lambda c: (loose[c[1]], -len(members.get(c[1], ())), c[1]))
        for mover, stayer in choices:
            if loose[mover] and reaches(mover, stayer):
                moving = members.pop(mover, [mover])
                members.setdefault(stayer, [stayer]).extend(moving)
                into[moving] = stayer
                break
    return into


def _short_way(drawing: Drawing, p: Ints, q: Ints, short_m: float) -> Bools:
    """Whether one line, or two that share their other end, lead from each p to its q on a way that is short."""
    n = len(drawing.x)
    first, last = drawing.vertex[drawing.offset[:-1]], drawing.vertex[drawing.offset[1:] - 1]
    here, there = np.concatenate([first, last]), np.concatenate([last, first])
    length_m = np.tile(drawing.length_m(), 2)
    order = np.lexsort((length_m, there, here))
    key, shortest = np.unique((here * n + there)[order], return_index=True)
    length_m = np.append(length_m[order][shortest], np.inf)

    def least_m(a: Ints, b: Ints) -> Floats:
        place = np.searchsorted(key, a * n + b)
        found = key[np.minimum(place, len(key) - 1)] == a * n + b
        return np.asarray(length_m[np.where(found, place, len(key))])

    start = np.searchsorted(key, p * n)
    pair, line = each_of(start, np.searchsorted(key, (p + 1) * n) - start)
    both_m = length_m[line] + least_m(q[pair], key[line] % n)
    return np.asarray((least_m(p, q) <= short_m) | any_of(len(p), pair, both_m <= short_m))
