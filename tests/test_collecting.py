"""Pauses of the collector leave nobody's garbage behind."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import circle
from circle.collecting import collection_paused
from tests.load_roads.drawing import draw


class Ring:
    """Holds itself: only the collector frees it."""

    def __init__(self) -> None:
        self.own = self


def test_what_is_thrown_away_after_a_pause_is_freed() -> None:
    ring = Ring()
    gone = weakref.ref(ring)
    with collection_paused():
        pass
    del ring
    gc.collect()
    assert gone() is None


def test_reading_an_extract_keeps_nothing_of_others(tmp_path: Path) -> None:
    road = [(10, [1, 2], {"highway": "residential"})]
    file = draw(tmp_path, [(1, 119.0, 29.0, {"amenity": "clinic"}), (2, 119.01, 29.0)], road)
    ring = Ring()
    gone = weakref.ref(ring)
    network = circle.Network.from_osm(file, ["clinic"], cache=False)
    assert network.facilities is not None
    assert len(network.facilities.table) == 1
    del ring
    gc.collect()
    assert gone() is None
