"""Points near points, as the crow flies."""

from __future__ import annotations

import numpy as np

from circle.kernels.compiled import kernel
from circle.kernels.heap import grown
from circle.kernels.walls import leg_is_barred


@kernel
def pairs_within(px, py, qx, qy, grid, walls, options):  # type: ignore[no-untyped-def]
    """All pairs of a point p and a point q at most so many metres apart, no wall between; `options` (metres, strict).

    `grid` holds the q. Returns the row numbers (p, q) of each pair, p ascending.
    """
    radius, strict = options
    square = radius * radius
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
                    dx, dy = qx[q] - x, qy[q] - y
                    if dx * dx + dy * dy > square or leg_is_barred(x, y, qx[q], qy[q], walls, strict):
                        continue
                    if filled == room:
                        room *= 2
                        out_p, out_q = grown(out_p, room), grown(out_q, room)
                    out_p[filled], out_q[filled] = p, q
                    filled += 1
    return out_p[:filled].copy(), out_q[:filled].copy()
