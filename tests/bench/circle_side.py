"""PBF to the travel times of cells with circle, in a process of its own: ``circle_side.py PBF CELLS.npz OUT.npz [N]``.

With ``--kept`` the network may be what an earlier process kept.
"""

from __future__ import annotations

import sys

from tests.bench.rounds import rounds

SERVICES = ("school", "clinic", "bus_stop")


def travel_times(pbf: str, cells: str, out: str, *, kept: bool = False) -> None:
    """Write seconds from each cell to the nearest facility of each service."""
    import numpy as np

    import circle

    network = circle.Network.from_osm(pbf, SERVICES, cache=kept)
    at = np.load(cells)
    np.savez(out, **network.nearest_times(at["lon"], at["lat"]))


if __name__ == "__main__":
    kept = "--kept" in sys.argv
    rounds(lambda *words: travel_times(*words, kept=kept), *(word for word in sys.argv[1:] if word != "--kept"))
