"""Quantiles weighted by people, for many areas and groups of people in one pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ROUNDING = 1e-12
"""Share of all weight by which a running sum may fall short of a quantile through floating point alone."""


def weighted_quantiles(
    values: Floats,
    weights: Floats,
    labels: npt.NDArray[np.integer],
    count: int,
    probabilities: Sequence[float],
) -> Floats:
    """The smallest value at which the weight counted up to it reaches a share of the whole, per label.

    This is the inverse of the weighted distribution function (type 1 of Hyndman & Fan 1996): always one of the values,
    so that an infinite one is an honest answer and never mixed with finite ones.

    Parameters
    ----------
    values
        (n,) any unit; ``inf`` sorts last, ``NaN`` is left out with its weight.
    weights
        (g, n) non-negative weights, one row per group.
    labels
        (n,) area of each value, 0 … count - 1; negative: left out.
    count
        Number of areas.
    probabilities
        p shares, each above 0 and at most 1.

    Returns
    -------
    Floats
        (g, count, p); NaN where an area has no weight.

    Examples
    --------
    Three people at 5, one at 9, one who never arrives: the third of five is at 5, the fifth is not there.

    >>> five, nine, never = 5.0, 9.0, np.inf
    >>> weighted_quantiles(
    ...     np.array([nine, five, never]), np.array([[1.0, 3.0, 1.0]]), np.zeros(3, np.int64), 1, (0.5, 0.9)
    ... ).tolist()
    [[[5.0, inf]]]
    """
    order = np.argsort(values, kind="stable")
    order = order[~np.isnan(values[order]) & (labels[order] >= 0)]
    order = order[np.argsort(labels[order], kind="stable")]
    ordered = values[order]
    ends = np.searchsorted(labels[order], np.arange(count), side="right")
    starts = np.concatenate(([0], ends[:-1]))
    result = np.full((weights.shape[0], count, len(probabilities)), np.nan)
    for group, weight in enumerate(weights):
        running = np.concatenate(([0.0], np.cumsum(weight[order])))
        base = running[starts]
        total = running[ends] - base
        peopled = total > 0
        slack = ROUNDING * running[-1]
        for column, probability in enumerate(probabilities):
            wanted = base + probability * total - slack
            found = np.searchsorted(running[1:], wanted, side="left")
            found = np.clip(found, starts, ends - 1)
            result[group, peopled, column] = ordered[found[peopled]]
    return result
