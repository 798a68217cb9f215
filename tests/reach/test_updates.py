"""Facilities come and go: always what a search afresh finds, and what networkx finds, to the millisecond and the tie."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

from circle import units
from circle.kernels.projection import local_projection
from circle.model import Attachment
from circle.reach import Change, LiveNearest, Nearest, Places, Sites, build_engine, join_places, nearest_facility
from tests import oracle, towns
from tests.kernels.grids import Town, jittered_town, network_of_town, stops_at
from tests.kernels.oracles import matrix_of
from tests.reach.test_against_networkx import spot, town_streets

NUMBERS = 5


def sites_of(engine, doors) -> Sites:
    """Doors are pairs of a spot and the number of the facility that it leads to."""
    joined = towns.places(engine, [at for at, _ in doors])
    return Sites(joined, np.array([own for _, own in doors], np.int64))


def assert_equal(found: Nearest, expected: Nearest) -> None:
    for field in fields(Nearest):
        assert np.array_equal(
            getattr(found, field.name), getattr(expected, field.name), equal_nan=field.name in ("cost", "leg_m")
        ), field.name


def rows_of(nearest: Nearest, rows) -> Nearest:
    return Nearest(*(getattr(nearest, field.name)[rows] for field in fields(Nearest)))


def assert_told(change: Change, before: Nearest, after: Nearest) -> None:
    """The change holds the places with another time or facility, and no others."""
    differs = (before.facility != after.facility) | ((before.cost != after.cost) & ~np.isnan(before.cost))
    assert change.place.tolist() == np.flatnonzero(differs).tolist()
    assert_equal(change.before, rows_of(before, change.place))
    assert_equal(change.after, rows_of(after, change.place))


def apart(places: Places) -> Places:
    """Too far for a direct leg: the network alone."""
    return replace(places, x=places.x + 1e6)


doors_of_one = st.lists(spot, min_size=1, max_size=3)
steps = st.lists(st.tuples(st.integers(0, NUMBERS - 1), doors_of_one), min_size=1, max_size=8)
people = st.lists(spot, min_size=1, max_size=8)
doors = st.lists(st.tuples(spot, st.integers(0, NUMBERS - 1)), max_size=6)


def step_taken(live: LiveNearest, engine, number: int, entrances) -> Change:
    """Close the facility of this number if it is there, else open it."""
    if number in live.sites.facility:
        return live.remove([number])
    return live.add(sites_of(engine, [(at, number) for at in entrances]))


@settings(max_examples=250)
@given(town_streets(), people, doors, steps, st.booleans())
def test_every_step_is_what_a_search_afresh_finds(streets, residents, entrances, taken, direct):
    engine = towns.engine(streets)
    places = towns.places(engine, residents)
    places = places if direct else apart(places)
    live = LiveNearest(engine, places, sites_of(engine, entrances))
    before = live.nearest
    assert_equal(before, nearest_facility(engine, places, live.sites))
    for number, own in taken:
        change = step_taken(live, engine, number, own)
        after = nearest_facility(engine, places, live.sites)
        assert_equal(live.nearest, after)
        assert_told(change, before, after)
        before = after


@settings(max_examples=120)
@given(town_streets(), people, doors, steps)
def test_every_step_is_what_networkx_finds(streets, residents, entrances, taken):
    engine = towns.engine(streets)
    places = towns.places(engine, residents)
    live = LiveNearest(engine, apart(places), sites_of(engine, entrances))
    for number, own in taken:
        step_taken(live, engine, number, own)
        cost, facility = oracle.nearest_by_networkx(engine, places, live.sites)
        reached, found = cost < np.iinfo(np.int64).max, live.nearest
        assert np.array_equal(np.isfinite(found.cost), reached)
        assert np.array_equal(units.to_impedance(found.cost[reached]), cost[reached])
        assert np.array_equal(found.facility, facility)


@settings(max_examples=80)
@given(town_streets(), people, doors, steps, st.sets(st.integers(0, NUMBERS - 1), min_size=1))
def test_several_at_once_are_as_one_after_another(streets, residents, entrances, taken, closed):
    engine = towns.engine(streets)
    places = towns.places(engine, residents)
    live = LiveNearest(engine, places, sites_of(engine, entrances))
    new = [(at, NUMBERS + number) for number, own in taken for at in own]
    before = live.nearest
    assert_told(live.add(sites_of(engine, new)), before, live.nearest)
    assert_equal(live.nearest, nearest_facility(engine, places, sites_of(engine, [*entrances, *new])))
    there, before = sorted(closed & set(live.sites.facility.tolist())), live.nearest
    assert_told(live.remove(there), before, live.nearest)
    left = [(at, own) for at, own in [*entrances, *new] if own not in closed]
    assert_equal(live.nearest, nearest_facility(engine, places, sites_of(engine, left)))


def large_town(seed: int, side: int = 40):
    """A grid of 150 m with a part of its streets left out, some of them one-way, people and clinics all over it."""
    random = np.random.default_rng(seed)
    ways = [
        [(150.0 * i, 150.0 * j), (150.0 * (i + di), 150.0 * (j + dj))]
        for i in range(side)
        for j in range(side)
        for di, dj in ((1, 0), (0, 1))
        if random.random() < 0.7
    ]
    engine = towns.engine(towns.streets(ways, oneway=np.flatnonzero(random.random(len(ways)) < 0.3).tolist()))
    homes = [tuple(at) for at in random.uniform(0, 150.0 * side, (600, 2))]
    clinics = [(tuple(at), number // 2) for number, at in enumerate(random.uniform(0, 150.0 * side, (60, 2)))]
    return random, engine, towns.places(engine, homes), clinics


@pytest.mark.parametrize("seed", range(4))
def test_a_town_of_thousands_of_streets_over_many_steps(seed):
    random, engine, places, clinics = large_town(seed)
    live = LiveNearest(engine, places, sites_of(engine, clinics))
    sizes = []
    for _ in range(40):
        before = live.nearest
        number = int(random.integers(0, 45))
        at = [tuple(spot) for spot in random.uniform(0, 6000, (2, 2))]
        change = step_taken(live, engine, number, at)
        after = nearest_facility(engine, places, live.sites)
        assert_equal(live.nearest, after)
        assert_told(change, before, after)
        sizes.append(len(change.place))
    assert 5 < np.median(sizes) < 200  # some change hands, not all


def on_junctions(engine, node, *, east_m: float = 0.0) -> Places:
    """Places on junctions that have a street, without legs; `east_m` takes them out of reach of direct legs."""
    network = engine.network
    streets = Town(network.node_x, network.node_y, network.edge_from, network.edge_to)
    stops, open_way = stops_at(streets, node), np.zeros(len(node), np.bool_)
    nothing = np.zeros(len(stops.edge))
    at = Attachment(*stops, nothing, nothing, nothing, open_way)
    return Places(
        network.node_lon[node], network.node_lat[node], network.node_x[node] + east_m, network.node_y[node], at
    )


def test_junctions_change_hands_as_scipy_reckons_it():
    """Facilities and places on junctions: scipy's own search on the matrix of arcs, after each step."""
    crs = local_projection(np.array([118.5]), np.array([28.9]))
    town = jittered_town(50)
    engine = build_engine(network_of_town(town._replace(y=town.y + 3.2e6), crs))
    joined = np.unique(np.r_[town.start, town.end])
    chosen = np.random.default_rng(8).choice(joined, 31, replace=False)
    there = set(range(25))
    live = LiveNearest(
        engine, on_junctions(engine, joined, east_m=1e6), Sites(on_junctions(engine, chosen[:25]), np.arange(25))
    )
    matrix, moved = matrix_of(engine.arcs), []
    for number in [3, 25, 7, 26, 3, 27, 0, 28, 25, 29, 30]:
        if number in there:
            change = live.remove([number])
        else:
            change = live.add(Sites(on_junctions(engine, chosen[[number]]), np.array([number])))
        there ^= {number}
        moved.append(len(change.place))
        expected = dijkstra(matrix, indices=chosen[sorted(there)], min_only=True)[joined]
        assert np.array_equal(units.to_impedance(live.nearest.cost), expected)
    assert min(moved) > 0


def test_a_clinic_closes_and_another_opens_by_hand():
    """A street of 1,000 m at 4 km/h is 900 s; homes at both ends and in the middle, clinics at the ends."""
    engine = towns.engine(towns.streets([[(0, 0), (1000, 0)]]))
    places = towns.places(engine, [(0, 0), (450, 0), (1000, 0)])
    live = LiveNearest(engine, places, sites_of(engine, [((0, 0), 0), ((1000, 0), 1)]))
    assert live.nearest.facility.tolist() == [0, 0, 1]
    change = live.remove([0])
    assert change.place.tolist() == [0, 1]
    assert change.before.cost.round().tolist() == [0, 405]
    assert change.after.cost.round().tolist() == [900, 495]
    assert change.after.facility.tolist() == [1, 1]
    change = live.remove([1])
    assert change.place.tolist() == [0, 1, 2]
    assert np.isinf(change.after.cost).all()
    assert change.after.facility.tolist() == [-1, -1, -1]
    change = live.add(sites_of(engine, [((500, 0), 7)]))
    assert change.after.cost.round().tolist() == [450, 45, 450]
    assert change.after.facility.tolist() == [7, 7, 7]


def test_equally_near_the_smaller_number_keeps_its_people():
    engine = towns.engine(towns.streets([[(0, 0), (1000, 0)]]))
    places = towns.places(engine, [(1000, 0)])
    live = LiveNearest(engine, places, sites_of(engine, [((0, 0), 4)]))
    assert live.add(sites_of(engine, [((0, 0), 6)])).place.tolist() == []
    change = live.add(sites_of(engine, [((0, 0), 2)]))
    assert (change.place.tolist(), change.after.facility.tolist()) == ([0], [2])
    assert change.before.cost.tolist() == change.after.cost.tolist()
    change = live.remove([2])
    assert change.after.facility.tolist() == [4]


def test_a_barrier_stands_between_home_and_the_new_clinic():
    """50 m apart with a railway between: no direct leg; to another, 50 m away on the home's own side, there is one."""
    rail = towns.barriers([[(50, -200), (50, 1200)]])
    engine = towns.engine(towns.streets([[(0, 0), (0, 1000)], [(100, 0), (100, 1000)]]), rail)
    live = LiveNearest(engine, towns.places(engine, [(30, 100)]), sites_of(engine, []))
    assert live.add(sites_of(engine, [((80, 100), 0)])).place.tolist() == []
    change = live.add(sites_of(engine, [((80, 100), 1), ((30, 150), 1)]))
    assert change.after.direct.tolist() == [True]
    assert change.after.cost == pytest.approx([50 * 1.3 * 0.9], abs=0.01)
    assert live.remove([1]).after.facility.tolist() == [-1]


def test_homes_of_unknown_place_stay_unknown():
    engine = towns.engine(towns.streets([[(0, 0), (1000, 0)]]))
    known = towns.places(engine, [(500, 0)])
    places = join_places(engine, np.r_[np.nan, known.lon], np.r_[np.nan, known.lat])
    live = LiveNearest(engine, places, sites_of(engine, []))
    assert live.add(sites_of(engine, [((0, 0), 0)])).place.tolist() == [1]
    assert np.isnan(live.nearest.cost).tolist() == [True, False]
    assert_equal(live.nearest, nearest_facility(engine, places, live.sites))


def test_what_was_read_before_stays_as_it_was():
    engine = towns.engine(towns.streets([[(0, 0), (1000, 0)]]))
    live = LiveNearest(engine, towns.places(engine, [(0, 0)]), sites_of(engine, [((0, 0), 0)]))
    before = live.nearest
    live.remove([0])
    assert before.facility.tolist() == [0]
    assert before.cost.tolist() == [0]


@pytest.mark.parametrize("number", [0, -1])
def test_a_number_that_is_taken_or_none_is_refused_and_nothing_changes(number):
    engine = towns.engine(towns.streets([[(0, 0), (1000, 0)]]))
    places = towns.places(engine, [(0, 0), (900, 0)])
    live = LiveNearest(engine, places, sites_of(engine, [((0, 0), 0)]))
    with pytest.raises(ValueError, match=str(number)):
        live.add(sites_of(engine, [((900, 0), number)]))
    with pytest.raises(ValueError, match="5"):
        live.remove([0, 5])
    assert_equal(live.nearest, nearest_facility(engine, places, sites_of(engine, [((0, 0), 0)])))


def test_numbers_far_beyond_those_before():
    """Keys are written anew where a number needs more room."""
    engine = towns.engine(towns.streets([[(0, 0), (1000, 0)], [(5000, 0), (5500, 0)]]))
    places = towns.places(engine, [(0, 0), (900, 0), (5000, 0)])
    live = LiveNearest(engine, places, sites_of(engine, [((0, 0), 0)]))
    live.add(sites_of(engine, [((1000, 0), 9_000)]))
    assert_equal(live.nearest, nearest_facility(engine, places, live.sites))
    assert live.nearest.facility.tolist() == [0, 9_000, -1]
    live.remove([0])
    assert live.nearest.facility.tolist() == [9_000, 9_000, -1]
