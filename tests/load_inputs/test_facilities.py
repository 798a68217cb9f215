"""Facilities: what rows offer, where people go in, and which rows are one site."""

from __future__ import annotations

import tracemalloc

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from circle.errors import Findings
from circle.load.entrances import entrances
from circle.load.facilities import build_facilities, facility_rows, osm_facility_rows
from circle.load.located import Located
from circle.load.merging import merge_sites
from circle.load.sections import FacilitiesSection
from tests.load_inputs.conftest import LAT, LON, codes, features_of

GEOD = pyproj.Geod(ellps="WGS84")


def east(metres: float, north: float = 0.0) -> tuple[float, float]:
    """The place so many metres east and north of the crossroads, by the geodesic."""
    lon, lat, _ = GEOD.fwd(LON, LAT, 90, metres)
    lon, lat, _ = GEOD.fwd(lon, lat, 0, north)
    return lon, lat


def square(side_m: float, x: float = 0.0) -> shapely.Polygon:
    return shapely.Polygon([east(x), east(x + side_m), east(x + side_m, side_m), east(x, side_m)])


def sites(*rows: tuple[object, ...], service: str = "bus_stop") -> list[int]:
    """`merge_sites` of (name, role, geometry or metres east)."""
    shapes = np.array([row[2] if isinstance(row[2], shapely.Geometry) else shapely.Point(east(row[2])) for row in rows])
    keys = [str(number) for number in range(len(rows))]
    return merge_sites([service] * len(rows), [r[0] for r in rows], [r[1] for r in rows], shapes, keys).tolist()


def count(*rows: tuple[object, ...]) -> int:
    return len(set(sites(*rows)))


@pytest.mark.parametrize(
    ("rows", "remaining"),
    [
        ([("甲站", None, 0), ("甲 站", None, 99)], 1),
        ([("甲站", None, 0), ("甲站", None, 101)], 2),
        ([("甲站", None, 0), ("乙站", None, 1)], 2),
        ([(None, None, 0), (None, None, 1)], 2),
        ([("甲站", "platform", 0), (None, "stop_position", 29)], 1),
        ([(None, "platform", 0), (None, "stop_position", 29)], 1),
        ([("甲站", "platform", 0), (None, "stop_position", 31)], 2),
        ([("甲站", "platform", 0), ("乙站", "stop_position", 5)], 2),
        ([(None, "platform", 0), (None, "platform", 5)], 2),
        ([("小学", None, square(60)), (None, None, 30)], 1),
        ([(None, None, square(60)), ("小学", None, 30)], 1),
        ([("小学", None, square(60)), ("中学", None, 30)], 2),
        ([("小学", None, square(60)), (None, None, 61)], 2),
        ([("小学", None, square(60)), ("小学", None, 159)], 1),
        ([("小学", None, square(60)), ("小学", None, square(60, 170))], 2),
    ],
)
def test_rows_are_one_site_by_name_role_and_distance(rows, remaining):
    assert count(*rows) == remaining


def test_sites_do_not_chain_along_a_street_of_one_name():
    """Clinics of one generic name at 0, 90, 180, 270, 360 m: ends have one link, the others two. Of those with two the
    westernmost (90 m) is first and takes its neighbours; of the rest 270 m takes 360 m. Two sites, not one."""
    assert sites(*[("村卫生室", None, 90.0 * i) for i in range(5)]) == [1, 1, 1, 3, 3]


def test_a_stop_position_between_two_platforms_takes_both():
    rows = [("甲站", "platform", 0), (None, "stop_position", 15), ("甲站", "platform", 30)]
    assert count(*rows) == 1


def test_one_place_with_two_services_stays_two_facilities():
    shapes = shapely.points([LON, LON], [LAT, LAT])
    assert merge_sites(["clinic", "hospital"], ["甲", "甲"], [None, None], shapes, ["a", "b"]).tolist() == [0, 1]


@given(
    st.lists(st.tuples(st.sampled_from(["甲", "乙", None]), st.integers(0, 40)), min_size=1, max_size=12), st.randoms()
)
def test_the_order_of_the_rows_does_not_matter(rows, random):
    """Rows 10 m apart along a line; shuffled, the same rows are together."""
    order = list(range(len(rows)))
    random.shuffle(order)

    def groups(numbers):
        shapes = shapely.points([east(10.0 * rows[i][1])[0] for i in numbers], [LAT] * len(numbers))
        names = [rows[i][0] for i in numbers]
        found = merge_sites(
            ["clinic"] * len(numbers), names, [None] * len(numbers), shapes, [f"{i:03}" for i in numbers]
        )
        return {frozenset(numbers[i] for i in np.flatnonzero(found == site)) for site in set(found)}

    assert groups(list(range(len(rows)))) == groups(order)


@pytest.mark.parametrize("jitter", [0.0, 1e-9])
def test_thousands_of_rows_at_one_spot_need_no_pair_of_each(jitter):
    """5,000 clinics geocoded to the county seat are 12.5 million pairs. Each twentieth is one named twice before, and
    each with a rest by 20 of 1 has no name: both kinds follow from the rule alone."""
    count = 5000
    names = [None if i % 20 == 1 else f"诊所{i - 20 if i % 40 == 20 else i}" for i in range(count)]
    spots = shapely.points(LON + jitter * (np.arange(count) % 3), np.full(count, LAT))
    tracemalloc.start()
    found = merge_sites(["clinic"] * count, names, [None] * count, spots, [f"{i:04}" for i in range(count)])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6
    site = np.arange(count)
    pairs = site[site % 40 == 20]
    together = np.array([len({found[i], found[i - 20]}) == 1 for i in pairs])
    assert together.all()
    assert len(set(found)) == count - len(pairs)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["县医院", "县医院(东门)", "县医院-急诊", "二院", None]),
            st.sampled_from(["platform", "stop_position", None]),
            st.integers(0, 2),
        ),
        min_size=1,
        max_size=10,
    ),
    st.randoms(),
)
def test_many_rows_at_few_spots_are_the_same_sites_in_any_order(rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)

    def groups(numbers):
        shapes = shapely.points([east(60.0 * rows[i][2])[0] for i in numbers], [LAT] * len(numbers))
        names, roles = [rows[i][0] for i in numbers], [rows[i][1] for i in numbers]
        found = merge_sites(["hospital"] * len(numbers), names, roles, shapes, [f"{i:03}" for i in numbers])
        return {frozenset(numbers[i] for i in np.flatnonzero(found == site)) for site in set(found)}

    assert groups(list(range(len(rows)))) == groups(order)


@given(st.lists(st.tuples(st.sampled_from(["甲", None]), st.integers(0, 40)), min_size=1, max_size=12))
def test_nothing_is_merged_over_more_than_a_hundred_metres(rows):
    found = sites(*[(name, None, 10.0 * step) for name, step in rows])
    assert all(abs(rows[row][1] - rows[site][1]) <= 10 for row, site in enumerate(found))
    assert all(found[site] == site for site in found)


def test_a_large_site_is_entered_along_its_outer_outline_and_a_small_one_at_a_point():
    """100 m squares are 1 ha (just over, at 100.1 m): 4 x ceil(100.1 / 20) = 24 entrances, at most 20 m apart."""
    shapes = np.array(
        [square(100.1), square(99.0, 500.0), shapely.Point(east(900.0)), shapely.MultiPoint([east(0), east(9)])]
    )
    lon, lat, row, outline = entrances(shapes)
    assert np.bincount(row).tolist() == [24, 1, 1, 2]
    assert outline.tolist() == [True] * 24 + [False] * 4
    assert np.all(np.diff(row) >= 0)
    ring_lon, ring_lat = np.append(lon[:24], lon[0]), np.append(lat[:24], lat[0])
    assert GEOD.inv(ring_lon[:-1], ring_lat[:-1], ring_lon[1:], ring_lat[1:])[2].max() <= 20.001
    assert shapely.distance(shapes[0].exterior, shapely.points(lon[:24], lat[:24])).max() < 1e-9
    assert shapely.intersects_xy(shapes[1], lon[24], lat[24])


def test_courtyards_are_no_entrance():
    inner = square(40, 30)
    outer = shapely.Polygon(
        square(199).exterior, [shapely.transform(inner, lambda xy: xy + np.array([0.0, 0.0003])).exterior]
    )
    lon, lat, _, _ = entrances(np.array([outer]))
    assert len(lon) == 40
    assert shapely.distance(outer.exterior, shapely.points(lon, lat)).max() < 1e-9


def section(**keys: object) -> FacilitiesSection:
    return FacilitiesSection.model_validate({"path": "list.csv", **keys})


def listed(columns: dict[str, list[object]]) -> gpd.GeoDataFrame:
    size = len(next(iter(columns.values())))
    points = [shapely.Point(LON + 0.01 * i, LAT) for i in range(size)]
    return gpd.GeoDataFrame(columns, geometry=points, index=range(2, 2 + size), crs=4326)


def test_words_of_a_list_become_services_and_what_is_unknown_is_told(at, findings):
    rows = facility_rows(
        listed({"名称": ["a", "b", "c", "d"], "类型": ["小学", "医疗;诊所", "茶馆", "茶馆"]}), section(), at
    )
    assert rows is not None
    assert rows["service"].tolist() == ["primary_school", "clinic"]
    assert codes(findings) == ["facilities.values_unknown", "services.decided"]
    assert findings.problems[0].fields["values"] == "“茶馆” × 2"


def test_a_mapping_decides_alone(at, findings):
    frame = listed({"名称": ["a", "b"], "类型": ["茶馆", "小学"]})
    rows = facility_rows(frame, section(service_column="类型", mapping={"茶馆": "tea_house"}), at)
    assert rows is not None
    assert rows["service"].tolist() == ["tea_house"]
    assert codes(findings) == ["facilities.service_own", "facilities.values_unknown"]


@pytest.mark.parametrize(
    ("word", "code", "near"),
    [
        ("clnic", "facilities.service_near", "clinic"),
        ("bus_stops", "facilities.service_near", "bus_stop"),
        ("tea_house", "facilities.service_own", ""),
    ],
)
def test_a_service_that_is_not_known_is_never_taken_silently(word, code, near, at, findings):
    """Whether the section says it, a row does, or a mapping: it would otherwise become the scarcest service, unseen."""
    frame = listed({"类型": ["小学", word]})
    for keys in ({"service": word}, {}, {"mapping": {"小学": "primary_school", word: word}}):
        assert facility_rows(frame, section(**keys), at) is not None
    findings.problems = [problem for problem in findings.problems if problem.code != "services.decided"]
    assert codes(findings) == [code] * 3
    assert {problem.fields["service"] for problem in findings.problems} == {word}
    assert {problem.fields["near"] for problem in findings.problems} == {near}


def test_known_services_need_no_word(at, findings):
    rows = facility_rows(listed({"类型": ["小学", "doctors", "clinic"]}), section(), at)
    assert rows is not None
    assert rows["service"].tolist() == ["primary_school", "clinic", "clinic"]
    assert codes(findings) == ["services.decided"]


@pytest.mark.parametrize(
    ("columns", "keys", "code"),
    [
        ({"名称": ["a"]}, {}, "facilities.service_unsaid"),
        ({"名称": ["a"]}, {"service_column": "类型"}, "table.column_missing"),
        ({"名称": ["a"]}, {"service": "clinic", "capacity": "床位"}, "table.column_missing"),
        ({"名称": ["a"]}, {"service": "clinic", "name": "站名"}, "table.column_missing"),
        ({"名称": ["a"]}, {"service": "clinic", "id": "编码"}, "table.column_missing"),
        ({"类型": ["茶馆"]}, {}, "facilities.values_unknown"),
    ],
)
def test_a_list_that_does_not_say_what_is_needed_is_an_error(columns, keys, code, at, findings):
    assert facility_rows(listed(columns), section(**keys), at) is None
    assert codes(findings) == [code]
    assert len(findings.errors) == 1


@pytest.mark.parametrize(
    "head",
    [
        "POI名称",
        "医疗机构名称",
        "幼儿园名称",
        "网点名称",
        "标题",
        "村卫生室名称",
        "市场名称",
        "clinic_name",
        "ＰＯＩ名称（全）",
    ],
)
def test_a_header_that_ends_like_a_name_is_the_column_of_names(head, at, findings):
    """Beside the name of what the place belongs to, which is none of its own."""
    frame = listed(
        {head: ["甲", "乙"], "所属乡镇名称": ["丙", "丁"], "district_name": ["戊", "己"], "类型": ["小学"] * 2}
    )
    rows = facility_rows(frame, section(), at)
    assert rows is not None
    assert rows["name"].tolist() == ["甲", "乙"]
    assert codes(findings) == ["services.decided"]


@pytest.mark.parametrize(
    ("columns", "code", "named"),
    [
        ({"门牌名称": ["甲", "乙"], "牌匾名称": ["丙", "丁"]}, "facilities.names_several", "门牌名称, 牌匾名称"),
        ({"招牌": ["甲", "乙"], "电话": ["0570-1", "0570-2"]}, "facilities.no_names", "招牌"),
        ({"状态": ["开", "开"]}, None, ""),
    ],
)
def test_a_list_whose_names_are_not_found_says_which_columns_could_hold_them(columns, code, named, at, findings):
    """Words that repeat (a state) or hold no letter (a number of telephone) are no names."""
    rows = facility_rows(listed({**columns, "类型": ["小学"] * 2}), section(), at)
    assert rows is not None
    assert rows["name"].tolist() == [None, None]
    told = [problem for problem in findings.problems if problem.code != "services.decided"]
    assert [(problem.code, problem.fields["columns"]) for problem in told] == ([(code, named)] if code else [])
    findings.problems.clear()
    head = next(iter(columns))
    rows = facility_rows(listed({**columns, "类型": ["小学"] * 2}), section(name=head), at)
    assert rows is not None
    assert rows["name"].tolist() == columns[head]
    assert codes(findings) == ["services.decided"]


def test_sites_keep_all_entrances_and_the_best_known_name_and_capacity(at, findings):
    """A school's area without name or capacity, its named point with 300 places inside, and a second school."""
    frame = gpd.GeoDataFrame(
        {"name": [None, "中心小学", "二小"], "capacity": [np.nan, 300, 90]},
        geometry=[square(100.1), shapely.Point(east(50, 50)), shapely.Point(east(2000))],
        crs=4326,
    )
    rows = facility_rows(frame, section(service="primary_school"), at)
    assert rows is not None
    built = build_facilities([rows], at)
    assert built is not None
    assert built.merged == 1
    assert built.table["name"].tolist() == ["中心小学", "二小"]
    assert built.table["capacity"].tolist() == [300.0, 90.0]
    assert np.bincount(built.entrance_facility).tolist() == [25, 1]
    assert int(built.outline.sum()) == 24
    assert codes(findings) == ["facilities.merged"]


def test_ids_are_unique_text_whatever_the_lists_say(at, findings):
    first = facility_rows(listed({"编码": [7.0, 7.0, None]}), section(service="clinic"), at)
    osm = pd.DataFrame(
        {"service": ["clinic", "hospital"], "osm_id": ["way/1", "way/1"], "name": None, "capacity": np.nan}
    )
    features = gpd.GeoDataFrame(osm.assign(role=None), geometry=[square(20, 5000), square(20, 5000)], crs=4326)
    second = osm_facility_rows(features_of(features), ("clinic", "hospital"), at)
    assert first is not None
    built = build_facilities([first, second], at)
    assert built is not None
    assert built.table["facility_id"].tolist() == [
        "7@clinic",
        "7@clinic-2",
        "clinic-3",
        "way/1@clinic",
        "way/1@hospital",
    ]
    assert built.table["name"].tolist() == [None] * 5
    assert codes(findings) == ["facilities.id_twice"]


def test_invalid_areas_are_repaired_with_a_warning(at, findings):
    bowtie = shapely.Polygon([east(0), east(100, 100), east(100), east(0, 100)])
    rows = facility_rows(gpd.GeoDataFrame(geometry=[bowtie], crs=4326), section(service="park"), at)
    assert rows is not None
    assert rows.geometry.is_valid.all()
    assert codes(findings) == ["vector.repaired"]


@pytest.mark.parametrize(("side_m", "told"), [(900.0, []), (1100.0, ["facilities.large"])])
def test_areas_as_large_as_catchments_are_doubted(side_m, told, at, findings):
    """Squares of 0.81 and 1.21 km², measured by pyproj's own geodesics when they are drawn."""
    geod = pyproj.Geod(ellps="WGS84")
    east, north = geod.fwd(LON, LAT, 90, side_m)[0], geod.fwd(LON, LAT, 0, side_m)[1]
    list_ = gpd.GeoDataFrame({"service": ["school"]}, geometry=[shapely.box(LON, LAT, east, north)], crs=4326)
    section = FacilitiesSection.model_validate({"path": "x", "service_column": "service"})
    assert facility_rows(list_, section, at) is not None
    assert codes(findings) == told


def test_no_facility_at_all_is_an_error():
    findings = Findings()
    assert build_facilities([], Located(findings, "region")) is None
    assert codes(findings) == ["facilities.none"]
