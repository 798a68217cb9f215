"""What ``--help`` shows: in the reader's language, whole, and as wide as the terminal is."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from circle.cli.usage import UsageError, usage_told
from circle.cli.wrapping import columns_of, wrapped
from circle.messages import text

_NARROWEST, _WIDEST = 40, 100
_INDENT, _GAP = 2, 2


class Row(NamedTuple):
    """A name, what it is, and facts about it."""

    name: str
    words: str
    facts: str = ""


class _Helpful:
    """A command whose help is a page of ours: typer's own tables cut words that are wider than a column."""

    lang = "en"

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page."""
        width = shutil.get_terminal_size().columns
        formatter.write(help_page(self, ctx, self.lang, min(max(width, _NARROWEST), _WIDEST)))


class Command(_Helpful, TyperCommand):
    """One command."""


class Group(_Helpful, TyperGroup):
    """All of them; what is wrong with the words is told here, before typer would."""

    def make_context(self, *args: Any, **more: Any) -> Any:
        """Read what stands before a command."""
        with usage_told(self, self.lang):
            return super().make_context(*args, **more)

    def invoke(self, ctx: Any) -> Any:
        """Read the rest, and run it."""
        with usage_told(self, self.lang):
            return super().invoke(ctx)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command asked for."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            error = UsageError("", ctx)
            error.unknown_command = args[0]
            raise error
        return super().resolve_command(ctx, args)


def help_page(command: Any, ctx: Any, lang: str, width: int) -> str:
    """The page of one command, or of all.

    Parameters
    ----------
    command, ctx
        As typer has them.
    lang
        Of the headings and facts; the command's own words are in it already.
    width
        Columns of the terminal.
    """
    usage = " ".join([ctx.command_path, *command.collect_usage_pieces(ctx)])
    rows: dict[str, list[Row]] = {"arguments": [], "options": [], "commands": []}
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record is not None:
            facts = _facts(record[1].removeprefix(parameter.help or ""), lang)
            rows[f"{parameter.param_type_name}s"].append(Row(record[0], parameter.help or "", facts))
    for name, own in getattr(command, "commands", {}).items():
        rows["commands"].append(Row(name, own.short_help))
    parts = [*wrapped(text("help.panel_usage", lang, words=usage), width), "", *wrapped(command.help, width)]
    for panel, found in rows.items():
        if found:
            parts += ["", typer.style(text(f"help.panel_{panel}", lang), bold=True), *_table(found, width)]
    return "\n".join(parts) + "\n"


def _facts(told: str, lang: str) -> str:
    """What typer tells of an option beyond its own words, in the reader's language."""
    said = told.strip()
    for fact in ("required", "default", "env var"):
        said = re.sub(rf"(?:(?<=^\[)|(?<=; )){fact}\b", text(f"help.fact_{fact.replace(' ', '_')}", lang), said)
    return said


def _beside(words: str, facts: str, width: int) -> list[str]:
    """The lines of one row; facts stand behind the words, or below where they would be torn."""
    lines = wrapped(words, width)
    if facts and columns_of(f"{lines[-1]} {facts}") <= width:
        lines[-1] = f"{lines[-1]} {facts}".lstrip()
        return lines
    return [*lines, *wrapped(facts, width)] if facts else lines


def _table(rows: Sequence[Row], width: int) -> list[str]:
    """Names on the left, words on the right; a name that is too long for that stands on a line of its own."""
    limit = int(width * 0.36)
    left = max((columns_of(row.name) for row in rows if columns_of(row.name) <= limit), default=limit)
    start = _INDENT + left + _GAP
    lines: list[str] = []
    for name, words, facts in rows:
        beside = _beside(words, facts, width - start)
        if columns_of(name) > left:
            lines += [" " * _INDENT + typer.style(part, bold=True) for part in wrapped(name, width - _INDENT)]
        else:
            padding = " " * (left + _GAP - columns_of(name))
            lines.append(" " * _INDENT + typer.style(name, bold=True) + padding + beside.pop(0))
        lines += [" " * start + part for part in beside]
    return lines
