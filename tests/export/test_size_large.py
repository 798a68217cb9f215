"""How large the answer of a large county is, and what writing it takes: a million places, ten services.

Seconds are printed and not asserted, for machines are shared; bytes on the disk and bytes held are.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook

from circle.export.indicators_file import indicator_sheets, indicators_workbook
from circle.export.workbook import MOST_ROWS
from tests.conftest import ROOT
from tests.export.test_map_large import SERVICES
from tests.export.town import town_analysis

pytestmark = pytest.mark.slow

PLACES = 1_000_000
PER_PLACE, PER_ANSWER = 170, 25
"""Bytes of ``layers.gpkg``: a point, its index and its people; and one answer (a time, who, and why). Measured: 408 for
ten services and all together; a row of text would be twice that."""
HELD_PER_PLACE, HELD_PER_ANSWER = 350, 60
"""Bytes while it is written, above what the answer itself holds; a frame of Python's words would be ten times that."""

JOB = """
import gc, sys, time
from pathlib import Path
from circle.export.geopackage import write_geopackage
from circle.export.gis_layers import gis_layers
from circle.export.target import target_system
from tests.export.test_map_large import county

def held(what):
    return next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith(what))

analysis = county(int(sys.argv[1]))
gc.collect()
Path("/proc/self/clear_refs").write_text("5")  # the highest so far counts no more
before, begin = held("VmRSS"), time.perf_counter()
write_geopackage(Path(sys.argv[2]), gis_layers(analysis), target_system(None))
print(held("VmHWM") - before, time.perf_counter() - begin, float(analysis.residents.people[0].sum()))
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak of a part of a process: Linux only")
def test_a_million_residents_are_whole_in_the_geopackage(tmp_path: Path) -> None:
    path = tmp_path / "layers.gpkg"
    done = subprocess.run(
        [sys.executable, "-c", JOB, str(PLACES), str(path)], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    taken, seconds, people = map(float, done.stdout.split())
    size = path.stat().st_size
    print(
        f"\n{PLACES:,} places, {SERVICES} services: {size / 1e6:.0f} MB in {seconds:.1f} s, {taken / 1e6:.0f} MB held"
    )
    assert size <= PLACES * (PER_PLACE + PER_ANSWER * (SERVICES + 1))
    assert taken <= PLACES * (HELD_PER_PLACE + HELD_PER_ANSWER * (SERVICES + 1))
    with closing(sqlite3.connect(path)) as database:
        count, total = database.execute("SELECT count(*), sum(people_all) FROM residents").fetchone()
        indexed = database.execute("SELECT count(*) FROM rtree_residents_geom").fetchone()[0]
    assert count == indexed == PLACES
    assert total == pytest.approx(people, rel=1e-9)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("zones", [MOST_ROWS - 1, MOST_ROWS + 1])
def test_a_workbook_is_bounded_and_says_what_it_leaves_out(tmp_path: Path, zones: int) -> None:
    """However many gaps there are; all of them stand in gaps.geojson and layers.gpkg."""
    analysis = town_analysis()
    gaps = analysis.gaps[analysis.gaps["kind"] == "zone"].iloc[np.arange(zones) % 2]
    # the file's order is the other way round: a meeting reads the highest ranks, and those must be the ones kept
    gaps = gaps.assign(name=[f"村庄 {number}" for number in range(zones)], rank=np.arange(zones, 0, -1)).reset_index(drop=True)
    analysis = replace(analysis, gaps=gaps)
    path = tmp_path / "indicators.xlsx"
    path.write_bytes(indicators_workbook(indicator_sheets(analysis), analysis))
    print(f"\n{zones:,} gaps: {path.stat().st_size / 1e6:.1f} MB")
    assert path.stat().st_size <= 8e6
    book = load_workbook(path, read_only=True)
    rows = [row[:4] for row in book[book.sheetnames[3]].iter_rows(min_row=3, values_only=True)]
    names = [row[3] for row in rows[:MOST_ROWS]]
    assert len(names) == min(zones, MOST_ROWS)
    wrong = next((at for at, name in enumerate(names) if name != f"村庄 {zones - 1 - at}"), None)
    assert wrong is None, f"row {wrong}: {names[wrong]}"  # lists this long are not for a failure's message
    left = [row[0] for row in rows[MOST_ROWS:]]
    assert len(left) == (zones > MOST_ROWS)
    assert all("1" in said for said in left)
