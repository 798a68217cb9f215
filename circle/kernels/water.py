"""Places in the water, and what is nearest on this side of it."""

from __future__ import annotations

import numpy as np

from circle.kernels.compiled import kernel
from circle.kernels.walls import leg_is_barred, metres_from_shore


@kernel
def metres_out(x, y, walls):  # type: ignore[no-untyped-def]
    """(n,) how far out in the water each place lies, to the nearest shore of all; 0 on land."""
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = metres_from_shore(x[i], y[i], walls)
    return out


@kernel
def nearest_on_this_side(x, y, limit_m, to_x, to_y, walls):  # type: ignore[no-untyped-def]
    """(n,) number of the nearest target within the limit of each place that no wall parts from it; -1: none.

    Parameters
    ----------
    limit_m
        (n,) metres.
    to_x, to_y
        (m,) targets, `to_x` ascending; of equally near ones the first is taken.
    walls
        As in `leg_is_barred`; both directions count.
    """
    nearest = np.full(len(x), -1, np.int64)
    for i in range(len(x)):
        best = limit_m[i] * limit_m[i]
        low, high = 0, len(to_x)
        while low < high:
            middle = (low + high) // 2
            if to_x[middle] < x[i] - limit_m[i]:
                low = middle + 1
            else:
                high = middle
        for j in range(low, len(to_x)):
            dx, dy = to_x[j] - x[i], to_y[j] - y[i]
            if dx > limit_m[i]:
                break
            square = dx * dx + dy * dy
            is_nearer = square < best or (square == best and nearest[i] < 0)
            if is_nearer and not leg_is_barred(x[i], y[i], to_x[j], to_y[j], walls, True):
                best, nearest[i] = square, j
    return nearest
