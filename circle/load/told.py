"""What was said of a file, as the cache keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from circle.errors import Problem, Severity
from circle.load.said import Said
from circle.messages import Tally, Terms
from circle.reference import ServiceNames

PROBLEM_RECORDS = (Problem, Severity, Said, ServiceNames, Tally, Terms)
"""A problem, and all that may speak in it; a test finds whatever else could."""


def of_file(problems: Sequence[Problem], before: str, now: str) -> tuple[Problem, ...]:
    """The same problems, those of the file called `before` being told of `now`: the same bytes under another name."""
    return tuple(replace(problem, file=now) if problem.file == before else problem for problem in problems)
