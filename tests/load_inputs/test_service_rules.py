"""Names and types to services by the rules, sites put together by the stem of their names."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import shapely

from circle.errors import render
from circle.load.facilities import build_facilities, facility_rows
from circle.load.service_rules import Words, decide, rules
from circle.load.stems import stem_of
from circle.reference import table
from tests.load_inputs.conftest import LAT, LON, codes
from tests.load_inputs.test_facilities import count, east, section, sites

EDUCATION = "科教文化服务;学校;"
HEALTH = "医疗保健服务;"


def offers(name: str | None, kind: str | None = None, code: str | None = None) -> list[str]:
    words = Words(*(np.array([cell], dtype=object) for cell in (name, kind, code)))
    return decide(words).service.tolist()


def test_every_rule_is_a_pattern_of_known_services_with_words_in_both_languages():
    keys = [rule["key"] for rule in rules()]
    assert len(set(keys)) == len(keys)
    fields = {"key", "en", "zh", "name", "type", "unknown_type", "code", "but_not", "among", "services", "part"}
    for rule in rules():
        assert set(rule) <= fields
        assert rule["en"]
        assert rule["zh"]
        assert ("services" in rule) != bool(rule.get("part"))
        assert set(rule.get("services", ())) <= set(table("services"))
        for pattern in (rule.get(kind) for kind in ("name", "type", "unknown_type", "code", "but_not")):
            if pattern is not None:
                assert len(pc.match_substring_regex(pa.array(["x"]), pattern=pattern)) == 1


@pytest.mark.parametrize(
    ("name", "kind", "services"),
    [
        # what the list's own word says
        ("中心街小学", EDUCATION + "小学", ["primary_school"]),
        ("青溪中学", EDUCATION + "中学", ["middle_school"]),
        ("实验学校", EDUCATION + "小学|" + EDUCATION + "中学", ["primary_school", "middle_school"]),
        ("村卫生室", HEALTH + "诊所;诊所", ["clinic"]),
        ("莲湖里乡卫生院", HEALTH + "综合医院;卫生院", ["clinic"]),
        ("人民医院", HEALTH + "综合医院;三级甲等医院", ["hospital"]),
        ("莲湖里乡卫生院", "乡镇卫生院", ["clinic"]),
        ("青溪县人民医院", "县人民医院", ["hospital"]),
        ("实验园", "公办幼儿园", ["kindergarten"]),
        ("光明眼科", HEALTH + "专科医院;眼科医院", []),
        ("康康", "宠物医院", []),
        # names refine what a school is
        ("三村完小", EDUCATION + "学校", ["primary_school"]),
        ("上村教学点", "学校", ["primary_school"]),
        ("龙洲学校（九年一贯制）", EDUCATION + "小学", ["primary_school", "middle_school"]),
        ("龙洲学校", "九年一贯制学校", ["primary_school", "middle_school"]),
        ("溪口寄宿制小学", "学校", ["primary_school"]),
        ("溪口寄宿制中学", "寄宿制学校", ["middle_school"]),
        ("育才小学天成校区", "小学", ["primary_school"]),
        ("大学附属小学", EDUCATION + "小学", ["primary_school"]),
        ("教育集团校区", "小学", ["primary_school"]),
        ("国家教育示范小学", "学校", ["primary_school"]),
        ("实验学校", "学校", ["school"]),
        ("山中小学", "小学", ["primary_school"]),
        ("东村小学", "学校", ["primary_school"]),
        ("文艺校区", "学校", ["school"]),
        ("机电大楼科技校区", "学校", ["school"]),
        ("青溪初高中", EDUCATION + "中学", ["middle_school"]),
        ("中心小学附属幼儿园", EDUCATION + "小学", ["kindergarten"]),
        # closed: no service, whatever it was; places that begin with 原, and stops and museums called after it, stay
        ("城关小学旧址", None, []),
        ("西山镇中心小学（旧址）", EDUCATION + "小学", []),
        ("村卫生室(停用)", None, []),
        ("村卫生室（已关闭）", HEALTH + "诊所;诊所", []),
        ("下村教学点(撤并)", "学校", []),
        ("上村小学[停办]", "小学", []),
        ("光明诊所 暂停营业", "诊所", []),
        ("镇农贸市场（已搬迁）", "农贸市场", []),
        ("上村小学", "停办", []),
        ("原西山小学", None, []),
        ("（原）东溪乡卫生院", "卫生院", []),
        ("原阳县人民医院", "县人民医院", ["hospital"]),
        ("原平市第一小学", None, ["primary_school"]),
        ("原州区中心幼儿园", EDUCATION + "幼儿园", ["kindergarten"]),
        ("太原小学", None, ["primary_school"]),
        ("实验小学（原西山小学）", None, ["primary_school"]),
        ("小学旧址(公交站)", "公交车站", ["bus_stop"]),
        ("原西山小学公交站", None, ["bus_stop"]),
        ("西山站(停用)", "公交车站", []),
        ("起义旧址纪念馆", "文化站", ["culture"]),
        ("停车场旁卫生室", None, ["clinic"]),
        # cosmetic clinics
        ("丽人美容诊所", None, []),
        ("韩式整形", HEALTH + "诊所;诊所", []),
        ("县人民医院整形科", HEALTH + "综合医院;三级甲等医院", ["hospital"]),
        # left out
        ("阳光驾校", EDUCATION + "学校", []),
        ("小学生驾驶员培训", EDUCATION + "小学", []),
        ("青溪驾校", "科教文化服务;驾校;驾校", []),
        ("小学英语培训", EDUCATION + "小学", []),
        ("中心小学家长学校", EDUCATION + "小学", []),
        ("老年大学", EDUCATION + "学校", []),
        ("爱宠宠物医院", HEALTH + "综合医院;综合医院", []),
        ("乐乐诊所", HEALTH + "动物医疗场所;宠物诊所", []),
        ("青溪县高级中学", EDUCATION + "中学", []),
        ("职业技术学校", EDUCATION + "职业技术学校", []),
        ("师范学院", EDUCATION + "高等院校", []),
        ("中心小学校医室", HEALTH + "诊所;诊所", []),
        ("中心小学东门", "通行设施服务;建筑物门;建筑物正门", []),
        ("一号教学楼", EDUCATION + "学校内部设施", []),
        # a name says nothing where the type is another thing
        ("中心小学", "交通设施服务;公交车站;公交车站相关", ["bus_stop"]),
        ("人民医院东门", "公交站", ["bus_stop"]),
        ("阳光驾校", "公交站", ["bus_stop"]),
        ("小学文具店", "购物服务;文化用品店", []),
        ("宠物医院", "公交站", ["bus_stop"]),
        # what a key of circle says is a declaration
        ("阳光驾校", "primary_school", ["primary_school"]),
        # names alone
        ("青溪县中心小学", None, ["primary_school"]),
        ("人民医院(公交站)", None, ["bus_stop"]),
        ("上村卫生室", None, ["clinic"]),
        ("第二人民医院", None, ["hospital"]),
        ("茶馆", None, []),
        (None, None, []),
    ],
)
def test_names_and_types_mean_services(name, kind, services):
    assert offers(name, kind) == services


@pytest.mark.parametrize(
    ("kind", "code", "services"),
    [
        (None, "141203", ["primary_school"]),
        (None, "090102", ["clinic"]),
        ("不明", "90102", ["clinic"]),  # Excel took the nought
        ("小学", "141202", ["primary_school"]),  # the word is believed before the number
        (None, "050100", []),
    ],
)
def test_amap_codes_speak_where_the_type_does_not(kind, code, services):
    assert offers("某处", kind, code) == services


def points(*rows: tuple[str, str | None, float]) -> gpd.GeoDataFrame:
    """(name, type, metres east)."""
    shapes = [shapely.Point(east(metres)) for _, _, metres in rows]
    columns = {"名称": [name for name, _, _ in rows], "类型": [kind for _, kind, _ in rows]}
    return gpd.GeoDataFrame(columns, geometry=shapes, index=range(2, 2 + len(rows)), crs=4326)


def test_every_decision_is_counted_and_what_is_left_out_is_listed(at, findings):
    rows = facility_rows(
        points(
            ("一小", EDUCATION + "小学", 0),
            ("二小", EDUCATION + "小学", 500),
            ("阳光驾校", EDUCATION + "学校", 1000),
            ("龙洲学校(九年一贯制)", EDUCATION + "学校", 1500),
            ("茶馆", "餐饮服务;茶艺馆", 2000),
        ),
        section(),
        at,
    )
    assert rows is not None
    assert rows["service"].tolist() == ["primary_school"] * 3 + ["middle_school"]
    assert rows.index.tolist() == [2, 3, 5, 5]
    assert codes(findings) == ["facilities.values_unknown", "services.decided", "services.left_out"]
    unknown, decided, left = findings.problems
    assert {(one.rule, one.services, one.rows, one.examples) for one in decided.fields["decisions"].every} == {
        ("word", ("primary_school",), 2, ("一小", "二小")),
        ("driving_school", (), 1, ("阳光驾校",)),
        ("nine_year_school", ("primary_school", "middle_school"), 1, ("龙洲学校(九年一贯制)",)),
    }
    assert (unknown.fields["rows"].rows, left.fields["rows"].rows) == (("6",), ("4",))


def test_rows_left_out_for_their_type_are_told_by_name_and_those_without_a_type_apart(at, findings):
    """A mapping cannot help where the cell is empty: the column must be filled in."""
    frame = points(("一小", "小学", 0), ("工商所", None, 500), ("清心阁", "茶馆", 1000), ("书店", " ", 1500))
    for keys in ({}, {"service_column": "类型", "mapping": {"小学": "primary_school"}}):
        findings.problems.clear()
        assert facility_rows(frame, section(**keys), at) is not None
        unknown, empty = (p for p in findings.problems if p.code.startswith("facilities."))
        assert unknown.fields["rows"].rows == ("4",)
        assert unknown.fields["rows"].values == ("清心阁; 茶馆",)
        assert empty.fields["rows"].rows == ("3", "5")
        assert empty.fields["rows"].values == ("工商所", "书店")
        for lang in ("en", "zh"):
            assert "清心阁" in render(unknown, lang)
            assert "工商所" in render(empty, lang)
            assert "mapping" not in render(empty, lang)


def test_a_declared_service_is_followed_and_what_its_names_say_is_told(at, findings):
    rows = facility_rows(points(("一小", None, 0), ("阳光驾校", None, 500)), section(service="primary_school"), at)
    assert rows is not None
    assert rows["service"].tolist() == ["primary_school"] * 2
    assert codes(findings) == ["services.doubtful"]
    assert findings.problems[0].fields["rows"].rows == ("3",)


def test_names_alone_decide_where_there_is_no_column(at, findings):
    frame = points(("一小学", None, 0), ("茶馆", None, 500)).drop(columns="类型")
    rows = facility_rows(frame, section(), at)
    assert rows is not None
    assert rows["service"].tolist() == ["primary_school"]
    assert codes(findings) == ["services.by_name", "services.decided", "services.nameless"]


def test_the_name_of_a_sheet_says_the_service(at, findings):
    frame = points(("甲", None, 0), ("乙", None, 500)).drop(columns="类型")
    rows = facility_rows(frame, section(path="a.xlsx", sheet="诊所"), at.within("诊所"))
    assert rows is not None
    assert rows["service"].tolist() == ["clinic"] * 2
    assert codes(findings) == ["services.by_sheet"]


# --- sites ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "core", "bare"),
    [
        ("龙游县人民医院", "龙游县人民医院", "龙游县人民医院"),
        ("龙游县人民医院-急诊", "龙游县人民医院", "龙游县人民医院"),
        ("龙游县人民医院（东门）", "龙游县人民医院", "龙游县人民医院"),
        ("龙游县人民医院住院部", "龙游县人民医院", "龙游县人民医院"),
        ("一小(南校区)", "一小(南校区)", "一小"),
        ("仁爱门诊部", "仁爱门诊部", "仁爱门诊部"),
        ("(东门)", "(东门)", "(东门)"),
        ("东门", "东门", "东门"),
        ("Sankt-Annæ", "sankt-annæ", "sankt-annæ"),
    ],
)
def test_what_of_a_name_is_the_site(name, core, bare):
    assert stem_of(name)[1:] == (core, bare)


@pytest.mark.parametrize(
    ("names", "remaining"),
    [
        (["人民医院", "人民医院-急诊", "人民医院(东门)"], 1),
        (["人民医院-急诊", "人民医院(东门)"], 1),
        (["一小", "一小(南校区)"], 1),
        (["一小(北校区)", "一小(南校区)"], 2),
        (["第一医院", "第二医院"], 2),
        (["人民医院", "中医院(人民医院旁)"], 2),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_points_of_one_site_merge_by_the_stem_of_their_names(names, remaining, order):
    """30 m apart each."""
    rows = [(name, None, 30.0 * i) for i, name in enumerate(names)][::order]
    assert len(set(sites(*rows, service="hospital"))) == remaining


def test_the_stem_counts_within_a_hundred_metres_and_not_for_bus_stops():
    far = [("人民医院", None, 0.0), ("人民医院(东门)", None, 101.0)]
    assert len(set(sites(*far, service="hospital"))) == 2
    assert count(("人民医院", None, 0.0), ("人民医院(东门)", None, 50.0)) == 2  # bus stops


def test_a_site_is_called_by_its_own_name_and_entered_at_its_gates(at, findings):
    """The gate lies amid the others, so that it has as many links; a lone gate is no school."""
    rows = facility_rows(
        points(
            ("中心小学(东门)", "小学", 40.0),
            ("中心小学", "小学", 0.0),
            ("中心小学教学楼", "小学", 80.0),
            ("二小校门", "小学", 900.0),
        ),
        section(),
        at,
    )
    assert rows is not None
    built = build_facilities([rows], at)
    assert built is not None
    assert built.table["name"].tolist() == ["中心小学"]
    assert np.allclose(built.table["lon"], LON)
    assert len(built.entrance_lon) == 3
    assert codes(findings)[-2:] == ["services.part_alone", "facilities.merged"]
    assert findings.problems[-2].fields["rows"].rows == ("5",)
    assert pytest.approx(built.table["lat"][0]) == LAT


def test_gates_only_are_no_facility_at_all(at, findings):
    rows = facility_rows(points(("二小校门", "小学", 0.0)), section(), at)
    assert rows is not None
    assert build_facilities([rows], at) is None
    assert codes(findings)[-1] == "facilities.none"
