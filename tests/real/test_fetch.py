"""Gozo out of Malta's extract: its roads beside the shapefile that others made of the same extract."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import osmium
import pytest

import circle
from circle.errors import Problem
from circle.fetch import Asked, Fetched, fetch_region
from circle.fetch.area import area_of

pytestmark = pytest.mark.slow
PEOPLE = 31_000


class Deaf:
    def begin(self, step: str, total: int | None = None) -> None: ...

    def done(self, parts: int) -> None: ...

    def say(self, problem: Problem) -> None: ...


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gozo")


@pytest.fixture(scope="module")
def gozo(folder: Path, regions: Path) -> Fetched:
    asked = Asked("Gozo", folder / "out", folder / "cache", pbf=regions / "malta/malta.osm.pbf", population=str(PEOPLE))
    return fetch_region(asked, Deaf())


def test_its_roads_are_those_of_the_shapefile(gozo, folder, regions):
    """The shapefile leaves out some kinds of ways, so its roads in the surroundings must be among ours, and none of
    its roads outside may be."""
    roads = gpd.read_file(regions / "malta/gis_osm_roads_free_1.shp")
    near = roads.intersects(area_of(gozo.place.boundary, 3000.0).around)
    numbers = roads["osm_id"].astype("int64")
    ours = {
        way.id for way in osmium.FileProcessor(str(folder / "out/osm.osm.pbf"), osmium.osm.WAY) if "highway" in way.tags
    }
    assert near.sum() > 1000
    assert (~near).sum() > 1000
    assert set(numbers[near]) <= ours
    assert not set(numbers[~near]) & ours


def test_everybody_is_in_the_answer(gozo, folder):
    table = circle.analyze(circle.load_region(folder / "out")).summary()
    assert table["people"].to_numpy() == pytest.approx(PEOPLE)
    assert (
        table["far"]
        + table["detour"]
        + table["off_road"]
        + table["no_route"]
        + table["no_facility"]
        + table["covered_15min"]
    ).to_numpy() == pytest.approx(PEOPLE)
