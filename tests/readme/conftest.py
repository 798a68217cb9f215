"""A clean clone, environments and wheels, made once for all tests of the README."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.readme.renew import README, ROOT


def line_with(passage: str) -> str:
    """The README's first line that holds `passage`, without its remark: the command as users copy it."""
    lines = README.read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if passage in line).split("   #")[0].strip()


class Environment(NamedTuple):
    """A virtual environment and the folder that its commands are run in."""

    folder: Path
    clone: Path

    def run(self, command: str, **variables: str) -> str:
        """Standard output of a shell command that must succeed."""
        surroundings = {
            **{name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")},
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "VIRTUAL_ENV": str(self.folder),
            "LC_ALL": "C.UTF-8",
            **variables,
        }
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.clone, env=surroundings, capture_output=True, text=True, encoding="utf-8"
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="session")
def clone(tmp_path_factory) -> Path:
    """What a clone of the working tree holds: every file that git knows or would take, and nothing that it ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
    ).stdout
    folder = tmp_path_factory.mktemp("clean clone")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def new_environment(folder: Path, clone: Path) -> Environment:
    """A virtual environment with nothing but pip."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    return Environment(folder, clone)


@pytest.fixture(scope="session")
def wheels(clone, tmp_path_factory) -> Path:
    """The folder that is carried to an intranet, fetched by the README's own line."""
    folder = tmp_path_factory.mktemp("fetched") / "wheels"
    fetch = new_environment(tmp_path_factory.mktemp("fetch"), clone)
    fetch.run(line_with("pip download").replace("-d wheels", f"-d '{folder}'"))
    return folder
