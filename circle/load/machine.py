"""What the machine says of its memory: how much may still be taken, by whose leave, and how much is taken already.

Linux tells it in files: all of the machine, what a container (a control group) is allowed, and what ``ulimit -v``
leaves. Elsewhere psutil asks the system.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Bound = Literal["machine", "container", "process"]

KIB = 1024
UNLIMITED = 1 << 60
"""Control groups of the first version write their absence of a limit as some huge number."""


@dataclass(frozen=True)
class Memory:
    """Bytes that this process holds, that it may still take, and what bounds them."""

    held: int
    free: int
    bound: Bound

    @property
    def whole(self) -> int:
        """What the process may come to hold in all."""
        return self.held + self.free


def memory_here(root: Path = Path("/")) -> Memory:
    """What this process holds and may still take; swap does not count, for work in it hardly moves.

    Parameters
    ----------
    root
        Where the system's own files lie.
    """
    if not (root / "proc/meminfo").is_file():
        return _asked_of_psutil()
    free: dict[Bound, int] = {"machine": _fields(root / "proc/meminfo")["MemAvailable:"] * KIB}
    groups = list(_left_to_groups(root))
    if groups:
        free["container"] = max(0, min(groups))
    status = _fields(root / "proc/self/status")
    allowed = _address_space()
    if allowed is not None:
        free["process"] = max(0, allowed - status["VmSize:"] * KIB)
    bound = min(free, key=lambda name: free[name])
    return Memory(status["VmRSS:"] * KIB, free[bound], bound)


def _asked_of_psutil() -> Memory:
    import psutil  # only where the system has no files that tell

    return Memory(psutil.Process().memory_info().rss, psutil.virtual_memory().available, "machine")


def _fields(path: Path) -> dict[str, int]:
    """The numbers of a file of lines such as ``MemFree:  123 kB``."""
    lines = (line.split() for line in path.read_text(encoding="ascii", errors="replace").splitlines())
    return {words[0]: int(words[1]) for words in lines if len(words) > 1 and words[1].isdigit()}


def _left_to_groups(root: Path) -> Iterator[int]:
    """Bytes left to every control group that this process is in and that has a limit.

    A group inside a container may stand under its name outside, where nothing lies here: then the container's own
    limit stands at the top.
    """
    groups = root / "proc/self/cgroup"
    lines = groups.read_text(encoding="utf-8", errors="replace").splitlines() if groups.is_file() else []
    for line in lines:
        _, controllers, name = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        tops = ("sys/fs/cgroup/memory",) if controllers else ("sys/fs/cgroup", "sys/fs/cgroup/unified")
        for top in (root / top for top in tops):
            own = top / name.lstrip("/")
            above = [folder for folder in own.parents if folder.is_relative_to(top)]
            for folder in dict.fromkeys([own, *above]):
                yield from _left_to(folder, is_new=not controllers)


def _left_to(folder: Path, *, is_new: bool) -> Iterator[int]:
    """What a group's limit leaves. Files that it read and that can be dropped again are not counted as taken."""
    limit = _number(folder / ("memory.max" if is_new else "memory.limit_in_bytes"))
    used = _number(folder / ("memory.current" if is_new else "memory.usage_in_bytes"))
    if limit is None or used is None or limit >= UNLIMITED:
        return
    parts = folder / "memory.stat"
    droppable = _fields(parts) if parts.is_file() else {}
    yield limit - used + droppable.get("inactive_file" if is_new else "total_inactive_file", 0)


def _number(path: Path) -> int | None:
    """The number in a file; None where there is no such file, or another word such as ``max``."""
    if not path.is_file():
        return None
    word = path.read_text(encoding="ascii", errors="replace").strip()
    return int(word) if word.isdigit() else None


def _address_space() -> int | None:
    """Bytes that ``ulimit -v`` allows; None: no limit."""
    if sys.platform == "win32":
        return None
    import resource

    allowed = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if allowed == resource.RLIM_INFINITY else allowed


def peak_bytes() -> int:
    """The most that this process has held so far; where the system does not tell, what it holds now."""
    if sys.platform == "win32":
        return memory_here().held
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * KIB
