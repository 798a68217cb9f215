"""Legs are as long as the geodesic, and places on edges stand where the share of the street says."""

from __future__ import annotations

import numpy as np
from pyproj import Geod

from circle.kernels.projection import to_degrees
from circle.reach.attach import attach_metres
from tests.bench.test_attach import asked


def test_legs_are_geodesics_and_impedance_is_shared_out_along_the_street():
    """pyproj measures the legs; along and back are the street's milliseconds by the share of its metres, rounded."""
    engine, x, y, lat = asked(30)
    at = attach_metres(engine, x, y, lat)
    point = np.repeat(np.arange(len(x)), np.diff(at.offset))
    crs, net = engine.network.crs, engine.network
    _, _, metres = Geod(ellps="WGS84").inv(*to_degrees(crs, x[point], y[point]), *to_degrees(crs, at.x, at.y))
    assert len(metres) > 2000
    assert np.allclose(at.leg_m, metres, rtol=1e-6, atol=1e-6)
    start, end = 2 * at.edge, 2 * at.edge + 1
    whole_m = np.hypot(net.vertex_x[end] - net.vertex_x[start], net.vertex_y[end] - net.vertex_y[start])
    share = np.hypot(at.x - net.vertex_x[start], at.y - net.vertex_y[start]) / whole_m
    assert np.abs(at.along - share * net.cost_along[end]).max() <= 0.51
    assert np.array_equal(at.along, at.back)
