"""GCJ-02 and BD-09 against published figures, round trips, and what is refused."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from circle.errors import Findings
from circle.load.datums import frame_to_wgs84, named_crs, to_wgs84
from circle.load.located import Located
from circle.load.shifted import bd09_from_wgs84, gcj02_from_wgs84
from tests.load_inputs.conftest import codes

# WGS84, GCJ-02, BD-09 of Quzhou, Beijing and Longyou, as other implementations of the published formulae give them.
KNOWN = [
    ((118.874, 28.9417), (118.878771913, 28.938572538), (118.885336119, 28.94437865)),
    ((116.397428, 39.90923), (116.403671626, 39.910633506), (116.410044102, 39.916972856)),
    ((119.1722, 29.0284), (119.177304021, 29.025609193), (119.183737011, 29.031826505)),
]
GEOD = pyproj.Geod(ellps="WGS84")


@pytest.mark.parametrize(("wgs", "gcj", "bd"), KNOWN)
def test_shifts_agree_with_the_published_figures_to_a_billionth_of_a_degree(wgs, gcj, bd):
    assert np.allclose(gcj02_from_wgs84(*wgs), gcj, rtol=0, atol=1e-9)
    assert np.allclose(bd09_from_wgs84(*wgs), bd, rtol=0, atol=1e-9)
    assert np.allclose(to_wgs84(*gcj, "gcj02"), wgs, rtol=0, atol=1e-9)
    assert np.allclose(to_wgs84(*bd, "bd09"), wgs, rtol=0, atol=1e-9)


@given(st.floats(74, 135), st.floats(4, 53), st.sampled_from([(gcj02_from_wgs84, "gcj02"), (bd09_from_wgs84, "bd09")]))
def test_the_inverse_returns_to_the_start_within_a_ten_thousandth_of_a_millimetre(lon, lat, system):
    """Within 1e-11 degrees of 105 E a root in the formula makes two places share one image, some 3e-7 m apart."""
    forward, name = system
    shifted = forward(lon, lat)
    back = to_wgs84(*shifted, name)
    again = forward(*back)
    assert GEOD.inv(*map(float, (*shifted, *again)))[2] <= 1e-7
    assert GEOD.inv(lon, lat, float(back[0]), float(back[1]))[2] <= (1e-6 if abs(lon - 105) < 1e-11 else 1e-7)


@pytest.mark.parametrize("place", [(43.3, -11.7), (-15.4, 28.1), (151.2, -33.9)])
@pytest.mark.parametrize("system", ["gcj02", "bd09"])
def test_nothing_outside_china_is_shifted(place, system):
    assert np.array_equal(to_wgs84(*place, system), place)


@pytest.mark.parametrize("forward", [gcj02_from_wgs84, bd09_from_wgs84])
def test_many_points_are_shifted_as_the_plain_formula_says(forward):
    """The formula once more, written down as it was published: a sine for every sine."""
    rng = np.random.default_rng(4)
    lon, lat = rng.uniform(73, 136, 250_000), rng.uniform(3, 54, 250_000)
    assert np.allclose(forward(lon, lat), plain_shift(lon, lat, baidu=forward is bd09_from_wgs84), rtol=0, atol=1e-12)


def plain_shift(lon, lat, *, baidu):
    sin, pi, x, y = np.sin, np.pi, lon - 105, lat - 35
    fast = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(abs(x)) + fast
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3 + (
        160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)
    ) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(abs(x)) + fast
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3 + (
        150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)
    ) * 2 / 3
    a, ee, phi = 6378245.0, 0.00669342162296594323, lat / 180 * pi
    m = 1 - ee * sin(phi) ** 2
    x, y = lon + east * 180 / (a / np.sqrt(m) * np.cos(phi) * pi), lat + north * 180 / (a * (1 - ee) / m**1.5 * pi)
    if not baidu:
        return x, y
    radius, angle = (
        np.hypot(x, y) + 2e-5 * sin(y * pi * 3000 / 180),
        np.arctan2(y, x) + 3e-6 * np.cos(x * pi * 3000 / 180),
    )
    return radius * np.cos(angle) + 0.0065, radius * sin(angle) + 0.006


def test_places_of_any_shape_and_places_unknown():
    lon, _ = to_wgs84([[118.878771913, np.nan]], [[28.938572538, 28.9]], "gcj02")
    assert lon.shape == (1, 2)
    assert lon[0, 0] == pytest.approx(118.874, abs=1e-9)
    assert np.isnan(lon[0, 1])
    assert to_wgs84([], [], "bd09")[0].shape == (0,)


def test_gauss_kruger_zones_come_out_at_their_meridian():
    """EPSG:4549 has its meridian at 120 E and a false easting of 500 km; on the equator northing is 0."""
    lon, lat = to_wgs84([500_000.0], [0.0], "EPSG:4549")
    assert lon[0] == pytest.approx(120.0, abs=1e-9)
    assert lat[0] == pytest.approx(0.0, abs=1e-9)


def test_unusable_values_stay_unknown():
    assert np.isnan(to_wgs84([np.nan, 1e12], [28.0, 1e12], "EPSG:4549")).all()


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("auto", "crs.auto_not_here"),
        ("EPSG:1", "crs.unknown"),
        ("木星", "crs.unknown"),
        ("EPSG:4479", "crs.geocentric"),
        ("自动", "crs.auto_not_here"),
    ],
)
def test_systems_that_are_none_are_refused(written, code, at, findings):
    assert named_crs(written, at) is None
    assert codes(findings) == [code]


@pytest.mark.parametrize(
    ("point", "crs", "code"),
    [
        ((500_000.0, 3_200_000.0), "EPSG:4326", "crs.metres_in_degrees"),
        ((118.9, 28.9), "EPSG:4549", "crs.degrees_in_projected"),
        ((28.9, 118.9), "EPSG:4326", "crs.swapped"),
        ((118.9, 28.9), None, "crs.missing"),
    ],
)
def test_coordinates_that_cannot_be_of_their_system_are_refused(point, crs, code, at, findings):
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([point[0]], [point[1]]), crs=crs)
    assert frame_to_wgs84(frame, None, at) is None
    assert codes(findings) == [code]


def test_a_declared_system_wins_over_the_one_in_the_file():
    """GeoJSON says WGS84 whatever is in it; declared as GCJ-02 its points move by the known shift of Quzhou."""
    findings = Findings()
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([118.878771913], [28.938572538]), crs=4326)
    moved = frame_to_wgs84(frame, "gcj02", Located(findings, "schools.geojson"))
    assert moved is not None
    assert moved.geometry.x[0] == pytest.approx(118.874, abs=1e-9)
    assert moved.geometry.y[0] == pytest.approx(28.9417, abs=1e-9)
    assert moved.crs == "EPSG:4326"


def test_a_projected_declaration_that_contradicts_the_file_is_told(at, findings):
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([500_000.0], [3_200_000.0]), crs=4548)
    moved = frame_to_wgs84(frame, "EPSG:4549", at)
    assert moved is not None
    assert moved.geometry.x[0] == pytest.approx(120.0)
    assert codes(findings) == ["crs.overridden"]


@pytest.mark.parametrize(("lon", "lat", "told"), [(43.3, -11.7, ["crs.nothing_shifted"]), (118.9, 28.9, [])])
@pytest.mark.parametrize("system", ["gcj02", "BD-09"])
def test_a_shifted_system_declared_outside_china_is_told_to_have_no_effect(system, lon, lat, told, at, findings):
    """The Comoros stay where they are."""
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([lon], [lat]))
    placed = frame_to_wgs84(frame, system, at)
    assert placed is not None
    assert codes(findings) == told
    assert ((placed.geometry.x[0], placed.geometry.y[0]) == (lon, lat)) == bool(told)
