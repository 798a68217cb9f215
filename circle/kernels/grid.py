"""A uniform grid over segments or points: which items touch which cell."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]

ITEMS_PER_CELL = 3.0
MAX_CELLS = 16_000_000
BLOCK_M = 1000.0


class Grid(NamedTuple):
    """Cells of side `size` from (`x0`, `y0`); cell c = j * nx + i holds the items ``item[offset[c]:offset[c + 1]]``."""

    x0: float
    y0: float
    size: float
    nx: int
    ny: int
    offset: Ints
    item: Int32s


@numba.njit(nogil=True, cache=True)
def _cells_of_segments(x1, y1, x2, y2, frame, offset, item, filling):  # type: ignore[no-untyped-def]
    """Count (or, when `filling`, write) every segment into each cell that it passes, row of cells by row of cells."""
    x0, y0, size, nx, ny = frame
    for s in range(len(x1)):
        ax, ay, bx, by = x1[s], y1[s], x2[s], y2[s]
        if ay > by:
            ax, ay, bx, by = bx, by, ax, ay
        j_low = min(ny - 1, max(0, int((ay - y0) / size)))
        j_high = min(ny - 1, max(0, int((by - y0) / size)))
        for j in range(j_low, j_high + 1):
            low, high = ax, bx
            if by > ay:  # the part of the segment within this row of cells
                f = min(1.0, max(0.0, (y0 + j * size - ay) / (by - ay)))
                g = min(1.0, max(0.0, (y0 + (j + 1) * size - ay) / (by - ay)))
                low, high = ax + f * (bx - ax), ax + g * (bx - ax)
            if low > high:
                low, high = high, low
            slack = 1e-9 * size  # rounding must not lose a cell that the segment only grazes
            i_low = min(nx - 1, max(0, int((low - slack - x0) / size)))
            i_high = min(nx - 1, max(0, int((high + slack - x0) / size)))
            for i in range(i_low, i_high + 1):
                c = j * nx + i
                if filling:
                    item[offset[c]] = s
                    offset[c] += 1
                else:
                    offset[c + 1] += 1


def _settled_area(x: Floats, y: Floats) -> float:
    """Area of the blocks of 1 km in which something lies: the sea between islands must not make cells coarse."""
    blocks = np.unique((x // BLOCK_M).astype(np.int64) * 2**32 + (y // BLOCK_M).astype(np.int64))
    return float(len(blocks)) * BLOCK_M**2


def grid_of_segments(x1: Floats, y1: Floats, x2: Floats, y2: Floats) -> Grid:
    """Bin segments into square cells of about three items each.

    Parameters
    ----------
    x1, y1, x2, y2
        (s,) ends in metres. Points are segments of length 0.

    Returns
    -------
    Grid
        Covering all segments; an empty grid of one cell when there are none.

    Examples
    --------
    >>> import numpy as np
    >>> grid = grid_of_segments(np.array([0.0]), np.array([0.0]), np.array([9.0]), np.array([0.0]))
    >>> set(grid.item.tolist())
    {0}
    """
    if len(x1) == 0:
        return Grid(0.0, 0.0, 1.0, 1, 1, np.zeros(2, np.int64), np.empty(0, np.int32))
    x0, y0 = min(x1.min(), x2.min()), min(y1.min(), y2.min())
    width = max(x1.max(), x2.max()) - x0
    height = max(y1.max(), y2.max()) - y0
    size = max(np.sqrt(_settled_area(x1 - x0, y1 - y0) * ITEMS_PER_CELL / len(x1)), 20.0)
    size = float(max(size, np.sqrt(max(width, 1.0) * max(height, 1.0) / MAX_CELLS)))
    nx, ny = int(width / size) + 1, int(height / size) + 1
    frame = (float(x0), float(y0), size, nx, ny)
    offset = np.zeros(nx * ny + 1, np.int64)
    nothing = np.empty(0, np.int32)
    _cells_of_segments(x1, y1, x2, y2, frame, offset, nothing, False)
    np.cumsum(offset, out=offset)
    item = np.empty(offset[-1], np.int32)
    _cells_of_segments(x1, y1, x2, y2, frame, offset[:-1].copy(), item, True)
    return Grid(*frame, offset, item)
