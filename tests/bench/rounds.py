"""The same work several times in one process, for scripts that are measured from outside."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter


def rounds(work: Callable[[str, str, str], None], source: str, cells: str, out: str, times: str = "1") -> None:
    """Do `work` so many times; the seconds of each are the words of the last line printed."""
    seconds = []
    for _ in range(int(times)):
        begin = perf_counter()
        work(source, cells, out)
        seconds.append(perf_counter() - begin)
    print("\n", *seconds)
