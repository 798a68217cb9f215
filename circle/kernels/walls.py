"""Whether an access leg crosses water, a railway or a motorway."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from circle.kernels.grid import Grid, grid_of_segments

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Walls(NamedTuple):
    """Barrier segments, (k,) each, with their grid. A one-sided wall has water on its right and may only be left."""

    x1: Floats
    y1: Floats
    x2: Floats
    y2: Floats
    one_sided: Bools
    grid: Grid


def walls_of(x1: Floats, y1: Floats, x2: Floats, y2: Floats, one_sided: Bools) -> Walls:
    """Barrier segments ready to be tested against."""
    return Walls(x1, y1, x2, y2, one_sided, grid_of_segments(x1, y1, x2, y2))


@numba.njit(nogil=True, cache=True, inline="always")
def _side(ax, ay, bx, by, px, py):  # type: ignore[no-untyped-def]
    """Twice the signed area of a, b, p: positive when p lies left of a -> b."""
    return (bx - ax) * (py - ay) - (by - ay) * (px - ax)


@numba.njit(nogil=True, cache=True)
def leg_is_barred(px, py, qx, qy, walls, strict):  # type: ignore[no-untyped-def]
    """Whether the straight leg from (px, py) to (qx, qy) crosses a wall.

    Ends that lie exactly on a wall do not cross it; a wall's own vertices belong to one of its two segments, so that
    nothing slips through between them. `strict`: leaving water counts too (for isochrones, which show land).
    """
    grid = walls.grid
    if len(grid.item) == 0:
        return False
    low_i = int(np.floor((min(px, qx) - grid.x0) / grid.size))
    high_i = int(np.floor((max(px, qx) - grid.x0) / grid.size))
    low_j = int(np.floor((min(py, qy) - grid.y0) / grid.size))
    high_j = int(np.floor((max(py, qy) - grid.y0) / grid.size))
    for j in range(max(0, low_j), min(grid.ny - 1, high_j) + 1):
        for i in range(max(0, low_i), min(grid.nx - 1, high_i) + 1):
            c = j * grid.nx + i
            for k in range(grid.offset[c], grid.offset[c + 1]):
                w = grid.item[k]
                ax, ay, bx, by = walls.x1[w], walls.y1[w], walls.x2[w], walls.y2[w]
                from_side = _side(ax, ay, bx, by, px, py)
                to_side = _side(ax, ay, bx, by, qx, qy)
                if from_side == 0.0 or to_side == 0.0 or (from_side > 0.0) == (to_side > 0.0):
                    continue
                if (_side(px, py, qx, qy, ax, ay) >= 0.0) == (_side(px, py, qx, qy, bx, by) >= 0.0):
                    continue
                if strict or not walls.one_sided[w] or from_side > 0.0:
                    return True
    return False


@numba.njit(nogil=True, cache=True)
def legs_barred(px, py, qx, qy, walls, strict):  # type: ignore[no-untyped-def]
    """`leg_is_barred` for (n,) legs."""
    barred = np.zeros(len(px), np.bool_)
    for i in range(len(px)):
        barred[i] = leg_is_barred(px[i], py[i], qx[i], qy[i], walls, strict)
    return barred
