"""The network as a networkx graph, in the shape that OSMnx uses."""

from __future__ import annotations

import networkx as nx
import numpy as np
from shapely import LineString

from circle import units
from circle.model import NetworkData


def network_to_graph(network: NetworkData) -> nx.MultiDiGraph[int]:
    """A directed multigraph of junctions.

    Parameters
    ----------
    network
        The network; its chains become single edges.

    Returns
    -------
    networkx.MultiDiGraph
        Graph attributes ``crs`` (EPSG:4326), ``metric`` and ``walking_speed_m_s`` (of the legs beside the network;
        times only). Nodes with ``x``, ``y`` (degrees). Edges, keyed by edge number, with ``length`` (metres),
        ``highway``, ``geometry`` (LineString, degrees), ``impedance`` (integer ms or mm), ``travel_time`` (seconds;
        ``travel_distance``, metres, on a distance network), ``edge`` (the same number in both directions),
        ``attachable`` (places may be joined to some of it), and in the order of walking, one per segment of the
        geometry, ``segment_impedance`` and ``segment_attachable``. A one-way edge stands once.
    """
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs="EPSG:4326", metric=network.metric)
    if network.metric == "time":
        graph.graph["walking_speed_m_s"] = network.leg_speed_m_s
    graph.add_nodes_from(
        (i, {"x": float(lon), "y": float(lat)})
        for i, (lon, lat) in enumerate(zip(network.node_lon, network.node_lat, strict=True))
    )
    cost_name = "travel_time" if network.metric == "time" else "travel_distance"
    for edge in range(network.edge_count):
        row = slice(network.segment_offset[edge] + edge, network.segment_offset[edge + 1] + edge + 1)
        segments = slice(network.segment_offset[edge], network.segment_offset[edge + 1])
        line = np.column_stack([network.vertex_lon[row], network.vertex_lat[row]])
        attachable = network.attachable[segments]
        shared = {
            "length": float(network.vertex_m[row][-1]),
            "highway": network.classes[network.edge_class[edge]],
            "attachable": bool(attachable.any()),
            "edge": edge,
        }
        u, v = int(network.edge_from[edge]), int(network.edge_to[edge])
        # a loop walked both ways would take one key twice
        ways = (
            (network.forward[edge], u, v, edge, np.diff(network.cost_along[row]), 1),
            (network.backward[edge], v, u, edge if u != v else -1 - edge, np.diff(network.cost_back[row]), -1),
        )
        for is_open, start, end, key, impedance, step in ways:
            if is_open:
                total = int(impedance.sum())
                graph.add_edge(
                    start,
                    end,
                    key=key,
                    geometry=LineString(line[::step]),
                    impedance=total,
                    segment_impedance=tuple(impedance[::step].tolist()),
                    segment_attachable=tuple(attachable[::step].tolist()),
                    **{cost_name: total / units.IMPEDANCE_PER_UNIT},
                    **shared,
                )
    return graph
