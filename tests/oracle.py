"""Answers by other means: networkx on a graph that is split, explicitly, at every place and facility."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np

from circle.model import Attachment, NetworkData, Streets
from circle.network.segments import split_into_segments
from circle.reach import Engine, Places, Sites
from circle.settings import Question


def street_graph(streets: Streets, question: Question) -> nx.MultiDiGraph:
    """Every vertex a node, every segment an arc per open direction: nothing contracted."""
    segments = split_into_segments(streets, question, None)
    graph = nx.MultiDiGraph()
    for s in range(len(segments.way)):
        a, b, way = int(segments.start[s]), int(segments.end[s]), segments.way[s]
        if streets.forward[way]:
            graph.add_edge(a, b, weight=int(segments.along[s]))
        if streets.backward[way]:
            graph.add_edge(b, a, weight=int(segments.back[s]))
    return graph


def split_graph(engine: Engine, places: Places, sites: Sites) -> nx.DiGraph:
    """The network with a node for every candidate of every place and entrance, and arcs for the legs.

    Nodes: ``("node", i)``, ``("on", edge, along, back)``, ``("place", i)``, ``("site", entrance)``.
    """
    network = engine.network
    graph = nx.DiGraph()

    def arc(u: object, v: object, weight: int) -> None:
        if not graph.has_edge(u, v) or graph[u][v]["weight"] > weight:
            graph.add_edge(u, v, weight=weight)

    stops: dict[int, set[tuple[int, int]]] = {}
    for attachment in (places.attachment, sites.places.attachment):
        for edge, along, back in zip(attachment.edge, attachment.along, attachment.back, strict=True):
            stops.setdefault(int(edge), set()).add((int(along), int(back)))
    for edge in range(network.edge_count):
        last = network.segment_offset[edge + 1] + edge
        total = (int(network.cost_along[last]), int(network.cost_back[last]))
        chain = [(("node", int(network.edge_from[edge])), (0, 0))]
        chain += [(("on", edge, *stop), stop) for stop in sorted(stops.get(edge, ()))]
        chain += [(("node", int(network.edge_to[edge])), total)]
        for (u, at_u), (v, at_v) in pairwise(chain):
            if network.forward[edge]:
                arc(u, v, at_v[0] - at_u[0])
            if network.backward[edge]:
                arc(v, u, at_v[1] - at_u[1])
    for kind, attachment in (("place", places.attachment), ("site", sites.places.attachment)):
        for point, c in _rows(attachment):
            on = ("on", int(attachment.edge[c]), int(attachment.along[c]), int(attachment.back[c]))
            if kind == "place":
                arc((kind, point), on, int(attachment.leg[c]))
            else:
                arc(on, (kind, point), int(attachment.leg[c]))
    return graph


def _rows(attachment: Attachment) -> list[tuple[int, int]]:
    return [(p, c) for p in range(len(attachment.offset) - 1) for c in range(*attachment.offset[p : p + 2])]


def nearest_by_networkx(engine: Engine, places: Places, sites: Sites) -> tuple[np.ndarray, np.ndarray]:
    """Least impedance and facility of every place over the network alone (-1: none), ties to the smaller facility."""
    graph = split_graph(engine, places, sites).reverse()
    n = len(places.x)
    cost, facility = np.full(n, np.iinfo(np.int64).max), np.full(n, -1)
    for number in sorted(set(sites.facility.tolist())):
        entrances = [("site", int(e)) for e in np.flatnonzero(sites.facility == number) if ("site", int(e)) in graph]
        if not entrances:
            continue
        lengths = nx.multi_source_dijkstra_path_length(graph, set(entrances))
        for place in range(n):
            if lengths.get(("place", place), np.iinfo(np.int64).max) < cost[place]:
                cost[place], facility[place] = lengths[("place", place)], number
    return cost, facility


def edge_metres(network: NetworkData) -> np.ndarray:
    """Length of every edge."""
    return network.vertex_m[network.segment_offset[1:] + np.arange(network.edge_count)]
