"""Facilities without coordinates: found by a name that only one thing has, else listed - never guessed."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from circle.errors import Findings, Severity
from circle.load.by_name import Namesake, located_by_name
from circle.load.columns import plain_text
from circle.load.located import Located
from circle.load.region import check_region
from tests.load_inputs.conftest import LAT, LON, REGION, code_of, codes, write_workbook
from tests.load_inputs.test_facilities import east


def things(*rows: tuple[str, str | None, float]):
    """(name, service, metres east of the crossroads)."""
    known: dict[str, list[Namesake]] = {}
    for name, service, metres in rows:
        known.setdefault(plain_text(name), []).append(Namesake(service, shapely.Point(east(metres)), "elsewhere"))
    return lambda: known


def unplaced(name: str | None, service: str = "primary_school") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": [name], "service": [service]}, geometry=[None], index=[7], crs=4326)


@pytest.mark.parametrize(
    ("name", "known", "metres"),
    [
        ("中心小学", [("中心小学", "primary_school", 300)], 300),
        ("中心 小学", [("中心小学", "school", 300)], 300),  # OSM does not tell its kind
        ("中心小学", [("中心小学", "primary_school", 300), ("中心小学", "school", 900)], 300),
        ("中心小学", [("中心小学", "primary_school", 300), ("中心小学", "primary_school", 450)], 300),
        ("上村", [("上村", None, 40)], 40),
        ("中心小学", [("中心小学", "bus_stop", 300)], None),
        ("中心小学", [("中心小学", "primary_school", 0), ("中心小学", "primary_school", 210)], None),
        ("中心小学", [("中心小学分校", "primary_school", 0)], None),
        (None, [("中心小学", "primary_school", 0)], None),
    ],
)
def test_a_name_places_a_row_only_where_it_is_the_only_one(name, known, metres, at, findings):
    rows = located_by_name(unplaced(name), things(*known), at)
    shape = rows.geometry.iloc[0]
    if metres is None:
        assert shape is None
        assert findings.problems[0].severity is Severity.WARNING
    else:
        assert np.allclose([shape.x, shape.y], east(metres), rtol=0, atol=1e-12)
        assert codes(findings) == ["facilities.located"]
    assert findings.problems[0].fields["rows"].rows == ("7",)


@given(st.lists(st.sampled_from([0, 20, 150, 190, 210, 300]), min_size=1, max_size=5), st.randoms())
def test_where_a_row_is_placed_depends_on_no_order(metres, random):
    """At the westernmost where the ends are 200 m apart at most, else nowhere: metres along a parallel, by geodesics."""
    random.shuffle(metres)
    findings = Findings()
    known = things(*[("中心小学", "primary_school", east_m) for east_m in metres])
    shape = located_by_name(unplaced("中心小学"), known, Located(findings, "file")).geometry.iloc[0]
    if max(metres) - min(metres) > 200:
        assert shape is None
        assert codes(findings) == ["facilities.several_of_name"]
    else:
        assert np.allclose([shape.x, shape.y], east(min(metres)), rtol=0, atol=1e-12)


def test_of_an_area_and_its_point_the_same_is_chosen_in_either_order(at):
    spot = shapely.Point(east(0))
    both = [Namesake("clinic", spot, "a"), Namesake("clinic", spot.buffer(0.0001), "b"), Namesake("clinic", spot, "0")]
    found = [located_by_name(unplaced("甲", "clinic"), lambda k=k: {"甲": k}, at) for k in (both, both[::-1])]
    assert found[0].geometry.iloc[0].equals_exact(found[1].geometry.iloc[0])
    first, second = (problem.fields["rows"].values for problem in at.findings.problems)
    assert first == second


def test_nothing_is_gathered_where_every_row_has_a_place(at, findings):
    frame = gpd.GeoDataFrame({"name": ["a"], "service": ["clinic"]}, geometry=[shapely.Point(LON, LAT)], crs=4326)
    assert located_by_name(frame, lambda: pytest.fail("gathered"), at) is frame
    assert codes(findings) == []


LIST = '[[facilities]]\npath = "list.xlsx"\n\n[population]'


def test_a_list_of_names_only_is_placed_by_osm_other_lists_and_villages(town):
    """The extract has the school as node 6, though this region takes no schools from it; 诊所 is in the other list."""
    region = REGION.replace('[[facilities]]\nsource = "osm"\nservices = ["primary_school"]\n', "")
    folder = town(region.replace("[population]", LIST))
    rows = [
        ["名称", "类型"],
        ["中心小学", "小学"],
        ["诊所", "诊所"],
        ["上村", "公交站"],
        ["无名小学", "小学"],
        ["合计", "4"],
    ]
    write_workbook(folder / "list.xlsx", {"甲": rows})
    loaded, problems = check_region(folder)
    assert [code_of(problem) for problem in problems if problem.severity is Severity.ERROR] == []
    assert loaded is not None
    table = loaded.data.facilities.table.set_index("name")
    assert (table["lon"]["中心小学"], table["lat"]["中心小学"]) == (LON + 0.002, LAT)
    assert (table["lon"]["上村"], table["lat"]["上村"]) == (LON, LAT + 0.001)
    assert sorted(table.index) == ["上村", "中心小学", "卫生院", "诊所"]  # the clinic of both lists is one site
    (lost,) = [problem for problem in problems if problem.code == "facilities.not_located"]
    assert (lost.file, lost.fields["rows"].rows, lost.fields["rows"].values) == ("list.xlsx", ("5",), ("无名小学",))


def test_a_list_of_which_nothing_is_known_is_an_error(town):
    folder = town(REGION.replace("[population]", LIST))
    write_workbook(folder / "list.xlsx", {"甲": [["名称", "类型"], ["无名小学", "小学"]]})
    loaded, problems = check_region(folder)
    assert loaded is None
    assert {code_of(problem) for problem in problems if problem.severity is Severity.ERROR} == {
        "facilities.none_placed"
    }


def test_empty_coordinates_are_looked_up_and_bad_ones_are_told_too(town):
    folder = town(REGION.replace("[population]", LIST.replace('xlsx"', 'xlsx"\ncrs = "EPSG:4326"')))
    rows = [
        ["名称", "类型", "经度", "纬度"],
        ["甲小学", "小学", LON, LAT],
        ["中心小学", "小学", None, None],
        ["乙", "小学", "东", "北"],
    ]
    write_workbook(folder / "list.xlsx", {"甲": rows})
    loaded, problems = check_region(folder)
    assert loaded is not None
    own = [problem for problem in problems if problem.file == "list.xlsx" and "rows" in problem.fields]
    assert {(code_of(problem), problem.fields["rows"].rows) for problem in own} == {
        ("facilities.located", ("3",)),
        ("facilities.not_located", ("4",)),
    }
    assert any(problem.code == "table.no_place" for problem in problems)
