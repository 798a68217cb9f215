"""Locks of the operating system: they end with the process that holds them, however that ends."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path


def take_lock(path: Path) -> int | None:
    """Open and lock a file; None when another process holds it."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        held = False
        try:
            if not _lock(descriptor):
                return None
            held = path.exists() and os.path.samestat(os.fstat(descriptor), path.stat())
            if held:
                return descriptor
        finally:  # not held though locked: the holder before removed the file in between; once more
            if not held:
                os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            # some network mounts know no locks: two runs at one target then end at the rename, where one of them fails
            if error.errno not in (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS):
                raise
        return True
