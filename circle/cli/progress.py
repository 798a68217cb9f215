"""Stages on standard error: a spinner and a clock where a person looks on, one plain line per stage elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from circle.cli.terminal import err
from circle.messages import text


class Stages:
    """Says which stage is at work; ended by leaving `shown`."""

    def __init__(self, lang: str, live: Progress | None) -> None:
        self._lang = lang
        self._live = live
        self._task: TaskID | None = None

    def start(self, stage: str) -> None:
        """End the stage before, begin `stage`."""
        self.end()
        if self._live is not None:
            self._task = self._live.add_task(text(f"stage.{stage}", self._lang), total=1)
        else:
            err().print(text(f"stage.{stage}", self._lang))

    def end(self) -> None:
        """Tick off the stage at work."""
        if self._live is not None and self._task is not None:
            self._live.update(self._task, completed=1)
            self._task = None


class Silence:
    """Progress that says nothing."""

    def start(self, stage: str) -> None:
        """Take note of nothing."""
        del stage


@contextmanager
def shown(lang: str, *, quiet: bool = False) -> Iterator[Stages | Silence]:
    """Progress for one piece of work."""
    if quiet:
        yield Silence()
        return
    target = err()
    if not target.is_terminal:
        yield Stages(lang, None)
        return
    columns = (SpinnerColumn(finished_text="✓"), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=target) as live:
        stages = Stages(lang, live)
        yield stages
        stages.end()
