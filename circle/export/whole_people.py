"""Fractions of people told as whole people, so that what stands in a row adds up to what stands beside it.

People of cells and districts are no whole numbers. Whoever adds up a printed row finds a person too many or too few
where every number was rounded by itself; so the parts of a row are rounded together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from circle.export.words import people_words
from circle.lazily import pd
from circle.model import REASONS

Row: TypeAlias = "Mapping[Any, Any] | pd.Series[Any]"
REASON_NAMES = tuple(reason.name.lower() for reason in REASONS)


def whole_parts(total: int, parts: Sequence[float]) -> list[int]:
    """Parts in whole numbers that add up to `total`, none farther than one from what it is.

    The largest fractions are rounded up (Hamilton's method); of equal ones the first.

    Parameters
    ----------
    total
        What they add up to when rounded as a whole.
    parts
        Not negative; they add up to `total`, give or take one.

    Examples
    --------
    >>> whole_parts(10, [3.4, 3.4, 3.2]), whole_parts(2, [0.5, 0.5, 0.5]), whole_parts(0, [0.0, 0.0])
    ([4, 3, 3], [1, 1, 0], [0, 0])
    """
    values = np.asarray(parts, np.float64)
    whole = np.floor(values).astype(int)
    order = np.argsort(-(values - whole), kind="stable")
    missing = total - int(whole.sum())
    whole[order[: max(missing, 0)]] += 1
    if missing < 0:  # the whole was rounded down, and no part has a fraction to give
        lessened = [number for number in order[::-1].tolist() if whole[number] > 0][:-missing]
        whole[lessened] -= 1
    return [int(number) for number in whole]


def covered_words(row: Row, covered: float) -> str:
    """People covered, so that together with those not covered and those of unknown location they are all.

    Parameters
    ----------
    row
        With ``people`` and ``unknown``.
    covered
        How many of them are covered.

    Examples
    --------
    Neither 3.5 nor 6.5 is rounded up beside a total of ten:

    >>> covered_words({"people": 10.0, "unknown": 0.0}, 3.5), people_words(6.5)
    ('4', '6')
    >>> covered_words({"people": 208373.6, "unknown": 0.0}, 148674.3), people_words(208373.6 - 148674.3)
    ('148,675', '59,699')
    """
    if not math.isfinite(covered) or 0 < covered < 0.5:
        return people_words(covered)
    people, unknown = float(row["people"]), float(row["unknown"])
    return f"{round(people) - round(people - covered - unknown) - round(unknown):,}"


def reason_parts(row: Row) -> dict[str, str]:
    """People by the reason why they are not covered, which add up to those who are not."""
    parts = [float(row[reason]) for reason in REASON_NAMES]
    whole = whole_parts(round(sum(parts)), parts)
    return {
        reason: people_words(part) if 0 < part < 0.5 else f"{number:,}"
        for reason, part, number in zip(REASON_NAMES, parts, whole, strict=True)
    }
