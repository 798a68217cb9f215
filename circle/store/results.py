"""Results on disk, looked at again: whole, or as if they were not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from circle.store.folders import RESULT_MARK, sha256_of


def read_record(path: Path) -> dict[str, Any] | None:
    """A JSON object; None where there is none that can be read."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def whole_result(folder: Path) -> dict[str, Any] | None:
    """The provenance of a result of which every file has the bytes that were written; None of any other folder."""
    record = read_record(folder / RESULT_MARK)
    outputs = None if record is None else record.get("outputs")
    if not isinstance(outputs, dict):
        return None
    try:
        same = all(sha256_of(folder / str(name)) == digest for name, digest in outputs.items())
    except OSError:
        return None
    return record if same else None
