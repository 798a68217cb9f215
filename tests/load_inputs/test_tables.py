"""Lists as offices keep them: CSV in its variants, workbooks, and what is wrong with them."""

from __future__ import annotations

import codecs
import itertools

import numpy as np
import pandas as pd
import pytest

from circle.load.columns import find_column, need_column, numbers, texts
from circle.load.points import point_frame
from circle.load.population import count_columns
from circle.load.sections import Columns, FacilitiesSection
from circle.load.tables import read_table
from tests.load_inputs.conftest import codes, write_workbook

TEXT = '名称,经度,纬度\n一小,118.9,28.9\n\n"二小\n(分校),南",118.8,28.8\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_list_reads_alike_in_every_encoding_with_the_row_numbers_of_excel(tmp_path, at, encoding, newline):
    """The blank third row counts; the quoted line break does not start a row."""
    path = tmp_path / "学校 名单.csv"
    path.write_bytes(TEXT.replace("\n", newline).encode(encoding))
    table = read_table(path, at)
    assert table is not None
    assert list(table.columns) == ["名称", "经度", "纬度"]
    assert list(table.index) == [2, 4]
    assert table["名称"][4].replace("\r", "") == "二小\n(分校),南"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_told_from_the_header(tmp_path, at, delimiter):
    path = tmp_path / "a.csv"
    path.write_text(TEXT.replace(",", delimiter), encoding="utf-8")
    table = read_table(path, at)
    assert table is not None
    assert table.shape == (2, 3)


@pytest.mark.parametrize(("delimiter", "other"), list(itertools.permutations(",;\t|", 2)))
@pytest.mark.parametrize("title", ["", "a{0}b{0}c{0}d{0}e{0}f\n"])
def test_cells_full_of_another_delimiter_do_not_decide(tmp_path, at, delimiter, other, title):
    """Addresses, decimal commas, lists of services: the delimiter is the one that makes a header of the header."""
    cells = ["A", other.join("123456789"), other.join(["118", "9"]), "28.9"]
    text = title.format(other) + "\n".join(delimiter.join(row) for row in (["name", "address", "lon", "lat"], cells))
    path = tmp_path / "a.csv"
    path.write_text(text + "\n", encoding="utf-8")
    table = read_table(path, at)
    assert table is not None
    assert list(table.columns) == ["name", "address", "lon", "lat"]
    assert table.iloc[0].tolist() == cells


def test_a_title_above_the_header_and_empty_columns_are_passed_over(tmp_path, at, findings):
    rows = [["青溪县小学名单"], ["名称", "", "经度", "代码"], [], ["一小", "", 118.9, 330825100001]]
    path = write_workbook(tmp_path / "a.xlsx", {"封面": [], "名单": rows, "说明": [["备注"], ["无"]]})
    table = read_table(path, at)
    assert table is not None
    assert list(table.columns) == ["名称", "经度", "代码"]
    assert list(table.index) == [4]
    assert texts(table["代码"]).tolist() == ["330825100001"]
    assert codes(findings) == ["table.sheets_several"]


def test_another_sheet_can_be_named(tmp_path, at, findings):
    path = write_workbook(tmp_path / "a.xlsx", {"甲": [["a", "b"], [1, 2]], "乙": [["c", "d"], [3, 4]]})
    table = read_table(path, at, "乙")
    assert table is not None
    assert list(table.columns) == ["c", "d"]
    assert read_table(path, at, "丙") is None
    assert codes(findings) == ["table.sheet_missing"]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.csv", b"", "table.empty"),
        ("a.csv", "名称,经度\n".encode(), "table.empty"),
        ("a.csv", b"a,b\n1,2\n3,4,5,6\n", "table.row_too_long"),
        ("a.csv", b'a,b\n1,"2\n3,4', "table.text_unreadable"),
        ("a.csv", b"\xff\x00\x81\xff", "file.encoding_unknown"),
        ("a.csv", codecs.BOM_UTF8 + b"\xff\xff", "file.encoding_unknown"),
        ("a.xlsx", b"PK\x03\x04 half a workbook", "file.is_cut_archive"),
        ("a.xls", b"neither", "file.is_text"),
        ("a.xls", b"n\x00ither", "table.workbook_unreadable"),
        ("a.xlsx", b"", "file.is_empty"),
    ],
)
def test_files_that_are_no_table_have_their_own_sentence(tmp_path, at, findings, name, data, code):
    (tmp_path / name).write_bytes(data)
    assert read_table(tmp_path / name, at) is None
    assert codes(findings) == [code]


def test_a_truncated_workbook_is_an_error(tmp_path, at, findings):
    path = write_workbook(tmp_path / "a.xlsx", {"甲": [["a", "b"], [1, 2]]})
    path.write_bytes(path.read_bytes()[:-400])
    assert read_table(path, at) is None
    assert codes(findings) == ["file.is_cut_archive"]


def test_a_missing_file_is_an_error(tmp_path, at, findings):
    assert read_table(tmp_path / "a.csv", at) is None
    assert codes(findings) == ["file.missing"]


def test_headers_are_told_without_case_width_and_units(at):
    table = pd.DataFrame(columns=["ＮＡＭＥ", "X坐标（度）", "纬 度", "床位数(张)"])
    assert find_column(table, "name") == "ＮＡＭＥ"
    assert find_column(table, "lon") == "X坐标（度）"
    assert find_column(table, "lat") == "纬 度"
    assert find_column(table, "capacity") == "床位数(张)"
    assert find_column(table, "service") is None


def test_the_columns_of_the_declared_datum_are_taken():
    table = pd.DataFrame(columns=["经度wgs84", "纬度wgs84", "经度gcj02", "纬度gcj02"])
    assert find_column(table, "lon", crs="gcj02") == "经度gcj02"
    assert find_column(table, "lon", crs="EPSG:4326") == "经度wgs84"
    assert find_column(table, "lon", crs="bd09") is None


def test_a_wrong_column_lists_those_there_are(at, findings):
    table = pd.DataFrame(columns=["校名", "东经"])
    assert need_column(table, "lat", None, at) is None
    assert need_column(table, "name", "学校", at) is None
    assert codes(findings) == ["table.column_missing"] * 2
    assert findings.problems[0].fields["found"] == "校名, 东经"


@pytest.mark.parametrize(
    ("meaning", "given", "headers", "shown"),
    [
        ("district_id", "代码", ["乡镇", "区划代码"], "区划代码"),  # part of it
        ("service", "设施类形", ["名称", "设施类型"], "设施类型"),  # a slip of the pen
        ("service", "xyz", ["名称", "学段"], "学段"),  # nothing like it: the one that is recognised
        ("service", "xyz", ["甲", "乙"], "甲"),  # any that is there
    ],
)
def test_a_column_that_is_not_there_is_never_given_as_the_example(meaning, given, headers, shown, at, findings):
    assert need_column(pd.DataFrame(columns=headers), meaning, given, at, key="key") is None
    assert findings.problems[0].fields["example"] == f'key = "{shown}"'


@pytest.mark.parametrize(
    ("people", "groups", "example"),
    [
        (None, {"elderly": "65岁以上"}, 'groups.elderly = "60岁以上"'),
        ("户籍人口", None, 'people = "常住人口"'),
    ],
)
def test_a_column_of_people_that_is_not_there_is_told_under_its_own_key(people, groups, example, at, findings):
    frame = pd.DataFrame(columns=["乡镇", "常住人口", "60岁以上"])
    assert count_columns(frame, people, groups, at) == {}
    assert findings.problems[0].fields["example"] == example


@pytest.mark.parametrize("sign", ["\u200b", "\ufeff", "\u00ad", "\u200e", "\u2060"])
def test_signs_that_nobody_can_see_change_nothing(sign, at, findings):
    """They come with what is copied from web pages: in a number, a name, a code and a header."""
    cells = pd.Series([f"{sign}5001", f"5{sign}002{sign}"], index=[2, 3], name="人口")
    assert numbers(cells, at).tolist() == [5001, 5002]
    assert texts(pd.Series([f"{sign}一小{sign}", sign, f"3308{sign}25"])).tolist() == ["一小", None, "330825"]
    assert find_column(pd.DataFrame(columns=[f"校{sign}名"]), "name") == f"校{sign}名"
    assert codes(findings) == []


def test_a_needed_header_that_stands_twice_is_an_error(at, findings):
    assert need_column(pd.DataFrame([[1, 2]], columns=["经度", "经度"]), "lon", None, at) is None
    assert codes(findings) == ["table.column_twice"]


def test_text_in_a_number_column_is_listed_with_row_and_value(at, findings):
    cells = pd.Series(["1,250", "约20", None, "３０", "十", 7.5, "1e400"], index=[2, 3, 4, 6, 7, 8, 9], name="床位")
    values = numbers(cells, at)
    assert np.array_equal(values, [1250, np.nan, np.nan, 30, np.nan, 7.5, np.nan], equal_nan=True)
    assert codes(findings) == ["table.text_in_number"]
    assert findings.problems[0].fields["cells"] == "3: “约20”, 7: “十”, 9: “1e400”"


ANY = Columns.model_validate({})


def points(at, rows, crs="EPSG:4326", **options):
    table = pd.DataFrame(rows, columns=["名称", "经度", "纬度"], index=range(2, 2 + len(rows)))
    return point_frame(table, ANY, crs, at, **options)


def test_rows_without_a_place_are_listed_and_the_others_kept(at, findings):
    frame = points(
        at, [("a", "118.9", "28.9"), ("b", "118.9E", "28.9"), ("c", "", ""), ("d", 118.8, 128.8), ("e", 0, "0.0")]
    )
    assert frame is not None
    assert list(frame.index) == [2]
    assert codes(findings) == ["table.no_place"]
    assert findings.problems[0].fields["cells"] == "3: “118.9E”, “28.9”; 4: “”, “”; 5: “118.8”, “128.8”; 6: “0”, “0.0”"


def test_people_without_a_place_stay_in_the_table(at, findings):
    frame = points(at, [("a", "118.9", "28.9"), ("b", "?", "28.9")], keep_unplaced=True)
    assert frame is not None
    assert frame.geometry.isna().tolist() == [False, True]
    assert codes(findings) == ["table.no_place"]


def test_a_table_without_any_place_is_an_error(at, findings):
    assert points(at, [("a", "东", "北"), ("b", "", "28.9")]) is None
    assert codes(findings) == ["table.no_usable_place"]


def test_a_table_must_have_its_system_declared(at, findings):
    assert points(at, [("a", 118.9, 28.9)], crs=None) is None
    assert codes(findings) == ["crs.missing_in_table"]


def test_swapped_columns_are_told_from_their_values(at, findings):
    assert points(at, [("a", 28.9, 118.9), ("b", 28.8, 118.8)]) is None
    assert codes(findings) == ["crs.swapped"]


@pytest.mark.parametrize("wanted", ["facilities", "people"])
def test_one_swapped_row_among_right_ones_is_called_swapped(wanted, at, findings):
    """A latitude of 118 cannot be; the people of such a row stay in the table, a facility is not looked up by name."""
    rows = [("a", 118.9, 28.9), ("b", 28.8, 118.8), ("c", 118.7, 28.7), ("d", 118.7, 128.7)]
    table = pd.DataFrame(rows, columns=["名称", "经度", "纬度"], index=range(2, 6))
    columns = FacilitiesSection.model_validate({"path": "a.csv"}) if wanted == "facilities" else ANY
    frame = point_frame(table, columns, "EPSG:4326", at, keep_unplaced=wanted == "people")
    assert frame is not None
    assert list(frame.index) == ([2, 4, 5] if wanted == "facilities" else [2, 3, 4, 5])
    assert sorted(codes(findings)) == ["table.no_place", "table.rows_swapped"]
    swapped = next(problem for problem in findings.problems if problem.code == "table.rows_swapped")
    assert swapped.fields["cells"].rows == ("3",)


def test_both_coordinates_may_stand_in_one_cell(at):
    table = pd.DataFrame({"name": ["a", "b"], "location": ["118.9,28.9", "[]"]}, index=[2, 3])
    frame = point_frame(table, ANY, "EPSG:4326", at)
    assert frame is not None
    assert (frame.geometry.x[2], frame.geometry.y[2]) == (118.9, 28.9)
    assert len(frame) == 1
