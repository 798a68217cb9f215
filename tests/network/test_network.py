"""Streets become a network: chains, pieces, impedance, and the graph that others read."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from circle.model import Elevation
from circle.network import build_network
from circle.network.bridge import network_to_graph
from tests import oracle, towns


def network(ways, **options):
    """A toy town's network."""
    return build_network(towns.streets(ways, **options), towns.barriers(), towns.question())


def test_a_chain_between_two_ends_is_one_edge_with_its_shape_and_sums():
    """Three ways end to end, 100 + 200 + 300 m: one edge of four vertices, 90, 270 and 540 s on the way."""
    net = network([[(0, 0), (100, 0)], [(300, 0), (100, 0)], [(300, 0), (600, 0)]])
    assert (net.edge_count, net.node_count) == (1, 2)
    sums = net.cost_along if net.vertex_x[0] < net.vertex_x[-1] else net.cost_along[-1] - net.cost_along[::-1]
    assert sums == pytest.approx([0, 90_000, 270_000, 540_000], abs=2)
    assert net.vertex_m[-1] == pytest.approx(600, abs=0.01)


def test_a_crossing_a_dead_end_and_a_ring_are_told_apart():
    """A cross has 5 nodes and 4 edges; a ring without a junction has one node and one loop; a ring on a road two nodes."""
    cross = network([[(-100, 0), (0, 0), (100, 0)], [(0, -100), (0, 0), (0, 100)]])
    assert (cross.node_count, cross.edge_count) == (5, 4)
    ring = network([[(0, 0), (100, 0), (100, 100), (0, 0)]])
    assert (ring.node_count, ring.edge_count, ring.counts["loops"]) == (1, 1, 1)
    lollipop = network([[(0, 0), (100, 0), (100, 100), (0, 0)], [(0, 0), (-100, 0)]])
    assert (lollipop.node_count, lollipop.edge_count) == (2, 2)


def test_lines_that_cross_without_a_shared_vertex_do_not_meet():
    """A bridge over a road: four ends, two edges, two pieces."""
    net = network([[(-100, 0), (100, 0)], [(0, -100), (0, 100)]])
    assert (net.node_count, net.edge_count, net.piece_count) == (4, 2, 2)


def test_a_one_way_street_begins_a_new_edge():
    """Two ways in line, the second one-way: three nodes, since a walker may turn back on the first only."""
    net = network([[(0, 0), (100, 0)], [(100, 0), (200, 0)]], oneway=[1])
    assert (net.node_count, net.edge_count) == (3, 2)
    assert sorted((bool(f), bool(b)) for f, b in zip(net.forward, net.backward, strict=True)) in (
        [(False, True), (True, True)],
        [(True, False), (True, True)],
    )


def test_the_largest_piece_comes_first_and_nothing_is_lost():
    net = network([[(0, 0), (100, 0)], [(0, 500), (50, 500)], [(50, 500), (50, 600)], [(50, 500), (90, 500)]])
    assert net.piece_count == 2
    assert np.bincount(net.piece).tolist() == [4, 2]
    assert oracle.edge_metres(net).sum() == pytest.approx(100 + 50 + 100 + 40, abs=0.01)


def test_refining_a_road_for_its_slope_keeps_its_length_and_its_ends():
    """A 1 km road over a flat height grid of 50 m: the same edge and time, in 21 pieces (geodesic rounding)."""
    town = towns.streets([[(0, 0), (1000, 0)]])
    flat = Elevation(np.full((50, 50), 7.0, np.float32), (5e-4, 0.0, 118.995, 0.0, -5e-4, 29.01), "EPSG:4326")
    net = build_network(town, towns.barriers(), towns.question(), elevation=flat)
    assert net.edge_count == 1
    assert len(net.attachable) > 15
    assert net.vertex_m[-1] == pytest.approx(1000, abs=0.01)
    assert net.cost_along[-1] == pytest.approx(900_000, abs=len(net.attachable))


def test_unknown_heights_count_as_level_ground():
    town = towns.streets([[(0, 0), (1000, 0)]])
    void = Elevation(np.full((50, 50), np.nan, np.float32), (5e-4, 0.0, 118.995, 0.0, -5e-4, 29.01), "EPSG:4326")
    net = build_network(town, towns.barriers(), towns.question(), elevation=void)
    assert net.cost_along[-1] == pytest.approx(900_000, abs=len(net.attachable))


def test_the_graph_has_the_same_shortest_times():
    """networkx on `to_networkx` gives the integer that the raw streets give."""
    ways = [[(0, 0), (300, 0), (300, 400)], [(0, 0), (0, 400), (300, 400)], [(300, 400), (900, 400)]]
    town = towns.streets(ways, oneway=[1])
    net = build_network(town, towns.barriers(), towns.question())
    graph = network_to_graph(net)
    raw = oracle.street_graph(town, towns.question())
    vertex = {(lon, lat): i for i, (lon, lat) in enumerate(zip(town.lon, town.lat, strict=True))}
    named = {n: vertex[data["x"], data["y"]] for n, data in graph.nodes(data=True)}
    for source in graph:
        lengths = nx.single_source_dijkstra_path_length(graph, source, weight="impedance")
        expected = nx.single_source_dijkstra_path_length(raw, named[source])
        assert all(expected[named[n]] == cost for n, cost in lengths.items())
    assert graph.graph["crs"] == "EPSG:4326"
    assert all({"length", "geometry", "travel_time", "highway"} <= data.keys() for *_, data in graph.edges(data=True))


def test_a_ring_walked_both_ways_keeps_both_arcs_in_the_graph():
    graph = network_to_graph(network([[(0, 0), (100, 0), (100, 100), (0, 0)]]))
    assert graph.number_of_edges() == 2
