"""What a machine has left, from files as Linux writes them, beside psutil, and beside numbers worked by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest

from circle.load import machine
from circle.load.machine import memory_here
from circle.load.sizes import extract_bytes

GB = 1_000_000_000


def _machine(root: Path, groups: str = "", **files: str) -> Path:
    """A machine with 8,000,000 KiB left, of which this process holds 100,000; `files` by path, dots for slashes."""
    texts = {
        "proc/meminfo": "MemTotal:  16000000 kB\nMemAvailable:  8000000 kB\n",
        "proc/self/status": "Name:\tpython\nVmSize:\t  900000 kB\nVmRSS:\t  100000 kB\n",
        "proc/self/cgroup": groups,
        **files,
    }
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def test_without_limits_the_machine_decides(tmp_path: Path) -> None:
    found = memory_here(_machine(tmp_path, "0::/\n"))
    assert (found.held, found.free, found.bound) == (102_400_000, 8_192_000_000, "machine")
    assert found.whole == 8_294_400_000


def test_the_tightest_group_above_decides_and_its_droppable_files_are_not_taken(tmp_path: Path) -> None:
    """The job may have 9 GB and holds 4; the user's slice may have 5, holds 4, and half of one are files."""
    group = "sys/fs/cgroup/user"
    files = {
        f"{group}/job/memory.max": f"{9 * GB}\n",
        f"{group}/job/memory.current": f"{4 * GB}\n",
        f"{group}/memory.max": f"{5 * GB}\n",
        f"{group}/memory.current": f"{4 * GB}\n",
        f"{group}/memory.stat": f"anon {3 * GB}\ninactive_file {GB // 2}\n",
        "sys/fs/cgroup/memory.max": "max\n",
        "sys/fs/cgroup/memory.current": "1\n",
    }
    found = memory_here(_machine(tmp_path, "0::/user/job\n", **files))
    assert (found.free, found.bound) == (3 * GB // 2, "container")


@pytest.mark.parametrize(("limit", "free", "bound"), [(2 * GB, GB, "container"), (1 << 62, 8_192_000_000, "machine")])
def test_groups_of_the_first_version_under_the_name_they_have_outside(
    tmp_path: Path, limit: int, free: int, bound: str
) -> None:
    """``/docker/7f`` is no folder inside: the container's own limit stands at the top. No limit is a huge number."""
    files = {
        "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{limit}\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{3 * GB // 2}\n",
        "sys/fs/cgroup/memory/memory.stat": f"total_inactive_file {GB // 2}\n",
    }
    found = memory_here(_machine(tmp_path, "9:name=systemd:/docker/7f\n4:memory:/docker/7f\n", **files))
    assert (found.free, found.bound) == (free, bound)


def test_a_full_group_leaves_nothing(tmp_path: Path) -> None:
    files = {"sys/fs/cgroup/memory.max": f"{GB}\n", "sys/fs/cgroup/memory.current": f"{GB + 5}\n"}
    assert memory_here(_machine(tmp_path, "0::/\n", **files)).free == 0


def test_ulimit_leaves_what_is_not_reserved_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1,000,000 KiB are allowed and 900,000 reserved."""
    monkeypatch.setattr(machine, "_address_space", lambda: 1_024_000_000)
    found = memory_here(_machine(tmp_path, "0::/\n"))
    assert (found.free, found.bound) == (102_400_000, "process")


def test_where_there_are_no_such_files_psutil_is_asked(tmp_path: Path) -> None:
    found = memory_here(tmp_path)
    assert found.bound == "machine"
    assert 0.5 < found.held / psutil.Process().memory_info().rss < 2.0
    assert 0.5 < found.free / psutil.virtual_memory().available < 2.0


@pytest.mark.skipif(sys.platform != "linux", reason="the files of Linux")
def test_of_this_machine_it_says_what_psutil_says() -> None:
    found = memory_here()
    assert 0.5 < found.held / psutil.Process().memory_info().rss < 2.0
    assert found.free < 1.5 * psutil.virtual_memory().available


def test_the_extracts_of_a_region_are_weighed_once_each(tmp_path: Path) -> None:
    """Two sections read one of 700 bytes, a third another of 50 in a folder written with a backslash; a table is none."""
    (tmp_path / "data").mkdir()
    (tmp_path / "a.osm.pbf").write_bytes(bytes(700))
    (tmp_path / "data/b.pbf").write_bytes(bytes(50))
    (tmp_path / "c.csv").write_bytes(bytes(9))
    (tmp_path / "region.toml").write_text(
        '[osm]\npath = "a.osm.pbf"\n[roads]\npath = "a.osm.pbf"\n[places]\npath = "data\\b.pbf"\n'
        '[[facilities]]\npath = "c.csv"\n[[facilities]]\npath = "gone.pbf"\n'
    )
    assert extract_bytes(tmp_path) == extract_bytes(tmp_path / "region.toml") == 750
    assert extract_bytes(tmp_path / "data") == 0
