"""``circle batch`` from one end to the other, on this machine's own workers."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from circle.errors import ExitCode
from tests.batch.runs.conftest import copied, events, hashes
from tests.cli.conftest import in_a_process

pytestmark = pytest.mark.slow


def codes_of(province_file: Path) -> list[str]:
    """Straight from the layer of counties."""
    return sorted(gpd.read_file(province_file.parent / "counties.geojson")["adcode"])


def test_every_county_has_a_folder_with_the_rows_that_a_run_on_the_province_has(province_file, uninterrupted, tmp_path):
    done = in_a_process("run", province_file, "--out", tmp_path / "run", "-q")
    assert done.returncode == 0, done.stderr
    union = pd.read_csv(tmp_path / "run" / "indicators.csv", dtype={"district_id": str})
    assert sorted(path.name for path in (uninterrupted / "counties").iterdir()) == codes_of(province_file)
    for code in codes_of(province_file):
        own = pd.read_csv(uninterrupted / "counties" / code / "indicators.csv", dtype={"district_id": str})
        mine, there = (
            table[(table["scope"] == "district") & (table["district_id"] == code)].reset_index(drop=True)
            for table in (own, union)
        )
        assert len(mine) == 15  # four services and all of them, three limits
        pd.testing.assert_frame_equal(mine, there, check_exact=True)


def test_a_second_run_touches_nothing(province_file, uninterrupted, tmp_path):
    out = copied(uninterrupted, tmp_path / "out")
    before = {path: path.stat().st_mtime_ns for path in (out / "counties").rglob("*")}
    done = in_a_process("batch", province_file, "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    ended = [event for event in events(done.stdout) if event["event"] == "county_ended"]
    assert [event["state"] for event in ended] == ["unchanged"] * 4
    assert {path: path.stat().st_mtime_ns for path in (out / "counties").rglob("*")} == before
    assert hashes(out) == hashes(uninterrupted)


@pytest.mark.parametrize("harm", ["a byte", "a file", "the folder"])
def test_a_damaged_county_is_done_again_and_no_other(harm, province_file, uninterrupted, tmp_path):
    out = copied(uninterrupted, tmp_path / "out")
    code = codes_of(province_file)[2]
    folder = out / "counties" / code
    if harm == "a byte":
        content = bytearray((folder / "gaps.geojson").read_bytes())
        content[len(content) // 2] ^= 1
        (folder / "gaps.geojson").write_bytes(content)
    elif harm == "a file":
        (folder / "county.parquet").unlink()
    else:
        folder.rename(tmp_path / "elsewhere")
    done = in_a_process("batch", province_file, "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    states = {event["code"]: event["state"] for event in events(done.stdout) if event["event"] == "county_ended"}
    assert states == {own: "done" if own == code else "unchanged" for own in codes_of(province_file)}
    assert hashes(out) == hashes(uninterrupted)


def test_the_provenance_of_a_county_knows_no_clock_and_no_period(uninterrupted):
    for path in (uninterrupted / "counties").glob("*/provenance.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        assert set(record["county"]) == {"code", "name", "key", "data_key"}
        assert record["county"]["code"] == path.parent.name
        assert not {"created", "seconds", "period", "inputs", "platform"} & set(record)
        assert "2026" not in json.dumps({name: record[name] for name in ("region", "county", "counts")})
        assert set(record["outputs"]) == {own.name for own in path.parent.iterdir()} - {"provenance.json"}


def test_with_maps_a_county_has_all_that_a_run_writes(province_file, tmp_path):
    done = in_a_process("batch", province_file, "--out", tmp_path / "out", "--maps", "--lang", "zh", "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    run = in_a_process("run", province_file, "--out", tmp_path / "run", "-q")
    assert run.returncode == 0, run.stderr
    wanted = {path.name for path in (tmp_path / "run").iterdir()} | {"county.parquet"}
    for folder in (tmp_path / "out" / "counties").iterdir():
        assert {path.name for path in folder.iterdir()} == wanted
        assert "服务圈</title>" in (folder / "gap_map.html").read_text(encoding="utf-8")


def test_a_folder_with_other_things_is_refused(province_file, tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    done = in_a_process("batch", province_file, "--out", tmp_path)
    assert done.returncode == ExitCode.OUTPUT
    assert "holiday.jpg" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]
