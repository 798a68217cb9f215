"""Where machine code is kept: a file for each kernel and the types it was compiled for."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import IndexDataCacheFile, NullCache

_HASH_BYTES = 32


class KernelFiles(IndexDataCacheFile):
    """Files whose names say what is in them, in place of numba's index and numbered files.

    The index is read, amended and written back: two processes that do so at once give one number to machine code for
    different types, and the next process runs what belongs to the other. Here nothing is amended: a file appears whole,
    and whoever writes second writes the same.

    A wrong bit in machine code is a wrong answer or the end of the process, and no exception that could be caught. So a
    file begins with the hash of its name and of the rest, and whatever does not agree with it is as good as not there.
    That is three milliseconds for all kernels of a run.

    Parameters
    ----------
    folder, stem
        Where the files are, and how their names begin.
    stamp
        Whatever, when it changes, makes all machine code worthless.
    """

    def __init__(self, folder: str, stem: str, stamp: object) -> None:
        super().__init__(folder, stem, stamp)  # type: ignore[no-untyped-call]
        self._stem = stem
        self._of_today = f"{stem}.{_digest((numba.__version__, stamp))}."

    def load(self, key: object) -> Any:
        """What was kept under `key`; None if nothing was, or if it is not as it was written."""
        name = self._name(key)
        try:
            content = memoryview(Path(self._cache_path, name).read_bytes())
        except OSError:
            return None
        data = content[_HASH_BYTES:]
        return pickle.loads(data) if content[:_HASH_BYTES] == _hash(name, data) else None

    def save(self, key: object, data: object) -> None:
        """Keep `data`, and clear away what an earlier version of circle or numba left."""
        name = self._name(key)
        dumped = self._dump(data)  # type: ignore[no-untyped-call]
        with self._open_for_write(str(Path(self._cache_path, name))) as file:
            file.write(_hash(name, dumped))
            file.write(dumped)
        self._clear(but=self._of_today)

    def flush(self) -> None:
        """Forget everything."""
        self._clear()

    def _name(self, key: object) -> str:
        """Types, processor and byte code are told by their names."""
        return f"{self._of_today}{_digest(key)}.nbc"

    def _clear(self, but: str | None = None) -> None:
        with suppress(OSError):
            for file in Path(self._cache_path).glob(f"{self._stem}.*.nbc"):
                if but is None or not file.name.startswith(but):
                    file.unlink(missing_ok=True)


class Unkept(NullCache):
    """For a machine where no folder can be written to: every process compiles for itself, and `tell` is told."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell

    def load_overload(self, sig: Any, target_context: Any) -> None:
        """Nothing is there."""
        del sig, target_context
        self._tell()


def _digest(key: object) -> str:
    return sha256(repr(key).encode()).hexdigest()[:16]


def _hash(name: str, data: bytes | memoryview) -> bytes:
    """Of a file's name and content: what is whole but was kept for other types is refused, too."""
    whole = sha256(name.encode())
    whole.update(data)
    return whole.digest()
