"""Keys as numbers, and which of them are equal."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from circle.model import Ints


def numbered(keys: Sequence[Hashable], *, in_order: bool = False) -> Ints:
    """A number for each key, equal where the keys are; -1 for None.

    Parameters
    ----------
    in_order
        Numbered by their order instead of by where each stands first.

    Examples
    --------
    >>> numbered(["b", "a", None, "b"]).tolist(), numbered(["b", "a", None, "b"], in_order=True).tolist()
    ([0, 1, -1, 0], [1, 0, -1, 1])
    """
    distinct: list[Any] = [key for key in dict.fromkeys(keys) if key is not None]
    number = {key: i for i, key in enumerate(sorted(distinct) if in_order else distinct)}
    number[None] = -1
    return np.fromiter((number[key] for key in keys), np.int64, len(keys))


def equal_pairs(one: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Every pair of places, in the first and in the second array, where equal values stand.

    Examples
    --------
    >>> [found.tolist() for found in equal_pairs(np.array([7, 5, 9]), np.array([5, 7, 5]))]
    [[0, 1, 1], [1, 0, 2]]
    """
    order = np.argsort(other, kind="stable")
    ranked = other[order]
    first, last = np.searchsorted(ranked, one, "left"), np.searchsorted(ranked, one, "right")
    count = last - first
    left = np.repeat(np.arange(len(one)), count)
    within = np.arange(len(left)) - np.repeat(np.cumsum(count) - count, count)
    return left, order[np.repeat(first, count) + within]
