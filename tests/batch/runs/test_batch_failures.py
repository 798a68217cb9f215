"""A county that fails fails alone: said in words, in a table, and in an exit code of its own."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from circle.errors import ExitCode
from tests.batch.runs.conftest import events, hashes
from tests.cli.conftest import LAT, LON, ROOT, STEP, in_a_process, write_town

pytestmark = pytest.mark.slow


@pytest.fixture
def counties(tmp_path: Path) -> list[Path]:
    """Three counties with a region file each; the second names a road layer that is not there."""
    folders = [write_town(tmp_path / name, name=name) for name in ("a1", "b2", "c3")]
    (folders[1] / "roads.gpkg").rename(tmp_path / "roads.gpkg")
    return [folder / "region.toml" for folder in folders]


def batch(counties: list[Path], out: Path, *words: object) -> tuple[int, dict[str, str], str]:
    """Exit code, state by folder in the order in which they ended, and standard error."""
    done = in_a_process("batch", *counties, "--out", out, "--workers", 1, "--json", *words)
    ended = [event for event in events(done.stdout) if event["event"] == "county_ended"]
    return done.returncode, {event["folder"]: event["state"] for event in ended}, done.stderr


def failures(out: Path) -> list[dict[str, str]]:
    with (out / "failures.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_one_of_three_fails_alone_and_succeeds_when_mended(counties, tmp_path):
    out = tmp_path / "out"
    code, states, said = batch(counties, out)
    assert (code, said) == (ExitCode.PARTIAL, "")
    assert states == {"a1": "done", "b2": "failed", "c3": "done"}
    (row,) = failures(out)
    assert (row["exit_code"], row["problem"]) == ("3", "file.missing")
    assert "roads.gpkg" in row["en"]
    assert "roads.gpkg" in row["zh"]
    assert row["en"] != row["zh"]
    assert not (out / "counties" / "b2").exists()

    code, states, _ = batch(counties, out)
    assert code == ExitCode.PARTIAL
    assert states == {"a1": "unchanged", "b2": "failed", "c3": "unchanged"}

    (tmp_path / "roads.gpkg").rename(counties[1].parent / "roads.gpkg")
    code, states, _ = batch(counties, out)
    assert code == ExitCode.OK
    assert states == {"a1": "unchanged", "b2": "done", "c3": "unchanged"}
    assert failures(out) == []
    assert batch(counties, tmp_path / "at once")[0] == ExitCode.OK
    assert hashes(out) == hashes(tmp_path / "at once")

    (counties[2].parent / "people.gpkg").unlink()
    code, states, _ = batch(counties, out)
    assert (code, states) == (ExitCode.PARTIAL, {"a1": "unchanged", "b2": "unchanged", "c3": "failed"})
    assert not (out / "counties" / "c3").exists()  # what it told of is no more


def test_the_same_failure_is_remembered_until_somebody_wants_it_tried_again(counties, tmp_path):
    out = tmp_path / "out"
    batch(counties, out)
    (kept,) = (out / ".circle" / "failed").iterdir()
    written = kept.stat().st_mtime_ns
    batch(counties, out)
    assert kept.stat().st_mtime_ns == written
    (row,) = failures(out)
    assert "--retry-failed" in row["en"]
    assert "roads.gpkg" in row["zh"]
    batch(counties, out, "--retry-failed")
    assert kept.stat().st_mtime_ns != written
    assert "--retry-failed" not in failures(out)[0]["en"]


def test_strict_stops_at_the_first_and_the_next_run_goes_on(counties, tmp_path):
    out = tmp_path / "out"
    code, states, said = batch(counties, out, "--strict")
    assert (code, said) == (ExitCode.INPUT, "")
    assert states == {"a1": "done", "b2": "failed"}
    assert not (out / "failures.csv").exists()
    assert batch(counties, out)[1] == {"a1": "unchanged", "b2": "failed", "c3": "done"}


def test_if_all_fail_it_is_the_input(counties, tmp_path):
    code, states, _ = batch(counties[1:2], tmp_path / "out")
    assert (code, states) == (ExitCode.INPUT, {"b2": "failed"})


def test_what_a_person_reads(counties, tmp_path):
    done = in_a_process("batch", *counties, "--out", tmp_path / "out", "--lang", "zh", "--workers", 2)
    assert done.returncode == ExitCode.PARTIAL
    lines = done.stderr.splitlines()
    assert [line[:5] for line in lines if line.startswith("[")] == ["[1/3]", "[2/3]", "[3/3]"]
    assert sum("失败" in line for line in lines if line.startswith("[")) == 1
    assert any("roads.gpkg" in line for line in lines)
    strict = in_a_process("batch", *counties, "--out", tmp_path / "strict", "--strict", "-q", "--workers", 1)
    assert strict.returncode == ExitCode.INPUT
    assert "roads.gpkg" in strict.stderr
    assert strict.stdout == ""


def test_the_log_has_everything_and_the_terminal_nothing_of_dask(counties, tmp_path):
    log = tmp_path / "logs" / "batch.log"
    done = in_a_process("batch", *counties, "--out", tmp_path / "out", "--log-file", log, "-q")
    assert done.returncode == ExitCode.PARTIAL
    assert "distributed" not in done.stdout + done.stderr
    words = log.read_text(encoding="utf-8")
    assert '"event": "county_ended", "code": "b2"' in words
    assert "distributed" in words
    length = len(words)
    in_a_process("batch", *counties, "--out", tmp_path / "out", "--log-file", log, "-q")
    assert len(log.read_text(encoding="utf-8")) > length


def test_events_are_as_documented(counties, tmp_path):
    done = in_a_process("batch", *counties, "--out", tmp_path / "out", "--json")
    seen = events(done.stdout)
    names = [event["event"] for event in seen]
    assert names.count("prepared") == 1
    assert names.count("county_begun") == names.count("county_ended") == 3
    assert names[-1] == "ended"
    assert seen[-1]["exit_code"] == done.returncode == ExitCode.PARTIAL
    tally = seen[-1]["tally"]
    assert (tally["counties"], tally["done"], tally["failed"], tally["running"]) == (3, 2, 1, 0)
    assert tally["people"] == 320  # 16 crossings of ten people, twice
    assert tally["share"] == 1.0


def test_a_county_that_is_none_any_more_leaves_no_figures_of_then(counties, tmp_path):
    """As a fresh run would have it; a folder that holds something of the user's stays."""
    out = tmp_path / "out"
    done = [path for path in counties if batch([path], tmp_path / f"try {path.parent.name}")[0] == ExitCode.OK]
    assert batch(done, out)[0] == ExitCode.OK
    first, second = sorted(path.name for path in (out / "counties").iterdir())
    (out / "counties" / first / "notes.txt").write_text("mine")
    third = write_town(tmp_path / "third") / "region.toml"
    ended = in_a_process("batch", third, "--out", out)
    assert ended.returncode == ExitCode.OK, ended.stderr
    assert f"{second}: no county of the data any more" in ended.stderr
    left = sorted(path.name for path in (out / "counties").iterdir())
    assert first in left
    assert second not in left
    assert len(left) == 2


def test_what_is_compared_with_is_not_overwritten(counties, tmp_path):
    out = tmp_path / "out"
    batch(counties, out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    refused = in_a_process("batch", *counties, "--out", out, "--previous", tmp_path / "." / "out")
    assert refused.returncode == ExitCode.QUERY
    assert "are the same folder" in refused.stderr
    assert before == {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_who_forgets_the_section_is_told_that_it_is_one_county(tmp_path):
    done = in_a_process("batch", write_town(tmp_path / "town"), "--out", tmp_path / "out")
    assert done.returncode == ExitCode.OK
    assert "it is taken as one county" in done.stderr


FULL = """
import errno, os
real = os.fsync
def fsync(descriptor):
    if "circle-part" in (name := os.readlink(f"/proc/self/fd/{descriptor}")) and "/.c3." in name:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)
    real(descriptor)
os.fsync = fsync
"""
"""For every process: the disk is full when the files of the third county are to be seen safely on it."""


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="where the system tells the names of open files")
def test_people_outside_the_districts_of_a_countys_own_files_are_told(counties, tmp_path):
    """Each town has 16 crossings of ten people; the district of the first holds its western two columns."""
    file = counties[0]
    edge = (LON - STEP, LAT - STEP, LON + 1.5 * STEP, LAT + 4 * STEP)
    west = gpd.GeoDataFrame({"id": ["1"], "name": ["西区"]}, geometry=[shapely.box(*edge)], crs="EPSG:4326")
    west.to_file(file.parent / "districts.gpkg", driver="GPKG")
    file.write_text(file.read_text(encoding="utf-8") + '[districts]\npath = "districts.gpkg"\n', encoding="utf-8")
    done = in_a_process("batch", counties[0], counties[2], "--out", tmp_path / "out")
    assert done.returncode == ExitCode.OK, done.stderr
    first, second = done.stdout.splitlines()[:2]
    assert "Of 240 people" in first
    assert second.startswith("A further 80 people are in the data of the counties, but outside their districts")


def test_a_full_disk_stops_it_and_a_later_run_completes(counties, tmp_path):
    (tmp_path / "roads.gpkg").rename(counties[1].parent / "roads.gpkg")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "sitecustomize.py").write_text(FULL)
    out, words = tmp_path / "out", ["--workers", 1, "--out", tmp_path / "out"]
    found = f"{ROOT}{os.pathsep}{tmp_path / 'full'}"
    done = in_a_process("batch", *counties[::-1], *words, PYTHONPATH=found)
    assert done.returncode == ExitCode.OUTPUT, done.stderr
    assert "no room left on the disk" in done.stderr
    assert sorted(path.name for path in (out / "counties").iterdir()) == ["a1", "b2"]
    assert batch(counties, out)[:2] == (ExitCode.OK, {"a1": "unchanged", "b2": "unchanged", "c3": "done"})
    assert batch(counties, tmp_path / "at once")[0] == ExitCode.OK
    assert hashes(out) == hashes(tmp_path / "at once")
