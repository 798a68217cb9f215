"""The stages of an analysis as they pass: who is told of them, and how long each takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Protocol, TypeVar

First = TypeVar("First")
Second = TypeVar("Second")


class Progress(Protocol):
    """Told when a stage begins."""

    def start(self, stage: str) -> None:
        """Stage `stage` begins."""


class Silent:
    """Progress that nobody watches."""

    def start(self, stage: str) -> None:
        """Say nothing."""


@dataclass
class Clock:
    """Seconds per stage."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, *, told: bool = True) -> Iterator[None]:
        """Count what happens inside as stage `name`; tell of it, unless that was done."""
        if told:
            self.progress.start(name)
        begin = perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - begin

    def both(
        self, names: tuple[str, str], first: Callable[[], First], second: Callable[[], Second], *, small: bool
    ) -> tuple[First, Second]:
        """Two stages that do not need each other: at a time where the work is `small`, else one after the other."""
        if not small:
            with self.stage(names[0]):
                begun = first()
            with self.stage(names[1]):
                return begun, second()
        for name in names:
            self.progress.start(name)
            self.seconds[name] = 0.0  # stages keep their order, whichever ends first

        def beside() -> Second:
            with self.stage(names[1], told=False):
                return second()

        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(beside)
            with self.stage(names[0], told=False):
                begun = first()
            return begun, other.result()
