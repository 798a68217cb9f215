"""Whether a barrier keeps a place from its nearest road: at every distance, as shapely finds it road by road.

The definition in full, apart from the kernels: a leg to the nearest point of a road may cross no wall, but out of the
water onto a shore within 300 m (`strict`: not even so); what has only roads beyond 250 m is adrift, and joined to none, over
300 m out in the water, or in the water and over 2 km from them. Barred is a place if any road within the limit is nearer
than the nearest that it is joined to.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import shapely

from circle.kernels.grid import grid_of_segments
from circle.kernels.snap import Rails, Snaps, snap_points
from circle.kernels.walls import walls_of
from tests import towns

Floats = np.ndarray
SLACK_M, LANDS_M, ASHORE_M, NEAR_M = 50.0, 300.0, 2000.0, 250.0


class Town(NamedTuple):
    """Roads and walls (·, 2, 2); which walls are shores; the water that they enclose; places."""

    roads: Floats
    walls: Floats
    shore: np.ndarray
    water: shapely.Geometry
    places: Floats


def ring(random: np.random.Generator, centre: Floats, radius_m: float) -> Floats:
    """A ragged ring around a centre, anticlockwise, closed to the last bit."""
    angle = np.sort(random.uniform(0, 2 * np.pi, int(random.integers(5, 30))))
    angle = np.concatenate([angle, [0.1, 1.7, 3.2, 4.8]])  # the centre stays inside
    angle.sort()
    around = centre + (radius_m * random.uniform(0.6, 1.0, len(angle)) * np.array([np.cos(angle), np.sin(angle)])).T
    return np.concatenate([around, around[:1]])


def random_town(seed: int) -> Town:
    """Rings of wall, of shore around land or around water, that do not overlap, and roads both inside and far off."""
    random = np.random.default_rng(seed)
    size_m = float(random.choice([300.0, 1500.0, 6000.0]))
    wall, shore, lakes, lands, places = [], [], [], [], [random.uniform(-size_m, size_m, (15, 2))]
    sea = random.random() < 0.3  # then all that is land is an island
    for column in range(int(random.integers(1, 4))):
        centre = np.array([(column - 1) * 0.7 * size_m, random.uniform(-0.3, 0.3) * size_m])
        radius_m = float(random.choice([0.02, 0.1, 0.33])) * size_m
        drawn = ring(random, centre, radius_m)
        kind = "island" if sea else random.choice(["wall", "lake"])
        (lands if kind == "island" else lakes).append(shapely.Polygon(drawn)) if kind != "wall" else None
        drawn = drawn[::-1] if kind == "lake" else drawn  # land to the left of a shore
        if kind == "wall" and random.random() < 0.3:
            drawn = drawn[1:]  # with a way out
        wall.append(np.stack([drawn[:-1], drawn[1:]], axis=1))
        shore.append(np.full(len(drawn) - 1, kind != "wall"))
        places.append(centre + random.normal(0, 0.6 * radius_m, (6, 2)))
    start = random.uniform(-size_m, size_m, (int(random.choice([1, 4, 40, 150])), 2))
    start += random.choice([0.0, 0.0, 1.0, 4.0]) * size_m * np.array([1.0, 0.2])
    roads = np.stack([start, start + random.normal(0, random.choice([5.0, 60.0, 200.0, 700.0]), start.shape)], axis=1)
    water = shapely.box(-1e6, -1e6, 1e6, 1e6) - shapely.union_all(lands) if sea else shapely.union_all(lakes)
    return Town(roads, np.concatenate(wall), np.concatenate(shore), water, np.concatenate(places))


def crossed_m(leg: shapely.LineString, walls: Floats) -> tuple[np.ndarray, Floats]:
    """The walls that a leg crosses, and how far along it."""
    drawn = shapely.linestrings(walls)
    at = np.flatnonzero(shapely.crosses(drawn, leg))
    return at, shapely.distance(shapely.intersection(drawn[at], leg), shapely.Point(leg.coords[0]))


def by_shapely(town: Town, place: Floats, strict: bool, farthest_m: float) -> tuple[float, bool]:
    """Metres to the nearest road that may be joined, and whether a barrier keeps the place from a nearer one."""
    here, roads = shapely.Point(place), shapely.linestrings(town.roads)
    metres = shapely.distance(roads, here)
    may = np.zeros(len(roads), np.bool_)
    for k in np.flatnonzero(metres <= farthest_m):
        leg = shapely.shortest_line(here, roads[k])
        at, along_m = crossed_m(leg, town.walls)
        ashore = town.shore[at] & ~np.array([leaves_land(place, *town.walls[w]) for w in at], np.bool_)
        may[k] = not (~ashore | strict | (along_m > LANDS_M)).any()
    nearest_m = metres[may].min(initial=np.inf)
    out_m = shapely.distance(town.water.boundary, here) if shapely.contains(town.water, here) else 0.0
    if nearest_m > NEAR_M and (out_m > (0 if strict else LANDS_M) or (out_m > 0 and nearest_m > ASHORE_M)):
        nearest_m = np.inf
    return nearest_m, bool((metres[metres <= farthest_m] < nearest_m).any())


def leaves_land(place: Floats, start: Floats, end: Floats) -> bool:
    """Whether a place stands to the left of a shore, where its land is."""
    return shapely.is_ccw(shapely.LinearRing([start, end, place]))  # type: ignore[no-any-return]


def by_circle(town: Town, strict: bool, farthest_m: float) -> tuple[Floats, np.ndarray]:
    (x1, y1), (x2, y2) = (np.ascontiguousarray(town.roads[:, end].T) for end in (0, 1))
    rails = Rails(
        x1,
        y1,
        x2,
        y2,
        np.arange(len(x1), dtype=np.int32),
        np.zeros(len(x1), np.bool_),
        grid_of_segments(x1, y1, x2, y2),
    )
    (ax, ay), (bx, by) = (np.ascontiguousarray(town.walls[:, end].T) for end in (0, 1))
    x, y = np.ascontiguousarray(town.places.T)
    found = Snaps(*snap_points(x, y, rails, walls_of(ax, ay, bx, by, town.shore), (SLACK_M, farthest_m, strict)))
    metres = np.full(len(x), np.inf)
    np.minimum.at(metres, np.repeat(np.arange(len(x)), found.counts), found.distance)
    return metres, found.barred


@pytest.mark.parametrize("farthest_m", [np.inf, 1000.0, 200.0])
@pytest.mark.parametrize("strict", [False, True], ids=["residents", "lattice"])
def test_shapely_tells_the_same_places_barred(strict, farthest_m):
    """Every kind occurs among them: joined or not, barred or not."""
    seen = {}
    for seed in range(80):
        town = random_town(seed)
        metres, barred = by_circle(town, strict, farthest_m)
        for p, place in enumerate(town.places):
            expected_m, expected = by_shapely(town, place, strict, farthest_m)
            assert metres[p] == pytest.approx(expected_m, abs=1e-6), (seed, p)
            assert barred[p] == expected, (seed, p, expected_m)
            kind = (bool(np.isfinite(expected_m)), expected)
            seen[kind] = seen.get(kind, 0) + 1
    kinds = {(True, False), (True, True), (False, True)} | ({(False, False)} if np.isfinite(farthest_m) else set())
    assert set(seen) == kinds
    assert min(seen.values()) >= 10


def coast(seed: int) -> Town:
    """A ragged island full of streets, some of them out to sea, and places around it; or a walled town, with holes."""
    random = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, int(random.choice([12, 40, 160])), endpoint=False)
    radius_m = 500 + random.choice([10.0, 60.0, 200.0]) * random.normal(0, 0.5, len(angle))
    shore = np.column_stack([np.cos(angle), np.sin(angle)]) * radius_m[:, None]
    shore = np.concatenate([shore, shore[:1]])
    drawn = np.stack([shore[:-1], shore[1:]], axis=1)
    if is_wall := seed % 2 == 0:  # with holes, which would leave open where the water is
        drawn = drawn[random.random(len(angle)) < 0.95]
    start = random.uniform(-420, 420, (200, 2))
    roads = np.stack([start, start + random.normal(0, 40, start.shape)], axis=1)
    far = random.uniform(400, 900, 3)[:, None] * np.array([(1, 0), (-0.6, 0.8), (0, -1)])
    roads = np.concatenate([roads, np.stack([far, far + random.normal(0, 40, far.shape)], axis=1)])
    way, out_m = random.uniform(0, 2 * np.pi, 20), random.uniform(480, 1000, 20)
    places = np.column_stack([np.cos(way), np.sin(way)]) * out_m[:, None]
    water = shapely.Polygon() if is_wall else shapely.box(-1e6, -1e6, 1e6, 1e6) - shapely.Polygon(shore)
    return Town(roads, drawn, np.full(len(drawn), not is_wall), water, places)


def test_places_at_sea_see_past_the_shore_what_shapely_sees():
    """As a lattice asks, where cells of streets behind the shore are left out as a whole: nothing else is lost with them."""
    far_away, none = 0, 0
    for seed in range(16):
        town = coast(seed)
        metres, barred = by_circle(town, True, 700.0)
        for p, place in enumerate(town.places):
            expected_m, expected = by_shapely(town, place, True, 700.0)
            assert metres[p] == pytest.approx(expected_m, abs=1e-6), (seed, p)
            assert barred[p] == expected, (seed, p)
            far_away += NEAR_M < expected_m < np.inf
            none += np.isinf(expected_m) and expected
    assert far_away > 10
    assert none > 50


RING = [(30, -30), (30, 30), (-30, 30), (-30, -30), (30, -30)]


@pytest.mark.parametrize("road_m", [20, 29, 31, 100, 240, 260, 300, 400, 1000, 3000, 30_000])
@pytest.mark.parametrize("shore", [False, True], ids=["wall", "island"])
def test_a_home_within_walls_is_barred_from_the_road_outside_at_every_distance(road_m, shore):
    """Walls 30 m to every side: a road inside is joined, the only road outside rejected, however far."""
    ways = [[(road_m, -25), (road_m, 25)], [(road_m + 200, -500), (road_m + 200, 500)]]
    town = towns.engine(towns.streets(ways), towns.barriers([RING], one_sided=shore))
    attachment = towns.places(town, [(0, 0)]).attachment
    assert len(attachment.edge) == (1 if road_m < 30 else 0)
    assert attachment.barred[0] == (road_m > 30)


@pytest.mark.parametrize("road_m", [100, 250, 270, 1000, 3000])
def test_a_home_whose_nearest_road_is_barred_is_joined_to_another_at_every_distance(road_m):
    """A wall to the east at 30 m, a road beyond it, and one a tenth farther off in the west; then nearer in the west."""
    for west_m, barred in ((1.1 * road_m, True), (0.9 * road_m, False)):
        ways = [[(road_m, -500), (road_m, 500)], [(-west_m, -500), (-west_m, 500)]]
        town = towns.engine(towns.streets(ways), towns.barriers([[(30, -9000), (30, 9000)]]))
        attachment = towns.places(town, [(0, 0)]).attachment
        assert attachment.leg_m == pytest.approx([west_m], abs=0.01)
        assert attachment.barred[0] == barred


@pytest.mark.parametrize(("out_m", "inland_m", "joined"), [(20, 1900, True), (20, 2100, False), (400, 100, False)])
def test_a_place_in_the_water_that_may_not_land_is_barred_by_it(out_m, inland_m, joined):
    """Out at sea, or far from the only road: the water is what keeps it from the road, not that there is none."""
    coast = towns.barriers([[(-90_000, 0), (90_000, 0)]], one_sided=True)
    town = towns.engine(towns.streets([[(-500, inland_m), (500, inland_m)]]), coast)
    attachment = towns.places(town, [(0, -out_m)]).attachment
    assert (len(attachment.edge) > 0) == joined
    assert attachment.barred[0] != joined


def test_without_any_road_nobody_is_barred():
    town = towns.engine(towns.streets([[(0, 0), (100, 0)]], bridges=[0]), towns.barriers([RING]))
    assert not towns.places(town, [(0, 0), (1000, 0)]).attachment.barred.any()
    far = towns.engine(towns.streets([[(900, 0), (900, 100)]]), towns.barriers([RING]))
    assert towns.places(far, [(0, 0), (np.nan, 0)], farthest_m=901.0).attachment.barred.tolist() == [True, False]
    assert not towns.places(far, [(0, 0)], farthest_m=899.0).attachment.barred.any()
