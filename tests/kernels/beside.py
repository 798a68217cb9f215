"""What stands in a line of the table of oracles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


def as_they_are(*case: Any) -> tuple[Any, ...]:
    return case


def exactly(own: Any, other: Any) -> None:
    """Equal arrays, or equal tuples of arrays; infinite and unknown where the other is."""
    if isinstance(other, tuple):
        assert len(own) == len(other)
        for mine, its in zip(own, other, strict=True):
            exactly(mine, its)
    else:
        np.testing.assert_array_equal(np.asarray(own), np.asarray(other))


def within(*, rtol: float = 0.0, atol: float = 0.0) -> Callable[[Any, Any], None]:
    def closely(own: Any, other: Any) -> None:
        if isinstance(other, tuple):
            assert len(own) == len(other)
            for mine, its in zip(own, other, strict=True):
                closely(mine, its)
        else:
            np.testing.assert_allclose(own, other, rtol=rtol, atol=atol)

    return closely


class Beside(NamedTuple):
    """A kernel, its oracle, and how both are asked.

    Parameters
    ----------
    entry
        Module and name of the kernel in `circle.kernels`, as the rooms above import it.
    kernel, oracle
        From a case to the answer; `kernel` is the entry itself, or the few entries that answer one question.
    library
        Whose the oracle is.
    case
        A small random case: the arguments of `kernel`.
    theirs
        From a case to the arguments of `oracle`; outside what a benchmark measures.
    agree
        Fails where the answers differ.
    large
        The case of the benchmark, where one measures this kernel.
    """

    entry: str
    kernel: Callable[..., Any]
    oracle: Callable[..., Any]
    library: str
    case: Callable[[np.random.Generator], tuple[Any, ...]]
    theirs: Callable[..., tuple[Any, ...]] = as_they_are
    agree: Callable[[Any, Any], None] = exactly
    large: Callable[..., tuple[Any, ...]] | None = None

    def check(self, case: tuple[Any, ...]) -> None:
        expected = self.oracle(*self.theirs(*case))
        self.agree(self.kernel(*case), expected)
