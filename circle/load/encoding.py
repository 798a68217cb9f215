"""Bytes to text: which encoding a text file is in."""

from __future__ import annotations

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANDIDATES = ("utf-8", "gb18030")
DAMAGED = "\ufffd"
"""Stands where bytes of a text are none of its encoding."""


def decode(data: bytes) -> tuple[str, str] | None:
    """The text in `data` and its encoding: what a byte order mark says, else UTF-8, else GB18030 (Chinese Excel).

    UTF-8 with a few bad bytes (a copy that was cut, say) stays UTF-8, with `DAMAGED` in their place.

    Valid UTF-8 that holds any Chinese is never GB18030 by chance for more than a few letters, so the order is safe.

    Returns
    -------
    tuple of str or None
        Text and the name of the encoding; None where no candidate fits.

    Examples
    --------
    >>> decode("青溪".encode("gb18030"))
    ('青溪', 'gb18030')
    >>> decode("青溪".encode("utf-8-sig"))
    ('青溪', 'utf-8-sig')
    """
    marked = tuple(name for mark, name in _MARKS if data.startswith(mark))
    for name in marked or _CANDIDATES:
        try:
            return data.decode(name), name
        except UnicodeDecodeError:
            mended = _damaged_utf8(data) if name.startswith("utf-8") else None
            if mended is not None:
                return mended, name
    return None


def _damaged_utf8(data: bytes) -> str | None:
    """UTF-8 in which a tenth of the letters beyond ASCII at most cannot be read; of GB18030 hardly any can be."""
    text = data.decode("utf-8-sig", errors="replace")
    return text if sum(ch > "\x7f" for ch in text) > 11 * text.count(DAMAGED) else None
