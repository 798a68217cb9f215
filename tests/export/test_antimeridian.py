"""A village on both sides of 180°, as on Taveuni in Fiji, against the same village turned to 0°."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import circle
from circle.access import metres_to_boundary
from circle.export.eastward import in_one_piece
from circle.export.geojson import feature_collection
from circle.export.map_data import map_data
from circle.kernels.projection import to_metres
from tests.export.test_map_people import unpacked

FILES = ("coverage", "gaps", "isochrones", "facilities")


def globe(lon):
    return (lon + 180.0) % 360.0 - 180.0


def village(middle):
    """Two roads and a dead end, two clinics, 60 places of 20 people around a meridian."""

    def line(*points):
        return shapely.LineString([(globe(middle + x), y - 16.5) for x, y in points])

    roads = [
        line((-0.02, 0), (-0.01, 0), (0, 0.0003), (0.01, 0), (0.02, 0)),
        line((-0.01, 0), (-0.01, 0.015), (0.012, 0.015)),
        line((-0.03, -0.02), (-0.02, -0.02)),
    ]
    clinics = shapely.points([globe(middle + 0.001), globe(middle - 0.01)], [-16.5, -16.49])
    random = np.random.default_rng(3)
    x, y = random.uniform(-0.022, 0.022, 60), random.uniform(-0.004, 0.018, 60)
    return circle.Region.from_frames(
        roads=gpd.GeoDataFrame(geometry=roads, crs=4326),
        facilities=gpd.GeoDataFrame({"service": "clinic"}, index=[0, 1], geometry=clinics, crs=4326),
        population=gpd.GeoDataFrame(
            {"people": 20}, index=range(60), geometry=shapely.points(globe(middle + x), y - 16.5), crs=4326
        ),
        limits=(5, 10),
    )


@pytest.fixture(scope="module")
def results():
    """At 0° and at 180°."""
    return circle.analyze(village(0.0)), circle.analyze(village(180.0))


@pytest.fixture(scope="module")
def written(results, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fiji")
    return tuple(result.write(folder / name) for result, name in zip(results, ("there", "here"), strict=True))


def test_the_numbers_are_the_same(results):
    there, here = results
    pd.testing.assert_frame_equal(there.summary(), here.summary(), rtol=1e-5)
    assert (there.to_frame()["clinic_edge_affected"] == here.to_frame()["clinic_edge_affected"]).all()


@pytest.mark.parametrize("name", FILES)
def test_every_layer_is_cut_there_and_keeps_its_area(written, name):
    there, here = (gpd.read_file(folder / f"{name}.geojson") for folder in written)
    assert here.geometry.is_valid.all()
    west, _, east, _ = here.total_bounds
    assert -180 <= west < -179
    assert 179 < east <= 180
    for shape in here.geometry.explode():
        assert shape.bounds[2] - shape.bounds[0] < 1  # nothing goes round the world
    areas = [shapely.area(frame.geometry.to_numpy()) for frame in (there, here)]
    assert areas[1] == pytest.approx(areas[0], rel=1e-5)


def test_a_route_is_cut_there():
    table = pd.DataFrame({"leg": ["way"]})
    (feature,) = json.loads(feature_collection(table, [shapely.LineString([(179.9, 1), (-179.9, 1)])]))["features"]
    assert feature["geometry"] == {
        "type": "MultiLineString",
        "coordinates": [[[179.9, 1.0], [180.0, 1.0]], [[-180.0, 1.0], [-179.9, 1.0]]],
    }


def test_the_map_shows_the_village_in_one_piece(results):
    """Same size as at 0°, 180° further east, and nothing that is drawn lies a world away."""
    there, here = (map_data(result.analysis, "en")[0] for result in results)
    _, columns = unpacked(in_one_piece(results[1].analysis))
    (south, west), (north, east) = there["bounds"]
    assert np.ravel(here["bounds"]) == pytest.approx([south, west + 180, north, east + 180], abs=2e-5)
    first = [part[0] for rank in here["background"]["roads"] for part in rank]
    gaps = [ring[0] for gap in here["services"][0]["gaps"] for polygon in gap["shape"] for ring in polygon]
    dots = np.cumsum(columns["lon"]).tolist() + [lon * 1e5 for lon, *_ in here["services"][0]["facilities"]]
    assert first
    assert gaps
    for lon in (*first, *gaps, *dots):
        assert 179.9e5 < lon < 180.1e5
    steps = [abs(step) for rank in here["background"]["roads"] for part in rank for step in part[2::2]]
    assert max(steps) < 0.1e5
    told = [line for _, lines in here["said"]["en"]["services"][0]["gaps"] for line in lines]
    assert not any("180.0" in line for line in told)


def test_the_line_itself_is_no_boundary_of_the_data(results):
    """Where the extent is cut nobody is nearer to the end of the data than at 0°."""
    metres = []
    for result in results:
        network, residents = result.analysis.network, result.analysis.residents
        extent = result.analysis.region.extent
        x, y = to_metres(network.crs, residents.lon, residents.lat)
        metres.append(metres_to_boundary(extent, network.crs, x, y, 5000.0))
    assert metres[1] == pytest.approx(metres[0], abs=0.02)
    assert metres[0].max() > 300
