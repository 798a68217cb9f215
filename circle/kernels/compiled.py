"""How kernels are compiled, kept on disk, and loaded again by the next process."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache
from numba.core.cpu import CPUTargetOptions
from numba.core.runtime.nrt import rtsys

LOG = logging.getLogger(__name__)
"""Told at level INFO of every kernel that is not on disk yet: compiling all of them takes half a minute."""

_CAN_LEAVE_OUT = hasattr(CPUTargetOptions, "_nrt")
"""The option is numba's own; where a version lacks it, kernels are slower and not wrong."""


_DAMAGE = (
    pickle.UnpicklingError, EOFError, AttributeError, ImportError, LookupError, TypeError, ValueError,
    MemoryError, NotImplementedError, OverflowError, RecursionError,
)  # fmt: skip
"""What reading half a cache file, or one with other bytes in it, ends in."""


@cache
def _sources() -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of every file with kernels."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in files)


class _KernelCache(FunctionCache):
    """numba's cache on disk, with three differences.

    The compiler is made ready only when something is to be compiled. numba reads everything that it can compile with,
    scipy's linear algebra included, before it looks whether there is machine code to be loaded: a quarter of a second
    in every process, for nothing. Compiling makes it ready anyhow.

    What was compiled holds as long as no file with kernels changes: a kernel may have others inside it. And a damaged
    file is no end: the kernel is compiled again.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]
        self._cache_file._source_stamp = _sources()

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The kernel for arguments of these types; None where it has not been compiled yet."""
        rtsys.initialize(target_context)  # memory of arrays, which machine code asks for by name
        loaded = None
        with self._guard_against_spurious_io_errors():
            try:
                loaded = self._load_overload(sig, target_context)  # type: ignore[no-untyped-call]
            except _DAMAGE:
                self.flush()  # type: ignore[no-untyped-call]
        if loaded is None:
            LOG.info("compiling %s", self._name)
        return loaded


def _compiler(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """A decorator that compiles with numba and keeps the result on disk."""
    compile_with = numba.njit(nogil=True, **options)

    def decorate(function: Callable[..., Any]) -> Any:
        kernel = compile_with(function)
        if kernel is not function:  # numba is not switched off
            kernel._cache = _KernelCache(function)
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
