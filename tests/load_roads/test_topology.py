"""Hand-drawn lines without topology: joined where they meet, apart where a bridge runs over a road, all of it counted."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from circle.errors import Findings
from circle.load.located import Located
from circle.load.road_layers import streets_from_lines
from circle.load.topology import Topology
from circle.model import RoadRepairs, Streets
from tests import towns
from tests.load_roads.drawing import codes
from tests.oracle import street_graph

Line = list[tuple[float, float]]
MS_PER_M = 900
"""4 km/h."""


def layer(lines: list[Any], **columns: list[Any]) -> gpd.GeoDataFrame:
    """Lines in metres as a layer in degrees, rows counted from 1."""
    shapes = [
        shapely.transform(
            shapely.LineString(line) if isinstance(line, list) else line,
            lambda xy: np.array([towns.degrees(*point[:2]) for point in xy]).reshape(-1, 2),
        )
        for line in lines
    ]
    data = {"highway": ["residential"] * len(lines), **columns}
    return gpd.GeoDataFrame(data, geometry=shapes, index=np.arange(1, len(lines) + 1), crs=4326)


def read(lines: list[Any], mode: str = "repair", snap_m: float = 3.0, **columns: list[Any]) -> tuple[Streets, Findings]:
    findings = Findings()
    topology = Topology(mode, snap_m)  # type: ignore[arg-type]
    streets = streets_from_lines(layer(lines, **columns), Located(findings, "roads"), topology=topology)
    assert streets is not None
    return streets, findings


def repairs(streets: Streets) -> RoadRepairs:
    assert streets.repairs is not None
    return streets.repairs


def counted(streets: Streets) -> dict[str, int]:
    return {kind: n for kind, n in repairs(streets).counts().items() if n}


def metres(streets: Streets) -> np.ndarray:
    """Positions of the vertices in metres east and north of the origin."""
    azimuth, _, distance = towns.GEOD.inv(
        np.full(len(streets.lon), towns.LON_0), np.full(len(streets.lon), towns.LAT_0), streets.lon, streets.lat
    )
    return np.column_stack([distance * np.sin(np.radians(azimuth)), distance * np.cos(np.radians(azimuth))])


def cost_ms(streets: Streets, start: tuple[float, float], end: tuple[float, float]) -> float:
    """Milliseconds at 4 km/h between the vertices nearest to two points, by networkx on single segments; inf: no way."""
    graph, at = street_graph(streets, towns.question()), metres(streets)
    a, b = (int(np.hypot(*(at - point).T).argmin()) for point in (start, end))
    try:
        return float(nx.dijkstra_path_length(graph, a, b))
    except (nx.NetworkXNoPath, nx.NodeNotFound):
        return np.inf


CROSS: list[Line] = [[(-100, 0), (100, 0)], [(0, -100), (0, 100)]]


def test_a_crossing_without_a_vertex_is_joined_and_its_place_known() -> None:
    streets, findings = read(CROSS)
    assert counted(streets) == {"crossing": 1}
    assert cost_ms(streets, (-100, 0), (0, 100)) == pytest.approx(200 * MS_PER_M, abs=20)
    seen = repairs(streets)
    assert (seen.lon[0], seen.lat[0]) == pytest.approx((towns.LON_0, towns.LAT_0), abs=1e-7)
    assert seen.distance_m.tolist() == [0.0]
    assert seen.way_id.tolist() == [1]
    assert seen.joined.tolist() == [True]
    assert codes(findings) == ["topology.mended", "topology.heights_unknown"]


def test_as_drawn_nobody_looks() -> None:
    streets, findings = read(CROSS, "as-drawn")
    assert streets.repairs is None
    assert cost_ms(streets, (-100, 0), (0, 100)) == np.inf
    assert codes(findings) == []


@pytest.mark.parametrize(
    ("end", "kind", "moved_m"),
    [
        ((0, 2), "end_to_line", 2.0),
        ((0, 0), "end_to_line", 0.0),
        ((0, -2), "overshoot", 2.0),
        ((-4, 2), "end_to_line", 2.0),
    ],
)
def test_ends_short_of_a_line_on_it_and_beyond_it_are_joined_to_it(
    end: tuple[float, float], kind: str, moved_m: float
) -> None:
    """Main street along y = 0; the side street comes from (0, 50). The foot of its end on the street is (x, 0)."""
    streets, _ = read([[(-100, 0), (100, 0)], [(0, 50), end]])
    assert counted(streets) == {kind: 1}
    assert repairs(streets).distance_m[0] == pytest.approx(moved_m, abs=0.01)
    foot = end[0]
    assert cost_ms(streets, (0, 50), (100, 0)) == pytest.approx((np.hypot(foot, 50) + 100 - foot) * MS_PER_M, abs=20)
    assert np.abs(metres(streets)[:, 1]).min() < 0.01
    assert metres(streets)[:, 1].min() > -0.02  # what was drawn beyond the street is cut off


def test_an_overshoot_of_several_vertices_shrinks_to_the_crossing() -> None:
    streets, _ = read([[(-100, 0), (100, 0)], [(0, 50), (0, 1), (0, -0.5), (0.5, -1.5)]])
    assert counted(streets) == {"overshoot": 1}
    assert metres(streets)[:, 1].min() > -0.02
    assert cost_ms(streets, (0, 50), (100, 0)) == pytest.approx(150 * MS_PER_M, abs=20)


@pytest.mark.parametrize(("gap", "kind"), [(3.2, "near_miss"), (8.9, "near_miss"), (9.2, None)])
def test_beyond_the_tolerance_an_end_is_left_alone_and_named_if_it_is_near(gap: float, kind: str | None) -> None:
    streets, findings = read([[(-100, 0), (100, 0)], [(0, 50), (0, gap)]])
    assert counted(streets) == ({kind: 1} if kind else {})
    assert cost_ms(streets, (0, 50), (100, 0)) == np.inf
    assert not repairs(streets).joined.any()
    if kind:
        assert repairs(streets).distance_m[0] == pytest.approx(gap, abs=0.01)
    assert codes(findings) == (["topology.near_misses"] if kind else [])


def test_the_tolerance_is_the_users() -> None:
    lines: list[Line] = [[(-100, 0), (100, 0)], [(0, 50), (0, 8)]]
    assert counted(read(lines, snap_m=8.1)[0]) == {"end_to_line": 1}
    assert counted(read(lines, snap_m=7.9)[0]) == {"near_miss": 1}


def test_four_ends_around_a_crossroads_become_one() -> None:
    """No end moves more than the tolerance, however they are paired."""
    lines: list[Line] = [[(100, 0), (1, 0)], [(-100, 0), (-1, 0.2)], [(0, 100), (0.1, 1)], [(0, -100), (0, -1)]]
    streets, _ = read(lines)
    assert counted(streets) == {"end_to_end": 3}
    assert repairs(streets).distance_m.max() <= 3.0
    for start in ((100, 0), (-100, 0), (0, 100)):
        assert cost_ms(streets, start, (0, -100)) == pytest.approx(200 * MS_PER_M, abs=4 * 3 * MS_PER_M)


def test_a_chain_of_ends_never_moves_one_farther_than_the_tolerance() -> None:
    """Ends 2 m from each other in a row 18 m long: joined in groups, none over 3 m away."""
    lines: list[Line] = [[(2 * n, 0), (2 * n, 100 + n)] for n in range(10)]
    streets, _ = read(lines)
    assert repairs(streets).distance_m[repairs(streets).joined].max() <= 3.0
    low = metres(streets)[metres(streets)[:, 1] < 50]
    assert np.abs(low[:, 0] - np.clip(low[:, 0], 0, 18)).max() < 0.02


def test_two_ends_that_meet_short_of_a_line_are_joined_to_it_too() -> None:
    streets, _ = read([[(-100, 0), (100, 0)], [(-30, 50), (-0.5, 1)], [(30, 50), (0.5, 1)]])
    assert counted(streets) == {"end_to_end": 1, "end_to_line": 1}
    assert cost_ms(streets, (-30, 50), (100, 0)) < 170 * MS_PER_M


def test_streets_from_both_sides_that_stop_short_of_the_main_street() -> None:
    streets, _ = read([[(-100, 0), (100, 0)], [(0, 100), (0, 1)], [(0, -100), (0, -1)]])
    assert cost_ms(streets, (0, 100), (0, -100)) == pytest.approx(200 * MS_PER_M, abs=20)
    assert cost_ms(streets, (0, 100), (100, 0)) == pytest.approx(200 * MS_PER_M, abs=20)


@pytest.mark.parametrize(
    "columns",
    [
        {"layer": [0, 1]},
        {"LAYER": ["0", "1"]},
        {"level": [None, 1.0]},
        {"层": ["0", "1"]},
        {"bridge": ["F", "T"]},
        {"桥梁": ["否", "是"]},
        {"tunnel": ["no", "yes"]},
        {"隧道": [0, 1]},
        {"名称": ["滨江路", "衢江大桥"]},
        {"名称": ["滨江路", "城东隧道"]},
        {"name": ["River Road", "Old Bridge"]},
    ],
)
def test_a_road_under_a_bridge_is_not_joined_to_it(columns: dict[str, list[Any]]) -> None:
    streets, findings = read(CROSS, **columns)
    assert counted(streets) == {"left_apart": 1}
    assert cost_ms(streets, (-100, 0), (0, 100)) == np.inf
    assert codes(findings) == ["topology.left_apart"]
    assert findings.problems[0].fields["columns"] == next(iter(columns))
    assert not repairs(streets).joined.any()


def test_a_column_of_grades_is_no_height() -> None:
    streets, findings = read(CROSS, level=[2, 3])
    assert counted(streets) == {"crossing": 1}
    assert "topology.level_is_grade" in codes(findings)


def test_the_ends_of_a_bridge_come_to_the_ground() -> None:
    """A bridge from one street to another, a metre short on one side and a metre too long on the other, over a path."""
    lines: list[Line] = [[(-50, 0), (50, 0)], [(-50, 100), (50, 100)], [(0, 1), (0, 101)], [(-50, 50), (50, 50)]]
    streets, _ = read(lines, bridge=["F", "F", "T", "F"])
    assert counted(streets) == {"end_to_line": 1, "overshoot": 1, "left_apart": 1}
    assert cost_ms(streets, (50, 0), (50, 100)) == pytest.approx(200 * MS_PER_M, abs=20)
    assert cost_ms(streets, (50, 50), (50, 100)) == np.inf


def test_a_path_that_ends_beneath_a_bridge_is_not_lifted_onto_it() -> None:
    streets, _ = read([[(-100, 0), (100, 0)], [(0, 50), (0, 1)]], bridge=["T", "F"])
    assert counted(streets) == {"left_apart": 1}
    assert repairs(streets).distance_m[0] == pytest.approx(1.0, abs=0.01)


def test_a_ferry_is_boarded_at_its_ends() -> None:
    """A ferry from quay to quay passes over a path that is drawn through the water."""
    lines: list[Line] = [[(0, 0), (0, 100)], [(-50, 0), (50, 0)], [(-50, 100), (50, 100)], [(-50, 50), (50, 50)]]
    streets, _ = read(
        lines,
        highway=[None, *["residential"] * 3],
        route=["ferry", None, None, None],
        duration=["10", None, None, None],
    )
    assert counted(streets) == {"end_to_line": 2, "left_apart": 1}
    assert cost_ms(streets, (50, 50), (50, 0)) == np.inf
    assert cost_ms(streets, (50, 0), (50, 100)) == pytest.approx(600_000 + 100 * MS_PER_M, abs=20)


def test_motorways_take_no_part() -> None:
    streets, _ = read([*CROSS, [(-50, -50), (50, 60)]], highway=["residential", "residential", "motorway"])
    assert counted(streets) == {"crossing": 1}


def test_lines_that_cross_themselves_loops_and_rings() -> None:
    """An eight crosses itself at (0, 0); a ring whose ends are a metre apart is closed."""
    eight = [(-60, -40), (60, 40), (60, -40), (-60, 40)]
    streets, _ = read([eight])
    assert counted(streets) == {"crossing": 1}
    way_m = 2 * np.hypot(60, 40)
    assert cost_ms(streets, (-60, -40), (-60, 40)) == pytest.approx(way_m * MS_PER_M, abs=20)
    ring = [(200, 0), (300, 0), (300, 100), (200, 100), (200, 1)]
    assert counted(read([ring])[0]) == {"end_to_end": 1}
    closed = [(200, 0), (300, 0), (300, 100), (200, 100), (200, 0)]
    assert counted(read([closed])[0]) == {}


def test_overlapping_lines_share_the_vertices_within_their_overlap() -> None:
    """[0, 100] and [60, 200] on one straight line, and a street that crosses where both lie: one network of 200 m."""
    streets, _ = read([[(0, 0), (100, 0)], [(60, 0), (200, 0)], [(80, -50), (80, 50)]])
    assert cost_ms(streets, (0, 0), (200, 0)) == pytest.approx(200 * MS_PER_M, abs=20)
    assert cost_ms(streets, (80, 50), (200, 0)) == pytest.approx(170 * MS_PER_M, abs=20)
    assert cost_ms(streets, (80, 50), (0, 0)) == pytest.approx(130 * MS_PER_M, abs=20)
    assert counted(streets)["end_to_line"] == 2


def test_lines_drawn_twice_are_repaired_as_one_and_counted_once() -> None:
    main, side = [(-100, 0), (100, 0)], [(0, 50), (0, 3), (0, 1)]
    streets, _ = read([main, side, side, side[::-1], main[::-1]])
    assert counted(streets) == {"end_to_line": 1}
    assert streets.counts["duplicate_way"] == 3
    assert cost_ms(streets, (0, 50), (100, 0)) == pytest.approx(150 * MS_PER_M, abs=20)


def test_multi_lines_heights_and_lines_of_no_length() -> None:
    several = shapely.MultiLineString([[(-100, 0, 5), (100, 0, 6)], [(0, 50, 1), (0, 1, 2)]])
    nothing = shapely.LineString([(30, 30), (30, 30)])
    streets, _ = read([several, nothing, nothing])
    assert counted(streets) == {"end_to_line": 1}
    assert cost_ms(streets, (0, 50), (100, 0)) == pytest.approx(150 * MS_PER_M, abs=20)
    only, _ = read([nothing])
    assert counted(only) == {}


def test_a_short_dead_end_and_an_acute_corner_stay_as_they_are() -> None:
    """A stub of 2 m with a shared vertex, and a street that leaves at a small angle: both join where they are drawn."""
    lines: list[Line] = [[(-100, 0), (0, 0), (100, 0)], [(0, 0), (0.5, 2)], [(0, 0), (0.5, -2)]]
    streets, findings = read(lines)
    assert counted(streets) == {}
    assert codes(findings) == []
    assert streets.way_vertex.tolist() == read(lines, "as-drawn")[0].way_vertex.tolist()


def test_a_vertex_that_only_touches_another_line_joins_it() -> None:
    streets, _ = read([[(-100, 0), (100, 0)], [(-50, 60), (0, 0), (50, 60)]])
    assert counted(streets) == {"crossing": 1}
    assert cost_ms(streets, (-50, 60), (-100, 0)) == pytest.approx((np.hypot(50, 60) + 100) * MS_PER_M, abs=20)


def grid(columns: int, rows: int) -> list[Line]:
    """A town of streets every 100 m, each block between two junctions a line of its own."""
    across: list[Line] = [
        [(100.0 * i, 100.0 * j), (100.0 * i + 100, 100.0 * j)] for i in range(columns) for j in range(rows)
    ]
    along: list[Line] = [
        [(100.0 * i, 100.0 * j), (100.0 * i, 100.0 * j + 100)] for i in range(columns) for j in range(rows)
    ]
    return across + along


def test_a_layer_with_topology_comes_out_unchanged_whatever_is_asked() -> None:
    """Vertices, order and all: the same arrays, so the same milliseconds; and nothing to be told."""
    lines = grid(4, 3)
    as_drawn, _ = read(lines, "as-drawn")
    for mode in ("auto", "repair"):
        streets, findings = read(lines, mode)
        assert counted(streets) == {}
        assert codes(findings) == []
        for name in ("lon", "lat", "way_offset", "way_vertex", "way_id"):
            assert np.array_equal(getattr(streets, name), getattr(as_drawn, name)), name


def test_auto_leaves_a_layer_with_topology_as_it_is_and_tells_of_the_odd_place() -> None:
    """36 junctions and more against one street that crosses without a vertex."""
    lines = [*grid(6, 6), [(50, 50), (50, 150)]]
    streets, findings = read(lines, "auto")
    assert counted(streets) == {"crossing": 1}
    assert not repairs(streets).joined.any()
    assert codes(findings) == ["topology.kept"]
    assert np.array_equal(streets.way_vertex, read(lines, "as-drawn")[0].way_vertex)
    assert read(lines, "repair")[0].repairs.joined.tolist() == [True]  # type: ignore[union-attr]


def test_auto_repairs_a_layer_without_topology_and_says_so() -> None:
    lines: list[Line] = [[(0, 100.0 * j), (500, 100.0 * j)] for j in range(6)]
    lines += [[(100.0 * i, -20), (100.0 * i, 520)] for i in range(1, 5)]
    streets, findings = read(lines, "auto")
    assert counted(streets) == {"crossing": 24}
    assert repairs(streets).joined.all()
    assert codes(findings) == ["topology.repaired", "topology.heights_unknown"]


spacing = st.lists(st.floats(20, 120), min_size=2, max_size=5)


@given(
    across=spacing,
    along=spacing,
    angle=st.floats(0, 2 * np.pi),
    slips=st.lists(st.floats(-2.5, 2.5), min_size=24, max_size=24),
    cuts=st.lists(st.booleans(), min_size=24, max_size=24),
)
def test_a_grid_that_is_unnoded_and_noded_again_gives_the_same_times(
    across: list[float], along: list[float], angle: float, slips: list[float], cuts: list[bool]
) -> None:
    """Streets at right angles. Noded: a line per block. Unnoded: whole streets of two vertices, some cut in two at a
    junction, with ends up to 2.5 m off; an end across a street comes back to the junction, a cut is closed."""
    x, y = np.concatenate([[0], np.cumsum(across)]), np.concatenate([[0], np.cumsum(along)])

    def turned(*points: tuple[float, float]) -> Line:
        return [(px * np.cos(angle) - py * np.sin(angle), px * np.sin(angle) + py * np.cos(angle)) for px, py in points]

    blocks = [turned((a, b), (c, b)) for b in y for a, c in pairwise(x)] + [
        turned((a, b), (a, d)) for a in x for b, d in pairwise(y)
    ]
    slip, cut = iter(slips), iter(cuts)
    streets = [[(x[0] + next(slip), b), (x[-1] + next(slip), b)] for b in y[1:-1]]
    streets += [[(a, y[0] + next(slip)), (a, y[-1] + next(slip))] for a in x[1:-1]]
    parts: list[Line] = []
    for start, end in streets:
        middle = (start[0], y[1]) if start[0] == end[0] else (x[1], start[1])
        gap = next(slip) / 5
        halves = [
            [start, middle],
            [(middle[0] + gap, middle[1]) if start[1] == end[1] else (middle[0], middle[1] + gap), end],
        ]
        parts += halves if next(cut) and len(x) > 2 and len(y) > 2 else [[start, end]]
    frame = [[(x[0], b), (x[-1], b)] for b in (y[0], y[-1])] + [[(a, y[0]), (a, y[-1])] for a in (x[0], x[-1])]
    unnoded = [turned(*line) for line in (*parts, *frame)]
    mine, _ = read(unnoded)
    assert repairs(mine).distance_m.max(initial=0) <= 3.0

    graph = nx.Graph()
    corner = [tuple(point) for b in y for point in turned(*[(a, b) for a in x])]
    number = {point: n for n, point in enumerate(corner)}
    for start, end in ((tuple(block[0]), tuple(block[1])) for block in blocks):
        graph.add_edge(number[start], number[end], weight=np.hypot(end[0] - start[0], end[1] - start[1]) * MS_PER_M)
    drawn, at = street_graph(mine, towns.question()), metres(mine)
    node = [int(np.hypot(*(at - np.array(point)).T).argmin()) for point in corner]
    expected, found = (
        nx.single_source_dijkstra_path_length(graph, 0),
        nx.single_source_dijkstra_path_length(drawn, node[0]),
    )
    for n in range(len(corner)):
        assert found[node[n]] == pytest.approx(expected[n], abs=100)


@given(st.lists(st.tuples(*[st.floats(0, 300)] * 4), min_size=2, max_size=14))
def test_random_lines_are_noded_as_geos_nodes_them(ends: list[tuple[float, float, float, float]]) -> None:
    """With a tolerance of a centimetre nothing moves: then the length in every connected piece is that of GEOS' union."""
    lines = [[(a, b), (c, d)] for a, b, c, d in ends if np.hypot(c - a, d - b) > 5.0]
    if len(lines) < 2 or _almost_touching(lines):
        return
    mine, _ = read(lines, snap_m=0.01)
    union = shapely.get_parts(shapely.unary_union(shapely.MultiLineString(lines)))
    theirs = nx.Graph()
    for part in union:
        first, last = (tuple(np.round(part.coords[i], 3)) for i in (0, -1))
        theirs.add_edge(first, last, weight=part.length)
    drawn = street_graph(mine, towns.question()).to_undirected()
    by_piece = sorted(
        sum(w for *_, w in theirs.subgraph(c).edges(data="weight")) for c in nx.connected_components(theirs)
    )
    ours = sorted(
        sum(w for *_, w in nx.Graph(drawn).subgraph(c).edges(data="weight")) / MS_PER_M
        for c in nx.connected_components(drawn)
    )
    assert ours == pytest.approx(by_piece, abs=0.5)


def _almost_touching(lines: list[Line]) -> bool:
    """Where an end lies within half a metre of another line rounding decides what meets; the law is for the others."""
    shapes = [shapely.LineString(line) for line in lines]
    return any(
        shapely.Point(end).distance(other) < 0.5
        for line in lines
        for end in line
        for other in shapes
        if other != shapely.LineString(line)
    )
