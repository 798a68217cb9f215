"""Work that need not be done twice: arrays on disk under the hash of everything that they follow from.

An entry is one file: its own hash, a head in JSON, and the arrays one behind the other. It is written under another
name and renamed, so that of two processes that make the same entry both may, and nobody sees half of one. Whatever does
not agree with its hash is removed and made again. Entries hold numbers and text and nothing that runs.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import secrets
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

LOG = logging.getLogger(__name__)
"""Told at level INFO of entries that could not be written, and of those that were damaged."""

LARGEST_BYTES = 4_000_000_000
"""What all entries may take together; those that were not wanted for the longest time go first."""

_MAGIC = b"circle 1"
_HASH_BYTES, _ALIGN = 32, 64
_HEAD_FROM = len(_MAGIC) + _HASH_BYTES + 8
_SUFFIX = ".arrays"


class Entry(NamedTuple):
    """A head that JSON can say, and arrays by name."""

    head: dict[str, Any]
    arrays: dict[str, Array]


def user_folder() -> Path:
    """Where things are kept unless somebody says otherwise: ``$CIRCLE_CACHE``, else the system's folder for that."""
    named = os.environ.get("CIRCLE_CACHE")
    if named:
        return Path(named)
    import platformdirs  # only where nothing is said

    return Path(platformdirs.user_cache_dir("circle", appauthor=False))


@cache
def _program() -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of every file of circle: another version makes other entries."""
    folder = Path(__file__).resolve().parent.parent
    found: list[tuple[str, int, int]] = []
    waiting = [str(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.name.endswith((".py", ".toml")):
                    seen = entry.stat()
                    found.append((os.path.relpath(entry.path, folder), seen.st_mtime_ns, seen.st_size))
    return tuple(sorted(found))


def key_of(*parts: object) -> str:
    """The name of an entry that follows from `parts` (anything JSON can say) and from this version of circle.

    Examples
    --------
    >>> key_of("roads", 4.0) == key_of("roads", 4.0), key_of("roads", 4.0) == key_of("roads", 5.0)
    (True, False)
    """
    said = json.dumps([parts, _program()], default=list)  # in ASCII: names of files need not be Unicode
    return hashlib.sha256(said.encode()).hexdigest()


EXTRACTS, NETWORKS = "extracts", "networks"
"""What is kept, each in a folder of its own."""


class Cache:
    """A folder of entries.

    Parameters
    ----------
    folder
        Made when the first entry is written.
    largest_bytes
        What all entries may take together.
    """

    def __init__(self, folder: Path, *, largest_bytes: int = LARGEST_BYTES) -> None:
        self.folder = folder
        self._largest_bytes = largest_bytes

    def get(self, key: str) -> Entry | None:
        """The entry of this name; None where there is none that can be trusted. Its arrays may be written to."""
        path = self._path(key)
        try:
            with path.open("rb") as file:
                content = np.empty(os.fstat(file.fileno()).st_size, np.uint8)
                read = file.readinto(content.data)
        except OSError:
            return None
        entry = _read(content[:read])
        with contextlib.suppress(OSError):
            if entry is None:
                LOG.info("damaged, and made again: %s", path)
                path.unlink()
            else:
                os.utime(path)  # when it was last wanted
        return entry

    def put(self, key: str, entry: Entry) -> None:
        """Keep an entry; where that cannot be, the next who wants it makes it again."""
        path = self._path(key)
        staging = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(staging, entry)
            staging.replace(path)
            self._make_room(path)
        except OSError as error:
            LOG.info("not kept: %s: %s", path, error)
        finally:
            with contextlib.suppress(OSError):
                staging.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{_SUFFIX}"

    def _make_room(self, newest: Path) -> None:
        """Remove what was not wanted for the longest time, and what the dead left half-written, but not the newest."""
        room = self._largest_bytes - newest.stat().st_size
        others = [path for path in self.folder.glob(f"*{_SUFFIX}*") if path != newest]
        seen = [(path.stat().st_mtime_ns, path.stat().st_size, path) for path in others if path.is_file()]
        for _, size, path in sorted(seen, reverse=True):
            room -= size
            if room < 0:
                path.unlink(missing_ok=True)


def user_cache(kind: str, *, wanted: bool = True) -> Cache | None:
    """The user's cache of one kind; None where it is not wanted."""
    return Cache(user_folder() / kind) if wanted else None


def write_entry(path: Path, entry: Entry) -> None:
    """Write an entry to a file of its own, whole or not at all; one that is there is replaced.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    staging = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _write(staging, entry)
        with staging.open("rb+") as file:
            os.fsync(file.fileno())
        staging.replace(path)
    finally:
        staging.unlink(missing_ok=True)


def whole_entry(path: Path) -> Entry | None:
    """As `mapped_entry`; None where there is no such file, or not all of one."""
    try:
        entry = mapped_entry(path)
    except (OSError, ValueError):  # no JSON is a ValueError too
        return None
    return entry


def mapped_entry(path: Path) -> Entry:
    """An entry in a file whose arrays are read as they are looked at; they cannot be written to, nor is the hash seen.

    Raises
    ------
    OSError
        If there is no such file.
    ValueError
        If it is no entry, or cut off.
    """
    content = np.memmap(path, np.uint8, "r")
    if content[: len(_MAGIC)].tobytes() != _MAGIC:
        message = f"{path} is no file of arrays"
        raise ValueError(message)
    return _parts_of(content)


def _write(path: Path, entry: Entry) -> None:
    arrays = {name: np.asarray(array, order="C") for name, array in entry.arrays.items()}
    layout = [[name, array.dtype.str, list(array.shape)] for name, array in arrays.items()]
    head = json.dumps({"head": entry.head, "layout": layout}).encode()
    head += b" " * (-(_HEAD_FROM + len(head)) % _ALIGN)
    parts: list[bytes | memoryview] = [len(head).to_bytes(8, "little"), head]
    for array in arrays.values():
        parts.append(array.reshape(-1).view(np.uint8).data)
        parts.append(bytes(-array.nbytes % _ALIGN))
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part)
    with path.open("wb") as file:
        file.writelines([_MAGIC, whole.digest(), *parts])


def _read(content: npt.NDArray[np.uint8]) -> Entry | None:
    """An entry; None where the bytes are not those that were written."""
    magic = content[: len(_MAGIC)].tobytes()
    said = content[len(_MAGIC) : len(_MAGIC) + _HASH_BYTES].tobytes()
    rest = content[len(_MAGIC) + _HASH_BYTES :]
    if magic != _MAGIC or hashlib.sha256(rest.data).digest() != said:
        return None
    return _parts_of(content)


def _parts_of(content: npt.NDArray[np.uint8]) -> Entry:
    rest = content[len(_MAGIC) + _HASH_BYTES :]
    end = _HEAD_FROM + int.from_bytes(rest[:8].tobytes(), "little")
    parsed = json.loads(content[_HEAD_FROM:end].tobytes())
    arrays: dict[str, Array] = {}
    for name, dtype, shape in parsed["layout"]:
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        if end + size > len(content):
            message = f"the array {name} is cut off"
            raise ValueError(message)
        arrays[name] = content[end : end + size].view(dtype).reshape(shape)
        end += size + -size % _ALIGN
    return Entry(parsed["head"], arrays)
