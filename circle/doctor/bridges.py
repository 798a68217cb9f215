"""How near the roads are that places are never joined to: bridges and tunnels."""

from __future__ import annotations

import numpy as np
import shapely

from circle.kernels.projection import to_metres
from circle.model import Floats, NetworkData


def unattachable_m(network: NetworkData, lon: Floats, lat: Floats) -> Floats:
    """(n,) metres from each place to the nearest road that no place is joined to; ``inf`` where there is none."""
    segments = np.flatnonzero(~network.attachable)
    nearest = np.full(len(lon), np.inf)
    if not len(segments) or not len(lon):
        return nearest
    edge = np.searchsorted(network.segment_offset, segments, side="right") - 1
    start = segments + edge  # an edge has one vertex more than segments
    x, y = network.vertex_x, network.vertex_y
    ends = np.stack([np.column_stack([x[at], y[at]]) for at in (start, start + 1)], axis=1)
    places = np.asarray(shapely.points(np.column_stack(to_metres(network.crs, lon, lat))))
    place, metres = shapely.STRtree(np.asarray(shapely.linestrings(ends))).query_nearest(
        places, return_distance=True, all_matches=False
    )
    nearest[place[0]] = metres
    return nearest
