"""One facility more or less of 500 in a county of a million junctions, beside computing afresh; ``--bench -s``."""

from __future__ import annotations

from dataclasses import fields
from time import perf_counter

import numpy as np
import pytest

from circle.kernels.projection import to_degrees
from circle.reach import Engine, LiveNearest, Nearest, Places, Sites, join_places, nearest_facility, select_places
from tests.bench.figures import Say
from tests.bench.test_attach import asked

FACILITIES, CHANGES, AFRESH = 500, 41, 5


def assert_equal(found: Nearest, expected: Nearest) -> None:
    for field in fields(Nearest):
        assert np.array_equal(
            getattr(found, field.name), getattr(expected, field.name), equal_nan=field.name in ("cost", "leg_m")
        ), field.name


def joined(side: int, facilities: int) -> tuple[Engine, Places, Places]:
    """A county, a place in every block, and spots for facilities anywhere."""
    question = asked(side, dropped=0.25)
    engine = question.engine
    lon, lat = engine.network.node_lon, engine.network.node_lat
    homes = join_places(engine, *to_degrees(engine.network.crs, question.x, question.y))
    random = np.random.default_rng(9)
    spots = random.uniform(lon.min(), lon.max(), facilities), random.uniform(lat.min(), lat.max(), facilities)
    return engine, homes, join_places(engine, *spots)


@pytest.mark.bench
def test_one_facility_of_500_comes_or_goes(figure: Say) -> None:
    """Row 9: places attached with all candidates, direct legs too; joining the new facility to its streets is included.

    The peer is this project's own search afresh, which is faster than scipy's (row 4), for the same places and
    facilities: nothing of it is kept from one question to the next but how places and facilities are attached.
    """
    engine, homes, spots = joined(1000, FACILITIES + CHANGES)
    begin = perf_counter()
    live = LiveNearest(engine, homes, Sites(select_places(spots, np.arange(FACILITIES)), np.arange(FACILITIES)))
    print(f"\nheld after {perf_counter() - begin:.1f} s")
    ours: dict[str, list[float]] = {"added": [], "removed": []}
    places, afresh = [], []
    for turn in range(CHANGES):
        number = np.array([FACILITIES + turn])
        begin = perf_counter()
        change = live.add(Sites(join_places(engine, spots.lon[number], spots.lat[number]), number))
        ours["added"].append(perf_counter() - begin)
        places.append(len(change.place))
        begin = perf_counter()
        live.remove([turn])
        ours["removed"].append(perf_counter() - begin)
        if turn % (CHANGES // AFRESH) == 0:
            begin = perf_counter()
            expected = nearest_facility(engine, homes, live.sites)
            afresh.append(perf_counter() - begin)
            assert_equal(live.nearest, expected)
    least = min(afresh)
    median = {name: float(np.median(seconds)) for name, seconds in ours.items()}
    work, peer = "of 500, 1 M nodes and places, median", "nearest_facility afresh, one thread"
    for name, own in median.items():
        figure(row=9, work=f"a facility {name}, {work}", peer=peer, ours_s=own, peer_s=least, at_least=50)
    figure(row=9, work="places that change hands, median", value=float(np.median(places)), unit="places")
