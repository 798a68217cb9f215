"""Text from data on its way into a page, a document or a drawing: no character that any of them refuses or obeys."""

from __future__ import annotations

import re
from itertools import accumulate
from unicodedata import east_asian_width

from circle.lazily import pd
from circle.report.pictographs import without_pictographs

_REFUSED = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, and the controls that nobody means: one of them, and Word opens nothing."""
_STEERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Overrides of writing direction; the marks and joiners that Arabic and Indian names need are not among them."""

_LEFT_AGAIN = re.compile("(?<=[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc])(?=[^\\w\u0590-\u08ff]*[0-9])")
"""Between a word that runs from right to left and a number behind it."""


def plain(value: object) -> str:
    r"""Text that every format can hold; what it cannot is a replacement character, and little pictures are left out.

    Examples
    --------
    >>> plain("He\x00ping\u202e\ud800 town"), plain(None)
    ('He�ping�� town', '')
    """
    if value is None or value is pd.NA or value != value:
        return ""
    return without_pictographs(_STEERING.sub("\ufffd", _REFUSED.sub("\ufffd", str(value))))


def in_order(words: str) -> str:
    r"""Words in which no number is drawn before the Arabic or Hebrew name that it stands behind.

    Examples
    --------
    >>> in_order("\u0641 (2)") == "\u0641\u200e (2)", in_order("Heping (2)")
    (True, 'Heping (2)')
    """
    return _LEFT_AGAIN.sub("\u200e", words)


def label(value: object, longest: int = 28) -> str:
    r"""Text for a drawing: in one line, and cut where it is too long for one; Chinese signs count twice.

    Examples
    --------
    >>> label("Lower\n Heping"), label("abcdefgh", 5), label("青溪县城第一小学", 8)
    ('Lower Heping', 'abcd…', '青溪县…')
    """
    line = " ".join(plain(value).split())
    widths = [2 if east_asian_width(sign) in "WF" else 1 for sign in line]
    if sum(widths) <= longest:
        return line
    kept = sum(1 for reached in accumulate(widths) if reached < longest)
    return line[:kept] + "…"
