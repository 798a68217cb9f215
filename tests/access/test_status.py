"""Covered, or not and why: each reason in a town made for it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from circle.access import all_services, metres_to_boundary, service_reach
from circle.access.status import Ground, Travel
from circle.kernels.projection import to_metres
from circle.load.layers import road_hull
from circle.model import Extent, Status
from circle.reach.attach import nearest_leg_m
from circle.units import CIRCUITY
from tests import towns


def reach_of(engine, residents, clinics, *, boundary_m=np.inf, has_facility=True, service="clinic"):
    """Status of residents in a toy town."""
    places = towns.places(engine, residents)
    found = towns.nearest(engine, residents, clinics)
    leg = CIRCUITY * nearest_leg_m(places.attachment) / engine.network.leg_speed_m_s
    ground = Ground(leg, np.full(len(residents), float(boundary_m)))
    travel = Travel(found.cost, found.facility, towns.straight_m(engine, residents, clinics), found.leg_m, found.direct)
    question = towns.question()
    return service_reach(service, travel, ground, engine.network, question, has_facility=has_facility)


def test_every_reason_has_its_resident():
    """A hairpin road (0,0)-(3000,0)-(3000,700)-(0,700), an island road at y = 9000, a clinic at the origin.

    (900, 0): 810 s, covered. (2500, 0): 2250 s, nothing near: far. (0, 700): 700 m as the crow flies, 6700 m by road: detour.
    (1000, 2200): the nearest road is 1500 m away, leg 1755 s: off_road. (0, 9000): its road has no clinic: no_route.
    """
    engine = towns.engine(towns.streets([[(0, 0), (3000, 0), (3000, 700), (0, 700)], [(0, 9000), (500, 9000)]]))
    residents = [(900, 0), (2500, 0), (0, 700), (1000, 2200), (0, 9000)]
    answer = reach_of(engine, residents, [(0, 0)])
    expected = [Status.COVERED, Status.FAR, Status.DETOUR, Status.OFF_ROAD, Status.NO_ROUTE]
    assert answer.status.tolist() == expected


def test_near_but_not_twice_as_long_is_far_and_not_detour():
    """900 m as the crow flies, 1200 m by road: a third more, no detour in the sense of the word."""
    engine = towns.engine(towns.streets([[(0, 0), (0, 300), (900, 300), (900, 0)]]))
    answer = reach_of(engine, [(900, 0)], [(0, 0)])
    assert answer.cost[0] == pytest.approx(1350, abs=0.5)
    assert answer.status[0] == Status.FAR


def test_a_service_without_facility_leaves_everyone_without():
    engine = towns.engine(towns.streets([[(0, 0), (3000, 0)]]))
    travel = Travel(np.array([np.inf]), np.array([-1]), np.array([np.inf]), np.array([np.nan]), np.array([False]))
    ground = Ground(np.zeros(1), np.full(1, np.inf))
    answer = service_reach("x", travel, ground, engine.network, towns.question(), has_facility=False)
    assert answer.status[0] == Status.NO_FACILITY


def test_the_limit_itself_is_covered():
    """900.000 s of 15 minutes: covered; a millisecond more: not."""
    engine = towns.engine(towns.streets([[(0, 0), (3000, 0)]]))
    travel = Travel(np.array([900.0, 900.001]), np.zeros(2, int), np.full(2, 950.0), np.zeros(2), np.zeros(2, bool))
    answer = service_reach("x", travel, Ground(np.zeros(2), np.full(2, np.inf)), engine.network, towns.question(), has_facility=True)
    assert answer.status.tolist() == [Status.COVERED, Status.FAR]


@pytest.mark.parametrize(("boundary_m", "affected"), [(449.0, True), (451.0, False)])
def test_people_whose_answer_hangs_on_unseen_land_are_flagged(boundary_m, affected):
    """Clinic 500 m away (450 s). At 4 km/h the boundary at 500 m takes 450 s too: nearer than that, a nearer one may hide."""
    engine = towns.engine(towns.streets([[(0, 0), (3000, 0)]]))
    answer = reach_of(engine, [(500, 0)], [(0, 0)], boundary_m=boundary_m / 0.9)
    assert bool(answer.edge_affected[0]) == affected


def test_all_services_take_the_last_one():
    """Clinic 100 m and school 2000 m away: all services take 1800 s, for the school's reason."""
    engine = towns.engine(towns.streets([[(0, 0), (3000, 0)]]))
    near, far = reach_of(engine, [(0, 0)], [(100, 0)]), reach_of(engine, [(0, 0)], [(2000, 0)], service="school")
    both = all_services({"clinic": near, "school": far})
    assert both.cost[0] == far.cost[0]
    assert both.status[0] == Status.FAR
    assert both.straight_m[0] == far.straight_m[0]


def test_distance_to_the_boundary_is_that_of_the_nearest_side():
    """A square of 2 km: from 300 m inside its east side it is 300 m; outside it is 0; unknown stays unknown."""
    extent = Extent(towns.box(-1000, -1000, 1000, 1000), "declared")
    engine = towns.engine(towns.streets([[(0, 0), (100, 0)]]))
    places = towns.places(engine, [(700, 0), (1500, 0)])
    x, y = np.append(places.x, np.nan), np.append(places.y, np.nan)
    metres = metres_to_boundary(extent, engine.network.crs, x, y, 1000.0)
    assert metres[:2] == pytest.approx([300, 0], abs=0.2)
    assert np.isnan(metres[2])


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(100, 4000))
def test_near_the_boundary_the_distance_is_exact_and_far_from_it_it_is_no_matter(seed, farthest_m):
    """Shapely's own distance to a jagged outline with a hole, for places that are near, and a bound for all others."""
    random = np.random.default_rng(seed)
    angle = np.sort(random.uniform(0, 2 * np.pi, 40))
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * random.uniform(3000, 9000, 40)[:, None]
    outline = shapely.difference(shapely.make_valid(shapely.Polygon(ring)), shapely.box(500, 500, 900, 1500))
    engine = towns.engine(towns.streets([[(0, 0), (100, 0)]]))
    crs = engine.network.crs
    degrees = shapely.transform(outline, lambda p: np.array([towns.degrees(*point) for point in p]))
    x, y = random.uniform(-9000, 9000, (2, 500))
    metres = metres_to_boundary(Extent(degrees, "declared"), crs, x, y, farthest_m)
    plane = shapely.transform(degrees, lambda p: np.column_stack(to_metres(crs, *p.T)))
    points = shapely.points(x, y)
    expected = np.where(shapely.contains(plane, points), shapely.distance(shapely.boundary(plane), points), 0.0)
    near = expected <= farthest_m - 1
    assert metres[near] == pytest.approx(expected[near], abs=1.0)  # sides straight in degrees are bent in metres
    assert (metres[~near] >= farthest_m - 2).all()


def test_a_hole_in_the_data_is_a_boundary_too():
    whole, hole = towns.box(-5000, -5000, 5000, 5000), towns.box(900, -100, 1100, 100)
    engine = towns.engine(towns.streets([[(0, 0), (100, 0)]]))
    places = towns.places(engine, [(700, 0)])
    extent = Extent(shapely.difference(whole, hole), "declared")
    assert metres_to_boundary(extent, engine.network.crs, places.x, places.y, 1000.0)[0] == pytest.approx(200, abs=0.5)


def test_a_box_around_a_whole_country_flags_nobody_in_its_middle():
    """The sides of a box in degrees are curves in metres: 167 km inside is inside, and 2 km from a side is 2 km."""
    engine = towns.engine(towns.streets([[(0, 0), (100, 0)]]))
    places = towns.places(engine, [(0, 0)])
    crs = engine.network.crs
    country = Extent(shapely.box(73, 18, 135, 54), "pbf_header")
    assert metres_to_boundary(country, crs, places.x, places.y, 1000.0)[0] >= 1000
    degrees_north = 2000 / 110_850  # metres of a degree of latitude at 29 N
    near = Extent(shapely.box(112, 29 - degrees_north, 126, 40), "pbf_header")
    assert metres_to_boundary(near, crs, places.x, places.y, 5000.0)[0] == pytest.approx(2000, rel=0.01)


def test_all_services_are_out_of_reach_when_one_is():
    """A school 1200 s away for somebody far off the road, no clinic at all to be reached: together it is infinite."""
    engine = towns.engine(towns.streets([[(0, 0), (3000, 0)]]))
    ground = Ground(np.array([1000.0]), np.array([np.inf]))
    travel = [Travel(np.array([c]), np.array([f]), np.array([1e3]), np.array([9e2]), np.zeros(1, bool)) for c, f in ((1200.0, 0), (np.inf, -1))]
    parts = [service_reach(str(i), t, ground, engine.network, towns.question(), has_facility=True) for i, t in enumerate(travel)]
    both = all_services({"0": parts[0], "1": parts[1]})
    assert np.isinf(both.cost[0])
    assert both.facility[0] == -1


@pytest.mark.parametrize(("beside_m", "known"), [(50, True), (250, True), (350, False)])
def test_who_lives_just_beyond_the_last_road_lives_within_the_data(beside_m, known):
    """Without a declared extent the data reach as far from the hull of the roads as a direct leg, 300 m.

    A road of 2 km and one crossing it; a clinic on it. The last house stands so many metres north of the northern end.
    """
    town = towns.streets([[(-1000, 0), (0, 0), (1000, 0)], [(0, -1000), (0, 0), (0, 1000)]])
    engine = towns.engine(town)
    places = towns.places(engine, [(0, 1000 + beside_m), (0, 0)])
    metres = metres_to_boundary(road_hull(town), engine.network.crs, places.x, places.y, 5000.0)
    assert (metres[0] > 0) == known
    assert metres[0] == pytest.approx(max(0, 300 - beside_m), abs=2)
    assert metres[1] == pytest.approx(1000 / np.sqrt(2) + 300, abs=1)  # a square on its corner: 707 m to each side
    if known:
        affected = reach_of(engine, [(0, 1000 + beside_m)], [(0, 1000 + beside_m + 20)], boundary_m=metres[0])
        assert bool(affected.edge_affected[0]) == (metres[0] < 20)


def test_a_single_road_has_land_on_both_sides():
    """The hull of a straight road is a line, in which nobody could live."""
    hull = road_hull(towns.streets([[(0, 0), (1000, 0)]]))
    assert hull.source == "road_hull"
    assert shapely.contains_xy(hull.polygon, *towns.degrees(500, 200))
    assert not shapely.contains_xy(hull.polygon, *towns.degrees(500, 350))
