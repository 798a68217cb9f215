"""Work that is done in a process of its own, so that what it took of memory goes with it."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from circle.errors import CircleError, Problem, ResourceError, Severity
from circle.stages import Progress

Answer = TypeVar("Answer")

_COMPILING = "circle.kernels.compiled"
"""Whoever compiles there tells this process's own listeners."""


def apart(work: Callable[[Progress], Answer], progress: Progress) -> Answer:
    """What `work` gives, done by another process, which ends with this one.

    Parameters
    ----------
    work
        Can be pickled, and so can its answer.
    progress
        Told of its stages.

    Raises
    ------
    CircleError
        As `work` raised it, or of which it died.
    """
    system = multiprocessing.get_context("spawn")
    here, there = system.Pipe(duplex=False)
    process = system.Process(target=_work, args=(work, there), daemon=True)
    process.start()
    there.close()
    try:
        answer: Answer = _heard(here, progress)
    finally:
        here.close()
        process.kill()
        process.join()
    return answer


def _heard(here: Connection, progress: Progress) -> Any:
    while True:
        try:
            kind, told = here.recv()
        except EOFError:
            raise ResourceError(Problem("batch.died_preparing", Severity.ERROR)) from None
        if kind == "stage":
            progress.start(told)
        elif kind == "log":
            logging.getLogger(_COMPILING).info("%s", told[0], extra=told[1])
        elif kind == "failed":
            raise told[0](told[1])
        elif kind == "memory":
            raise MemoryError
        else:
            return told


class _Sender(logging.Handler):
    """Tells the other side of stages and of kernels that are compiled."""

    def __init__(self, there: Connection) -> None:
        super().__init__()
        self._there = there

    def start(self, stage: str) -> None:
        """Stage `stage` begins."""
        self._there.send(("stage", stage))

    def emit(self, record: logging.LogRecord) -> None:
        """Pass it on."""
        self._there.send(("log", (record.getMessage(), {"unkept": getattr(record, "unkept", False)})))


def _work(work: Callable[[Progress], Any], there: Connection) -> None:
    """In the other process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the first one, which ends this one
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sender = _Sender(there)
    logger = logging.getLogger(_COMPILING)
    logger.addHandler(sender)
    logger.setLevel(logging.INFO)
    try:
        answer = ("done", work(sender))
    except CircleError as error:
        answer = ("failed", (type(error), error.problems))
    except MemoryError:
        answer = ("memory", None)
    there.send(answer)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
