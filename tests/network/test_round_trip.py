"""A network that goes out to networkx and comes back is the same network, to the millisecond."""

from __future__ import annotations

import networkx as nx
import numpy as np
import osmnx
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString

import circle
from circle.api.network import Network
from circle.model import Elevation
from circle.network import build_network
from tests import towns

STEP_M = 130.0
CORNERS = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(lambda p: (p[0] * STEP_M, p[1] * STEP_M))
WAY = st.lists(CORNERS, min_size=2, max_size=6).filter(lambda way: len(set(way)) > 1)


@st.composite
def networks(draw, metric="time", speed_kmh=None):
    """Ways between the corners of a grid: loops, parallels, slower ways, one-way streets, bridges, ferries, slopes."""
    ways = draw(st.lists(WAY, min_size=1, max_size=9))
    some = st.sets(st.integers(0, len(ways) - 1))
    factors = {way: draw(st.sampled_from([0.6, 0.75, 1.3])) for way in draw(some)}
    ferries = {way: draw(st.floats(1.0, 900.0)) for way in draw(some)}
    town = towns.streets(ways, oneway=draw(some), bridges=draw(some), factor=factors, duration_s=ferries)
    heights = None
    if draw(st.booleans()):
        metres = np.random.default_rng(draw(st.integers(0, 999))).uniform(0, 40, (20, 20)).astype(np.float32)
        heights = Elevation(metres, (5e-4, 0.0, 118.998, 0.0, -5e-4, 29.008), "EPSG:4326")
    asked = {"metric": metric} | ({} if speed_kmh is None else {"walking_speed_kmh": speed_kmh})
    return Network(build_network(town, towns.barriers(), towns.question(**asked), elevation=heights))


def impedances(graph):
    """All least impedances between junctions, which are named by where they are."""
    name = {node: (data["x"], data["y"]) for node, data in graph.nodes(data=True)}
    assert len(set(name.values())) == len(name)
    paths = nx.all_pairs_dijkstra_path_length(graph, weight="impedance")
    return {(name[u], name[v]): cost for u, costs in paths for v, cost in costs.items()}


POINTS = pd.DataFrame(
    [towns.degrees(x, y) for x, y in np.random.default_rng(7).uniform(-40, 560, (25, 2))], columns=["lon", "lat"]
)


@given(networks())
def test_every_travel_time_comes_back(network):
    """Between all junctions in both directions, and between places in the middle of the roads, legs included."""
    graph = network.to_networkx()
    again = Network.from_networkx(graph)
    assert impedances(again.to_networkx()) == impedances(graph)
    before, after = (circle.travel_times(net, POINTS, POINTS) for net in (network, again))
    pd.testing.assert_frame_equal(before, after)


@given(networks(metric="distance"))
def test_every_distance_comes_back(network):
    again = Network.from_networkx(network.to_networkx())
    assert again.unit == "distance_m"
    assert impedances(again.to_networkx()) == impedances(network.to_networkx())


def mixed():
    """1 km in two halves, the second at 0.6 of the speed: 450 + 750 s, the chain's own class would say 900 or 1500."""
    town = towns.streets([[(0, 0), (500, 0)], [(500, 0), (1000, 0)]], factor={1: 0.6})
    return Network(build_network(town, towns.barriers(), towns.question()))


def test_a_chain_that_mixes_road_classes_keeps_both_speeds():
    (total,) = {data["impedance"] for *_, data in mixed().to_networkx().edges(data=True)}
    assert total == pytest.approx(1_200_000, abs=2)
    assert impedances(Network.from_networkx(mixed().to_networkx()).to_networkx()) == impedances(mixed().to_networkx())


def test_a_file_in_between_changes_nothing(tmp_path):
    """GraphML holds text only; OSMnx writes it and reads it."""
    graph = mixed().to_networkx()
    osmnx.save_graphml(graph, tmp_path / "graph.graphml")
    again = Network.from_networkx(osmnx.load_graphml(tmp_path / "graph.graphml"))
    assert sorted(impedances(again.to_networkx()).values()) == sorted(impedances(graph).values())


def test_a_new_street_is_reckoned_beside_those_that_know_their_time():
    """From the far end of the mixed road 500 m of stairs onward (factor 0.6): 500 × 0.9 / 0.6 = 750 s more."""
    graph = mixed().to_networkx()
    east = max(graph, key=lambda node: graph.nodes[node]["x"])
    west = min(graph, key=lambda node: graph.nodes[node]["x"])
    lon, lat = towns.degrees(1500, 0)
    graph.add_node("new", x=lon, y=lat)
    graph.add_edge(east, "new", highway="steps")
    start, end = graph.nodes[west], graph.nodes["new"]
    found = impedances(Network.from_networkx(graph).to_networkx())
    assert found[(start["x"], start["y"]), (end["x"], end["y"])] == pytest.approx(1_200_000 + 750_000, abs=3)


def test_times_of_one_speed_are_not_passed_off_as_those_of_another():
    graph = mixed().to_networkx()
    assert Network.from_networkx(graph, walking_speed_kmh=4.0).data.leg_speed_m_s == pytest.approx(4 / 3.6)
    with pytest.raises(circle.InputError, match="4 km/h, not at 5"):
        Network.from_networkx(graph, walking_speed_kmh=5.0)


@pytest.mark.parametrize("wrong", [(1,), (1, 2, 3), (1.5, 2), (-1, 2), "what", "(1,"])
def test_values_that_do_not_fit_the_line_are_refused(wrong):
    graph = mixed().to_networkx()
    for *_, data in graph.edges(data=True):
        data["segment_impedance"] = wrong
    with pytest.raises(circle.InputError, match=r"2 edges .*segment_impedance"):
        Network.from_networkx(graph)
    for *_, data in graph.edges(data=True):
        del data["segment_impedance"], data["segment_attachable"]
    assert Network.from_networkx(graph).data.edge_count == 1


def test_part_of_a_line_may_be_closed_to_places():
    """A bridge amid a road: beside its middle one joins the road at an end of it, before and after the round trip."""
    town = towns.streets([[(0, 0), (400, 0)], [(400, 0), (600, 0)], [(600, 0), (1000, 0)]], bridges=[1])
    network = Network(build_network(town, towns.barriers(), towns.question()))
    again = Network.from_networkx(network.to_networkx())
    at = pd.DataFrame([towns.degrees(450, 10), towns.degrees(0, 0)], columns=["lon", "lat"])
    (time_s,) = circle.travel_times(again, at[:1], at[1:])["travel_time_s"]
    assert time_s == pytest.approx(400 * 0.9 + 1.17 * np.hypot(50, 10), abs=0.05)


def test_a_graph_of_osmnx_knows_no_times_and_is_reckoned_by_its_tags():
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    for node, x in ((1, 0), (2, 600)):
        lon, lat = towns.degrees(x, 0)
        graph.add_node(node, x=lon, y=lat)
    line = LineString([towns.degrees(0, 0), towns.degrees(300, 400), towns.degrees(600, 0)])
    graph.add_edge(1, 2, osmid=5, highway="residential", length=1000.0, geometry=line, oneway=False)
    graph.add_edge(2, 1, osmid=5, highway="residential", length=1000.0, geometry=shapely.reverse(line), oneway=False)
    found = Network.from_networkx(graph, walking_speed_kmh=5.0).to_networkx()
    assert sorted(impedances(found).values()) == pytest.approx([0, 0, 720_000, 720_000], abs=30)
