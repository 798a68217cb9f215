"""How soon it starts, and that a whole run never pays for what it does not use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

from tests.bench.figures import Say
from tests.bench.measured import ROOT, measured


def seconds(*words: object) -> float:
    """Median of five."""
    return median(measured(words).seconds for _ in range(5))


@pytest.mark.bench
def test_importing_circle_takes_less_than_a_tenth_of_a_second(figure: Say) -> None:
    more = seconds("-c", "import circle") - seconds("-c", "pass")
    figure(row=None, work="`import circle`, beyond Python's own start", value=more, unit="s", at_most=0.1)


@pytest.mark.bench
def test_help_takes_less_than_half_a_second(figure: Say) -> None:
    more = seconds("-m", "circle", "--help") - seconds("-c", "pass")
    figure(row=None, work="`circle --help`, beyond Python's own start", value=more, unit="s", at_most=0.5)


RUN = """
import sys
from circle.cli import main
try:
    main(["run", sys.argv[1], "--out", sys.argv[2], "--quiet"])
except SystemExit as left:
    print("LEFT", left.code, *("osmnx" in sys.modules, "dask" in sys.modules, "matplotlib.pyplot" in sys.modules))
"""


@pytest.mark.slow
def test_a_whole_run_of_the_bundled_county_never_imports_osmnx(sample_regions: Path, tmp_path: Path) -> None:
    """It takes seconds to import, and only GraphML needs it."""
    words = [sys.executable, "-c", RUN, str(sample_regions / "qingxi"), str(tmp_path / "out")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].split() == ["LEFT", "0", "False", "False", "False"]
    assert (tmp_path / "out/gap_map.html").is_file()
