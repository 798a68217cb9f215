"""Names of folders for counties whose codes are text from data."""

from __future__ import annotations

import hashlib
import re

PLAIN = re.compile(r"[0-9a-z][0-9a-z_-]{0,63}")
"""Codes that are names as they stand, on every file system: none is another spelling of one of them."""

RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})
"""What Windows keeps for itself, with any ending."""

MARK = "~"
"""Stands in no plain code."""
HEAD, DIGITS = 40, 12


def folder_name(code: str) -> str:
    """The folder of a county, which follows from its code alone, whatever other counties there are.

    A plain code (lower case, digits, ``_`` and ``-``; not one of Windows' own names) is its own folder. Of any other
    what is plain of it, then ``~`` and twelve digits of its SHA-256: no two codes have folders that a file system could
    take for one, not even where they differ by case or by the way in which an accent is written.

    Examples
    --------
    >>> folder_name("090102"), folder_name("../x"), folder_name("CON"), folder_name("KM-G")
    ('090102', 'x~d6b96a97d147', 'con~a3dbc4b644a9', 'km-g~936486d44a5d')
    """
    if PLAIN.fullmatch(code) and code not in RESERVED:
        return code
    plain = re.sub(r"[^0-9a-z]+", "-", code.lower())[:HEAD].strip("-")
    digest = hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]
    return f"{plain}{MARK}{digest}" if plain else f"county{MARK}{digest}"
