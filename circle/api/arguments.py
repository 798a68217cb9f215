"""What people hand to a public function, looked at before anything is reckoned from it.

Whatever it is, it is taken for what it says or refused by the function's and the argument's name; nothing of it comes
to the inside, where it would end in a traceback, or in a number that means nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from numbers import Complex, Integral, Number, Real
from pathlib import Path
from reprlib import Repr
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from circle.errors import InputError, Problem, Severity
from circle.lazily import pd
from circle.messages import LANGUAGES, reader_language
from circle.model import Floats

_PLAIN = (str, bytes, bool, int, float, complex, list, tuple, set, frozenset, dict, np.generic)
_NO_NUMBERS = (bool, np.timedelta64)
"""Python and numpy count them among the whole numbers."""

_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 60
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxset = _SHORT.maxdict = 4


@dataclass(frozen=True)
class Argument:
    """An argument of a public function, by which a refusal says where it is.

    Examples
    --------
    >>> try:
    ...     Argument("travel_times", "nearest").number("2")
    ... except InputError as error:
    ...     print(error)
    travel_times(…) · nearest: a number is needed here; found: '2' (str).
    """

    function: str
    name: str | None = None

    @property
    def place(self) -> str:
        """The function, as a file would be named."""
        return f"{self.function}(…)"

    def named(self, name: str) -> Argument:
        """Another argument of the same function, or a part of this one."""
        return replace(self, name=name if self.name is None else f"{self.name} · {name}")

    def refuse(self, code: str, **fields: object) -> NoReturn:
        """Raise one problem.

        Raises
        ------
        InputError
            Always.
        """
        raise InputError(Problem(code, Severity.ERROR, fields, file=self.place, layer=self.name))

    def number(self, value: object) -> float:
        """A real number; neither yes nor no, text, nor unknown."""
        number = _as_float(value)
        if np.isnan(number):
            self.refuse("api.number_needed", found=shown(value))
        return number

    def finite(self, value: object) -> float:
        """A real number that is not infinite."""
        number = self.number(value)
        if np.isinf(number):
            self.refuse("api.number_needed", found=shown(value))
        return number

    def whole(self, value: object) -> int:
        """A whole number, of a type that holds no others."""
        if not isinstance(value, Integral) or isinstance(value, _NO_NUMBERS):
            self.refuse("api.whole_needed", found=shown(value))
        return int(value)

    def flag(self, value: object) -> bool:
        """True or False, and nothing that would count as either."""
        if not isinstance(value, bool | np.bool_):
            self.refuse("api.flag_needed", found=shown(value))
        return bool(value)

    def text(self, value: object) -> str:
        """Text, and nothing that could be written as text."""
        if not isinstance(value, str):
            self.refuse("api.text_needed", found=shown(value))
        return str(value)

    def language(self, value: object) -> str:
        """One of the languages that circle speaks; None: the reader's."""
        if value is None:
            return reader_language()
        if not isinstance(value, str) or value not in LANGUAGES:
            self.refuse("api.language_needed", known=", ".join(f'"{name}"' for name in LANGUAGES), found=shown(value))
        return str(value)

    def members(self, value: object, code: str = "api.list_needed") -> tuple[Any, ...]:
        """The members of a list or of anything like it; `code` is what is said of anything else."""
        if not isinstance(value, Iterable) or isinstance(value, str | bytes | Mapping):
            self.refuse(code, found=shown(value))
        try:
            return tuple(value)
        except TypeError:  # an array without dimensions says that it can be gone through
            self.refuse(code, found=shown(value))

    def names(self, value: object) -> tuple[str, ...]:
        """One name or several, each once."""
        listed = (value,) if isinstance(value, str) else self.members(value, "api.names_needed")
        for name in listed:
            if not isinstance(name, str):
                self.refuse("api.names_needed", found=shown(name))
        return tuple(dict.fromkeys(map(str, listed)))

    def path(self, value: object) -> Path:
        """A path that is not empty."""
        written = os.fspath(value) if isinstance(value, str | os.PathLike) else None
        if not isinstance(written, str) or not written:
            self.refuse("api.path_needed", found=shown(value))
        path = Path(written)
        try:
            path.exists()
        except OSError:  # a name that no file can have, or a folder that is closed
            self.refuse("api.no_file", path=shown(written))
        return path

    def target(self, value: object) -> Path:
        """A path to be written to: text that a system can name."""
        path = self.path(value)
        if "\0" in str(path):
            self.refuse("api.no_file", path=shown(str(path)))
        return path

    def numbers(self, values: npt.ArrayLike) -> Floats:
        """An array of real numbers, NaN where one is missing or masked; of whatever shape the values have."""
        try:
            array = np.asanyarray(values)
        except ValueError:
            self.refuse("api.uneven_rows")
        if array.dtype == object:
            cells = [self._cell(cell) for cell in array.ravel()]
            found = np.array(cells, np.float64).reshape(array.shape)
        elif array.dtype.kind in "iuf":
            found = np.asarray(array, np.float64)
        else:
            self.refuse("api.numbers_needed", found=shown(array.ravel()[0].item() if array.size else array))
        if isinstance(array, np.ma.MaskedArray):
            return np.where(np.ma.getmaskarray(array), np.nan, found)
        return found

    def _cell(self, cell: object) -> float:
        if cell is None or cell is np.ma.masked or cell is pd.NA or cell is pd.NaT:
            return np.nan
        number = _as_float(cell)
        if np.isnan(number) and not isinstance(cell, float | np.floating):
            self.refuse("api.numbers_needed", found=shown(cell))
        return number


def _as_float(value: object) -> float:
    """A real number, or a decimal one; NaN for anything else."""
    is_real = isinstance(value, Real) or (isinstance(value, Number) and not isinstance(value, Complex))
    if not is_real or isinstance(value, _NO_NUMBERS):
        return np.nan
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return np.inf if value > 0 else -np.inf  # type: ignore[operator]
    except ValueError:  # a decimal NaN that signals
        return np.nan


def shown(value: object) -> str:
    """A value in a message: as it is written where that is short, and what it is.

    >>> shown("2"), shown(None), shown(np.empty((2, 3)))
    ("'2' (str)", 'None', '(ndarray)')
    """
    if value is None:
        return "None"
    kind = type(value).__name__
    try:
        return f"{_SHORT.repr(value)} ({kind})" if isinstance(value, _PLAIN) else f"({kind})"
    except ValueError:  # a whole number that is too long to be written
        return f"({kind})"
