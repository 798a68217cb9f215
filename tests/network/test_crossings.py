"""Where a road crosses a river without a bridge: who lives on this side is joined to this side of it."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from circle.network import build_network
from circle.network.bridge import network_to_graph
from circle.reach.attach import nearest_leg_m
from tests import towns

ROAD = [[(0, 0), (1000, 0)]]
SLANTING = [[(-1600, -500), (2400, 500)]]  # y = (x - 400) / 4: crosses the road at (400, 0)


def test_a_place_above_a_slanting_river_reaches_the_road_before_the_river():
    """At (450, 40) the river runs 12.5 m above the road, below the place. The nearest dry point of the road is (400, 0).

    Clinic at (0, 0): leg of √(50² + 40²) m at 1.17 s/m, then 400 m at 0.9 s/m.
    """
    town = towns.engine(towns.streets(ROAD), towns.barriers(SLANTING))
    found = towns.nearest(town, [(450, 40)], [(0, 0)])
    assert found.cost[0] == pytest.approx(1.17 * np.hypot(50, 40) + 400 * 0.9, abs=0.1)


def test_on_the_other_side_nothing_changes():
    """At (450, -40) the road is below the river too: straight up to it."""
    town = towns.engine(towns.streets(ROAD), towns.barriers(SLANTING))
    found = towns.nearest(town, [(450, -40)], [(0, 0)])
    assert found.cost[0] == pytest.approx(1.17 * 40 + 450 * 0.9, abs=0.1)


def test_a_bridge_is_not_cut_and_takes_nobody():
    town = towns.engine(towns.streets(ROAD, bridges=[0]), towns.barriers(SLANTING))
    assert len(town.network.attachable) == 1
    assert np.isinf(nearest_leg_m(towns.places(town, [(450, 40)]).attachment)[0])


def test_a_road_that_shares_a_vertex_with_the_barrier_is_not_cut():
    """A level crossing is drawn so: both sides can be joined as they are."""
    town = towns.engine(
        towns.streets([[(0, 0), (400, 0), (1000, 0)]]), towns.barriers([[(400, -90), (400, 0), (400, 90)]])
    )
    assert len(town.network.attachable) == 2


CORNERS = st.tuples(st.integers(-9, 9), st.integers(-9, 9)).map(lambda p: (p[0] * 53.0, p[1] * 47.0))
WAYS = st.lists(st.lists(CORNERS, min_size=2, max_size=4).filter(lambda w: len(set(w)) > 1), min_size=1, max_size=6)
ANGLES = st.lists(st.tuples(st.floats(0, np.pi), st.floats(-300, 300)), min_size=1, max_size=3)


def across_the_town(angle, offset_m):
    """A straight river from one end of the town to the other."""
    along, beside = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    return [tuple(beside * offset_m + along * far) for far in (-1000.0, 1000.0)]


@settings(max_examples=60)
@given(WAYS, ANGLES)
def test_cutting_changes_no_time_and_no_length(ways, rivers):
    """Between all junctions, in both directions, to the millisecond."""
    streets = towns.streets(ways, oneway=[0], factor={0: 0.6})
    walls = towns.barriers([across_the_town(*river) for river in rivers])
    dry, wet = (build_network(streets, barriers, towns.question()) for barriers in (towns.barriers(), walls))
    assert wet.edge_count == dry.edge_count
    assert wet.vertex_m[wet.segment_offset[1:] + np.arange(wet.edge_count)].sum() == pytest.approx(
        dry.vertex_m[dry.segment_offset[1:] + np.arange(dry.edge_count)].sum()
    )
    times = []
    for network in (dry, wet):
        graph = network_to_graph(network)
        # the node of a ring without a junction may be any vertex of it
        graph.remove_nodes_from([node for node in list(graph) if set(graph.to_undirected()[node]) == {node}])
        name = {node: (data["x"], data["y"]) for node, data in graph.nodes(data=True)}
        paths = nx.all_pairs_dijkstra_path_length(graph, weight="impedance")
        times.append({(name[u], name[v]): cost for u, costs in paths for v, cost in costs.items()})
    assert times[0] == times[1]


@settings(max_examples=60)
@given(WAYS, ANGLES, st.lists(CORNERS, min_size=1, max_size=8))
def test_the_nearest_road_is_the_nearest_on_ones_own_side_of_every_river(ways, rivers, homes):
    """shapely cuts the world along the rivers; a home's own piece of it is convex, and all of its roads can be seen."""
    lines = [across_the_town(*river) for river in rivers]
    world = shapely.box(-600, -600, 600, 600)
    pieces = shapely.get_parts(
        shapely.polygonize([shapely.union_all([world.exterior, *(shapely.LineString(line) for line in lines)])])
    )
    homes = [(x + 11.3, y - 7.9) for x, y in homes]
    clear = [
        home for home in homes if min(shapely.LineString(line).distance(shapely.Point(home)) for line in lines) > 1
    ]
    corners = shapely.MultiPoint([corner for way in ways for corner in way])
    assume(clear and all(shapely.LineString(line).distance(corners) > 1 for line in lines))
    engine = towns.engine(towns.streets(ways), towns.barriers(lines))
    found = nearest_leg_m(towns.places(engine, clear).attachment)
    roads = shapely.MultiLineString(ways)
    for home, leg_m in zip(clear, found, strict=True):
        (own,) = [piece for piece in pieces if piece.contains(shapely.Point(home))]
        dry = shapely.intersection(roads, own.buffer(-0.02))
        expected = np.inf if dry.is_empty else dry.distance(shapely.Point(home))
        assert leg_m == pytest.approx(expected, abs=0.3)
