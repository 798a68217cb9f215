"""What was decided row by row while reading: which rule gave which service, and which rows need a look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from python_calamine import CalamineError

from circle.errors import OutputError, Problem, Severity
from circle.export.problems_file import ProblemRow, problem_rows, problems_workbook
from circle.lazily import pd
from circle.load.service_rules import Decision, Decisions
from circle.store import write_whole, writing


def decisions_of(problems: Iterable[Problem]) -> Iterator[tuple[str, tuple[Decision, ...]]]:
    """The lists whose services were told by types and names: file and sheet, and the share of every rule."""
    for problem in problems:
        for value in problem.fields.values():
            if isinstance(value, Decisions):
                yield " · ".join(part for part in (problem.file, problem.layer) if part), value.every


def decision_records(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {
            "list": place,
            "rule": one.rule,
            "services": list(one.services),
            "rows": one.rows,
            "examples": list(one.examples),
        }
        for place, every in decisions_of(problems)
        for one in every
    ]


def write_problem_list(path: Path, problems: Iterable[Problem]) -> int:
    """Write the workbook of rows that need a look; it replaces an earlier one and nothing else.

    Returns
    -------
    int
        How many rows it lists.

    Raises
    ------
    OutputError
        If another file has this name, or it cannot be written.
    """
    found = list(problems)
    if path.suffix.lower() != ".xlsx":
        raise OutputError(Problem("output.not_xlsx", Severity.ERROR, file=str(path)))
    if path.exists() and not _is_problem_list(path):
        raise OutputError(Problem("output.other_file", Severity.ERROR, file=str(path)))
    write_whole(path, problems_workbook(found), force=True)
    return sum(1 for _ in problem_rows(found))


def _is_problem_list(path: Path) -> bool:
    try:
        with writing(path):
            return list(pd.read_excel(path, engine="calamine", nrows=0).columns) == list(ProblemRow._fields)
    except (CalamineError, ValueError):
        return False
