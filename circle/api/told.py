"""That there is something to read, where people look first."""

from __future__ import annotations

from collections.abc import Sequence

from circle.errors import Problem, Severity
from circle.messages import text


def warnings_in(problems: Sequence[Problem]) -> str:
    """The end of a ``repr``: how many warnings there are, and where; nothing if there are none.

    >>> warnings_in([Problem("table.empty", Severity.WARNING), Problem("table.empty", Severity.NOTE)])
    '; 1 warning in .problems'
    """
    count = sum(problem.severity is Severity.WARNING for problem in problems)
    return f"; {text('warned.repr', 'en', count=count)}" if count else ""
