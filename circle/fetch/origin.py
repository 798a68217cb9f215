"""Whence the data of a fetch come, for its provenance: who was asked what and when, and which files were given."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import osmium

from circle.fetch.kept import Answer, now_text
from circle.store import sha256_of


def told(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """What each server was asked, in the order in which it was first asked."""
    by_url: dict[str, list[Answer]] = {}
    for answer in answers:
        by_url.setdefault(answer.url, []).append(answer)
    rows = []
    for url, own in by_url.items():
        whens = sorted(answer.when for answer in own)
        said = [{"question": a.question, "sha256": a.sha256, "when": a.when} for a in own]
        rows.append({"source": url, "first": whens[0], "last": whens[-1], "answers": said})
    return rows


def told_file(path: Path) -> dict[str, Any]:
    """A file that was given, by its name and hash."""
    now = now_text()
    return {"source": path.name, "first": now, "last": now, "sha256": sha256_of(path)}


def told_extract(path: Path) -> dict[str, Any]:
    """An extract, with the date of its data where its head says it."""
    date = osmium.FileProcessor(str(path)).header.get("osmosis_replication_timestamp", "")
    return told_file(path) | ({"osm_base": [date]} if date else {})


def own_version() -> str:
    """The version of circle that fetched."""
    try:
        return version("circle-access")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0+source"
