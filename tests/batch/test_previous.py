"""What changed since another period: worked by hand on two provinces that differ in known ways."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from circle.batch.overall import check_overall, write_overall
from circle.batch.records import COUNTIES, ROWS, County, Record, State
from circle.batch.rows import write_rows
from circle.errors import InputError, Problem, Severity
from tests.batch.makers import Batch, batch_of, without_counties
from tests.batch.test_counties import province

REASON = Problem("union.unreadable", Severity.ERROR, {"reason": "x"})


def asking(batch: Batch, question: object) -> SimpleNamespace:
    return SimpleNamespace(**{**vars(batch.prepared), "question": question})


def changed(folder: Path) -> pd.DataFrame:
    return pq.read_table(folder / "changes.parquet").to_pandas()


@pytest.fixture(scope="module")
def then(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    region = province(5)
    made = batch_of(
        without_counties(region, 1),
        region.question,
        tmp_path_factory.mktemp("then"),
        period="2026Q3",
        failed={3: REASON},
    )
    write_overall(made.out, made.prepared, made.records)
    return made


@pytest.fixture(scope="module")
def now(then: Batch, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """County 91 has lost half its people, 92 has other data and the same numbers; 95 is new, 94 failed, 90 is gone."""
    out = tmp_path_factory.mktemp("now")
    rows = {code: frame.copy() for code, frame in then.rows.items()}
    half = rows["91"]
    for name in ("people", "covered", "uncovered"):
        half[name] = half[name] / 2
    keys = {"91": "other", "92": "other", "95": "data-95", "93": "data-93"}
    rows["95"] = rows["92"].assign(code="95", name="new one")
    rows["93"] = rows["92"].assign(code="93")
    records = []
    for code in ("91", "92", "93", "94", "95"):
        county = County(code, f"county {code}", f"f{code}", 0, 1.0)
        if code == "94":
            records.append(Record(county, State.FAILED, problems=(REASON,)))
            continue
        (out / COUNTIES / county.folder).mkdir(parents=True)
        write_rows(out / COUNTIES / county.folder / ROWS, rows[code].assign(data_key=keys[code]))
        records.append(Record(county, State.DONE, data_key=keys[code]))
    made = Batch(out, then.prepared.__class__(**{**vars(then.prepared), "period": "2026Q4"}), records, then.union, rows)
    write_overall(out, made.prepared, made.records, previous=then.out)
    return made


def test_each_county_and_service_is_compared(now: Batch, then: Batch) -> None:
    table = changed(now.out)
    assert table["code"].drop_duplicates().tolist() == ["90", "91", "92", "93", "94", "95", ""]
    said = table.groupby("code", sort=False)[["change"]].first()["change"].to_dict()
    assert said == {"90": "gone", "91": "both", "92": "both", "93": "failed", "94": "failed", "95": "new", "": "both"}
    mine = table[(table["code"] == "91")].reset_index(drop=True)
    before = then.rows["91"].reset_index(drop=True)
    for name in ("people", "covered", "uncovered"):
        assert mine[f"{name}_before"].tolist() == before[name].tolist()
        assert mine[f"{name}_change"].to_numpy() == pytest.approx(-before[name].to_numpy() / 2)
    assert mine["share_change"].tolist() == [0.0] * 3
    assert mine["service"].tolist() == before["service"].tolist()
    assert table.loc[table["code"] == "95", "people_before"].isna().all()
    assert table.loc[table["code"] == "95", "share_change"].isna().all()
    assert set(table["period"]) == {"2026Q4"}
    assert set(table["previous_period"]) == {"2026Q3"}


def test_data_that_changed_are_marked(now: Batch) -> None:
    told = changed(now.out).groupby("code")["data_changed"].first().to_dict()
    assert told["91"] is True
    assert told["92"] is True
    assert told["90"] is None
    assert told["95"] is None
    unchanged = write_overall(
        now.out, now.prepared, [r for r in now.records if r.county.code != "94"], previous=now.out
    )
    assert unchanged.changes is not None
    counties = unchanged.changes[unchanged.changes["scope"] == "county"]
    assert set(counties["data_changed"]) == {False}
    assert (counties["share_change"] == 0).all()
    write_overall(now.out, now.prepared, now.records)
    assert not (now.out / "changes.parquet").exists()


def test_the_workbook_has_a_sheet_of_changes(now: Batch, then: Batch) -> None:
    write_overall(now.out, now.prepared, now.records, previous=then.out)
    book = load_workbook(now.out / "counties.xlsx")
    sheet = book.worksheets[2]
    heads = [cell.value for cell in sheet[2]]
    rows = [dict(zip(heads, [cell.value for cell in row], strict=True)) for row in sheet.iter_rows(min_row=3)]
    table = changed(now.out)
    assert [row["Code"] for row in rows] == table["code"].tolist()
    assert rows[3]["Data changed"] == "是 yes"
    assert rows[0]["Change"] == "消失 gone"
    assert [row["People, change"] for row in rows if row["People, change"] is not None] == pytest.approx(
        table["people_change"].dropna().tolist(), abs=1e-6
    )


def test_another_question_is_refused(then: Batch) -> None:
    question = then.prepared.question
    check_overall(then.prepared, rank_by=None, previous=then.out)
    longer = replace(question, limits=(replace(question.limits[-1], value=900.0, label="15min"),))
    with pytest.raises(InputError, match=r"10 min then, 15 min now"):
        check_overall(asking(then, longer), rank_by=None, previous=then.out)
    with pytest.raises(InputError, match=r"4 km/h then, 5 km/h now"):
        check_overall(asking(then, replace(question, walking_speed_m_s=5 / 3.6)), rank_by=None, previous=then.out)
    other = question.standard.model_copy(update={"name": "other-standard"})
    with pytest.raises(InputError, match="other-standard"):
        check_overall(asking(then, replace(question, standard=other)), rank_by=None, previous=then.out)
    with pytest.raises(InputError, match="10 min then, 15 min now"):
        write_overall(
            then.out,
            asking(then, longer),
            then.records,
            previous=then.out,
        )


def test_what_is_no_batch_or_of_another_version_is_refused(then: Batch, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to compare with"):
        check_overall(asking(then, None), rank_by=None, previous=tmp_path)
    (tmp_path / "counties.parquet").write_bytes(b"no")
    with pytest.raises(InputError, match="nothing to compare with"):
        check_overall(asking(then, None), rank_by=None, previous=tmp_path)
    table = pq.read_table(then.out / "counties.parquet")
    old = pa.array(["0"] * len(table))
    pq.write_table(table.set_column(0, "schema_version", old), tmp_path / "counties.parquet")
    with pytest.raises(InputError, match=r"schema 0, this version compares with 1"):
        check_overall(asking(then, None), rank_by=None, previous=tmp_path)
    pq.write_table(table.drop_columns(["code"]), tmp_path / "counties.parquet")
    with pytest.raises(InputError, match="compares with 1"):
        check_overall(asking(then, None), rank_by=None, previous=tmp_path)


def test_other_services_are_told_of(then: Batch, tmp_path: Path) -> None:
    rows = then.rows["91"]
    rows = rows.assign(service=rows["service"].replace({"school": "sauna"}))
    county = County("91", "county 1", "a", 0, 1.0)
    (tmp_path / COUNTIES / "a").mkdir(parents=True)
    write_rows(tmp_path / COUNTIES / "a" / ROWS, rows)
    later = SimpleNamespace(**{**vars(then.prepared), "period": "2026Q4"})
    found = write_overall(tmp_path, later, [Record(county, State.DONE, data_key="x")], previous=then.out)
    assert [problem.code for problem in found.problems] == ["union.other_services"]
    assert "only then school; only now sauna" in str(found.problems[0])
    assert found.changes is not None
    mine = found.changes[found.changes["code"] == "91"].set_index("service")["change"].to_dict()
    assert mine == {"sauna": "new", "school": "gone", "clinic": "both", "all_services": "both"}
    assert np.isnan(found.changes.set_index(["code", "service"])["people"][("91", "school")])


def test_two_periods_of_one_name_are_doubted(then: Batch, now: Batch) -> None:
    def codes(period: str | None) -> list[str]:
        prepared = SimpleNamespace(**{**vars(now.prepared), "period": period})
        return [p.code for p in write_overall(now.out, prepared, now.records, previous=then.out).problems]

    assert codes("2026Q3") == ["union.same_period"]
    assert codes("2026Q4") == []
    assert codes(None) == []
