"""Answers do not depend on the number of threads: every place that has any, with one, two and five."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import circle
from circle import pipeline
from circle.load.shifted import bd09_from_wgs84, wgs84_from_gcj02
from circle.reach import choice_within_limit, join_places, nearest_facilities
from tests import towns

PACKAGE = Path(circle.__file__).parent
RANDOM = np.random.default_rng(3)
WAYS = [[tuple(p) for p in RANDOM.integers(0, 12, (4, 2)) * 150.0] for _ in range(40)]
HOMES = [tuple(p) for p in RANDOM.uniform(-200, 2000, (200, 2))]
CLINICS, SCHOOLS, STOPS = ([tuple(p) for p in RANDOM.uniform(0, 1800, (count, 2))] for count in (30, 5, 60))


def attached() -> object:
    engine = towns.engine(towns.streets(WAYS))
    return join_places(engine, *np.array([towns.degrees(*home) for home in HOMES]).T.copy()).attachment


def chosen() -> object:
    engine = towns.engine(towns.streets(WAYS))
    return choice_within_limit(engine, towns.places(engine, HOMES), towns.sites(engine, CLINICS), 900.0)


def travelled() -> object:
    engine = towns.engine(towns.streets(WAYS))
    sites = {name: towns.sites(engine, at) for name, at in (("clinic", CLINICS), ("school", SCHOOLS), ("stop", STOPS))}
    joined = pipeline.Joined(engine, None, towns.places(engine, HOMES), sites)  # type: ignore[arg-type]
    found, _ = pipeline._travels(joined)
    assert list(found) == list(sites)
    return tuple(found.values())


def nearest() -> object:
    engine = towns.engine(towns.streets(WAYS))
    sites = {name: towns.sites(engine, at) for name, at in (("clinic", CLINICS), ("school", SCHOOLS), ("stop", STOPS))}
    found = nearest_facilities(engine, towns.places(engine, HOMES), sites)
    assert list(found) == list(sites)
    return tuple(found.values())


def shifted() -> object:
    lon, lat = np.random.default_rng(4).uniform((75, 5), (134, 52), (1000, 2)).T.copy()
    return bd09_from_wgs84(lon, lat), wgs84_from_gcj02(lon, lat)


THREADED: dict[str, tuple[Callable[[], object], tuple[str, int] | None]] = {
    "circle.reach.attach": (attached, ("CHUNK", 7)),
    "circle.reach.pairs": (chosen, ("SITES_AT_ONCE", 3)),
    "circle.reach.nearest": (nearest, None),
    "circle.pipeline": (travelled, None),
    "circle.load.shifted": (shifted, ("_PIECE", 90)),
}
"""Module -> what it does in threads, and how many things a thread takes at once: few here, so that all have to do."""

TWO_AT_A_TIME = {"circle.stages", "circle.export.folder"}
"""Never more, whatever the machine has: tests/test_stages.py, and a run's files are compared byte by byte in tests/cli."""


def arrays_of(answer: object) -> list[np.ndarray]:
    """All arrays of a result, one after the other."""
    if isinstance(answer, (tuple, list)):
        return [array for part in answer for array in arrays_of(part)]
    return arrays_of(astuple(answer)) if is_dataclass(answer) else [np.asarray(answer)]  # type: ignore[arg-type]


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("name", THREADED)
def test_the_number_of_threads_changes_nothing(name: str, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    work, small = THREADED[name]
    whole = arrays_of(work())
    begun: list[int] = []

    class Counted(ThreadPoolExecutor):
        def __init__(self, workers: int, **options: Any) -> None:
            begun.append(workers)
            super().__init__(workers, **options)

    module = import_module(name)
    monkeypatch.setattr(module, "ThreadPoolExecutor", Counted)
    if hasattr(module, "cpu_count"):
        monkeypatch.setattr(module, "cpu_count", lambda: threads)
    else:
        monkeypatch.setattr("os.cpu_count", lambda: threads)
    if small:
        monkeypatch.setattr(module, *small)
    parts = arrays_of(work())
    assert begun == [threads] * len(begun)
    assert begun
    assert len(parts) == len(whole)
    assert sum(map(np.size, parts)) > 500
    for own, other in zip(parts, whole, strict=True):
        assert own.dtype == other.dtype
        np.testing.assert_array_equal(own, other)


def test_every_module_with_threads_is_asked() -> None:
    """Whatever computes in threads; the command line has one of its own, which waits."""
    found = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for path in PACKAGE.rglob("*.py")
        if "ThreadPoolExecutor(" in path.read_text(encoding="utf-8")
    }
    assert found == set(THREADED) | TWO_AT_A_TIME


def test_how_many_threads_is_asked_in_one_place() -> None:
    """Else a worker of a batch, of which there is one per core, would take all cores for itself."""
    for path in PACKAGE.rglob("*.py"):
        if path.name != "threads.py":
            assert not re.search(r"os(\.| import .*)cpu_count", path.read_text(encoding="utf-8")), path
