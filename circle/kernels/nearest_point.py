"""The nearest of many points to each of many others, on the plane."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from circle.kernels.compiled import kernel
from circle.kernels.grid import cell_of, grid_of_segments, items_of_ring, last_ring, rings_without_items

Floats = npt.NDArray[np.float64]
Int32s = npt.NDArray[np.int32]

SLACK = 1e-9
"""Of a distance: a point that is exactly as far as the best one must not be passed over for a rounded last digit."""


@kernel
def _nearest_points(x, y, to_x, to_y, grid):  # type: ignore[no-untyped-def]
    """Squared distance and number of the nearest point to each (x, y): ring after ring of cells around it."""
    square, nearest = np.full(len(x), np.inf), np.full(len(x), -1, np.int32)
    for p in range(len(x)):
        i, j, inner = cell_of(x[p], y[p], grid)
        ring, last = rings_without_items(i, j, grid), last_ring(i, j, grid)
        reach = np.inf
        while ring <= last and (ring - 1) * grid.size + inner <= reach:
            for row in range(max(j - ring, 0), min(j + ring, grid.ny - 1) + 1):
                for side in range(2 if ring > 0 else 1):
                    first, end = items_of_ring(x[p], y[p], reach, ring, row, side, grid)
                    for k in range(first, end):
                        t = grid.item[k]
                        d = (to_x[t] - x[p]) ** 2 + (to_y[t] - y[p]) ** 2
                        if d < square[p] or (d == square[p] and t < nearest[p]):
                            square[p], nearest[p] = d, t
                            reach = np.sqrt(d) * (1 + SLACK) + SLACK
            ring += 1
    return square, nearest


def nearest_points(x: Floats, y: Floats, to_x: Floats, to_y: Floats) -> tuple[Floats, Int32s]:
    """Distance to and number of the nearest of the points ``(to_x, to_y)``; of equals the one that comes first.

    scipy's tree has the same, but its import alone takes longer than this for a county.

    Parameters
    ----------
    x, y
        (n,) finite metres.
    to_x, to_y
        (m,) finite metres.

    Returns
    -------
    distance, nearest
        (n,) ``inf`` and -1 where m is 0.

    Examples
    --------
    >>> nearest_points(np.array([0.0]), np.array([0.0]), np.array([9.0, 3.0]), np.array([0.0, 4.0]))
    (array([5.]), array([1], dtype=int32))
    """
    x, y, to_x, to_y = (np.ascontiguousarray(axis, dtype=np.float64) for axis in (x, y, to_x, to_y))
    square, nearest = _nearest_points(x, y, to_x, to_y, grid_of_segments(to_x, to_y, to_x, to_y))
    return np.sqrt(square), nearest
