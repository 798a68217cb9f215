"""Which of the installed fonts write the names in the data: a drawing must not hold empty boxes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from matplotlib import font_manager
from matplotlib.font_manager import FontProperties, fontManager

CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC",
    "Hiragino Sans GB", "Heiti SC", "STHeiti", "DengXian", "SimHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
    "Droid Sans Fallback", "Noto Sans CJK JP", "Noto Sans CJK TC", "Arial Unicode MS", "Noto Serif CJK SC", "SimSun",
)  # fmt: skip
"""Fonts with simplified Chinese, those that are best on a map first."""
ALWAYS = "DejaVu Sans"
"""Comes with matplotlib."""
READERS = (
    "'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','Microsoft YaHei','PingFang SC','Hiragino Sans GB',"
    "'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif"
)
"""What a page asks for: the reader's own fonts."""
_WRITTEN = "区中服务"


@cache
def families() -> tuple[str, ...]:
    """The fonts to draw with, those installed: one for Chinese if there is one, and the one that is always there."""
    known = {entry.name for entry in fontManager.ttflist}
    chinese = next((name for name in CHINESE if name in known and _holds(name, _WRITTEN)), None) or _found_anew()
    return (ALWAYS,) if chinese is None else (chinese, ALWAYS)


def _found_anew() -> str | None:
    """A font with Chinese that matplotlib's list does not know: installed after the list was made."""
    listed = {entry.fname for entry in fontManager.ttflist}
    for path in sorted(set(font_manager.findSystemFonts()) - listed):
        before = len(fontManager.ttflist)
        try:
            fontManager.addfont(path)
        except (OSError, RuntimeError, ValueError):  # a file that is no font after all
            continue
        for entry in fontManager.ttflist[before:]:
            if _holds(entry.name, _WRITTEN):
                return entry.name
    return None


def has_chinese() -> bool:
    """Whether pictures can hold Chinese."""
    return len(families()) > 1


@cache
def _characters(family: str) -> frozenset[int]:
    found = font_manager.findfont(FontProperties(family=[family]), fallback_to_default=False)
    return frozenset(font_manager.get_font(found).get_charmap())


def _holds(family: str, words: str) -> bool:
    return {ord(character) for character in words} <= _characters(family)


def legible(words: str) -> bool:
    """Whether a picture can hold these words without an empty box.

    Examples
    --------
    >>> legible("Heping, 62 %")
    True
    """
    missing = {ord(character) for character in words if not character.isspace()}
    for family in families():
        missing -= _characters(family)
    return not missing


@contextmanager
def quietly() -> Iterator[None]:
    """Draw without a word on signs that no font here has: where that is so, the reader's fonts or a number stand in."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+")
        warnings.filterwarnings("ignore", message=r".*does not have a glyph.*")
        yield
