"""Isochrones show the very travel time that decides coverage."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely

from circle.kernels.projection import to_degrees
from circle.reach import Lattice, facility_isochrones, isochrones_of, nearest_facility, people_on_the_wrong_side
from circle.reach.contours import contours
from circle.reach.lattice import NEVER, Field
from circle.settings import Limit
from tests import towns

LIMITS = (Limit("5min", 300.0), Limit("10min", 600.0), Limit("15min", 900.0))
NO_WATER = shapely.STRtree([])


def areas(engine, clinics, *, limits=LIMITS, water=NO_WATER, step_m=10.0):
    """Isochrones of clinics at points in metres."""
    return isochrones_of(Lattice(engine, step_m), towns.sites(engine, clinics).places, limits, water)


def test_a_single_road_gives_a_valid_lens_along_it():
    """From the clinic on a straight road, 15 minutes reach 1000 m along it.

    Off the road h metres cost 1.3 h, so the area is a rhombus of half-axes 1000 m and 1000 / 1.3 = 769 m, except within
    300 m, where the direct leg (1.3 times the straight line) never beats road + leg. Area: 2 × 1000 × 769 = 1.538 km².
    """
    engine = towns.engine(towns.streets([[(-3000, 0), (3000, 0)]]))
    area = areas(engine, [(0, 0)])[-1].geometry
    assert shapely.is_valid(area)
    m2, _ = towns.GEOD.geometry_area_perimeter(shapely.orient_polygons(area))
    assert m2 == pytest.approx(2 * 1000 * 1000 / 1.3, rel=0.01)
    west, _, east, _ = area.bounds
    assert west == pytest.approx(towns.degrees(-1000, 0)[0], abs=1e-4)
    assert east == pytest.approx(towns.degrees(1000, 0)[0], abs=1e-4)


def test_longer_limits_contain_shorter_ones():
    rng = np.random.default_rng(3)
    ways = [[tuple(p) for p in rng.integers(0, 9, (4, 2)) * 200.0] for _ in range(25)]
    shapes = [a.geometry for a in areas(towns.engine(towns.streets(ways)), [(400, 400), (1500, 900)], step_m=20)]
    assert all(shapely.is_valid(shape) for shape in shapes)
    for inner, outer in pairwise(shapes):
        assert shapely.difference(inner, outer).area == pytest.approx(0, abs=1e-12)


def test_the_far_bank_is_not_claimed():
    """A river without a bridge: nothing beyond it belongs to the area, though it is 100 m from the clinic."""
    town = towns.streets([[(-2000, 50), (2000, 50)], [(-2000, -50), (2000, -50)]])
    engine = towns.engine(town, towns.barriers([[(-4000, 0), (4000, 0)]]))
    area = areas(engine, [(0, 50)])[-1].geometry
    assert shapely.contains_xy(area, *towns.degrees(500, 60))
    assert not shapely.intersects(area, towns.box(-900, -900, 900, -12))


def test_water_is_cut_out():
    engine = towns.engine(towns.streets([[(-2000, 0), (2000, 0)]]))
    pond = towns.box(100, 20, 300, 200)
    area = areas(engine, [(0, 0)], water=shapely.STRtree([pond]))[-1].geometry
    assert shapely.intersection(area, pond).area == pytest.approx(0, abs=1e-12)


def test_places_on_the_wrong_side_are_few_and_counted():
    """On a random town with a 10 m grid the polygon agrees with the network for nearly every place."""
    rng = np.random.default_rng(5)
    ways = [[tuple(p) for p in rng.integers(0, 9, (4, 2)) * 200.0] for _ in range(25)]
    engine = towns.engine(towns.streets(ways))
    points = rng.uniform(-300, 1900, (3000, 2))
    places = towns.places(engine, [tuple(p) for p in points])
    clinics = [(400.0, 400.0), (1500.0, 900.0)]
    within = nearest_facility(engine, places, towns.sites(engine, clinics)).cost <= 900
    shape = areas(engine, clinics)[-1].geometry
    wrong_in, wrong_out = people_on_the_wrong_side(shape, places.lon, places.lat, within)
    assert 0 < within.mean() < 1
    assert (wrong_in | wrong_out).mean() < 0.01
    everywhere = np.ones(len(within), np.bool_)
    assert people_on_the_wrong_side(shape, places.lon, places.lat, everywhere)[1].sum() > 0


def test_each_facility_has_its_own_area_and_together_they_make_the_service():
    engine = towns.engine(towns.streets([[(-3000, 0), (3000, 0)]]))
    sites = towns.sites(engine, [(-1500, 0), (1500, 0)])
    lattice = Lattice(engine, 20.0)
    each = dict(facility_isochrones(lattice, sites, LIMITS, NO_WATER))
    whole = isochrones_of(lattice, sites.places, LIMITS, NO_WATER)[-1].geometry
    assert sorted(each) == [0, 1]
    union = shapely.union(each[0][-1].geometry, each[1][-1].geometry)
    assert shapely.symmetric_difference(union, whole).area / whole.area < 0.01


def test_a_clinic_without_any_road_still_has_its_direct_circle():
    """No road within reach: the 300 m of the direct leg (351 s) and nothing more."""
    engine = towns.engine(towns.streets([[(9000, 9000), (9500, 9000)]]), towns.barriers([[(8000, 8000), (8000, 9999)]]))
    shapes = [a.geometry for a in areas(engine, [(0, 0)], step_m=5)]
    m2, _ = towns.GEOD.geometry_area_perimeter(shapely.orient_polygons(shapes[-1]))
    assert m2 == pytest.approx(np.pi * 300**2, rel=0.05)
    assert shapes[0].area < shapes[1].area == pytest.approx(shapes[2].area, rel=0.01)


def test_nothing_in_reach_is_an_empty_area():
    engine = towns.engine(towns.streets([[(0, 0), (100, 0)]]))
    found = areas(engine, [(5000, 5000)], limits=(Limit("1s", 1.0),), step_m=20.0)
    assert found[0].geometry.geom_type == "MultiPolygon"


def test_the_sea_is_not_claimed_by_direct_legs():
    """Coast 20 m south of the road, a clinic on the beach: nothing more than a grid step out at sea is in reach."""
    coast = towns.barriers([[(-4000, -20), (4000, -20)]], one_sided=True)
    engine = towns.engine(towns.streets([[(-2000, 0), (2000, 0)]]), coast)
    area = areas(engine, [(0, -5)])[-1].geometry
    assert not shapely.intersects(area, towns.box(-900, -900, 900, -35))


def test_a_ferry_widens_the_area_to_the_far_shore():
    """5 km by a ferry of two minutes: the far landing is 120 s away, and people live around it."""
    town = towns.streets([[(-300, 0), (0, 0)], [(0, 0), (5000, 0)], [(5000, 0), (5300, 0)]], bridges=[1], duration_s={1: 120})
    engine = towns.engine(town)
    area = areas(engine, [(0, 0)], step_m=50.0)[-1].geometry
    assert shapely.contains_xy(area, *towns.degrees(5200, 0))


@pytest.mark.parametrize("seed", range(40))
def test_no_point_beyond_the_limit_lies_inside_even_where_many_are_exactly_at_it(seed):
    """Fields of few values: rings that touch themselves and each other, in points and along lines."""
    rng = np.random.default_rng(seed)
    crs = towns.engine(towns.streets([[(0, 0), (9, 0)]])).network.crs
    for _ in range(25):
        shape = tuple(rng.integers(3, 7, 2))
        impedance = rng.choice([0, 300_000, 600_000, NEVER], shape, p=[0.3, 0.4, 0.2, 0.1]).astype(np.int64)
        found = contours(Field(0.0, 0.0, 25.0, 700_000, impedance), LIMITS[:2], crs=crs, water=NO_WATER)
        j, i = np.indices(shape)
        points = shapely.points(*to_degrees(crs, 25.0 * i.ravel(), 25.0 * j.ravel()))
        for area in found:
            assert shapely.is_valid(area.geometry)
            beyond = impedance.ravel() > 1000 * area.limit.value
            assert not shapely.contains_properly(area.geometry, points[beyond]).any()
            within = impedance.ravel() < 1000 * area.limit.value
            assert shapely.distance(area.geometry, points[within]).max(initial=0.0) < 1e-9
        assert shapely.difference(found[0].geometry, found[1].geometry).area < 1e-15
