"""The streets of a network as lines."""

from __future__ import annotations

import numpy as np
import shapely

from circle import units
from circle.lazily import gpd
from circle.model import NetworkData


def edges_frame(network: NetworkData) -> gpd.GeoDataFrame:
    """The table of `Network.edges`."""
    edge = np.arange(network.edge_count)
    last = network.segment_offset[1:] + edge
    owner = np.repeat(edge, np.diff(network.segment_offset) + 1)
    lines = shapely.linestrings(np.column_stack([network.vertex_lon, network.vertex_lat]), indices=owner)
    along, back = "travel_time_s", "travel_time_back_s"
    if network.metric == "distance":
        along, back = "travel_distance_m", "travel_distance_back_m"
    ways = ((along, network.forward, network.cost_along[last]), (back, network.backward, network.cost_back[last]))
    columns: dict[str, object] = {
        "from_node": network.edge_from,
        "to_node": network.edge_to,
        "highway": np.asarray(network.classes, dtype=object)[network.edge_class],
        "length_m": network.vertex_m[last],
    }
    for name, is_open, impedance in ways:
        columns[name] = np.where(is_open, units.from_impedance(impedance), np.inf)
    return gpd.GeoDataFrame(columns, geometry=lines, crs="EPSG:4326")
