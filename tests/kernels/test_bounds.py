"""Compiled loops do not check their indices: once, here, they do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = ("tests/reach/test_toy_towns.py", "tests/reach/test_isochrones.py", "tests/gaps", "tests/kernels/test_walls.py")
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_no_kernel_reads_beyond_its_arrays(tmp_path):
    """The toy towns and the laws, with every index checked."""
    environment = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n0", *TESTS],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:]
