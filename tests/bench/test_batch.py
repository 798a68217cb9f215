"""``circle batch`` beside bare processes that do the same counties, beside ``circle run``, and its driver's memory.

All of it on two workers, whatever the machine has, and with what every county needs alike made ready before: reading a
province and searching it once is not the engine's work, and is measured by itself.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

import pytest

from circle import api
from circle.export import Manner
from circle.sample import write_sample, write_sample_province
from tests.bench.figures import Say
from tests.bench.measured import BYTECODE, ROOT, measured

HERE = Path(__file__).parent
COUNTIES, JUNCTIONS, WORKERS, ROUNDS = 60, 20_000, 2, 2
OWN_FILES = 12


def started(words: Sequence[object]) -> subprocess.Popen[str]:
    """A Python process as an installed package runs."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(BYTECODE)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.Popen([sys.executable, *map(str, words)], env=env, stdout=subprocess.PIPE, text=True)


def heard(words: Sequence[object]) -> Iterator[tuple[float, dict[str, object]]]:
    """The events of a batch, each with the second in which it was heard."""
    process = started(["-m", "circle", "batch", *words, "--json"])
    assert process.stdout is not None
    with process, process.stdout:
        for line in process.stdout:
            yield perf_counter(), json.loads(line)
    assert process.returncode == 0


def seconds_of_counties(words: Sequence[object]) -> float:
    """From when the province is ready until the last county is done: the workers' start, and all that they do."""
    at = [(second, event["event"]) for second, event in heard(words)]
    begin = next(second for second, name in at if name == "prepared")
    return max(second for second, name in at if name == "county_ended") - begin


def seconds_of_bare_processes(region: Path, out: Path) -> float:
    """The same counties, half of them each."""
    begin = perf_counter()
    sides = [started([HERE / "batch_side.py", region, out, number, WORKERS]) for number in range(WORKERS)]
    said = [side.communicate()[0] for side in sides]
    seconds = perf_counter() - begin
    assert sum(int(own) for own in said) == COUNTIES
    return seconds


def emptied(out: Path) -> Path:
    """Without a county: the province's own file stays."""
    shutil.rmtree(out / "counties")
    return out


@pytest.mark.bench
def test_two_workers_do_what_two_bare_processes_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figure: Say
) -> None:
    monkeypatch.setenv("CIRCLE_CACHE", str(tmp_path / "cache"))
    region = write_sample_province(tmp_path / "province", COUNTIES, junctions=JUNCTIONS)
    ours, bare = tmp_path / "ours", tmp_path / "bare"
    words = ["-m", "circle", "batch", region, "--workers", WORKERS, "--quiet", "--out"]
    whole = measured([*words, ours])
    shutil.copytree(ours, bare)
    turns = [
        (
            seconds_of_counties([region, "--workers", WORKERS, "--out", emptied(ours)]),
            seconds_of_bare_processes(region, emptied(bare)),
        )
        for _ in range(ROUNDS)
    ]
    for path in sorted((bare / "counties").rglob("*")):
        assert path.is_dir() or path.read_bytes() == (ours / path.relative_to(bare)).read_bytes()
    together, alone = (min(side) for side in zip(*turns, strict=True))
    figure(row=None, work="60 counties of 20,000 junctions, two workers of `circle batch`", peer="two bare processes, the same counties", ours_s=together, peer_s=alone, at_least=0.9)  # fmt: skip
    figure(row=None, work="the whole province: reading, searching, counties and tables", value=whole.seconds, unit="s")  # fmt: skip


@pytest.mark.bench
def test_a_county_costs_hardly_more_than_its_own_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figure: Say
) -> None:
    """One worker, counties with files of their own, every file and the map, beside `circle run` on each.

    The whole command with its tables, beside all the commands; and, reported, the counties beside the same in one warm
    process, which starts nothing and loads nothing.
    """
    monkeypatch.setenv("CIRCLE_CACHE", str(tmp_path / "cache"))
    files = [
        write_sample("qingxi", tmp_path / f"county{number}", junctions=5_000, seed=number)
        for number in range(OWN_FILES)
    ]
    for number, file in enumerate(files):
        file.write_text(file.read_text(encoding="utf-8").replace("青溪县", f"青溪县{number}"), encoding="utf-8")

    def run(file: Path, out: Path) -> None:
        out.mkdir(parents=True)
        loaded = api.load_region(file)
        api.analyze(loaded).write_into(out, out, Manner("en"), with_report=False, pdf=False)

    for file in files:  # extracts kept, kernels compiled, on both sides
        run(file, tmp_path / "first" / file.parent.name)
    begin = perf_counter()
    for file in files:
        run(file, tmp_path / "alone" / file.parent.name)
    warm = (perf_counter() - begin) / OWN_FILES
    runs = [["-m", "circle", "run", file, "--quiet", "--out", tmp_path / "run" / file.parent.name] for file in files]
    commands = sum(measured(run).seconds for run in runs) / OWN_FILES
    words = [*files, "--workers", 1, "--maps", "--out"]
    whole = measured(["-m", "circle", "batch", *words, tmp_path / "whole", "--quiet"]).seconds / OWN_FILES
    counties = seconds_of_counties([*words, tmp_path / "out"]) / OWN_FILES
    figure(row=None, work="a county of 5,000 junctions in `circle batch --maps`, beyond its own `circle run`", value=whole - commands, unit="s", at_most=0.15)  # fmt: skip
    figure(row=None, work="the same, beyond what it takes in one warm process", value=counties - warm, unit="s")  # fmt: skip


@pytest.mark.bench
def test_the_driver_stays_as_small_with_ten_times_the_counties(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figure: Say
) -> None:
    monkeypatch.setenv("CIRCLE_CACHE", str(tmp_path / "cache"))
    peaks = []
    for counties in (COUNTIES, 10 * COUNTIES):
        region = write_sample_province(tmp_path / str(counties), counties, junctions=1_000)
        words = ["batch", region, "--workers", WORKERS, "--quiet", "--out", tmp_path / f"out{counties}"]
        peaks.append(int(measured([HERE / "driver_side.py", *words]).said) * 1024)
    figure(row=None, work="memory of the driver of `circle batch`, 600 counties beside 60", value=peaks[1] / peaks[0], unit="×", at_most=1.1)  # fmt: skip
    figure(row=None, work="memory of the driver of `circle batch`, 600 counties", value=peaks[1] / 1e6, unit="MB")
