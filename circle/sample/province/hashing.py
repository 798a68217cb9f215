"""Random numbers that belong to a place instead of to an order: the same wherever and whenever they are asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from circle.model import Floats, Ints

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def uniform(seed: int, stream: int, *keys: Ints | int) -> Floats:
    """Numbers from 0 to 1, one for each row of whole-number `keys`, by the finaliser of SplitMix64.

    Parameters
    ----------
    seed, stream
        Which numbers: those of other seeds and streams have nothing to do with them.
    keys
        Whole numbers or arrays of one shape.

    Examples
    --------
    >>> one = uniform(7, 0, np.arange(4), 2)
    >>> bool((uniform(7, 0, np.arange(3, -1, -1), 2)[::-1] == one).all()), len(set(one.tolist()))
    (True, 4)
    """
    state: Any = np.array((seed & 0xFFFFFFFF) << 16 | stream, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for key in keys:
            state = _mixed(state + np.asarray(key, dtype=np.int64).astype(np.uint64) * _MIX_1)
        state = _mixed(state)
    return np.asarray((state >> np.uint64(11)).astype(np.float64) * 2.0**-53)


def _mixed(state: Any) -> Any:
    state = state + _GOLDEN
    state = (state ^ (state >> np.uint64(30))) * _MIX_1
    state = (state ^ (state >> np.uint64(27))) * _MIX_2
    return state ^ (state >> np.uint64(31))
