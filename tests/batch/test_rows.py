"""A county's rows are those that ``circle run`` on the whole province has for it, and all rows add up to everybody."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

import circle
from circle.batch.records import COUNTIES, ROWS, County
from circle.batch.rows import COUNTED, SCHEMA, county_rows, outline_in, outline_of, read_rows, write_rows
from circle.batch.survey import elsewhere_rows
from circle.errors import InputError
from circle.export.fields import described_columns
from tests.batch.makers import Batch, batch_of, without_counties
from tests.batch.test_counties import province

SAME = ["service", "group", "limit", "facilities", "people", "covered", "uncovered", "unknown", "share", "straight_covered",
        "straight_share", "far", "detour", "off_road", "no_route", "no_facility", "edge_affected"]  # fmt: skip


def at_main(batch: Batch, scope: str, county: str = "") -> pd.DataFrame:
    table, question = batch.union.indicators, batch.prepared.question
    rows = table[(table["scope"] == scope) & (table["district_id"] == county) & (table["limit"] == question.main.label)]
    return rows.reset_index(drop=True)


def totals(frames: pd.DataFrame) -> pd.DataFrame:
    sums = frames.groupby(["service", "group"], sort=False)[list(COUNTED)].sum().reset_index()
    share = {"share": sums["covered"] / sums["people"], "straight_share": sums["straight_covered"] / sums["people"]}
    return sums.assign(**share)


def all_rows(batch: Batch) -> pd.DataFrame:
    elsewhere = elsewhere_rows(batch.prepared.elsewhere, batch.prepared.question)
    return pd.concat([*batch.rows.values(), elsewhere], ignore_index=True)


@pytest.fixture(scope="module", params=range(4))
def batch(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    region = province(request.param)
    return batch_of(without_counties(region, 1), region.question, tmp_path_factory.mktemp("out"))


def test_rows_are_those_of_the_run_on_the_whole(batch: Batch) -> None:
    for code, rows in batch.rows.items():
        whole = at_main(batch, "district", code)
        pd.testing.assert_frame_equal(rows[SAME], whole[SAME], check_dtype=False, check_exact=True)
        assert rows["median_cost"].to_numpy() == pytest.approx(
            whole["median_travel_time_s"].to_numpy(), nan_ok=True, rel=0
        )
        assert (rows["unit"] == "s").all()
        assert (rows["limit_value"] == 600).all()


def test_gaps_are_the_zones_of_the_run_on_the_whole(batch: Batch) -> None:
    zones = batch.union.gaps[batch.union.gaps["kind"] == "zone"]
    counted = 0
    for code, rows in batch.rows.items():
        for row in rows.to_dict("records"):
            own = zones[zones["district_id"] == code]
            own = own if row["service"] == "all_services" else own[own["service"] == row["service"]]
            if row["group"] != "all":
                assert row["gaps"] is pd.NA
                continue
            assert row["gaps"] == len(own)
            counted += len(own)
            if len(own):
                assert row["largest_gap_people"] == own["people"].max()
    assert counted == 2 * len(zones) > 0


def test_all_rows_add_up_to_everybody(batch: Batch) -> None:
    """Counties alone are the region of the union; with those outside they are everybody in the data."""
    rows = all_rows(batch)
    assert set(rows["scope"]) == {"county", "outside"}
    sums = totals(rows[rows["scope"] == "county"])
    region = at_main(batch, "region")
    assert len(region) == 3
    for name in (*COUNTED, "share", "straight_share"):
        assert sums[name].to_numpy() == pytest.approx(region[name].to_numpy(), rel=1e-12), name
    everybody = totals(rows).set_index("service")["people"]
    assert (everybody == batch.union.residents.people[0].sum()).all()
    outside, whole = rows[rows["scope"] == "outside"].reset_index(drop=True), at_main(batch, "outside")
    pd.testing.assert_frame_equal(outside[SAME], whole[SAME], check_dtype=False, check_exact=True)
    assert (outside["people"] > 0).all()


def test_a_file_keeps_its_rows_and_its_bytes(batch: Batch, tmp_path: Path) -> None:
    rows = batch.rows["90"]
    path = batch.out / COUNTIES / "c0" / ROWS
    table = read_rows(path)
    assert table.schema.equals(SCHEMA)
    assert table.schema.metadata is None
    back = table.to_pandas()
    for name in ("people", "share", "median_cost"):
        assert back[name].to_numpy() == pytest.approx(rows[name].to_numpy(float), nan_ok=True, rel=0)
    write_rows(tmp_path / ROWS, rows)
    assert (tmp_path / ROWS).read_bytes() == path.read_bytes()
    assert outline_in(table) is None
    assert not re.search(rb"2026Q4", path.read_bytes())


def test_hostile_names_and_missing_numbers_are_kept(batch: Batch, tmp_path: Path) -> None:
    county = County("=\ud800", "=cmd()\ud800<script>", "c0", 0, 1.0)
    rows = county_rows(county, batch.union, "k").assign(share=np.nan, median_cost=np.inf)
    write_rows(tmp_path / ROWS, rows)
    back = read_rows(tmp_path / ROWS)
    assert back["name"][0].as_py() == "=cmd()?<script>"
    assert back["code"][0].as_py() == "=?"
    assert back["share"].null_count == len(rows)
    assert np.isinf(back["median_cost"].to_numpy()).all()


def test_other_files_are_refused(tmp_path: Path, batch: Batch) -> None:
    (tmp_path / "torn.parquet").write_bytes(b"PAR1 torn")
    with pytest.raises(InputError, match="cannot be read"):
        read_rows(tmp_path / "torn.parquet")
    with pytest.raises(InputError, match="cannot be read"):
        read_rows(tmp_path / "missing.parquet")
    pq.write_table(pa.table({"code": ["1"]}), tmp_path / "other.parquet")
    with pytest.raises(InputError, match="another version"):
        read_rows(tmp_path / "other.parquet")
    write_rows(tmp_path / "old.parquet", next(iter(batch.rows.values())).assign(schema_version="0"))
    with pytest.raises(InputError, match="another version"):
        read_rows(tmp_path / "old.parquet")


def test_a_region_file_of_its_own_is_told_of_as_a_whole(sample_regions: Path, tmp_path: Path) -> None:
    analysis = circle.analyze(circle.load_region(sample_regions / "qingxi")).analysis
    rows = county_rows(County("330881", "青溪", "330881", None, 1.0), analysis, "k")
    region = analysis.indicators.query("scope == 'region' and limit == '15min'").reset_index(drop=True)
    pd.testing.assert_frame_equal(rows[SAME], region[SAME], check_dtype=False, check_exact=True)
    assert rows["far_facilities"].iloc[0] == len(analysis.audit.far_facilities)
    assert rows["no_road"].iloc[0] == analysis.audit.people["no_road"]
    write_rows(tmp_path / ROWS, rows, outline_of(analysis))
    outline = outline_in(read_rows(tmp_path / ROWS))
    shapes = analysis.region.districts.frame.geometry
    assert outline.area == pytest.approx(shapely.union_all(shapes.to_numpy()).area)
    told = described_columns(ROWS, SCHEMA.names, analysis)
    assert [field["name"] for field in told] == SCHEMA.names
    assert all(re.search("[一-鿿]", field["zh"]) and field["en"] for field in told)
