"""Records packed and unpacked: nothing is lost, nothing is changed, nothing unknown is guessed at."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from circle.errors import Listed, Problem, Severity
from circle.messages import Tally
from circle.model import Barriers, BarrierSegments, Extent, Facilities, NetworkData, Streets
from circle.model.packing import packed, unpacked
from circle.store import Cache, Entry
from tests import towns

RECORDS = (NetworkData, BarrierSegments, Streets, Facilities, Barriers, Extent, Problem, Severity, Tally)


def back(value: Any) -> Any:
    return unpacked(*packed(value), RECORDS)


def assert_same(one: Any, other: Any) -> None:
    assert type(one) is type(other)
    if dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, dict):
        assert list(one) == list(other)
        for key in one:
            assert_same(one[key], other[key])
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    else:
        assert one == other


SQUARE = shapely.box(0, 0, 1, 2)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        7,
        2.5,
        "青溪",
        (1, ("a", None)),
        {"a": 1, "b": (2.0,)},
        SQUARE,
        np.array(["x", None, "z"], dtype=object),
        np.array([], dtype=object),
        np.array([SQUARE, None, shapely.Point(1, 2)], dtype=object),
        np.zeros((2, 0, 3), np.int16),
        Problem("a.b", Severity.WARNING, {"n": 3, "t": Tally("left_out", {"ferry": 2})}, "file", None, 4),
        Extent(SQUARE, "declared"),
        towns.streets([[(0, 0), (100, 0)], [(100, 0), (100, 50)]], oneway={1}),
        towns.barriers([[(0, 5), (10, 5)]], one_sided=True),
        towns.facilities([(0, 0), (5, 5)]),
        towns.engine(towns.streets([[(0, 0), (100, 0)], [(100, 0), (100, 50)]])).network,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_was_packed_comes_back(value: Any) -> None:
    assert_same(back(value), value)


SHAPES = np.array([SQUARE, None, shapely.Point(1, 2)], dtype=object)
KINDS = {
    "float": np.array([1.5, np.nan, -np.inf]),
    "number": np.array([1, 2, 3], np.int16),
    "truth": np.array([True, False, True]),
    "time": np.array(["2026-11-26", "NaT", "1970-01-01"], "datetime64[s]"),
    "text": np.array(["青溪", "", "c"]),
    "cell": np.array(["x", None, 2.5], dtype=object),
    "shape": SHAPES,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(), (0,), (1,), (3,), (0, 2), (2, 0), (1, 1), (2, 3), (2, 1, 3)])
@pytest.mark.parametrize("turned", [False, True])
def test_arrays_of_every_kind_keep_their_dimensions(
    kind: str, size: tuple[int, ...], turned: bool, tmp_path: Path
) -> None:
    """Packed and unpacked, and through a file of the cache as well; rows first or columns first in memory."""
    value = np.resize(KINDS[kind], size or (1,)).reshape(size)
    value = value.T if turned else value
    cache = Cache(tmp_path)
    head, arrays = packed({"a": (value,)})
    cache.put("key", Entry(head, arrays))
    kept = cache.get("key")
    assert kept is not None
    for found in (unpacked(head, arrays, RECORDS), unpacked(kept.head, kept.arrays, RECORDS)):
        array = found["a"][0]
        assert array.shape == value.shape
        assert_same(array, value)


def test_lists_and_numbers_of_numpy_become_plain_ones() -> None:
    assert back([np.float64(1.5), np.int8(2), [3]]) == (1.5, 2, (3,))


def test_infinite_and_unknown_numbers_stay_what_they_are() -> None:
    assert back(float("inf")) == float("inf")
    assert np.isnan(back(float("nan")))


def test_a_shown_list_keeps_all_its_rows() -> None:
    listed = Listed("3, 5, …", ["3", "5", "9"], ["x", "y", "z"])
    found = back(listed)
    assert isinstance(found, Listed)
    assert (found, found.rows, found.values) == (listed, listed.rows, listed.values)


@pytest.mark.parametrize("rows", [0, 3])
def test_frames_keep_columns_kinds_and_system(rows: int) -> None:
    frame = gpd.GeoDataFrame(
        {
            "osm_id": pd.Series(["way/1", "way/2", None][:rows], dtype=object),
            "levels": pd.Series([1.0, np.nan, 3.0][:rows], dtype="float64"),
            "admin_level": pd.Series([4, 5, 6][:rows], dtype="int64"),
        },
        geometry=[SQUARE, shapely.Point(1, 1), None][:rows],
        crs="EPSG:4326",
    )
    found = back(frame)
    pd.testing.assert_frame_equal(pd.DataFrame(found.drop(columns="geometry")), frame.drop(columns="geometry"))
    assert found.crs == frame.crs
    assert list(found.columns) == list(frame.columns)
    assert shapely.equals(found.geometry.array, frame.geometry.array).tolist() == [True, True, False][:rows]


def test_what_nobody_knows_is_refused_on_both_ways() -> None:
    with pytest.raises(TypeError, match="set cannot be packed"):
        packed({"a": {1, 2}})
    head, arrays = packed(Extent(SQUARE, "declared"))
    with pytest.raises(KeyError):
        unpacked(head, arrays, ())
