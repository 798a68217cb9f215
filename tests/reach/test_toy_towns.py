"""Toy towns whose answers are worked out in the docstrings.

0.9 s a metre on the network, 1.17 s a metre off it; impedance is rounded to a millisecond per segment and leg.
"""

from __future__ import annotations

import numpy as np
import pytest

from circle.model import Elevation
from circle.network import build_network
from circle.reach import build_engine
from tests import towns

LINE = [[(0, 0), (400, 0), (1000, 0), (2000, 0)]]
MS = 0.1
"""Seconds: the towns are drawn on an ellipsoid, where a square of 1 km does not close by some centimetres."""


def test_line_school_at_the_end_of_the_road():
    """Resident beside the road at x = 200, 10 m off; clinic on the road's end at 2000: 11.7 + 1800 × 0.9 = 1631.7 s."""
    town = towns.engine(towns.streets(LINE))
    found = towns.nearest(town, [(200, 10)], [(2000, 0)])
    assert found.cost[0] == pytest.approx(11.7 + 1620, abs=MS)
    assert towns.straight_m(town, [(200, 10)], [(2000, 0)])[0] == pytest.approx(np.hypot(1800, 10), abs=0.01)
    assert found.leg_m[0] == pytest.approx(10, abs=0.001)


def test_facility_in_the_middle_of_an_edge_is_reached_from_both_sides():
    """Clinic at x = 700 on the edge 0–2000: from 0 it is 630 s, from 1500 it is 720 s, each without going to an end."""
    found = towns.nearest(towns.engine(towns.streets(LINE)), [(0, 0), (1500, 0)], [(700, 0)])
    assert found.cost == pytest.approx([630, 720], abs=MS)


def test_two_places_on_one_edge_walk_along_it():
    """Resident at 900, clinic at 1350, one edge: 450 m × 0.9 = 405 s, not round by a junction."""
    town = towns.engine(towns.streets([*LINE, [(0, 0), (0, 500)], [(0, 0), (-500, 0)]]))
    found = towns.nearest(town, [(900, 0)], [(1350, 0)])
    assert found.cost[0] == pytest.approx(405, abs=MS)


def test_diamond_takes_the_shorter_side():
    """Left way 2 × 500 m over (300, 400), right way 2 × 500 m doubled by a detour: 1000 m = 900 s."""
    left = [(0, 0), (300, 400), (600, 0)]
    right = [(0, 0), (0, -800), (600, -800), (600, 0)]
    town = towns.engine(towns.streets([left, right, [(-400, 0), (0, 0)], [(600, 0), (1400, 0)]]))
    found = towns.nearest(town, [(-400, 0)], [(1400, 0)])
    assert found.cost[0] == pytest.approx(0.9 * (400 + 1000 + 800), abs=MS)


def test_one_way_ring_is_walked_in_its_direction_only():
    """A one-way square ring of side 500, residents 100 m before and after the clinic at (250, 0).

    The ring runs east along y = 0. From (150, 0) it is 100 m. From (350, 0) the ring must be walked round: 1900 m. Direct
    legs would be shorter, so the clinic and the residents stand inside a wall on both sides of each.
    """
    ring = [(0, 0), (500, 0), (500, 500), (0, 500), (0, 0)]
    walls = towns.barriers([[(200, -50), (200, 50)], [(300, -50), (300, 50)]])
    found = towns.nearest(towns.engine(towns.streets([ring], oneway=[0]), walls), [(150, 0), (350, 0)], [(250, 0)])
    assert found.cost == pytest.approx([90, 1710], abs=MS)


def test_island_without_a_clinic_is_unreachable_and_not_capped():
    """Two roads 5 km apart that never meet: infinite, with the straight distance still told."""
    town = towns.engine(towns.streets([[(0, 0), (1000, 0)], [(0, 5000), (1000, 5000)]]))
    found = towns.nearest(town, [(500, 5000)], [(500, 0)])
    assert np.isinf(found.cost[0])
    assert found.facility[0] == -1
    assert np.isnan(found.leg_m[0])
    assert towns.straight_m(town, [(500, 5000)], [(500, 0)])[0] == pytest.approx(5000, abs=0.1)


def test_river_without_bridge_sends_people_to_the_road_on_their_own_side():
    """The nearest road (20 m) lies beyond the river; the road on the near side is 400 m away and leads to the clinic.

    River along y = 0. Far road y = 10, near road y = -410, joined at x = -1000 by a bridge. Resident at (0, -10): leg 400 m
    = 468 s, then 1000 m west, 420 m north over the bridge, 1000 m east: 2420 m = 2178 s. Clinic on the far road at x = 0.
    """
    far, near, bridge = [(-1000, 10), (1000, 10)], [(-1000, -410), (1000, -410)], [(-1000, -410), (-1000, 10)]
    town = towns.streets([far, near, bridge], bridges=[2])
    river = towns.barriers([[(-2000, 0), (2000, 0)]])
    with_river = towns.engine(town, river)
    residents = towns.places(with_river, [(0, -10)])
    found = towns.nearest(with_river, [(0, -10)], [(0, 10)])
    assert residents.attachment.barred[0]
    assert found.cost[0] == pytest.approx(468 + 2178, abs=MS)
    assert not found.direct[0]
    assert towns.nearest(towns.engine(town), [(0, -10)], [(0, 10)]).cost[0] == pytest.approx(1.17 * 20, abs=MS)


def test_water_may_be_left_but_not_entered():
    """A raster cell 30 m out at sea walks ashore (35.1 s); nobody walks from the shore to the road across the bay.

    The coastline runs along y = 0 with land to its left: drawn eastwards, land is north. At sea (0, -30); road at y = 0+.
    """
    town = towns.streets([[(-1000, 5), (1000, 5)]])
    coast = towns.barriers([[(-3000, 0), (3000, 0)]], one_sided=True)
    found = towns.nearest(towns.engine(town, coast), [(0, -25)], [(500, 5)])
    assert found.cost[0] == pytest.approx(1.17 * 30 + 450, abs=MS)
    turned = towns.barriers([[(3000, 0), (-3000, 0)]], one_sided=True)  # now the resident is on land, the road in the sea
    assert np.isinf(towns.nearest(towns.engine(town, turned), [(0, -25)], [(500, 5)]).cost[0])


@pytest.mark.parametrize("clutter", [0, 1, 40])
@pytest.mark.parametrize(("road_m", "joined"), [(1950, True), (2050, False), (2700, False)])
def test_nobody_out_of_the_water_walks_over_2_km_to_a_road(clutter, road_m, joined):
    """20 m out at sea, and whatever other roads there are far away, on which the cells of the grid depend."""
    coast = towns.barriers([[(-90000, 0), (90000, 0)]], one_sided=True)
    far = [[(20000 + 40 * i, 9000), (20000 + 40 * i, 9500)] for i in range(clutter)]
    town = towns.engine(towns.streets([[(-100, road_m - 20), (100, road_m - 20)], *far]), coast)
    attachment = towns.places(town, [(0, -20)]).attachment
    assert (len(attachment.leg_m) > 0) == joined


def test_the_school_next_door_is_next_door():
    """Road between them makes a loop of 2 km; the direct leg is 100 m: 117 s. At 301 m there is none."""
    hairpin = [(0, 0), (1000, 0), (1000, 100), (0, 100)]
    town = towns.engine(towns.streets([hairpin]))
    found = towns.nearest(town, [(0, 0)], [(0, 100)])
    assert found.direct[0]
    assert found.cost[0] == pytest.approx(117, abs=MS)
    assert found.leg_m[0] == pytest.approx(100, abs=0.001)


@pytest.mark.parametrize(("gap", "direct"), [(299.9, True), (300.1, False)])
def test_the_direct_leg_ends_at_300_metres(gap, direct):
    """Two roads that never meet, `gap` apart: beyond 300 m there is no way at all."""
    town = towns.engine(towns.streets([[(0, 0), (1000, 0)], [(0, gap), (1000, gap)]]))
    found = towns.nearest(town, [(500, 0)], [(500, gap)])
    assert found.direct[0] == direct
    assert np.isfinite(found.cost[0]) == direct


def test_far_from_any_road_is_charged_and_not_removed():
    """3 km off the road: the leg costs 3510 s, and the resident is still there."""
    found = towns.nearest(towns.engine(towns.streets(LINE)), [(400, 3000)], [(400, 0)])
    assert found.cost[0] == pytest.approx(3510, abs=MS)


def test_the_winning_candidate_is_the_one_with_the_least_total_time():
    """Resident between two parallel streets: 20 m to the one that leads away, 60 m to the one with the clinic.

    Both lie within d₀ + 50 m. Over the near street it is 20 m leg + 1500 m; over the far one 60 m leg + 700 m.
    """
    near, far = [(0, 0), (1500, 0)], [(0, 80), (1500, 80)]
    link = [(1500, 0), (1500, 80)]
    town = towns.engine(towns.streets([near, far, link]))
    found = towns.nearest(town, [(500, 20)], [(1200, 80)])
    assert found.cost[0] == pytest.approx(1.17 * 60 + 0.9 * 700, abs=MS)
    assert found.leg_m[0] == pytest.approx(60, abs=0.01)


def test_candidates_beyond_the_slack_do_not_count():
    """As above, but the second street is 75 m away (d₀ = 20 m): beyond 70 m it is no candidate."""
    near, far = [(0, 0), (1500, 0)], [(0, 95), (1500, 95)]
    town = towns.engine(towns.streets([near, far, [(1500, 0), (1500, 95)]]))
    found = towns.nearest(town, [(500, 20)], [(1200, 95)])
    assert found.cost[0] == pytest.approx(1.17 * 20 + 0.9 * (1000 + 95 + 300), abs=MS)


def test_slope_is_slower_up_than_down():
    """A road that climbs 100 m in 1000 m (10 %). Tobler: up exp(-3.5 × 0.10), down exp(-3.5 × 0.00) of the flat pace.

    Up: factor exp(-3.5·(0.15 − 0.05)) = 0.70469 → 900 / 0.70469 = 1277.16 s. Down: |−0.10 + 0.05| = 0.05 → factor 1 → 900 s.
    """
    town = towns.streets([[(0, 0), (1000, 0)]])
    lon_1 = towns.degrees(1000, 0)[0]
    height = np.tile(np.array([-100.0, 0.0, 100.0, 200.0], np.float32), (4, 1))  # cell middles at x = -1000 … 2000
    step = lon_1 - towns.LON_0
    hill = Elevation(height, (step, 0.0, towns.LON_0 - 1.5 * step, 0.0, -0.01, towns.LAT_0 + 0.02), "EPSG:4326")
    network = build_network(town, towns.barriers(), towns.question(), elevation=hill)
    town_engine = build_engine(network)
    assert towns.nearest(town_engine, [(0, 0)], [(1000, 0)]).cost[0] == pytest.approx(900 / np.exp(-0.35), rel=1e-4)
    assert towns.nearest(town_engine, [(1000, 0)], [(0, 0)]).cost[0] == pytest.approx(900, rel=1e-4)


def test_bridges_do_not_dive_into_the_valley():
    """A gorge 50 m deep under a level bridge: the crossing is as quick as on the flat, a road through it is not."""
    way = [[(0, 0), (1000, 0)]]
    dip = np.tile(np.array([0.0, 0.0, -50.0, 0.0, 0.0], np.float32), (4, 1))  # middles at x = -500, 0, 500, 1000, 1500
    step = towns.degrees(500, 0)[0] - towns.LON_0
    gorge = Elevation(dip, (step, 0.0, towns.LON_0 - 1.5 * step, 0.0, -0.01, towns.LAT_0 + 0.02), "EPSG:4326")
    ask = towns.question()
    over = build_network(towns.streets(way, bridges=[0]), towns.barriers(), ask, elevation=gorge)
    through = build_network(towns.streets(way), towns.barriers(), ask, elevation=gorge)
    assert over.cost_along[-1] == pytest.approx(900_000, abs=5)
    assert through.cost_along[-1] > 1_000_000


def test_a_tunnel_of_two_ways_is_as_straight_as_one():
    """A ridge of 400 m over a level tunnel of 1 km, drawn as one way or as three: 900 s."""
    ridge = np.tile(np.array([0.0, 0.0, 400.0, 0.0, 0.0], np.float32), (4, 1))
    step = towns.degrees(500, 0)[0] - towns.LON_0
    hill = Elevation(ridge, (step, 0.0, towns.LON_0 - 1.5 * step, 0.0, -0.01, towns.LAT_0 + 0.02), "EPSG:4326")
    for tunnel in ([[(0, 0), (1000, 0)]], [[(0, 0), (300, 0)], [(300, 0), (600, 0)], [(1000, 0), (600, 0)]]):
        town = towns.streets(tunnel, bridges=range(len(tunnel)))
        town_engine = build_engine(build_network(town, towns.barriers(), towns.question(), elevation=hill))
        assert town_engine.network.cost_along[-1] == pytest.approx(900_000, abs=60)


def test_a_bridge_with_one_end_of_unknown_height_is_level():
    """Ground at 500 m in the west, unknown from x = 750 on: no drop to sea level is made up, the bridge takes 1800 s."""
    half = np.tile(np.array([500.0, 500.0, 500.0, np.nan, np.nan, np.nan], np.float32), (4, 1))
    step = towns.degrees(500, 0)[0] - towns.LON_0
    known = Elevation(half, (step, 0.0, towns.LON_0 - 1.5 * step, 0.0, -0.01, towns.LAT_0 + 0.02), "EPSG:4326")
    town = towns.streets([[(0, 0), (500, 0)], [(500, 0), (2000, 0)]], bridges=[0, 1])
    net = build_network(town, towns.barriers(), towns.question(), elevation=known)
    assert net.cost_along[-1] == pytest.approx(1_800_000, abs=60)


def test_a_cliff_in_the_heights_is_slow_and_not_negative():
    """A height grid that falls 4000 m between two cells: the path counts as 45 degrees, 900 s / exp(-3.5) at worst."""
    cliff = np.tile(np.array([4000.0, 4000.0, 0.0, 0.0], np.float32), (4, 1))
    step = towns.degrees(30, 0)[0] - towns.LON_0
    fall = Elevation(cliff, (step, 0.0, towns.LON_0 - 1.5 * step, 0.0, -0.01, towns.LAT_0 + 0.02), "EPSG:4326")
    net = build_network(towns.streets([[(0, 0), (60, 0)]]), towns.barriers(), towns.question(), elevation=fall)
    assert 54_000 < net.cost_along[-1] <= 54_000 / np.exp(-3.5) + 5
    assert 54_000 < net.cost_back[-1] <= 54_000 / np.exp(-3.5) + 5


def test_nobody_steps_off_a_bridge():
    """Resident under the middle of a long bridge: the way goes to its end, 500 m along the bank, not 5 m up."""
    town = towns.engine(towns.streets([[(-500, 0), (500, 0)], [(500, 0), (1500, 0)]], bridges=[0]))
    found = towns.nearest(town, [(0, -5)], [(1500, 0)])
    assert found.cost[0] == pytest.approx(1.17 * np.hypot(500, 5) + 900, abs=0.01)


def test_ferry_takes_its_stated_time():
    """20 minutes over 3 km of water, then 100 m of road."""
    town = towns.engine(
        towns.streets([[(0, 0), (100, 0)], [(100, 0), (3100, 0)], [(3100, 0), (3200, 0)]], bridges=[1], duration_s={1: 1200})
    )
    assert towns.nearest(town, [(0, 0)], [(3200, 0)]).cost[0] == pytest.approx(90 + 1200 + 90, abs=MS)


def test_steps_are_slower():
    """100 m of steps at 0.6 of the walking speed: 150 s."""
    town = towns.engine(towns.streets([[(0, 0), (400, 0)], [(400, 0), (500, 0)], [(500, 0), (900, 0)]], factor={1: 0.6}))
    assert towns.nearest(town, [(0, 0)], [(900, 0)]).cost[0] == pytest.approx(360 + 150 + 360, abs=MS)


def test_distance_counts_millimetres():
    """Asked in metres, 10 m off and 1800 m along are 13 + 1800 = 1813 m, steps or not."""
    town = towns.engine(towns.streets(LINE, factor={0: 0.5}), metric="distance", limits=(1000,))
    found = towns.nearest(town, [(200, 10)], [(2000, 0)])
    assert found.cost[0] == pytest.approx(1813, abs=0.005)


def test_equal_distances_go_to_the_smaller_facility_number():
    """Clinics 600 m to either side: number 0 wins, wherever it stands."""
    town = towns.engine(towns.streets([[(-1000, 0), (1000, 0)]]))
    for clinics in ([(600, 0), (-600, 0)], [(-600, 0), (600, 0)]):
        assert towns.nearest(town, [(0, 0)], clinics).facility[0] == 0


def test_exactly_at_the_limit_is_within_it():
    """15 minutes are 1000 m: 900.000 s at 1000 m counts, 1000.01 m does not."""
    town = towns.engine(towns.streets([[(0, 0), (2000, 0)]]))
    found = towns.nearest(town, [(0, 0), (-0.01, 0)], [(1000, 0)])
    assert found.cost[0] <= 900 < found.cost[1]


def test_a_road_with_parallel_edges_loops_and_zero_length_pieces_survives():
    """A loop road, a doubled road and a repeated vertex change nothing: 1000 m stay 900 s."""
    ways = [
        [(0, 0), (500, 0)],
        [(0, 0), (500, 0)],
        [(500, 0), (500, 0), (1000, 0)],
        [(500, 0), (600, 100), (500, 200), (500, 0)],
    ]
    assert towns.nearest(towns.engine(towns.streets(ways)), [(0, 0)], [(1000, 0)]).cost[0] == pytest.approx(900, abs=MS)


def test_unknown_location_is_unknown_and_not_unreachable():
    """NaN coordinates give NaN, never infinity, and no facility."""
    town = towns.engine(towns.streets(LINE))
    from circle.reach import join_places, nearest_facility, straight_line_m

    lost = join_places(town, np.array([np.nan]), np.array([np.nan]))
    found = nearest_facility(town, lost, towns.sites(town, [(0, 0)]))
    assert np.isnan(found.cost[0])
    assert np.isnan(straight_line_m(lost, towns.sites(town, [(0, 0)]))[0])
    assert found.facility[0] == -1
