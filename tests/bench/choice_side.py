"""The choice of a million nodes in a process of its own: the rise of its peak memory, and the pairs reached."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from tests.kernels.grids import arcs_of_town, ends_of_town, jittered_town, stops_at
from tests.kernels.oracles import CHOICE, NodePlaces

STATUS, PEAK_ANEW = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def resident_bytes(which: str) -> int:
    """Linux' own count: ``VmRSS`` now, ``VmHWM`` at most."""
    line = next(line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith(which))
    return 1024 * int(line.split()[1])


def main(side: int, facilities: int, limit: int) -> None:
    town = jittered_town(side)
    source = np.random.default_rng(6).choice(np.unique(town.start), facilities, replace=False)
    places, sites = stops_at(town, np.arange(len(town.x))), stops_at(town, np.sort(source))
    asked = NodePlaces(arcs_of_town(town), ends_of_town(town), places, sites)
    CHOICE.kernel(asked, 1, 3)
    PEAK_ANEW.write_text("5", encoding="ascii")
    before = resident_bytes("VmRSS")
    choice = CHOICE.kernel(asked, limit, 2**31 - 1)
    print(resident_bytes("VmHWM") - before, int(choice.count.sum()))


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
