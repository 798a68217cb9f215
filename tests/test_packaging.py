"""What is installed is what is here: the wheel holds every file of the package, and the command it promises."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import circle.cli

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BROUGHT_BY = {"branca": "folium", "PIL": "pillow", "docx": "python_docx", "js_lib_leaflet": "django_js_lib_leaflet", "pydantic_core": "pydantic"}


def files_of_the_package() -> set[str]:
    """Everything under ``circle/`` but what Python, numba and the linters leave there."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "circle").rglob("*")
        if path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in path.parts)
    }


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(tmp_path):
    words = [sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation", "-q", "-w", str(tmp_path)]
    subprocess.run(words, cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("*-py3-none-any.whl")  # nothing in it was compiled, and nothing will be on installing
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == files_of_the_package()


def test_the_command_that_is_promised_exists():
    assert EntryPoint("circle", PROJECT["scripts"]["circle"], "console_scripts").load() is circle.cli.main


def test_the_package_says_that_it_is_typed():
    assert (ROOT / "circle" / "py.typed").is_file()


def test_the_changes_of_this_version_are_told():
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(PROJECT['version'])}$", changes, re.MULTILINE)


def test_what_is_imported_is_declared_and_what_is_declared_is_imported():
    imported: set[str] = set()
    for path in (ROOT / "circle").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.split(".")[0])
            elif (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) == "files"
                and isinstance(node.args[0], ast.Constant)
            ):
                imported.add(str(node.args[0].value).split(".")[0])
    foreign = {BROUGHT_BY.get(name, name) for name in imported - {"circle", *sys.stdlib_module_names}}
    rows = PROJECT["dependencies"]
    declared = {re.split(r"[\[><=~! ]", row, maxsplit=1)[0].replace("-", "_").lower() for row in rows}
    assert sorted(foreign ^ declared) == []
