"""How many threads a piece of work may take: as many as the machine has, unless whole processes work side by side."""

from __future__ import annotations

import os

_most: int | None = None


def cpu_count() -> int:
    """Threads that a piece of work may take; 1 where nobody knows how many the machine has."""
    return _most or os.cpu_count() or 1


def take_one_thread() -> None:
    """From now on this process works in one thread: there are as many processes as the machine has cores."""
    global _most
    _most = 1
