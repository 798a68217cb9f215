"""Lines of a given width: Chinese may end after almost any character, and takes two columns for each."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_NEVER_FIRST = set("，。、；：！？）】》”’…—,.;:!?)]}%")
_NEVER_LAST = set("（【《“‘([{")


def columns_of(words: str) -> int:
    """How many columns words take at most: what some terminals show narrow and some wide counts as wide.

    Examples
    --------
    >>> columns_of("a青“")
    5
    """
    return sum(2 if _is_wide(ch) else 1 for ch in words)


def wrapped(words: str, width: int) -> list[str]:
    """Words in lines of at most `width` columns (two at least), nothing left out.

    Latin words stay whole where they fit into a line; no line begins with a closing mark or ends with an opening one
    where that can be helped.

    Examples
    --------
    >>> wrapped("道路（osm），或瓦片服务器的 URL address", 12)
    ['道路', '（osm），或', '瓦片服务器的', 'URL address']
    """
    lines, line = [], ""
    for piece in _pieces(words):
        if line and columns_of((line + piece).rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
        while columns_of(line.rstrip()) > width:
            head = _fitting(line, width)
            lines.append(line[:head])
            line = line[head:]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def shortened(words: str, width: int) -> str:
    """Words in at most `width` columns (two at least), with an ellipsis for what was cut off their end.

    Examples
    --------
    >>> shortened("Llanfairpwllgwyngyll", 10), shortened("特别长的村名", 9), shortened("O'Brien", 7)
    ('Llanfair…', '特别长…', "O'Brien")
    """
    if columns_of(words) <= width:
        return words
    head, used = "", columns_of("…")
    for ch in words:
        used += columns_of(ch)
        if used > width:
            break
        head += ch
    return head.rstrip() + "…"


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WFA"


def _pieces(words: str) -> Iterator[str]:
    """What must stay together, each with the space before it."""
    piece = ""
    for ch in " ".join(words.split()):
        if piece and _may_part(piece[-1], ch):
            yield piece
            piece = ""
        piece += ch
    if piece:
        yield piece


def _may_part(before: str, after: str) -> bool:
    """Whether a line may end between two characters."""
    if after == " ":
        return True
    if before == " " or before in _NEVER_LAST or after in _NEVER_FIRST:
        return False
    return _is_wide(before) or _is_wide(after)


def _fitting(line: str, width: int) -> int:
    """How many characters of a piece that is longer than a line fit into one; up to a slash, where it has any."""
    taken, used = 0, 0
    while used + columns_of(line[taken]) <= width or taken == 0:
        used += columns_of(line[taken])
        taken += 1
    slash = line.rfind("/", 0, taken)
    return slash + 1 if slash >= 0 else taken
