"""Findings about one file, so that readers need not repeat where they are."""

from __future__ import annotations

from dataclasses import dataclass

from circle.errors import Findings


@dataclass(frozen=True)
class Located:
    """Records problems of one file (as the user wrote its path) and one layer or sheet of it.

    Examples
    --------
    >>> at = Located(Findings(), "schools.xlsx", "Sheet1")
    >>> at.warn("table.empty", row=3)
    >>> at.findings.problems[0].layer, at.findings.problems[0].row
    ('Sheet1', 3)
    """

    findings: Findings
    file: str
    layer: str | None = None

    def error(self, code: str, *, row: int | None = None, **fields: object) -> None:
        """Record what stops the run."""
        self.findings.error(code, file=self.file, layer=self.layer, row=row, **fields)

    def warn(self, code: str, *, row: int | None = None, **fields: object) -> None:
        """Record what the user must know though the run goes on."""
        self.findings.warn(code, file=self.file, layer=self.layer, row=row, **fields)

    def note(self, code: str, *, row: int | None = None, **fields: object) -> None:
        """Record a decision taken while reading."""
        self.findings.note(code, file=self.file, layer=self.layer, row=row, **fields)

    def within(self, layer: str | None) -> Located:
        """The same file, another layer."""
        return Located(self.findings, self.file, layer)
