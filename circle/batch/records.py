"""What goes to whoever works on a county, and what comes back: small, plain, without a layer or an array."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from circle.errors import ExitCode, Problem

STATE = ".circle"
"""Folder, in that of the results, with what only the batch itself reads."""
COUNTIES = "counties"
"""Folder, in that of the results, with a folder per county."""
ROWS = "county.parquet"
"""In a county's folder: its rows of the table of all counties."""


class State(StrEnum):
    """How it went with a county."""

    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True)
class Wishes:
    """What is to be written of every county.

    Parameters
    ----------
    maps
        The full folder of a run, map and all; otherwise tables and gaps.
    lang
        ``"en"`` or ``"zh"``, of the map.
    """

    maps: bool = False
    lang: str = "en"


@dataclass(frozen=True)
class County:
    """A county as a piece of work.

    Parameters
    ----------
    code, name
        As in the layer of counties (text from data: hostile), or of its own region file.
    folder
        A name that every file system takes, one per county, of which nobody else's is a spelling.
    row
        Its row in the layer of counties; None: it has a region file of its own.
    weight
        How much work it is, told from its size; of use beside those of other counties only.
    problems
        Found before; an error among them: it fails, and nothing is read.
    people, places
        Counted before, in a province.
    file
        Its own region file, where it has one.
    bytes_needed
        Memory that its task takes, as far as can be told before.
    """

    code: str
    name: str
    folder: str
    row: int | None
    weight: float
    problems: tuple[Problem, ...] = ()
    people: float = 0.0
    places: int = 0
    file: Path | None = None
    bytes_needed: int = 0


@dataclass(frozen=True)
class Order:
    """One county to be done: everything that a worker is told.

    Parameters
    ----------
    county
        Which.
    source
        The province's file of arrays, or the county's own region file.
    out
        The folder of all results.
    wishes
        What is to be written.
    program
        `circle.store.program_hash` of whoever gives the order: a worker of another version makes other files.
    retry
        Try it also if the same data failed before.
    threads
        That it may take; the answer does not depend on it.
    """

    county: County
    source: Path
    out: Path
    wishes: Wishes
    program: str
    retry: bool = False
    threads: int = 1

    @property
    def folder(self) -> Path:
        """Where the county's files go."""
        return self.out / COUNTIES / self.county.folder


@dataclass(frozen=True)
class Record:
    """How it went with a county.

    Parameters
    ----------
    county
        Which.
    state
        What became of it.
    key
        Hash of all that its files follow from: its slice of the data, the question, the wishes, the version.
    data_key
        Hash of its slice of the data alone; two periods differ in it where the data changed.
    people, places
        Analysed.
    seconds, peak_bytes
        What it took.
    cold
        It was its worker's first: libraries and machine code were loaded, or compiled, within its seconds.
    problems
        Why it failed, or what is doubtful.
    exit_code
        As ``circle run`` would end.
    """

    county: County
    state: State
    key: str = ""
    data_key: str = ""
    people: float = 0.0
    places: int = 0
    seconds: float = 0.0
    peak_bytes: int = 0
    cold: bool = False
    problems: tuple[Problem, ...] = ()
    exit_code: ExitCode = ExitCode.OK
