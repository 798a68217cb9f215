"""PBF to the travel times of cells with circle, in a process of its own: ``circle_side.py REGION CELLS.npz OUT.npz [N]``."""

from __future__ import annotations

import sys

from tests.bench.rounds import rounds


def travel_times(region: str, cells: str, out: str) -> None:
    """Write seconds from each cell to the nearest facility of each service."""
    import numpy as np

    import circle

    data = circle.load_region(region)
    from circle.reach import join_facilities, join_places, nearest_facility

    engine = data.network().engine
    at = np.load(cells)
    places = join_places(engine, at["lon"], at["lat"])
    sites = join_facilities(engine, data.data.facilities)
    np.savez(out, **{service: nearest_facility(engine, places, own).cost for service, own in sites.items()})


if __name__ == "__main__":
    rounds(travel_times, *sys.argv[1:])
