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
        Graph attribute ``crs`` (EPSG:4326); nodes with ``x``, ``y`` (degrees); edges keyed by edge number, with
        ``length`` (metres), ``highway``, ``attachable`` (places may be joined to it), ``geometry`` (LineString,
        degrees), ``impedance`` (integer ms or mm) and ``travel_time`` (seconds; ``travel_distance``, metres, on a
        distance network). A one-way edge stands once.
    """
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs="EPSG:4326")
    graph.add_nodes_from(
        (i, {"x": float(lon), "y": float(lat)})
        for i, (lon, lat) in enumerate(zip(network.node_lon, network.node_lat, strict=True))
    )
    cost_name = "travel_time" if network.metric == "time" else "travel_distance"
    for edge in range(network.edge_count):
        first = network.segment_offset[edge] + edge
        last = network.segment_offset[edge + 1] + edge
        line = np.column_stack([network.vertex_lon[first : last + 1], network.vertex_lat[first : last + 1]])
        u, v = int(network.edge_from[edge]), int(network.edge_to[edge])
        segments = slice(network.segment_offset[edge], network.segment_offset[edge + 1])
        shared = {
            "length": float(network.vertex_m[last]),
            "highway": network.classes[network.edge_class[edge]],
            "attachable": bool(network.attachable[segments].any()),
        }
        # a loop walked both ways would take one key twice
        ways = (
            (network.forward[edge], u, v, edge, network.cost_along[last], line),
            (network.backward[edge], v, u, edge if u != v else -1 - edge, network.cost_back[last], line[::-1]),
        )
        for is_open, start, end, key, impedance, points in ways:
            if is_open:
                cost = float(impedance) / units.IMPEDANCE_PER_UNIT
                graph.add_edge(
                    start,
                    end,
                    key=key,
                    geometry=LineString(points),
                    impedance=int(impedance),
                    **{cost_name: cost},
                    **shared,
                )
    return graph
