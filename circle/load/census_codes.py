"""Statistical codes of Chinese areas: which stands for the same area, which lies inside which.

Twelve digits say province (2), prefecture (2), county (2), township (3) and village (3); zeros at the end say that an
area is larger. So ``330825``, ``330825000`` and ``330825000000`` are one county, and a table that mixes levels can be
told apart by its codes alone.
"""

from __future__ import annotations

import re

LEVELS = (2, 4, 6, 9, 12)
"""Digits down to province, prefecture, county, township, village."""
COUNTY_DIGITS = 6
_PROVINCES = frozenset(
    str(tens * 10 + ones)
    for tens, most in ((1, 5), (2, 3), (3, 7), (4, 6), (5, 4), (6, 5), (7, 1), (8, 2))
    for ones in range(1, most + 1)
)
"""11 Beijing … 65 Xinjiang, 71 Taiwan, 81 Hong Kong, 82 Macau."""


def area_of_code(text: str | None) -> str | None:
    """The digits that say something, or None for what is no statistical code of six, nine or twelve digits.

    >>> [area_of_code(code) for code in ("330825101000", "330825000", "330800", "330825101201", "3308", "330825A")]
    ['330825101', '330825', '3308', '330825101201', None, None]
    """
    if text is None or not text.isascii() or not text.isdecimal() or len(text) not in LEVELS[2:]:
        return None
    if text[:2] not in _PROVINCES:
        return None
    for longer, shorter in zip(LEVELS[:0:-1], LEVELS[-2::-1], strict=True):
        if len(text) == longer and not text[shorter:].strip("0"):
            text = text[:shorter]
    return text


def is_rounded(text: str | None) -> bool:
    """Whether a spreadsheet has made a number of a code and saved it as it looked: its last digits are gone.

    >>> is_rounded("3.30825E+11"), is_rounded("330825101000")
    (True, False)
    """
    return text is not None and re.fullmatch(r"\d(\.\d+)?[eE]\+?\d{1,2}", text) is not None


def larger_areas(code: str) -> list[str]:
    """The areas that an area lies in, the smallest first.

    >>> larger_areas("330825101")
    ['330825', '3308', '33']
    """
    return [code[:digits] for digits in LEVELS[-2::-1] if digits < len(code)]
