"""The column that the user names decides which district a row counts; what stands beside it may not move anybody."""

from __future__ import annotations

import itertools

import pytest

from circle.errors import Severity
from tests.load_inputs.test_census import CODES, NAMES, districts, only, read, severities

PEOPLE = [100, 20, 3]
BY_NAME = ("乡镇", "旧代码", "人口")
BY_CODE = ("区划代码", "乡镇", "人口")


def by_name(codes, names=NAMES):
    return read([list(row) for row in zip(names, codes, PEOPLE, strict=True)], columns=BY_NAME)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_codes_of_other_districts_beside_the_names_move_nobody(order):
    """All six ways to write the codes beside the names: where one is another's, that row is named and nobody counted."""
    wrong = [row for row, at in enumerate(order) if row != at]
    found, findings = by_name([CODES[at] for at in order])
    if not wrong:
        assert found[0].tolist() == [PEOPLE]
        return
    assert found is None
    told = only(findings, "census.labels_differ")
    assert (told.severity, told.fields["count"], told.fields["other"]) == (Severity.ERROR, len(wrong), "旧代码")
    shown = [f"{i + 2}: “{NAMES[i]}” ↔ “{CODES[order[i]]}” = {NAMES[order[i]]}" for i in wrong]
    assert told.fields["cells"] == "; ".join(shown)
    assert {p.code for p in findings.errors} == {"census.labels_differ"}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3)))[1:])
@pytest.mark.parametrize("header", ["乡镇", "地区"], ids=["known header", "any header"])
def test_names_of_other_districts_beside_the_codes_move_nobody(order, header):
    wrong = [row for row, at in enumerate(order) if row != at]
    rows = [[CODES[i], NAMES[order[i]], PEOPLE[i]] for i in range(3)]
    found, findings = read(rows, columns=("区划代码", header, "人口"))
    assert found is None
    told = only(findings, "census.labels_differ")
    assert told.fields["cells"].startswith(f"{wrong[0] + 2}: “{CODES[wrong[0]]}” ↔ “{NAMES[order[wrong[0]]]}” = ")
    assert told.fields["count"] == len(wrong)


@pytest.mark.parametrize(
    "codes",
    [
        [CODES[0], "330825999000", CODES[2]],
        [CODES[0], "330825000000", CODES[2]],
        [CODES[0], None, CODES[2]],
        [CODES[0], "3.30825E+11", CODES[2]],
        ["332525001000", "332525101000", "332525102000"],
        ["330825000000"] * 3,
        ["330800000000"] * 3,
    ],
    ids=[
        "one stale",
        "one of the county",
        "one empty",
        "one rounded",
        "all of before",
        "the county's",
        "the prefecture's",
    ],
)
def test_codes_beside_the_names_that_are_no_districts_change_nothing(codes):
    found, findings = by_name(codes)
    assert found[0].tolist() == [PEOPLE]
    assert severities(findings) == {("census.counted", "note")}
    assert only(findings, "census.counted").fields["column"] == "乡镇"


def test_a_stale_code_makes_no_two_rows_of_one():
    """Only a name that truly stands twice is."""
    rows = [[NAMES[0], CODES[0], 100], [NAMES[1], "330825999000", 20], [NAMES[1], CODES[1], 7], [NAMES[2], CODES[2], 3]]
    found, findings = read(rows, columns=BY_NAME)
    assert found is None
    assert [p.code for p in findings.errors] == ["census.twice"]
    assert only(findings, "census.twice").fields["rows"] == "3, 4"


def test_a_name_of_ours_with_a_code_of_another_county_is_asked_about():
    """Its own row is missing: this one may be a namesake's, or its code a slip."""
    found, findings = by_name([CODES[0], "330881101000", CODES[2]])
    assert found is None
    assert only(findings, "census.labels_differ").fields["cells"] == "3: “湖镇镇” ↔ “330881101000”"


def test_of_two_columns_of_codes_the_one_that_fits_is_held_against_the_names():
    rows = [[NAMES[i], CODES[(i + 1) % 3], CODES[i], PEOPLE[i]] for i in range(3)]
    assert read(rows, columns=("乡镇", "旧代码", "代码", "人口"))[0][0].tolist() == [PEOPLE]


def test_another_column_of_codes_beside_the_codes_says_nothing():
    rows = [[CODES[i], CODES[(i + 1) % 3], PEOPLE[i]] for i in range(3)]
    assert read(rows, columns=("区划代码", "旧代码", "人口"))[0][0].tolist() == [PEOPLE]


def test_neighbours_named_beside_the_codes_are_no_names_of_the_rows():
    rows = [[code, name, near, n] for code, name, near, n in zip(CODES, NAMES, [NAMES[1]] * 3, PEOPLE, strict=True)]
    assert read(rows, columns=("区划代码", "乡镇", "相邻乡镇", "人口"))[0][0].tolist() == [PEOPLE]


def test_numbers_of_people_are_no_names_of_numbered_districts():
    """A layer without names calls its districts by their codes or numbers."""
    found, _ = read([["1", 3], ["2", 1], ["3", 2]], districts(["1", "2", "3"], ["1", "2", "3"]))
    assert found[0].tolist() == [[3, 1, 2]]


def test_districts_of_one_name_are_told_apart_by_the_codes_beside_it():
    where = districts(CODES, ["城关镇", "城关镇", "湖镇镇"])
    rows = [["城关镇", CODES[1], 20], ["城关镇", CODES[0], 100], ["湖镇镇", CODES[2], 3]]
    assert read(rows, where, columns=BY_NAME)[0][0].tolist() == [PEOPLE]


def test_an_unknown_name_is_not_counted_by_the_code_beside_it():
    found, findings = by_name(CODES, [NAMES[0], "湖镇", NAMES[2]])
    assert found is None
    assert "3: “湖镇” → 湖镇镇" in only(findings, "census.no_district").fields["cells"]


def test_villages_added_by_the_codes_beside_their_names_name_both_columns():
    rows = [
        [NAMES[0], CODES[0], 100],
        [NAMES[1], CODES[1], 20],
        ["甲村", "330825102201", 1],
        ["乙村", "330825102202", 2],
    ]
    found, findings = read(rows, columns=BY_NAME)
    assert found[0].tolist() == [PEOPLE]
    assert only(findings, "census.counted").fields["column"] == "乡镇, 旧代码"


# --- totals -----------------------------------------------------------------------------------------------------------

TOWNS = [[name, code, n] for name, code, n in zip(NAMES, CODES, PEOPLE, strict=True)]


@pytest.mark.parametrize("place", [0, 1, 3], ids=["above", "between", "below"])
@pytest.mark.parametrize(
    "label", [["全县合计", None], ["合计", "330825000000"], [None, None], ["龙游县", "330825000000"]]
)
def test_a_total_that_is_not_the_sum_is_told_wherever_it_stands(place, label):
    """100 + 20 + 3 = 123."""
    rows = [[*row, None if row[0] else "总计"] for row in TOWNS]
    rows.insert(place, [*label, 99_999, None if label[0] else "总计"])
    rows = [[*row[:3], row[3] if row[0] is None else None] for row in rows]
    found, findings = read(rows, columns=(*BY_NAME, "备注"))
    assert found[0].tolist() == [PEOPLE]
    told = only(findings, "census.sum_differs")
    assert (told.severity, told.row) == (Severity.WARNING, place + 2)
    assert (told.fields["total"], told.fields["parts"]) == ("99,999", "123")


def test_subtotals_are_sums_of_the_rows_above_or_below_them():
    above = [["小计", None, 120], *TOWNS[:2], TOWNS[2], ["合计", None, 123]]
    below = [*TOWNS[:2], ["小计", None, 120], TOWNS[2], ["小计", None, 3], ["合计", None, 123]]
    for rows in (above, below):
        found, findings = read(rows, columns=BY_NAME)
        assert found[0].tolist() == [PEOPLE]
        assert severities(findings) == {("census.counted", "note"), ("census.left_out_total", "note")}


def test_a_wrong_subtotal_is_told():
    rows = [*TOWNS[:2], ["小计", None, 121], TOWNS[2], ["合计", None, 123]]
    told = only(read(rows, columns=BY_NAME)[1], "census.sum_differs")
    assert (told.row, told.fields["total"], told.fields["parts"]) == (4, "121", "120")


@pytest.mark.parametrize("row", [1, 3], ids=["of a district", "of a total"])
def test_more_people_than_live_on_earth_are_an_error_in_any_row(row):
    rows = [list(one) for one in [*TOWNS, ["合计", None, 123]]]
    rows[row][2] = 1e300
    found, findings = read(rows, columns=BY_NAME)
    assert found is None
    assert only(findings, "population.implausible").fields["cells"] == f"{row + 2}: “1e+300”"


@pytest.mark.parametrize("code", ["330825", 330825.0, "330800"])
def test_the_code_of_the_county_in_every_row_is_called_that(code):
    """No spreadsheet took a digit of six."""
    found, findings = read([[code, n] for n in PEOPLE])
    assert found is None
    assert [p.code for p in findings.errors] == ["census.code_of_larger"]
    assert only(findings, "census.code_of_larger").fields["cells"].startswith(f"2: “{str(code)[:6]}”, 3: ")
