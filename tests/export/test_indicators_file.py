"""``indicators.xlsx``: its numbers are those of the other files, its text never runs, its bytes are always the same.

Opened with openpyxl, which shows formulae as such and the number format of every cell.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from circle.export import write_outputs
from circle.export.group_words import group_names
from circle.export.indicators_file import gaps_sheet, indicator_sheets, indicators_workbook
from circle.export.quality_sheets import _asked
from circle.export.topics import Columns
from circle.export.workbook import Column, Sheet, number_format, workbook_bytes
from circle.messages import text
from tests.export.town import town_analysis

SHEETS = [
    "摘要 Summary",
    "分区 Districts",
    "人群 Groups",
    "空白区 Gaps",
    "设施 Facilities",
    "数据质量 Data quality",
    "问题 Findings",
    "设定 What was asked",
]
HOSTILE = ("=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "'=1", '=HYPERLINK("http://x")', "=cmd|' /C calc'!A0")


def table(sheet: Worksheet) -> pd.DataFrame:
    """A sheet below its English header, whatever stands above."""
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    head = 4 if sheet.title == SHEETS[0] else 1
    return pd.DataFrame(rows[head + 1 :], columns=rows[head], dtype=object)


@pytest.fixture(scope="module", params=["time", "distance"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("out")
    write_outputs(town_analysis(metric=request.param), made)
    return made


@pytest.fixture(scope="module")
def sheets(folder: Path) -> dict[str, pd.DataFrame]:
    book = load_workbook(folder / "indicators.xlsx")
    assert book.sheetnames == SHEETS
    return {sheet.title.split(" ", 1)[1]: table(sheet) for sheet in book}


@pytest.fixture(scope="module")
def indicators(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "indicators.csv", dtype={"district_id": str}, keep_default_na=False)


def number(cell: Any) -> float | None:
    return None if cell in (None, "") else float(cell)


def cost(cell: str, in_time: bool) -> Any:
    """What the workbook shows of a cost as ``indicators.csv`` has it."""
    if cell in ("", "unreached"):
        return {"": None, "unreached": "不可达 unreached"}[cell]
    return round(float(cell) / 60, 6) if in_time else float(cell)


def test_every_number_of_the_csv_stands_in_the_sheet_of_groups(
    sheets: dict[str, pd.DataFrame], indicators: pd.DataFrame
) -> None:
    """Rows are matched by area, service and group; limits stand side by side there and below each other here."""
    groups = sheets["Groups"]
    in_time = "median_travel_time_s" in indicators
    unit, name = ("min", "travel_time_s") if in_time else ("m", "travel_distance_m")
    limits = {
        "5min": "5 min",
        "10min": "10 min",
        "15min": "15 min",
        "300m": "300 m",
        "500m": "500 m",
        "1000m": "1,000 m",
    }
    areas = {
        "region": "全区域 Whole region",
        "outside": "不在任何分区内 Outside every district",
        "unlocated": "位置不明 Location unknown",
    }
    services = {"primary_school": "Primary school", "clinic": "Clinic", "all_services": "All services"}
    found = groups.set_index(["Area", "Service", "Group"]).to_dict("index")
    last = indicators["limit"].iloc[-1]
    for row in indicators.to_dict("records"):
        area = areas.get(row["scope"], row["district_name"])
        group = {"all": "全部人口 Everybody", "children": "儿童 children"}[row["group"]]
        shown, limit = found[area, services[row["service"]], group], limits[row["limit"]]
        heads = {
            "facilities": "Facilities", "people": "People", "unknown": "Location unknown, people",
            "covered": f"People within {limit}", "uncovered": f"People not within {limit}", "share": f"Share within {limit}",
            "straight_covered": f"People within {limit}, straight line", "straight_share": f"Share within {limit}, straight line",
        }  # fmt: skip
        if row["limit"] == last:
            reasons = ("too far", "detour", "off the roads", "no road leads there", "no facility")
            heads |= dict(
                zip(
                    ("far", "detour", "off_road", "no_route", "no_facility"),
                    (f"Not covered: {r}" for r in reasons),
                    strict=True,
                )
            )
            heads["edge_affected"] = "Near the edge of the data, people"
        for column, head in heads.items():
            assert shown[head] == pytest.approx(number(row[column]), abs=1e-6, nan_ok=True) or (
                pd.isna(shown[head]) and row[column] == ""
            ), (area, head)
        assert shown[f"Median ({unit})"] == pytest.approx(cost(row[f"median_{name}"], in_time)) or (
            pd.isna(shown[f"Median ({unit})"]) and row[f"median_{name}"] == ""
        )
        assert shown["District code"] == (row["district_id"] or None)
    assert len(groups) == len(indicators) / 3


def test_the_summary_and_the_districts_say_the_same_as_the_csv(
    sheets: dict[str, pd.DataFrame], indicators: pd.DataFrame
) -> None:
    last = indicators["limit"].iloc[-1]
    limit = {"15min": "15 min", "1000m": "1,000 m"}[last]
    rows = indicators[(indicators["group"] == "all") & (indicators["limit"] == last)]
    region = rows[rows["scope"] == "region"]
    summary = sheets["Summary"]
    assert summary["Service"].tolist() == ["Primary school", "Clinic", "All services"]
    assert summary["服务" if "服务" in summary else "Service in Chinese"].tolist() == [
        "小学",
        "卫生室/诊所",
        "全部服务",
    ]
    assert summary[f"People within {limit}"].tolist() == pytest.approx(region["covered"].astype(float).tolist())
    assert summary[f"Share within {limit}, straight line"].tolist() == pytest.approx(
        region["straight_share"].astype(float).tolist()
    )
    assert summary["Largest gap"].tolist() == [None, "上坞", "上坞"]
    clinic = rows[rows["service"] == "clinic"]
    districts = sheets["Districts"]
    assert districts["Area"].tolist()[1:3] == ["竹坞乡", "石梁镇"]
    assert districts["District code"].tolist() == [None, "0331", "0332", None, None]
    assert districts[f"Clinic: people not within {limit}"].tolist() == pytest.approx(
        clinic["uncovered"].astype(float).tolist()
    )
    assert districts[f"Clinic: share within {limit}"].tolist() == pytest.approx(
        clinic["share"].map(number).astype(float).tolist(), nan_ok=True
    )


def test_gaps_and_facilities_are_those_of_the_map_layers(folder: Path, sheets: dict[str, pd.DataFrame]) -> None:
    def properties(name: str) -> pd.DataFrame:
        return pd.DataFrame([f["properties"] for f in json.loads((folder / name).read_text("utf-8"))["features"]])

    gaps, written = sheets["Gaps"], properties("gaps.geojson")
    assert gaps["People"].tolist() == written["people"].tolist()
    assert gaps["Proposed site: longitude"].tolist()[:2] == written["site_lon"].tolist()[:2]
    assert gaps["Length of that way (m)"].tolist()[1] == "不可达 unreached"
    assert gaps["Gap"].tolist() == ["上坞", None, "不足 50 人的零散区合计 scattered, under 50 people each"]
    facilities, written = sheets["Facilities"], properties("facilities.geojson")
    assert facilities["Facility code"].tolist() == ["007", "s2", "c1"]
    for head in [name for name in facilities if name.startswith("Nearest for")]:
        label = head.removeprefix("Nearest for people within ").replace(" ", "").replace(",", "")
        assert facilities[head].tolist() == written[f"people_{label}"].tolist()


def test_the_audit_and_the_question_are_told(sheets: dict[str, pd.DataFrame]) -> None:
    quality = sheets["Data quality"].set_index("Item")
    assert quality.loc["People counted", "People"] == 1615
    assert quality.loc["No usable location", "Share of all people"] == pytest.approx(7 / 1615, abs=1e-6)
    assert quality.loc["Facility more than 100 m from any road", "Length (m)"] == 130
    findings = sheets["Findings"]
    assert findings[["File", "Row"]].values.tolist() == [["x.csv", "3"]]
    assert re.search(r"[一-鿿]", findings["Finding in Chinese"][0])
    asked = sheets["What was asked"].set_index("Item")["Value"]
    assert asked["Region"] == "青溪"
    assert asked["Walking speed on the flat"] == "4 km/h"
    assert asked["Limits; the last one decides who is covered"] in ("5 min, 10 min, 15 min", "300 m, 500 m, 1,000 m")
    assert "0" * 64 in asked["Input: roads"]


def test_every_header_stands_in_chinese_above_english(folder: Path) -> None:
    for sheet in load_workbook(folder / "indicators.xlsx"):
        first = 4 if sheet.title == SHEETS[0] else 1
        chinese, english = ([cell.value for cell in sheet[row]] for row in (first, first + 1))
        assert all(re.search(r"[一-鿿]", head) for head in chinese)
        assert not any(re.search(r"[一-鿿]", head) for head in english)
        assert len(set(english)) == len(english), sheet.title
        assert sheet.freeze_panes is not None
        assert sheet.cell(first, 1).font.bold


def test_numbers_have_formats_and_never_round_onto_the_other_side(folder: Path) -> None:
    sheet = load_workbook(folder / "indicators.xlsx")[SHEETS[0]]
    formats = {cell.value: sheet.cell(6, cell.column).number_format for cell in sheet[5]}
    assert formats["People"] == "#,##0"
    assert {form for head, form in formats.items() if head.startswith("Share")} <= {"0.0%", '">99.9%"', '"<0.1%"'}
    assert number_format(900.4 / 60, "minutes", (15.0,)) == "#,##0.00"
    assert number_format(15.0, "minutes", (15.0,)) == "#,##0.0"
    assert number_format(0.99999, "share") == '">99.9%"'


@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_from_data_is_never_a_formula(hostile: str, tmp_path: Path) -> None:
    """In every column that data can fill, at the start and at the end of what stands there."""
    analysis = town_analysis(hostile=hostile)
    region = analysis.region
    names = region.facilities.columns["name"]
    names[0], region.districts.frame.loc[0, "district_name"] = hostile, hostile  # type: ignore[union-attr]
    analysis.indicators.loc[analysis.indicators["district_id"] == f"0331{hostile}", "district_name"] = hostile
    analysis.gaps.loc[0, ["name", "facility_name"]] = hostile
    path = tmp_path / "a.xlsx"
    path.write_bytes(indicators_workbook(indicator_sheets(analysis), analysis))
    book = load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    same = hostile.replace("\r", "\n")  # as XML has it
    begun = [cell for cell in cells if str(cell.value).replace("_x000D_", "\r").replace("\r", "\n") == same]
    assert len(begun) > 5
    assert all(cell.quotePrefix for cell in begun if not hostile.startswith("'"))
    with zipfile.ZipFile(path) as parts:
        assert not any("_rels/sheet" in name or "externalLink" in name for name in parts.namelist())
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/"))


def test_the_same_analysis_gives_the_same_bytes(folder: Path) -> None:
    metric = "time" if "15min" in (folder / "indicators.csv").read_text("utf-8-sig") else "distance"
    again = town_analysis(metric=metric)
    assert indicators_workbook(indicator_sheets(again), again) == (folder / "indicators.xlsx").read_bytes()


def test_of_very_many_rows_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("circle.export.workbook.MOST_ROWS", 20)
    heads = {"en": "Number", "zh": "编号"}
    made = io.BytesIO(workbook_bytes([Sheet("x", [Column(heads, "integer", range(27))])], "x"))
    last = list(load_workbook(made)["x"].iter_rows(values_only=True))[-2:]
    assert last[0] == (19,)
    assert "7 more rows" in last[1][0]


def test_every_column_is_described_with_its_unit(folder: Path, sheets: dict[str, pd.DataFrame]) -> None:
    described = pd.DataFrame(json.loads((folder / "fields.json").read_text("utf-8"))["files"]["indicators.xlsx"])
    assert described["sheet"].unique().tolist() == SHEETS
    for title, rows in described.groupby("sheet"):
        assert rows["name"].tolist() == sheets[str(title).split(" ", 1)[1]].columns.tolist()
    assert (described[["name_zh", "en", "zh", "type"]] != "").all(axis=None)
    units = described.set_index(["sheet", "name"])["unit"]
    assert units[SHEETS[0], "People"] == "people"
    assert units[SHEETS[4], "Longitude"] == "degrees"
    assert {units[place] for place in units.index if place[1].startswith("Median")} <= {"min", "m"}


def test_long_text_has_the_height_it_needs_and_short_rows_stay_low() -> None:
    long = "甲" * 200
    texts = Column({"en": "Text", "zh": "文字"}, "text", ["short", long, "word " * 60])
    sheet = load_workbook(io.BytesIO(workbook_bytes([Sheet("s", [texts])], "t")))["s"]
    heights = [sheet.row_dimensions[row].height for row in (3, 4, 5)]
    width = sheet.column_dimensions["A"].width
    assert heights[0] is None
    assert heights[1] / 15 >= 400 / width  # signs of two digits' width each
    assert heights[2] / 15 >= 300 / width
    assert max(heights[1:]) < 409
    assert all(sheet.cell(row, 1).alignment.wrap_text for row in (4, 5))


def test_rows_whose_text_fits_keep_the_height_of_a_line(folder: Path) -> None:
    sheet = load_workbook(folder / "indicators.xlsx")[SHEETS[1]]
    assert sheet.max_row > 3
    assert {sheet.row_dimensions[row].height for row in range(3, sheet.max_row + 1)} == {None}


def test_a_wide_sheet_prints_on_several_pages_with_its_names_on_each(folder: Path) -> None:
    for sheet in load_workbook(folder / "indicators.xlsx"):
        assert sheet.page_setup.paperSize == int(sheet.PAPERSIZE_A4)
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.print_title_rows is not None
        widths = [sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]]
        across = sheet.page_setup.fitToWidth or 1
        assert sum(widths) / across < 260  # digits side by side on 281 mm: 1.1 mm each at least
        assert (sheet.print_title_cols is not None) == (across > 1)
        assert sheet.page_setup.fitToHeight == 0


def test_what_was_asked_is_said_in_each_readers_own_words():
    """Chinese columns hold Chinese words: the source of the limits, and the groups, which have no keys there."""
    analysis = town_analysis()
    for lang, other in (("zh", "en"), ("en", "zh")):
        said = {named[lang]: value[lang] for named, value in _asked(analysis)}
        basis = said[text("asked.basis", lang)]
        for row in analysis.settings.standard.rows:
            assert ((row.source_zh or row.source) if lang == "zh" else row.source) in basis
            assert text(f"report.confidence_{row.confidence}", lang) in basis
            assert text(f"report.confidence_{row.confidence}", other) not in basis
        assert said[text("asked.groups", lang)].startswith(group_names(analysis.residents.groups, lang)[0])


def test_the_first_sheet_says_who_is_not_served_and_gaps_stand_in_order_of_their_numbers():
    """Not covered as the report's card says it: neither covered nor of unknown place."""
    analysis = town_analysis()
    summary, *_ = indicator_sheets(analysis)
    columns = {column.heads["en"]: list(column.values) for column in summary.columns}
    limit = analysis.settings.main.label
    expected = analysis.summary["people"] - analysis.summary[f"covered_{limit}"] - analysis.summary["unknown"]
    (name,) = [head for head in columns if head.startswith("People not within")]
    assert columns[name] == pytest.approx(expected.tolist())
    backwards = replace(analysis, gaps=analysis.gaps.iloc[::-1])
    for one in (analysis, backwards):
        sheet = gaps_sheet(one, Columns(one.settings))
        (numbers,) = [column.values for column in sheet.columns if column.heads["en"] == text("workbook.rank", "en")]
        known = [int(number) for number in numbers if not pd.isna(number)]
        assert known == sorted(known)
        assert all(pd.isna(number) for number in numbers[len(known) :])


def test_the_largest_gap_of_each_row_and_of_all_services_says_what_is_missing(sheets: dict[str, pd.DataFrame], folder: Path) -> None:
    zones = gpd.read_file(folder / "gaps.geojson")
    zones = zones[zones["kind"] == "zone"].sort_values("people", ascending=False, kind="stable")
    names = {"primary_school": "Primary school", "clinic": "Clinic"}
    seen = 0
    for row in sheets["Summary"].to_dict("records"):
        own = zones if row["Service"] == "All services" else zones[zones["service"].map(names) == row["Service"]]
        assert (row["Largest gap, service"] or None) == (names[own["service"].iloc[0]] if len(own) else None)
        assert bool(row["Largest gap, service (Chinese)"]) == bool(len(own))
        seen += len(own) > 0
    assert seen >= 2
