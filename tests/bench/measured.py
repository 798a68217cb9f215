"""A command in a process of its own, with its seconds and its peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
BYTECODE = Path(tempfile.gettempdir(), "circle-bench-bytecode")
"""As an installed package has it; whatever runs the tests may have told Python not to write any."""

_WATCHED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True, errors="replace")
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(*done.stdout.splitlines()[-1:])
print(used.ru_maxrss, used.ru_utime + used.ru_stime)
sys.exit(done.returncode)
"""


class Cost(NamedTuple):
    """Wall-clock seconds, processor seconds of all threads, the largest resident memory in bytes, last line printed."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    said: str


def measured(words: Sequence[object]) -> Cost:
    """Run Python with these arguments; a parent of its own counts the memory of this one child only."""
    command = [sys.executable, "-c", _WATCHED, sys.executable, *map(str, words)]
    begin = perf_counter()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(BYTECODE)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    seconds = perf_counter() - begin
    assert done.returncode == 0, done.stderr
    said, (peak_kib, cpu_seconds) = done.stdout.splitlines()[-2], done.stdout.split()[-2:]
    return Cost(seconds, float(cpu_seconds), int(peak_kib) * 1024, said)
