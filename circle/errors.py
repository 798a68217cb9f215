"""Everything that can go wrong, drawn as a tree.

::

    CircleError                   never raised itself
    ├── InputError                the data or the settings: carries every Problem found
    ├── QueryError                a place, service or file asked for by name that is not there
    ├── OutputError               the result cannot be written where it was asked for
    ├── ResourceError             the machine cannot do this (memory, a missing browser)
    └── VerificationError         a result differs from its recomputation

A problem is data: a code of the message catalogue, the values found, and where. Text is made
where it is shown, in the reader's language (`render`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Self

from circle.messages import text


class ExitCode(IntEnum):
    """What the command line returns to the shell."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    INPUT = 3
    OUTPUT = 4
    DIFFERS = 5
    QUERY = 6
    RESOURCE = 7
    PARTIAL = 8
    INTERRUPTED = 130


class Severity(Enum):
    """An error stops the run, a warning does not, a note only says what was done."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Problem:
    """One finding about an input.

    Parameters
    ----------
    code
        Key of the message catalogue, e.g. ``"table.column_missing"``.
    severity
        Whether the run can go on.
    fields
        The named values that the message shows: what was found, what was expected.
    file, layer, row
        Where: path as the user wrote it, layer or sheet, row number as the user's program counts it.
    """

    code: str
    severity: Severity
    fields: Mapping[str, object] = field(default_factory=dict)
    file: str | None = None
    layer: str | None = None
    row: int | None = None

    def __str__(self) -> str:
        """English text, as of a `CircleError`."""
        return render(self, "en")


class Listed(str):
    """The first rows of a finding as a message shows them, and all of them for the list of problems.

    Examples
    --------
    >>> shown = Listed("3, 5, …", ["3", "5", "9"], ["x", "y", "z"])
    >>> shown, shown.rows[-1], shown.values[-1]
    ('3, 5, …', '9', 'z')
    """

    rows: tuple[str, ...]
    values: tuple[str, ...]

    def __new__(cls, shown: str, rows: Iterable[object], values: Iterable[object] = ()) -> Self:
        """`values`, one per row, may be left out."""
        made = super().__new__(cls, shown)
        made.rows = tuple(map(str, rows))
        made.values = tuple(map(str, values)) or ("",) * len(made.rows)
        return made

    def __getnewargs__(self) -> tuple[str, tuple[str, ...], tuple[str, ...]]:  # type: ignore[override]
        """So that findings can be copied and sent to another process."""
        return str(self), self.rows, self.values


def render(problem: Problem, lang: str) -> str:
    """A problem in one line: where, then what was found and what to do."""
    where = [problem.file or "", problem.layer or ""]
    if problem.row is not None:
        where.append(text("where.row", lang, row=problem.row))
    place = " · ".join(part for part in where if part)
    sentence = text(problem.code, lang, **problem.fields)
    return f"{place}: {sentence}" if place else sentence


class CircleError(Exception):
    """The root of all errors that a user can cause or must know of."""

    exit_code = ExitCode.INTERNAL

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(*self.problems)

    def __str__(self) -> str:
        """English text, for notebooks and logs; the command line renders the reader's language."""
        return "\n".join(render(problem, "en") for problem in self.problems)


class InputError(CircleError):
    """The data or the settings cannot be used; carries all problems of all files at once."""

    exit_code = ExitCode.INPUT


class QueryError(CircleError):
    """Something asked for by name or place is not in the data."""

    exit_code = ExitCode.QUERY


class OutputError(CircleError):
    """The output folder exists, is in use or cannot be written."""

    exit_code = ExitCode.OUTPUT


class ResourceError(CircleError):
    """The machine lacks what the work needs."""

    exit_code = ExitCode.RESOURCE


class VerificationError(CircleError):
    """A result differs from what its inputs give today."""

    exit_code = ExitCode.DIFFERS


class Findings:
    """The problems met so far, gathered so that all of them can be told at once.

    Examples
    --------
    >>> findings = Findings()
    >>> findings.warn("facility.far_from_roads", count=8, total=9)
    >>> findings.stop_on_errors()
    >>> findings.error("file.missing", file="roads.pbf")
    >>> len(findings.problems)
    2
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def error(
        self, code: str, *, file: str | None = None, layer: str | None = None, row: int | None = None, **fields: object
    ) -> None:
        """Record what stops the run."""
        self.problems.append(Problem(code, Severity.ERROR, fields, file, layer, row))

    def warn(
        self, code: str, *, file: str | None = None, layer: str | None = None, row: int | None = None, **fields: object
    ) -> None:
        """Record what the user must know though the run goes on."""
        self.problems.append(Problem(code, Severity.WARNING, fields, file, layer, row))

    def note(
        self, code: str, *, file: str | None = None, layer: str | None = None, row: int | None = None, **fields: object
    ) -> None:
        """Record a decision taken while reading."""
        self.problems.append(Problem(code, Severity.NOTE, fields, file, layer, row))

    @property
    def errors(self) -> list[Problem]:
        """Those that stop the run."""
        return [problem for problem in self.problems if problem.severity is Severity.ERROR]

    def stop_on_errors(self) -> None:
        """Raise everything gathered when any of it is an error.

        Raises
        ------
        InputError
            With all problems, errors first.
        """
        if self.errors:
            raise InputError(sorted(self.problems, key=lambda p: p.severity is not Severity.ERROR))
