"""Kernels are kept on disk: the second process loads them, answers the same, and reads no compiler for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

# A walled square around the middle, an opening in it, junctions on a line: loops that sort, add up, search and grow.
SCRIPT = """
import logging, sys
import numpy as np
from circle.kernels.chains import incidence
from circle.kernels.walls import is_enclosed, walls_of

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
offset, segment = incidence(4, np.array([0, 1, 2]), np.array([1, 2, 3]))
print("ANSWER", offset.tolist(), segment.tolist())
corner = np.array([-1.0, 1.0, 1.0, -1.0])
for sides in (4, 3):
    x1, y1 = corner[:sides], np.roll(corner, 1)[:sides]
    x2, y2 = np.roll(corner, -1)[:sides], corner[:sides]
    walls = walls_of(x1, y1, x2, y2, np.zeros(sides, dtype=bool))
    print("ANSWER", sides, is_enclosed(0.0, 0.0, 5.0, walls, False))
print("LINEAR ALGEBRA", "scipy.linalg" in sys.modules)
"""


def lines_of(cache: Path, root: Path = ROOT) -> list[str]:
    env = {**os.environ, "NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_first_process_says_that_it_compiles_and_the_second_has_nothing_to_compile(tmp_path: Path) -> None:
    """Every vertex of the line 0-1-2-3 has its segments in order; four walls enclose, three do not."""
    first, second = lines_of(tmp_path), lines_of(tmp_path)
    answers = [
        "ANSWER [0, 1, 3, 5, 6] [0, 0, 1, 1, 2, 2]",
        "ANSWER 4 True",
        "ANSWER 3 False",
    ]
    assert any(line.startswith("compiling") and "incidence" in line for line in first)
    assert [line for line in first if line.startswith("ANSWER")] == answers
    assert second == [*answers, "LINEAR ALGEBRA False"]


@pytest.mark.parametrize(("kind", "kept"), [("nbi", 20), ("nbi", 200), ("nbc", 100)])
def test_a_damaged_cache_is_compiled_anew(kind: str, kept: int, tmp_path: Path) -> None:
    """The beginning of an index or of machine code, as after a full disk; the next process finds all in order."""
    sound = [line for line in lines_of(tmp_path) if line.startswith("ANSWER")]
    files = list(tmp_path.rglob(f"*.{kind}"))
    assert files
    for file in files:
        file.write_bytes(file.read_bytes()[:kept])
    mended = lines_of(tmp_path)
    assert [line for line in mended if line.startswith("ANSWER")] == sound
    assert any(line.startswith("compiling") for line in mended)
    assert lines_of(tmp_path) == [*sound, "LINEAR ALGEBRA False"]


def test_a_change_in_any_file_with_kernels_has_all_compiled_anew(tmp_path: Path) -> None:
    """One kernel may stand inside another: `is_enclosed` holds parts of the grid's."""
    shutil.copytree(ROOT / "circle", tmp_path / "circle", ignore=shutil.ignore_patterns("__pycache__"))
    cache = tmp_path / "cache"
    lines_of(cache, tmp_path)
    assert not any(line.startswith("compiling") for line in lines_of(cache, tmp_path))
    with (tmp_path / "circle/kernels/grid.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert any(line.startswith("compiling") and "incidence" in line for line in lines_of(cache, tmp_path))
