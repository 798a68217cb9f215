"""``circle init`` looks at what lies there; ``circle sample`` writes something to try."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from circle.doctor.guess import look_around
from circle.errors import ExitCode
from circle.load.manifest import Manifest, manifest_schema
from tests.cli.conftest import write_town


def roles(folder: Path) -> dict[str, str]:
    return {sighting.path: sighting.role for sighting in look_around(folder)}


def raster(path: Path, cells: np.ndarray) -> None:
    transform = rasterio.Affine(0.001, 0.0, 119.0, 0.0, -0.001, 29.02)
    height, width = cells.shape
    profile = {"driver": "GTiff", "count": 1, "dtype": cells.dtype, "crs": "EPSG:4326", "transform": transform}
    with rasterio.open(path, "w", height=height, width=width, **profile) as file:
        file.write(cells, 1)


def layer(path: Path, geometry: shapely.Geometry, **columns: object) -> None:
    frame = gpd.GeoDataFrame({name: [value] for name, value in columns.items()}, geometry=[geometry], crs="EPSG:4326")
    frame.to_file(path, driver="GeoJSON")


@pytest.fixture
def bare(town) -> Path:
    """The town without its region file."""
    (town / "region.toml").unlink()
    return town


def test_the_proposed_file_is_all_that_a_plain_town_needs_but_the_coordinate_system(circle, bare):
    """Headers 经度 and 纬度 do not say which system they are in; the file says so and shows how to say it."""
    said = circle("init", bare)
    assert said.code == ExitCode.OK
    assert "facilities.csv: please say crs" in said.out
    text = (bare / "region.toml").read_text(encoding="utf-8")
    manifest = Manifest.model_validate(tomllib.loads(text))
    assert manifest.roads.path == "roads.gpkg"
    assert manifest.population.path == "people.gpkg"
    assert manifest.places is not None
    assert manifest.facilities[0].service_column == "类别"
    assert circle("check", bare).code == ExitCode.INPUT
    (bare / "region.toml").write_text(text.replace('# crs = "gcj02"', 'crs = "EPSG:4326"'), encoding="utf-8")
    assert circle("run", bare, "--out", bare / "out", "-q").out.startswith("In 我的 数据, 0.0% of 160 people")


def test_the_comments_are_in_the_language_asked(circle, bare):
    circle("init", bare, "--lang", "zh")
    assert (bare / "region.toml").read_text(encoding="utf-8").startswith("# 本区域的数据说明")


def test_an_existing_region_file_is_kept_unless_forced(circle, town):
    before = (town / "region.toml").read_bytes()
    said = circle("init", town)
    assert said.code == ExitCode.OUTPUT
    assert (town / "region.toml").read_bytes() == before
    assert circle("init", town, "--force").code == ExitCode.OK
    assert (town / "region.toml").read_bytes() != before


def test_files_are_told_apart_by_name_geometry_columns_and_values(tmp_path):
    square = shapely.box(119, 29, 119.01, 29.01)
    line = shapely.LineString([(119, 29), (119.01, 29)])
    layer(tmp_path / "streets.geojson", line, highway="residential")
    layer(tmp_path / "县内河流.geojson", line, name="清溪")
    layer(tmp_path / "乡镇.geojson", square, name="东镇")
    layer(tmp_path / "grid.geojson", square, population=12)
    layer(tmp_path / "villages.geojson", shapely.Point(119, 29), name="东村")
    layer(tmp_path / "parks.geojson", square, name="人民公园")
    layer(tmp_path / "building_footprints.geojson", square, levels=2)
    raster(tmp_path / "a.tif", np.array([[312, 315], [320, 0]], np.int16))
    raster(tmp_path / "b.tif", np.array([[0.0, 1.5], [0.0, 0.25]], np.float32))
    raster(tmp_path / "worldpop_2020.tif", np.array([[3, 4]], np.int16))
    (tmp_path / "area.osm.pbf").write_bytes(b"")
    (tmp_path / "timetable.zip").write_bytes(b"")
    (tmp_path / "broken.tif").write_bytes(b"no raster")
    (tmp_path / "broken.gpkg").write_bytes(b"no layer")
    (tmp_path / "readme.txt").write_text("hello")
    (tmp_path / ".hidden.csv").write_text("lon,lat\n1,2\n")
    assert roles(tmp_path) == {
        "streets.geojson": "roads",
        "县内河流.geojson": "barriers",
        "乡镇.geojson": "districts",
        "grid.geojson": "population",
        "villages.geojson": "places",
        "parks.geojson": "facilities",
        "building_footprints.geojson": "buildings",
        "a.tif": "elevation",
        "b.tif": "population",
        "worldpop_2020.tif": "population",
        "area.osm.pbf": "osm",
        "timetable.zip": "unknown",
        "broken.tif": "unknown",
        "broken.gpkg": "unknown",
        "readme.txt": "unknown",
    }


@pytest.mark.parametrize(
    ("name", "header", "keys", "open_keys"),
    [
        ("2023年小学名单.csv", "校名,经度,纬度", {"service": "primary_school"}, {"crs"}),
        ("bus_stops.csv", "name,gcj02_lon,gcj02_lat", {"crs": "gcj02", "service": "bus_stop"}, set()),
        ("list.csv", "name,lon,lat", {}, {"crs", "service"}),
    ],
)
def test_lists_say_what_they_can(tmp_path, name, header, keys, open_keys):
    (tmp_path / name).write_text(f"{header}\nA,119.0,29.0\n", encoding="utf-8-sig")
    (found,) = look_around(tmp_path)
    assert (found.role, found.keys, set(found.open_keys)) == ("facilities", keys, open_keys)


@pytest.mark.parametrize(
    ("headers", "groups"),
    [
        ("60岁以上,65岁及以上人口", {"aged_60_and_over": "60岁以上", "aged_65_and_over": "65岁及以上人口"}),
        ("0-14岁,15~59岁", {"aged_0_to_14": "0-14岁", "aged_15_to_59": "15~59岁"}),
        ("０－１４岁,14岁以下", {"aged_0_to_14": "０－１４岁", "aged_under_14": "14岁以下"}),
        ("老年人口,儿童数", {"elderly": "老年人口", "children": "儿童数"}),
        ("60+,aged_0_14", {"aged_60_and_over": "60+", "aged_0_to_14": "aged_0_14"}),
        ("60岁以上占比,老年人密度", {}),
        ("户数,2010-2020增长", {}),
    ],
)
def test_columns_of_ages_are_proposed_as_groups_and_the_proposal_is_read(circle, tmp_path, headers, groups):
    """In a list of places and in a census by district alike; what init writes, TOML reads as it stands in the header."""
    (tmp_path / "residents.csv").write_text(f"村,经度,纬度,人口,{headers}\n甲,119.0,29.0,10,3,2\n", encoding="utf-8")
    (found,) = look_around(tmp_path)
    assert (found.role, found.groups) == ("population", groups)
    assert circle("init", tmp_path).code == 0
    section = tomllib.loads((tmp_path / "region.toml").read_text(encoding="utf-8"))["population"]
    assert section.get("groups", {}) == groups
    (tmp_path / "residents.csv").write_text(f"区划代码,常住人口,{headers}\n330825100000,10,3,2\n", encoding="utf-8")
    assert look_around(tmp_path)[0].groups == groups


CENSUS = "某县人口普查\n地区,区划代码,常住人口\n某县,330825000000,70\n甲镇,330825100000,40\n乙乡,330825200000,30\n"


def in_two_halves(folder: Path) -> None:
    halves = [shapely.box(119 + x, 29, 119.01 + x, 29.02) for x in (0.0, 0.01)]
    columns = {"乡镇代码": ["330825100", "330825200"], "乡镇名称": ["甲镇", "乙乡"]}
    gpd.GeoDataFrame(columns, geometry=halves, crs=4326).to_file(folder / "乡镇.geojson", driver="GeoJSON")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_census_by_district_is_taken_for_the_population_and_a_raster_for_its_pattern(circle, tmp_path, encoding):
    (tmp_path / "a_census.csv").write_text(CENSUS, encoding=encoding)
    in_two_halves(tmp_path)
    for name in ("WorldPop_2020.tif", "WorldPop_2020_elderly.tif"):
        raster(tmp_path / name, np.array([[0.0, 1.5], [0.0, 0.25]], np.float32))
    said = circle("init", tmp_path)
    document = tomllib.loads((tmp_path / "region.toml").read_text(encoding="utf-8"))
    assert document["population"] == {
        "path": "a_census.csv",
        "district": "区划代码",
        "kind": "resident",
        "pattern": "WorldPop_2020.tif",
    }
    assert "WorldPop_2020_elderly.tif could serve here too" in said.out
    assert "WorldPop_2020.tif could" not in said.out


def test_a_census_that_does_not_say_what_it_counts_asks_for_it_and_takes_the_buildings(circle, tmp_path):
    (tmp_path / "人口.csv").write_text(CENSUS.replace("常住", "").replace("普查", ""), encoding="utf-8")
    in_two_halves(tmp_path)
    layer(tmp_path / "buildings.geojson", shapely.box(119, 29, 119.001, 29.001), levels=2)
    said = circle("init", tmp_path)
    text = (tmp_path / "region.toml").read_text(encoding="utf-8")
    population = tomllib.loads(text)["population"]
    assert population == {"path": "人口.csv", "district": "区划代码", "buildings": "buildings.geojson"}
    assert '# kind = "resident"' in text
    assert "buildings.geojson: could not be told" not in said.out


def test_a_column_of_people_of_the_districts_is_the_population_where_there_is_no_other(circle, tmp_path):
    layer(tmp_path / "乡镇.geojson", shapely.box(119, 29, 119.01, 29.02), 乡镇名称="甲镇", 户籍人口=40)
    said = circle("init", tmp_path)
    population = tomllib.loads((tmp_path / "region.toml").read_text(encoding="utf-8"))["population"]
    assert population == {"source": "districts", "people": "户籍人口", "kind": "registered"}
    assert said.code == ExitCode.OK


def squares(path: Path, count: int, **columns: object) -> None:
    shapes = [shapely.box(119 + 0.1 * i, 29, 119.1 + 0.1 * i, 29.1) for i in range(count)]
    gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326").to_file(path)


def test_water_is_barriers_and_the_districts_are_the_many_polygons_with_codes_and_names(circle, tmp_path):
    """Files whose names come first in the alphabet, and would be taken for the districts by their column of names."""
    squares(tmp_path / "a_severn.geojson", 1, natural=["water"], name=["Severn"])
    squares(tmp_path / "b_whole.geojson", 1, code=["33"], name=["The county"])
    squares(tmp_path / "c_parts.geojson", 2, name=["West", "East"])
    squares(tmp_path / "d_towns.shp", 3, code=["01", "02", "03"], name=["Up", "Down", "Mid"])
    said = circle("init", tmp_path)
    manifest = tomllib.loads((tmp_path / "region.toml").read_text(encoding="utf-8"))
    assert manifest["districts"]["path"] == "d_towns.shp"
    assert manifest["barriers"] == [{"path": "a_severn.geojson"}]
    assert "b_whole.geojson" in said.out
    assert "No layer of water" not in (tmp_path / "region.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("layer", {"fclass": ["river", "water", "park"], "name": ["a", "b", "c"]}),
        ("layer", {"地类名称": ["河流水面", "水库水面", "林地"], "名称": ["甲", "乙", "丙"]}),
        ("layer", {"waterway": ["riverbank", "dock", "basin"], "name": ["a", "b", "c"]}),
        ("县域水系", {"代码": ["1", "2", "3"], "名称": ["甲", "乙", "丙"]}),
        ("gis_osm_water_a_free_1", {"name": ["a", "b", "c"]}),
    ],
)
def test_layers_of_water_by_what_their_rows_or_names_say(tmp_path, name, columns):
    squares(tmp_path / f"{name}.geojson", 3, **columns)
    assert roles(tmp_path) == {f"{name}.geojson": "barriers"}


@pytest.mark.parametrize("name", ["Waterford", "riverside_townships"])
def test_districts_with_water_in_their_names_stay_districts(tmp_path, name):
    squares(tmp_path / f"{name}.geojson", 3, code=["1", "2", "3"], name=["Stream Town", "Lake Town", "river"])
    assert roles(tmp_path) == {f"{name}.geojson": "districts"}


def test_lists_of_neither_people_nor_places_are_unknown(tmp_path):
    (tmp_path / "budget.csv").write_text("项目,金额\n道路,100\n学校,20\n", encoding="utf-8")
    (tmp_path / "teachers.csv").write_text("姓名,年龄\n张三,40\n李四,30\n", encoding="utf-8")
    assert set(roles(tmp_path).values()) == {"unknown"}


def test_an_extract_alone_gives_roads_facilities_and_asks_for_the_number_of_people(circle, tmp_path):
    (tmp_path / "county.osm.pbf").write_bytes(b"")
    circle("init", tmp_path)
    text = (tmp_path / "region.toml").read_text(encoding="utf-8")
    assert "# total = 100000" in text
    document = tomllib.loads(text.replace("# total", "total"))
    manifest = Manifest.model_validate(document)
    assert (manifest.roads.source, manifest.facilities[0].source) == ("osm", "osm")
    assert manifest.population.source == "osm-buildings"


def test_an_empty_folder_and_a_missing_one_are_told_apart(circle, tmp_path):
    assert "No usable data file" in circle("init", tmp_path).out
    tomllib.loads((tmp_path / "region.toml").read_text(encoding="utf-8"))
    assert circle("init", tmp_path / "nowhere").code == ExitCode.QUERY


def test_names_that_toml_could_trip_over_are_quoted(circle, tmp_path):
    folder = tmp_path / 'a "quoted" \\ 名'
    folder.mkdir()
    layer(folder / 'st"reets.geojson', shapely.LineString([(119, 29), (119.01, 29)]), highway="path")
    circle("init", folder)
    document = tomllib.loads((folder / "region.toml").read_text(encoding="utf-8"))
    assert document["region"]["name"] == folder.name
    assert document["roads"]["path"] == 'st"reets.geojson'


def test_the_schema_is_the_one_that_files_are_held_to(circle):
    said = circle("init", "--schema")
    assert said.code == ExitCode.OK
    assert json.loads(said.out) == manifest_schema()


def test_the_schema_accepts_the_town_and_names_every_section(circle, tmp_path):
    schema = json.loads(circle("init", "--schema").out)
    document = tomllib.loads((write_town(tmp_path) / "region.toml").read_text(encoding="utf-8"))
    assert set(document) <= set(schema["properties"])
    assert set(schema["required"]) <= set(document)


@pytest.mark.slow
def test_a_sample_can_be_written_checked_and_is_not_written_over(circle, tmp_path):
    said = circle("sample", "qingxi", tmp_path / "county", "--junctions", 1000)
    assert said.code == ExitCode.OK
    assert circle("check", tmp_path / "county").code == ExitCode.OK
    said = circle("sample", "qingxi", tmp_path / "county")
    assert said.code == ExitCode.OUTPUT
    assert "Choose another one" in said.err
    assert "--force" not in said.err  # an option that the command does not have
    shutil.rmtree(tmp_path / "county")
    assert circle("sample", "atlantis", tmp_path / "county").code == ExitCode.QUERY
    assert not (tmp_path / "county").exists()
