"""Two sides of a comparison take turns in one process; the quickest of each counts, for the machine only adds."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple, TypeVar

Ours = TypeVar("Ours")
Theirs = TypeVar("Theirs")


class Turns(NamedTuple):
    """Least seconds of each side."""

    ours_s: float
    theirs_s: float

    @property
    def ratio(self) -> float:
        return self.theirs_s / self.ours_s

    @property
    def seconds(self) -> dict[str, float]:
        """As `figure` takes them."""
        return {"ours_s": self.ours_s, "peer_s": self.theirs_s}

    def __str__(self) -> str:
        return f"circle {self.ours_s * 1e3:.0f} ms, peer {self.theirs_s * 1e3:.0f} ms: {self.ratio:.1f} times as fast"


def turns(
    ours: Callable[[], Ours], theirs: Callable[[], Theirs], times: int, *, theirs_times: int | None = None
) -> tuple[Turns, Ours, Theirs]:
    """Seconds and what both answered last. A peer that takes very long may have fewer turns, the first ones."""
    least = [float("inf"), float("inf")]
    answer, other = ours(), None  # what compiles, compiles now
    for turn in range(times):
        begin = perf_counter()
        answer = ours()
        least[0] = min(least[0], perf_counter() - begin)
        if turn < (theirs_times or times):
            begin = perf_counter()
            other = theirs()
            least[1] = min(least[1], perf_counter() - begin)
    assert other is not None
    return Turns(*least), answer, other
