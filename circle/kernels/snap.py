"""Where a place may be joined to the network: wherever a road passes by within the nearest distance plus a slack.

Each road counts once per passage, at its nearest point there, so that the two arms of a hairpin are two candidates and
a straight road is one however many vertices it has. Nothing beyond a barrier is a candidate.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from circle.kernels.compiled import kernel, lean
from circle.kernels.grid import Grid, cell_of, cells_of_ring, clear_metres, last_ring, rings_without_items
from circle.kernels.heap import grown
from circle.kernels.notes import (
    BARRED,
    LOOK_AROUND_M,
    MASK,
    OPEN,
    ROOM,
    RUNS,
    UNTESTED,
    is_any_nearer,
    lit_runs,
    meet,
    new_notes,
    noted,
    scan_disc,
)
from circle.kernels.walls import SECTORS, SHORE_M, barring_wall, crosses, is_enclosed, metres_from_shore

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


ASHORE_M = 2000.0
"""A place drawn in the water that finds no road up to here has none: nobody walks to the next island.

Nobody who lives there, that is; the water on a map (`strict`) has none beyond `LOOK_AROUND_M`, be there a jetty."""


CANDIDATES = 8
"""More than most points have; room that is not used is never touched."""


class Rails(NamedTuple):
    """The segments that places may be joined to, (s,) each, in the order of their edges, with their grid.

    `goes_on`: the next segment continues this one on the same edge.
    """

    x1: Floats
    y1: Floats
    x2: Floats
    y2: Floats
    edge: Int32s
    goes_on: Bools
    grid: Grid


class Snaps(NamedTuple):
    """Candidates of n points, c in all: the segment, the fraction along it, straight metres.

    `barred`: of all segments, as far as is looked at all, one is nearer than the nearest candidate, or there is no
    candidate. Only walls and water reject what is near, so one of them lies between, at whatever distance.
    """

    counts: Ints
    segment: Int32s
    fraction: Floats
    distance: Floats
    barred: Bools


@lean
def _is_barred(x, y, qx, qy, walls, strict, last_wall):  # type: ignore[no-untyped-def]
    """Whether the leg crosses a wall; what barred the last one (`last_wall`, (1,)) mostly bars the next."""
    w = last_wall[0]
    if w >= 0 and crosses(
        x, y, qx, qy, walls.x1[w], walls.y1[w], walls.x2[w], walls.y2[w], walls.one_sided[w] and not strict
    ):
        return True
    w = barring_wall(x, y, qx, qy, walls, strict)
    if w >= 0:
        last_wall[0] = w
    return w >= 0


@lean
def _is_open(x, y, k, rails, walls, strict, met, last_wall):  # type: ignore[no-untyped-def]
    """Whether no wall bars the leg to what stands k-th in the notes, tested once and not at all where none is near."""
    segment, fraction, _, state, _, _, _ = met
    if state[k] == UNTESTED:
        s, t = segment[k], fraction[k]
        barred = _is_barred(
            x,
            y,
            rails.x1[s] + t * (rails.x2[s] - rails.x1[s]),
            rails.y1[s] + t * (rails.y2[s] - rails.y1[s]),
            walls,
            strict,
            last_wall,
        )
        state[k] = BARRED if barred else OPEN
    return state[k] == OPEN


@lean
def _nearest_open(x, y, first, n, nearest, rails, walls, strict, met, last_wall):  # type: ignore[no-untyped-def]
    """The nearest permitted distance, after the notes first to n. The nearest of them is tested first: mostly it is."""
    metres, state = met[2], met[3]
    if first == n:
        return nearest
    best = first
    for k in range(first + 1, n):
        if metres[k] < metres[best]:
            best = k
    if metres[best] >= nearest:
        return nearest
    if state[best] == OPEN or _is_open(x, y, best, rails, walls, strict, met, last_wall):
        return metres[best]
    for k in range(first, n):
        if metres[k] < nearest and _is_open(x, y, k, rails, walls, strict, met, last_wall):
            nearest = metres[k]
    return nearest


@lean
def _is_adrift(x, y, nearest, walls, strict):  # type: ignore[no-untyped-def]
    """Whether a place in the water is too far out to land, or the nearest road, not near, too far off for it."""
    out_m = metres_from_shore(x, y, walls)
    return out_m > (0.0 if strict else SHORE_M) or (out_m > 0.0 and nearest > ASHORE_M)


@lean
def _scan_rings(x, y, rails, walls, options, clear, met, last_wall, dark):  # type: ignore[no-untyped-def]
    """Note what lies in ring after ring of cells around a point until nothing nearer can come.

    Returns how many notes there are, -1 if there is no room for them, and the nearest permitted distance.
    """
    slack, farthest, strict = options
    grid = rails.grid
    look_around, run = LOOK_AROUND_M, met[6]
    n, nearest, is_shaded = 0, np.inf, False
    i0, j0, inner = cell_of(x, y, grid)
    empty = rings_without_items(i0, j0, grid)
    for ring in range(last_ring(i0, j0, grid) + 1):
        seen_to = (ring - 1) * grid.size + inner if ring > 0 else 0.0
        if seen_to > nearest + slack or seen_to > farthest:
            break
        if seen_to > look_around and nearest == np.inf:
            # an island without roads, a place out at sea: do not search the region for what cannot be joined
            if look_around == LOOK_AROUND_M:
                out_m = metres_from_shore(x, y, walls)
                farthest = min(farthest, np.inf if out_m == 0.0 else ASHORE_M + slack)
            is_shaded = seen_to >= clear
            if out_m > (0.0 if strict else SHORE_M) or (is_shaded and is_enclosed(x, y, seen_to, walls, strict, dark)):
                break
            look_around = 1.7 * seen_to
        if ring < empty:
            continue
        first, reach, runs = n, min(nearest + slack, farthest), 0
        last = min(grid.ny - 1, j0 + ring)
        for j in range(max(0, j0 - ring), last + 1):
            for side in range(2):
                cells = cells_of_ring(x, y, reach, ring, j, side, grid)
                if is_shaded:
                    runs = lit_runs(x, y, cells, grid, dark, run, runs)
                elif grid.offset[cells[0]] < grid.offset[cells[1]]:
                    run[runs, 0], run[runs, 1] = grid.offset[cells[0]], grid.offset[cells[1]]
                    runs += 1
            if runs >= RUNS - 2 or j == last:
                n, runs = meet(x, y, runs, rails, reach, clear, met, n), 0
                if n < 0:
                    return -1, nearest
        nearest = _nearest_open(x, y, first, n, nearest, rails, walls, strict, met, last_wall)
    if LOOK_AROUND_M < nearest < np.inf and _is_adrift(x, y, nearest, walls, strict):
        return 0, np.inf  # the first ring of large cells may reach far
    return n, nearest


@lean
def _road_comes_nearer(x, y, k, n, rails, walls, strict, met, last_wall):  # type: ignore[no-untyped-def]
    """Whether the road goes on from the nearest end of the k-th note and, without a wall between, comes nearer.

    Of two segments that meet in the nearest point the first one has it. A road's candidates are thus the places where
    it passes by, however finely it is drawn. What comes nearer has been noted too.
    """
    segment, fraction, metres, _, following, head, _ = met
    s, t = segment[k], fraction[k]
    if t == 1.0 and rails.goes_on[s]:
        near = s + 1
    elif t == 0.0 and s > 0 and rails.goes_on[s - 1]:
        near = s - 1
    else:
        return False
    m = noted(near, n, segment, following, head)
    if m < 0 or metres[m] > metres[k] or (metres[m] == metres[k] and near > s):
        return False
    return _is_open(x, y, m, rails, walls, strict, met, last_wall)


@lean
def _candidates(x, y, n, nearest, rails, walls, options, met, last_wall, kept):  # type: ignore[no-untyped-def]
    """Notes that are candidates, by ascending segment, into `kept`; returns how many, and if a nearer one is barred."""
    slack, _, strict = options
    segment, fraction, metres, _, _, _, _ = met
    count, barred = 0, False
    for k in range(n):
        if metres[k] < nearest:
            barred = True  # else it were the nearest
            continue
        if metres[k] > nearest + slack or not _is_open(x, y, k, rails, walls, strict, met, last_wall):
            continue
        # only at an end of the segment can the road come nearer still
        at_end = fraction[k] == 0.0 or fraction[k] == 1.0
        if at_end and _road_comes_nearer(x, y, k, n, rails, walls, strict, met, last_wall):
            continue
        place = count
        while place > 0 and segment[kept[place - 1]] > segment[k]:
            kept[place] = kept[place - 1]
            place -= 1
        kept[place] = k
        count += 1
    return count, barred


@lean
def _snap_some(px, py, begin, filled, rails, walls, options, notes, out):  # type: ignore[no-untyped-def]
    """Snap point after point, from `begin` on, until there is no room.

    Returns the point to go on with, how many candidates there are, and whether it is the notes that want room.
    """
    met, kept, last_wall, dark = notes
    segment, fraction, metres = met[0], met[1], met[2]
    count, barred, out_segment, out_t, out_d = out
    for p in range(begin, len(px)):
        x, y = px[p], py[p]
        if not (np.isfinite(x) and np.isfinite(y)):
            continue
        clear = clear_metres(x, y, walls.grid)
        n, nearest = scan_disc(x, y, rails, options, clear, met)
        if n == -2:
            n, nearest = _scan_rings(x, y, rails, walls, options, clear, met, last_wall, dark)
        if n < 0:
            return p, filled, True
        found, barred[p] = _candidates(x, y, n, nearest, rails, walls, options, met, last_wall, kept)
        if not barred[p] and (n == 0 or nearest > LOOK_AROUND_M):  # there was one that has not been looked at
            barred[p] = is_any_nearer(x, y, rails, min(nearest, np.nextafter(options[1], np.inf)))
        if filled + found > len(out_segment):
            return p, filled, False
        count[p] = found
        for c in range(found):
            k = kept[c]
            out_segment[filled], out_t[filled], out_d[filled] = segment[k], fraction[k], metres[k]
            filled += 1
    return len(px), filled, False


@kernel
def snap_points(px, py, rails, walls, options):  # type: ignore[no-untyped-def]
    """Candidates of every point.

    Parameters
    ----------
    px, py
        (n,) points in metres; not finite: no candidate.
    rails, walls
        What may be joined, and what bars the way.
    options
        ``(slack, farthest, strict)``: metres beyond the nearest permitted edge within which edges are candidates;
        metres beyond which the search gives up (``inf`` searches everything); and as in `leg_is_barred`.

    Returns
    -------
    tuple
        What `Snaps` is made of, per point by ascending segment number. No record: those are put together by calling
        Python, and Ctrl-C in the middle of that is the process's end.
    """
    count, barred = np.zeros(len(px), np.int64), np.zeros(len(px), np.bool_)
    room = ROOM + CANDIDATES * len(px)
    segment, fraction, metres = np.empty(room, np.int32), np.empty(room), np.empty(room)
    met = new_notes(ROOM, np.zeros(MASK + 1, np.int32), np.empty((RUNS, 2), np.int64))
    kept, last_wall, dark = np.empty(ROOM, np.int64), np.full(1, -1, np.int64), np.empty(SECTORS + 1, np.int32)
    p, filled = 0, 0
    while p < len(px) and len(rails.grid.item) > 0:
        out = (count, barred, segment, fraction, metres)
        p, filled, is_note = _snap_some(px, py, p, filled, rails, walls, options, (met, kept, last_wall, dark), out)
        if is_note:
            met = new_notes(2 * len(met[0]), met[5], met[6])
            kept = np.empty(len(met[0]), np.int64)
        elif p < len(px):
            room *= 2
            segment, fraction, metres = grown(segment, room), grown(fraction, room), grown(metres, room)
    return count, segment[:filled], fraction[:filled], metres[:filled], barred
