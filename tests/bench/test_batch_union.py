"""The files over all counties: quick for all of China, in memory that hardly grows with the number of counties."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
JOB = """
import resource, sys, time
from pathlib import Path
from tests.batch.many import many_counties
from circle.batch.overall import write_overall
out, count = Path(sys.argv[1]), int(sys.argv[2])
prepared, records = many_counties(out, count)
begin = time.process_time()
write_overall(out, prepared, records, rank_by="share")
print(time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def measured(out: Path, count: int) -> tuple[float, float]:
    """Seconds of the processor, and the megabytes that the process held at most."""
    job = [sys.executable, "-c", JOB, str(out), str(count)]
    said = subprocess.run(job, capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    return float(said[0]), float(said[1])


@pytest.mark.bench
def test_three_thousand_counties(tmp_path: Path) -> None:
    """Five rows a county, areas of 160 vertices. All files, the map among them, are below 20 MB a thousand counties."""
    few, many = measured(tmp_path / "few", 60), measured(tmp_path / "many", 3000)
    size = sum(path.stat().st_size for path in (tmp_path / "many").iterdir() if path.is_file()) / 1e6
    print(
        f"\n60 counties: {few[0]:.1f} s, {few[1]:.0f} MB; 3,000: {many[0]:.1f} s, {many[1]:.0f} MB; files {size:.1f} MB"
    )
    assert many[0] < 60
    assert many[1] - few[1] < 200  # most of it the areas, which are simplified together
    assert size < 60
