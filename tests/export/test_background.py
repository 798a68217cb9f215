"""The map's background: shapes survive their encoding, and only what is near is drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from circle.export import background as module
from circle.export.background import background, encode_lines, encode_polygons, places
from tests.export.town import SOUTH, STEP, WEST, town_analysis

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


def test_places_come_by_importance() -> None:
    settlements = town_analysis(hostile="<b>").region.settlements
    assert [(name, rank) for _, _, name, rank in places(settlements, BOX)] == [("下坞", 1), ("上坞<b>", 3)]
    assert places(None, BOX) == []
    assert places(settlements, (WEST, SOUTH, WEST + 3 * STEP, SOUTH + 4 * STEP))[0][2] == "下坞"
    assert settlements is not None
    unnamed = replace(settlements, frame=settlements.frame.assign(name=None))
    assert places(unnamed, BOX) == []
