"""Pairs over the network and pairs beside it, against a dictionary that keeps the better of each."""

from __future__ import annotations

import numpy as np
import pytest

from circle.reach.pairs import _merged


@pytest.mark.parametrize("seed", range(40))
def test_of_every_pair_the_better_way_stays(seed: int) -> None:
    rng = np.random.default_rng(seed)
    number = np.unique(rng.integers(0, 400, rng.integers(0, 200)))
    others = rng.integers(0, 400, rng.integers(0, 100))  # in no order, and some of them twice
    network = ((number // 20).astype(np.int32), (number % 20).astype(np.int32), rng.integers(0, 50, len(number)))
    beside = ((others // 20).astype(np.int32), (others % 20).astype(np.int32), rng.integers(0, 50, len(others)))
    best: dict[tuple[int, int], int] = {}
    for site, place, cost in [*zip(*network, strict=True), *zip(*beside, strict=True)]:
        best[site, place] = min(cost, best.get((site, place), cost))
    found = _merged(network, beside)
    assert [column.dtype for column in found] == [np.int32, np.int32, np.int64]
    assert list(zip(*(column.tolist() for column in found), strict=True)) == [(*pair, best[pair]) for pair in sorted(best)]
