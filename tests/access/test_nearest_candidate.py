"""The candidate with the shortest leg, against a loop over places."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from circle.access.audit import _nearest_candidate


@pytest.mark.parametrize("seed", range(30))
def test_the_shortest_leg_of_each_place_is_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = rng.integers(0, 4, rng.integers(0, 40)) * (seed > 0)  # with seed 0 nobody has any
    offset = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    leg_m = rng.integers(0, 3, offset[-1]).astype(float)  # equal ones are common
    expected = []
    for begin, end in zip(offset[:-1].tolist(), offset[1:].tolist(), strict=True):
        expected.append(min(range(begin, end), key=lambda c: leg_m[c]) if end > begin else -1)  # min takes the first
    assert _nearest_candidate(SimpleNamespace(offset=offset, leg_m=leg_m)).tolist() == expected
