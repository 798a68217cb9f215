"""Names of files and folders that are no Unicode: left by systems that wrote them in GBK or another old encoding.

Python opens them; GDAL, Arrow and a document in UTF-8 cannot name them. Whoever hands paths to those asks here first.
"""

from __future__ import annotations

import os
from pathlib import Path

from circle.errors import OutputError, Problem, Severity


def is_unicode(path: Path) -> bool:
    r"""Whether every name of a path, as it is written, is Unicode.

    Examples
    --------
    >>> is_unicode(Path("青溪/roads.pbf")), is_unicode(Path("\udcc7\udce0\udccf\udcaa/roads.pbf"))
    (True, False)
    """
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def shown_name(path: str | Path) -> str:
    r"""A path; names in it that are no Unicode with ``\x`` and two digits for each byte that is not ASCII.

    Examples
    --------
    >>> print(shown_name("溪/a\udcc7\udce0"))
    溪/a\xc7\xe0
    """
    return str(Path(*(_escaped(name) for name in Path(path).parts)))


def name_problem(path: Path) -> Problem | None:
    """Says which name on the whole path is no Unicode, and what to do; None where all are."""
    whole = path if "\0" in str(path) else Path(os.path.realpath(path))  # what no system can name is refused elsewhere
    for written in (path, whole):
        name = next((part for part in written.parts if not is_unicode(Path(part))), None)
        if name is not None:
            meant = _in_gb18030(name)
            fields = {"name": shown_name(name), "meant": meant}
            code = "path.not_unicode" if meant is None else "path.in_gb18030"
            return Problem(code, Severity.ERROR, fields, file=shown_name(whole if is_unicode(path) else path))
    return None


def refuse_name(target: Path) -> None:
    """For those who are to write there.

    Raises
    ------
    OutputError
        If a name on the path is no Unicode.
    """
    if (problem := name_problem(target)) is not None:
        raise OutputError(problem)


def _escaped(name: str) -> str:
    return name if is_unicode(Path(name)) else os.fsencode(name).decode("ascii", "backslashreplace")


def _in_gb18030(name: str) -> str | None:
    """What a name says if its bytes are those of a Chinese system."""
    try:
        meant = os.fsencode(name).decode("gb18030")
    except UnicodeDecodeError:
        return None
    return meant if meant.isprintable() else None
