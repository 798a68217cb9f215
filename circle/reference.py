"""The data tables that ship inside the package: tag tables, header aliases, service names, planning standards."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from circle.messages import text


@cache
def table(name: str) -> dict[str, Any]:
    """A table of ``circle/tables``, parsed once; treat it as read-only.

    Examples
    --------
    >>> table("services")["primary_school"]["en"]
    'Primary school'
    """
    written = files("circle").joinpath("tables", f"{name}.toml").read_text(encoding="utf-8")
    parsed: dict[str, Any] = tomllib.loads(written)
    return parsed


@dataclass(frozen=True)
class ServiceNames:
    """Services in a message: what people call each, and the key by which files and commands know it.

    Examples
    --------
    >>> ServiceNames(("clinic", "sauna")).in_language("en")
    'Clinic (clinic), sauna'
    """

    keys: tuple[str, ...]

    def in_language(self, lang: str) -> str:
        """All of them."""
        known = table("services")
        said = [
            text("words.service_key", lang, name=known[key][lang], key=key) if key in known else key
            for key in self.keys
        ]
        return text("words.list_joint", lang).join(said) or text("words.none", lang)


@cache
def standard_names() -> tuple[str, ...]:
    """The names of the built-in planning standards."""
    folder = files("circle").joinpath("standards")
    return tuple(sorted(r.name.removesuffix(".toml") for r in folder.iterdir() if r.name.endswith(".toml")))


def standard_text(name: str) -> str:
    """The text of a built-in standard file."""
    return files("circle").joinpath("standards", f"{name}.toml").read_text(encoding="utf-8")


DEFAULT_STANDARD = "fifteen-minute-walk"
"""What is asked where nothing is said."""


def walking_speed_kmh() -> float:
    """Of the default standard, on the flat.

    >>> walking_speed_kmh()
    4.0
    """
    return float(tomllib.loads(standard_text(DEFAULT_STANDARD))["walking_speed_kmh"])
