"""Weighted quantiles against the plain definition: repeat every value as often as people stand there, sort, count."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from circle.kernels.quantiles import weighted_quantiles

SHARES = {0.1: Fraction(1, 10), 0.5: Fraction(1, 2), 0.9: Fraction(9, 10), 1.0: Fraction(1)}
VALUES = st.one_of(st.integers(0, 20).map(float), st.just(math.inf), st.just(math.nan))
PLACES = st.lists(st.tuples(VALUES, st.integers(0, 30), st.integers(0, 30), st.integers(-1, 2)), max_size=40)


def _by_repeating(values: np.ndarray, people: np.ndarray, share: Fraction) -> float:
    known = ~np.isnan(values)
    everyone = np.sort(np.repeat(values[known], people[known]))
    return float(everyone[math.ceil(share * len(everyone)) - 1]) if len(everyone) else math.nan


@given(PLACES)
def test_quantiles_are_those_of_people_lined_up_one_by_one(places: list[tuple[float, int, int, int]]) -> None:
    values = np.array([place[0] for place in places], dtype=float)
    people = np.array([[place[1] for place in places], [place[2] for place in places]], dtype=np.int64)
    labels = np.array([place[3] for place in places], dtype=np.int64)
    found = weighted_quantiles(values, people.astype(float), labels, 3, tuple(SHARES))
    for group in range(2):
        for label in range(3):
            here = labels == label
            expected = [_by_repeating(values[here], people[group, here], share) for share in SHARES.values()]
            np.testing.assert_array_equal(found[group, label], expected)


def test_tenths_of_people_add_up_in_spite_of_floating_point() -> None:
    """Ten places of 0.1 people, 1 to 10: half of the people are reached at 5 although ten times 0.1 is not 1."""
    found = weighted_quantiles(np.arange(1.0, 11.0), np.full((1, 10), 0.1), np.zeros(10, dtype=np.int64), 1, (0.5, 0.9))
    assert found.tolist() == [[[5.0, 9.0]]]


def test_nobody_anywhere_has_no_quantile() -> None:
    found = weighted_quantiles(np.zeros(0), np.zeros((2, 0)), np.zeros(0, dtype=np.int64), 2, (0.5,))
    assert found.shape == (2, 2, 1)
    assert np.isnan(found).all()
