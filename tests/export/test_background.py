"""The map's background: shapes survive their encoding, and only what is near is drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from circle import load_region
from circle.export import background as module
from circle.export.background import Box, background, drawn_roads, encode_lines, encode_polygons, places
from circle.model import NetworkData
from tests.export.town import SOUTH, STEP, WEST, town_analysis

_LINES = module._edge_lines
BOX = (WEST - 0.01, SOUTH - 0.01, WEST + 0.1, SOUTH + 0.1)


def _decode(steps: list[int]) -> np.ndarray:
    return np.cumsum(np.array(steps).reshape(-1, 2), axis=0) / 1e5


def test_lines_come_back_to_a_metre() -> None:
    lines = [shapely.LineString([(118.123456, 28.9), (118.2, 28.95), (-0.5, 0)]), shapely.LineString([(0, 0), (1, 1)])]
    back = [_decode(steps) for steps in encode_lines(np.array(lines, dtype=object))]
    for line, points in zip(lines, back, strict=True):
        np.testing.assert_allclose(points, shapely.get_coordinates(line), atol=5.1e-6)


def test_nothing_encodes_to_nothing() -> None:
    assert encode_lines(np.array([], dtype=object)) == []
    assert encode_polygons([None, shapely.Polygon()]) == []


def test_holes_and_parts_stay_apart() -> None:
    ring = shapely.Point(0, 0).buffer(1).difference(shapely.Point(0, 0).buffer(0.5))
    polygons = encode_polygons([shapely.MultiPolygon([ring, shapely.box(3, 3, 4, 4)])])
    assert [len(rings) for rings in polygons] == [2, 1]


def test_roads_are_ranked_and_barriers_named() -> None:
    """The town's network has a primary road and a footway, a river, a railway and a pond."""
    drawn = background(town_analysis(), BOX)
    assert [len(rank) for rank in drawn["roads"]] == [1, 0, 1]
    assert [len(drawn[kind]) for kind in ("water_lines", "railway", "motorway", "water")] == [1, 1, 0, 1]


def test_what_lies_elsewhere_is_left_out() -> None:
    drawn = background(town_analysis(), (0.0, 0.0, 1.0, 1.0))
    assert drawn["roads"] == [[], [], []]
    assert drawn["water"] == drawn["railway"] == []


def test_over_the_budget_the_thinnest_roads_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five vertices stand in two roads: three in the primary one, two in the footway."""
    monkeypatch.setattr(module, "VERTEX_BUDGET", 3)
    assert [len(rank) for rank in background(town_analysis(), BOX)["roads"]] == [1, 0]


def _plainly(network: NetworkData, box: Box, budget: int) -> list[list[bytes]]:
    """Every edge a line, every rank merged and simplified, and only then the thinnest taken away."""
    lines, ranks = [], module._road_ranks(network.classes)[network.edge_class]
    for edge in range(len(network.edge_from)):
        own = slice(network.segment_offset[edge] + edge, network.segment_offset[edge + 1] + edge + 1)
        lines.append(shapely.LineString(np.column_stack([network.vertex_lon[own], network.vertex_lat[own]])))
    seen = shapely.intersects(shapely.box(*shapely.bounds(lines).T), shapely.box(*box))
    merged = [
        shapely.get_parts(shapely.line_merge(shapely.MultiLineString(np.array(lines)[seen & (ranks == rank)].tolist())))
        for rank in range(3)
    ]
    for tolerance in module.TOLERANCES:
        drawn = [shapely.simplify(rank, tolerance) for rank in merged]
        if sum(shapely.get_num_coordinates(rank).sum() for rank in drawn) <= budget:
            break
    while len(drawn) > 1 and sum(shapely.get_num_coordinates(rank).sum() for rank in drawn) > budget:
        drawn.pop()
    return [shapely.to_wkb(rank).tolist() for rank in drawn]


def test_roads_that_cannot_fit_are_not_drawn_first_and_the_others_are_the_same(
    monkeypatch: pytest.MonkeyPatch, sample_regions: Path
) -> None:
    """Whatever the budget, the roads of the plain way: every line made, and the thinnest then taken away."""
    network = load_region(sample_regions / "qingxi").network().data
    west, south, east, north = (
        network.node_lon.min(),
        network.node_lat.min(),
        network.node_lon.max(),
        network.node_lat.max(),
    )
    box = (west + 0.1, south + 0.1, east - 0.1, north - 0.1)
    kept = set()
    for budget in (10, 300, 2_000, 9_000, 14_000, 30_000, 1_000_000):
        monkeypatch.setattr(module, "VERTEX_BUDGET", budget)
        drawn = [shapely.to_wkb(rank).tolist() for rank in drawn_roads(network, box)]
        assert drawn == _plainly(network, box, budget)
        kept.add(len(drawn))
    assert kept == {1, 2, 3}


def test_no_line_is_made_of_roads_that_cannot_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """3 x 3 crossings of footways: twelve edges, eight lines as two meet in each corner, so at least 16 vertices."""
    crossings = np.arange(9).reshape(3, 3)
    start = np.concatenate([crossings[:, :-1].ravel(), crossings[:-1].ravel()])
    end = np.concatenate([crossings[:, 1:].ravel(), crossings[1:].ravel()])
    at = np.column_stack([start, end]).ravel()
    plain = replace(
        town_analysis().network,
        edge_from=start.astype(np.int32),
        edge_to=end.astype(np.int32),
        edge_class=np.zeros(12, np.int16),
        classes=("footway",),
        segment_offset=np.arange(13),
        vertex_lon=WEST + 0.001 * (at // 3),
        vertex_lat=SOUTH + 0.001 * (at % 3),
    )
    made = []
    monkeypatch.setattr(module, "_edge_lines", lambda network, edges: made.append(len(edges)) or _LINES(network, edges))
    for budget, drawn in ((15, [0, 0]), (16, [0, 0, 12])):
        made.clear()
        monkeypatch.setattr(module, "VERTEX_BUDGET", budget)
        drawn_roads(plain, BOX)
        assert made == drawn


def test_places_come_by_importance() -> None:
    settlements = town_analysis(hostile="<b>").region.settlements
    assert [(name, rank) for _, _, name, rank in places(settlements, BOX)] == [("下坞", 1), ("上坞<b>", 3)]
    assert places(None, BOX) == []
    assert places(settlements, (WEST, SOUTH, WEST + 3 * STEP, SOUTH + 4 * STEP))[0][2] == "下坞"
    assert settlements is not None
    unnamed = replace(settlements, frame=settlements.frame.assign(name=None))
    assert places(unnamed, BOX) == []
