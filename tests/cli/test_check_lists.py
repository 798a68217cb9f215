"""``circle check --explain`` and ``--problems``, and ``problems.xlsx`` of a run."""

from __future__ import annotations

import json

import pandas as pd

from circle.errors import ExitCode

MORE = "名称,类型,经度,纬度\n{rows}"


def add_list(town, rows: str) -> None:
    """A list without a mapping, beside those of the town."""
    (town / "more.csv").write_text(MORE.format(rows=rows), encoding="utf-8")
    region = (town / "region.toml").read_text(encoding="utf-8")
    section = '[[facilities]]\npath = "more.csv"\ncrs = "EPSG:4326"\n\n'
    (town / "region.toml").write_text(region.replace("[population]", section + "[population]"), encoding="utf-8")


ROWS = "城南教学点,科教文化服务;学校;学校,119.0,29.0\n阳光驾校,科教文化服务;学校;学校,119.0,29.0\n西村小学,科教文化服务;学校;小学,,\n合计,3,,\n"


def test_explain_shows_rules_rows_and_examples(circle, town):
    add_list(town, ROWS)
    said = circle("check", town, "--explain", "--lang", "zh")
    assert said.code == ExitCode.OK
    lines = {line.split()[0]: line.split()[1:] for line in said.out.splitlines() if line.strip()}
    assert lines["驾校"] == ["不采用", "1", "阳光驾校"]
    assert lines["教学点"][-2:] == ["1", "城南教学点"]
    record = json.loads(circle("check", town, "--json").out)
    decided = {row["rule"]: row for row in record["decisions"] if row["list"] == "more.csv"}
    assert decided["driving_school"] == {
        "list": "more.csv", "rule": "driving_school", "services": [], "rows": 1, "examples": ["阳光驾校"]
    }  # fmt: skip
    assert sum(row["rows"] for row in decided.values()) == 3


def test_rows_that_cannot_be_used_are_written_with_their_numbers(circle, town, tmp_path):
    """Row 3 is a driving school, row 4 has no place and no namesake, row 5 is a total."""
    add_list(town, ROWS)
    target = tmp_path / "核对.xlsx"
    said = circle("check", town, "--problems", target)
    assert said.code == ExitCode.OK
    rows = pd.read_excel(target, engine="calamine", skiprows=[1], dtype=str)
    own = rows[rows["file"] == "more.csv"]
    assert {"3", "4", "5"} <= set(own["row"])
    assert own["value"][own["row"] == "4"].str.contains("西村小学").all()
    assert circle("check", town, "--problems", target).code == ExitCode.OK  # an earlier list is replaced
    assert circle("check", town, "--problems", tmp_path / "list.csv").code == ExitCode.OUTPUT


def test_a_file_of_the_user_is_never_replaced(circle, town, tmp_path):
    mine = tmp_path / "mine.xlsx"
    for content in (b"not a workbook", b""):
        mine.write_bytes(content)
        assert circle("check", town, "--problems", mine).code == ExitCode.OUTPUT
        assert mine.read_bytes() == content


def test_a_run_writes_them_and_verifies(circle, town, tmp_path):
    add_list(town, ROWS)
    out = tmp_path / "out"
    assert circle("run", town, "--out", out).code == ExitCode.OK
    rows = pd.read_excel(out / "problems.xlsx", engine="calamine", skiprows=[1], dtype=str)
    assert "阳光驾校; 科教文化服务;学校;学校" in set(rows["value"])
    said = circle("verify", out)
    assert said.code == ExitCode.OK, said.out
    assert "problems.xlsx: the same" in said.out
