"""What it means to be joined to a road there: the exact place on the edge, and the leg to it."""

from __future__ import annotations

import numpy as np

from circle.kernels.compiled import kernel, lean
from circle.units import WGS84_A_M, WGS84_E2

GAUSS_M = float(WGS84_A_M * np.sqrt(1.0 - WGS84_E2))


@lean
def scale_along(x1, x2, radius_m):  # type: ignore[no-untyped-def]
    """`scale_factor` along a straight line from `x1` to `x2`, by Simpson's rule: it varies on long ones."""
    ends = np.cosh(x1 / radius_m) + np.cosh(x2 / radius_m)
    return (ends + 4.0 * np.cosh((x1 + x2) / 2.0 / radius_m)) / 6.0


@kernel
def legs_of(snaps, x, lat, rails, rail_segment, cumulated):  # type: ignore[no-untyped-def]
    """Candidates with their places on edges and their legs.

    Parameters
    ----------
    snaps
        Of n points, c candidates.
    x, lat
        (n,) the points: metres from the central meridian, and degrees.
    rails, rail_segment
        What may be joined, and the number of each segment in the network.
    cumulated
        ``(cost_along, cost_back)`` of the network.

    Returns
    -------
    edge, along, back, leg_m, foot_x, foot_y : ndarray
        (c,) each; `leg_m` in metres of the ellipsoid.
    """
    cost_along, cost_back = cumulated
    c = len(snaps.segment)
    edge, along, back = np.empty(c, np.int32), np.empty(c, np.int64), np.empty(c, np.int64)
    leg_m, foot_x, foot_y = np.empty(c), np.empty(c), np.empty(c)
    k = 0
    for p in range(len(x)):
        radius_m = GAUSS_M / (1.0 - WGS84_E2 * np.sin(np.radians(lat[p])) ** 2)
        for _ in range(snaps.counts[p]):
            s, t = snaps.segment[k], snaps.fraction[k]
            edge[k] = rails.edge[s]
            v = rail_segment[s] + rails.edge[s]
            along[k] = cost_along[v] + np.int64(np.rint((cost_along[v + 1] - cost_along[v]) * t))
            back[k] = cost_back[v] + np.int64(np.rint((cost_back[v + 1] - cost_back[v]) * t))
            foot_x[k] = rails.x1[s] + t * (rails.x2[s] - rails.x1[s])
            foot_y[k] = rails.y1[s] + t * (rails.y2[s] - rails.y1[s])
            leg_m[k] = snaps.distance[k] / scale_along(x[p], foot_x[k], radius_m)
            k += 1
    return edge, along, back, leg_m, foot_x, foot_y
