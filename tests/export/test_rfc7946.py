"""Every GeoJSON file that circle writes, of several regions, by an independent check; and the check itself."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import circle
from circle.export import feature_collection, write_outputs
from circle.fetch.recipe import _geojson
from circle.sample import write_sample
from tests.export.test_antimeridian import globe, village
from tests.export.test_geopackage import with_repairs
from tests.export.town import town_analysis
from tests.rfc7946 import faults, file_faults

LAYERS = {"coverage.geojson", "gaps.geojson", "isochrones.geojson", "facilities.geojson"}


def faults_in(folder: Path) -> dict[str, list[str]]:
    found = {path.name: file_faults(path) for path in sorted(folder.rglob("*.geojson"))}
    assert set(found) >= LAYERS
    return {name: faulty for name, faulty in found.items() if faulty}


@pytest.mark.parametrize("districts", [True, False])
@pytest.mark.parametrize("hostile", ["", "\"'\\\u2028</script>\x00"])
def test_the_files_of_a_town(hostile: str, districts: bool, tmp_path: Path) -> None:
    write_outputs(with_repairs(town_analysis(hostile=hostile, districts=districts)), tmp_path)
    assert (tmp_path / "road_repairs.geojson").is_file()
    assert faults_in(tmp_path) == {}


@pytest.mark.parametrize("middle", [0.0, 180.0])
def test_the_files_of_a_village_on_either_meridian(middle: float, tmp_path: Path) -> None:
    circle.analyze(village(middle)).write(tmp_path / "out")
    assert faults_in(tmp_path / "out") == {}


@pytest.mark.parametrize("seed", range(4))
def test_the_files_of_random_towns_with_districts_drawn_the_wrong_way_round(seed: int, tmp_path: Path) -> None:
    """Across 180°, outer rings clockwise, holes counter-clockwise, in twelve decimals."""
    random = np.random.default_rng(seed)
    lon, lat = 180.0 + random.uniform(-0.01, 0.01), random.uniform(-60, 60)

    def at(x: float, y: float) -> tuple[float, float]:
        return globe(lon + x), lat + y

    roads = [shapely.LineString([at(x, y) for x, y in random.uniform(-0.02, 0.02, (4, 2))]) for _ in range(6)]
    outer = [(-0.03, -0.03), (-0.03, 0.03), (0.03, 0.03), (0.03, -0.03)]
    hole = [(-0.005, -0.005), (0.005, -0.005), (0.005, 0.005), (-0.005, 0.005)]
    area = shapely.Polygon([at(*point) for point in outer], [[at(*point) for point in hole]])
    homes = shapely.points([at(x, y) for x, y in random.uniform(-0.025, 0.025, (80, 2))])
    region = circle.Region.from_frames(
        roads=gpd.GeoDataFrame(geometry=roads, crs=4326),
        facilities=gpd.GeoDataFrame({"service": ["clinic"]}, geometry=[shapely.Point(at(0.001, 0.001))], crs=4326),
        population=gpd.GeoDataFrame({"people": 60}, index=range(80), geometry=homes, crs=4326),
        districts=gpd.GeoDataFrame({"district_id": ["1"], "district_name": ["a"]}, geometry=[area], crs=4326),
    )
    circle.analyze(region).write(tmp_path / "out")
    assert faults_in(tmp_path / "out") == {}
    for layer in ("roads", "coverage", "isochrones", "gaps"):  # cut there as well
        bounds = gpd.read_file(tmp_path / "out" / "layers.gpkg", layer=layer).explode().bounds
        assert ((bounds.maxx - bounds.minx).dropna() < 1).all(), layer


def test_the_townships_of_a_sample_and_the_boundary_of_a_fetch(tmp_path: Path) -> None:
    write_sample("qingxi", tmp_path / "county", junctions=500, seed=5)
    assert file_faults(tmp_path / "county" / "townships.geojson") == []
    clockwise = shapely.Polygon([(1 / 3, 0), (0, 1), (1, 1), (1, 0)])
    assert faults(_geojson(clockwise, {"name": "青溪"}).encode()) == []
    assert faults(_geojson(shapely.MultiPolygon([clockwise]), {}).encode()) == []


@pytest.mark.slow
def test_the_files_of_the_bundled_county(sample_regions: Path, tmp_path: Path) -> None:
    circle.analyze(circle.load_region(sample_regions / "qingxi"), each_isochrone=True).write(tmp_path / "out")
    assert faults_in(tmp_path / "out") == {}
    assert file_faults(sample_regions / "qingxi" / "townships.geojson") == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["comoros", "las_palmas"])
def test_the_files_of_real_regions(regions: Path, name: str, tmp_path: Path) -> None:
    """Coasts, islands, water cut out of isochrones; districts from OpenStreetMap's relations and from a file."""
    folder = regions / name
    pbf = next(folder.glob("*.osm.pbf")).as_posix()
    people = next(
        (f'path = "{tif.as_posix()}"' for tif in folder.glob("*UNadj.tif")), 'source = "osm-buildings"\ntotal = 378675'
    )
    borders = next(
        (
            f'path = "{path.as_posix()}"\nid = "NATCODE"\nname = "NAMEUNIT"'
            for path in folder.glob("boundary_m*.geojson")
        ),
        'source = "osm"\nadmin_level = 4',
    )
    text = f"""[region]
name = "x"
[osm]
path = "{pbf}"
[roads]
source = "osm"
[[facilities]]
source = "osm"
services = ["school", "pharmacy"]
[population]
{people}
[districts]
{borders}
"""
    (tmp_path / "region.toml").write_text(text, encoding="utf-8")
    circle.analyze(circle.load_region(tmp_path)).write(tmp_path / "out")
    assert faults_in(tmp_path / "out") == {}


# --- the check itself -------------------------------------------------------------------------------------------------


def whole(geometry: object, **members: object) -> str:
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": {}, "geometry": geometry}],
            **members,
        }
    )


SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
INNER = [[0.2, 0.2], [0.2, 0.4], [0.4, 0.4], [0.4, 0.2], [0.2, 0.2]]
BROKEN = {
    "mark": "\ufeff" + whole(None),
    "NaN": '{"type":"FeatureCollection","features":[],"x":NaN}',
    "no FeatureCollection": '{"type":"Feature","properties":{},"geometry":null}',
    "crs": whole(None, crs={"type": "name"}),
    "missing": '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null}]}',
    "no geometry": whole({"type": "Circle", "coordinates": [0, 0]}),
    "empty": whole({"type": "MultiPolygon", "coordinates": []}),
    "no position": whole({"type": "Point", "coordinates": ["1", 2]}),
    "off the globe": whole({"type": "Point", "coordinates": [180.1, 2]}),
    "decimals": whole({"type": "Point", "coordinates": [1.12345678, 2]}),
    "one position": whole({"type": "LineString", "coordinates": [[1, 2]]}),
    "antimeridian": whole({"type": "LineString", "coordinates": [[179, 2], [-179, 2]]}),
    "not closed": whole({"type": "Polygon", "coordinates": [SQUARE[:-1]]}),
    "outer": whole({"type": "Polygon", "coordinates": [SQUARE[::-1]]}),
    "hole": whole({"type": "Polygon", "coordinates": [SQUARE, INNER[::-1]]}),
    "crosses itself": whole(
        {"type": "Polygon", "coordinates": [[[0, 0], [3, 0], [1, 2], [1, -1], [3, 3], [0, 3], [0, 0]]]}
    ),
}


@pytest.mark.parametrize("rule", sorted(BROKEN))
def test_the_check_finds_what_is_broken(rule: str) -> None:
    found = faults(BROKEN[rule].encode("utf-8"))
    assert any(rule in fault for fault in found), found


def test_the_check_lets_pass_what_is_right() -> None:
    assert faults(whole({"type": "Polygon", "coordinates": [SQUARE, INNER]}).encode()) == []
    shapes = [shapely.Point(1, 2), shapely.MultiPoint([(1, 2), (-179, 3)]), None]
    assert faults(feature_collection(pd.DataFrame({"a": [1, 2, 3]}), shapes).encode()) == []
