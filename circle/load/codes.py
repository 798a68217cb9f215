"""Codes in the cells of a table: text that must not lose a digit, which spreadsheets take from it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt

from circle.lazily import pd
from circle.load.columns import found_in, listed, only_texts, texts
from circle.load.located import Located

_POWER = re.compile(r"(\d)(?:\.(\d*))?[eE]\+?(\d{1,2})")
_WHOLE = 1e15
"""Excel keeps fifteen digits; a number from here on may have lost its last ones."""


def codes(cells: pd.Series[Any], at: Located, *, needed: bool = False) -> npt.NDArray[np.object_]:
    """Cells as codes; None where there is none, or where its digits are lost: these are listed with row and value.

    A number keeps all its digits; ``3.30825E+11`` has lost them, and nothing is put in their place.

    Parameters
    ----------
    cells
        One column; its index holds the row numbers that the user's program shows, its name the header.
    needed
        Whether nothing can be done without the codes: lost digits are an error, else a warning.

    Examples
    --------
    >>> from circle.errors import Findings
    >>> at = Located(Findings(), "list.xlsx")
    >>> cells = [330825100201.0, "3.30825100201E+11", "3.30825E+11", "330825100201", 91330825147890123456.0, "0571"]
    >>> codes(pd.Series(cells, index=range(2, 8), name="代码", dtype=object), at).tolist()
    ['330825100201', '330825100201', None, '330825100201', None, '0571']
    >>> str(at.findings.problems[0].fields["cells"])
    '4: “3.30825E+11”, 6: “9.133082514789012e+19”'
    """
    found = texts(cells)
    values = cells.to_numpy(dtype=object)
    lost = np.array([type(cell) is float and abs(cell) >= _WHOLE for cell in values], dtype=bool)
    lost &= ~np.equal(found, np.array(None))
    for i in np.flatnonzero(found_in(only_texts(found), r"^\d(\.\d*)?[eE]\+?\d{1,2}$")).tolist():
        written = _POWER.fullmatch(found[i])
        if written is not None and ("+" in found[i] or "." in found[i]):
            whole = _restored(*written.groups(default=""))
            found[i], lost[i] = whole, whole is None
    found[lost] = None
    if lost.any():
        report = at.error if needed else at.warn
        report("table.code_digits_lost", column=str(cells.name), count=int(lost.sum()), cells=listed(cells[lost]))
    return found


def _restored(first: str, decimals: str, power: str) -> str | None:
    """All digits of a number in powers of ten, where all of them are written."""
    places = int(power)
    return first + decimals if len(decimals) == places else None
