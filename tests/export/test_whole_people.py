"""Printed people add up: in every row, whatever the fractions of people are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from circle.export.whole_people import REASON_NAMES, covered_words, reason_parts, whole_parts
from circle.export.words import people_words

PEOPLE = st.floats(0, 1e7)


def whole(words: str) -> int:
    """The number that is printed."""
    return int(words.replace(",", ""))


@given(st.lists(PEOPLE, min_size=1, max_size=9), st.sampled_from([0.0, 0.5, 1.0]))
def test_parts_add_up_and_none_is_far_from_what_it_is(parts: list[float], more: float) -> None:
    total = round(sum(parts) + more * 0.999)
    found = whole_parts(total, parts)
    assert sum(found) == total
    assert min(found) >= 0
    assert all(abs(number - part) <= 1 for number, part in zip(found, parts, strict=True))


@given(PEOPLE.filter(lambda x: x == 0 or x >= 0.5), PEOPLE, PEOPLE)
def test_covered_uncovered_and_unknown_are_all_people(covered: float, uncovered: float, unknown: float) -> None:
    row = {"people": covered + uncovered + unknown, "unknown": unknown}
    told = whole(covered_words(row, covered))
    left = row["people"] - covered - unknown
    assert told + round(left) + round(unknown) == round(row["people"])
    assert abs(told - covered) < 1.5 + 1e-6


@given(st.lists(PEOPLE, min_size=len(REASON_NAMES), max_size=len(REASON_NAMES)))
def test_reasons_add_up_to_those_not_covered(parts: list[float]) -> None:
    row = dict(zip(REASON_NAMES, parts, strict=True))
    told = reason_parts(row)
    assert list(told) == list(REASON_NAMES)
    if "<1" not in told.values():
        assert sum(map(whole, told.values())) == whole(people_words(sum(parts)).replace("<1", "0"))
