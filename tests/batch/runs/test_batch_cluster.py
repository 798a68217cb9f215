"""A real cluster: scheduler and workers as processes of their own, on this machine's loopback."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from distributed import Client

from circle.errors import ExitCode
from tests.batch.runs.conftest import Started, events, hashes
from tests.cli.conftest import in_a_process, surroundings

pytestmark = pytest.mark.slow


class Cluster:
    """``dask scheduler`` and ``dask worker``, as the README says to start them."""

    def __init__(self, folder: Path, workers: int) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{found.getsockname()[1]}"
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        port = self.address.rsplit(":", 1)[1]
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
        self.workers = [self.add_worker() for _ in range(workers)]

    def add_worker(self) -> subprocess.Popen[bytes]:
        return self._start("worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard")

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"dask{len(self.processes)}.log").open("wb") as log:
            started = subprocess.Popen(
                [sys.executable, "-m", "dask", *words], cwd=self.folder, env=surroundings(), stdout=log, stderr=log
            )
        self.processes.append(started)
        return started

    def until(self, true: Callable[[Client], bool]) -> None:
        """Wait until something holds of the cluster."""
        until = time.monotonic() + 120
        with Client(self.address) as client:
            while not true(client):
                assert time.monotonic() < until
                time.sleep(0.05)

    def stop(self) -> None:
        for process in self.processes[::-1]:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler and two workers."""
    started = Cluster(tmp_path, 2)
    yield started
    started.stop()


def test_a_cluster_of_which_one_worker_is_killed_in_the_middle_gives_the_same(
    cluster, province_file, uninterrupted, tmp_path
):
    out = tmp_path / "out"
    cluster.until(lambda client: len(client.nthreads()) == 2)
    started = Started(province_file, "--out", out, "--scheduler", cluster.address)
    started.until("county_begun", 2)
    cluster.until(lambda client: all(client.processing().values()))  # each has a county in hand
    cluster.workers[0].send_signal(signal.SIGKILL)
    assert started.end() == (ExitCode.OK, "")
    ended = [event for event in started.seen if event["event"] == "county_ended"]
    assert [event["state"] for event in ended] == ["done"] * 4
    assert [event["workers"] for event in started.seen if event["event"] == "workers"][-1] == 1
    # this scheduler hands the county to the next worker by itself; the user hears of the death all the same
    died = [event for event in started.seen if event["event"] == "worker_died"]
    assert [event["times"] for event in died] == [1]
    assert hashes(out) == hashes(uninterrupted)
    assert cluster.scheduler.poll() is None  # the cluster goes on
    assert cluster.workers[1].poll() is None


def test_a_scheduler_that_is_killed_is_told_of_and_a_later_run_completes(
    cluster, province_file, uninterrupted, tmp_path
):
    out = tmp_path / "out"
    started = Started(province_file, "--out", out, "--scheduler", cluster.address)
    started.until("county_ended")
    cluster.scheduler.send_signal(signal.SIGKILL)
    begin = time.monotonic()
    code, errors = started.end()
    assert (code, errors.count("\n")) == (ExitCode.RESOURCE, 1), errors
    assert "the Dask scheduler has gone away" in errors
    assert time.monotonic() - begin < 20
    again = in_a_process("batch", province_file, "--out", out, "--json")
    assert again.returncode == ExitCode.OK, again.stderr
    assert "unchanged" in {event.get("state") for event in events(again.stdout)}
    assert hashes(out) == hashes(uninterrupted)


def test_a_driver_that_is_killed_and_started_again_at_once_meets_its_own_workers(
    cluster, province_file, uninterrupted, tmp_path
):
    """They may still be at a county that the second driver wants done."""
    out = tmp_path / "out"
    started = Started(province_file, "--out", out, "--scheduler", cluster.address)
    started.until("county_begun", 2)
    started.process.kill()
    assert started.end()[0] == -signal.SIGKILL
    again = in_a_process("batch", province_file, "--out", out, "--scheduler", cluster.address, "-q")
    assert again.returncode == ExitCode.OK, again.stderr
    assert hashes(out) == hashes(uninterrupted)


def test_nobody_at_the_address_is_a_sentence(province_file, tmp_path):
    for address in ("tcp://127.0.0.1:9", "127.0.0.1", "nonsense://x:1", "tcp://[::1"):
        done = in_a_process("batch", province_file, "--out", tmp_path / "out", "--scheduler", address, "-q")
        assert done.returncode == ExitCode.RESOURCE, done.stderr
        assert address in done.stderr
        assert done.stderr.count("\n") == 1
