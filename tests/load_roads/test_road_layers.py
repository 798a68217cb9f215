"""Line layers of every format to the same streets."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from circle.errors import Findings, render
from circle.load.located import Located
from circle.load.road_layers import join_vertices, read_road_layer, streets_from_lines, vertices_of
from circle.model import Streets
from tests.load_roads.drawing import codes

LINES = [
    shapely.LineString([(118.0, 29.0), (118.01, 29.0), (118.02, 29.0)]),
    shapely.LineString([(118.01, 29.01), (118.01, 29.0), (118.01, 28.99)]),
    shapely.MultiLineString([[(118.02, 29.0), (118.03, 29.0)], [(118.04, 29.0), (118.05, 29.0)]]),
    shapely.LineString([(118.01, 29.01), (118.02, 29.01)]),
]
CLASSES = ["residential", "steps", "track_grade2", "motorway"]


def frame(**columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"geometry": LINES, **columns}, crs="EPSG:4326")


def read(path: Path, layer: str | None = None, **options: object) -> tuple[Streets | None, Findings]:
    findings = Findings()
    return read_road_layer(path, layer, findings, **options), findings


def zipped(data: gpd.GeoDataFrame, path: Path) -> Path:
    folder = path.parent / "shp"
    folder.mkdir()
    data.to_file(folder / "roads.shp")
    return Path(shutil.make_archive(str(path.with_suffix("")), "zip", folder))


def parquet(data: gpd.GeoDataFrame, path: Path) -> Path:
    data.to_parquet(path.with_suffix(".parquet"))
    return path.with_suffix(".parquet")


def written(driver: str, suffix: str) -> Callable[[gpd.GeoDataFrame, Path], Path]:
    def write(data: gpd.GeoDataFrame, path: Path) -> Path:
        data.to_file(path.with_suffix(suffix), driver=driver)
        return path.with_suffix(suffix)

    return write


WRITERS = {
    "gpkg": written("GPKG", ".gpkg"),
    "geojson": written("GeoJSON", ".geojson"),
    "shp": written("ESRI Shapefile", ".shp"),
    "zip": zipped,
    "parquet": parquet,
}


@pytest.mark.parametrize("kind", WRITERS)
def test_every_format_gives_the_same_streets(tmp_path: Path, kind: str) -> None:
    """Lines 1 and 2 cross at a vertex of both, lines 1 and 3 meet at an end; the motorway is left out."""
    streets, findings = read(
        WRITERS[kind](frame(fclass=CLASSES, osm_id=["7", "8", "9", "10"]), tmp_path / "道路 roads.x")
    )
    assert streets is not None
    assert codes(findings) == []
    assert streets.way_id.tolist() == [7, 8, 9, 9]
    assert streets.way_offset.tolist() == [0, 3, 6, 8, 10]
    assert streets.way_vertex[1] == streets.way_vertex[4]
    assert streets.way_vertex[2] == streets.way_vertex[6]
    assert len(streets.lon) == 8
    assert [streets.classes[number] for number in streets.way_class] == ["residential", "steps", "track", "track"]
    assert streets.speed_factor.tolist() == [1.0, 0.6, 1.0, 1.0]
    assert streets.counts == {"blocked_class": 1}
    assert streets.extent is None


def test_a_projected_layer_is_joined_in_degrees(tmp_path: Path) -> None:
    path = tmp_path / "roads.gpkg"
    frame().to_crs("EPSG:4549").to_file(path)
    streets, _ = read(path)
    assert streets is not None
    assert len(streets.lon) == 9
    assert streets.lon == pytest.approx(
        [118.0, 118.01, 118.02, 118.01, 118.01, 118.03, 118.04, 118.05, 118.02], abs=1e-7
    )


def test_a_system_that_the_user_declares_wins(tmp_path: Path) -> None:
    """118.878771913, 28.938572538 in GCJ-02 is 118.874, 28.9417 in WGS84 (golden value of DOMAIN 7.1)."""
    path = tmp_path / "roads.gpkg"
    gpd.GeoDataFrame(
        geometry=[shapely.LineString([(118.878771913, 28.938572538), (118.88, 28.94)])], crs="EPSG:4326"
    ).to_file(path)
    streets, _ = read(path, crs="gcj02")
    assert streets is not None
    assert (streets.lon[0], streets.lat[0]) == pytest.approx((118.874, 28.9417), abs=1e-6)


def test_without_a_class_column_every_line_is_walked_and_the_user_is_told(tmp_path: Path) -> None:
    path = tmp_path / "roads.gpkg"
    frame(kind=["a", "b", "c", "d"]).to_file(path)
    streets, findings = read(path)
    assert streets is not None
    assert len(streets.way_id) == 5
    assert streets.way_id.tolist() == [1, 2, 3, 3, 4]
    assert codes(findings) == ["roads.layer_no_class"]


def test_a_class_column_that_knows_no_class_is_none(tmp_path: Path) -> None:
    path = tmp_path / "roads.gpkg"
    frame(**{"class": ["A1", "A2", "B1", "C9"]}).to_file(path)
    streets, findings = read(path)
    assert streets is not None
    assert len(streets.way_id) == 5
    assert codes(findings) == ["roads.layer_no_class"]


def test_chinese_road_classes_are_known(tmp_path: Path) -> None:
    path = tmp_path / "道路.gpkg"
    frame(道路等级=["国道", "村道", "县道", "高速公路"]).to_file(path)
    streets, findings = read(path)
    assert streets is not None
    assert set(streets.classes) == {"trunk", "unclassified", "secondary"}
    assert streets.counts == {"blocked_class": 1}
    assert codes(findings) == []


def test_columns_named_like_tags_are_judged_like_tags(tmp_path: Path) -> None:
    """T and F are Geofabrik's words; the one-way column is for vehicles."""
    path = tmp_path / "roads.gpkg"
    frame(
        highway=["residential", "path", "service", None],
        bridge=["F", "T", "F", "F"],
        tunnel=["F", "F", "F", "F"],
        access=[None, None, "private", None],
        oneway=["F", "T", "B", "B"],
    ).to_file(path)
    streets, _ = read(path)
    assert streets is not None
    assert streets.way_id.tolist() == [1, 2]
    assert streets.spans.tolist() == [False, True]
    assert streets.attachable.tolist() == [True, False]
    assert streets.backward.all()
    assert streets.counts == {"access_denied": 1, "no_class": 1}


def test_class_only_sees_nothing_but_the_class(tmp_path: Path) -> None:
    path = tmp_path / "roads.gpkg"
    frame(highway=["residential"] * 4, access=["private"] * 4, bridge=["T"] * 4).to_file(path)
    streets, _ = read(path, class_only=True)
    assert streets is not None
    assert len(streets.way_id) == 5
    assert streets.attachable.all()


def test_heights_measures_and_closed_rings_are_lines_like_others(tmp_path: Path) -> None:
    shapes = [
        shapely.LineString([(118.0, 29.0, 100.0), (118.01, 29.0, 200.0)]),
        shapely.LineString([(118.0, 29.0, 0.0), (118.01, 29.01, 5.0), (118.0, 29.01, 5.0), (118.0, 29.0, 0.0)]),
    ]
    path = tmp_path / "roads.gpkg"
    gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4326").to_file(path)
    streets, _ = read(path)
    assert streets is not None
    assert streets.way_vertex.tolist() == [0, 1, 0, 2, 3, 0]


def test_what_is_no_line_is_counted_and_told(tmp_path: Path) -> None:
    shapes = [
        *LINES[:1],
        shapely.Point(118, 29),
        shapely.box(118, 29, 119, 30),
        shapely.LineString([(118, 29), (np.inf, 29)]),
    ]
    path = tmp_path / "roads.parquet"
    gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4326").to_parquet(path)
    streets, findings = read(path)
    assert streets is not None
    assert streets.way_id.tolist() == [1]
    assert streets.counts == {"not_a_line": 2}
    assert "vector.nowhere" in codes(findings)  # what is nowhere never was a road
    assert "roads.parts_unusable" in codes(findings)


def test_a_layer_of_points_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "points.gpkg"
    gpd.GeoDataFrame(geometry=[shapely.Point(118, 29)], crs="EPSG:4326").to_file(path)
    streets, findings = read(path)
    assert streets is None
    assert codes(findings)[-1] == "roads.no_lines"
    assert "points" in render(findings.errors[0], "en")
    assert "现有要素类型：点" in render(findings.errors[0], "zh")


def test_a_layer_of_motorways_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "roads.gpkg"
    frame(highway=["motorway"] * 4).to_file(path)
    streets, findings = read(path)
    assert streets is None
    assert codes(findings) == ["roads.layer_no_walkable"]


def test_a_layer_without_a_system_is_an_error_until_one_is_declared(tmp_path: Path) -> None:
    path = tmp_path / "roads.shp"
    frame().to_file(path)
    path.with_suffix(".prj").unlink()
    streets, findings = read(path)
    assert streets is None
    assert codes(findings) == ["crs.missing"]
    assert read(path, crs="EPSG:4326")[0] is not None


@pytest.mark.parametrize("name", ["nowhere.gpkg", "nowhere.parquet"])
def test_a_missing_layer_file_is_an_error(tmp_path: Path, name: str) -> None:
    assert codes(read(tmp_path / name)[1]) == ["file.missing"]


@pytest.mark.parametrize("name", ["garbage.gpkg", "garbage.parquet", "garbage.shp", "garbage.geojson", "garbage.zip"])
def test_a_damaged_layer_file_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(np.random.default_rng(2).integers(0, 256, 500, dtype=np.uint8).tobytes())
    streets, findings = read(tmp_path / name)
    assert streets is None
    assert codes(findings) == ["vector.unreadable"]


def test_of_several_layers_the_only_one_with_lines_is_read(tmp_path: Path) -> None:
    path = tmp_path / "county.gpkg"
    gpd.GeoDataFrame(geometry=[shapely.Point(118, 29)], crs="EPSG:4326").to_file(path, layer="schools")
    frame(highway=CLASSES).to_file(path, layer="roads")
    streets, findings = read(path)
    assert streets is not None
    assert codes(findings) == []


def test_lines_on_different_levels_that_cross_midway_stay_apart(tmp_path: Path) -> None:
    """A flyover and the road under it share the position of a vertex; the ramp that ends on the flyover joins it."""
    flyover = shapely.LineString([(118.0, 29.0), (118.01, 29.0), (118.02, 29.0), (118.03, 29.0)])
    under = shapely.LineString([(118.01, 28.99), (118.01, 29.0), (118.01, 29.01)])
    ramp = shapely.LineString([(118.02, 29.0), (118.02, 28.99)])
    path = tmp_path / "roads.gpkg"
    gpd.GeoDataFrame({"layer": [1, 0, 0]}, geometry=[flyover, under, ramp], crs="EPSG:4326").to_file(path)
    streets, _ = read(path)
    assert streets is not None
    crossing_above, crossing_below = streets.way_vertex[1], streets.way_vertex[5]
    assert crossing_above != crossing_below
    assert streets.lon[crossing_above] == streets.lon[crossing_below] == 118.01
    assert streets.way_vertex[2] == streets.way_vertex[7]


def test_vertices_a_millimetre_apart_are_one_and_a_metre_apart_are_two() -> None:
    lines = shapely.from_wkt(
        [
            "LINESTRING (118 29, 118.1 29)",
            "LINESTRING (118.10000001 29, 118.2 29)",
            "LINESTRING (118.10001 29, 118.2 29)",
        ]
    )
    lon, _, offset, vertex = join_vertices(vertices_of(lines))
    assert offset.tolist() == [0, 2, 4, 6]
    assert vertex.tolist() == [0, 1, 1, 2, 3, 2]
    assert lon.tolist() == [118.0, 118.1, 118.2, 118.10001]


@pytest.mark.parametrize("west", [118.9, 179.99, -179.99])
@pytest.mark.parametrize("stray", [(0.0, 0.0), (28.9, 60.0), (118.9, 95.0), (1e10, 1e10), (-1.797e308, 1.0)])
def test_a_stray_vertex_costs_its_line_and_nothing_else(stray: tuple[float, float], west: float) -> None:
    """Thirty roads, and one that runs off: the streets are those of the thirty, whichever side of 180 degrees they are on."""
    sound = [shapely.LineString([(west + 0.001 * k, 29.0), (west + 0.001 * k, 29.01)]) for k in range(30)]
    lines = [shapely.transform(line, lambda xy: np.column_stack([(xy[:, 0] + 180) % 360 - 180, xy[:, 1]])) for line in sound]
    runs_off = shapely.LineString([lines[0].coords[0], stray])

    def streets(shapes: list[shapely.LineString]) -> tuple[Streets, list[str]]:
        findings = Findings()
        data = gpd.GeoDataFrame({"highway": ["path"] * len(shapes)}, geometry=shapes, crs=4326)
        found = streets_from_lines(data, Located(findings, "roads"))
        assert found is not None
        return found, codes(findings)

    (clean, _), (found, told) = streets(lines), streets([*lines, runs_off])
    assert np.array_equal(found.lon, clean.lon)
    assert np.array_equal(found.lat, clean.lat)
    assert "roads.parts_unusable" in told


def test_a_country_is_no_stray(tmp_path: Path) -> None:
    """A tenth of the roads lie 20 degrees away, on another island: they stay."""
    lines = [shapely.LineString([(x, 40.0), (x + 0.01, 40.0)]) for x in [*np.linspace(0.0, 3.0, 90), *np.linspace(20, 21, 10)]]
    data = gpd.GeoDataFrame({"highway": ["path"] * 100}, geometry=lines, crs=4326)
    findings = Findings()
    found = streets_from_lines(data, Located(findings, "roads"))
    assert found is not None
    assert len(found.way_id) == 100
    assert "roads.parts_unusable" not in codes(findings)
