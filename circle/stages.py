"""The stages of an analysis as they pass: who is told of them, and how long each takes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Protocol, TypeVar

First = TypeVar("First")
Second = TypeVar("Second")


_BESIDE = "circle-stage"


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
        """Two stages that do not need each other: at a time where the work is `small`, else one after the other.

        Whoever is interrupted does not wait for the other stage, which comes to its end by itself, soon, and unheard.
        """
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

        pool = ThreadPoolExecutor(1, _BESIDE)
        other = pool.submit(beside)
        pool.shutdown(wait=False)
        with _AwaitedUnlessInterrupted(other), self.stage(names[0], told=False):
            begun = first()
        return begun, other.result()


class _AwaitedUnlessInterrupted(AbstractContextManager["_AwaitedUnlessInterrupted"]):
    """A block at whose end the other stage has ended, too, be it by a fault: nothing works on behind anybody's back."""

    def __init__(self, other: Future[Any]) -> None:
        self._other = other

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None or issubclass(kind, Exception):
            wait([self._other])


def is_still_at_work() -> bool:
    """Whether a stage runs on that nobody waits for any more."""
    return any(thread.name.startswith(_BESIDE) for thread in threading.enumerate())
