"""What is known when counties can be done one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from circle.batch.records import County
from circle.errors import Problem
from circle.lazily import pd
from circle.model import InputFile
from circle.settings import Question


@dataclass(frozen=True, eq=False)
class Prepared:
    """Counties that can be done one by one.

    Parameters
    ----------
    source
        The province's file of arrays; None: every county has a region file of its own.
    name
        Of the province; empty without one.
    counties
        In order of code, those included of which it is known that they cannot be done.
    question
        What is asked; None: each county asks its own.
    period
        What time the data describe, as the user writes it.
    inputs
        The files of the whole.
    problems
        Of the whole: warnings and notes.
    elsewhere
        Indicators of the people in no county, by scope: ``"outside"`` and ``"unlocated"``; see `rows_elsewhere`.
    projection
        In which the province was searched; empty for own files.
    reused
        Nothing had to be read.
    """

    source: Path | None
    name: str
    counties: tuple[County, ...]
    question: Question | None
    period: str | None
    inputs: tuple[InputFile, ...]
    problems: tuple[Problem, ...]
    elsewhere: Mapping[str, pd.DataFrame]
    projection: str = ""
    reused: bool = False

    def source_of(self, county: County) -> Path:
        """Where whoever does a county reads."""
        source = county.file or self.source
        assert source is not None  # a county without a file is one of a province
        return source
