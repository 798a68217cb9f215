"""Barriers: which lines stop walkers, and on which side of a shore the water lies."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from circle.errors import Findings
from circle.load.barriers import read_barrier_layer
from circle.load.local import area_m2
from circle.model import BARRIER_KINDS, Barriers
from tests.load_roads.drawing import codes, draw, read

SQUARE = [(1, 118.0, 29.0), (2, 118.002, 29.0), (3, 118.002, 29.002), (4, 118.0, 29.002)]
ISLAND = [(5, 118.0005, 29.0005), (6, 118.001, 29.0005), (7, 118.001, 29.001)]
RING = [1, 2, 3, 4, 1]


def barriers_of(path: Path) -> Barriers:
    extract, _ = read(path, streets=False)
    assert extract is not None
    return extract.barriers


def rings(barriers: Barriers) -> list[np.ndarray]:
    pairs = zip(barriers.line_offset, barriers.line_offset[1:], strict=False)
    return [np.column_stack([barriers.lon[a:b], barriers.lat[a:b]]) for a, b in pairs]


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"waterway": "river"}, "water"),
        ({"waterway": "canal", "tunnel": "no"}, "water"),
        ({"railway": "rail"}, "railway"),
        ({"railway": "light_rail", "service": "yard"}, "railway"),
        ({"highway": "motorway"}, "motorway"),
        ({"highway": "trunk", "motorroad": "yes"}, "motorway"),
    ],
    ids=str,
)
def test_lines_that_stop_walkers_both_ways(tmp_path: Path, tags: dict[str, str], kind: str) -> None:
    barriers = barriers_of(draw(tmp_path, SQUARE, [(10, [1, 2, 3], tags)]))
    assert [BARRIER_KINDS[number] for number in barriers.kind] == [kind]
    assert barriers.one_sided.tolist() == [False]
    assert barriers.line_offset.tolist() == [0, 3]


@pytest.mark.parametrize(
    "tags",
    [
        {"waterway": "stream"},
        {"waterway": "ditch"},
        {"waterway": "river", "tunnel": "culvert"},
        {"waterway": "river", "intermittent": "yes"},
        {"waterway": "canal", "layer": "-1"},
        {"railway": "rail", "bridge": "yes"},
        {"railway": "rail", "tunnel": "yes"},
        {"railway": "abandoned"},
        {"railway": "tram"},
        {"highway": "motorway", "bridge": "viaduct"},
        {"highway": "trunk"},
    ],
    ids=str,
)
def test_lines_that_stop_nobody(tmp_path: Path, tags: dict[str, str]) -> None:
    assert len(barriers_of(draw(tmp_path, SQUARE, [(10, [1, 2, 3], tags)])).kind) == 0


@pytest.mark.parametrize("order", [RING, RING[::-1]], ids=["drawn_left", "drawn_right"])
def test_the_water_of_a_lake_lies_right_of_its_ring_however_it_was_drawn(tmp_path: Path, order: list[int]) -> None:
    barriers = barriers_of(draw(tmp_path, SQUARE, [(10, order, {"natural": "water"})]))
    (ring,) = rings(barriers)
    assert barriers.one_sided.tolist() == [True]
    assert not shapely.is_ccw(shapely.linearrings(ring))  # clockwise: the inside is on the right
    assert [polygon.bounds for polygon in barriers.water] == [(118.0, 29.0, 118.002, 29.002)]


def test_the_shore_of_an_island_in_a_lake_has_the_water_on_its_right_too(tmp_path: Path) -> None:
    ways = [(10, RING, {}), (11, [5, 6, 7, 5], {})]
    relation = (20, [("way", 10, "outer"), ("way", 11, "inner")], {"type": "multipolygon", "natural": "water"})
    outer, inner = rings(barriers_of(draw(tmp_path, [*SQUARE, *ISLAND], ways, [relation])))
    assert not shapely.is_ccw(shapely.linearrings(outer))
    assert shapely.is_ccw(shapely.linearrings(inner))


def test_a_coastline_keeps_its_drawing_order(tmp_path: Path) -> None:
    barriers = barriers_of(draw(tmp_path, SQUARE, [(10, [3, 2, 1], {"natural": "coastline"})]))
    assert barriers.one_sided.tolist() == [True]
    assert rings(barriers)[0].tolist() == [[118.002, 29.002], [118.002, 29.0], [118.0, 29.0]]
    assert len(barriers.water) == 0


def test_a_pond_is_walked_around(tmp_path: Path) -> None:
    """0.0005 by 0.0005 degrees at 29 N are 48.7 m by 55.4 m, halved 1,350 m2: below 2,500 m2."""
    assert len(barriers_of(draw(tmp_path, ISLAND, [(10, [5, 6, 7, 5], {"natural": "water"})])).kind) == 0


def test_a_river_that_leaves_the_data_keeps_the_part_that_is_there(tmp_path: Path) -> None:
    barriers = barriers_of(draw(tmp_path, SQUARE, [(10, [1, 2, 99], {"waterway": "river"})]))
    assert barriers.line_offset.tolist() == [0, 2]


def test_areas_of_lakes_agree_with_an_equal_area_projection() -> None:
    lakes = np.array([shapely.box(118.0, lat, 118.02, lat + 0.01) for lat in (0.0, 29.0, 60.0)])
    expected = gpd.GeoSeries(lakes, crs="EPSG:4326").to_crs("EPSG:6933").area.to_numpy()
    assert area_m2(lakes) == pytest.approx(expected, rel=1e-3)


def write_layer(path: Path, **columns: list[object]) -> Path:
    gpd.GeoDataFrame(columns, crs="EPSG:4326").to_file(path, driver="GPKG")
    return path


LINE = shapely.LineString([(118.0, 29.0), (118.01, 29.0)])
LAKE = shapely.box(118.0, 29.0, 118.01, 29.01)


def test_a_layer_is_told_apart_by_its_columns(tmp_path: Path) -> None:
    path = write_layer(
        tmp_path / "lines.gpkg", fclass=["river", "stream", "rail", "motorway"], geometry=[LINE, LINE, LINE, LINE]
    )
    findings = Findings()
    barriers = read_barrier_layer(path, None, findings)
    assert barriers is not None
    assert [BARRIER_KINDS[number] for number in barriers.kind] == ["water", "railway", "motorway"]
    assert codes(findings) == []


def test_a_layer_without_such_columns_is_water(tmp_path: Path) -> None:
    barriers = read_barrier_layer(
        write_layer(tmp_path / "lake.gpkg", name=["湖", "河"], geometry=[LAKE, LINE]), None, Findings()
    )
    assert barriers is not None
    assert barriers.kind.tolist() == [0, 0]
    assert barriers.one_sided.tolist() == [False, True]
    assert len(barriers.water) == 1


def test_the_kind_may_be_said_and_other_areas_stop_both_ways(tmp_path: Path) -> None:
    barriers = read_barrier_layer(
        write_layer(tmp_path / "yard.gpkg", geometry=[LAKE]), None, Findings(), kind="railway"
    )
    assert barriers is not None
    assert [BARRIER_KINDS[number] for number in barriers.kind] == ["railway"]
    assert barriers.one_sided.tolist() == [False]
    assert len(barriers.water) == 0


def test_points_are_no_barrier(tmp_path: Path) -> None:
    findings = Findings()
    assert (
        read_barrier_layer(write_layer(tmp_path / "p.gpkg", geometry=[shapely.Point(118, 29)]), None, findings) is None
    )
    assert codes(findings) == ["barriers.no_shapes"]
