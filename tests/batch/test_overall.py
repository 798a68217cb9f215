"""The files over all counties: sums to the person, the same bytes, whole or not at all, text that stays text."""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from openpyxl import load_workbook

from circle.batch import overall
from circle.batch.overall import MAP, check_overall, write_overall
from circle.batch.records import COUNTIES, ROWS, County, Record, State
from circle.batch.rows import COUNTED, outline_in, read_rows, write_rows
from circle.errors import InputError, OutputError, Problem, QueryError, Severity
from circle.export.csv_file import csv_bytes
from tests.batch.makers import Batch, batch_of, without_counties
from tests.batch.many import many_counties
from tests.batch.test_counties import province
from tests.rfc7946 import file_faults

BROKEN = Problem("union.unreadable", Severity.ERROR, {"reason": "no <b>roads</b>"})
TABLES = [
    "counties.parquet",
    "counties.csv",
    "counties.xlsx",
    "coverage.geojson",
    "fields.json",
    "provenance.json",
    MAP,
]


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Five counties of which the third failed; a sixth part of the people live in none."""
    region = province(3)
    return batch_of(without_counties(region, 1), region.question, tmp_path_factory.mktemp("out"), failed={2: BROKEN})


@pytest.fixture(scope="module")
def written(batch: Batch) -> Batch:
    write_overall(batch.out, batch.prepared, batch.records, rank_by="share")
    return batch


def union(batch: Batch) -> pd.DataFrame:
    return pq.read_table(batch.out / "counties.parquet").to_pandas()


def test_the_table_is_the_counties_rows_by_code(written: Batch) -> None:
    table = union(written)
    assert table["code"].drop_duplicates().tolist() == ["90", "91", "92", "93", "94", ""]
    assert (table["period"] == "2026Q4").all() or table["period"].notna().all()
    for code, rows in written.rows.items():
        mine = table[table["code"] == code].reset_index(drop=True)
        for name in (*COUNTED, "share", "median_cost", "largest_gap_people"):
            assert mine[name].to_numpy(float) == pytest.approx(rows[name].to_numpy(float), nan_ok=True, rel=0), name
        assert (mine["state"] == "done").all()


def test_sums_are_the_run_on_the_union_less_the_failed(written: Batch) -> None:
    table, question = union(written), written.prepared.question
    whole = written.union.indicators
    main = whole[(whole["limit"] == question.main.label) & (whole["group"] == "all")]
    for service in ("school", "clinic", "all_services"):
        mine, theirs = table[table["service"] == service], main[main["service"] == service]
        everybody = theirs[theirs["scope"].isin(["district", "outside"]) & (theirs["district_id"] != "92")]
        for name in COUNTED:
            assert mine[name].sum() == pytest.approx(everybody[name].sum(), rel=1e-12), name
        told = json.loads((written.out / "provenance.json").read_text("utf-8"))["totals"]
        counties = everybody[everybody["scope"] == "district"]
        (own,) = [one for one in told if one["service"] == service]
        assert own["covered"] == pytest.approx(counties["covered"].sum(), abs=1e-5)
        assert own["share"] == pytest.approx(counties["covered"].sum() / counties["people"].sum(), abs=1e-5)


def test_a_failed_county_is_one_row_that_says_why(written: Batch) -> None:
    table = union(written)
    (row,) = table[table["code"] == "92"].to_dict("records")
    assert row["state"] == "failed"
    assert "no <b>roads</b>" in row["failure"]
    assert pd.isna(row["service"])
    assert np.isnan(row["people"])
    features = json.loads((written.out / "coverage.geojson").read_text("utf-8"))["features"]
    (own,) = [one for one in features if one["properties"]["code"] == "92"]
    assert own["properties"]["state"] == "failed"
    assert own["properties"]["people"] is None
    assert own["geometry"]["type"] == "Polygon"


def test_ranks_put_the_worst_first_and_equals_share_one(written: Batch, tmp_path: Path) -> None:
    """Worked by hand on the values of each service; without a value there is no rank."""
    table = union(written)
    for service in ("school", "clinic", "all_services"):
        mine = table[(table["service"] == service) & (table["scope"] == "county")]
        assert mine["share"].notna().tolist() == mine["rank"].notna().tolist()
        known = mine[mine["share"].notna()]
        shares = known["share"].tolist()
        assert known["rank"].tolist() == [1 + sum(other < own for other in shares) for own in shares]
    assert table.loc[table["scope"] != "county", "rank"].isna().all()
    again = write_overall(written.out, written.prepared, written.records, rank_by="uncovered").shown.rows
    for _, mine in again.groupby("service"):
        assert mine.sort_values("rank")["uncovered"].is_monotonic_decreasing
    even = write_overall(written.out, written.prepared, written.records, rank_by="far_facilities").shown.rows
    mine = even[even["service"] == "school"]
    assert mine["far_facilities"].nunique() < 4  # some are equal
    values = mine["far_facilities"].tolist()
    assert mine["rank"].tolist() == [1 + sum(other > own for other in values) for own in values]
    plain = write_overall(written.out, written.prepared, written.records)
    assert plain.shown.rows["rank"].isna().all()
    write_overall(written.out, written.prepared, written.records, rank_by="share")


def test_an_unknown_column_is_refused_with_those_like_it(batch: Batch) -> None:
    with pytest.raises(QueryError, match=r"uncoverd.*uncovered"):
        check_overall(batch.prepared, rank_by="uncoverd", previous=None)
    with pytest.raises(QueryError, match="columns: facilities, people"):
        check_overall(batch.prepared, rank_by="§", previous=None)
    with pytest.raises(QueryError):
        write_overall(batch.out, batch.prepared, batch.records, rank_by="name")
    check_overall(batch.prepared, rank_by="no_road", previous=None)


def test_the_same_counties_give_the_same_bytes(written: Batch) -> None:
    """In whatever order they ended, and whether they were done now or earlier."""
    first = {name: (written.out / name).read_bytes() for name in TABLES}
    records = [
        replace(one, state=State.UNCHANGED) if one.state is State.DONE else one for one in reversed(written.records)
    ]
    write_overall(written.out, written.prepared, records, rank_by="share")
    assert {name: (written.out / name).read_bytes() for name in TABLES} == first
    overall_at_once = overall.AT_ONCE
    try:
        overall.AT_ONCE = 1
        write_overall(written.out, written.prepared, records, rank_by="share")
    finally:
        overall.AT_ONCE = overall_at_once
    for name in ("counties.csv", "counties.xlsx", "coverage.geojson"):
        assert (written.out / name).read_bytes() == first[name], name


def test_csv_and_parquet_say_the_same(written: Batch) -> None:
    content = (written.out / "counties.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"schema_version") == 1
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    table = union(written)
    assert [row["code"] for row in rows] == table["code"].tolist()
    assert [float(row["covered"] or "nan") for row in rows] == pytest.approx(
        table["covered"].tolist(), nan_ok=True, abs=1e-6
    )


def test_coverage_is_geojson_with_all_counties_and_those_of_none(written: Batch) -> None:
    assert file_faults(written.out / "coverage.geojson") == []
    features = json.loads((written.out / "coverage.geojson").read_text("utf-8"))["features"]
    assert [one["properties"]["code"] for one in features] == ["90", "91", "92", "93", "94", ""]
    assert features[-1]["geometry"] is None
    frame = written.union.region.districts.frame
    for feature, shape in zip(features, frame.geometry, strict=False):
        assert shapely.geometry.shape(feature["geometry"]).area == pytest.approx(shape.area, rel=1e-5)
    table = union(written)
    school = table[(table["service"] == "school")].set_index("code")["covered"]
    assert [
        one["properties"]["school_covered"] for one in features if one["properties"]["state"] == "done"
    ] == pytest.approx([school[code] for code in ("90", "91", "93", "94", "")], abs=1e-6)


def test_the_workbook_has_a_row_per_county_and_all_rows(written: Batch) -> None:
    book = load_workbook(written.out / "counties.xlsx")
    wide, long = book.worksheets
    heads = [cell.value for cell in wide[2]]
    rows = [dict(zip(heads, [cell.value for cell in row], strict=True)) for row in wide.iter_rows(min_row=3)]
    assert [row["Code"] for row in rows] == [None, None, "90", "91", "92", "93", "94"]
    table = union(written)
    sums = table[(table["scope"] == "county") & (table["service"] == "school")]
    assert rows[0]["School: people within the limit"] == pytest.approx(sums["covered"].sum())
    assert rows[0]["School: covered share"] == pytest.approx(sums["covered"].sum() / sums["people"].sum(), abs=1e-6)
    assert rows[1]["People"] == table.loc[table["scope"] == "outside", "people"].iloc[0]
    assert "no <b>roads</b>" in rows[4]["Why it failed"]
    mine = table[(table["code"] == "93") & (table["service"] == "clinic")].iloc[0]
    assert rows[5]["Clinic: median (min)"] == pytest.approx(mine["median_cost"] / 60, abs=1e-6)
    assert rows[5]["Clinic: rank (1 worst)"] == mine["rank"]
    assert long.max_row == len(table) + 2
    assert [cell.value for cell in long[1]][2:4] == ["县代码", "县（市、区）"]


def test_every_column_is_described(written: Batch) -> None:
    told = json.loads((written.out / "fields.json").read_text("utf-8"))["files"]
    assert [one["name"] for one in told["counties.parquet"]] == pq.read_schema(written.out / "counties.parquet").names
    header = (written.out / "counties.csv").read_text("utf-8-sig").splitlines()[0]
    assert [one["name"] for one in told["counties.csv"]] == header.split(",")
    features = json.loads((written.out / "coverage.geojson").read_text("utf-8"))["features"]
    assert [one["name"] for one in told["coverage.geojson"]] == list(features[0]["properties"])
    book = load_workbook(written.out / "counties.xlsx")
    heads = [(sheet.title, cell.value) for sheet in book for cell in sheet[2]]
    assert [(one["sheet"], one["name"]) for one in told["counties.xlsx"]] == heads
    for columns in told.values():
        for one in columns:
            assert one["en"]
            assert any("一" <= letter <= "鿿" for letter in one["zh"]), one
            assert "{" not in one["en"] + one["zh"] + one["unit"]


def test_a_disk_that_is_full_leaves_the_files_of_before(written: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    first = {name: (written.out / name).read_bytes() for name in TABLES}

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(overall.FeatureStream, "write", full)
    with pytest.raises(OutputError, match="space"):
        write_overall(written.out, written.prepared, written.records)
    assert {name: (written.out / name).read_bytes() for name in TABLES} == first
    assert not (written.out / overall.STAGING).exists()


def test_hostile_names_stay_text(batch: Batch, tmp_path: Path) -> None:
    name = "=cmd|' /C calc'!A0"
    out = tmp_path / "out"
    shutil.copytree(batch.out / COUNTIES / "c0", out / COUNTIES / "c0")
    write_rows(out / COUNTIES / "c0" / ROWS, batch.rows["90"].assign(name=name, code="+1"))
    record = Record(County("+1", name, "c0", 0, 1.0), State.DONE)
    write_overall(out, batch.prepared, [record])
    text = (out / "counties.csv").read_text("utf-8-sig")
    assert f"'{name}" in text
    assert f",{name}" not in text
    book = load_workbook(out / "counties.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == name]
    assert cells
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in cells)


def test_no_county_at_all_is_an_empty_table(batch: Batch, tmp_path: Path) -> None:
    failed = [replace(record, state=State.FAILED, problems=(BROKEN,)) for record in batch.records]
    write_overall(tmp_path, batch.prepared, failed, rank_by="share")
    table = pq.read_table(tmp_path / "counties.parquet").to_pandas()
    assert table[table["scope"] == "county"]["state"].tolist() == ["failed"] * 5
    assert len(load_workbook(tmp_path / "counties.xlsx").worksheets) == 2


def test_a_missing_folder_is_told_of(batch: Batch, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        write_overall(tmp_path, batch.prepared, batch.records)


def test_counties_with_region_files_of_their_own(tmp_path: Path) -> None:
    """Their areas come from their files; where they ask for different limits nothing is said of one."""
    prepared, records = many_counties(tmp_path, 7)
    done = write_overall(tmp_path, prepared, records, rank_by="uncovered")
    table = pq.read_table(tmp_path / "counties.parquet").to_pandas()
    assert table["code"].drop_duplicates().tolist() == [f"{n:06d}" for n in range(7)]
    assert table.loc[table["code"] == "000005", "state"].tolist() == ["failed"]
    features = json.loads((tmp_path / "coverage.geojson").read_text("utf-8"))["features"]
    areas = [None if one["geometry"] is None else shapely.geometry.shape(one["geometry"]).area for one in features]
    assert areas[5] is None
    assert [area for area in areas if area] == pytest.approx([0.04] * 6, rel=0.05)
    assert done.shown.limits == (("15min", 900.0, "s"),)
    rows = read_rows(tmp_path / COUNTIES / "000003" / ROWS)
    frame = rows.to_pandas().assign(limit="10min", limit_value=600.0)
    write_rows(tmp_path / COUNTIES / "000003" / ROWS, frame, outline_in(rows))
    again = write_overall(tmp_path, prepared, records)
    assert len(again.shown.limits) == 2
    assert "each county's own limit" in (tmp_path / "fields.json").read_text("utf-8")
    assert "each county's own limit" in (tmp_path / MAP).read_text("utf-8")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "'=1", "00123", 'a"b,c', "青溪"])
def test_counties_are_joined_to_the_tables_of_a_run_by_code_and_name(batch: Batch, tmp_path: Path, name: str) -> None:
    """Whatever a county is called, counties.csv writes it as indicators.csv of a run on the whole does."""
    folder = tmp_path / COUNTIES / "c0"
    folder.mkdir(parents=True)
    write_rows(folder / ROWS, batch.rows["90"].assign(name=name, code=name))
    write_overall(tmp_path, batch.prepared, [Record(County(name, name, "c0", 0, 1.0), State.DONE)])
    whole = batch.union.indicators
    run = csv_bytes(whole[whole["district_id"] == "90"].assign(district_id=name, district_name=name))

    def keys(content: bytes, code: str, called: str) -> set[tuple[str, str]]:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        return {(row[code], row[called]) for row in rows if row.get("scope") in ("county", "district")}

    mine = keys((tmp_path / "counties.csv").read_bytes(), "code", "name")
    assert len(mine) == 1
    assert mine == keys(run, "district_id", "district_name")


def test_counties_in_which_facilities_lie_far_from_roads_are_told_what_the_province_is(
    batch: Batch, tmp_path: Path
) -> None:
    """The county's own warnings stay, and no county's own file changes."""
    given = {"90": (3, "a.b z.y"), "91": (0, "a.b"), "93": (1, "")}
    records = [record for record in batch.records if record.county.code in given]
    for record in records:
        far, said = given[record.county.code]
        folder = tmp_path / COUNTIES / record.county.folder
        folder.mkdir(parents=True)
        write_rows(folder / ROWS, batch.rows[record.county.code].assign(far_facilities=far, warnings=said))
    before = {path: path.read_bytes() for path in tmp_path.rglob(ROWS)}
    doubt = Problem("facility.far_from_roads", Severity.WARNING, {"count": 4, "total": 9})
    for problems, expected in (
        ((doubt,), {"90": "a.b facility.far_from_roads z.y", "91": "a.b", "93": "facility.far_from_roads"}),
        ((), {"90": "a.b z.y", "91": "a.b", "93": ""}),
    ):
        prepared = SimpleNamespace(**{**vars(batch.prepared), "problems": problems})
        write_overall(tmp_path, prepared, records)
        table = pq.read_table(tmp_path / "counties.parquet").to_pandas()
        table = table[table["scope"] == "county"]
        assert {(row.code, row.warnings) for row in table.itertuples()} == set(expected.items())
    assert {path: path.read_bytes() for path in tmp_path.rglob(ROWS)} == before
