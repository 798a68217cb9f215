"""The two streams of a terminal: which language, which characters, how wide, and how problems are shown."""

from __future__ import annotations

import io
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Annotated, Literal, TextIO

import typer
from rich.console import Console

from circle.errors import Problem, Severity, render
from circle.messages import LANGUAGES, reader_language, text

Lang = Annotated[Literal["zh", "en"] | None, typer.Option("--lang", show_default=False)]
"""The ``--lang`` option that every command has."""

_UNBOUNDED = 100_000
_STEERING = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
"""Overrides of writing direction; marks and joiners that Arabic and Indian names need are not among them."""


def language(lang: str | None) -> str:
    """The language asked for, else the locale's."""
    return lang or reader_language()


def asked_language(words: Sequence[str]) -> str:
    """The language of help texts: looked for before anything is parsed.

    Examples
    --------
    >>> asked_language(["run", "--lang", "zh"]), asked_language(["--lang=en"])
    ('zh', 'en')
    """
    for word, following in pairwise([*words, ""]):
        asked = following if word == "--lang" else word.removeprefix("--lang=") if word.startswith("--lang=") else ""
        if asked in LANGUAGES:
            return asked
    return reader_language()


def prepare_streams() -> None:
    """Make both streams able to show any name: where the console's own characters do not suffice, UTF-8."""
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        try:
            "青é≤".encode(stream.encoding)
        except (LookupError, UnicodeEncodeError):
            stream.reconfigure(encoding="utf-8", errors="replace")
        else:
            stream.reconfigure(errors="replace")


def console(stream: TextIO) -> Console:
    """A console that takes text as it is; text that goes into a file is neither wrapped nor coloured."""
    width = None if stream.isatty() else _UNBOUNDED
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)


def out() -> Console:
    """Where the answer goes."""
    return console(sys.stdout)


def err() -> Console:
    """Where progress, warnings and errors go."""
    return console(sys.stderr)


def plain(words: str) -> str:
    r"""Text from data without what steers a terminal (escape sequences, overrides of writing direction).

    Examples
    --------
    >>> plain("Heping\x1b[31m\u202e town")
    'Heping�[31m� town'
    """
    return "".join(
        "\ufffd" if ch in _STEERING or (unicodedata.category(ch) == "Cc" and ch != "\n") else ch for ch in words
    )


def one_line(words: str) -> str:
    r"""Text from data as a part of one line: `plain`, and whatever would break the line is a blank.

    Examples
    --------
    >>> one_line("Heping\n\u2028\x1b[31m town")
    'Heping �[31m town'
    """
    return plain(" ".join(words.split()))


def typed(words: str) -> str:
    r"""Words of the command line; what a terminal sent in another encoding than the locale's is unknown characters.

    Examples
    --------
    >>> typed("Heping\udcc7")
    'Heping�'
    """
    return words.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}


def show_problems(problems: Iterable[Problem], lang: str, where: Console | None = None) -> None:
    """One problem after the other, each led by its severity as a word."""
    target = where or err()
    for problem in problems:
        word = text(f"severity.{problem.severity.value}", lang)
        target.print(f"{word}: {plain(render(problem, lang))}", style=_STYLES[problem.severity])


def write_json(document: str) -> None:
    """Give other programs a document: always UTF-8, whatever the console speaks."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(document.rstrip("\n") + "\n")
