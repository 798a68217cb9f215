"""Whether an access leg crosses water, a railway or a motorway."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from circle.kernels.compiled import inlined, lean, owning
from circle.kernels.grid import Grid, cell_of, grid_of_segments, items_of_ring, last_ring, rings_without_items
from circle.kernels.heap import grown, sift_down, sift_up

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


SHORE_M = 300.0
"""A place drawn in the water steps ashore within this distance; farther out it has no way to land."""


TOUCH_M = 1e-6
"""Walls this near to each other meet."""


class Walls(NamedTuple):
    """Barrier segments, (k,) each, with their grid. A one-sided wall has water on its right and may only be left."""

    x1: Floats
    y1: Floats
    x2: Floats
    y2: Floats
    one_sided: Bools
    grid: Grid
    has_shore: bool


def walls_of(x1: Floats, y1: Floats, x2: Floats, y2: Floats, one_sided: Bools, grid: Grid | None = None) -> Walls:
    """Barrier segments ready to be tested against; `grid`: theirs, if somebody made it before."""
    grid = grid_of_segments(x1, y1, x2, y2) if grid is None else grid
    return Walls(x1, y1, x2, y2, one_sided, grid, bool(one_sided.any()))


@inlined
def _side(ax, ay, bx, by, px, py):  # type: ignore[no-untyped-def]
    """Twice the signed area of a, b, p: positive when p lies left of a -> b."""
    return (bx - ax) * (py - ay) - (by - ay) * (px - ax)


@lean
def crosses(px, py, qx, qy, ax, ay, bx, by, one_sided):  # type: ignore[no-untyped-def]
    """Whether the leg p -> q crosses the wall a -> b in a direction that counts.

    Numbers only: a record of arrays handed to a call costs more than the test.
    """
    from_side = _side(ax, ay, bx, by, px, py)
    to_side = _side(ax, ay, bx, by, qx, qy)
    if from_side == 0.0 or to_side == 0.0 or (from_side > 0.0) == (to_side > 0.0):
        return False
    if (_side(px, py, qx, qy, ax, ay) >= 0.0) == (_side(px, py, qx, qy, bx, by) >= 0.0):
        return False
    if not one_sided or from_side > 0.0:
        return True
    # out of the water: only onto the shore that is at hand, not to a far island
    length = np.hypot(qx - px, qy - py)
    return length * from_side / (from_side - to_side) > SHORE_M


@lean
def barring_wall(px, py, qx, qy, walls, strict):  # type: ignore[no-untyped-def]
    """A wall that the straight leg from (px, py) to (qx, qy) crosses; -1 if there is none.

    Ends that lie exactly on a wall do not cross it; a wall's own vertices belong to one of its two segments, so that
    nothing slips through between them. `strict`: leaving water counts too (for isochrones, which show land). The leg is
    followed from p row of cells by row of cells, so that what is near is met first.
    """
    grid = walls.grid
    if len(grid.item) == 0:
        return -1
    from_row = min(grid.ny - 1, max(0, int(np.floor((py - grid.y0) / grid.size))))
    to_row = min(grid.ny - 1, max(0, int(np.floor((qy - grid.y0) / grid.size))))
    step = 1 if to_row >= from_row else -1
    slack = 1e-6 * grid.size  # rounding must not lose a cell that the leg only grazes
    for j in range(from_row, to_row + step, step):
        low, high = px, qx
        if qy != py:  # the part of the leg within this row of cells
            f = (grid.y0 + j * grid.size - slack - py) / (qy - py)
            g = (grid.y0 + (j + 1) * grid.size + slack - py) / (qy - py)
            low = px + min(1.0, max(0.0, f)) * (qx - px)
            high = px + min(1.0, max(0.0, g)) * (qx - px)
        if low > high:
            low, high = high, low
        first = max(0, int(np.floor((low - slack - grid.x0) / grid.size)))
        last = min(grid.nx - 1, int(np.floor((high + slack - grid.x0) / grid.size)))
        for c in range(j * grid.nx + first, j * grid.nx + last + 1):
            for k in range(grid.offset[c], grid.offset[c + 1]):
                w = grid.item[k]
                one_sided = walls.one_sided[w] and not strict
                if crosses(px, py, qx, qy, walls.x1[w], walls.y1[w], walls.x2[w], walls.y2[w], one_sided):
                    return w
    return -1


@lean
def leg_is_barred(px, py, qx, qy, walls, strict):  # type: ignore[no-untyped-def]
    """Whether the straight leg from (px, py) to (qx, qy) crosses a wall."""
    return barring_wall(px, py, qx, qy, walls, strict) >= 0


@owning
def _shadows(x, y, radius, walls, strict):  # type: ignore[no-untyped-def]
    """Directions, as intervals of angles in [-pi, pi], in which walls within the radius bar every leg from (x, y)."""
    grid = walls.grid
    room, n = 64, 0
    start, end = np.empty(room), np.empty(room)
    low_i = max(0, int(np.floor((x - radius - grid.x0) / grid.size)))
    high_i = min(grid.nx - 1, int(np.floor((x + radius - grid.x0) / grid.size)))
    low_j = max(0, int(np.floor((y - radius - grid.y0) / grid.size)))
    high_j = min(grid.ny - 1, int(np.floor((y + radius - grid.y0) / grid.size)))
    if low_i > high_i:
        return start[:0], end[:0]
    for j in range(low_j, high_j + 1):
        for k in range(grid.offset[j * grid.nx + low_i], grid.offset[j * grid.nx + high_i + 1]):
            w = grid.item[k]
            ax, ay, bx, by = walls.x1[w] - x, walls.y1[w] - y, walls.x2[w] - x, walls.y2[w] - y
            if max(ax * ax + ay * ay, bx * bx + by * by) > radius * radius:
                continue
            side = _side(ax, ay, bx, by, 0.0, 0.0)
            if side == 0.0 or (side < 0.0 and walls.one_sided[w] and not strict):
                continue
            if n + 2 > room:
                room *= 2
                start, end = grown(start, room), grown(end, room)
            a, b = np.arctan2(ay, ax), np.arctan2(by, bx)
            a, b = min(a, b), max(a, b)
            if b - a <= np.pi:
                start[n], end[n] = a, b
                n += 1
            else:  # the wall lies across the direction -pi = pi
                start[n], end[n], start[n + 1], end[n + 1] = -np.pi, a, b, np.pi
                n += 2
    return start[:n], end[:n]


@owning
def is_enclosed(x, y, radius, walls, strict):  # type: ignore[no-untyped-def]
    """Whether walls within the radius bar every direction from (x, y): nothing beyond them can then be joined.

    Walls that share a vertex share its angle to the last bit, so a closed shoreline leaves no gap.
    """
    start, end = _shadows(x, y, radius, walls, strict)
    for n in range(len(start)):
        sift_up(start, end, n, start[n], end[n])
    seen_to = -np.pi
    for rest in range(len(start) - 1, -1, -1):
        if start[0] > seen_to:
            return False
        seen_to = max(seen_to, end[0])
        sift_down(start, end, rest)
    return seen_to >= np.pi


@lean
def _nearer_shore(x, y, low, high, walls, so_far):  # type: ignore[no-untyped-def]
    """The nearest one-sided wall of the items low to high; `so_far` is (distance, metres beside it, in the water).

    Where two walls meet in the nearest point, the one that is seen less from its end decides.
    """
    nearest, beside, wet = so_far
    x1, y1, x2, y2, one_sided, item = walls.x1, walls.y1, walls.x2, walls.y2, walls.one_sided, walls.grid.item
    for k in range(low, high):
        w = item[k]
        dx, dy = x2[w] - x1[w], y2[w] - y1[w]
        length = np.hypot(dx, dy)
        if not one_sided[w] or length == 0.0:
            continue
        t = min(1.0, max(0.0, ((x - x1[w]) * dx + (y - y1[w]) * dy) / (length * length)))
        d = np.hypot(x - x1[w] - t * dx, y - y1[w] - t * dy)
        side = (dx * (y - y1[w]) - dy * (x - x1[w])) / length
        if d < nearest - TOUCH_M or (d < nearest + TOUCH_M and abs(side) > beside):
            nearest, beside, wet = min(d, nearest), abs(side), side < 0.0
    return nearest, beside, wet


@lean
def metres_from_shore(x, y, walls):  # type: ignore[no-untyped-def]
    """How far out in the water (x, y) lies: the distance to the nearest shore of all, 0 on land."""
    if not walls.has_shore:
        return 0.0
    grid = walls.grid
    i0, j0, inner = cell_of(x, y, grid)
    shore = (np.inf, 0.0, False)
    for ring in range(rings_without_items(i0, j0, grid), last_ring(i0, j0, grid) + 1):
        if (ring - 1) * grid.size + inner > shore[0] + TOUCH_M:
            break
        for j in range(max(0, j0 - ring), min(grid.ny - 1, j0 + ring) + 1):
            for side in range(2):
                low, high = items_of_ring(x, y, shore[0] + TOUCH_M, ring, j, side, grid)
                if low < high:
                    shore = _nearer_shore(x, y, low, high, walls, shore)
    return shore[0] if shore[2] else 0.0
