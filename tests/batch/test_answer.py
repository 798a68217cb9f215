"""What is said at the end of a batch, held to the numbers of the run on the union."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from circle.batch.overall import Overall, write_overall
from circle.batch.records import State
from circle.cli.batch_answer import show_overall
from circle.export.words import people_words, share_words
from tests.batch.makers import Batch, batch_of, without_counties
from tests.batch.test_counties import province
from tests.batch.test_overall import BROKEN


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    region = province(3)
    return batch_of(without_counties(region, 1), region.question, tmp_path_factory.mktemp("out"), failed={2: BROKEN})


@pytest.fixture(scope="module")
def done(batch: Batch) -> Overall:
    return write_overall(batch.out, batch.prepared, batch.records, rank_by="uncovered")


def told(overall: Overall, batch: Batch, capsys: pytest.CaptureFixture[str], lang: str, **more: bool) -> str:
    show_overall(overall, batch.records, lang, seconds=61.26, **more)
    return capsys.readouterr().out


def test_it_says_the_numbers_of_the_union(done: Overall, batch: Batch, capsys: pytest.CaptureFixture[str]) -> None:
    said = told(done, batch, capsys, "en")
    table = batch.union.indicators
    rows = table[(table["scope"] == "district") & (table["district_id"] != "92") & (table["limit"] == "10min")]
    every = rows[rows["service"] == "all_services"]
    share = share_words(every["covered"].sum() / every["people"].sum(), "en")
    head = f"4 of 5 counties, 1 failed. Of {people_words(every['people'].sum())} people {share} have every service within 10 min."
    assert said.splitlines()[0] == head
    for service in ("School", "Clinic"):
        mine = rows[rows["service"] == service.lower()]
        (line,) = [one for one in said.splitlines() if one.startswith(service)]
        assert people_words(mine["covered"].sum()) in line
        assert people_words(mine["uncovered"].sum()) in line
    worst = every.sort_values("uncovered", ascending=False)
    named = [line for line in said.splitlines() if line.startswith("  ")]
    assert [line.split("(")[1].split(")")[0] for line in named] == worst["district_id"].tolist()
    assert "by uncovered" in said
    assert "no <b>roads</b>" in said
    assert "61.3 s" in said
    assert said.splitlines()[-1].endswith("counties.xlsx") or said.splitlines()[-1].endswith("province_map.html")


def test_chinese_and_brief(done: Overall, batch: Batch, capsys: pytest.CaptureFixture[str]) -> None:
    said = told(done, batch, capsys, "zh")
    assert said.startswith("5 个县中完成 4 个、1 个失败。")
    assert "失败：county 2（92）" in said
    brief = told(done, batch, capsys, "en", brief=True)
    assert "Straight line" not in brief
    assert "Failed: county 2 (92)" in brief


def test_names_cannot_steer_the_terminal(
    done: Overall, batch: Batch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    county = replace(batch.records[2].county, name="\x1b[31mred\u202e" * 30, code="[bold]9")
    records = [replace(batch.records[2], county=county), *batch.records[:2], *batch.records[3:]]
    overall = write_overall(batch.out, batch.prepared, records)
    show_overall(overall, records, "en", seconds=1)
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert "([bold]9)" in said


def test_nothing_done_is_said(batch: Batch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    failed = [replace(record, state=State.FAILED, problems=(BROKEN,)) for record in batch.records] * 2
    overall = write_overall(tmp_path, batch.prepared, failed)
    show_overall(overall, failed, "en", seconds=1)
    said = capsys.readouterr().out
    assert said.startswith("0 of 10 counties, 10 failed. No county has an answer.")
    assert "… and 5 more, see failures.csv." in said


def test_changes_are_counted(done: Overall, batch: Batch, capsys: pytest.CaptureFixture[str]) -> None:
    overall = write_overall(batch.out, batch.prepared, batch.records, previous=batch.out)
    said = told(overall, batch, capsys, "en")
    assert "0 better, 0 worse, 4 the same; the data changed in 0; 0 new, 0 gone." in said
