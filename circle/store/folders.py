"""Folders and files that appear whole or not at all, locks, and hashes of inputs.

A folder is made beside its target under a hidden name, on the same filesystem, and renamed at the end. The lock is one
of the operating system, held open: it ends with the process, however that ends, so that whatever half-made folder is
found under a lock that could be taken was left by the dead and may be removed.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from circle.errors import OutputError, Problem, Severity
from circle.store.locks import take_lock
from circle.store.names import refuse_name

RESULT_MARK = "provenance.json"
"""The file by which a folder is known as a result of circle, and which names all files of the result."""

_LEFT = re.compile(r"\.(.+)\.circle-(?:lock|part-[0-9a-f]+|old-[0-9a-f]+)")
_NOT_CONTENT = {".DS_Store", "Thumbs.db", "desktop.ini"}


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, read in pieces.

    Parameters
    ----------
    path
        File of any size.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def whole_folder(target: Path, *, force: bool = False) -> Iterator[Path]:
    """A folder to write into that becomes `target` when the block ends well, and vanishes when it does not.

    Parameters
    ----------
    target
        Where it shall appear. Folders above it are made, and removed again if nothing comes of it.
    force
        Replace an existing folder, provided that it is empty or holds nothing but an earlier result.

    Yields
    ------
    Path
        An empty hidden folder beside `target`.

    Raises
    ------
    OutputError
        If the target exists, holds other files, is being written by another process, is no folder or no Unicode, or
        cannot be written. Errors of the filesystem inside the block are left to `writing`.
    """
    refuse_name(target)
    final = Path(os.path.realpath(target))
    _refuse_existing(final, target, force=force)
    made: list[Path] = []
    try:
        with writing(target):
            made = _make_folders(final.parent)
        with _locked(final, target):
            with writing(target):
                _clear_leftovers(final)
                _refuse_existing(final, target, force=force)
                (staging := _beside(final, "part")).mkdir()
            try:
                yield staging
                with writing(target):
                    _settle(staging)
                    _replace(final, staging)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    finally:
        for folder in reversed(made):
            with contextlib.suppress(OSError):  # holds the result now
                folder.rmdir()


@contextlib.contextmanager
def alone(target: Path) -> Iterator[None]:
    """Work on a file or folder that no other process works on at the same time.

    Raises
    ------
    OutputError
        If another process is at it.
    """
    with _locked(Path(os.path.realpath(target)), target):
        yield


@contextlib.contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turn errors of the filesystem inside the block into an `OutputError` that names `target`.

    Raises
    ------
    OutputError
        With the reason that the operating system gave.
    """
    try:
        yield
    except OSError as error:
        code = {
            errno.ENOSPC: "output.disk_full",
            errno.EDQUOT: "output.disk_full",
            errno.EFBIG: "output.file_too_large",
            errno.ETXTBSY: "output.open_elsewhere",
            errno.EBUSY: "output.open_elsewhere",
        }.get(error.errno or 0, "output.unwritable")
        if sys.platform == "win32" and isinstance(error, PermissionError):
            code = "output.open_elsewhere"
        reason = error.strerror or str(error)
        raise _refusal(code, target, at=str(error.filename or target), reason=reason) from error


def write_whole(path: Path, content: str | bytes, *, force: bool = False) -> None:
    """Write a file (text: UTF-8, Unix line ends) whole or not at all.

    Raises
    ------
    OutputError
        If the file exists and `force` is not given, or it cannot be written.
    """
    refuse_existing_file(path, force=force)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        staging = _beside(path, "part")
        try:
            staging.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
            staging.replace(path)
        finally:
            staging.unlink(missing_ok=True)


def refuse_existing_file(path: Path, *, force: bool) -> None:
    """What `write_whole` begins with, for those who work long before they write.

    Raises
    ------
    OutputError
        If the file exists and `force` is not given, or it is a folder.
    """
    if path.is_dir():
        raise _refusal("output.is_folder", path)
    if path.exists() and not force:
        raise _refusal("output.file_exists", path)


def _refusal(code: str, target: Path, **fields: object) -> OutputError:
    return OutputError(Problem(code, Severity.ERROR, fields, file=str(target)))


def _beside(final: Path, purpose: str) -> Path:
    return final.with_name(f".{final.name}.circle-{purpose}-{secrets.token_hex(4)}")


def _refuse_existing(final: Path, target: Path, *, force: bool) -> None:
    if not final.name:
        raise _refusal("output.not_a_name", target)
    if not final.exists():
        return
    if not final.is_dir():
        raise _refusal("output.is_file", target)
    if not force:
        raise _refusal("output.exists", target)
    with writing(target):
        foreign = _foreign_entries(final)
    if foreign:
        shown = ", ".join(foreign[:5]) + (" …" if len(foreign) > 5 else "")
        raise _refusal("output.holds_other_files", target, files=shown, count=len(foreign))


def _foreign_entries(folder: Path) -> list[str]:
    """What lies in a folder beside an earlier result: only what the result's own provenance names is ours to delete."""
    own = set(_NOT_CONTENT)
    with contextlib.suppress(OSError, ValueError):
        document = json.loads((folder / RESULT_MARK).read_text(encoding="utf-8"))
        own |= {RESULT_MARK, *document["outputs"]} if isinstance(document, dict) and "outputs" in document else set()
    return sorted(entry.name for entry in folder.iterdir() if entry.name not in own)


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it; the ones that were missing, outermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()][::-1]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


@contextlib.contextmanager
def _locked(final: Path, target: Path) -> Iterator[None]:
    """Hold the target for this process alone."""
    path = final.with_name(f".{final.name}.circle-lock")
    with writing(target):
        descriptor = take_lock(path)
    if descriptor is None:
        raise _refusal("output.in_use", target)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # Windows does not remove an open file: then it stays behind, empty
            path.unlink()
        os.close(descriptor)


def _clear_leftovers(final: Path) -> None:
    """Remove what runs that died left behind; bring back an earlier result that such a run had set aside."""
    siblings = list(final.parent.iterdir())
    for aside in (path for path in siblings if path.name.startswith(f".{final.name}.circle-old-")):
        if final.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.rename(final)
    for part in (path for path in siblings if path.name.startswith(f".{final.name}.circle-part-")):
        shutil.rmtree(part, ignore_errors=True)


def clear_leftovers(folder: Path) -> None:
    """Remove what processes that died left half-made in a folder; what somebody is at is left alone."""
    if not folder.is_dir():
        return
    marks = {match[1] for entry in folder.iterdir() if (match := _LEFT.fullmatch(entry.name))}
    for name in sorted(marks):
        final = folder / name
        with contextlib.suppress(OutputError), _locked(final, final), writing(final):
            _clear_leftovers(final)


def remove_result(target: Path) -> None:
    """Remove a folder that holds nothing but a result of circle; one that is not there, or holds more, stays as it is.

    Raises
    ------
    OutputError
        If another process is at it, or it cannot be removed.
    """
    final = Path(os.path.realpath(target))
    if not final.is_dir():
        return
    with _locked(final, target), writing(target):
        if not _foreign_entries(final):
            aside = _beside(final, "part")  # gone at once; what of it is left, the next clears away
            final.rename(aside)
            shutil.rmtree(aside, ignore_errors=True)


def _settle(folder: Path) -> None:
    """Give every file the mode that the umask asks for, whoever wrote it, and see it safely on the disk."""
    mode = folder.stat().st_mode & 0o666
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            path.chmod(mode)
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def _replace(final: Path, staging: Path) -> None:
    """Rename `staging` to `final`, an earlier folder set aside first and brought back if that fails."""
    if not final.exists():
        staging.rename(final)
        return
    aside = _beside(final, "old")
    try:
        final.rename(aside)
        staging.rename(final)
    finally:
        if aside.exists() and not final.exists():
            aside.rename(final)
    shutil.rmtree(aside, ignore_errors=True)
