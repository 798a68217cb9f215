"""Where a place may be joined to the network: wherever a road passes by within the nearest distance plus a slack.

Each road counts once per passage, at its nearest point there, so that the two arms of a hairpin are two candidates and
a straight road is one however many vertices it has. Nothing beyond a barrier is a candidate.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from circle.kernels.grid import Grid
from circle.kernels.walls import SHORE_M, barring_wall, crosses, is_enclosed, leg_is_barred, metres_from_shore

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


LOOK_AROUND_M = 250.0
"""Without any candidate up to here, see whether walls all around make the search vain."""


ASHORE_M = 2000.0
"""A place drawn in the water that finds no road up to here has none: nobody walks to the next island."""


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
    """Candidates of n points, c in all: the segment, the fraction along it, straight metres."""

    counts: Ints
    segment: Int32s
    fraction: Floats
    distance: Floats
    barred: Bools


@numba.njit(nogil=True, cache=True, inline="always")
def _foot(px, py, ax, ay, bx, by):  # type: ignore[no-untyped-def]
    """Fraction along a -> b nearest to p, and the distance to it."""
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    t = 0.0
    if square > 0.0:
        t = min(1.0, max(0.0, ((px - ax) * dx + (py - ay) * dy) / square))
    return t, np.hypot(px - ax - t * dx, py - ay - t * dy)


@numba.njit(nogil=True, cache=True)
def _grown(values, size):  # type: ignore[no-untyped-def]
    """A copy with room for `size` items."""
    larger = np.empty(size, values.dtype)
    larger[: len(values)] = values
    return larger


@numba.njit(nogil=True, cache=True)
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


@numba.njit(nogil=True, cache=True)
def _road_comes_nearer(x, y, s, foot, rails, walls, strict, last_wall):  # type: ignore[no-untyped-def]
    """Whether the road goes on from the end of segment s that is nearest and, without a wall between, comes nearer.

    Of two segments that meet in the nearest point the first one has it. A road's candidates are thus the places where
    it passes by, however finely it is drawn.
    """
    t, d = foot
    if t == 1.0 and rails.goes_on[s]:
        near = s + 1
    elif t == 0.0 and s > 0 and rails.goes_on[s - 1]:
        near = s - 1
    else:
        return False
    ax, ay, bx, by = rails.x1[near], rails.y1[near], rails.x2[near], rails.y2[near]
    u, e = _foot(x, y, ax, ay, bx, by)
    if e > d or (e == d and near > s):
        return False
    return not _is_barred(x, y, ax + u * (bx - ax), ay + u * (by - ay), walls, strict, last_wall)


@numba.njit(nogil=True, cache=True)
def _keep(found, n, segment, t, d):  # type: ignore[no-untyped-def]
    """Put a candidate into the scratch list, once."""
    segments, fractions, distances, last_wall = found
    for k in range(n):
        if segments[k] == segment:
            return found, n
    if n == len(segments):
        segments, fractions, distances = _grown(segments, 2 * n), _grown(fractions, 2 * n), _grown(distances, 2 * n)
    segments[n], fractions[n], distances[n] = segment, t, d
    return (segments, fractions, distances, last_wall), n + 1


@numba.njit(nogil=True, cache=True)
def _scan(x, y, low, high, rails, walls, options, state):  # type: ignore[no-untyped-def]
    """Meet the items low to high; `state` is the scratch list, its length, and the two nearest distances so far."""
    slack, farthest, strict = options
    found, n, nearest, nearest_any = state
    last_wall = found[3]
    item, x1, y1, x2, y2 = rails.grid.item, rails.x1, rails.y1, rails.x2, rails.y2
    for k in range(low, high):
        s = item[k]
        t, d = _foot(x, y, x1[s], y1[s], x2[s], y2[s])
        if d > nearest + slack or d > farthest:
            continue
        nearest_any = min(nearest_any, d)
        if _is_barred(x, y, x1[s] + t * (x2[s] - x1[s]), y1[s] + t * (y2[s] - y1[s]), walls, strict, last_wall):
            continue
        nearest = min(nearest, d)
        # only at an end of the segment can the road come nearer still
        if (0.0 < t < 1.0) or not _road_comes_nearer(x, y, s, (t, d), rails, walls, strict, last_wall):
            found, n = _keep(found, n, s, t, d)
    return found, n, nearest, nearest_any


@numba.njit(nogil=True, cache=True)
def _first_ring(grid, i0, j0):  # type: ignore[no-untyped-def]
    """The first ring of cells around (i0, j0) that meets the grid."""
    dx = max(0, -i0, i0 - grid.nx + 1)
    dy = max(0, -j0, j0 - grid.ny + 1)
    return max(dx, dy)


@numba.njit(nogil=True, cache=True)
def _last_ring(grid, i0, j0):  # type: ignore[no-untyped-def]
    """The last ring of cells around (i0, j0) that meets the grid."""
    return max(abs(i0), abs(grid.nx - 1 - i0), abs(j0), abs(grid.ny - 1 - j0))


@numba.njit(nogil=True, cache=True)
def _scan_rings(x, y, rails, walls, options, found):  # type: ignore[no-untyped-def]
    """Meet ring after ring of cells around a point until nothing nearer can come."""
    slack, farthest, strict = options
    grid, offset = rails.grid, rails.grid.offset
    look_around, out_m = LOOK_AROUND_M, 0.0
    i0, j0 = int(np.floor((x - grid.x0) / grid.size)), int(np.floor((y - grid.y0) / grid.size))
    inner = min(x - (grid.x0 + i0 * grid.size), grid.x0 + (i0 + 1) * grid.size - x)
    inner = min(inner, y - (grid.y0 + j0 * grid.size), grid.y0 + (j0 + 1) * grid.size - y)
    state = (found, 0, np.inf, np.inf)
    for ring in range(_first_ring(grid, i0, j0), _last_ring(grid, i0, j0) + 1):
        seen_to = (ring - 1) * grid.size + inner if ring > 0 else 0.0
        if seen_to > state[2] + slack or seen_to > farthest:
            break
        if seen_to > look_around and state[1] == 0:
            # an island without roads, a place out at sea: do not search the region for what cannot be joined
            if look_around == LOOK_AROUND_M:
                out_m = metres_from_shore(x, y, walls)
            if is_enclosed(x, y, seen_to, walls, strict) or out_m > SHORE_M or (out_m > 0.0 and seen_to > ASHORE_M):
                break
            look_around = 1.4 * seen_to
        for j in range(max(0, j0 - ring), min(grid.ny - 1, j0 + ring) + 1):
            # of the ring's lowest and highest rows all cells, of the others the two ends
            width = 2 * ring if abs(j - j0) == ring else 0
            for i in range(i0 - ring, i0 + ring - width + 1, max(1, 2 * ring)):
                first, last = max(0, i), min(grid.nx - 1, i + width)
                if first > last:
                    continue
                low, high = offset[j * grid.nx + first], offset[j * grid.nx + last + 1]
                if low < high:
                    state = _scan(x, y, low, high, rails, walls, options, state)
    return state


@numba.njit(nogil=True, cache=True)
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
    Snaps
        Per point by ascending segment number.
    """
    count, barred = np.zeros(len(px), np.int64), np.zeros(len(px), np.bool_)
    room = max(16, 4 * len(px))
    out_segment, out_t, out_d = np.empty(room, np.int32), np.empty(room), np.empty(room)
    filled = 0
    found = (np.empty(64, np.int32), np.empty(64), np.empty(64), np.full(1, -1, np.int64))
    for p in range(len(px)):
        if not (np.isfinite(px[p]) and np.isfinite(py[p])) or len(rails.grid.item) == 0:
            continue
        found, n, nearest, nearest_any = _scan_rings(px[p], py[p], rails, walls, options, found)
        barred[p] = nearest_any < nearest
        segments, fractions, distances, _ = found
        for k in np.argsort(segments[:n]):
            if distances[k] > nearest + options[0]:
                continue
            if filled == room:
                room *= 2
                out_segment = _grown(out_segment, room)
                out_t, out_d = _grown(out_t, room), _grown(out_d, room)
            out_segment[filled], out_t[filled], out_d[filled] = segments[k], fractions[k], distances[k]
            filled += 1
            count[p] += 1
    return Snaps(count, out_segment[:filled].copy(), out_t[:filled].copy(), out_d[:filled].copy(), barred)


@numba.njit(nogil=True, cache=True)
def pairs_within(px, py, qx, qy, grid, walls, options):  # type: ignore[no-untyped-def]
    """All pairs of a point p and a point q at most so many metres apart, no wall between; `options` (metres, strict).

    `grid` holds the q. Returns the row numbers (p, q) of each pair, p ascending.
    """
    radius, strict = options
    room = max(16, len(px))
    out_p, out_q = np.empty(room, np.int64), np.empty(room, np.int64)
    filled = 0
    for p in range(len(px)):
        x, y = px[p], py[p]
        if not (np.isfinite(x) and np.isfinite(y)) or len(grid.item) == 0:
            continue
        low_i = max(0, int(np.floor((x - radius - grid.x0) / grid.size)))
        high_i = min(grid.nx - 1, int(np.floor((x + radius - grid.x0) / grid.size)))
        low_j = max(0, int(np.floor((y - radius - grid.y0) / grid.size)))
        high_j = min(grid.ny - 1, int(np.floor((y + radius - grid.y0) / grid.size)))
        for j in range(low_j, high_j + 1):
            for i in range(low_i, high_i + 1):
                c = j * grid.nx + i
                for k in range(grid.offset[c], grid.offset[c + 1]):
                    q = grid.item[k]
                    if np.hypot(qx[q] - x, qy[q] - y) > radius or leg_is_barred(x, y, qx[q], qy[q], walls, strict):
                        continue
                    if filled == room:
                        room *= 2
                        out_p, out_q = _grown(out_p, room), _grown(out_q, room)
                    out_p[filled], out_q[filled] = p, q
                    filled += 1
    return out_p[:filled].copy(), out_q[:filled].copy()
