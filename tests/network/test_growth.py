"""How the network and the joining of places grow, by counted bytes instead of seconds: the same on every machine."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable

import numpy as np

from circle.model import NetworkData, Streets
from circle.network import build_network
from circle.reach import build_engine, join_places
from tests import towns


def _peak_bytes(work: Callable[[], object]) -> int:
    """The most that Python and numpy held during the work, beyond what they held before."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _grid(side: int) -> Streets:
    """`side` x `side` crossings, 100 m apart."""
    at = [100.0 * i for i in range(side)]
    return towns.streets([[(x, y) for y in at] for x in at] + [[(x, y) for x in at] for y in at])


def _network(streets: Streets) -> NetworkData:
    return build_network(streets, towns.barriers(), towns.question())


def test_nine_times_the_junctions_take_nine_times_the_memory() -> None:
    """Exponent of memory <= 1.05 for the network, and for joining places in proportion to it."""
    small, large = _grid(30), _grid(90)
    _peak_bytes(lambda: _network(small))  # what is made once is not counted
    networks = [_peak_bytes(lambda streets=streets: _network(streets)) for streets in (small, large)]
    assert math.log(networks[1] / networks[0], 9) <= 1.05
    places = []
    for streets, count in ((small, 2_000), (large, 18_000)):
        engine = build_engine(_network(streets))
        rng = np.random.default_rng(5)
        lon = rng.uniform(streets.lon.min(), streets.lon.max(), count)
        lat = rng.uniform(streets.lat.min(), streets.lat.max(), count)
        places.append(_peak_bytes(lambda engine=engine, lon=lon, lat=lat: join_places(engine, lon, lat)))
    assert math.log(places[1] / places[0], 9) <= 1.05
