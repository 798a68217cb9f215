"""A town whose every doubtful thing was put there by hand; see `tests.cli.conftest.write_town`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from tests.cli.conftest import LAT, LON, STEP, circle, write_town

__all__ = ["circle"]  # the fixture: pytest finds it by name

MIDDLE = LON + 1.5 * STEP


def add_districts(folder: Path, names: Sequence[str] = ("西镇", "东镇"), census: Sequence[object] = (80, 200)) -> None:
    """Two districts that share a border between the second and the third street; one with too many in the census."""
    areas = [
        shapely.box(LON - STEP, LAT - STEP, MIDDLE, LAT + 4 * STEP),
        shapely.box(MIDDLE, LAT - STEP, LON + 4 * STEP, LAT + 4 * STEP),
    ]
    frame = gpd.GeoDataFrame({"code": ["01", "02"], "name": names, "常住人口": census}, geometry=areas, crs="EPSG:4326")
    frame.to_file(folder / "districts.gpkg", driver="GPKG")
    with (folder / "region.toml").open("a", encoding="utf-8") as file:
        file.write('[districts]\npath = "districts.gpkg"\n')


def add_island(folder: Path, people: float = 30.0) -> None:
    """A straight road of two steps 5 km east of the town, with people in its middle."""
    roads = gpd.read_file(folder / "roads.gpkg")
    east = LON + 0.05
    line = shapely.LineString([(east, LAT), (east + 2 * STEP, LAT)])
    island = gpd.GeoDataFrame({"highway": ["residential"]}, geometry=[line], crs="EPSG:4326")
    gpd.GeoDataFrame(pd.concat([roads, island]), crs="EPSG:4326").to_file(folder / "roads.gpkg", driver="GPKG")
    living = gpd.read_file(folder / "people.gpkg")
    more = gpd.GeoDataFrame({"people": [people]}, geometry=[shapely.Point(east + STEP, LAT)], crs="EPSG:4326")
    gpd.GeoDataFrame(pd.concat([living, more]), crs="EPSG:4326").to_file(folder / "people.gpkg", driver="GPKG")


def add_facilities(folder: Path, rows: Sequence[tuple[str, str, float, float]]) -> None:
    with (folder / "facilities.csv").open("a", encoding="utf-8") as file:
        for name, kind, lon, lat in rows:
            quoted = name.replace('"', '""')
            file.write(f'"{quoted}",{kind},{lon},{lat}\n')


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return write_town(tmp_path / "数据")
