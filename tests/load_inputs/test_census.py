"""Census tables by district: matched by code or name, sums left out, nobody lost silently."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from circle.errors import Findings, Severity, render
from circle.load.census import CensusTable, district_people
from circle.load.census_codes import area_of_code
from circle.load.columns import texts
from circle.load.located import Located
from circle.model import Districts

CODES = ["330825001000", "330825101000", "330825102000"]
NAMES = ["东华街道", "湖镇镇", "小南海镇"]


def districts(codes=CODES, names=NAMES):
    shapes = [shapely.box(119 + i, 29, 120 + i, 30) for i in range(len(codes))]
    return Districts(gpd.GeoDataFrame({"district_id": codes, "district_name": names}, geometry=shapes, crs=4326))


def read(rows, where=None, *, columns=("区划代码", "人口"), **options):
    """A table whose first column names the district; rows count from 2 as in a spreadsheet."""
    frame = pd.DataFrame(rows, columns=list(columns), index=range(2, len(rows) + 2), dtype=object)
    findings = Findings()
    table = CensusTable(frame, texts(frame[columns[0]]), columns[0])
    options = {"people": None, "groups": None} | options
    return district_people(table, where or districts(), Located(findings, "census.xlsx"), **options), findings


def only(findings, code):
    (problem,) = [p for p in findings.problems if p.code == code]
    for lang in ("en", "zh"):
        assert "{" not in render(problem, lang)
    return problem


def severities(findings):
    return {(p.code, p.severity.value) for p in findings.problems}


TOWNS = [[CODES[0], 100], [CODES[1], 20], [CODES[2], 3]]


@pytest.mark.parametrize(
    "labels",
    [
        CODES,
        [code[:9] for code in CODES],
        [float(code) for code in CODES],
        NAMES,
        [" 东华 街道", "湖镇镇 ", "小南海镇"],
        [CODES[0], NAMES[1], CODES[2][:9]],
    ],
    ids=["codes", "nine digits", "numbers of a workbook", "names", "spaces", "mixed"],
)
def test_a_row_finds_its_district_by_code_or_name(labels):
    found, findings = read([[label, n] for label, n in zip(labels, [100, 20, 3], strict=True)])
    assert found[0].tolist() == [[100, 20, 3]]
    assert severities(findings) == {("census.counted", "note")}


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_rows_does_not_matter(seed):
    rows = [*TOWNS, ["330825000000", 123], ["330800000000", 900], ["330881100000", 777]]
    order = np.random.default_rng(seed).permutation(len(rows))
    assert read([rows[i] for i in order])[0][0].tolist() == [[100, 20, 3]]


def test_groups_are_columns_and_all_may_be_their_sum():
    rows = [[CODES[0], 60, 40], [CODES[1], 12, 8], [CODES[2], 1, 2]]
    (people, groups), findings = read(rows, columns=("code", "m", "f"), groups={"male": "m", "female": "f"})
    assert groups == ("all", "male", "female")
    assert people.tolist() == [[100, 20, 3], [60, 12, 1], [40, 8, 2]]
    only(findings, "population.all_is_sum")


def test_a_yearbook_counts_in_ten_thousands_and_that_is_told():
    rows = [[CODES[0], 4.12], [CODES[1], "1.5"], [CODES[2], 0.3], ["330825000000", 5.92]]
    found, findings = read(rows, columns=("代码", "常住人口（万人）"))
    assert found[0].tolist() == [pytest.approx([41_200, 15_000, 3_000])]
    assert only(findings, "population.unit").severity is Severity.WARNING
    assert "census.sum_differs" not in {p.code for p in findings.problems}


def test_sums_are_known_by_code_and_not_counted_again():
    """Province, prefecture and county above three townships of 123 people."""
    rows = [["330000000000", 64_000_000], ["330800", 2_276_184], ["330825000000", 123], *TOWNS]
    found, findings = read(rows)
    assert found[0].sum() == 123
    assert only(findings, "census.left_out_total").fields["count"] == 3
    assert only(findings, "census.left_out_total").severity is Severity.NOTE
    assert "census.sum_differs" not in {p.code for p in findings.problems}


def test_a_county_that_is_more_than_its_rows_warns_of_a_missing_township():
    """130 people in the county, 120 in its rows; the third township is missing, and is named."""
    found, findings = read([["330825000000", 130], *TOWNS[:2]])
    assert found[0].tolist() == [[100, 20, 0]]
    told = only(findings, "census.sum_differs")
    assert (told.row, told.fields["difference"], told.severity) == (2, "10", Severity.WARNING)
    assert only(findings, "census.no_row").fields["districts"] == "小南海镇 (330825102000)"


@pytest.mark.parametrize("label", ["合计", "总 计", "Total", "全县："])
def test_sums_are_known_by_word(label):
    found, findings = read([*TOWNS, [label, 123]])
    assert found[0].sum() == 123
    assert only(findings, "census.left_out_total").fields["cells"] == f"5: “{label.strip()}”"


def test_the_word_for_a_sum_may_stand_in_another_column():
    rows = [["甲", *TOWNS[0]], ["乙", *TOWNS[1]], ["丙", *TOWNS[2]], ["合计", None, 125]]
    rows = [[code, name, people] for name, code, people in rows]
    found, findings = read(rows, columns=("区划代码", "地区", "人口"))
    assert found[0].sum() == 123
    assert only(findings, "census.sum_differs").fields["label"] == "合计"
    assert only(findings, "census.left_out_total").fields["cells"] == "5: “合计”"


def test_without_codes_a_row_that_is_exactly_the_sum_is_one():
    found, findings = read([["龙游县", 123], *zip(NAMES, [100, 20, 3], strict=True)])
    assert found[0].sum() == 123
    only(findings, "census.left_out_total")


BOOK = [
    ["衢州市", 1153],
    ["龙游县", 123],
    ["  东华街道", 100],
    ["  湖镇镇", 20],
    ["  小南海镇", 3],
    ["江山市", 1030],
    ["  双塔街道", 900],
    ["  上余镇", 130],
]


def test_a_printed_table_by_name_alone_is_told_apart_by_its_sums():
    """Prefecture = both counties, county = the rows under it; the other county has no polygon here."""
    found, findings = read(BOOK)
    assert found[0].tolist() == [[100, 20, 3]]
    assert only(findings, "census.left_out_total").fields["count"] == 3
    told = only(findings, "census.left_out_elsewhere")
    assert (told.fields["count"], told.fields["people"]) == (2, "1,030")


def test_a_table_by_name_with_a_column_of_codes_is_told_apart_by_these():
    """The sums are not those of the rows (a township is missing), so only the codes can tell."""
    rows = [["某市", "330800000000", 99_999], ["龙游县", "330825000000", 500]]
    rows += [[name, code, n] for name, code, n in zip(NAMES, CODES, [100, 20, 3], strict=True)]
    rows += [["双塔街道", "330881001000", 900]]
    found, findings = read(rows, districts(NAMES, NAMES), columns=("地区", "代码", "人口"))
    assert found[0].tolist() == [[100, 20, 3]]
    assert only(findings, "census.left_out_total").fields["count"] == 2
    assert only(findings, "census.left_out_elsewhere").fields["people"] == "900"
    assert only(findings, "census.sum_differs").fields["difference"] == "377"


def test_a_town_of_the_same_name_in_another_county_is_told_apart_by_the_code_beside_it():
    rows = [["湖镇镇", CODES[1], 20], ["湖镇镇", "330881101000", 5000], ["湖镇镇", "330800000000", 9]]
    found, findings = read(rows, columns=("地区", "代码", "人口"))
    assert found[0].tolist() == [[0, 20, 0]]
    assert only(findings, "census.left_out_elsewhere").fields["people"] == "5,000"
    without = read([row[::2] for row in rows], columns=("地区", "人口"))[1]
    assert only(without, "census.twice").fields["rows"] == "2, 3, 4"


def test_a_row_called_total_in_the_middle_is_no_part_of_a_sum():
    rows = [["龙游县", 123], ["东华街道", 100], ["湖镇镇", 20], ["小计", 120], ["小南海镇", 3]]
    found, findings = read(rows)
    assert found[0].tolist() == [[100, 20, 3]]
    assert only(findings, "census.left_out_total").fields["count"] == 2


def test_rows_of_other_counties_are_left_out_with_their_people():
    found, findings = read([*TOWNS, ["330881100000", 777], ["330881101000", 23]])
    assert found[0].sum() == 123
    told = only(findings, "census.left_out_elsewhere")
    assert (told.fields["count"], told.fields["people"]) == (2, "800")


def test_villages_are_added_up_into_their_township():
    rows = [*TOWNS[:2], ["330825102201", 1], ["330825102202", 2]]
    assert read(rows)[0][0].tolist() == [[100, 20, 3]]


def test_villages_of_a_township_with_a_row_of_its_own_are_not_counted_again():
    found, findings = read([*TOWNS, ["330825102201", 1], ["330825102202", 2]])
    assert found[0].tolist() == [[100, 20, 3]]
    only(findings, "census.left_out_part")


def test_townships_add_up_where_the_districts_are_counties_and_their_villages_do_not_count_twice():
    where = districts(["330825", "330881"], ["龙游县", "江山市"])
    rows = [["330825101000", 20], ["330825101201", 20], ["330825102000", 3], ["330881000000", 50]]
    assert read(rows, where)[0][0].tolist() == [[23, 50]]


def test_a_county_drawn_beside_its_townships_counts_nobody_twice():
    where = districts(["330825000000", *CODES], ["龙游县", *NAMES])
    found, findings = read([["330825000000", 123], *TOWNS], where)
    assert found[0].tolist() == [[0, 100, 20, 3]]
    assert only(findings, "census.no_row").fields["count"] == 1


SEAT = "330825000000"


@pytest.mark.parametrize("seat", [SEAT, SEAT[:9], SEAT[:6]])
@pytest.mark.parametrize("people", [500, 22, 1])
@pytest.mark.parametrize("total", [None, "合计", "330800000000"])
def test_a_county_seat_under_the_countys_code_is_counted_in_its_own_polygon(seat, people, total):
    """Whatever stands for the code, whether the town is larger than the others together, and with a grand total or not."""
    where = districts([SEAT, *CODES[1:]], ["城关镇", *NAMES[1:]])
    rows = [[seat, people], *TOWNS[1:]] + ([[total, people + 23]] if total else [])
    for order in ([*range(len(rows))], [*range(len(rows))][::-1] if total != "合计" else [0, 2, 1, 3]):
        found, findings = read([rows[i] for i in order], where)
        assert found[0][0].tolist() == [people, 20, 3]
        assert not [p for p in findings.problems if p.severity is not Severity.NOTE]


def test_a_town_that_is_missing_beside_such_a_seat_is_still_an_error():
    where = districts([SEAT, *CODES[1:]], ["城关镇", *NAMES[1:]])
    found, findings = read([[SEAT, 500], *TOWNS[1:], ["330825103000", 40]], where)
    assert found is None
    assert only(findings, "census.no_district").fields["people"] == "40"


def test_a_county_drawn_around_its_townships_is_their_sum_even_where_it_does_not_add_up():
    frame = districts().frame
    county = gpd.GeoDataFrame({"district_id": [SEAT], "district_name": ["龙游县"]}, geometry=[frame.union_all()], crs=4326)
    found, findings = read([[SEAT, 140], *TOWNS], Districts(pd.concat([county, frame], ignore_index=True)))
    assert found[0][0].tolist() == [0, 100, 20, 3]
    assert "census.sum_differs" in [p.code for p in findings.problems]


def test_a_row_without_a_polygon_is_an_error_with_the_nearest_free_district():
    found, findings = read([["东华街道", 100], ["湖镇镇", 20], ["小南海乡", 3]])
    assert found is None
    told = only(findings, "census.no_district")
    assert (told.severity, told.fields["people"]) == (Severity.ERROR, "3")
    assert told.fields["cells"] == "4: “小南海乡” → 小南海镇 (330825102000)?"


def test_a_code_without_a_polygon_in_the_same_county_is_an_error():
    found, findings = read([*TOWNS, ["330825103000", 40]])
    assert found is None
    assert "5: “330825103000”" in only(findings, "census.no_district").fields["cells"]


def test_a_code_without_a_polygon_is_answered_by_its_name():
    """The code is a slip; what stands beside it is the name of the district that has no row."""
    rows = [[CODES[0], "东华街道", 100], [CODES[1], "湖镇镇", 20], ["330825120000", "小南海镇", 3]]
    found, findings = read(rows, columns=("区划代码", "地区", "人口"))
    assert found is None
    cells = only(findings, "census.no_district").fields["cells"]
    assert cells == "4: “330825120000” (小南海镇) → 小南海镇 (330825102000)?"


def test_notes_under_the_table_and_headings_without_people_are_no_rows():
    found, findings = read([["龙游县", None], *TOWNS, ["注：数据截至2020年11月1日零时", None]])
    assert found[0].sum() == 123
    assert severities(findings) == {("census.counted", "note")}


def test_codes_that_a_spreadsheet_has_rounded_are_refused_with_their_rows():
    found, findings = read([["3.30825E+11", 100], ["3.30825E+11", 20], [CODES[2], 3]])
    assert found is None
    assert [p.code for p in read([["3.30825E+11", 100], ["合计", 100]])[1].errors] == ["census.code_rounded"]
    assert only(findings, "census.code_rounded").fields["cells"] == "2: “3.30825E+11”, 3: “3.30825E+11”"


def test_codes_rounded_to_whole_numbers_all_look_like_the_county_and_are_refused():
    """3.30825E+11 read back by a spreadsheet is the number 330,825,000,000 in every row."""
    found, findings = read([[330825000000.0, 100], [330825000000.0, 20], [330825000000.0, 3]])
    assert found is None
    assert only(findings, "census.code_rounded").fields["cells"].startswith("2: “330825000000”, 3: ")


def test_two_rows_of_one_district_are_an_error():
    found, findings = read([*TOWNS, [CODES[1], 21]])
    assert found is None
    told = only(findings, "census.twice")
    assert (told.fields["district"], told.fields["rows"]) == ("湖镇镇", "3, 5")


@pytest.mark.parametrize(
    ("cell", "code"), [("约三百", "population.not_a_number"), (-3, "population.negative"), ("1e9999", None)]
)
def test_text_and_negative_people_are_errors_with_row_and_value(cell, code):
    found, findings = read([*TOWNS[:2], [CODES[2], cell]])
    assert found is None
    assert only(findings, code or "population.not_a_number").fields["cells"] == f"4: “{cell}”"


def test_an_empty_count_is_nobody_and_told():
    found, findings = read([*TOWNS[:2], [CODES[2], None]])
    assert found[0].tolist() == [[100, 20, 0]]
    assert only(findings, "population.blank").fields["rows"] == "4"


def test_text_in_a_row_of_no_district_is_not_lost():
    found, findings = read([*TOWNS, ["湖镇", "三百"]])
    assert found is None
    assert "5: “湖镇”" in only(findings, "census.no_district").fields["cells"]


def test_people_without_any_label_are_an_error():
    found, findings = read([*TOWNS, [None, 7]])
    assert found is None
    assert only(findings, "census.label_missing").fields["rows"] == "5"


def test_districts_of_one_name_need_codes():
    where = districts(CODES, ["城关镇", "城关镇", "湖镇镇"])
    found, findings = read([["城关镇", 100], ["湖镇镇", 20]], where)
    assert found is None
    assert only(findings, "census.name_ambiguous").fields["cells"] == "2: “城关镇”"


def test_a_table_of_another_place_says_what_both_sides_hold():
    found, findings = read([["Moroni", 100], ["Mutsamudu", 20]])
    assert found is None
    told = only(findings, "census.none_matched")
    assert told.fields["found"] == "Moroni, Mutsamudu"
    assert told.fields["districts"].startswith("东华街道 (330825001000)")


def test_a_group_larger_than_everybody_is_told_with_its_row():
    rows = [[CODES[0], 100, 10], [CODES[1], 20, 21], [CODES[2], 3, 1]]
    found, findings = read(rows, columns=("code", "人口", "old"), groups={"old": "old"})
    assert found is None
    assert only(findings, "population.group_exceeds_row").fields["cells"] == f"3: {CODES[1]}, 21 > 20"


def test_a_missing_column_is_an_error_that_lists_those_there_are():
    found, findings = read(TOWNS, people="常住")
    assert found is None
    assert "区划代码, 人口" in only(findings, "population.column_missing").fields["found"]


def test_a_table_of_zeros_is_an_error():
    found, findings = read([[code, 0] for code in CODES])
    assert found is None
    only(findings, "population.nobody")


def test_all_errors_of_a_table_come_at_once():
    found, findings = read([["3.30825E+11", 1], [CODES[1], -2], [None, 7], ["湖镇", 4], [CODES[0], 1], [CODES[0], 1]])
    assert found is None
    assert {p.code for p in findings.errors} == {
        "census.code_rounded",
        "census.label_missing",
        "census.no_district",
        "census.twice",
        "population.negative",
    }


def test_codes_of_other_countries_are_names_like_others():
    """Six digits that begin with no province of China: 100000 is not above 100001."""
    assert area_of_code("100000") is None
    where = districts(["100000", "100001"], ["A", "B"])
    assert read([["100000", 5], ["100001", 6]], where)[0][0].tolist() == [[5, 6]]


def test_names_that_look_like_markup_or_formats_are_shown_as_they_are():
    _, findings = read([*TOWNS, ["<b>{0}</b>{people}", 9]])
    (problem,) = findings.errors
    assert all("“<b>{0}</b>{people}”" in render(problem, lang) for lang in ("en", "zh"))


@pytest.mark.parametrize("heading", [None, "", 0])
def test_villages_under_a_heading_without_a_figure_count(heading):
    """The township's own row says nothing: 150 + 250 in its villages are its people. With a figure it counts itself."""
    villages = [["330825101201", 150], ["330825101202", 250]]
    found, _ = read([[CODES[0], 100], [CODES[1], heading], *villages, [CODES[2], 3]])
    assert found[0].tolist() == [[100, 400, 3]]
    found, _ = read([[CODES[0], 100], [CODES[1], 400], *villages, [CODES[2], 3]])
    assert found[0].tolist() == [[100, 400, 3]]


@pytest.mark.parametrize("slip", ["小南诲镇", "小南海"])
def test_a_slip_whose_figure_is_the_sum_of_the_others_is_no_total(slip):
    """120 people of a district whose name is written wrong are not taken for the others' sum, but asked about."""
    found, findings = read([[NAMES[0], 100], [NAMES[1], 20], [slip, 120]])
    assert found is None or found[0].tolist() == [[100, 20, 120]]
    if found is None:
        assert "小南海镇" in render(only(findings, "census.no_district"), "zh")
    total, _ = read([[NAMES[0], 100], [NAMES[1], 20], [NAMES[2], 3], ["龙游县", 123]])
    assert total[0].tolist() == [[100, 20, 3]]
