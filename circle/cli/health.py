"""What ``circle check`` shows on the terminal: what the data hold, and what is suspicious about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from circle.cli.terminal import plain
from circle.messages import text

if TYPE_CHECKING:
    from circle.doctor.examine import Examination
    from circle.doctor.sheets import Sheet
    from circle.doctor.suspects import Suspects

ROOMY = 120
"""Characters that the widest table needs."""
LISTED = 10
"""Suspicious things of one kind; the page and ``--json`` have more."""


def show_health(found: Examination, lang: str, where: Console) -> None:
    """Tables and the list of suspicious things; nothing of data that could not be read."""
    if found.facts is None or found.suspects is None:
        return
    from circle.doctor.sheets import sheets

    for sheet in sheets(found.facts, lang):
        where.print()
        where.print(sheet.title, style="bold")
        where.print(_table(sheet, narrow=where.width < ROOMY))
        for note in sheet.notes:
            where.print(plain(note), style="dim")
    where.print()
    _show_suspects(found.suspects, lang, where)
    where.print()


def _table(sheet: Sheet, *, narrow: bool) -> Table:
    """A table whose names fold instead of being cut; numbers to the right."""
    shown = [number for number in range(len(sheet.headers)) if not (narrow and number in sheet.roomy)]
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for number in shown:
        justify: Literal["left", "right"] = "right" if number in sheet.numeric else "left"
        table.add_column(plain(sheet.headers[number]).replace("\n", " "), justify=justify, overflow="fold")
    for row in sheet.rows:
        table.add_row(*(plain(row[number]).replace("\n", " ") for number in shown))
    return table


def _show_suspects(suspects: Suspects, lang: str, where: Console) -> None:
    if not suspects.total:
        where.print(text("doctor.nothing", lang))
        return
    where.print(text("doctor.suspicious", lang), style="bold")
    for kind, total in suspects.total.items():
        where.print(f"{text(f'suspects.{kind}', lang)}: {total:,}", style="yellow")
        listed = [one for one in suspects.listed if one.kind == kind][:LISTED]
        for one in listed:
            sentence = plain(one.sentence(lang)).replace("\n", " ")
            where.print(f"  {one.lon:.5f}, {one.lat:.5f}  {sentence}")
        if total > len(listed):
            where.print("  " + text("doctor.more", lang, count=f"{total - len(listed):,}"), style="dim")
