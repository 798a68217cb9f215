"""Distances against PROJ's geodesic (Karney's algorithm, exact to nanometres)."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from pyproj import Geod

from circle.kernels.lengths import ellipsoid_distance_m

GEOD = Geod(ellps="WGS84")


@given(
    lon=st.floats(-180, 180),
    lat=st.floats(-85, 85),
    azimuth=st.floats(0, 360),
    metres=st.floats(1, 10_000),
)
@example(lon=10.0, lat=84.9, azimuth=90.0, metres=1_749.0)
@example(lon=10.0, lat=75.9, azimuth=45.0, metres=4_999.0)
@example(lon=179.9999, lat=0.0, azimuth=90.0, metres=10_000.0)
def test_a_distance_differs_from_the_geodesic_by_less_than_a_millionth(lon, lat, azimuth, metres):
    lon2, lat2, _ = GEOD.fwd(lon, lat, azimuth, metres)
    assert math.isclose(float(ellipsoid_distance_m(lon, lat, lon2, lat2)), metres, rel_tol=1e-6)


def test_the_worst_error_over_all_latitudes_and_directions_stays_below_a_millionth():
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(-180, 180, 200_000), rng.uniform(-89.9, 89.9, 200_000)
    metres = np.exp(rng.uniform(np.log(1), np.log(10_000), 200_000))
    lon2, lat2, _ = GEOD.fwd(lon, lat, rng.uniform(0, 360, 200_000), metres)
    assert np.abs(ellipsoid_distance_m(lon, lat, lon2, lat2) / metres - 1).max() < 1e-6


def test_a_distance_is_the_same_both_ways_and_zero_to_itself():
    there = ellipsoid_distance_m([118.87], [28.94], [118.91], [28.97])
    back = ellipsoid_distance_m([118.91], [28.97], [118.87], [28.94])
    assert there.tolist() == back.tolist()
    assert ellipsoid_distance_m([118.87], [28.94], [118.87], [28.94]).tolist() == [0.0]


def test_the_short_way_is_taken_across_the_antimeridian():
    """0.002 degrees of the equator, whose length is 2 pi times 6,378,137 m: 222.639 m, not once round the earth."""
    expected = 0.002 / 360 * 2 * math.pi * 6_378_137
    assert math.isclose(float(ellipsoid_distance_m(179.999, 0, -179.999, 0)), expected, rel_tol=1e-9)
    assert math.isclose(float(ellipsoid_distance_m(359.999, 0, 0.001, 0)), expected, rel_tol=1e-9)


def test_across_the_earth_the_distance_is_the_geodesic():
    assert float(ellipsoid_distance_m(0, 0, 90, 45)) == GEOD.inv(0, 0, 90, 45)[2]


def test_an_unknown_coordinate_gives_an_unknown_distance_and_no_warning():
    result = ellipsoid_distance_m([np.nan, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0])
    assert np.isnan(result[0])
    assert result[1] == 0


def test_no_pairs_give_no_distances():
    assert ellipsoid_distance_m([], [], [], []).shape == (0,)
