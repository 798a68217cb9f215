"""Growth of the whole job from 10^4 to 10^6 junctions: seconds of the processor and peak memory, as exponents.

Every county of `circle sample` is read from its files, analysed and written whole by `circle run` in a process of its
own. The exponents are the slopes of straight lines through all sizes, log against log. Starting Python and its
libraries costs a second and some 300 MB at any size, which flattens them; so the slope between the two largest counties
is printed too, and held to the same bounds. Making the counties is no part of the job.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from circle.sample import write_sample
from tests.bench.figures import Say
from tests.bench.measured import measured

JUNCTIONS = (10_000, 31_623, 100_000, 1_000_000)
TIME, MEMORY, MOST_GB = 1.1, 1.05, 3.0


def slope(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Exponent of growth: the line of least squares through the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def test_the_slope_is_the_exponent() -> None:
    sizes = [1e4, 1e5, 1e6]
    assert math.isclose(slope(sizes, [3.0 * size**1.2 for size in sizes]), 1.2)
    assert math.isclose(slope(sizes, [7.0, 7.0, 7.0]), 0.0, abs_tol=1e-12)


@pytest.mark.bench
def test_the_whole_job_grows_no_faster_than_its_county(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figure: Say
) -> None:
    monkeypatch.setenv("CIRCLE_CACHE", str(tmp_path / "cache"))
    seconds, peaks = [], []
    for junctions in JUNCTIONS:
        county = write_sample("qingxi", tmp_path / str(junctions), junctions=junctions)
        words = ["-m", "circle", "run", county, "--quiet", "--out"]
        if junctions == JUNCTIONS[0]:
            measured([*words, tmp_path / "compiled"])  # the first run on a machine compiles
        cost = measured([*words, tmp_path / f"out{junctions}"])
        seconds.append(cost.cpu_seconds)
        peaks.append(cost.peak_bytes)
        print(
            f"\n{junctions:9,d} junctions: {cost.cpu_seconds:6.1f} s of the processor, {cost.seconds:6.1f} s of the clock, "
            f"peak {cost.peak_bytes / 1e6:,.0f} MB"
        )
    for name, costs, most in (("time", seconds, TIME), ("memory", peaks, MEMORY)):
        for where, part in (("all sizes", slice(None)), ("the two largest", slice(-2, None))):
            own = slope(JUNCTIONS[part], costs[part])
            figure(row=10, work=f"exponent of {name}, whole job, through {where}", value=own, unit="", at_most=most)
    figure(row=10, work="a county of 1 M junctions: peak memory", value=peaks[-1] / 1e9, unit="GB", at_most=MOST_GB)
    figure(row=10, work="a county of 1 M junctions: seconds of the processor", value=seconds[-1], unit="s")
