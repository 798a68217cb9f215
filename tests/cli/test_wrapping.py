"""Laws of wrapping: nothing is left out, no line is too long, words are torn only where they must be."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from circle.cli.wrapping import columns_of, wrapped

WORDS = st.text(st.sampled_from("ab-/.,;()[]“”（）、。：青溪县é…— \n"), max_size=80)


@given(words=WORDS, width=st.integers(2, 30))
def test_nothing_is_left_out_and_no_line_is_too_long(words: str, width: int) -> None:
    """By our count, and by rich's, for which a character of unclear width is narrow."""
    lines = wrapped(words, width)
    assert "".join("".join(lines).split()) == "".join(words.split())
    assert all(columns_of(line) <= width and cell_len(line) <= width for line in lines)
    assert all(line == line.strip() and line for line in lines) or lines == [""]


@given(words=st.lists(st.text(st.sampled_from("abc"), min_size=1, max_size=9), min_size=1), width=st.integers(9, 30))
def test_latin_words_stay_whole(words: list[str], width: int) -> None:
    """And lines are as full as they can be: the next word would not have fitted."""
    lines = wrapped(" ".join(words), width)
    assert " ".join(lines).split() == words
    for line, following in pairwise(lines):
        assert len(f"{line} {following.split()[0]}") > width


@given(
    parts=st.lists(st.sampled_from(["青", "溪县", "（osm）", "一，", "“路”", " a ", "数。"]), max_size=30),
    width=st.integers(10, 40),
)
def test_closing_marks_begin_no_line_and_opening_ones_end_none(parts: list[str], width: int) -> None:
    for line in wrapped("".join(parts), width):
        assert line == "" or (line[0] not in "，。”）" and line[-1] not in "（“")


def test_what_is_longer_than_a_line_ends_at_a_slash() -> None:
    assert wrapped("以 https://example.org/api 为例", 12) == ["以", "https://", "example.org/", "api 为例"]
    assert wrapped("abcdefgh", 3) == ["abc", "def", "gh"]
