"""How large the files of a region are, told before any of them is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from circle.errors import Findings
from circle.load.encoding import decode
from circle.load.manifest_file import resolve_path
from circle.load.region_file import region_file, told_otherwise
from circle.load.toml_text import parse_toml

EXTRACT_SUFFIX = ".pbf"


def extract_bytes(region: str | Path) -> int:
    """The size of all OSM extracts in PBF that a region file names, each once; 0 where it names none.

    What is wrong with the file is told when it is read.
    """
    file = region_file(region)
    decoded = decode(file.read_bytes()) if file.is_file() and told_otherwise(file) is None else None
    document = None if decoded is None else parse_toml(decoded[0], file.name, Findings())
    found = {resolve_path(file.parent, written) for written in _paths(document)}
    return sum(path.stat().st_size for path in found if path.name.lower().endswith(EXTRACT_SUFFIX) and path.is_file())


def _paths(value: Any) -> Iterator[str]:
    """All that is written as a ``path`` in any section."""
    if isinstance(value, list):
        for part in value:
            yield from _paths(part)
    elif isinstance(value, dict):
        written = value.get("path")
        if isinstance(written, str):
            yield written
        for part in value.values():
            yield from _paths(part)
