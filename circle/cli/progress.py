"""Stages on standard error: a spinner or a bar and a clock where a person looks on, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from circle.cli.terminal import err, show_problems
from circle.errors import Problem, Severity
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

    def say(self, problem: Problem) -> None:
        """Something to know now."""
        show_problems([problem], self._lang, None if self._live is None else self._live.console)

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

    def say(self, problem: Problem) -> None:
        """Keep it."""
        del problem


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


class Bars:
    """Steps whose parts are counted, for `circle.fetch`; `begin` again of the step at work corrects its total."""

    def __init__(self, lang: str, live: Progress | None, *, quiet: bool = False) -> None:
        self._lang = lang
        self._live = live
        self._quiet = quiet
        self._step: str | None = None
        self._task: TaskID | None = None
        self._total: int | None = None
        self._tenths = 0

    def begin(self, step: str, total: int | None = None) -> None:
        """A step begins, or its total is known better."""
        if step == self._step:
            self._total = total
            if self._live is not None and self._task is not None:
                self._live.update(self._task, total=total)
            return
        self.end()
        self._step, self._total, self._tenths = step, total, 0
        name = text(f"fetch_step.{step}", self._lang)
        if self._live is not None:
            self._task = self._live.add_task(name, total=total)
        elif not self._quiet:
            err().print(name)

    def done(self, parts: int) -> None:
        """So many parts of the step are done; in a log every tenth is a line."""
        if self._live is not None and self._task is not None:
            self._live.update(self._task, completed=parts)
        elif self._total and not self._quiet and parts * 10 // self._total > self._tenths:
            self._tenths = parts * 10 // self._total
            err().print(f"  {parts / self._total:.0%}")

    def say(self, problem: Problem) -> None:
        """Something to know now; whoever wants quiet still hears warnings."""
        if not self._quiet or problem.severity is Severity.WARNING:
            show_problems([problem], self._lang, None if self._live is None else self._live.console)

    def end(self) -> None:
        """Tick off the step at work."""
        if self._live is not None and self._task is not None:
            total = self._total or 1
            self._live.update(self._task, total=total, completed=total)
            self._task = None


@contextmanager
def bars_shown(lang: str, *, quiet: bool = False) -> Iterator[Bars]:
    """Progress of a fetch."""
    target = err()
    if quiet or not target.is_terminal:
        yield Bars(lang, None, quiet=quiet)
        return
    columns = (SpinnerColumn(finished_text="✓"), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=target) as live:
        bars = Bars(lang, live)
        yield bars
        bars.end()
