"""Sixty counties, killed twice on the way: the same bytes as of a run that nobody disturbs."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from circle.sample import write_sample_province
from tests.batch.runs.conftest import Started, hashes
from tests.cli.conftest import in_a_process

COUNTIES, JUNCTIONS = 60, 1_000


@pytest.mark.slow
def test_killed_twice_and_resumed_it_ends_in_the_same_bytes(tmp_path: Path) -> None:
    """First the driver alone, as a system short of memory does; then it and all its workers, as when power fails."""
    province = write_sample_province(tmp_path / "province", COUNTIES, junctions=JUNCTIONS)
    out, other = tmp_path / "out", tmp_path / "other"
    for kill, counties in ((os.kill, 15), (os.killpg, 35)):
        batch = Started(province, "--out", out)
        batch.until("county_ended", counties)
        kill(batch.process.pid, signal.SIGKILL)
        assert batch.end()[0] == -signal.SIGKILL
        assert 15 <= len(list((out / "counties").glob("[!.]*"))) < COUNTIES
        assert not (out / "counties.parquet").exists()
    last = Started(province, "--out", out)
    code, said = last.end()
    assert code == 0, said
    states = [event["state"] for event in last.seen if event["event"] == "county_ended"]
    assert len(states) == COUNTIES
    assert states.count("unchanged") >= 35
    done = in_a_process("batch", province, "--out", other, "--quiet")
    assert done.returncode == 0, done.stderr
    assert hashes(out) == hashes(other)
    assert len(hashes(out)) > 5 * COUNTIES
