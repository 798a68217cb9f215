"""Text from data on its way into a page, a document or a drawing: no character that any of them refuses or obeys."""

from __future__ import annotations

import re

_REFUSED = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, and the controls that nobody means: one of them, and Word opens nothing."""
_STEERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Overrides of writing direction; the marks and joiners that Arabic and Indian names need are not among them."""


def plain(value: object) -> str:
    r"""Text that every format can hold; what it cannot is a replacement character.

    Examples
    --------
    >>> plain("He\x00ping\u202e\ud800 town"), plain(None)
    ('He�ping�� town', '')
    """
    if value is None or value != value:
        return ""
    return _STEERING.sub("\ufffd", _REFUSED.sub("\ufffd", str(value)))


def label(value: object, longest: int = 24) -> str:
    r"""Text for a drawing: in one line, and cut where it is too long for one.

    Examples
    --------
    >>> label("Lower\n Heping"), label("abcdefgh", 5)
    ('Lower Heping', 'abcd…')
    """
    line = " ".join(plain(value).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
