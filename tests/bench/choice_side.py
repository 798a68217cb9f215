"""The choice of a million nodes in a process of its own: the rise of its peak memory, and the pairs reached."""

from __future__ import annotations

from pathlib import Path

from tests.kernels.oracles import CHOICE

STATUS, PEAK_ANEW = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def resident_bytes(which: str) -> int:
    """Linux' own count: ``VmRSS`` now, ``VmHWM`` at most."""
    line = next(line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith(which))
    return 1024 * int(line.split()[1])


def main() -> None:
    asked, limit, nearest = CHOICE.large()
    CHOICE.kernel(asked, 1, nearest)
    PEAK_ANEW.write_text("5", encoding="ascii")
    before = resident_bytes("VmRSS")
    choice = CHOICE.kernel(asked, limit, 2**31 - 1)
    print(resident_bytes("VmHWM") - before, int(choice.count.sum()))


if __name__ == "__main__":
    main()
