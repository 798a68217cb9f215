"""How many threads a piece of work may take: as many as the machine has, unless whole processes work side by side."""

from __future__ import annotations

import os

_most: int | None = None


def cpu_count() -> int:
    """Threads that a piece of work may take; 1 where nobody knows how many the machine has."""
    return _most or os.cpu_count() or 1


def take_threads(count: int) -> None:
    """From now on this process works in so many threads: others beside it have the rest of the machine."""
    global _most
    _most = count
