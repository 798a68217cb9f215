"""Whatever is handed to a public function is taken for what it says, or refused by circle's own error."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

import circle
from circle.errors import OutputError, QueryError, ResourceError
from tests.load_roads.drawing import as_pbf, draw

pytestmark = pytest.mark.slow

POINTS = pd.DataFrame({"lon": [0.001, 0.002, 0.003], "lat": 0.0}, index=["a", "b", "c"])
SITES = pd.DataFrame({"lon": [0.0, 0.0054], "lat": 0.0}, index=["d1", "d2"])
NODES = [(1, 0.0, 0.0, {"amenity": "clinic"}), (2, 0.0054, 0.0), (3, 0.0108, 0.0, {"amenity": "school"})]
WAYS = [(10, [1, 2, 3], {"highway": "residential"})]


def shapes(*cells: Any, crs: Any = "EPSG:4326") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": range(len(cells))}, geometry=list(cells), crs=crs)


class Hostile:
    """Says nothing of itself that could be used."""

    def __repr__(self) -> str:
        raise RuntimeError

    def __str__(self) -> str:
        raise RuntimeError


PLAIN: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "nan": lambda: float("nan"),
    "inf": lambda: float("inf"),
    "-1": lambda: -1,
    "0": lambda: 0,
    "1.5": lambda: 1.5,
    "2.0": lambda: 2.0,
    "2": lambda: 2,
    "int8": lambda: np.int8(2),
    "float32": lambda: np.float32(2.5),
    "fraction": lambda: Fraction(5, 2),
    "decimal": lambda: Decimal("2.5"),
    "signalling": lambda: Decimal("sNaN"),
    "huge": lambda: 10**5000,
    "-huge": lambda: -(10**5000),
    "text": lambda: "2",
    "empty text": lambda: "",
    "bytes": lambda: b"2",
    "True": lambda: True,
    "np.True_": lambda: np.True_,
    "complex": lambda: 1 + 2j,
    "np.complex": lambda: np.complex128(1 + 2j),
    "date": lambda: np.datetime64("2020-01-01"),
    "duration": lambda: np.timedelta64(5, "s"),
    "timedelta": lambda: pd.Timedelta(5, "s"),
    "NA": lambda: pd.NA,
    "NaT": lambda: pd.NaT,
    "masked": lambda: np.ma.masked,
    "object": object,
    "hostile": Hostile,
    "class": lambda: int,
    "function": lambda: len,
    "point": lambda: shapely.Point(0, 0),
    "namespace": lambda: SimpleNamespace(lon=1.0, lat=2.0),
    "0-d": lambda: np.array(2.5),
    "0-d text": lambda: np.array("clinic"),
    "nul": lambda: "a\0b",
    "long name": lambda: "a" * 5000,
    "folder": lambda: ".",
    "Path": lambda: Path("nowhere.osm.pbf"),
    "bytes path": lambda: next(iter(map(Path.__fspath__, [Path("nowhere")]))).encode(),
}
ROWS: dict[str, Callable[[], Any]] = {
    "[]": list,
    "()": tuple,
    "{}": dict,
    "dict": lambda: {"a": 1},
    "set": lambda: {"a", "b"},
    "[None]": lambda: [None],
    "[nan]": lambda: [float("nan")],
    "[True]": lambda: [True],
    "[text]": lambda: ["a"],
    "[digits]": lambda: ["0.001"],
    "[complex]": lambda: [1 + 2j],
    "[huge]": lambda: [10**5000],
    "[hostile]": lambda: [Hostile()],
    "[decimal]": lambda: [Decimal("0.001")],
    "[int, None]": lambda: [0, None],
    "[list]": lambda: [[0.001]],
    "[tuple of list]": lambda: [("a", ["b"])],
    "ragged": lambda: [[0.001, 0.002], [0.003]],
    "range": lambda: range(1),
    "generator": lambda: (x for x in [0.001]),
    "2-D": lambda: np.zeros((2, 2)),
    "3-D": lambda: np.zeros((1, 1, 1)),
    "numbers": lambda: np.array([0.001]),
    "float32s": lambda: np.array([0.001], np.float32),
    "booleans": lambda: np.array([True]),
    "dates": lambda: np.array(["2020-01-01"], "datetime64[D]"),
    "durations": lambda: np.array([5], "timedelta64[s]"),
    "texts": lambda: np.array(["a"]),
    "records": lambda: np.zeros(1, [("lon", float), ("lat", float)]),
    "all masked": lambda: np.ma.masked_all(1),
    "some masked": lambda: np.ma.array([0.001, 500.0], mask=[False, True]),
    "none masked": lambda: np.ma.array([0.001]),
    "Series": lambda: pd.Series([0.001]),
    "Float64": lambda: pd.Series([0.001, None], dtype="Float64"),
    "Float64 full": lambda: pd.Series([0.001], dtype="Float64"),
    "Int64": lambda: pd.Series([0], dtype="Int64"),
    "boolean": lambda: pd.Series([True], dtype="boolean"),
    "category": lambda: pd.Series(["a"], dtype="category"),
    "texts of pandas": lambda: pd.Series(["0.001"]),
    "Index": lambda: pd.Index(["d1"]),
    "GeoSeries": lambda: gpd.GeoSeries([shapely.Point(0, 0)], crs=4326),
}
FRAMES: dict[str, Callable[[], Any]] = {
    "DataFrame()": pd.DataFrame,
    "frame without place": lambda: pd.DataFrame({"a": [1]}),
    "lon only": lambda: POINTS[["lon"]],
    "no rows": lambda: POINTS.iloc[:0],
    "usual": lambda: POINTS.copy(),
    "texts in frame": lambda: POINTS.astype(str),
    "None in frame": lambda: POINTS.astype(object).where([[True, True], [False, True], [True, True]], None),
    "booleans in frame": lambda: POINTS.astype(bool),
    "complex in frame": lambda: POINTS.astype(complex),
    "dates in frame": lambda: POINTS.assign(lon=pd.Timestamp(2020, 1, 1)),
    "lists in frame": lambda: POINTS.assign(lon=[[1], [2], [3]]),
    "Float64 in frame": lambda: POINTS.astype("Float64"),
    "NA in frame": lambda: POINTS.assign(lon=pd.array([0.001, None, 0.002], "Float64")),
    "object in frame": lambda: POINTS.astype(object),
    "inf in frame": lambda: POINTS.assign(lon=np.inf),
    "lon twice": lambda: pd.concat([POINTS, POINTS[["lon"]]], axis=1),
    "columns of levels": lambda: pd.concat({"lon": POINTS, "lat": POINTS}, axis=1),
    "number columns": lambda: pd.DataFrame(np.zeros((2, 2))),
    "labels twice": lambda: POINTS.set_axis(["a", "a", "b"]),
    "labels of levels": lambda: POINTS.set_axis(pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)])),
    "label None": lambda: POINTS.set_axis(pd.Index(["a", None, "b"], dtype=object)),
    "label nan": lambda: POINTS.set_axis([1.0, np.nan, np.nan]),
    "label NaT": lambda: POINTS.set_axis(pd.to_datetime(["2020-01-01", None, "2020-01-02"])),
    "label list": lambda: POINTS.set_axis(pd.Index([["a"], ["b"], ["c"]], dtype=object)),
    "GeoDataFrame()": gpd.GeoDataFrame,
    "no geometry": lambda: gpd.GeoDataFrame({"a": [1]}),
    "no geometry but degrees": lambda: gpd.GeoDataFrame(POINTS),
    "no crs": lambda: shapes(shapely.Point(0, 0), crs=None),
    "None in shapes": lambda: shapes(shapely.Point(0, 0), None),
    "empty shapes": lambda: shapes(shapely.Point(), shapely.Polygon()),
    "shapes": lambda: shapes(shapely.Point(0.001, 0), shapely.box(0.002, 0, 0.003, 0.001)),
    "no shapes": lambda: shapes(),
    "NaN shapes": lambda: shapes(shapely.Point(np.nan, 0)),
    "far away": lambda: shapes(shapely.Point(1e30, 0), crs="EPSG:32650"),
    "crs without place": lambda: shapes(shapely.Point(0, 0), crs='LOCAL_CS["x",UNIT["metre",1]]'),
    "geometry as text": lambda: pd.DataFrame({"geometry": ["POINT (0 0)"]}),
}
GRAPHS: dict[str, Callable[[], Any]] = {
    "no graph": nx.MultiDiGraph,
    "graph without places": lambda: nx.path_graph(3),
    "digraph": lambda: nx.DiGraph([(1, 2)]),
    "odd places": lambda: nx.Graph([(1, 2)], x="a"),
}
ODD = PLAIN | ROWS | FRAMES
"""Made anew for each call: generators end, and frames could be changed."""


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return as_pbf(draw(tmp_path_factory.mktemp("village"), NODES, WAYS))


@pytest.fixture(scope="module")
def network(village: Path) -> circle.Network:
    return circle.Network.from_osm(village, ["clinic"], cache=False)


@pytest.fixture(scope="module")
def region(sample_regions: Path) -> circle.Region:
    return circle.load_region(sample_regions / "qingxi")


def hamlet(**asked: Any) -> circle.Region:
    """One road, one clinic, eighty people."""
    road, place = shapely.LineString([(0, 0), (0.01, 0)]), shapely.Point(0, 0)
    layers = {
        "roads": (road, "highway", "path"),
        "facilities": (place, "service", "clinic"),
        "population": (place, "people", 80),
    }
    frames = {
        name: gpd.GeoDataFrame({column: [value]}, geometry=[shape], crs=4326)
        for name, (shape, column, value) in layers.items()
    }
    return circle.Region.from_frames(**(frames | asked))


@pytest.fixture
def given(village: Path, network: circle.Network, region: circle.Region, monkeypatch: pytest.MonkeyPatch, tmp_path):
    """What the calls of the table name."""
    full = tmp_path / "full"
    full.mkdir()
    (full / "report.html").write_text("mine")
    monkeypatch.setenv("CIRCLE_CACHE", str(tmp_path / "cache"))
    return SimpleNamespace(
        hamlet=hamlet,
        village=village,
        network=network,
        region=region,
        town=lambda: network.what_if(POINTS, SITES),
        graph=network.to_networkx(),
        result=circle.analyze(hamlet()),
        full=full,  # whatever gets as far as writing is refused there
    )


def beside(value: Any) -> Any:
    """One degree alone or in a row, whatever fits."""
    return 0.0 if not hasattr(value, "__len__") or isinstance(value, str | bytes) else [0.0]


def no_path(value: Any) -> Any:
    """The same, but what could be written to."""
    return b"" if isinstance(value, str | Path) else value


NUMBERS = {"1.5", "2.0", "2", "int8", "float32", "fraction", "decimal", "inf", "huge"}
FINITE = NUMBERS - {"inf", "huge"}
PLACES = {"no rows", "usual", "Float64 in frame", "object in frame", "labels twice", "labels of levels", "label None",
          "label nan", "label NaT", "label list", "no geometry but degrees", "shapes", "no shapes"}  # fmt: skip
UNIQUE = PLACES - {"labels twice", "label None", "label nan", "label NaT", "label list"}
DEGREES = {"numbers", "float32s", "none masked", "Series", "Float64 full", "Int64", "[decimal]", "range", "0", "1.5",
           "-1", "2.0", "2", "int8", "float32", "fraction", "decimal", "0-d"}  # fmt: skip
TEXTS = {"text", "empty text", "nul", "long name", "folder"}
PATHS = {"text", "nul", "folder", "Path"}
NO_SERVICES = {"[]", "()", "DataFrame()", "GeoDataFrame()"}
TABLE: dict[str, tuple[Callable[[Any, Any], Any], set[str]]] = {
    "travel_times(network)": (lambda g, x: circle.travel_times(x, POINTS, SITES), set()),
    "travel_times(origins)": (lambda g, x: circle.travel_times(g.network, x, SITES), PLACES),
    "travel_times(destinations)": (lambda g, x: circle.travel_times(g.network, POINTS, x, nearest=1), PLACES),
    "travel_times(limit_s)": (
        lambda g, x: circle.travel_times(g.network, POINTS, SITES, limit_s=x), NUMBERS | {"None"},
    ),
    "travel_times(nearest)": (
        lambda g, x: circle.travel_times(g.network, POINTS, SITES, nearest=x), {"2", "int8", "huge", "None"},
    ),
    "isochrones(network)": (lambda g, x: circle.isochrones(x, SITES, limits_s=(60,)), set()),
    "isochrones(facilities)": (
        lambda g, x: circle.isochrones(g.network, x, limits_s=(60,)), PLACES,
    ),
    "isochrones(each)": (
        lambda g, x: circle.isochrones(g.network, SITES, limits_s=(60,), each=x), {"True", "np.True_"},
    ),
    "isochrones(limits_s)": (lambda g, x: circle.isochrones(g.network, SITES, limits_s=x), {"Float64 full", "Series", "numbers", "float32s", "none masked", "[decimal]", "generator"}),
    "isochrones(limits_s of one)": (
        lambda g, x: circle.isochrones(g.network, SITES, limits_s=[x]), FINITE,
    ),
    "isochrones(resolution_m)": (
        lambda g, x: circle.isochrones(g.network, SITES, limits_s=(60,), resolution_m=x), FINITE | {"None"},
    ),
    "Network.nearest_times(lon)": (lambda g, x: g.network.nearest_times(x, beside(x)), DEGREES),
    "Network.nearest_times(lat)": (lambda g, x: g.network.nearest_times(beside(x), x), DEGREES),
    "Network.nearest_times(lon, lat)": (lambda g, x: g.network.nearest_times(x, x), DEGREES | {"[]", "()"}),
    "Network.what_if(origins)": (lambda g, x: g.network.what_if(x, SITES).nearest(), PLACES),
    "Network.what_if(destinations)": (lambda g, x: g.network.what_if(POINTS, x).nearest(), UNIQUE),
    "WhatIf.add(destinations)": (lambda g, x: g.town().add(x), UNIQUE),
    "WhatIf.remove(labels)": (lambda g, x: g.town().remove(x), {"[]", "()", "Index"}),
    "Network.from_osm(path)": (lambda g, x: circle.Network.from_osm(x, "clinic"), set()),
    "Network.from_osm(services)": (lambda g, x: circle.Network.from_osm(g.village, x), NO_SERVICES),
    "Network.from_osm(walking_speed_kmh)": (
        lambda g, x: circle.Network.from_osm(g.village, walking_speed_kmh=x), FINITE | {"None"},
    ),
    "Network.from_osm(cache)": (lambda g, x: circle.Network.from_osm(g.village, cache=x), {"True", "np.True_"}),
    "Network.from_networkx(graph)": (lambda g, x: circle.Network.from_networkx(x), set()),
    "Network.from_networkx(walking_speed_kmh)": (
        lambda g, x: circle.Network.from_networkx(g.graph, walking_speed_kmh=x), {"None"},
    ),
    "load_region(path)": (lambda g, x: circle.load_region(x), set()),
    "load_region(cache)": (lambda g, x: circle.load_region("nowhere", cache=x), set()),
    "load_region(memory_limit_gb)": (lambda g, x: circle.load_region("nowhere", memory_limit_gb=x), set()),
    "analyze(region)": (lambda g, x: circle.analyze(x), set()),
    "Region.from_frames(name)": (lambda g, x: g.hamlet(name=x), {"text", "empty text", "nul", "long name", "folder"}),
    "Region.from_frames(groups)": (lambda g, x: g.hamlet(groups=x), {"None", "{}"}),
    "Region.from_frames(population_kind)": (lambda g, x: g.hamlet(population_kind=x), {"None"}),
    "analyze(standard)": (lambda g, x: circle.analyze(g.hamlet(), standard=x), set()),
    "analyze(metric)": (lambda g, x: circle.analyze(g.hamlet(), metric=x), {"None"}),
    "analyze(services)": (lambda g, x: circle.analyze(g.hamlet(), services=x), {"None", *NO_SERVICES}),
    "analyze(isochrone_resolution_m)": (lambda g, x: circle.analyze(g.hamlet(), isochrone_resolution_m=x), {"None"}),
    "analyze(each_isochrone)": (lambda g, x: circle.analyze(g.hamlet(), each_isochrone=x), {"True", "np.True_"}),
    "analyze(walking_speed_kmh)": (lambda g, x: circle.analyze(g.hamlet(), walking_speed_kmh=x), FINITE | {"None"}),
    "analyze(limits)": (
        lambda g, x: circle.analyze(g.hamlet(), limits=x),
        {"None", "Float64 full", "Series", "numbers", "float32s", "none masked", "[decimal]", "generator"},
    ),
    "analyze(limits of one)": (lambda g, x: circle.analyze(g.hamlet(), limits=[x]), FINITE),
    "analyze(progress)": (lambda g, x: circle.analyze(g.hamlet(), progress=x), {"None"}),
    "Region.from_frames(topology)": (lambda g, x: g.hamlet(topology=x), {"None"}),
    "Region.from_frames(snap_m)": (lambda g, x: g.hamlet(snap_m=x), FINITE | {"None"}),
    "Region.from_frames(elevation)": (lambda g, x: g.hamlet(elevation=x), {"None"}),
    "Region.from_frames(roads)": (lambda g, x: g.hamlet(roads=x), set()),
    "Region.from_frames(facilities)": (lambda g, x: g.hamlet(facilities=x), set()),
    "Region.from_frames(population)": (lambda g, x: g.hamlet(population=x), set()),
    "Region.from_frames(districts)": (lambda g, x: g.hamlet(districts=x), {"None", "shapes"}),
    "Region.from_frames(barriers)": (lambda g, x: g.hamlet(barriers=x), {"None", "shapes"}),
    "Region.from_frames(places)": (lambda g, x: g.hamlet(places=x), {"None", "shapes", "None in shapes"}),
    "summary(group)": (lambda g, x: g.result.summary(group=x), set()),
    "explain(place)": (lambda g, x: g.result.explain(x, "clinic"), TEXTS),
    "explain(service)": (lambda g, x: g.result.explain((0.0, 0.0), x), TEXTS),
    "compare(other)": (lambda g, x: g.result.compare(x), set()),
    "figures(lang)": (lambda g, x: g.result.figures(lang=x), {"None"}),
    "explore(lang)": (lambda g, x: g.result.explore(lang=x), {"None"}),
    "explore(tiles)": (lambda g, x: g.result.explore(tiles=x), TEXTS | {"None"}),
    "write(folder)": (lambda g, x: g.result.write(no_path(x)), set()),
    "write(force)": (lambda g, x: g.result.write(g.full, force=x), {"True", "np.True_"}),
    "write(crs)": (lambda g, x: g.result.write(g.full, crs=x), TEXTS | {"None"}),
    "write(lang)": (lambda g, x: g.result.write(g.full, lang=x), {"None"}),
    "write(with_report)": (lambda g, x: g.result.write(g.full, with_report=x), {"True", "np.True_"}),
    "write_report(folder)": (lambda g, x: g.result.write_report(no_path(x)), set()),
    "write_report(pdf)": (lambda g, x: g.result.write_report(g.full, pdf=x), {"True", "np.True_"}),
    "write_report(force)": (lambda g, x: g.result.write_report(g.full, force=x), {"True", "np.True_"}),
    "check(path)": (lambda g, x: circle.check(x), PATHS),
    "check(cache)": (lambda g, x: circle.check("nowhere", cache=x), {"True", "np.True_"}),
    "Region.network(memory_limit_gb)": (lambda g, x: g.region.network(memory_limit_gb=x), NUMBERS | {"None"}),
}  # fmt: skip


@pytest.mark.parametrize("call", TABLE)
def test_only_an_error_of_circle_comes_out(call: str, given: Any) -> None:
    """What is accepted is written in the table: neither more nor less."""
    function, accepted = TABLE[call]
    taken, wrong = set(), []
    name_of_function, argument = call.removesuffix(")").split("(")
    where = [f"{name_of_function}(…)"]
    if name_of_function in ("analyze", "Region.from_frames"):  # the readers of files and frames name what they read
        where.append(argument)
    if name_of_function == "load_region":
        where.append("region.toml")
    for name, make in (ODD | GRAPHS if "(graph)" in call else ODD).items():
        if "hostile" in name and call.startswith("analyze(") and "(region)" not in call:
            continue  # pydantic shows what it refuses
        try:
            function(given, make())
        except ResourceError:
            assert "memory_limit_gb" in call
        except (OutputError, QueryError):  # what was asked is understood, and not there or not to be written
            taken.add(name)
        except circle.CircleError as error:
            said = str(error)
            told = [str(problem) for problem in error.problems]
            if not all(told) or not any(own in said for own in where):
                wrong.append(f"{name}: does not say where: {said[:200]}")
        except Exception as error:  # noqa: BLE001 (whatever comes out is what is asked here)
            wrong.append(f"{name}: {type(error).__name__}: {str(error)[:200]}")
        else:
            taken.add(name)
    assert wrong == []
    assert taken == accepted


@pytest.mark.parametrize("name", ["usual", "Float64 in frame", "object in frame", "no geometry but degrees"])
def test_the_same_numbers_of_another_type_are_the_same_points(name: str, network: circle.Network) -> None:
    frame = FRAMES[name]()
    found = circle.travel_times(network, frame, frame)
    pd.testing.assert_frame_equal(found, circle.travel_times(network, POINTS, POINTS))
    lon, lat = frame["lon"], frame["lat"]
    for east, north in [(lon, lat), (list(lon), tuple(lat)), (np.ma.array(lon.to_numpy(float)), lat.to_numpy(float))]:
        assert network.nearest_times(east, north)["clinic"].round().tolist() == [100.0, 200.0, 301.0]


def test_more_than_there_are_is_all(network: circle.Network) -> None:
    for nearest in (1, 2, np.int8(2), 3, 10**5000):
        found = circle.travel_times(network, POINTS, SITES, nearest=nearest)
        assert found.groupby("origin").size().tolist() == [min(nearest, 2)] * 3


def test_what_is_missing_is_told_by_its_place(network: circle.Network) -> None:
    with np.errstate(invalid="ignore"):
        half_nowhere = shapely.LineString([(0, 0), (1, np.nan)])
    for points in (
        FRAMES["NA in frame"](), shapes(shapely.Point(0, 0), None), shapes(shapely.Point(0, 0), shapely.Point()),
        shapes(shapely.Point(0, 0), half_nowhere),
    ):  # fmt: skip
        with pytest.raises(circle.InputError, match=r"travel_times\(…\) · origins: 1 point .* number 2: longitude nan"):
            circle.travel_times(network, points, SITES)
    with pytest.raises(circle.InputError, match=r"nearest_times.*number 2: longitude nan"):
        network.nearest_times(np.ma.array([0.001, 0.002], mask=[False, True]), [0.0, 0.0])


def test_one_label_is_one_destination(network: circle.Network) -> None:
    """Text is no list of its letters, a tuple may be a label, and yes and no are not the labels 1 and 0."""
    town = network.what_if(POINTS, SITES)
    with pytest.raises(circle.InputError, match=r"no destination 'd3' \(str\); there are: d1, d2"):
        town.remove("d3")
    town.remove("d1")
    assert set(town.nearest()["destination"]) == {"d2"}
    levels = SITES.set_axis(pd.MultiIndex.from_tuples([("d", 1), ("d", 2)]))
    for labels in (("d", 1), [("d", 1)], levels.index[:1]):
        town = network.what_if(POINTS, levels)
        town.remove(labels)
        assert set(town.nearest()["destination"]) == {("d", 2)}
    town = network.what_if(POINTS, SITES.reset_index(drop=True))
    for mask in ([True, False], np.array([True, False]), True):
        with pytest.raises(circle.InputError, match="no destination"):
            town.remove(mask)
    town.remove(label for label in [0])
    assert set(town.nearest()["destination"]) == {1}
    assert len(network.what_if(POINTS, SITES.set_axis([True, False])).remove([True])) > 0


def test_a_refusal_changes_nothing(network: circle.Network) -> None:
    town = network.what_if(POINTS, SITES)
    before = town.nearest()
    for name, make in FRAMES.items():
        if name not in UNIQUE:
            with pytest.raises(circle.InputError):
                town.add(make())
    pd.testing.assert_frame_equal(town.nearest(), before)
    assert repr(town) == "<WhatIf: 3 origins, 2 destinations>"
