"""Points of a lattice are joined to the network once; every one must have the time of a resident there, whoever asked."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circle.kernels.projection import to_degrees
from circle.model import Residents
from circle.reach import Crowd, Lattice, isochrone_tables, join_places, lattice, lattice_step_m, nearest_facility
from circle.reach.lattice import tiles_near
from tests import towns

ROUNDING_MS = 1
"""Direct legs are measured on the plane and scaled, and points go to degrees and back."""


def random_town(seed: int, *, walls: bool = True, one_sided: bool = False, **asked: object):
    """25 roads of four points on a grid of 200 m: one-way, slow, bridges; two rivers and a closed wall between them."""
    rng = np.random.default_rng(seed)
    ways = [[tuple(p) for p in rng.integers(0, 9, (4, 2)) * 200.0] for _ in range(25)]
    town = towns.streets(ways, oneway=(1, 5, 9), bridges=(3, 4), factor={2: 0.4, 7: 0.5})
    closed = [(300, 310), (690, 330), (650, 720), (330, 650), (300, 310)]
    lines = [[(-500, 730), (900, 770)], [(1130, -300), (1070, 1500)], closed]
    return towns.engine(town, towns.barriers(lines if walls else [], one_sided=one_sided), **asked)


def assert_every_point_is_right(field, engine, sites):
    """Against the search for residents without any limit, at all points of the plane that could be in reach."""
    (west, south, east, north), margin = engine.extent, 1500.0
    first = np.floor((np.array([field.x0 - west, field.y0 - south]) - margin) / field.step_m)
    count = np.ceil((np.array([east - west, north - south]) + 4 * margin) / field.step_m)
    columns, rows = (low + np.arange(many) for low, many in zip(first, count, strict=True))
    x, y = (axis.ravel() for axis in np.meshgrid(west + columns * field.step_m, south + rows * field.step_m))
    places = join_places(engine, *to_degrees(engine.network.crs, x, y), strict=True)
    cost = 1000 * nearest_facility(engine, places, sites).cost
    i = np.rint((x - field.x0) / field.step_m).astype(int)
    j = np.rint((y - field.y0) / field.step_m).astype(int)
    inside = (i >= 0) & (i < field.impedance.shape[1]) & (j >= 0) & (j < field.impedance.shape[0])
    assert inside.sum() == field.impedance.size  # nothing of the window lies beyond the points that are looked at
    found = np.full(len(x), np.inf)
    found[inside] = field.impedance[j[inside], i[inside]]
    known = cost <= field.known - ROUNDING_MS
    assert known.sum() > 20
    assert np.abs(found[known] - cost[known]).max() <= ROUNDING_MS
    assert (found[cost > field.known + ROUNDING_MS] > field.known).all()


CLINICS = [[(430.0, 410.0)], [(100.0, 100.0), (1500.0, 900.0), (900.0, 1490.0)]]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("one_sided", [False, True])
@pytest.mark.parametrize("clinics", CLINICS)
def test_every_point_has_the_time_of_residents_there(seed, one_sided, clinics):
    engine = random_town(seed, one_sided=one_sided)
    sites = towns.sites(engine, clinics)
    for limit in (120.0, 900.0):
        assert_every_point_is_right(Lattice(engine, 20.0).field(sites.places, limit), engine, sites)


@pytest.mark.parametrize("clinics", CLINICS)
def test_metres_are_as_right_as_seconds(clinics):
    engine = random_town(3, metric="distance", limits=(500.0,))
    sites = towns.sites(engine, clinics)
    assert_every_point_is_right(Lattice(engine, 30.0).field(sites.places, 500.0), engine, sites)


def test_a_site_in_the_middle_of_a_long_road_is_reached_along_it():
    """Both ends of the road are out of reach."""
    engine = towns.engine(towns.streets([[(-3000, 0), (10, 40), (3000, 0)], [(0, 900), (10, 1000)]], oneway=[0]))
    sites = towns.sites(engine, [(200, 30), (-900, 20)])
    assert_every_point_is_right(Lattice(engine, 25.0).field(sites.places, 600.0), engine, sites)


def test_who_asked_before_makes_no_difference(monkeypatch):
    """Tiles that were joined for others, for shorter or longer limits, or forgotten: all as if nobody had asked."""
    engine = random_town(1)
    rng = np.random.default_rng(7)
    monkeypatch.setattr("circle.reach.lattice.AT_ONCE", 7)
    shared = Lattice(engine, 20.0, most_points=9_000)
    for _ in range(25):
        sites = towns.sites(engine, [tuple(p) for p in rng.uniform(-200, 1800, (rng.integers(1, 3), 2))])
        limit = float(rng.choice([60.0, 300.0, 700.0]))
        again, fresh = shared.field(sites.places, limit), Lattice(engine, 20.0).field(sites.places, limit)
        assert (again.x0, again.y0, again.known) == (fresh.x0, fresh.y0, fresh.known)
        known = fresh.impedance <= fresh.known
        assert np.array_equal(again.impedance[known], fresh.impedance[known])
        assert (again.impedance[~known] > fresh.known).all()


@pytest.mark.parametrize("longest", [None, 60.0, 300.0, 900.0])
@pytest.mark.parametrize("limits", [(60.0, 900.0), (900.0, 60.0, 300.0, 899.0), (250.0, 260.0, 900.0)])
def test_a_limit_does_not_shorten_the_legs_of_the_next(limits, longest):
    """One road and open country: nearly everybody lives far from it, and every tile is asked again.

    What was announced as the longest limit saves work and never costs an answer: longer ones are right too.
    """
    engine = towns.engine(towns.streets([[(-3000, 0), (3000, 0)]]))
    sites = towns.sites(engine, [(0, 0)])
    shared = Lattice(engine, 50.0, longest=longest)
    for limit in limits:
        assert_every_point_is_right(shared.field(sites.places, limit), engine, sites)


def test_services_of_one_run_share_the_points_however_many(monkeypatch):
    """Each point is joined once, for all services together."""
    engine, joined = random_town(6), []
    true = lattice.attach_metres
    monkeypatch.setattr(lattice, "attach_metres", lambda engine, x, *rest, **options: joined.append(len(x)) or true(engine, x, *rest, **options))
    monkeypatch.setattr("circle.reach.lattice.MOST_POINTS", 10)
    crowd = Crowd(Residents(np.empty(0), np.empty(0), np.empty((1, 0)), ("all",), np.empty(0, np.int64), 0.0), {})
    sites = {name: towns.sites(engine, [tuple(p)]) for name, p in (("clinic", (400, 400)), ("school", (500, 400)), ("stop", (400, 400)))}
    reach = {name: SimpleNamespace(cost=np.empty(0)) for name in sites}
    isochrone_tables(engine, sites, replace(crowd, reach=reach), towns.question(), water=np.empty(0, dtype=object))
    count, alone = sum(joined), Lattice(engine, 25.0)
    for own in sites.values():
        alone.field(own.places, 900.0)
    assert count == 64 * len(alone._number)


@pytest.mark.parametrize("where", ["field_of", "joined_points", "attach_metres", "to_degrees"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_whoever_is_interrupted_leaves_nothing_wrong_behind(where, error, monkeypatch):
    """A search breaks off at its worst moment; the next answer is as if nobody had asked."""
    engine, rng = random_town(4), np.random.default_rng(5)
    shared = Lattice(engine, 20.0)
    first, second = (towns.sites(engine, [tuple(p)]).places for p in rng.uniform(0, 1600, (2, 2)))
    shared.field(first, 300.0)
    true = getattr(lattice, where)

    def breaking(*args, **options):
        true(*args, **options)
        shared._room.node_best[:] = 7  # what a kernel leaves that did not come to its end
        shared._room.own[:] = 0
        raise error

    monkeypatch.setattr(lattice, where, breaking)
    with pytest.raises(error):
        shared.field(second, 700.0)
    monkeypatch.undo()
    for places in (first, second):
        expected = Lattice(engine, 20.0).field(places, 300.0)
        found = shared.field(places, 300.0)
        known = expected.impedance <= expected.known
        assert np.array_equal(found.impedance <= expected.known, known)
        assert np.array_equal(found.impedance[known], expected.impedance[known])


def test_a_fast_ferry_does_not_make_the_sea_part_of_the_lattice():
    """20 km in two minutes: whoever swam at that speed would be 150 km away. Nobody lives farther than a leg from land."""
    town = towns.streets(
        [[(-300, 0), (0, 0)], [(0, 0), (20_000, 0)], [(20_000, 0), (20_300, 0)]], bridges=[1], duration_s={1: 120}
    )
    engine = towns.engine(town)
    places = towns.sites(engine, [(0, 0)]).places
    step_m = lattice_step_m(engine, [places], 900.0, None)
    field = Lattice(engine, step_m).field(places, 900.0)
    leg_m = 960.0 / 0.9 / 1.3
    assert step_m == 25.0
    assert field.impedance.size <= (20_600 + 2 * leg_m + 400) * (2 * leg_m + 400) / step_m**2


def test_huge_limits_and_tiny_steps_keep_to_what_fits():
    engine = towns.engine(towns.streets([[(0, 0), (1000, 0)]]))
    places = towns.sites(engine, [(0, 0)]).places
    for limit, wanted in ((1e5, None), (1e5, 0.5), (900.0, 0.001), (1e-5, None)):
        step_m = lattice_step_m(engine, [places], limit, wanted)
        assert np.isfinite(step_m)
        # what a walker reaches of the roads and a leg around them, in points
        walk_m = max(1.01 * limit / 0.9, 1.1)
        leg_m = walk_m / 1.3
        assert min(np.pi * walk_m**2, (1000 + 2 * leg_m) * 2 * leg_m) / step_m**2 <= 4.2e6


def test_a_network_can_be_copied_after_its_lattice_was_used():
    engine = random_town(0)
    used = Lattice(engine, 20.0)
    places = towns.sites(engine, [(400, 400)]).places
    before = used.field(places, 300.0)
    for copied in (copy.deepcopy(used), pickle.loads(pickle.dumps(used))):
        assert np.array_equal(
            np.minimum(copied.field(places, 300.0).impedance, 10**7), np.minimum(before.impedance, 10**7)
        )


def test_threads_get_what_one_gets():
    engine, rng = random_town(2), np.random.default_rng(11)
    each = [towns.sites(engine, [tuple(p)]).places for p in rng.uniform(0, 1600, (24, 2))]
    alone = [Lattice(engine, 20.0).field(places, 300.0).impedance for places in each]
    shared = Lattice(engine, 20.0)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda places: shared.field(places, 300.0).impedance, each))
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(np.minimum(one, 10**7), np.minimum(other, 10**7))


def test_a_facility_at_the_other_end_of_the_world_does_not_stretch_the_lattice():
    engine = towns.engine(towns.streets([[(-2000, 0), (2000, 0)]]))
    places = towns.sites(engine, [(0, 0), (900_000, 2_000_000)]).places
    assert Lattice(engine, 10.0).field(places, 900.0).impedance.size < 1_000_000
    assert lattice_step_m(engine, [places], 900.0, None) == 25.0


def test_the_step_grows_with_the_area_and_obeys_who_asks():
    engine = towns.engine(towns.streets([[(0, 0), (200_000, 0)]]))
    one, many = (towns.sites(engine, [(2000.0 * k, 0.0) for k in range(n)]).places for n in (1, 100))
    assert lattice_step_m(engine, [one], 900.0, None) == 25.0
    # a hundred discs of 3.14 km² in 300,000 points: 32.4 m, to the next 5 m
    assert lattice_step_m(engine, [many], 900.0, None) == 35.0
    assert lattice_step_m(engine, [many], 900.0, 12.0) == 12.0
    # 314 km² in four million points
    assert lattice_step_m(engine, [many], 900.0, 1.0) == pytest.approx((3.14e8 / 4e6) ** 0.5, rel=0.01)
    assert lattice_step_m(engine, [], 900.0, None) == 100.0


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=1, max_size=5),
    st.floats(0.01, 6),
)
def test_all_tiles_within_a_radius_are_near(points, radius):
    """Against the distance from every square to every point, one by one."""
    x, y = np.array(points).T
    low_row, low_column, near = tiles_near(x, y, radius)
    row, column = np.indices((40, 40)) - 20
    off_x = np.maximum(np.maximum(column[..., None] - x, x - column[..., None] - 1), 0)
    off_y = np.maximum(np.maximum(row[..., None] - y, y - row[..., None] - 1), 0)
    least = np.hypot(off_x, off_y).min(axis=-1)
    found = np.zeros((40, 40), np.bool_)
    found[low_row + 20 : low_row + 20 + near.shape[0], low_column + 20 : low_column + 20 + near.shape[1]] = near
    assert found[least < radius - 1e-9].all()
    assert not found[least > radius + 1e-9].any()
