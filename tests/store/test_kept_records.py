"""Whatever an entry of the cache may come to hold can be taken out again: told from the code, not from what occurs."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import os
import pkgutil
import subprocess
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import circle
from circle import model
from circle.api import extract
from circle.errors import Problem, Severity
from circle.load import features, kept, said
from circle.load.told import PROBLEM_RECORDS, of_file
from circle.messages import Tally
from circle.model.packing import packed, unpacked
from tests.load_roads.drawing import draw

ROOT = Path(__file__).resolve().parent.parent.parent
LISTS = {"extracts": (kept._Reading, kept._RECORDS), "networks": (extract.ExtractNetwork, extract.RECORDS)}


def modules_of_circle() -> Iterator[types.ModuleType]:
    for found in pkgutil.walk_packages(circle.__path__, "circle."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def speakers() -> set[type]:
    """All classes that may stand as a value in a problem and say themselves in each language."""
    return {
        kind
        for module in modules_of_circle()
        for kind in vars(module).values()
        if inspect.isclass(kind) and kind.__module__ == module.__name__ and hasattr(kind, "in_language")
    }


BEYOND_EXTRACTS = {
    "circle.batch.worded",  # what others said, written down for later
    "circle.doctor.suspects",  # judges a region as a whole
    "circle.fetch.client",  # asks servers
    "circle.load.evidence",  # compares lists with what surely stands where it says
    "circle.load.service_rules",  # decides what the rows of lists are
    "circle.load.tags_told",  # tells of facilities that were taken already
}
"""Modules whose words no reading of an extract can hold, for it never imports them: held by a test below."""


def test_every_class_that_may_speak_in_a_problem_of_an_extract_is_known() -> None:
    lacking = speakers() - set(PROBLEM_RECORDS)
    assert {kind.__module__ for kind in lacking} == BEYOND_EXTRACTS
    assert speakers() >= {Tally, said.Said}


@pytest.mark.parametrize("module", ["circle.load.kept", "circle.api.extract"])
def test_reading_an_extract_imports_no_other_words(module: str, tmp_path: Path) -> None:
    """Of a fresh process that reads, builds and keeps."""
    path = draw(tmp_path, [(1, 0.0, 0.0, {"amenity": "clinic"}), (2, 0.01, 0.0)], [(1, [1, 2], {"highway": "path"})])
    code = (
        "import sys; from pathlib import Path; from circle.errors import Findings; from circle.store import user_cache\n"
        "cache = user_cache('x'); path = Path(sys.argv[1])\n"
        "if sys.argv[2] == 'circle.load.kept':\n"
        "    from circle.load.kept import OsmWanted, read_kept\n"
        "    wanted = OsmWanted(buildings=True, admin_level=8, places=True)\n"
        "    assert read_kept(path, wanted, Findings(), cache) is not None\n"
        "else:\n"
        "    from circle.api.extract import network_of_extract\n"
        "    network_of_extract(path, ['clinic'], None, cache)\n"
        "print(*sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CIRCLE_CACHE": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", code, path, module], env=environment, capture_output=True, text=True, check=True
    )
    assert module in done.stdout.split()
    assert not BEYOND_EXTRACTS & set(done.stdout.split())


def hints_of(kind: type) -> dict[str, Any]:
    """The types of a record's fields; some names are only there for checkers of types."""
    import geopandas as gpd
    import pandas as pd

    names = {name: getattr(source, name) for source in (model, features) for name in dir(source)}
    return typing.get_type_hints(kind, localns={**names, "gpd": gpd, "pd": pd})


def is_record(hint: Any) -> bool:
    """A class of named fields: a dataclass or a named tuple."""
    return inspect.isclass(hint) and (dataclasses.is_dataclass(hint) or hasattr(hint, "_asdict"))


def inside(hint: Any) -> Iterator[type]:
    """All records and enumerations that a type of a field names."""
    if is_record(hint) or (inspect.isclass(hint) and issubclass(hint, Enum)):
        yield hint
    for part in typing.get_args(hint):
        yield from inside(part)


def reachable(kind: type, seen: set[type] | None = None) -> set[type]:
    seen = set() if seen is None else seen
    if kind not in seen:
        seen.add(kind)
        if is_record(kind):
            for hint in hints_of(kind).values():
                for part in inside(hint):
                    reachable(part, seen)
    return seen


@pytest.mark.parametrize("name", LISTS)
def test_every_record_inside_a_record_is_known(name: str) -> None:
    whole, records = LISTS[name]
    found = reachable(whole)
    assert found <= set(records)
    assert {Problem, Severity} < found
    assert len({kind.__name__ for kind in records}) == len(records)  # by which they are told


def example(hint: Any) -> Any:
    """Some value of a type."""
    if hint is str:
        return "clinic"
    if hint is object:
        return 7
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return tuple(example(part) for part in parts if part is not Ellipsis)
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        return {"ferry_without_duration": example(parts[1])}
    if origin in (types.UnionType, typing.Union):
        return example(parts[0])
    if inspect.isclass(hint) and issubclass(hint, Enum):
        return next(iter(hint))
    if hint is int:
        return 3
    assert dataclasses.is_dataclass(hint), f"no example of {hint}"
    return hint(**{name: example(own) for name, own in hints_of(hint).items()})  # type: ignore[operator]


@pytest.mark.parametrize("records", [own for _, own in LISTS.values()], ids=list(LISTS))
@pytest.mark.parametrize("kind", PROBLEM_RECORDS, ids=lambda kind: kind.__name__)
def test_whatever_a_problem_holds_comes_back(kind: type, records: tuple[type, ...]) -> None:
    value = example(kind)
    problem = Problem("roads.osm_facilities", Severity.WARNING, {"reasons": value, "count": 3}, "a.osm", "b", 4)
    back = unpacked(*packed(problem, records), records)
    assert back == problem
    assert type(back.fields["reasons"]) is kind


def test_what_could_not_be_taken_out_is_not_put_in() -> None:
    """At the first run, where it can be seen, and not at the second."""

    @dataclasses.dataclass(frozen=True)
    class New:
        word: str

    problem = Problem("a.b", Severity.NOTE, {"x": {"deep": (New("clinic"),)}})
    packed(problem)
    with pytest.raises(TypeError, match="New is none of the records"):
        packed(problem, PROBLEM_RECORDS)
    with pytest.raises(TypeError, match="Severity is none of the records"):
        packed({"a": Severity.NOTE, "b": np.arange(3)}, (Problem,))


def test_only_problems_of_the_file_are_told_of_another_name() -> None:
    problems = [Problem("a.b", Severity.NOTE, {}, file) for file in ("a.osm", "region.toml", None)]
    assert [problem.file for problem in of_file(problems, "a.osm", "b.osm")] == ["b.osm", "region.toml", None]
