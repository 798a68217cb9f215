"""How a batch is followed: by a person at a terminal, in a log, or by another program."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from circle.batch.events import Listener, Standing, plain_event
from circle.batch.records import Record
from circle.cli.terminal import err, one_line, plain, show_problems
from circle.cli.wrapping import shortened
from circle.errors import render
from circle.messages import text
from circle.store import writing

_LOG = logging.getLogger("circle.batch")
_NAME = 28
_SECOND, _MINUTE, _HOUR = 1, 60, 3600


class JsonLines:
    """Every event as a line of JSON on standard output, for other programs; always UTF-8."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def hear(self, name: str, told: Mapping[str, Any], tally: Standing) -> None:
        """Write it."""
        document = json.dumps(plain_event(name, told, tally, self._lang), ensure_ascii=False, allow_nan=False)
        sys.stdout.buffer.write(document.encode("utf-8", "replace") + b"\n")
        sys.stdout.flush()


class LogLines:
    """Every event as a line of the log."""

    def __init__(self, handler: logging.Handler) -> None:
        self._handler = handler

    def hear(self, name: str, told: Mapping[str, Any], tally: Standing) -> None:
        """Write it; of a fault of ours, the trace, too."""
        event = plain_event(name, told, tally, "en")
        trace = event.pop("trace", "")
        level = logging.WARNING if name in ("worker_died", "fault") else logging.INFO
        words = json.dumps(event, ensure_ascii=False) + (f"\n{trace}" if trace else "")
        self._handler.handle(_LOG.makeRecord(_LOG.name, level, "", 0, words, (), None))


class Lines:
    """A plain line for every county that ends."""

    def __init__(self, lang: str, where: Console, *, stages: bool = True) -> None:
        self._lang = lang
        self._where = where
        self._stages = stages

    def hear(self, name: str, told: Mapping[str, Any], tally: Standing) -> None:
        """Say what a person wants to know of it."""
        if name == "stage":
            if self._stages:
                self._where.print(text(f"stage.{told['stage']}", self._lang))
        elif name == "prepared":
            show_problems(told["problems"], self._lang, self._where)
        elif name == "county_ended":
            self._say_ended(told["record"], tally)
        elif name == "worker_died":
            self._print("batch.died", {"county": shown_county(told["county"]), "times": told["times"]}, "yellow")
        elif name == "county_gone":
            self._print("batch.gone", {"folder": plain(told["folder"])}, None)
        elif name == "fault":
            self._print("batch.fault_traced", {"county": shown_county(told["county"])}, "red")
        elif name == "cluster" and told["dashboard"]:
            self._print("batch.dashboard", {"address": told["dashboard"]}, "dim")

    def _say_ended(self, record: Record, tally: Standing) -> None:
        values: dict[str, Any] = {
            "ended": f"{tally.ended:,}",
            "counties": f"{tally.counties:,}",
            "county": shown_county(record.county),
            "people": f"{record.people:,.0f}",
            "seconds": f"{record.seconds:.1f}",
            "left": shown_left(tally.seconds_left, self._lang),
        }
        self._print(f"batch.county_{record.state.value}", values, {"failed": "red"}.get(record.state.value))
        if record.state.value == "failed":
            for problem in record.problems[:3]:
                self._where.print(f"  {plain(render(problem, self._lang))}", style="red")

    def _print(self, key: str, values: Mapping[str, Any], style: str | None) -> None:
        self._where.print(text(key, self._lang, **values), style=style)


class Live(Lines):
    """A bar that grows with the weight of what is done; below it who is at work, and failures as lines above."""

    def __init__(self, lang: str, live: Progress) -> None:
        super().__init__(lang, live.console, stages=False)
        self._live = live
        self._task: TaskID = live.add_task("", total=None)

    def hear(self, name: str, told: Mapping[str, Any], tally: Standing) -> None:
        """Show it."""
        if name != "county_ended" or told["record"].state.value == "failed":
            super().hear(name, told, tally)
        if name == "stage":
            self._live.update(self._task, description=text(f"stage.{told['stage']}", self._lang))
        elif name != "ended" and tally.counties:
            words = text(
                "batch.bar",
                self._lang,
                ended=f"{tally.ended:,}",
                counties=f"{tally.counties:,}",
                running=len(tally.running),
                failed=tally.failed,
                people=f"{tally.people:,.0f}",
                gigabytes=f"{tally.peak_bytes * max(tally.workers, 1) / 1e9:.1f}",
                left=shown_left(tally.seconds_left, self._lang),
            )
            self._live.update(self._task, description=words, total=tally.weight or 1.0, completed=tally.ended_weight)


def shown_county(county: Any) -> str:
    """Code and name in one line that has room for both, without what steers a terminal."""
    return " ".join(shortened(one_line(words), _NAME) for words in (county.code, county.name)).strip()


def shown_left(seconds: float | None, lang: str) -> str:
    """Time left in words, coarse, as it is known."""
    if seconds is None:
        return text("batch.left_unknown", lang)
    if seconds < 2 * _MINUTE:
        return text("batch.left_seconds", lang, count=f"{seconds:.0f}")
    if seconds < 2 * _HOUR:
        return text("batch.left_minutes", lang, count=f"{seconds / _MINUTE:.0f}")
    return text("batch.left_hours", lang, count=f"{seconds / _HOUR:.1f}")


@contextmanager
def listener_shown(lang: str, *, quiet: bool) -> Iterator[Sequence[Listener]]:
    """Whoever looks on at standard error."""
    target = err()
    if quiet:
        yield ()
    elif not target.is_terminal:
        yield (Lines(lang, target),)
    else:
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), TimeElapsedColumn())
        with Progress(*columns, console=target) as live:
            yield (Live(lang, live),)


@contextmanager
def log_opened(path: Path | None) -> Iterator[logging.Handler | None]:
    """A log that grows from run to run; None where nobody wants one."""
    if path is None:
        yield None
        return
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(path, encoding="utf-8", errors="replace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    try:
        yield handler
    finally:
        handler.close()
