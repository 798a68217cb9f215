"""Lists as offices really keep them: titles, two header rows, totals, several sheets, datums in headers, lost digits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from circle.errors import Listed, Severity
from circle.load import header_rows
from circle.load.codes import codes as codes_of
from circle.load.points import point_frame
from circle.load.region import check_region
from circle.load.sections import Columns, FacilitiesSection
from circle.load.sheets import one_sheet_each
from circle.load.shifted import bd09_from_wgs84, gcj02_from_wgs84
from circle.load.tables import read_table
from tests.load_inputs.conftest import CLINICS, LAT, LON, REGION, code_of, codes, write_workbook
from tests.load_inputs.old_excel import write_xls

ANY = Columns.model_validate({})
RECORDS = [["一小", 118.9, 28.9], ["二小", 118.8, 28.8]]


# --- headers and what stands below ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "above",
    [
        [["青溪县小学名单", None, None], ["名称", "经度", "纬度"]],
        [["填报单位：教育局", None, "2024年"], [None, None, None], ["名称", "经度", "纬度"]],
        [["学校", "地理", "坐标"], ["名称", "经度", "纬度"]],
        [["名称", "坐标", None], [None, "经度", "纬度"]],
        [["名称", "经度", "纬度"]],
    ],
)
def test_titles_and_two_rows_of_headers_are_understood(above, tmp_path, at):
    table = read_table(write_workbook(tmp_path / "a.xlsx", {"甲": above + RECORDS}), at)
    assert table is not None
    assert list(table.columns) == ["名称", "经度", "纬度"]
    assert table.to_numpy().tolist() == RECORDS
    assert list(table.index) == [len(above) + 1, len(above) + 2]


def test_a_record_below_the_header_is_no_second_header(tmp_path, at):
    """Its cells are text and one is even called like a header."""
    rows = [["名称", "地址"], ["学校", "中心街"], ["编码", "后街"]]
    table = read_table(write_workbook(tmp_path / "a.xlsx", {"甲": rows}), at)
    assert table is not None
    assert list(table.columns) == ["名称", "地址"]
    assert len(table) == 2


@pytest.mark.parametrize(
    "word",
    ["合计", "合 计", "总计：", "小计", "莲湖里乡小计", "共计58所", "合计（58所）", "Total", "Grand total:", "SUM"],
)
def test_rows_of_totals_are_left_out_and_counted(word, tmp_path, at, findings):
    rows = [["序号", "名称", "经度", "纬度", "学位数"], [1, "一小", 118.9, 28.9, 300], [word, None, None, None, 300]]
    table = read_table(write_workbook(tmp_path / "a.xlsx", {"甲": rows}), at)
    assert table is not None
    assert table["名称"].tolist() == ["一小"]
    assert codes(findings) == ["table.totals"]
    assert findings.problems[0].fields["rows"].rows == ("3",)


@pytest.mark.parametrize(
    "name", ["会计学校", "总工会医院", "统计局", "小计量站", "Totalenergies", "计生服务站", "Summer school"]
)
def test_what_only_sounds_like_a_total_stays(name, tmp_path, at, findings):
    rows = [["名称", "经度", "纬度"], [name, 118.9, 28.9]]
    table = read_table(write_workbook(tmp_path / "a.xlsx", {"甲": rows}), at)
    assert table is not None
    assert table["名称"].tolist() == [name]
    assert codes(findings) == []


def test_remarks_and_repeated_headers_are_left_out_and_counted(tmp_path, at, findings):
    header = ["名称", "经度", "纬度"]
    rows = [header, RECORDS[0], header, RECORDS[1], ["注：坐标取自高德"], ["填表人：张三", None, "电话：123"]]
    table = read_table(write_workbook(tmp_path / "a.xlsx", {"甲": rows}), at)
    assert table is not None
    assert table.to_numpy().tolist() == RECORDS
    assert codes(findings) == ["table.remarks", "table.header_again"]
    assert findings.problems[0].fields["rows"].rows == ("5", "6")


@pytest.mark.parametrize(
    "cell", ["8:00-17:00", "https://example.org", "电话：0570-1", "地址: 1路, 总计局", "Sum St. 1: x"]
)
def test_colons_of_records_cost_no_second_look(cell, tmp_path, at, findings, monkeypatch):
    """A list of 200,000 shops with their hours is read as fast as one without: no row is looked at by itself."""
    monkeypatch.setattr(header_rows, "_plain", lambda text: pytest.fail(text))
    path = tmp_path / "a.csv"
    path.write_text("名称,说明,经度,纬度\n" + f'甲,"{cell}",118.9,28.9\n' * 3, encoding="utf-8")
    table = read_table(path, at)
    assert table is not None
    assert len(table) == 3
    assert codes(findings) == []


@pytest.mark.parametrize("word", ["备注", "备 注", "填表人", "审核 人", "数据来源", "Note", "remarks", "SOURCE"])
@pytest.mark.parametrize("end", ["：x", ":x", " : x", "1：x", "１: x", "2、x"])
def test_remarks_are_told_however_they_are_typed(word, end, tmp_path, at, findings):
    path = write_workbook(tmp_path / "a.xlsx", {"S": [["名称", "经度"], ["甲", 118.9], [word + end, None]]})
    table = read_table(path, at)
    assert table is not None
    assert table["名称"].tolist() == ["甲"]
    assert codes(findings) == ["table.remarks"]


def test_a_table_of_totals_only_is_empty(tmp_path, at, findings):
    rows = [["名称", "经度", "纬度"], ["合计", None, None]]
    assert read_table(write_workbook(tmp_path / "a.xlsx", {"甲": rows}), at) is None
    assert codes(findings) == ["table.totals", "table.empty"]


def test_a_few_bad_bytes_do_not_turn_utf8_into_gibberish(tmp_path, at, findings):
    """Ten names in UTF-8, of which the last lost its last byte: GB18030 would read all of it, as other characters."""
    data = "名称,经度\n".encode() + "".join(f"青溪县第{n}小学,118.{n}\n" for n in range(9)).encode()
    (tmp_path / "a.csv").write_bytes(data + "二小".encode()[:-1] + b",118.9\n")
    table = read_table(tmp_path / "a.csv", at)
    assert table is not None
    assert table["名称"].tolist() == [f"青溪县第{n}小学" for n in range(9)] + ["二\ufffd"]
    assert codes(findings) == ["table.text_damaged"]
    assert findings.problems[0].fields["rows"].rows == ("11",)


# --- sheets -----------------------------------------------------------------------------------------------------------

SHEETS = {
    "说明": [["本表由教育局提供", "2024年"], ["共两张", "名录"]],
    "小学": [["名称", "经度", "纬度"], *RECORDS],
    "诊所": [["医疗机构名录"], ["机构名称", "经度", "纬度"], ["卫生室", 118.7, 28.7]],
}


def sheets_of(sheet: object, path, at) -> list[str | None]:
    section = FacilitiesSection.model_validate({"path": "a.xlsx", "service": "clinic", "sheet": sheet})
    return [one.sheet for one in one_sheet_each(section, path, at)]


def test_the_first_list_is_read_and_further_lists_are_a_warning(tmp_path, at, findings):
    table = read_table(write_workbook(tmp_path / "a.xlsx", SHEETS), at)
    assert table is not None
    assert list(table["名称"]) == ["一小", "二小"]
    assert codes(findings) == ["table.sheets_unread"]
    assert findings.problems[0].severity is Severity.WARNING
    assert findings.problems[0].fields["others"] == "诊所"


def test_several_sheets_are_one_list_each(tmp_path, at, findings):
    path = write_workbook(tmp_path / "a.xlsx", SHEETS)
    assert sheets_of(None, path, at) == [None]
    assert sheets_of("诊所", path, at) == ["诊所"]
    assert sheets_of(["诊所", "小学", "诊所"], path, at) == ["诊所", "小学"]
    assert codes(findings) == []
    assert sheets_of("*", path, at) == ["小学", "诊所"]
    assert codes(findings) == ["table.sheets_not_lists"]


@pytest.mark.parametrize(
    ("name", "code"),
    [("a.xlsx", "table.sheets_no_list"), ("b.xlsx", "file.missing"), ("c.gpkg", "table.sheets_no_list")],
)
def test_every_sheet_of_no_list_is_an_error(name, code, tmp_path, at, findings):
    write_workbook(tmp_path / "a.xlsx", {"封面": [["标题"]]})
    (tmp_path / "c.gpkg").write_bytes(b"")
    assert sheets_of("*", tmp_path / name, at) == []
    assert codes(findings) == [code]


def test_a_region_reads_all_sheets_that_are_asked_for(town):
    region = REGION.replace('path = "clinics.xlsx"', 'path = "clinics.xlsx"\nsheet = ["甲", "乙"]')
    folder = town(region)
    more = [["机构名称", "经度", "纬度"], ["三诊所", LON - 0.005, LAT]]
    write_workbook(folder / "clinics.xlsx", {"甲": CLINICS, "丙": more, "乙": more})
    loaded, problems = check_region(folder)
    assert [problem for problem in problems if problem.severity is Severity.ERROR] == []
    assert loaded is not None
    table = loaded.data.facilities.table
    assert sorted(table["name"][table["service"] == "clinic"]) == ["三诊所", "卫生院", "诊所"]
    folder = town(region.replace('"乙"', '"丁"'))
    _, problems = check_region(folder)
    assert {code_of(problem) for problem in problems if problem.severity is Severity.ERROR} == {"table.sheet_missing"}


# --- datums in headers ------------------------------------------------------------------------------------------------


def frame_of(table: dict[str, list[object]], at, crs: str | None, **keys: object):
    columns = Columns.model_validate(keys)
    return point_frame(pd.DataFrame(table, dtype=object), columns, crs, at)


GCJ = [float(value) for value in gcj02_from_wgs84(LON, LAT)]
BD = [float(value) for value in bd09_from_wgs84(LON, LAT)]


@pytest.mark.parametrize(
    ("heads", "crs", "told"),
    [
        (("gcj02_lon", "gcj02_lat"), None, ["crs.by_header"]),
        (("gcj02_lon", "gcj02_lat"), "gcj02", []),
        (("gcj02_lon", "gcj02_lat"), "EPSG:4326", ["crs.header_followed"]),
        (("gcj02_lon", "gcj02_lat"), "bd09", ["crs.header_followed"]),
        (("高德经度", "高德纬度"), None, ["crs.by_header"]),
        (("经度", "纬度"), "gcj02", []),
        (("经度gcj02", "纬度"), None, ["crs.by_header"]),
    ],
)
def test_a_header_that_names_its_datum_is_believed_and_contradictions_are_told(heads, crs, told, at, findings):
    """The place is known in WGS84; its shifted copy comes back to it to 1e-9 degrees whatever was declared."""
    frame = frame_of({"名称": ["a"], heads[0]: [GCJ[0]], heads[1]: [GCJ[1]]}, at, crs)
    assert frame is not None
    assert np.allclose([frame.geometry.x[0], frame.geometry.y[0]], [LON, LAT], rtol=0, atol=1e-9)
    assert codes(findings) == told


@pytest.mark.parametrize("crs", [None, "gcj02", "bd09", "EPSG:4326", "EPSG:4490"])
def test_of_columns_in_several_datums_the_declared_one_is_taken_and_else_wgs84(crs, at, findings):
    """The columns contradict each other on purpose: only the ones that are taken can give the place."""
    places = {"gcj02": GCJ, "bd09": BD, "wgs84": [LON, LAT]}
    table: dict[str, list[object]] = {"location": ["100,20"]}
    own = crs if crs in places else "wgs84"
    for datum, (lon, lat) in places.items():
        table |= {f"{datum}_lon": [lon if datum == own else 100.0], f"{datum}_lat": [lat if datum == own else 20.0]}
    frame = frame_of(table, at, crs)
    assert frame is not None
    assert np.allclose([frame.geometry.x[0], frame.geometry.y[0]], [LON, LAT], rtol=0, atol=1e-9)
    assert codes(findings) == ([] if crs else ["crs.by_header"])


def test_who_names_column_and_system_is_followed_and_told(at, findings):
    table: dict[str, list[object]] = {"gcj02_lon": [LON], "gcj02_lat": [LAT]}
    frame = frame_of(table, at, "EPSG:4326", lon="gcj02_lon", lat="gcj02_lat")
    assert frame is not None
    assert (frame.geometry.x[0], frame.geometry.y[0]) == (LON, LAT)
    assert codes(findings) == ["crs.header_overruled"]


def test_columns_of_different_datums_are_no_pair(at, findings):
    assert frame_of({"gcj02_lon": [LON], "bd09_lat": [LAT]}, at, None) is None
    assert codes(findings)[-1] == "crs.missing_in_table"


@pytest.mark.parametrize("head", ["location_gcj02", "高德经纬度", "火星坐标"])
def test_a_header_of_both_coordinates_may_name_its_datum_too(head, at, findings):
    frame = frame_of({"名称": ["a"], head: [f"{GCJ[0]:.10f}，{GCJ[1]:.10f}"]}, at, None)
    assert frame is not None
    assert np.allclose([frame.geometry.x[0], frame.geometry.y[0]], [LON, LAT], rtol=0, atol=1e-9)
    assert codes(findings) == ["crs.by_header"]


def test_amap_locations_and_its_empty_cells(at, findings):
    table: dict[str, list[object]] = {"name": ["a", "b"], "location": [f"{GCJ[0]:.9f},{GCJ[1]:.9f}", "[]"]}
    frame = frame_of(table, at, "gcj02")
    assert frame is not None
    assert len(frame) == 1
    assert np.allclose([frame.geometry.x[0], frame.geometry.y[0]], [LON, LAT], rtol=0, atol=1e-8)
    assert codes(findings) == ["table.no_place"]
    assert isinstance(findings.problems[0].fields["cells"], Listed)
    assert findings.problems[0].fields["cells"].rows == ("1",)


# --- codes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("330825100201", "330825100201"),
        (330825100201.0, "330825100201"),
        (330825100201, "330825100201"),
        ("3.30825100201E+11", "330825100201"),
        ("3.30825E+11", None),
        ("3.30825e11", None),
        ("3.308251002E+11", None),
        (123456789012345678.0, None),
        ("052330825471234567X", "052330825471234567X"),
        ("0571", "0571"),
        ("1E05", "1E05"),
        ("", None),
    ],
)
def test_a_code_keeps_all_its_digits_or_is_refused_with_its_row(cell, code, at, findings):
    column = pd.Series([cell], index=[7], name="代码", dtype=object)
    assert codes_of(column, at).tolist() == [code]
    lost = code is None and cell != ""
    assert codes(findings) == (["table.code_digits_lost"] if lost else [])
    if lost:
        assert findings.problems[0].fields["cells"].rows == ("7",)


def test_lost_codes_are_an_error_where_they_are_needed(at, findings):
    codes_of(pd.Series(["3.30825E+11"], name="代码", dtype=object), at, needed=True)
    assert findings.errors


# --- old workbooks ----------------------------------------------------------------------------------------------------


def test_a_workbook_of_excel_97_reads_like_a_new_one(tmp_path, at, findings):
    rows = [
        ["青溪县小学名单"],
        ["名称", "经度", "纬度", "代码"],
        ["一小", 118.9, 28.9, 330825100201.0],
        ["合计", None, None, 1],
    ]
    sheets = {"封面": [["标题"]], "名单": rows}
    old = read_table(write_xls(tmp_path / "a.xls", sheets), at)
    new = read_table(write_workbook(tmp_path / "a.xlsx", sheets), at)
    assert old is not None
    assert new is not None
    pd.testing.assert_frame_equal(old, new)
    assert codes_of(old["代码"], at).tolist() == ["330825100201"]
    assert codes(findings) == ["table.sheets_several", "table.totals"] * 2


def test_a_cut_workbook_of_excel_97_is_an_error(tmp_path, at, findings):
    path = write_xls(tmp_path / "a.xls", {"甲": RECORDS})
    path.write_bytes(path.read_bytes()[:900])
    assert read_table(path, at) is None
    assert codes(findings) == ["table.workbook_unreadable"]
