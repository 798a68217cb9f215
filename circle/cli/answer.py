"""The answer on the terminal: a sentence, a table of services, the audit in people, where the map is."""

from __future__ import annotations

from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table

from circle.cli.terminal import out, plain
from circle.cli.wrapping import columns_of, shortened
from circle.export import answer, cost_words, limit_words, people_words, service_name, share_words
from circle.export.audit_words import audit_lines
from circle.export.whole_people import covered_words
from circle.export.words import ALL_SERVICES
from circle.lazily import pd
from circle.messages import text
from circle.model import Analysis
from circle.settings import Question

_OF_A_FILE = 100
"""Columns of the table where nobody says how wide the lines may be."""
_WIDEST = 120
_SERVICE = 24
_LINES = ("people", "share", "straight")


def show_answer(analysis: Analysis, folder: Path, lang: str, *, seconds: float, brief: bool = False) -> None:
    """Print everything a planner wants to know first.

    Parameters
    ----------
    analysis
        The whole answer.
    folder
        Where the files are.
    lang
        ``"en"`` or ``"zh"``.
    seconds
        How long it took from the command to the written folder.
    brief
        Only the sentence and the path of the map.
    """
    where = out()
    where.print(plain(answer(analysis, lang)), style="bold")
    if not brief:
        where.print()
        where.print(services_table(analysis, lang, width=where.width if where.is_terminal else _OF_A_FILE))
        where.print(text("run.table_note", lang, limit=limit_words(analysis.settings.main, analysis.settings, lang)))
        where.print()
        _show_audit(analysis, lang, where)
        where.print(text("run.seconds", lang, seconds=f"{seconds:.1f}"), style="dim")
    where.print(text("run.map", lang, path=plain(str(folder / "gap_map.html"))))


def services_table(analysis: Analysis, lang: str, *, width: int = 80) -> Table:
    """A row per service and one for all services; three lines per row keep it within 80 columns.

    Parameters
    ----------
    analysis, lang
        As in `show_answer`.
    width
        Columns that there are. Names give way, with an ellipsis; numbers never.
    """
    bare = _table_of(analysis, lang, 0)
    numbers = Console(width=10 * _WIDEST).measure(bare).maximum
    gap = max(columns_of(line) for cell in bare.columns[-1].cells for line in str(cell).split("\n"))
    gap = max(gap, columns_of(text("run.column_gap", lang)))
    return _table_of(analysis, lang, max(min(width, _WIDEST) - numbers + gap, gap))


def _table_of(analysis: Analysis, lang: str, most: int) -> Table:
    """The table with names of gaps in at most so many columns; without them if none."""
    question = analysis.settings
    table = Table(
        Column(text("run.column_service", lang), overflow="fold", min_width=4),
        Column("", no_wrap=True),
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
    )
    for limit in question.limits:
        table.add_column(f"≤ {limit_words(limit, question, lang)}", justify="right", no_wrap=True)
    for name in ("run.column_median", "run.column_p90"):
        table.add_column(text(name, lang), justify="right", overflow="fold")
    table.add_column(text("run.column_gap", lang), overflow="fold", min_width=8)
    rows = analysis.summary
    last = len(rows[rows["service"] != ALL_SERVICES]) - 1
    for number, (_, row) in enumerate(rows.iterrows()):
        table.add_row(*_cells(row, question, lang, most), end_section=number == last)
    return table


def _cells(row: pd.Series, question: Question, lang: str, most: int) -> list[str]:
    """The cells of one service."""
    service = str(row["service"])
    count = text("run.facilities", lang, count=int(row["facilities"]))
    cells = [f"{shortened(plain(service_name(service, lang)), _SERVICE)}\n{count}"]
    cells.append("\n".join(text(f"run.line_{line}", lang) for line in _LINES))
    for limit in question.limits:
        shares = (share_words(float(row[f"{name}_{limit.label}"]), lang) for name in ("share", "straight_share"))
        cells.append("\n".join((covered_words(row, float(row[f"covered_{limit.label}"])), *shares)))
    cells += [cost_words(float(row[f"{name}_{question.cost_name}"]), question, lang) for name in ("median", "p90")]
    people = row["largest_gap_people"]
    if pd.isna(people):
        return [*cells, text("run.no_gap", lang)]
    name = row["largest_gap_name"]
    shown = text("map.no_name", lang) if pd.isna(name) or not name else plain(str(name))
    shown = shortened(shown, most) if most else ""
    said = text("run.gap", lang, name=shown, people=people_words(float(people)))
    if service == ALL_SERVICES:  # a zone is of one service each
        said += "\n" + _of_service(row, lang)
    return [*cells, said]


def _of_service(row: pd.Series, lang: str) -> str:
    name = service_name(str(row["largest_gap_service"]), lang)
    return text("run.gap_of", lang, service=shortened(plain(name), _SERVICE))


def _show_audit(analysis: Analysis, lang: str, where: Console) -> None:
    lines = audit_lines(analysis, lang)
    where.print(text("audit.title", lang), style="bold")
    for line in lines:
        where.print(plain(line if line.startswith(" ") else f"- {line}"))
    where.print()
