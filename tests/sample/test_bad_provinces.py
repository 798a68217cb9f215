"""What `tests.provinces` breaks is broken, and nothing else; and `circle check` has an answer to all of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import osmium
import pytest
import rasterio
import shapely

from circle.errors import Severity
from circle.load.region import check_region
from circle.sample import write_sample_province
from tests import provinces


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample_province(tmp_path_factory.mktemp("sound") / "p", 7, junctions=500, seed=4).parent


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    return provinces.copy_of(sound, tmp_path / "p")


def changed(folder: Path, sound: Path) -> list[str]:
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in sound.iterdir())
    return [path.name for path in sorted(folder.iterdir()) if path.read_bytes() != (sound / path.name).read_bytes()]


def streets(folder: Path) -> list[shapely.LineString]:
    ways = osmium.FileProcessor(str(folder / "roads.osm.pbf")).with_locations()
    return [
        shapely.LineString([(node.lon, node.lat) for node in way.nodes])
        for way in ways
        if way.is_way() and "highway" in way.tags
    ]


LAYER: dict[str, Callable[[Path], None]] = {
    "overlapping": lambda folder: provinces.overlapping(folder, 3),
    "twice": lambda folder: provinces.twice(folder, 2),
    "same_code": lambda folder: provinces.same_code(folder, 1, 2),
    "no_name": lambda folder: provinces.without(folder, 0, "name"),
    "no_code": lambda folder: provinces.without(folder, 0, "adcode", None),
    "unsafe_names": provinces.named,
    "unsafe_codes": lambda folder: provinces.named(folder, column="adcode"),
    "elsewhere": provinces.elsewhere,
    "no_shape": lambda folder: provinces.without_shape(folder, 5),
}


@pytest.mark.parametrize("fault", LAYER)
def test_the_layer_is_broken_and_looked_at_without_a_fault_of_circle(folder: Path, sound: Path, fault: str) -> None:
    LAYER[fault](folder)
    assert changed(folder, sound) == ["counties.geojson"]
    loaded, problems = check_region(folder / "province.toml")
    assert (loaded is None) == any(problem.severity is Severity.ERROR for problem in problems)


def test_the_grown_county_lies_over_its_neighbours(folder: Path) -> None:
    provinces.overlapping(folder, 3)
    shapes = [provinces.shape_of(folder, number) for number in range(7)]
    assert sum(shapely.area(shapely.intersection(shapes[3], other)) > 1e-4 for other in shapes[:3] + shapes[4:]) >= 2


def test_no_street_is_left_in_a_county_without_roads(folder: Path, sound: Path) -> None:
    area = shapely.buffer(provinces.shape_of(folder, 0), -1e-6)
    before = sum(shapely.intersects(area, line) for line in streets(sound))
    provinces.without_roads(folder, 0)
    assert changed(folder, sound) == ["roads.osm.pbf"]
    assert before > 100
    assert not any(shapely.intersects(area, line) for line in streets(folder))
    assert len(streets(folder)) > 0.7 * (len(streets(sound)) - before)
    assert check_region(folder / "province.toml")[0] is not None


def test_nobody_is_left_in_a_county_without_people_and_everybody_elsewhere(folder: Path, sound: Path) -> None:
    area, others = provinces.shape_of(folder, 2), [provinces.shape_of(folder, n) for n in (0, 1, 3, 4, 5, 6)]
    assert provinces.people_in(folder, area) > 1_000
    provinces.without_people(folder, 2)
    assert changed(folder, sound) == ["population.tif"]
    assert provinces.people_in(folder, area) == 0
    whole = [sum(provinces.people_in(place, shape) for shape in others) for place in (folder, sound)]
    assert 0.97 * whole[1] < whole[0] <= whole[1]  # cells on its border touch it too
    assert check_region(folder / "province.toml")[0] is not None


def test_the_raster_ends_before_the_county(folder: Path, sound: Path) -> None:
    outer = max(range(7), key=lambda number: provinces.shape_of(folder, number).centroid.y)
    provinces.outside_the_raster(folder, outer)
    assert changed(folder, sound) == ["population.tif"]
    with rasterio.open(folder / "population.tif") as raster:
        assert not shapely.box(*raster.bounds).intersects(provinces.shape_of(folder, outer))
    shapes = [provinces.shape_of(folder, number) for number in range(7)]
    kept = [number for number in range(7) if provinces.people_in(folder, shapes[number]) > 0]
    assert outer not in kept
    assert len(kept) >= 4
    far = min(shapes, key=lambda shape: shape.centroid.y)
    assert provinces.people_in(folder, far) == provinces.people_in(sound, far)


def test_a_county_without_facilities_is_not_named_in_the_list(folder: Path, sound: Path) -> None:
    code = provinces.codes_of(folder)[1]
    provinces.without_facilities(folder, code)
    assert changed(folder, sound) == ["facilities.csv"]
    text = (folder / "facilities.csv").read_text(encoding="gbk")
    assert code not in text
    assert all(other in text for other in provinces.codes_of(folder) if other != code)
