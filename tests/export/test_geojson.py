"""GeoJSON by RFC 7946, checked with the json module and geopandas as independent readers."""

from __future__ import annotations

import io
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from circle.export.geojson import feature_collection, tidy


def _refuse(token: str) -> None:
    raise ValueError(token)


def _read(text: str) -> list[dict]:
    return json.loads(text, parse_constant=_refuse)["features"]


def test_numbers_that_are_none_become_null_and_codes_stay_strings() -> None:
    table = pd.DataFrame(
        {
            "id": ["0331"],
            "cost": [np.inf],
            "share": [np.nan],
            "rank": pd.array([pd.NA], "Int64"),
            "ok": [np.bool_(True)],
            "name": ['"引号"\n'],
        }
    )
    (feature,) = _read(feature_collection(table, [shapely.Point(1, 2)]))
    assert feature["properties"] == {
        "id": "0331", "cost": None, "share": None, "rank": None, "ok": True, "name": '"引号"\n',
    }  # fmt: skip


def test_rings_follow_the_right_hand_rule_and_seven_decimals() -> None:
    """An outer ring given clockwise with a hole given counter-clockwise: both are turned."""
    outer = [(0, 0), (0, 1 / 3), (1 / 3, 1 / 3), (1 / 3, 0)]
    hole = [(0.1, 0.1), (0.2, 0.1), (0.2, 0.2), (0.1, 0.2)]
    text = feature_collection(pd.DataFrame({"a": [1]}), [shapely.Polygon(outer, [hole])])
    rings = _read(text)[0]["geometry"]["coordinates"]
    assert shapely.LinearRing(rings[0]).is_ccw
    assert not shapely.LinearRing(rings[1]).is_ccw
    assert [0.3333333, 0.3333333] in rings[0]
    assert "crs" not in json.loads(text)


def test_a_bow_tie_is_repaired_into_its_two_wings() -> None:
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    (feature,) = _read(feature_collection(pd.DataFrame({"a": [1]}), [bow]))
    shape = shapely.geometry.shape(feature["geometry"])
    assert shape.is_valid
    assert shape.geom_type == "MultiPolygon"
    assert shape.area == pytest.approx(2.0)


def test_a_row_without_geometry_keeps_its_numbers() -> None:
    speck = shapely.box(0, 0, 1e-9, 1e-9)
    features = _read(feature_collection(pd.DataFrame({"people": [5, 6]}), [None, speck]))
    assert [(f["properties"]["people"], f["geometry"]) for f in features] == [(5, None), (6, None)]


POINTS = st.lists(st.tuples(st.floats(-179, 179), st.floats(-80, 80)), min_size=4, max_size=12)


@given(POINTS)
def test_rounding_never_makes_a_polygon_invalid(points: list[tuple[float, float]]) -> None:
    rounded = tidy(shapely.Polygon(points))
    assert rounded is None or rounded.is_valid
    text = feature_collection(pd.DataFrame({"a": [1]}), [shapely.Polygon(points)])
    geometry = _read(text)[0]["geometry"]
    if geometry is not None:
        assert shapely.geometry.shape(geometry).is_valid


def test_other_programs_read_it() -> None:
    shapes = [shapely.Point(118.5, 28.9), shapely.LineString([(0, 0), (1, 1)]), shapely.MultiPoint([(0, 0), (1, 1)])]
    text = feature_collection(pd.DataFrame({"name": ["甲", "乙", "丙"]}), shapes)
    frame = gpd.read_file(io.BytesIO(text.encode("utf-8")))
    assert frame["name"].tolist() == ["甲", "乙", "丙"]
    assert [a.equals(b) for a, b in zip(frame.geometry, shapes, strict=True)] == [True] * 3
    assert frame.crs.to_epsg() == 4326


@pytest.mark.parametrize("line", [[(0, 0), (0, 0)], [(1, 2), (1 + 1e-9, 2), (1, 2 - 1e-9)]])
def test_a_line_without_length_keeps_two_positions(line):
    """RFC 7946, 3.1.4: a LineString has two or more positions; the second of the lines is shorter than the grid."""
    (feature,) = json.loads(feature_collection(pd.DataFrame({"leg": ["egress"]}), [shapely.LineString(line)]))[
        "features"
    ]
    assert feature["geometry"] == {"type": "LineString", "coordinates": [list(map(float, line[0]))] * 2}
