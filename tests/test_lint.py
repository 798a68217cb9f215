"""The linters agree: style by ruff, types by mypy in strict mode."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    "words",
    [("ruff", "check", "."), ("mypy", "--cache-dir", "{cache}")],
    ids=["ruff", "mypy"],
)
@pytest.mark.slow
def test_the_linter_finds_nothing(words, tmp_path):
    command = [word.format(cache=tmp_path) for word in words]
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
