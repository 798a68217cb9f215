"""What is said at the end of a batch, held to the numbers of the run on the union."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from circle.batch.overall import Overall, write_overall
from circle.batch.records import State
from circle.batch.survey import RANKED
from circle.cli.batch_answer import show_overall
from circle.cli.wrapping import columns_of
from circle.export.words import people_words, share_words
from circle.messages import LANGUAGES, text
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
    outside = table[(table["scope"] == "outside") & (table["group"] == "all")]["people"].max()
    assert outside > 0
    counted = f"not among the {people_words(every['people'].sum())} counted here."
    assert said.splitlines()[1].startswith(f"A further {people_words(outside)} people live in no county")
    assert said.splitlines()[1].endswith(counted)
    for service in ("School", "Clinic"):
        mine = rows[rows["service"] == service.lower()]
        (line,) = [one for one in said.splitlines() if one.startswith(service)]
        assert people_words(mine["covered"].sum()) in line
        assert people_words(mine["uncovered"].sum()) in line
    worst = every.sort_values("uncovered", ascending=False)
    named = [line for line in said.splitlines() if line.startswith("  ")]
    assert [line.split("(")[1].split(")")[0] for line in named] == worst["district_id"].tolist()
    assert "by “People not within the limit”:" in said
    assert "no <b>roads</b>" in said
    assert "61.3 s" in said
    assert said.splitlines()[-1].endswith("counties.xlsx") or said.splitlines()[-1].endswith("province_map.html")


def test_chinese_and_brief(done: Overall, batch: Batch, capsys: pytest.CaptureFixture[str]) -> None:
    said = told(done, batch, capsys, "zh")
    assert said.startswith("5 个县中完成 4 个、1 个失败。")
    assert "失败：county 2（92）" in said
    assert "按“未覆盖人口”排在最后的县" in said
    assert said.splitlines()[1].startswith("另有 ")
    brief = told(done, batch, capsys, "en", brief=True)
    assert "live in no county" in brief
    assert "Straight line" not in brief
    assert "Failed: county 2 (92)" in brief


HOSTILE = ("\x1b[31mred\u202e" * 30, "[bold]9", "a\nb\r\nc\u2028d\u2029e\x85f\x0bg", "名" * 200, "", " \n ", "c" * 200)


@pytest.mark.parametrize("row", [1, 2])
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("code", HOSTILE)
def test_names_cannot_steer_the_terminal(
    done: Overall, batch: Batch, capsys: pytest.CaptureFixture[str], name: str, code: str, row: int
) -> None:
    """Whatever a county is called, done or failed, it takes one line of a width that does not depend on it."""
    records = list(done.shown.records)
    records[row] = replace(records[row], county=replace(records[row].county, name=name, code=code))
    plainly = told(done, batch, capsys, "en")
    shown = replace(done.shown, records=tuple(records))
    said = told(replace(done, shown=shown), batch, capsys, "en")
    assert not {"\x1b", "\u202e", "\u2028", "\u2029", "\x85", "\r", "\x0b"} & {*said}
    assert len(said.split("\n")) == len(plainly.split("\n"))
    for line, before in zip(said.split("\n"), plainly.split("\n"), strict=True):
        assert columns_of(line) <= columns_of(before) + 2 * 28
    if code == "[bold]9":
        assert "([bold]9)" in said


def test_nobody_elsewhere_is_no_line_and_a_place_unknown_is_one_of_its_own(
    done: Overall, batch: Batch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = done.shown.elsewhere
    nobody = replace(done, shown=replace(done.shown, elsewhere=rows.iloc[:0]))
    assert "A further" not in told(nobody, batch, capsys, "en")
    unknown = pd.concat([rows, rows.assign(scope="unlocated", people=1.0)], ignore_index=True)
    said = told(replace(done, shown=replace(done.shown, elsewhere=unknown)), batch, capsys, "en")
    assert "in no county" in said.splitlines()[1]
    assert said.splitlines()[2].startswith("A further 1 person is of unknown location, and not among the ")


def test_people_of_a_county_that_failed_are_said_to_be_in_no_sum(
    done: Overall, batch: Batch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those of the counties, of none and of this one are everybody."""
    table = batch.union.indicators
    (people,) = table[(table["district_id"] == "92") & (table["group"] == "all")]["people"].unique()
    records = [replace(own, county=replace(own.county, people=people)) if own.state is State.FAILED else own for own in done.shown.records]
    said = told(replace(done, shown=replace(done.shown, records=records)), batch, capsys, "en")
    assert f"A further {people_words(people)} people live in counties that failed, and are not among the " in said
    everybody = batch.union.residents.people[0].sum()
    every = table[(table["group"] == "all") & (table["service"] == "all_services") & (table["limit"] == "10min")]
    counted = every[(every["scope"] == "district") & (every["district_id"] != "92")]["people"].sum()
    assert counted + every[every["scope"] == "outside"]["people"].sum() + people == pytest.approx(everybody)


@pytest.mark.parametrize("rank_by", [None, *RANKED])
def test_places_are_those_of_the_values_and_the_column_is_in_words(
    batch: Batch, capsys: pytest.CaptureFixture[str], rank_by: str | None
) -> None:
    """Equal values have equal places, whatever is ranked by: scipy's competition ranks are the oracle."""
    overall = write_overall(batch.out, batch.prepared, batch.records, rank_by=rank_by)
    by = rank_by or "share"
    rows = overall.shown.rows
    rows = rows[(rows["service"] == "all_services") & (rows["group"] == "all") & rows[by].notna()]
    least = by in ("facilities", "covered", "share", "straight_covered", "straight_share")
    places = sorted(rankdata(rows[by].to_numpy(float) * (1 if least else -1), method="min").astype(int))
    for lang in LANGUAGES:
        said = told(overall, batch, capsys, lang)
        named = [int(line.split(".")[0]) for line in said.splitlines() if re.match(r"  [0-9]+\. ", line)]
        assert named == places[:5]
        assert f"“{by}”" not in said
        assert f"· {by} " not in said
        assert places == [] or f"“{text(f'union.head_{by}', lang)}”" in said
    assert "按 " not in told(overall, batch, capsys, "zh")


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
    assert "School:" not in said


def test_every_service_that_changed_is_told(batch: Batch, done: Overall, capsys: pytest.CaptureFixture[str]) -> None:
    """Worked by hand: whatever moves, in people or in the share alone, is named; what does not move is not."""

    def row(code: str, service: str, covered: float, share: float, **more: object) -> dict[str, object]:
        own = {"scope": "county", "code": code, "service": service, "group": "all", "change": "both"}
        return {**own, "data_changed": True, "covered_change": covered, "share_change": share, **more}

    changes = pd.DataFrame(
        [
            row("1", "school", 0.0, 0.0),
            row("1", "clinic", -2930.0, -0.1),
            row("2", "clinic", 400.0, 0.2),
            row("3", "clinic", 100.0, 0.1),
            row("3", "clinic", 7.0, 0.1, group="over 65"),
            row("1", "pharmacy", 0.0, -0.01),
            row("2", "pharmacy", np.nan, np.nan, change="new"),
            row("1", "saúna\n" + "x" * 200, 5.0, 0.0),
            row("", "school", 9.0, 0.1, scope="outside"),
            row("1", "all_services", 0.0, 0.0),
            row("2", "all_services", 0.0, 0.0),
        ]
    )
    said = told(replace(done, changes=changes), batch, capsys, "en").splitlines()
    first = next(number for number, line in enumerate(said) if line.startswith("Since"))
    assert "0 better, 0 worse, 2 the same" in said[first]
    assert said[first + 1 : first + 3] == [
        "  Clinic: 500 people more covered, 2,930 fewer; 2 counties better, 1 worse.",
        "  Pharmacy: 0 people more covered, 0 fewer; 0 counties better, 1 worse.",
    ]
    assert said[first + 3].startswith("  saúna xxx")
    assert "x…: 5 people more covered, 0 fewer; 0 counties better" in said[first + 3]
    assert not said[first + 4].startswith("  ")
    assert "减少 2,930 人" in told(replace(done, changes=changes), batch, capsys, "zh")
