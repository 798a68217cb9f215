"""The decisions of the rules on the terminal: a table per list."""

from __future__ import annotations

from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from circle.cli.terminal import plain
from circle.doctor.decisions import decisions_of
from circle.errors import Problem
from circle.messages import text


def show_decisions(problems: Iterable[Problem], lang: str, where: Console) -> None:
    """Print for every list which rule told the service of how many rows, with examples."""
    lists = list(decisions_of(problems))
    if not lists:
        where.print(text("check.no_decisions", lang))
    for place, every in lists:
        where.print(plain(text("check.decisions", lang, file=place)), style="bold")
        table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
        for name in ("rule", "outcome", "rows", "examples"):
            table.add_column(
                text(f"check.{name}", lang), justify="right" if name == "rows" else "left", overflow="fold"
            )
        joint = text("words.list_joint", lang)
        for one in every:
            examples = joint.join(one.examples)
            table.add_row(plain(one.called(lang)), plain(one.outcome(lang)), f"{one.rows:,}", plain(examples))
        where.print(table)
