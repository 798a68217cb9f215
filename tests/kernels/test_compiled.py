"""Kernels are kept on disk: the second process loads them, answers the same, and reads no compiler for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from circle.kernels.kept import KernelFiles

ROOT = Path(__file__).resolve().parent.parent.parent

# Junctions on a line: one loop.
SHORT = """
import logging, sys
import numpy as np
from circle.kernels.chains import incidence

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
offset, segment = incidence(4, np.array([0, 1, 2]), np.array([1, 2, 3]))
print("ANSWER", offset.tolist(), segment.tolist())
"""
# And a walled square around the middle, an opening in it: loops that sort, add up, search and grow.
SCRIPT = (
    SHORT
    + """
from circle.kernels.walls import is_enclosed, walls_of
corner = np.array([-1.0, 1.0, 1.0, -1.0])
for sides in (4, 3):
    x1, y1 = corner[:sides], np.roll(corner, 1)[:sides]
    x2, y2 = np.roll(corner, -1)[:sides], corner[:sides]
    walls = walls_of(x1, y1, x2, y2, np.zeros(sides, dtype=bool))
    print("ANSWER", sides, is_enclosed(0.0, 0.0, 5.0, walls, False, np.zeros(257, np.int32)))
print("LINEAR ALGEBRA", "scipy.linalg" in sys.modules)
"""
)


ANSWERS = [
    "ANSWER [0, 1, 3, 5, 6] [0, 0, 1, 1, 2, 2]",
    "ANSWER 4 True",
    "ANSWER 3 False",
]
"""Every vertex of the line 0-1-2-3 has its segments in order; four walls enclose, three do not."""

LOADED = [*ANSWERS, "LINEAR ALGEBRA False"]
"""All that is said by a process that has nothing to compile."""


def begun(cache: Path | None, root: Path = ROOT, *, script: str = SCRIPT, **env: str) -> subprocess.Popen[str]:
    kept = {} if cache is None else {"NUMBA_CACHE_DIR": str(cache)}
    env = {**{k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}, **kept, "PYTHONPATH": str(root), **env}
    words = [sys.executable, "-c", script]
    return subprocess.Popen(words, env=env, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> list[str]:
    said, errors = process.communicate()
    assert process.returncode == 0, errors
    return said.splitlines()


def lines_of(cache: Path | None, root: Path = ROOT, *, script: str = SCRIPT, **env: str) -> list[str]:
    return ended(begun(cache, root, script=script, **env))


def answers(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("ANSWER")]


def compiles(lines: list[str]) -> bool:
    return any(line.startswith("compiling") and "incidence" in line for line in lines)


def copy_of_circle(folder: Path) -> Path:
    """A checkout of its own in which nothing is compiled yet."""
    shutil.copytree(ROOT / "circle", folder / "circle", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_the_first_process_says_that_it_compiles_and_the_second_has_nothing_to_compile(tmp_path: Path) -> None:
    first, second = lines_of(tmp_path), lines_of(tmp_path)
    assert compiles(first)
    assert answers(first) == ANSWERS
    assert second == LOADED


@pytest.mark.parametrize("kept", [20, 2000])
def test_a_damaged_cache_is_compiled_anew(kept: int, tmp_path: Path) -> None:
    """The beginning of machine code, as after a full disk; the next process finds all in order."""
    lines_of(tmp_path, script=SHORT)
    (file,) = tmp_path.rglob("*.nbc")
    file.write_bytes(file.read_bytes()[:kept])
    mended = lines_of(tmp_path, script=SHORT)
    assert answers(mended) == ANSWERS[:1]
    assert compiles(mended)
    assert lines_of(tmp_path, script=SHORT) == ANSWERS[:1]


def with_a_flipped_bit(content: bytes, bit: int) -> bytes:
    """`bit` counts from the first bit of the first byte."""
    damaged = bytearray(content)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def test_no_bit_of_what_is_kept_can_change_unnoticed(tmp_path: Path) -> None:
    """Every bit of something small, and every length that it may be cut to."""
    files = KernelFiles(str(tmp_path), "chains.chain-1.py311", "sources")
    files.save("types", ["machine code", b"1" * 50])
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    damaged = [with_a_flipped_bit(whole, bit) for bit in range(8 * len(whole))]
    damaged += [whole[:length] for length in range(len(whole))] + [whole + b"1", bytes(len(whole))]
    for content in damaged:
        file.write_bytes(content)
        assert files.load("types") is None
    file.write_bytes(whole)
    assert files.load("types") == ["machine code", b"1" * 50]


def test_whole_machine_code_under_the_name_of_another_is_not_taken(tmp_path: Path) -> None:
    files = KernelFiles(str(tmp_path), "chains.chain-1.py311", "sources")
    files.save("int32", "code for 32 bits")
    (file,) = tmp_path.iterdir()
    files.save("int64", "code for 64 bits")
    (other,) = set(tmp_path.iterdir()) - {file}
    shutil.copyfile(file, other)
    assert (files.load("int32"), files.load("int64")) == ("code for 32 bits", None)


def test_flipped_bits_in_all_machine_code_end_in_no_crash_and_no_wrong_answer(tmp_path: Path) -> None:
    """One in every file, in another place in every round; the last process finds all in order."""
    lines_of(tmp_path)
    random = np.random.default_rng(14)
    for _ in range(3):
        for file in tmp_path.rglob("*.nbc"):
            content = file.read_bytes()
            file.write_bytes(with_a_flipped_bit(content, int(random.integers(8 * len(content)))))
        mended = lines_of(tmp_path)
        assert answers(mended) == ANSWERS
        assert compiles(mended)
    assert lines_of(tmp_path) == LOADED


def test_two_processes_at_once_compile_into_one_cache(tmp_path: Path) -> None:
    both = [begun(tmp_path) for _ in "12"]
    for lines in map(ended, both):
        assert answers(lines) == ANSWERS
        assert compiles(lines)
    assert lines_of(tmp_path) == LOADED
    assert {file.suffix for file in tmp_path.rglob("*") if file.is_file()} == {".nbc"}  # nothing half-written


def test_machine_code_for_other_types_is_never_taken(tmp_path: Path) -> None:
    """Writers that take turns as two processes may: each has looked what is there before the other writes."""
    one, other = (KernelFiles(str(tmp_path), "chains.chain-1.py311", "sources") for _ in "12")
    assert one.load("int32") is None is other.load("int64")
    one.save("int32", "code for 32 bits")
    other.save("int64", "code for 64 bits")
    assert (other.load("int32"), one.load("int64")) == ("code for 32 bits", "code for 64 bits")


def test_what_an_earlier_version_left_is_not_loaded_and_goes(tmp_path: Path) -> None:
    old, new = (KernelFiles(str(tmp_path), "chains.chain-1.py311", stamp) for stamp in ("old", "new"))
    beside = KernelFiles(str(tmp_path), "chains.chain-10.py311", "old")
    old.save("types", "old code")
    beside.save("types", "another kernel's")
    assert new.load("types") is None
    new.save("types", "new code")
    assert (old.load("types"), new.load("types"), beside.load("types")) == (None, "new code", "another kernel's")
    new.flush()
    assert (new.load("types"), beside.load("types")) == (None, "another kernel's")


def test_an_installation_that_cannot_be_written_to_is_kept_in_the_users_own_cache(tmp_path: Path) -> None:
    """A file stands where the folder would be: that stops the administrator, too, who runs tests in containers."""
    root = copy_of_circle(tmp_path / "installed")
    (root / "circle/kernels/__pycache__").write_bytes(b"")
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "LOCALAPPDATA": str(tmp_path / "cache")}
    first, second = lines_of(None, root, script=SHORT, **home), lines_of(None, root, script=SHORT, **home)
    assert compiles(first)
    assert answers(first) == ANSWERS[:1]
    assert second == ANSWERS[:1]
    assert list((tmp_path / "cache").rglob("*.nbc"))


def test_where_nothing_can_be_written_every_process_compiles_and_says_so(tmp_path: Path) -> None:
    root = copy_of_circle(tmp_path / "installed")
    (root / "circle/kernels/__pycache__").write_bytes(b"")
    nowhere = str(root / "circle/kernels/__pycache__/none")
    lines = lines_of(None, root, script=SHORT, HOME=nowhere, XDG_CACHE_HOME=nowhere, LOCALAPPDATA=nowhere)
    assert answers(lines) == ANSWERS[:1]
    assert any(line.startswith("incidence is not kept") for line in lines)


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of file sizes there")
def test_a_full_disk_stops_no_run(tmp_path: Path) -> None:
    """No file may grow beyond 100 bytes: writing fails as it does when the disk is full."""
    full = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    full += "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
    lines = lines_of(tmp_path, script=full + SHORT)
    assert answers(lines) == ANSWERS[:1]
    assert any("is not kept" in line for line in lines)
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]
    assert compiles(lines_of(tmp_path, script=SHORT))


def test_a_change_in_any_file_with_kernels_has_all_compiled_anew(tmp_path: Path) -> None:
    """One kernel may stand inside another: `is_enclosed` holds parts of the grid's."""
    copy_of_circle(tmp_path)
    cache = tmp_path / "cache"
    lines_of(cache, tmp_path, script=SHORT)
    assert lines_of(cache, tmp_path, script=SHORT) == ANSWERS[:1]
    with (tmp_path / "circle/kernels/grid.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert compiles(lines_of(cache, tmp_path, script=SHORT))
