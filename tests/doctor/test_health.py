"""What ``circle check`` counts and suspects, on towns whose numbers are worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
import pytest
import shapely

from circle.errors import ExitCode
from tests.cli.conftest import LAT, LON, STEP
from tests.doctor.conftest import add_districts, add_facilities, add_island

GEOD = pyproj.Geod(ellps="WGS84")


def checked(circle: Any, town: Path, lang: str = "en") -> dict[str, Any]:
    said = circle("check", town, "--json", "--lang", lang)
    assert said.code == ExitCode.OK, said.out
    record: dict[str, Any] = json.loads(said.out)
    return record


def suspicious(record: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one for one in record["suspicious"] if one["kind"] == kind]


def test_layers_are_counted_with_their_extent_and_system(circle, town) -> None:
    layers = {layer["layer"]: layer for layer in checked(circle, town)["layers"]}
    east, north = LON + 3 * STEP, LAT + 3 * STEP
    length_m = 4 * GEOD.line_length([LON, LON], [LAT, north])
    length_m += sum(GEOD.line_length([LON, east], [LAT + k * STEP] * 2) for k in range(4))
    assert layers["roads"]["count"] == pytest.approx(length_m / 1000, rel=1e-5)
    assert layers["roads"]["bounds"] == pytest.approx([LON, LAT, east, north])
    assert (layers["facilities"]["file"], layers["facilities"]["count"]) == ("facilities.csv", 2)
    assert layers["facilities"]["crs"] == "EPSG:4326"
    assert layers["population"]["count"] == 16
    assert layers["places"]["count"] == 2
    assert layers["facilities"]["in_districts"] is None
    assert "districts" not in layers


def test_an_orderly_town_has_nothing_suspicious(circle, town) -> None:
    assert checked(circle, town)["suspicious"] == []
    assert "Nothing suspicious was found." in circle("check", town).out


def test_people_of_districts_are_held_against_the_census(circle, town) -> None:
    """Eight crossings of ten people on either side: 80 and 80; the census has 80 and 200, so 60 % are missing."""
    add_districts(town)
    record = checked(circle, town)
    west, east = record["districts"]
    assert record["census_column"] == "常住人口"
    assert (west["people"], west["census"], west["difference"]) == (80, 80, 0)
    assert (east["people"], east["census"], east["difference"]) == (80, 200, -0.6)
    assert (west["sites"], east["sites"]) == (1, 1)
    assert west["per_10000"] == 125
    (found,) = suspicious(record, "census")
    assert found["message"] == "东镇: 80 people in the population data, 200 in the census (-60%)."
    assert LON + 1.5 * STEP < found["lon"] < LON + 4 * STEP
    area = abs(GEOD.geometry_area_perimeter(shapely.box(LON - STEP, LAT - STEP, LON + 1.5 * STEP, LAT + 4 * STEP))[0])
    assert west["area_km2"] == pytest.approx(area / 1e6, rel=1e-6)


def test_a_census_that_is_unknown_or_no_number_is_not_compared(circle, town) -> None:
    add_districts(town, census=["not counted", "1,080"])
    west, east = checked(circle, town)["districts"]
    assert (west["census"], west["difference"]) == (None, None)
    assert (east["census"], east["difference"]) == (1080, pytest.approx(80 / 1080 - 1, abs=1e-6))


def test_parts_of_one_district_have_one_census(circle, town) -> None:
    """A total that is written beside each part counts once; parts with numbers of their own are added."""
    add_districts(town, names=("镇", "镇"))
    frame = gpd.read_file(town / "districts.gpkg")
    for numbers, whole in (([500, 500], 500), ([100, 60], 160)):
        frame.assign(code="01", 常住人口=numbers).to_file(town / "districts.gpkg", driver="GPKG")
        (one,) = checked(circle, town)["districts"]
        assert (one["people"], one["census"]) == (160, whole)


def test_facilities_per_ten_thousand_are_those_in_districts(circle, town) -> None:
    """A second school west of both districts, on the prolonged first street, is counted and not in the ratio."""
    add_districts(town)
    add_facilities(town, [("镇外小学", "小学", LON - 2 * STEP, LAT)])
    record = checked(circle, town)
    school, clinic = record["services"]
    assert (school["sites"], school["sites_in_districts"], school["per_10000"]) == (2, 1, 62.5)
    assert (clinic["sites"], clinic["per_10000"]) == (1, 62.5)
    facilities = next(layer for layer in record["layers"] if layer["layer"] == "facilities")
    assert facilities["in_districts"] == pytest.approx(2 / 3, abs=1e-6)


def test_people_outside_districts_and_of_unknown_place_are_told(circle, town) -> None:
    add_districts(town)
    people = gpd.read_file(town / "people.gpkg")
    far = gpd.GeoDataFrame(
        {"people": [40.0, 7.0]}, geometry=[shapely.Point(LON - 1.5 * STEP, LAT), None], crs="EPSG:4326"
    )
    gpd.GeoDataFrame(pd.concat([people, far]), crs="EPSG:4326").to_file(town / "people.gpkg", driver="GPKG")
    record = checked(circle, town)
    assert record["people"]["outside_districts"] == 40
    assert record["people"]["unknown"] == 7
    assert record["people"]["total"] == 207
    assert sum(district["people"] for district in record["districts"]) == 160
    said = circle("check", town).out
    assert "40 people live outside every district" in said
    assert "7 people have no usable place" in said


def test_pieces_of_the_network_are_told_with_their_people(circle, town) -> None:
    """The island's road is two steps long: 974 m."""
    add_island(town)
    record = checked(circle, town)
    main, island = record["pieces"]
    assert (main["people"], island["people"]) == (160, 30)
    assert (main["sites"], island["sites"]) == (2, 0)
    length_m = GEOD.line_length([LON, LON + 2 * STEP], [LAT, LAT])
    assert island["length_m"] == pytest.approx(length_m, rel=1e-5)
    (found,) = suspicious(record, "piece")
    assert found["message"].startswith(
        f"30 people live on {length_m:.0f} m of road that do not join the rest, with 0 facil"
    )
    assert found["lat"] == pytest.approx(LAT, abs=1e-6)
    assert found["lon"] in (pytest.approx(LON + 0.05, abs=1e-6), pytest.approx(LON + 0.05 + 2 * STEP, abs=1e-6))


def test_one_person_alone_is_not_several(circle, town) -> None:
    add_island(town, people=1.0)
    (found,) = suspicious(checked(circle, town), "piece")
    assert found["message"].startswith("1 person lives on")


def test_facilities_far_from_roads_are_listed_with_their_metres(circle, town) -> None:
    """0.012 degrees south of the first street: 1,330 m."""
    add_facilities(town, [("山中小学", "小学", LON, LAT - 0.012)])
    record = checked(circle, town)
    (found,) = suspicious(record, "far_facility")
    metres = GEOD.inv(LON, LAT, LON, LAT - 0.012)[2]
    assert (found["lon"], found["lat"]) == (LON, pytest.approx(LAT - 0.012))
    assert found["message"].startswith(f"山中小学 (Primary school) is {metres / 1000:.1f} km from the nearest road")
    assert record["services"][0]["far"] == 1
    assert "距最近道路 1.3 公里" in suspicious(checked(circle, town, "zh"), "far_facility")[0]["message"]


def test_a_site_beside_a_bridge_is_told_that_places_are_not_joined_to_it(circle, town) -> None:
    """A bridge leads 0.02 degrees south of the first street; the school stands 0.0001 degrees beside its middle."""
    roads = gpd.read_file(town / "roads.gpkg")
    line = shapely.LineString([(LON, LAT), (LON, LAT - 0.02)])
    bridge = gpd.GeoDataFrame({"highway": ["residential"], "bridge": ["yes"]}, geometry=[line], crs="EPSG:4326")
    gpd.GeoDataFrame(pd.concat([roads, bridge]), crs="EPSG:4326").to_file(town / "roads.gpkg", driver="GPKG")
    add_facilities(town, [("桥边小学", "小学", LON + 0.0001, LAT - 0.01), ("山中小学", "小学", LON + 0.03, LAT - 0.01)])
    record = checked(circle, town)
    (found,) = suspicious(record, "far_but_bridge")
    beside = GEOD.inv(LON, LAT - 0.01, LON + 0.0001, LAT - 0.01)[2]
    assert found["message"].startswith(
        f"桥边小学 (Primary school) is {beside:.0f} m from a bridge or a tunnel, and 1.1 km"
    )
    (other,) = suspicious(record, "far_facility")
    assert other["message"].startswith("山中小学")


def test_sites_of_one_name_near_each_other_are_doubted_and_far_ones_are_not(circle, town) -> None:
    """487 m apart; the third, of the same name, is 1.5 km off; a clinic of the name is another service."""
    at = [("中心小学", "小学", LON + i * STEP, LAT) for i in (0, 1)]
    add_facilities(town, [*at, ("中心小学", "小学", LON + 3 * STEP, LAT + 3 * STEP), ("中心小学", "诊所", LON, LAT)])
    (found,) = suspicious(checked(circle, town), "twins")
    metres = GEOD.line_length([LON, LON + STEP], [LAT, LAT])
    assert found["message"].startswith(f"中心小学 (Primary school) stands twice, {metres:.0f} m apart")


def test_sites_stacked_on_one_spot_are_doubted(circle, town) -> None:
    spot = (LON + STEP / 2, LAT)
    add_facilities(town, [(f"{name}村小学", "小学", *spot) for name in "东西南"] + [("甲诊所", "诊所", *spot)])
    (found,) = suspicious(checked(circle, town), "stacked")
    assert found["message"].startswith("Primary school: 3 sites stand at the very same spot")


def test_districts_without_people_or_without_sites_are_doubted(circle, town) -> None:
    add_districts(town)
    people = gpd.read_file(town / "people.gpkg")
    west = people[people.geometry.x < LON + 1.5 * STEP].assign(people=2000.0)
    west.to_file(town / "people.gpkg", driver="GPKG")
    (town / "facilities.csv").write_text(f"名称,类别,经度,纬度\n诊所,诊所,{LON + 3 * STEP},{LAT}\n", encoding="utf-8")
    record = checked(circle, town)
    assert [one["message"].split(" ")[0] for one in suspicious(record, "empty_district")] == ["东镇"]
    assert [one["message"] for one in suspicious(record, "no_site")] == [
        "西镇: 16,000 people and no facility of any list. Is a list incomplete?"
    ]


def test_people_far_from_roads_are_gathered_by_square_kilometre(circle, town) -> None:
    """Three places within 60 m of each other, 1.66 km north of the last street; and one more, a degree beyond."""
    north = LAT + 3 * STEP + 0.015
    people = gpd.read_file(town / "people.gpkg")
    spots = [(LON + 0.0101, north), (LON + 0.0102, north), (LON + 0.0103, north)]
    more = gpd.GeoDataFrame({"people": [5.0, 9.0, 4.0]}, geometry=shapely.points(spots), crs="EPSG:4326")
    gpd.GeoDataFrame(pd.concat([people, more]), crs="EPSG:4326").to_file(town / "people.gpkg", driver="GPKG")
    record = checked(circle, town)
    found = suspicious(record, "far_people")
    assert sum(int(one["message"].split(" ")[0]) for one in found) == 18
    assert all("up to 1.7 km" in one["message"] for one in found)
    assert record["people"]["leg_over_500m"] == 18


def test_a_total_among_the_rows_is_doubted(circle, town) -> None:
    """A hundred and sixteen places of ten people, and one of 4,000."""
    people = gpd.read_file(town / "people.gpkg")
    more = [shapely.Point(LON + i * STEP / 40, LAT) for i in range(100)]
    points = gpd.GeoDataFrame({"people": [10.0] * 100}, geometry=more, crs="EPSG:4326")
    total = gpd.GeoDataFrame({"people": [4000.0]}, geometry=[shapely.Point(LON, LAT + STEP / 3)], crs="EPSG:4326")
    gpd.GeoDataFrame(pd.concat([people, points, total]), crs="EPSG:4326").to_file(town / "people.gpkg", driver="GPKG")
    (found,) = suspicious(checked(circle, town), "crowd")
    assert found["message"].startswith(f"4,000 people at one place, {4000 / 5160:.0%} of everybody")


def test_many_of_a_kind_are_counted_and_the_worst_are_listed(circle, town) -> None:
    rows = [(f"{i}号小学", "小学", LON - 0.002 - i * 0.0001, LAT - 0.003) for i in range(60)]
    add_facilities(town, rows)
    record = checked(circle, town)
    assert record["suspicious_total"]["far_facility"] == 60
    assert len(suspicious(record, "far_facility")) == 50
    assert "59号小学" in suspicious(record, "far_facility")[0]["message"]
    assert "… and 50 more" in circle("check", town).out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_terminal_shows_every_table(circle, town, lang) -> None:
    add_island(town)
    pieces = circle("check", town, "--lang", lang).out
    assert {"en": "Pieces of the network where people live", "zh": "有人居住的路网连通片"}[lang] in pieces
    add_districts(town)
    said = circle("check", town, "--lang", lang).out
    titles = {
        "en": ("Layers", "Services", "Districts", "Census (常住人口)", "Suspicious"),
        "zh": ("图层", "服务", "行政区", "普查数（常住人口）", "可疑之处"),
    }[lang]
    assert [title for title in titles if title not in said] == []
    assert "-60.0%" in said


def test_names_cannot_steer_the_terminal(circle, town) -> None:
    add_districts(town, names=("西\x1b[31m\u202e镇", "东镇"))
    said = circle("check", town).out
    assert "\x1b" not in said
    assert "\u202e" not in said
