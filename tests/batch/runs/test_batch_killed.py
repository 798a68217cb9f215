"""Whoever is killed, at whatever moment: a later run completes, in the bytes of one that nobody disturbed."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from circle.errors import ExitCode
from tests.batch.runs.conftest import Started, copied, events, hashes
from tests.cli.conftest import ROOT, in_a_process

pytestmark = pytest.mark.slow


def group_is_gone(group: int, seconds: float = 20.0) -> bool:
    """Whether nothing of a session is left, after a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        left = [own for own in psutil.process_iter() if own.pid != os.getpid() and _session(own.pid) == group]
        if not [own for own in left if own.status() != psutil.STATUS_ZOMBIE]:
            return True
        time.sleep(0.2)
    return False


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def assert_completes(province_file: Path, out: Path, uninterrupted: Path) -> list[str]:
    """Run once more; the states of the counties."""
    done = in_a_process("batch", province_file, "--out", out, "--json")
    assert done.returncode == ExitCode.OK, done.stderr
    assert hashes(out) == hashes(uninterrupted)
    return [event["state"] for event in events(done.stdout) if event["event"] == "county_ended"]


DEADLY = """
import os, signal
real = os.fsync
def fsync(descriptor):
    if "circle-part" in (name := os.readlink(f"/proc/self/fd/{descriptor}")) and "/.{code}." in name:
        for number in range({times}):
            try:
                os.close(os.open(f"{marks}/{number}", os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                continue
            os.kill(os.getpid(), signal.SIGKILL)
    real(descriptor)
os.fsync = fsync
"""
"""For every process: whoever writes the files of one county is killed, so many times."""

needs_names = pytest.mark.skipif(
    not Path("/proc/self/fd").is_dir(), reason="where the system tells the names of open files"
)


def deadly(folder: Path, code: str, times: int) -> str:
    """The path on which Python finds circle, and what kills."""
    folder.mkdir()
    killer = DEADLY.replace("{code}", code).replace("{times}", str(times)).replace("{marks}", str(folder))
    (folder / "sitecustomize.py").write_text(killer)
    return f"{ROOT}{os.pathsep}{folder}"


@needs_names
def test_a_worker_that_is_killed_takes_only_its_county_with_it(province_file, uninterrupted, tmp_path):
    """In the middle of writing, once."""
    out, doomed = tmp_path / "out", min(path.name for path in (uninterrupted / "counties").iterdir())
    found = deadly(tmp_path / "deadly", doomed, times=1)
    done = in_a_process("batch", province_file, "--out", out, "--workers", 2, "--json", PYTHONPATH=found)
    assert (done.returncode, done.stderr) == (ExitCode.OK, "")
    seen = events(done.stdout)
    died = [event for event in seen if event["event"] == "worker_died"]
    assert [(event["code"], event["times"]) for event in died] == [(doomed, 1)]
    assert [event["state"] for event in seen if event["event"] == "county_ended"] == ["done"] * 4
    after = seen[seen.index(died[0]) :]
    again = next(event for event in after if event["event"] == "county_begun" and event["code"] == doomed)
    assert again["tally"]["running"] == 1  # nobody works beside it
    assert hashes(out) == hashes(uninterrupted)


@needs_names
def test_a_county_of_which_every_worker_dies_fails_alone(province_file, uninterrupted, tmp_path):
    out, doomed = tmp_path / "out", min(path.name for path in (uninterrupted / "counties").iterdir())
    found = deadly(tmp_path / "deadly", doomed, times=99)
    done = in_a_process("batch", province_file, "--out", out, "--workers", 1, "--json", PYTHONPATH=found)
    assert (done.returncode, done.stderr) == (ExitCode.PARTIAL, "")
    seen = events(done.stdout)
    assert [event["times"] for event in seen if event["event"] == "worker_died"] == [1, 2]
    states = {event["code"]: event["state"] for event in seen if event["event"] == "county_ended"}
    assert states.pop(doomed) == "failed"
    assert list(states.values()) == ["done"] * 3
    assert "batch.worker_died" in (out / "failures.csv").read_text(encoding="utf-8-sig")
    assert sorted(assert_completes(province_file, out, uninterrupted)) == ["done"] + ["unchanged"] * 3


@pytest.mark.parametrize("moment", ["stage", "county_begun", "county_ended"])
def test_a_driver_that_is_killed_leaves_no_process_and_a_later_run_completes(
    moment, province_file, uninterrupted, tmp_path
):
    out = tmp_path / "out"
    started = Started(province_file, "--out", out, "--workers", 2)
    started.until(moment)
    started.process.kill()
    assert started.end()[0] == -signal.SIGKILL
    assert group_is_gone(started.process.pid)
    assert_completes(province_file, out, uninterrupted)
    assert not list(out.rglob(".*.circle-*"))


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("stage", signal.SIGTERM),
        ("cluster", signal.SIGINT),
        ("county_begun", signal.SIGINT),
        ("county_ended", signal.SIGTERM),
    ],
)
def test_a_driver_that_is_told_to_stop_ends_cleanly(number, moment, province_file, uninterrupted, tmp_path):
    """A terminal sends Ctrl-C to the workers, too."""
    out = tmp_path / "out"
    started = Started(province_file, "--out", out, "--workers", 2)
    started.until(moment)
    os.killpg(started.process.pid, number) if number == signal.SIGINT else started.process.send_signal(number)
    begin = time.monotonic()
    code, errors = started.end()
    assert time.monotonic() - begin < 15
    assert code == ExitCode.INTERRUPTED, errors
    assert errors.splitlines() == ["Stopped. What is done is kept: run the same command again to go on."]
    assert group_is_gone(started.process.pid)
    assert not list(out.rglob(".*.circle-part*"))
    assert_completes(province_file, out, uninterrupted)


def test_a_second_driver_is_refused(province_file, uninterrupted, tmp_path):
    out = tmp_path / "out"
    started = Started(province_file, "--out", out)
    started.until("stage")
    second = in_a_process("batch", province_file, "--out", out)
    assert second.returncode == ExitCode.OUTPUT
    assert "another circle process is writing to this folder" in second.stderr
    assert started.end() == (ExitCode.OK, "")
    assert hashes(out) == hashes(uninterrupted)


def test_what_the_dead_left_half_made_is_removed(province_file, uninterrupted, tmp_path):
    out = copied(uninterrupted, tmp_path / "out")
    folder = next((out / "counties").iterdir())
    left = folder.with_name(f".{folder.name}.circle-part-0123abcd")
    left.mkdir()
    (left / "gaps.geojson").write_text("half")
    assert assert_completes(province_file, out, uninterrupted) == ["unchanged"] * 4
