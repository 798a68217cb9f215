"""A small town in files, and the command line called as a user calls it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pytest
import shapely

from circle.cli import main
from circle.load.machine import memory_here

ROOT = Path(__file__).resolve().parent.parent.parent
LON, LAT = 119.0, 29.0
HELD = 150_000_000
FREE = 16_000_000_000
STEP = 0.005
"""Degrees between streets: about 487 m from west to east, 554 m from south to north."""


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Circle = Callable[..., Said]


@pytest.fixture
def circle(capsys, monkeypatch) -> Circle:
    """Run a command in this process, in English unless asked otherwise."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    # a command is told what a process of its own would hold, not what other tests have left in this one, and of a
    # machine on which nothing else happens: two runs say the same
    for module in ("circle.api.memory", "circle.doctor.examine"):
        monkeypatch.setattr(f"{module}.memory_here", lambda: replace(memory_here(), held=HELD, free=FREE))
    kept = [sys.excepthook, *(signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGHUP))]

    def run(*words: object) -> Said:
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        said = capsys.readouterr()
        code = left.value.code
        assert isinstance(code, int)
        return Said(code, said.out, said.err)

    yield run  # type: ignore[misc]
    sys.excepthook = kept[0]
    signal.signal(signal.SIGTERM, kept[1])
    signal.signal(signal.SIGHUP, kept[2])


def command(*words: object, **environment: str) -> list[str]:
    """The words that start ``circle`` in a process of its own."""
    del environment
    return [sys.executable, "-m", "circle", *(str(word) for word in words)]


def surroundings(**more: str) -> dict[str, str]:
    """An environment in which this checkout is found, in English."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **more}


def in_a_process(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a process of its own."""
    return subprocess.run(
        command(*words), env=surroundings(**environment), capture_output=True, text=True, encoding="utf-8", check=False
    )


def write_town(folder: Path, *, schools: Sequence[tuple[int, int]] = ((0, 0),), name: str = "青溪镇") -> Path:
    """Four by four crossings, ten people at each; schools at crossings, one clinic at the far corner."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        shapely.LineString([(LON + a * STEP, LAT + b * STEP) for a, b in way])
        for k in range(4)
        for way in ([(i, k) for i in range(4)], [(k, i) for i in range(4)])
    ]
    roads = gpd.GeoDataFrame({"highway": ["residential"] * 8}, geometry=lines, crs="EPSG:4326")
    roads.to_file(folder / "roads.gpkg", driver="GPKG")
    crossings = [(LON + i * STEP, LAT + k * STEP) for i in range(4) for k in range(4)]
    people = gpd.GeoDataFrame({"people": [10.0] * 16}, geometry=shapely.points(crossings), crs="EPSG:4326")
    people.to_file(folder / "people.gpkg", driver="GPKG")
    rows = [f"学校{n},小学,{LON + i * STEP},{LAT + k * STEP}" for n, (i, k) in enumerate(schools)]
    rows.append(f"诊所,诊所,{LON + 3 * STEP},{LAT + 3 * STEP}")
    (folder / "facilities.csv").write_text("名称,类别,经度,纬度\n" + "\n".join(rows) + "\n", encoding="utf-8-sig")
    places = gpd.GeoDataFrame(
        {"name": ["东村", "西村"], "place": ["village"] * 2},
        geometry=shapely.points([(LON + 3 * STEP, LAT), (LON, LAT + 3 * STEP)]),
        crs="EPSG:4326",
    )
    places.to_file(folder / "places.gpkg", driver="GPKG")
    (folder / "region.toml").write_text(
        f'[region]\nname = "{name}"\n[roads]\npath = "roads.gpkg"\n'
        '[[facilities]]\npath = "facilities.csv"\ncrs = "EPSG:4326"\nservice_column = "类别"\n'
        '[population]\npath = "people.gpkg"\n[places]\npath = "places.gpkg"\n',
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def town(tmp_path) -> Path:
    """A town with one primary school in the south-west corner and one clinic in the north-east."""
    return write_town(tmp_path / "我的 数据")


@pytest.fixture(scope="session")
def answered(tmp_path_factory) -> Path:
    """The town's folder with its result in ``out`` beside it; not to be changed."""
    base = tmp_path_factory.mktemp("answered")
    write_town(base / "region")
    done = in_a_process("run", base / "region", "--out", base / "out")
    assert done.returncode == 0, done.stderr
    return base
