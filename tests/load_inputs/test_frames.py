"""Layers in memory: the answer of the same layers in files, and advice that can be followed without a file."""

from __future__ import annotations

import string

import affine
import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from geopandas.testing import assert_geodataframe_equal

import circle
from circle.errors import Findings, Severity, render
from circle.load import check_region
from circle.load.frames import IN_MEMORY, Frames, read_frames
from circle.messages import LANGUAGES, catalogue

LON, LAT = 118.9, 28.9
DEGREE = rasterio.crs.CRS.from_epsg(4326)


def frame(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=4326)


def layers():
    """A road of two arms, a clinic at its middle, 15 people."""
    return {
        "roads": frame(
            [shapely.LineString([(LON - 0.01, LAT), (LON, LAT), (LON + 0.01, LAT)])], highway=["residential"]
        ),
        "facilities": frame([shapely.Point(LON, LAT)], service=["clinic"]),
        "population": frame([shapely.Point(LON + 0.002, LAT), shapely.Point(LON, LAT)], people=[7, 8]),
    }


def water():
    river = shapely.LineString([(LON - 0.01, LAT + 0.001), (LON + 0.01, LAT + 0.001)])
    lake = shapely.box(LON - 0.01, LAT - 0.004, LON - 0.008, LAT - 0.002)
    return frame(
        [river, lake, shapely.LineString([(LON, LAT - 0.02), (LON, LAT - 0.01)])],
        waterway=["river", None, "stream"],
        natural=[None, "water", None],
    )


def villages():
    return frame([shapely.Point(LON, LAT), shapely.Point(LON, LAT + 0.01)], name=["甲村", None], people=[15, 3])


def heights():
    """60 m of hill at the east end."""
    transform = affine.Affine(0.001, 0, LON - 0.02, 0, -0.001, LAT + 0.02)
    rows, columns = np.mgrid[0:40, 0:40]
    return (rows * 0.0 + np.maximum(0, columns - 20) * 6.0).astype(np.float32), transform


def of_frames(**more):
    findings = Findings()
    return read_frames(Frames(**{**layers(), **more}), findings), findings.problems


def write_raster(path):
    metres, transform = heights()
    with rasterio.open(
        path, "w", driver="GTiff", width=40, height=40, count=1, dtype="float32", crs=DEGREE, transform=transform
    ) as file:
        file.write(metres, 1)


@pytest.fixture
def of_files(tmp_path):
    """The same layers, read from files."""
    for name, layer in {**layers(), "barriers": water(), "places": villages()}.items():
        layer.to_file(tmp_path / f"{name}.gpkg")
    write_raster(tmp_path / "dem.tif")
    (tmp_path / "region.toml").write_text(
        """
        [region]
        name = "region"
        [roads]
        path = "roads.gpkg"
        [[facilities]]
        path = "facilities.gpkg"
        service_column = "service"
        [population]
        path = "population.gpkg"
        [barriers]
        path = "barriers.gpkg"
        [places]
        path = "places.gpkg"
        [elevation]
        path = "dem.tif"
        """,
        encoding="utf-8",
    )
    loaded, problems = check_region(tmp_path)
    assert loaded is not None, problems
    return loaded.data


def test_barriers_places_and_heights_are_those_of_the_same_layers_in_files(of_files, tmp_path):
    metres, transform = heights()
    data, problems = of_frames(barriers=water(), places=villages(), elevation=tmp_path / "dem.tif")
    assert [problem.severity for problem in problems if problem.severity is not Severity.NOTE] == []
    for name in ("lon", "lat", "line_offset", "kind", "one_sided"):
        assert np.array_equal(getattr(data.barriers, name), getattr(of_files.barriers, name)), name
    assert len(data.barriers.kind) == 2
    assert shapely.equals(data.barriers.water, of_files.barriers.water).all()
    assert_geodataframe_equal(data.settlements.frame, of_files.settlements.frame)
    assert np.array_equal(data.elevation.height_m, of_files.elevation.height_m)
    assert data.elevation.transform == of_files.elevation.transform
    whole, _ = of_frames(elevation=(metres, transform, 4326))
    assert np.array_equal(whole.elevation.height_m, metres)
    assert whole.elevation.transform == tuple(transform)[:6]


def test_heights_as_an_array_slow_the_walk_as_the_raster_does(tmp_path):
    """A 1 km road climbs 60 m: Tobler's factor makes the way up slower than 900 s, by array and by file alike."""
    write_raster(tmp_path / "dem.tif")
    metres, transform = heights()
    costs = []
    for elevation in (None, tmp_path / "dem.tif", (metres, transform, "EPSG:4326")):
        network = circle.Region.from_frames(**layers(), elevation=elevation).network()
        costs.append(np.sort([data["impedance"] for *_, data in network.to_networkx().edges(data=True)]))
    flat, by_file, by_array = costs
    assert np.array_equal(by_file, by_array)
    assert (by_file > flat).any()


def test_masked_and_impossible_heights_are_unknown():
    metres, transform = heights()
    metres[0, 0] = -32768
    masked = np.ma.masked_array(metres, mask=np.zeros(metres.shape, bool))
    masked.mask[1, 1] = True
    data, problems = of_frames(elevation=(masked, transform, 4326))
    assert np.argwhere(np.isnan(data.elevation.height_m)).tolist() == [[0, 0], [1, 1]]
    assert [problem.code for problem in problems] == ["elevation.implausible"]
    assert metres[0, 0] == -32768  # the caller's array is left alone


GRID = np.zeros((4, 4), np.float32)
HERE = (0.02, 0, LON - 0.04, 0, -0.02, LAT + 0.04)
FAULTS = {
    "roads of another kind": ({"roads": [1]}, "roads=", "frames.not_roads"),
    "roads without a system": (
        {"roads": layers()["roads"].set_crs(None, allow_override=True)},
        "roads=",
        "frames.no_crs",
    ),
    "swapped": (
        {"facilities": frame([shapely.Point(LAT, LON)], service=["clinic"])},
        "facilities=",
        "frames.swapped",
    ),
    "no service": (
        {"facilities": frame([shapely.Point(LON, LAT)], kind=["x"])},
        "facilities=",
        "frames.column_missing",
    ),
    "no such service": (
        {"facilities": frame([shapely.Point(LON, LAT)], service=["zeppelin mast"])},
        "facilities=",
        "frames.values_unknown",
    ),
    "facilities elsewhere": (
        {"facilities": frame([shapely.Point(LON + 5, LAT)], service=["clinic"])},
        "facilities=",
        "frames.outside",
    ),
    "people elsewhere": (
        {"population": frame([shapely.Point(LON + 5, LAT)], people=[3])},
        "population=",
        "frames.outside",
    ),
    "districts elsewhere": (
        {"districts": frame([shapely.box(0, 0, 1, 1)], name=["x"])},
        "districts=",
        "frames.outside",
    ),
    "no people": (
        {"population": frame([shapely.Point(LON, LAT)], height=[3])},
        "population=",
        "frames.people_missing",
    ),
    "places without names": ({"places": frame([shapely.Point(LON, LAT)], height=[3])}, "places=", "frames.no_names"),
    "barriers of points": ({"barriers": frame([shapely.Point(LON, LAT)])}, "barriers=", "barriers.no_shapes"),
    "barriers of another kind": ({"barriers": 7}, "barriers=", "frames.not_geo"),
    "no such raster": ({"elevation": "nowhere.tif"}, "elevation=", "frames.file_missing"),
    "no heights": ({"elevation": 7.0}, "elevation=", "frames.not_elevation"),
    "heights in one row": ({"elevation": (GRID[0], HERE, 4326)}, "elevation=", "elevation.not_a_grid"),
    "heights in words": ({"elevation": ("high", HERE, 4326)}, "elevation=", "elevation.not_a_grid"),
    "heights nowhere": ({"elevation": (GRID, (0, 0, 0, 0, 0, 0), 4326)}, "elevation=", "frames.raster_nowhere"),
    "heights in no system": ({"elevation": (GRID, HERE, "EPSG:1")}, "elevation=", "raster.crs_unknown"),
    "heights elsewhere": (
        {"elevation": (GRID, (0.02, 0, 9.0, 0, -0.02, 9.0), 4326)},
        "elevation=",
        "raster.outside_region",
    ),
    "no height at all": ({"elevation": (GRID * np.nan, HERE, 4326)}, "elevation=", "elevation.all_void"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_names_the_argument_and_never_a_region_file(fault):
    given, argument, code = FAULTS[fault]
    data, problems = of_frames(**given)
    assert data is None
    assert [(problem.file, problem.code) for problem in problems if problem.severity is Severity.ERROR] == [
        (argument, code)
    ]
    for lang in LANGUAGES:
        said = "\n".join(render(problem, lang) for problem in problems)
        assert argument in said
        assert "region.toml" not in said


def test_faults_of_all_layers_come_at_once_from_the_public_name():
    with pytest.raises(circle.InputError) as caught:
        circle.Region.from_frames(**{**layers(), "roads": 1}, barriers=2, places=3, elevation=4)
    assert [problem.file for problem in caught.value.problems] == ["roads=", "barriers=", "places=", "elevation="]
    with pytest.raises(circle.InputError, match="limts"):
        circle.Region.from_frames(**layers(), limts=(10,))


@pytest.mark.parametrize(("of_file", "of_frame"), sorted(IN_MEMORY.items()))
def test_advice_for_frames_shows_what_was_found_as_that_for_files_does(of_file, of_frame):
    def places(key, lang):
        return {name for _, name, _, _ in string.Formatter().parse(catalogue()[key][lang]) if name is not None}

    for lang in LANGUAGES:
        assert places(of_frame, lang) <= places(of_file, lang)
        assert "region.toml" not in catalogue()[of_frame][lang]
