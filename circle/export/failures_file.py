"""``failures.csv``: which counties failed, and why, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from circle.errors import Problem, render
from circle.export.csv_file import csv_bytes
from circle.lazily import pd

COLUMNS = ("code", "name", "exit_code", "problem", "en", "zh")


class FailureRow(NamedTuple):
    """One reason why one county failed."""

    code: str
    name: str
    exit_code: int
    problem: Problem


def failures_bytes(rows: Sequence[FailureRow]) -> bytes:
    """The file; without a row where none failed."""
    cells = [
        (row.code, row.name, row.exit_code, row.problem.code, render(row.problem, "en"), render(row.problem, "zh"))
        for row in rows
    ]
    return csv_bytes(pd.DataFrame(cells, columns=list(COLUMNS)))
