"""Tables of people are the population and named layers are places, whatever the files are called."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from circle.load.manifest import Manifest

pytestmark = pytest.mark.slow

PEOPLE = {
    "常住人口": "resident",
    "户籍人口": "registered",
    "人口": None,
    "人口数": None,
    "总人口": None,
    "人数": None,
    "people": None,
    "population": None,
    "Population": None,
    "POP": None,
    "常住人口（人）": "resident",
}
GROUPS = [
    {},
    {"aged_60_and_over": "60岁以上", "aged_0_to_14": "0-14岁"},
    {"aged_65_and_over": "65岁及以上人口", "children": "儿童"},
    {"elderly": "elderly"},
]
FILES = ("居民点.csv", "村庄.csv", "villages.csv", "places_2024.csv", "list.csv", "人口.csv", "settlements.csv")
AXES = (("经度", "纬度"), ("lon", "lat"))


def written(folder: Path, name: str, columns: list[str]) -> None:
    """A table with a byte-order mark, as spreadsheets save it."""
    rows = [
        [
            str(119 + 0.001 * i) if c in ("经度", "lon") else "28.4" if c in ("纬度", "lat") else str(i + 3)
            for c in columns
        ]
        for i in range(4)
    ]
    lines = [",".join(columns), *(",".join(row) for row in rows)]
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8-sig")


def villages(folder: Path, name: str = "a_村庄.geojson", **more: object) -> None:
    frame = gpd.GeoDataFrame(
        {"name": ["上坞"], "place": ["village"], **{k: [v] for k, v in more.items()}},
        geometry=[shapely.Point(119, 28.4)],
        crs="EPSG:4326",
    )
    frame.to_file(folder / name, driver="GeoJSON")


def proposed(folder: Path) -> dict:
    manifest = tomllib.loads((folder / "region.toml").read_text(encoding="utf-8"))
    Manifest.model_validate(manifest | {"roads": {"path": "roads.gpkg"}, "facilities": [{"path": "x.gpkg"}]})
    return manifest


@pytest.mark.parametrize(("people", "kind"), PEOPLE.items())
@pytest.mark.parametrize("groups", GROUPS, ids=lambda groups: "+".join(groups) or "none")
def test_a_table_of_people_without_names_is_the_population(circle, tmp_path, people, kind, groups):
    for number, (name, axes) in enumerate(itertools.product(FILES, AXES)):
        folder = tmp_path / str(number)
        folder.mkdir()
        columns = [people, *groups.values(), *axes]
        written(folder, name, columns if number % 2 else columns[::-1])
        villages(folder)
        circle("init", folder)
        found = proposed(folder)
        assert found["places"]["path"] == "a_村庄.geojson"
        expected = (
            {"path": name, "people": people} | ({"kind": kind} if kind else {}) | ({"groups": groups} if groups else {})
        )
        assert {key: value for key, value in found["population"].items() if key != "crs"} == expected


@pytest.mark.parametrize("column", ["名称", "村名", "name", "地名"])
def test_named_places_that_count_people_are_places_and_the_population_where_nothing_else_is(circle, tmp_path, column):
    written(tmp_path, "居民点.csv", [column, "常住人口", "60岁以上", "经度", "纬度"])
    circle("init", tmp_path)
    found = proposed(tmp_path)
    assert found["places"]["path"] == "居民点.csv"
    assert found["population"] == {
        "path": "居民点.csv",
        "people": "常住人口",
        "kind": "resident",
        "groups": {"aged_60_and_over": "60岁以上"},
    }
    written(tmp_path, "户.csv", ["人口", "经度", "纬度"])
    circle("init", tmp_path, "--force")
    assert proposed(tmp_path)["population"] == {"path": "户.csv", "people": "人口"}


def test_layers_go_by_the_same_rule(circle, tmp_path):
    villages(tmp_path)
    frame = gpd.GeoDataFrame({"人口": [4], "0-14岁": [1]}, geometry=[shapely.Point(119, 28.4)], crs="EPSG:4326")
    frame.to_file(tmp_path / "自然村.geojson", driver="GeoJSON")
    circle("init", tmp_path)
    found = proposed(tmp_path)
    assert found["places"]["path"] == "a_村庄.geojson"
    assert found["population"] == {"path": "自然村.geojson", "people": "人口", "groups": {"aged_0_to_14": "0-14岁"}}
