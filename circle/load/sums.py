"""Rows of totals against the rows that they are sums of: where these differ, a row is missing or a figure is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from circle.model import Bools, Floats

EXACT = 0.5
"""People by which a sum may differ from its parts: published figures are whole."""


class Short(NamedTuple):
    """A total that is not the sum of its rows: its position, its people, and those of its rows."""

    row: int
    total: float
    parts: float


def short_totals(people: Floats, total: Bools, part: Bools, whole: Sequence[float]) -> list[Short]:
    """The totals that are neither the sum of all rows nor, where there are several, of rows next to them.

    Parameters
    ----------
    people
        (n,) NaN where unknown: nothing is said of these.
    total, part
        (n,) rows that are called totals, and rows that these may be sums of.
    whole
        What all rows add up to; more than one where it is open which rows belong to the whole.

    Examples
    --------
    Two blocks with their subtotals below, and a grand total that is one too many:

    >>> people = np.array([5.0, 2.0, 7.0, 1.0, 3.0, 4.0, 12.0])
    >>> total = np.array([False, False, True, False, False, True, True])
    >>> short_totals(people, total, ~total, [11.0])
    [Short(row=6, total=12.0, parts=11.0)]
    """
    found = []
    several = np.count_nonzero(total) > 1
    for i in np.flatnonzero(total & (people > 0)).tolist():
        above = _running(people, total, part, range(i - 1, -1, -1))
        below = _running(people, total, part, range(i + 1, len(people)))
        sums = [*whole, *above, *below] if several else list(whole)
        if np.isfinite(sums).all() and min(abs(one - people[i]) for one in sums) > EXACT:
            blocks = [*whole, *above[-1:], *below[-1:]] if several else whole
            found.append(Short(i, float(people[i]), min(blocks, key=lambda one: abs(one - float(people[i])))))
    return found


def _running(people: Floats, total: Bools, part: Bools, rows: range) -> list[float]:
    """The sums of the first, the first two … of the rows until the next total."""
    sums: list[float] = []
    for i in rows:
        if total[i]:
            break
        if part[i]:
            sums.append((sums[-1] if sums else 0.0) + float(people[i]))
    return sums
