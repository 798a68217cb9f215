"""The region's projection and its scale, against PROJ."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Proj

from circle.kernels.projection import local_projection, scale_factor, to_degrees, to_metres


@given(lat=st.floats(-70, 70), offset=st.floats(-4, 4))
def test_scale_is_that_of_proj(lat, offset):
    """PROJ's own factors of the same projection; 4 degrees are up to 445 km."""
    crs = local_projection(np.array([100.0]), np.array([lat]))
    x, _ = to_metres(crs, np.array([100.0 + offset]), np.array([lat]))
    expected = Proj(crs).get_factors(100.0 + offset, lat).meridional_scale
    assert scale_factor(x, np.array([lat]))[0] == pytest.approx(expected, abs=1e-6)


def test_a_region_across_the_antimeridian_has_its_centre_there():
    """Fiji lies on both sides of 180 degrees: its metres must not go round the world."""
    lon, lat = np.array([179.0, -179.0]), np.array([-17.0, -17.0])
    x, _ = to_metres(local_projection(lon, lat), lon, lat)
    assert abs(x[1] - x[0]) == pytest.approx(212_900, rel=0.01)


@given(st.floats(-179.9, 179.9), st.floats(-80, 80))
def test_degrees_come_back(lon, lat):
    crs = local_projection(np.array([lon]), np.array([lat]))
    back = to_degrees(crs, *to_metres(crs, np.array([lon]), np.array([lat])))
    assert back[0][0] == pytest.approx(lon, abs=1e-9)
    assert back[1][0] == pytest.approx(lat, abs=1e-9)
