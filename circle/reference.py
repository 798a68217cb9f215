"""The data tables that ship inside the package: tag tables, header aliases, service names, planning standards."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """A table of ``circle/tables``, parsed once; treat it as read-only.

    Examples
    --------
    >>> table("services")["primary_school"]["en"]
    'Primary school'
    """
    text = files("circle").joinpath("tables", f"{name}.toml").read_text(encoding="utf-8")
    parsed: dict[str, Any] = tomllib.loads(text)
    return parsed


@cache
def standard_names() -> tuple[str, ...]:
    """The names of the built-in planning standards."""
    folder = files("circle").joinpath("standards")
    return tuple(sorted(r.name.removesuffix(".toml") for r in folder.iterdir() if r.name.endswith(".toml")))


def standard_text(name: str) -> str:
    """The text of a built-in standard file."""
    return files("circle").joinpath("standards", f"{name}.toml").read_text(encoding="utf-8")
