"""A uniform grid over segments or points: which items touch which cell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from circle.kernels.compiled import kernel, lean

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]

ITEMS_PER_CELL = 3.0
MAX_CELLS = 16_000_000
BLOCK_M = 1000.0
MANY_RINGS = 255
EARTH_M = 4e7


class Grid(NamedTuple):
    """Cells of side `size` from (`x0`, `y0`); cell c = j * nx + i holds the items ``item[offset[c]:offset[c + 1]]``.

    `empty_rings`: as many rings of cells around a cell, itself the first, hold nothing (255: that or more).
    """

    x0: float
    y0: float
    size: float
    nx: int
    ny: int
    offset: Ints
    item: Int32s
    empty_rings: Bytes


@kernel
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


@kernel
def _empty_rings(offset, nx, ny):  # type: ignore[no-untyped-def]
    """Chessboard distance of every cell to the next one that holds anything, swept there and back."""
    rings = np.full(nx * ny, MANY_RINGS, np.uint8)
    for sweep in range(2):
        step = 1 if sweep == 0 else -1
        for c in range(nx * ny) if sweep == 0 else range(nx * ny - 1, -1, -1):
            if offset[c] < offset[c + 1]:
                rings[c] = 0
                continue
            i, behind = c % nx, c // nx - step
            near = rings[c - step] if 0 <= i - step < nx else np.uint8(MANY_RINGS)
            if 0 <= behind < ny:
                for k in range(max(0, i - 1), min(nx - 1, i + 1) + 1):
                    near = min(near, rings[behind * nx + k])
            if near < MANY_RINGS:
                rings[c] = min(rings[c], near + 1)
    return rings


@lean
def cell_of(x, y, grid):  # type: ignore[no-untyped-def]
    """Column and row of the cell of (x, y), which may lie outside the grid, and the distance to the cell's edge."""
    i, j = int(np.floor((x - grid.x0) / grid.size)), int(np.floor((y - grid.y0) / grid.size))
    west, south = x - (grid.x0 + i * grid.size), y - (grid.y0 + j * grid.size)
    return i, j, min(west, grid.size - west, south, grid.size - south)


@lean
def rings_without_items(i, j, grid):  # type: ignore[no-untyped-def]
    """How many rings of cells around (i, j), itself the first, surely hold nothing."""
    if 0 <= i < grid.nx and 0 <= j < grid.ny:
        return np.int64(grid.empty_rings[j * grid.nx + i])
    return max(-i, i - grid.nx + 1, -j, j - grid.ny + 1)


@lean
def clear_metres(x, y, grid):  # type: ignore[no-untyped-def]
    """No item lies nearer to (x, y) than this: 0 in a cell that holds any."""
    i, j, inner = cell_of(x, y, grid)
    rings = rings_without_items(i, j, grid)
    # rounding must not hide an item that the cell's edge grazes
    return max(0.0, (rings - 1) * grid.size + inner - 1e-6 * grid.size) if rings > 0 else 0.0


@kernel
def may_meet(x, y, start, end, grid):  # type: ignore[no-untyped-def]
    """(s,) whether an item may meet a segment between two of the points: no for most, without looking at any item."""
    near = np.empty(len(start), np.bool_)
    for s in range(len(start)):
        a, b = start[s], end[s]
        half = 0.5 * np.hypot(x[b] - x[a], y[b] - y[a])
        near[s] = clear_metres(0.5 * (x[a] + x[b]), 0.5 * (y[a] + y[b]), grid) <= half
    return near


@lean
def last_ring(i, j, grid):  # type: ignore[no-untyped-def]
    """The last ring of cells around (i, j) that meets the grid."""
    return max(abs(i), abs(grid.nx - 1 - i), abs(j), abs(grid.ny - 1 - j))


@lean
def cells_of_ring(x, y, reach, ring, j, side, grid):  # type: ignore[no-untyped-def]
    """The first cell, and the one after the last, of row j of a ring of cells around (x, y), as far as `reach` metres.

    The lowest and the highest row are one run of cells (`side` 0), the others a cell in the west (`side` 0) and one in
    the east (`side` 1).
    """
    i0, j0 = int(np.floor((x - grid.x0) / grid.size)), int(np.floor((y - grid.y0) / grid.size))
    whole = abs(j - j0) == ring
    first = i0 - ring if side == 0 else i0 + ring
    last = i0 + ring if whole else first
    if whole and side == 1:
        return 0, 0
    if reach < np.inf:
        south = grid.y0 + j * grid.size
        off = max(0.0, south - y, y - south - grid.size)
        if off > reach:
            return 0, 0
        half = np.sqrt(reach * reach - off * off) + 1e-6 * grid.size
        first = max(first, int(np.floor((x - half - grid.x0) / grid.size)))
        last = min(last, int(np.floor((x + half - grid.x0) / grid.size)))
    first, last = max(first, 0), min(last, grid.nx - 1)
    if first > last:
        return 0, 0
    return j * grid.nx + first, j * grid.nx + last + 1


@lean
def items_of_ring(x, y, reach, ring, j, side, grid):  # type: ignore[no-untyped-def]
    """Where in ``grid.item`` the items of these cells stand."""
    first, end = cells_of_ring(x, y, reach, ring, j, side, grid)
    return grid.offset[first], grid.offset[end]


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
        nothing_for_miles = (-EARTH_M / 2, -EARTH_M / 2, EARTH_M, 1, 1)
        return Grid(*nothing_for_miles, np.zeros(2, np.int64), np.empty(0, np.int32), np.full(1, MANY_RINGS, np.uint8))
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
    return Grid(*frame, offset, item, _empty_rings(offset, nx, ny))
