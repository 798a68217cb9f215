"""Little pictures among letters: no font of text draws them, so paper shows empty boxes."""

from __future__ import annotations

import re
import unicodedata

_PRESENTED = (
    "\u231a\u231b\u23e9-\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4"
    "\u26c5\u26ce\u26d4\u26ea\u26f0-\u26f5\u26f7-\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757"
    "\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\U0001f000-\U0001faff"
)
"""Drawn in colours wherever they can be drawn at all (Unicode's Emoji_Presentation, and the planes of pictures)."""
_PICTOGRAPHS = re.compile(f"[{_PRESENTED}][\ufe0e\ufe0f\u200d\u2640\u2642\U000e0020-\U000e007f{_PRESENTED}]*")
_ALONE = re.compile(r"[\W_]*")


def without_pictographs(words: str) -> str:
    r"""Words without little pictures; of what consists of nothing else, what they are called.

    Examples
    --------
    >>> without_pictographs("\u26f0 Mountain \u26f0\ufe0f"), without_pictographs("\U0001f3e5")
    ('Mountain', '(hospital)')
    """
    if not _PICTOGRAPHS.search(words):
        return words
    left = re.sub(r"  +", " ", _PICTOGRAPHS.sub(" ", words)).strip(" ")
    if _ALONE.fullmatch(left):
        called = [unicodedata.name(sign, "").lower() for sign in dict.fromkeys(words) if _PICTOGRAPHS.match(sign)]
        return f"({', '.join(filter(None, called))})"
    return left
