"""Where a place may be joined to the network: wherever a road passes by within the nearest distance plus a slack.

Each road counts once per passage, at its nearest point there, so that the two arms of a hairpin are two candidates and a
straight road is one however many vertices it has. Nothing beyond a barrier is a candidate.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from circle.kernels.grid import Grid
from circle.kernels.walls import leg_is_barred

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


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
def _foot_on(x, y, s, rails):  # type: ignore[no-untyped-def]
    """`_foot` on segment s."""
    return _foot(x, y, rails.x1[s], rails.y1[s], rails.x2[s], rails.y2[s])


@numba.njit(nogil=True, cache=True)
def _is_barred(x, y, s, t, rails, walls, strict):  # type: ignore[no-untyped-def]
    """Whether the leg to the fraction t of segment s crosses a wall."""
    qx = rails.x1[s] + t * (rails.x2[s] - rails.x1[s])
    qy = rails.y1[s] + t * (rails.y2[s] - rails.y1[s])
    return leg_is_barred(x, y, qx, qy, walls, strict)


@numba.njit(nogil=True, cache=True)
def _road_comes_nearer(x, y, s, foot, rails, walls, strict):  # type: ignore[no-untyped-def]
    """Whether the road goes on from the end of segment s that is nearest and, without a wall between, comes nearer.

    Of two segments that meet in the nearest point the first one has it. A road's candidates are thus the places where
    it passes by, however finely it is drawn.
    """
    t, d = foot
    if t == 1.0 and rails.goes_on[s]:
        u, e = _foot_on(x, y, s + 1, rails)
        return e < d and not _is_barred(x, y, s + 1, u, rails, walls, strict)
    if t == 0.0 and s > 0 and rails.goes_on[s - 1]:
        u, e = _foot_on(x, y, s - 1, rails)
        return e <= d and not _is_barred(x, y, s - 1, u, rails, walls, strict)
    return False


@numba.njit(nogil=True, cache=True)
def _keep(found, n, segment, t, d):  # type: ignore[no-untyped-def]
    """Put a candidate into the scratch list, once."""
    segments, fractions, distances = found
    for k in range(n):
        if segments[k] == segment:
            return found, n
    if n == len(segments):
        segments, fractions, distances = _grown(segments, 2 * n), _grown(fractions, 2 * n), _grown(distances, 2 * n)
    segments[n], fractions[n], distances[n] = segment, t, d
    return (segments, fractions, distances), n + 1


@numba.njit(nogil=True, cache=True)
def _scan_cell(x, y, cell, rails, walls, options, state):  # type: ignore[no-untyped-def]
    """Meet the segments of one cell; `state` is the scratch list, its length, and the two nearest distances so far."""
    slack, farthest, strict = options
    found, n, nearest, nearest_any = state
    for k in range(rails.grid.offset[cell], rails.grid.offset[cell + 1]):
        s = rails.grid.item[k]
        t, d = _foot_on(x, y, s, rails)
        if d > nearest + slack or d > farthest:
            continue
        nearest_any = min(nearest_any, d)
        if _is_barred(x, y, s, t, rails, walls, strict):
            continue
        nearest = min(nearest, d)
        if not _road_comes_nearer(x, y, s, (t, d), rails, walls, strict):
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
    slack, farthest, _ = options
    grid = rails.grid
    i0, j0 = int(np.floor((x - grid.x0) / grid.size)), int(np.floor((y - grid.y0) / grid.size))
    inner = min(x - (grid.x0 + i0 * grid.size), grid.x0 + (i0 + 1) * grid.size - x)
    inner = min(inner, y - (grid.y0 + j0 * grid.size), grid.y0 + (j0 + 1) * grid.size - y)
    state = (found, 0, np.inf, np.inf)
    for ring in range(_first_ring(grid, i0, j0), _last_ring(grid, i0, j0) + 1):
        seen_to = (ring - 1) * grid.size + inner if ring > 0 else 0.0
        if seen_to > state[2] + slack or seen_to > farthest:
            break
        for j in range(max(0, j0 - ring), min(grid.ny - 1, j0 + ring) + 1):
            step = 1 if abs(j - j0) == ring else max(1, 2 * ring)
            for i in range(i0 - ring, i0 + ring + 1, step):
                if 0 <= i < grid.nx:
                    state = _scan_cell(x, y, j * grid.nx + i, rails, walls, options, state)
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
    found = (np.empty(64, np.int32), np.empty(64), np.empty(64))
    for p in range(len(px)):
        if not (np.isfinite(px[p]) and np.isfinite(py[p])) or len(rails.grid.item) == 0:
            continue
        found, n, nearest, nearest_any = _scan_rings(px[p], py[p], rails, walls, options, found)
        barred[p] = nearest_any < nearest
        segments, fractions, distances = found
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
def pairs_within(px, py, qx, qy, grid, walls, radius):  # type: ignore[no-untyped-def]
    """All pairs of a point p and a point q at most `radius` metres apart, no wall between.

    `grid` holds the q. Returns the row numbers (p, q) of each pair, p ascending.
    """
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
                    if np.hypot(qx[q] - x, qy[q] - y) > radius or leg_is_barred(x, y, qx[q], qy[q], walls, False):
                        continue
                    if filled == room:
                        room *= 2
                        out_p, out_q = _grown(out_p, room), _grown(out_q, room)
                    out_p[filled], out_q[filled] = p, q
                    filled += 1
    return out_p[:filled].copy(), out_q[:filled].copy()
