"""``circle check``, ``circle verify`` and ``circle route`` on a town in files."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pyproj import Geod

from circle.errors import ExitCode
from tests.cli.conftest import write_town
from tests.rfc7946 import faults


@pytest.fixture
def copy(answered, tmp_path) -> Path:
    """The town and its result, to be changed at will."""
    return shutil.copytree(answered, tmp_path / "moved" / "别处")


def replace_in(path: Path, was: str, now: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now, 1), encoding="utf-8")


# --- check ------------------------------------------------------------------------------------------------------------


def test_check_tells_what_is_in_the_data(circle, town):
    """Eight streets: four of 3 × 487 m, four of 3 × 554 m, 12.5 km in all."""
    said = circle("check", town)
    assert said.code == ExitCode.OK
    assert "Roads: 12 km" in said.out
    assert "Primary school 1, Clinic 1" in said.out
    assert "160 at 16 places" in said.out
    assert said.out.splitlines()[-1] == "The data can be used (warnings: 0)."


def test_check_lists_the_problems_of_all_files_at_once(circle, town):
    (town / "roads.gpkg").unlink()
    (town / "people.gpkg").write_bytes(b"not a layer")
    replace_in(town / "facilities.csv", "经度", "oops")
    said = circle("check", town)
    assert said.code == ExitCode.INPUT
    assert all(name in said.out for name in ("roads.gpkg", "people.gpkg", "facilities.csv"))
    assert "cannot be used yet" in said.out


def test_check_speaks_json_to_programs(circle, town):
    record = json.loads(circle("check", town, "--json").out)
    assert record["fit"] is True
    assert record["contents"]["facilities"] == {"primary_school": 1, "clinic": 1}
    (town / "roads.gpkg").unlink()
    said = circle("check", town, "--json", "--lang", "zh")
    record = json.loads(said.out)
    assert said.code == ExitCode.INPUT
    assert record["fit"] is False
    assert record["contents"] is None
    assert [problem["file"] for problem in record["problems"] if problem["severity"] == "error"] == ["roads.gpkg"]


def test_check_doubts_facilities_that_no_road_comes_near(circle, town):
    """A school 0.012 degrees (1.3 km) south of the town."""
    with (town / "facilities.csv").open("a", encoding="utf-8") as file:
        file.write("山中小学,小学,119.0,28.988\n")
    said = circle("check", town)
    assert said.code == ExitCode.OK
    assert "1 of 3 facilities is more than 100 m from any road, farthest first: 山中小学" in said.out


def test_check_doubts_a_network_in_pieces(circle, town):
    """A second town of the same size, not joined to the first: the larger piece has half of the streets."""
    import geopandas as gpd
    import pandas as pd

    roads = gpd.read_file(town / "roads.gpkg")
    both = pd.concat([roads, roads.assign(geometry=roads.translate(xoff=0.1))])
    gpd.GeoDataFrame(both, crs="EPSG:4326").to_file(town / "roads.gpkg", driver="GPKG")
    assert "fall into 2 pieces that do not meet; the largest holds 50%" in circle("check", town).out


# --- verify -----------------------------------------------------------------------------------------------------------


def test_a_result_verifies_wherever_both_folders_were_moved_together(circle, copy):
    said = circle("verify", copy / "out")
    assert said.code == ExitCode.OK, said.out
    assert "indicators.csv: the same" in said.out
    assert said.out.splitlines()[-1] == "The same comes out again."


def test_a_number_that_was_changed_by_hand_is_named_with_file_row_and_column(circle, copy):
    replace_in(copy / "out" / "facilities.geojson", '"people_15min":40', '"people_15min":41')
    said = circle("verify", copy / "out")
    assert said.code == ExitCode.DIFFERS
    assert "facilities.geojson, row 1, people_15min: was 41.0, is 40.0" in said.out


def test_a_cell_of_a_later_sheet_that_was_changed_is_named_with_its_sheet(circle, copy):
    path = copy / "out" / "indicators.xlsx"
    book = load_workbook(path)
    book.worksheets[4]["A3"].value = "another"
    book.save(path)
    said = circle("verify", copy / "out")
    assert said.code == ExitCode.DIFFERS
    (line,) = [line for line in said.out.splitlines() if line.startswith("indicators.xlsx")]
    assert "设施 Facilities" in line
    assert "was another" in line


def test_a_value_of_the_geopackage_that_was_changed_is_named_with_its_layer(circle, copy):
    """By SQLite, as QGIS would; the spatial index asks for functions that only GIS programs have, so it is left alone."""
    with closing(sqlite3.connect(copy / "out" / "layers.gpkg")) as opened:
        opened.execute("UPDATE gpkg_contents SET last_change = '2026-11-26T00:00:00.000Z'")
        opened.execute("UPDATE layer_styles SET description = 'mine' WHERE f_table_name = 'gaps'")
        opened.commit()
    said = circle("verify", copy / "out")
    assert said.code == ExitCode.DIFFERS
    (line,) = [line for line in said.out.splitlines() if line.startswith("layers.gpkg")]
    assert "layer_styles: description: was mine" in line


def test_a_changed_input_is_named_and_what_follows_from_it(circle, copy):
    """The school moves to the next crossing: what it reaches changes."""
    write_town(copy / "region", schools=[(1, 0)])
    said = circle("verify", copy / "out", "--lang", "zh")
    assert said.code == ExitCode.DIFFERS
    assert "输入 facilities.csv：内容已变化" in said.out
    assert "indicators.csv" in said.out


def test_a_file_that_is_missing_or_cut_off_differs(circle, copy):
    (copy / "out" / "gaps.geojson").unlink()
    table = copy / "out" / "residents.parquet"
    table.write_bytes(table.read_bytes()[:-100])
    page = copy / "out" / "gap_map.html"
    page.write_bytes(page.read_bytes() + b" ")
    record = json.loads(circle("verify", copy / "out", "--json").out)
    found = {(difference["file"], difference["kind"]) for difference in record["differences"]}
    assert found == {
        ("gaps.geojson", "file_missing"),
        ("residents.parquet", "content"),
        ("gap_map.html", "content"),
    }
    assert record["same"] is False


def test_another_version_of_a_library_is_named_but_is_no_difference(circle, copy):
    path = copy / "out" / "provenance.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["libraries"]["shapely"] = "1.0"
    path.write_text(json.dumps(record), encoding="utf-8")
    page = copy / "out" / "gap_map.html"
    page.write_bytes(page.read_bytes() + b" ")
    said = circle("verify", copy / "out")
    assert said.code == ExitCode.OK
    assert "shapely was 1.0, is now" in said.out


def test_the_question_is_that_of_the_result_not_that_of_today(circle, copy):
    """Asked in Python with other limits: verified with these."""
    from circle import api

    result = api.analyze(api.load_region(copy / "region"), limits=(10, 20), each_isochrone=True)
    result.write(copy / "other", lang="zh")
    said = circle("verify", copy / "other", "--quiet")
    assert said.code == ExitCode.OK, said.out
    assert said.err == ""


def test_a_region_that_has_moved_is_asked_for(circle, copy):
    (copy / "region").rename(copy / "renamed")
    said = circle("verify", copy / "out")
    assert said.code == ExitCode.QUERY
    assert "--region" in said.err
    assert circle("verify", copy / "out", "--region", copy / "renamed").code == ExitCode.OK


@pytest.mark.parametrize("content", [None, "{}", "[1]", "not json", "null"])
def test_what_is_no_result_cannot_be_verified(circle, tmp_path, content):
    if content is not None:
        (tmp_path / "provenance.json").write_text(content)
    said = circle("verify", tmp_path)
    assert said.code == ExitCode.QUERY
    assert "not a result of circle" in said.err


# --- route ------------------------------------------------------------------------------------------------------------


def test_the_way_is_geojson_on_one_stream_and_words_on_the_other(circle, town):
    """From the south-east corner three streets west: 3 × 487.2 m = 1,461 m, at 4 km/h 21.9 minutes."""
    said = circle("route", town, "--from", "东村", "--to", "primary_school")
    assert said.code == ExitCode.OK
    assert faults(said.out.encode("utf-8")) == []
    features = json.loads(said.out)["features"]
    assert [feature["properties"]["leg"] for feature in features] == ["access", "network", "egress"]
    assert [feature["geometry"]["type"] for feature in features] == ["LineString"] * 3
    assert features[2]["properties"]["length_m"] == 0
    assert features[2]["geometry"]["coordinates"] == [[119.0, 29.0]] * 2  # the school stands on the road
    network = features[1]
    assert network["properties"]["length_m"] == pytest.approx(1461.6, abs=0.1)
    assert network["properties"]["travel_time_s"] == pytest.approx(1461.6 * 0.9, abs=0.1)
    assert network["geometry"]["coordinates"][0] == [119.015, 29.0]
    assert network["geometry"]["coordinates"][-1] == [119.0, 29.0]
    assert "东村 → 学校0 (Primary school): 1.5 km, 22 min" in said.err
    assert "Not covered, too far: the nearest facility (Primary school) is" in said.err


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("across, without a road: ", "as the crow flies, counted as ", "(times 1.3)")),
        ("zh", ("不经道路直接步行：直线 ", "按 1.3 倍计为 ")),
    ],
)
def test_with_distances_nothing_is_told_in_minutes_and_no_figure_twice(circle, town, lang, words):
    """The same way with limits in metres, and one beside the road: 100 m east of the school, straight across."""
    with (town / "region.toml").open("a", encoding="utf-8") as file:
        file.write('[analysis]\nmetric = "distance"\n')
    told = circle("route", town, "--from", "东村", "--to", "primary_school", "--lang", lang).err
    head = told.splitlines()[0]
    assert head.endswith({"en": "1.5 km", "zh": "1.5 公里"}[lang])
    assert head.count("1.5") == 1
    assert not re.search(r"\bmin\b|minute|time\b|分钟|时间|用时", told)
    across = circle("route", town, "--from", "119.001,29.0005", "--to", "primary_school", "--lang", lang).err
    assert all(word in across for word in words)
    length, counted = (float(number) for number in re.findall(r"(\d+) (?:m|米)", across.splitlines()[1]))
    assert counted == pytest.approx(1.3 * length, abs=1.2)


def test_a_covered_place_is_told_so_in_chinese_asked_by_coordinates_and_a_chinese_service(circle, town):
    said = circle("route", town, "--from", "119.005，29.0", "--to", "小学", "--lang", "zh")
    assert said.code == ExitCode.OK
    assert "已覆盖" in said.err
    assert json.loads(said.out)["features"][0]["properties"]["status"] == "covered"


def test_an_island_without_a_way_is_told_so(circle, town):
    """A second piece of road with the school on the first only."""
    import geopandas as gpd
    import pandas as pd
    import shapely

    roads = gpd.read_file(town / "roads.gpkg")
    far = shapely.LineString([(119.1, 29.0), (119.11, 29.0)])
    island = gpd.GeoDataFrame({"highway": ["residential"]}, geometry=[far], crs="EPSG:4326")
    gpd.GeoDataFrame(pd.concat([roads, island]), crs="EPSG:4326").to_file(town / "roads.gpkg", driver="GPKG")
    said = circle("route", town, "--from", "119.105,29.0", "--to", "clinic")
    assert said.code == ExitCode.OK
    assert json.loads(said.out)["features"] == []
    assert "no road leads from here to any facility" in said.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--from", "29.0,119.0", "--to", "clinic"], "Longitude comes first"),
        (["--from", "东庄", "--to", "clinic"], "Did you mean: 东村"),
        (["--from", "Xanadu", "--to", "clinic"], "no place or facility is called"),
        (["--from", "东村", "--to", "sauna"], "they have: Primary school (primary_school), Clinic (clinic)."),
    ],
)
def test_what_is_not_in_the_data_is_a_query_error(circle, town, words, sentence):
    said = circle("route", town, *words)
    assert said.code == ExitCode.QUERY
    assert said.out == ""
    assert sentence in said.err


def test_two_places_of_one_name_are_told_apart_by_coordinates(circle, town):
    import geopandas as gpd

    places = gpd.read_file(town / "places.gpkg").assign(name="新村")
    places.to_file(town / "places.gpkg", driver="GPKG")
    said = circle("route", town, "--from", "新村", "--to", "clinic")
    assert said.code == ExitCode.QUERY
    assert "119.01500,29.00000; 119.00000,29.01500" in said.err


def test_a_district_is_told_to_be_one(circle, town):
    import geopandas as gpd
    import shapely

    areas = gpd.GeoDataFrame({"code": ["1"], "name": ["西山镇"]}, geometry=[shapely.box(118.9, 28.9, 119.2, 29.1)], crs=4326)
    areas.to_file(town / "districts.gpkg", driver="GPKG")
    with (town / "region.toml").open("a", encoding="utf-8") as file:
        file.write('[districts]\npath = "districts.gpkg"\nid = "code"\nname = "name"\n')
    said = circle("route", town, "--from", "西山镇", "--to", "clinic")
    assert said.code == ExitCode.QUERY
    assert "“西山镇” is a district" in said.err


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_place_outside_the_region_is_told_to_be_outside_and_how_far(circle, town, lang):
    """Half a degree north and east of the town's corner: against PROJ's geodesic to the nearest street."""
    lon, lat = 119.015 + 0.5, 29.015 + 0.4
    said = circle("route", town, "--from", f"{lon},{lat}", "--to", "clinic", "--lang", lang)
    assert said.code == ExitCode.OK
    km = float(re.search(r"(\d+(?:\.\d)?) (?:km outside|公里，以下)", said.err)[1])
    assert km == pytest.approx(Geod(ellps="WGS84").inv(119.015, 29.015, lon, lat)[2] / 1000, abs=1.0)
    assert {"en": "Longitude comes first", "zh": "是否写反"}[lang] in said.err
    assert said.err.splitlines()[0].startswith({"en": "warning: “", "zh": "警告: “"}[lang])
    json.loads(said.out)
    within = circle("route", town, "--from", "119.005,29.0", "--to", "clinic", "--lang", lang).err
    assert not re.search("outside|范围之外", within)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_swapped_coordinates_are_recognised(circle, town, lang):
    said = circle("route", town, "--from", "29.005,119.002", "--to", "clinic", "--lang", lang)
    assert said.code == ExitCode.QUERY
    assert "119.002,29.005" in said.err
    assert {"en": "swapped", "zh": "对调"}[lang] in said.err
    elsewhere = circle("route", town, "--from", "35.0,110.0", "--to", "clinic", "--lang", lang)
    assert elsewhere.code == ExitCode.QUERY
    assert {"en": "swapped", "zh": "对调"}[lang] not in elsewhere.err


def test_a_place_that_comes_to_the_road_where_the_facility_does_has_a_way(circle, town):
    """Beyond the street's end, on its line, farther than one walks straight across: both come to the same vertex."""
    places = [f"{119.015 + off},{29.015 + off}" for off in (0.05, 0.3)] + [f"{119.0 - 0.1},{29.0 - 0.1}"]
    for place in places:
        said = circle("route", town, "--from", place, "--to", "primary_school")
        assert said.code == ExitCode.OK
        features = json.loads(said.out)["features"]
        assert [feature["properties"]["leg"] for feature in features] == ["access", "network", "egress"]
        assert all(len(feature["geometry"]["coordinates"]) >= 2 for feature in features)
    assert features[1]["properties"]["length_m"] == 0
