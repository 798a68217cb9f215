"""Layers in memory that no file could hold: every one is refused in circle's own words, or read for what it says."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import circle

LAYERS = {
    "roads": gpd.GeoDataFrame({"highway": ["path"]}, geometry=[shapely.LineString([(0, 0), (0.01, 0)])], crs=4326),
    "facilities": gpd.GeoDataFrame({"service": ["clinic"], "name": ["a"]}, geometry=[shapely.Point(0, 0)], crs=4326),
    "population": gpd.GeoDataFrame({"people": [80.0]}, geometry=[shapely.Point(0, 0)], crs=4326),
    "districts": gpd.GeoDataFrame({"id": ["1"], "name": ["x"]}, geometry=[shapely.box(-1, -1, 1, 1)], crs=4326),
    "barriers": gpd.GeoDataFrame({"waterway": ["river"]}, geometry=[shapely.LineString([(0, 1), (1, 1)])], crs=4326),
    "places": gpd.GeoDataFrame(
        {"name": ["v"], "place": ["village"], "people": [5]}, geometry=[shapely.Point(0, 0)], crs=4326
    ),
}
MARS = (
    'GEOGCRS["Mars",DATUM["Mars",ELLIPSOID["Mars",3396190,169]],CS[ellipsoidal,2],AXIS["lat",north],AXIS["lon",east],'
    'ANGLEUNIT["degree",0.0174532925199433]]'
)
Frame = gpd.GeoDataFrame
REFUSED: dict[str, Callable[[Frame], Frame]] = {
    "a place without a system": lambda f: f.set_crs('LOCAL_CS["x",UNIT["metre",1]]', allow_override=True),
    "Mars": lambda f: f.set_crs(MARS, allow_override=True),
    "a column twice": lambda f: gpd.GeoDataFrame(pd.concat([f, f[[f.columns[0]]]], axis=1)),
}
with np.errstate(invalid="ignore"):
    NOWHERE = {
        "NaN point": shapely.Point(np.nan, np.nan),
        "half NaN": shapely.Point(0, np.nan),
        "NaN line": shapely.LineString([(0, 0), (np.nan, 1), (0.01, 0)]),
        "infinite line": shapely.LineString([(0, 0), (np.inf, 1)]),
        "NaN area": shapely.Polygon([(0, 0), (np.nan, 1), (0.01, 0)]),
        "far beyond": shapely.LineString([(0, 0), (1e300, 0)]),
    }


def region(**layers: object) -> circle.Region:
    return circle.Region.from_frames(**(LAYERS | layers))


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_read_is_refused_by_its_argument(layer: str, kind: str) -> None:
    with pytest.raises(circle.InputError, match=f"{layer}=") as caught:
        region(**{layer: REFUSED[kind](LAYERS[layer])})
    assert all(str(problem) for problem in caught.value.problems)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("layer", [name for name in LAYERS if name != "districts"])
@pytest.mark.parametrize("kind", NOWHERE)
def test_a_shape_that_is_nowhere_is_told_and_the_others_are_used(layer: str, kind: str) -> None:
    """People without a place stay counted, at an unknown location."""
    own = LAYERS[layer]
    both = pd.concat([own, own.set_geometry([NOWHERE[kind]], crs=4326)], ignore_index=True)
    found = region(**{layer: both})
    told = [problem for problem in found.problems if problem.code == "vector.nowhere"]
    assert [str(problem.fields["rows"]) for problem in told] == ["2"]
    result = circle.analyze(found)
    people = result.summary().set_index("service").loc["clinic"]
    assert people["people"] == (160.0 if layer == "population" else 80.0)
    assert people["covered_15min"] == 80.0


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(
    "cell", ["\ud800", 10**5000, [1, 2], {"a": 1}, b"x", None], ids=["half", "huge", "list", "dict", "bytes", "none"]
)
@pytest.mark.filterwarnings("ignore")
def test_odd_cells_end_in_a_region_or_in_words(layer: str, cell: object) -> None:
    for column in LAYERS[layer].columns.drop("geometry"):
        odd = LAYERS[layer].assign(**{column: pd.Series([cell], dtype=object)})
        told: list[object] = []
        try:
            told += region(**{layer: odd}).problems
        except circle.CircleError as error:
            told += error.problems
        assert all(str(problem) for problem in told)
        listed = [problem for problem in told if problem.code == "frames.cells_listed"]
        assert bool(listed) == isinstance(cell, list | dict)


def test_speeds_are_numbers_and_nothing_that_counts_as_one() -> None:
    for speed in (True, "4", b"4", np.array(4.0), 1j):
        with pytest.raises(circle.InputError, match=r"analyze\(…\) · walking_speed_kmh: a number is needed here"):
            circle.analyze(region(), walking_speed_kmh=speed)
        with pytest.raises(circle.InputError, match=r"from_frames\(…\) · limits: a number is needed here"):
            region(limits=[speed])
