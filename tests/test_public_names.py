"""The public names, frozen: adding one is a decision, removing one breaks somebody."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

import circle

ROOT = Path(__file__).resolve().parent.parent
NAMES = {
    "AnalysisSettings",
    "CircleError",
    "InputError",
    "Network",
    "OutputError",
    "QueryError",
    "Region",
    "Result",
    "analyze",
    "check",
    "isochrones",
    "load_region",
    "travel_times",
}
HEAVY = {"numpy", "pandas", "geopandas", "shapely", "numba", "rasterio", "folium", "osmnx", "scipy", "pydantic", "matplotlib", "docx"}
SPOKEN = {"typer", "rich"}


def in_a_new_process(code: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_public_names_are_exactly_these():
    assert set(circle.__all__) == NAMES
    assert set(dir(circle)) == NAMES | {"__version__"}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_public_name_can_be_fetched_and_says_what_it_is(name):
    assert getattr(circle, name).__doc__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'analyse'"):
        circle.analyse  # noqa: B018


def test_importing_circle_loads_nothing_heavy():
    loaded = in_a_new_process("import sys, circle; print(*(name.split('.')[0] for name in sys.modules))")
    assert not (HEAVY | SPOKEN) & set(loaded.split())


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom circle.cli import main\ntry:\n    main(['--help'])\n"
        "except SystemExit:\n    print('MODULES', *(name.split('.')[0] for name in sys.modules))"
    )
    loaded = in_a_new_process(code).split("MODULES")[1].split()
    assert not HEAVY & set(loaded)


def test_the_analysis_never_loads_osmnx():
    loaded = in_a_new_process("import sys, circle; circle.analyze, circle.load_region; print(*sys.modules)")
    assert "osmnx" not in loaded.split()


def test_importing_every_module_says_nothing_and_starts_nothing():
    """No side effect at import: no output, no thread, no process."""
    modules = sorted(
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in (ROOT / "circle").rglob("*.py")
        if path.name != "__main__.py"
    )
    code = (
        f"import importlib, threading\nfor name in {modules!r}: importlib.import_module(name)\n"
        "assert threading.active_count() == 1"
    )
    assert in_a_new_process(code) == ""


def test_every_name_lives_where_the_package_says():
    for name, home in circle._HOME.items():
        assert getattr(importlib.import_module(home), name) is getattr(circle, name)


def test_no_public_name_is_that_of_a_module_beside_it():
    """A module that is imported takes its name in the package, and what was looked up there when used is gone."""
    folders = [path.parent for path in (ROOT / "circle").rglob("__init__.py")]
    packages = {folder: importlib.import_module(".".join(folder.relative_to(ROOT).parts)) for folder in folders}
    lazy = {folder: package for folder, package in packages.items() if "__getattr__" in vars(package)}
    assert len(lazy) >= 4
    for folder, package in lazy.items():
        beside = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
        assert not beside & set(getattr(package, "__all__", ())), package.__name__
