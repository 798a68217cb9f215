"""How kernels are compiled, kept on disk, and loaded again by the next process."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache
from numba.core.cpu import CPUTargetOptions
from numba.core.runtime.nrt import rtsys

from circle.kernels.kept import KernelFiles, Unkept

LOG = logging.getLogger(__name__)
"""Told at level INFO of every kernel that is not on disk yet: compiling all of them takes half a minute."""

_CAN_LEAVE_OUT = hasattr(CPUTargetOptions, "_nrt")
"""The option is numba's own; where a version lacks it, kernels are slower and not wrong."""


_OF_NO_USE = (
    pickle.UnpicklingError, EOFError, AttributeError, ImportError, LookupError, TypeError, ValueError, MemoryError,
    RuntimeError, OverflowError,
)  # fmt: skip
"""What the machine code of another llvmlite or numpy may end in; damaged files do not come so far (`KernelFiles`)."""


@cache
def _sources() -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of every file with kernels."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in files)


class _KernelCache(FunctionCache):
    """numba's cache on disk, with four differences.

    The compiler is made ready only when something is to be compiled. numba reads everything that it can compile with,
    scipy's linear algebra included, before it looks whether there is machine code to be loaded: a quarter of a second
    in every process, for nothing. Compiling makes it ready anyhow.

    What was compiled holds as long as no file with kernels changes: a kernel may have others inside it. And a damaged
    file is no end: the kernel is compiled again. Neither are two processes at once (`KernelFiles`), nor a full disk.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]
        self._cache_file = KernelFiles(self._cache_path, self._impl.filename_base, _sources())

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The kernel for arguments of these types; None where it has not been compiled yet."""
        rtsys.initialize(target_context)  # memory of arrays, which machine code asks for by name
        loaded = None
        with self._guard_against_spurious_io_errors(), suppress(*_OF_NO_USE):  # it is written over
            loaded = self._load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        if loaded is None:
            LOG.info("compiling %s", self._name)
        return loaded

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a kernel; where that fails it is there all the same."""
        try:
            super().save_overload(sig, data)  # type: ignore[no-untyped-call]
        except OSError as error:
            _tell_unkept(self._name, str(error))


def _tell_unkept(name: str, reason: str) -> None:
    LOG.info("%s is not kept: %s", name, reason, extra={"unkept": True})


def _cache_of(function: Callable[..., Any]) -> Any:
    try:
        return _KernelCache(function)
    except RuntimeError as error:  # numba found no folder that can be written to
        return Unkept(partial(_tell_unkept, function.__name__, str(error)))


def _compiler(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """A decorator that compiles with numba and keeps the result on disk."""
    compile_with = numba.njit(nogil=True, **options)

    def decorate(function: Callable[..., Any]) -> Any:
        kernel = compile_with(function)
        if kernel is not function:  # numba is not switched off
            kernel._cache = _cache_of(function)
        return kernel

    return decorate


kernel = _compiler()
"""For a kernel that is called from Python, or makes arrays."""

lean = _compiler(**({"_nrt": False} if _CAN_LEAVE_OUT else {}))
"""For a small kernel that other kernels call very often and that makes no array. Its arrays are held by its callers, so
nobody counts them on the way in and out: counting a dozen of them is dearer than most of these kernels, and threads get
in each other's way.
"""

owning = _compiler(**({"_nrt": True} if _CAN_LEAVE_OUT else {}))
"""For a kernel that makes arrays and is called by a `lean` one, whose options it would take over."""

inlined = _compiler(inline="always")
"""For a line or two that stand in the kernels that call them."""
