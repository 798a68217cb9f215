"""What lies around a point, noted: segments within reach, each once, with the nearest point on them."""

from __future__ import annotations

import numba
import numpy as np

from circle.kernels.compiled import kernel, lean
from circle.kernels.grid import cell_of, items_of_ring, last_ring, rings_without_items
from circle.kernels.walls import is_dark

LOOK_AROUND_M = 250.0
"""Without any candidate up to here, see whether walls all around make the search vain."""

ROOM = 256
RUNS = 64
MASK = 1023
"""Notes are found again by the last bits of their segment."""

TINY = 1e-300
UNTESTED, OPEN, BARRED = 0, 1, 2
"""Of a leg: a wall has not been looked for, there is none, there is one."""


@lean
def noted(s, n, segment, following, head):  # type: ignore[no-untyped-def]
    """Which of the first n notes is segment s; -1: none.

    A head that leads to no note of its own is of a point before, so nobody has to clear them.
    """
    k = head[s & MASK]
    if k >= n or (segment[k] ^ s) & MASK:
        return -1
    while k >= 0 and segment[k] != s:
        k = following[k]
    return k


@numba.njit(nogil=True, inline="always")
def _foot(x, y, ax, ay, dx, dy):  # type: ignore[no-untyped-def]
    """The fraction along a segment where it is nearest to (x, y), and the square of the distance."""
    t = min(1.0, max(0.0, ((x - ax) * dx + (y - ay) * dy) / max(dx * dx + dy * dy, TINY)))
    off_x, off_y = x - ax - t * dx, y - ay - t * dy
    return t, off_x * off_x + off_y * off_y


@numba.njit(nogil=True, inline="always")
def meet(x, y, runs, rails, reach, clear, met, n):  # type: ignore[no-untyped-def]
    """Note the items of some runs that lie within reach, each once; returns how many are noted, -1 without room.

    Put in place where it is called: to hand over the arrays takes as long as to look at two dozen items.
    """
    segment, fraction, metres, state, following, head, run = met
    item, x1, y1, x2, y2 = rails.grid.item, rails.x1, rails.y1, rails.x2, rails.y2
    bound = reach * reach * (1.0 + 1e-9)  # roots of what is left only
    end = n
    for r in range(runs):
        if end + run[r, 1] - run[r, 0] > len(segment):
            return -1
        for i in range(run[r, 0], run[r, 1]):  # without a branch: which items are near, nobody can guess
            s = item[i]
            t, square = _foot(x, y, x1[s], y1[s], x2[s] - x1[s], y2[s] - y1[s])
            segment[end], fraction[end], metres[end] = s, t, square
            end += square <= bound
    for k in range(n, end):
        s, d = segment[k], np.sqrt(metres[k])
        first = head[s & MASK]
        if first >= n or (segment[first] ^ s) & MASK:
            first = -1
        same = first
        while same >= 0 and segment[same] != s:
            same = following[same]
        if same >= 0 or d > reach:
            continue
        segment[n], fraction[n], metres[n], following[n], head[s & MASK] = s, fraction[k], d, first, n
        state[n] = OPEN if d < clear else UNTESTED
        n += 1
    return n


@lean
def scan_disc(x, y, rails, options, clear, met):  # type: ignore[no-untyped-def]
    """As the scan of rings, where the own cell tells how far to look and no wall is within that; -2 elsewhere."""
    slack, farthest, _ = options
    x0, y0, size, nx, ny = rails.grid.x0, rails.grid.y0, rails.grid.size, rails.grid.nx, rails.grid.ny
    item, offset, run = rails.grid.item, rails.grid.offset, met[6]
    i, j = int(np.floor((x - x0) / size)), int(np.floor((y - y0) / size))
    if i < 0 or i >= nx or j < 0 or j >= ny:
        return -2, np.inf
    least = np.inf
    for k in range(offset[j * nx + i], offset[j * nx + i + 1]):
        s = item[k]
        ax, ay = rails.x1[s], rails.y1[s]
        least = min(least, _foot(x, y, ax, ay, rails.x2[s] - ax, rails.y2[s] - ay)[1])
    reach = np.sqrt(least) + slack
    if reach >= min(clear, LOOK_AROUND_M) or reach > farthest:
        return -2, np.inf
    graze, row, runs = 1e-6 * size, max(0, int(np.floor((y - reach - y0) / size))), 0
    while row < ny and runs < RUNS and y0 + row * size <= y + reach:
        south = y0 + row * size
        off = max(0.0, south - y, y - south - size)
        half = np.sqrt(max(0.0, reach * reach - off * off)) + graze
        run[runs, 0] = offset[row * nx + max(0, int(np.floor((x - half - x0) / size)))]
        run[runs, 1] = offset[row * nx + min(nx - 1, int(np.floor((x + half - x0) / size))) + 1]
        row, runs = row + 1, runs + 1
    n, nearest, metres = meet(x, y, runs, rails, reach, clear, met, 0), np.inf, met[2]
    for k in range(n):
        nearest = min(nearest, metres[k])
    return n, nearest


@lean
def is_any_nearer(x, y, rails, than):  # type: ignore[no-untyped-def]
    """Whether any segment at all is nearer than that, whatever lies between."""
    grid = rails.grid
    if than == np.inf:
        return len(grid.item) > 0
    i0, j0, inner = cell_of(x, y, grid)
    for ring in range(rings_without_items(i0, j0, grid), last_ring(i0, j0, grid) + 1):
        if (ring - 1) * grid.size + inner > than:
            break
        for j in range(max(0, j0 - ring), min(grid.ny - 1, j0 + ring) + 1):
            for side in range(2):
                low, high = items_of_ring(x, y, than, ring, j, side, grid)
                for k in range(low, high):
                    s = grid.item[k]
                    ax, ay = rails.x1[s], rails.y1[s]
                    if np.sqrt(_foot(x, y, ax, ay, rails.x2[s] - ax, rails.y2[s] - ay)[1]) < than:
                        return True
    return False


@lean
def lit_runs(x, y, cells, grid, dark, run, runs):  # type: ignore[no-untyped-def]
    """Add the items of those of a row's `cells` that do not lie in barred sectors as a whole; returns how many runs.

    A segment whose nearest point lies in a cell that is left out is barred; if it goes on elsewhere it is met there.
    """
    first, end = cells
    x0, y0, size, nx, offset = grid.x0, grid.y0, grid.size, grid.nx, grid.offset
    graze, adjoins = 1e-6 * size, False  # rounding must not move a point out of a barred cell
    south = y0 + (first // nx) * size - y
    for c in range(first, end):
        if offset[c] == offset[c + 1]:
            continue
        if runs >= RUNS - 2:  # no more room for gaps
            run[runs, 0], run[runs, 1] = offset[c], offset[end]
            return runs + 1
        west = x0 + (c % nx) * size - x
        if is_dark(west - graze, south - graze, west + size + graze, south + size + graze, dark):
            adjoins = False
        elif adjoins:
            run[runs - 1, 1] = offset[c + 1]
        else:
            run[runs, 0], run[runs, 1], adjoins = offset[c], offset[c + 1], True
            runs += 1
    return runs


@kernel
def new_notes(room, head, run):  # type: ignore[no-untyped-def]
    """Room for notes: segment, fraction, metres, whether the leg is open, the note before with the same last bits.

    `head` holds for all last bits the note that came last; `run`, two columns, the items to be looked at.
    """
    state, following = np.empty(room, np.int8), np.empty(room, np.int32)
    return np.empty(room, np.int32), np.empty(room), np.empty(room), state, following, head, run
