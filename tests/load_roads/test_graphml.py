"""Graphs as OSMnx makes them to streets."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from shapely import LineString

from circle.errors import Findings
from circle.load.graphml import read_graphml, streets_from_graph
from circle.load.located import Located
from circle.model import Streets
from tests.load_roads.drawing import codes


def graph_of(**nodes: tuple[float, float]) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    for name, (x, y) in (nodes or {"1": (118.0, 29.0), "2": (118.01, 29.0), "3": (118.02, 29.0)}).items():
        graph.add_node(int(name.strip("n")), x=x, y=y)
    return graph


def streets_of(graph: nx.MultiDiGraph) -> tuple[Streets | None, Findings]:
    findings = Findings()
    return streets_from_graph(graph, Located(findings, "graph")), findings


BEND = LineString([(118.0, 29.0), (118.005, 29.005), (118.006, 29.004), (118.01, 29.0)])


def test_an_edge_and_its_reverse_are_one_street_both_ways_and_a_lone_edge_is_one_way() -> None:
    graph = graph_of()
    graph.add_edge(1, 2, osmid=7, highway="residential", geometry=BEND)
    graph.add_edge(2, 1, osmid=7, highway="residential", geometry=BEND.reverse())
    graph.add_edge(2, 3, osmid=8, highway="steps")
    streets, findings = streets_of(graph)
    assert streets is not None
    assert streets.way_id.tolist() == [7, 8]
    assert streets.forward.tolist() == [True, True]
    assert streets.backward.tolist() == [True, False]
    assert streets.speed_factor.tolist() == [1.0, 0.6]
    first = streets.way_vertex[:4]
    assert list(zip(streets.lon[first], streets.lat[first], strict=True)) == list(BEND.coords)
    assert streets.way_vertex[3] == streets.way_vertex[4]
    assert codes(findings) == []


def test_the_same_ends_by_another_line_are_two_one_way_streets() -> None:
    graph = graph_of()
    graph.add_edge(1, 2, osmid=7, geometry=BEND)
    graph.add_edge(2, 1, osmid=7)
    streets, _ = streets_of(graph)
    assert streets is not None
    assert streets.backward.tolist() == [False, False]


def test_joined_ways_listed_in_the_order_of_walking_are_still_one_street() -> None:
    graph = graph_of()
    graph.add_edge(1, 2, osmid=[7, 9], highway=["residential", "steps"])
    graph.add_edge(2, 1, osmid=[9, 7], highway=["residential", "steps"])
    streets, _ = streets_of(graph)
    assert streets is not None
    assert streets.backward.tolist() == [True]


def test_parallel_edges_and_loops_survive() -> None:
    graph = graph_of()
    graph.add_edge(1, 2, osmid=5, geometry=BEND)
    graph.add_edge(1, 2, osmid=6)
    ring = LineString([(118.0, 29.0), (118.001, 29.001), (118.002, 29.0), (118.0, 29.0)])
    graph.add_edge(1, 1, osmid=9, geometry=ring)
    streets, _ = streets_of(graph)
    assert streets is not None
    assert streets.way_id.tolist() == [5, 6, 9]
    assert streets.way_vertex[-1] == streets.way_vertex[-4] == 0


def test_an_undirected_graph_is_walked_both_ways() -> None:
    graph = nx.Graph(graph_of())
    graph.add_edge(1, 2)
    streets, _ = streets_of(graph)  # type: ignore[arg-type]
    assert streets is not None
    assert streets.backward.tolist() == [True]


def test_a_projected_graph_is_brought_to_degrees() -> None:
    """EPSG:4549 has its central meridian at 120 E with a false easting of 500 km: that easting is 120 E exactly."""
    graph = graph_of(n1=(500000.0, 3200000.0), n2=(500000.0, 3201000.0))
    graph.graph["crs"] = "EPSG:4549"
    graph.add_edge(1, 2)
    streets, _ = streets_of(graph)
    assert streets is not None
    assert streets.lon == pytest.approx([120.0, 120.0], abs=1e-9)
    assert 28.0 < streets.lat[0] < streets.lat[1] < 30.0


def test_motorways_are_left_out_and_counted() -> None:
    graph = graph_of()
    graph.add_edge(1, 2, highway="motorway")
    graph.add_edge(2, 3, highway="residential", bridge="yes")
    streets, _ = streets_of(graph)
    assert streets is not None
    assert streets.counts == {"blocked_class": 1}
    assert streets.spans.tolist() == [True]


def test_own_attributes_of_an_edge_win() -> None:
    graph = graph_of()
    graph.add_edge(1, 2, highway="ferry", duration_s=600.0)
    graph.add_edge(2, 3, highway="my_own_class", speed_factor=0.5, attachable=False, duration_s=float("nan"))
    streets, _ = streets_of(graph)
    assert streets is not None
    assert streets.duration_s[0] == 600.0
    assert np.isnan(streets.duration_s[1])
    assert streets.speed_factor.tolist() == [1.0, 0.5]
    assert streets.attachable.tolist() == [False, False]
    assert streets.classes == ("ferry", "my_own_class")


@pytest.mark.parametrize("broken", ["no_x", "text", "metres_as_degrees", "crs"])
def test_a_graph_without_usable_positions_is_an_error(broken: str) -> None:
    graph = graph_of()
    graph.add_edge(1, 2)
    if broken == "no_x":
        del graph.nodes[1]["x"]
    elif broken == "text":
        graph.nodes[1]["x"] = "east"
    elif broken == "metres_as_degrees":
        graph.nodes[1]["x"] = 500000.0
    else:
        graph.graph["crs"] = "EPSG:1"
    streets, findings = streets_of(graph)
    assert streets is None
    assert codes(findings) == ["roads.graph_positions"]


def test_a_graph_without_a_walkable_edge_is_an_error() -> None:
    streets, findings = streets_of(graph_of())
    assert streets is None
    assert codes(findings) == ["roads.graph_empty"]


def test_what_osmnx_saves_is_read(tmp_path: Path) -> None:
    import osmnx

    graph = graph_of()
    graph.add_edge(1, 2, key=0, osmid=7, highway="residential", oneway=False, length=1000.0, geometry=BEND)
    graph.add_edge(2, 1, key=0, osmid=7, highway="residential", oneway=False, length=1000.0, geometry=BEND.reverse())
    graph.add_edge(2, 3, key=0, osmid=[8, 9], highway=["steps", "path"], oneway=True, length=1000.0)
    path = tmp_path / "路网 graph.graphml"
    osmnx.save_graphml(graph, path)
    findings = Findings()
    streets = read_graphml(path, findings)
    assert streets is not None
    assert streets.way_id.tolist() == [7, 8]
    assert streets.backward.tolist() == [True, False]
    assert codes(findings) == []


@pytest.mark.parametrize(
    "text",
    ["", "not a graph", "<graphml>", "<html></html>", "<graphml xmlns='http://graphml.graphdrawing.org/xmlns'/>"],
)
def test_a_damaged_graph_file_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "graph.graphml"
    path.write_text(text, encoding="utf-8")
    findings = Findings()
    assert read_graphml(path, findings) is None
    assert len(findings.errors) == 1
    assert codes(findings)[0].startswith("roads.graph")


def test_a_missing_graph_file_is_an_error(tmp_path: Path) -> None:
    findings = Findings()
    assert read_graphml(tmp_path / "nowhere.graphml", findings) is None
    assert codes(findings) == ["file.missing"]
