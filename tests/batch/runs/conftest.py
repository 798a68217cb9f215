"""A small province in files, and ``circle batch`` called as a user calls it, in a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from circle.sample import write_sample_province
from tests.cli.conftest import command, in_a_process, surroundings


@pytest.fixture(scope="session")
def province_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four counties of a thousand junctions each; not to be changed."""
    return write_sample_province(tmp_path_factory.mktemp("province") / "files", 4, junctions=1000)


@pytest.fixture(scope="session")
def uninterrupted(province_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What comes of it when nobody disturbs; not to be changed."""
    out = tmp_path_factory.mktemp("whole") / "out"
    done = in_a_process("batch", province_file, "--out", out)
    assert done.returncode == 0, done.stderr
    return out


def hashes(out: Path) -> dict[str, str]:
    """Every file that a user has of a batch; not what it keeps for itself."""
    files = (path for path in sorted(out.rglob("*")) if path.is_file() and ".circle" not in path.relative_to(out).parts)
    return {path.relative_to(out).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}


def copied(out: Path, target: Path) -> Path:
    """A copy of results that a test may change."""
    shutil.copytree(out, target)
    return target


def events(text: str) -> list[dict[str, Any]]:
    """The lines of ``--json``."""
    return [json.loads(line) for line in text.splitlines()]


class Started:
    """A batch that runs; its events as they come."""

    def __init__(self, *words: object) -> None:
        self.process = subprocess.Popen(
            command("batch", *words, "--json"),
            env=surroundings(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.seen: list[dict[str, Any]] = []

    def end(self) -> tuple[int, str]:
        """Wait for the end: the exit code, and what was said on standard error."""
        list(self)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        with self.process.stdout, self.process.stderr:
            said = self.process.stderr.read()
        return self.process.wait(), said

    def __iter__(self) -> Iterator[dict[str, Any]]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.seen.append(json.loads(line))
            yield self.seen[-1]

    def until(self, name: str, count: int = 1) -> dict[str, Any]:
        """The event of this name, when it comes for the n-th time."""
        for event in self:
            count -= event["event"] == name
            if count == 0:
                return event
        assert self.process.stderr is not None
        raise AssertionError(f"no {name}: {self.process.stderr.read()}")


@pytest.fixture(scope="session")
def sixteen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of sixteen counties of a thousand junctions each, some eight kilometres wide."""
    return write_sample_province(tmp_path_factory.mktemp("province") / "省 16", 16, junctions=1_000, seed=3).parent
