"""Hills on the map: shaded as Horn and Lambert say, in metres, and lying where they belong."""

from __future__ import annotations

import base64
import io
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
from PIL import Image
from playwright.sync_api import Browser

from circle.export import map_html
from circle.export.relief import MOST_BYTES, Z_FACTOR, heights_at, hillshade, pixel_grid, relief
from circle.kernels.heights import sample_bilinear
from circle.model import Analysis, Elevation
from tests.export.test_map_browser import _open, _untouched
from tests.export.town import SOUTH, STEP, WEST, town_analysis

BOX = (WEST, SOUTH, WEST + 8 * STEP, SOUTH + 6 * STEP)
LIGHT = np.array([math.sin(math.radians(315)), math.cos(math.radians(315)), 1.0]) * math.sqrt(0.5)
"""Towards the light, 45 degrees up in the north-west: east, north, up."""


def with_heights(height_m: np.ndarray, transform: tuple[float, ...], crs: str = "EPSG:4326") -> Analysis:
    town = town_analysis()
    elevation = Elevation(height_m.astype(np.float32), transform, crs)  # type: ignore[arg-type]
    return replace(town, region=replace(town.region, elevation=elevation))


def over_the_town(height_m: np.ndarray) -> Analysis:
    rows, columns = height_m.shape
    return with_heights(height_m, ((BOX[2] - BOX[0]) / columns, 0.0, BOX[0], 0.0, -(BOX[3] - BOX[1]) / rows, BOX[3]))


def opacity(found: dict[str, Any]) -> np.ndarray:
    picture = Image.open(io.BytesIO(base64.b64decode(found["image"].partition(",")[2])))
    return np.asarray(picture.convert("RGBA"))[..., 3]


@pytest.mark.parametrize("latitude", [0.0, 28.9, -45.0, 66.0])
@pytest.mark.parametrize(("to_east", "to_north"), [(0.0, 0.0), (0.2, 0.0), (0.0, 0.3), (-0.25, 0.1), (0.4, -0.4)])
def test_a_tilted_plane_has_the_light_of_its_normal(latitude: float, to_east: float, to_north: float) -> None:
    """Heights along true metres, by the geodesic lengths of pyproj; the cosine between the plane's normal and the light."""
    geod = pyproj.Geod(ellps="WGS84")
    lon, lat = 20 + np.arange(7) * 0.001, latitude + 0.003 - np.arange(7) * 0.001
    north = np.array([geod.inv(20, latitude, 20, y)[2] * np.sign(y - latitude) for y in lat])
    east = np.array([[geod.inv(20, y, x, y)[2] for x in lon] for y in lat])
    normal = np.array([-2 * to_east, -2 * to_north, 1.0])
    expected = max(0.0, float(normal @ LIGHT) / float(np.linalg.norm(normal)))
    light = hillshade(to_east * east + to_north * north[:, None], lon, lat, z_factor=2.0)
    assert light == pytest.approx(np.full((7, 7), expected), abs=2e-4)


def by_slope_and_aspect(z: np.ndarray, wide: float, high: float, row: int, column: int) -> float:
    """Horn's slope and the textbook's hillshade by angles, one cell."""
    a, b, c, d, _, f, g, h, i = z[row - 1 : row + 2, column - 1 : column + 2].ravel()
    dx, dy = ((c + 2 * f + i) - (a + 2 * d + g)) / (8 * wide), ((g + 2 * h + i) - (a + 2 * b + c)) / (8 * high)
    slope, aspect = math.atan(Z_FACTOR * math.hypot(dx, dy)), math.atan2(dy, -dx)
    zenith, azimuth = math.radians(45), math.radians(360 - 315 + 90)
    return max(
        0.0, math.cos(zenith) * math.cos(slope) + math.sin(zenith) * math.sin(slope) * math.cos(azimuth - aspect)
    )


def test_rough_ground_is_shaded_as_the_textbook_has_it() -> None:
    random = np.random.default_rng(2)
    z = random.uniform(0, 80, (9, 11))
    lon, lat = 10 + np.arange(11) * 0.001, 0.004 - np.arange(9) * 0.001
    geod = pyproj.Geod(ellps="WGS84")
    wide, high = geod.inv(10, 0, 10.001, 0)[2], geod.inv(10, 0, 10, 0.001)[2]
    light = hillshade(z, lon, lat)
    for row in range(1, 8):
        for column in range(1, 10):
            assert light[row, column] == pytest.approx(by_slope_and_aspect(z, wide, high, row, column), abs=1e-4)


def test_level_and_unknown_ground_are_clear() -> None:
    height = np.full((60, 80), 37.0)
    height[20:30, 10:40] = np.nan
    found = relief(over_the_town(height), BOX)
    assert found is not None
    assert (opacity(found) == 0).all()
    slope = np.add.outer(np.zeros(60), np.arange(80) * -40.0)
    slope[:30] = np.nan
    shown = opacity(relief(over_the_town(slope), BOX) or {})
    assert (shown[: len(shown) // 2 - 2] == 0).all()
    assert (shown[len(shown) // 2 + 3 : -3, 3:-3] > 0).all()


def test_a_slope_towards_the_light_is_bright_and_one_away_from_it_dark() -> None:
    """A ridge from south-west to north-east: white on its north-western side, dark on the other."""
    across = np.arange(80)[None] + np.arange(60)[:, None]  # grows to the south-east
    found = relief(over_the_town(-np.abs(across - 70.0) * 20.0), BOX)
    assert found is not None
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(found["image"].partition(",")[2]))).convert("RGBA"))
    assert picture[12, 12, 0] == 255
    assert picture[-12, -12, 0] < 100
    assert min(picture[12, 12, 3], picture[-12, -12, 3]) > 20


@pytest.mark.parametrize("cut", [0, 40])
def test_the_rim_fades_to_nothing_and_the_middle_is_as_it_was(cut: int) -> None:
    """One slope everywhere, so that every difference is the fade's; `cut` rows and columns of heights are unknown."""
    height = np.add.outer(np.arange(240) * 30.0, np.arange(320) * 30.0)
    height[:cut] = height[:, :cut] = np.nan
    found = relief(over_the_town(height), BOX)
    assert found is not None
    shown = opacity(found).astype(int)
    rows, columns = (np.flatnonzero((shown > 0).any(axis=axis)) for axis in (1, 0))
    shown = shown[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    high, wide = shown.shape
    whole = shown[high // 2, wide // 2]
    assert whole > 30
    rim = np.concatenate([shown[0], shown[-1], shown[:, 0], shown[:, -1]])
    assert rim.max() <= 9, "the slightest of all shades"
    for across in (shown[high // 2], shown[:, wide // 2], np.diag(shown)):
        assert np.abs(np.diff(across)).max() <= 0.25 * whole, "no step that an eye takes for a line"
    inner = shown[high // 8 : -high // 8, wide // 8 : -wide // 8]
    assert (inner == whole).mean() > 0.95


def test_the_picture_lies_where_the_heights_do_far_in_the_north() -> None:
    """Known ground is a stripe of latitudes: found again by inverting Mercator. Rows equally far apart in degrees would miss it by 20."""
    lon, lat = 0.02 * (np.arange(500) + 0.5), 70 - 0.02 * (np.arange(500) + 0.5)
    height = np.where((lat[:, None] < 66) & (lat[:, None] > 64), -40.0 * np.arange(500)[None] * 20, np.nan)
    found = relief(with_heights(height, (0.02, 0.0, 0.0, 0.0, -0.02, 70.0)), (0.0, 60.0, 10.0, 70.0))
    assert found is not None
    assert len(lon) == 500
    (south, west), (north, east) = found["bounds"]
    assert (west, south, east, north) == pytest.approx((0, 60, 10, 70), abs=1e-6)
    rows = np.flatnonzero((opacity(found) > 0).any(axis=1))
    high = len(opacity(found))
    top, bottom = (math.log(math.tan(math.pi / 4 + math.radians(y) / 2)) for y in (north, south))
    middle, wide = (rows[0] + rows[-1] + 1) / 2, rows[-1] + 1 - rows[0]
    stripe = [math.log(math.tan(math.pi / 4 + math.radians(y) / 2)) for y in (66.0, 64.0)]
    # the rim fades, on both sides alike: its middle stays
    assert top - (top - bottom) * middle / high == pytest.approx(sum(stripe) / 2, abs=1.1 * (top - bottom) / high)
    assert 0.85 <= wide * (top - bottom) / high / (stripe[0] - stripe[1]) <= 1.0


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32650"])
def test_heights_are_those_of_the_grid_at_each_pixel(crs: str) -> None:
    """In degrees, against the general way of finding heights; in metres, against a plane in that system."""
    random = np.random.default_rng(4)
    west, north, cell = (118.4, 29.0, 0.002) if crs == "EPSG:4326" else (640_000.0, 3_215_000.0, 200.0)
    height = (
        random.uniform(0, 900, (100, 150))
        if crs == "EPSG:4326"
        else np.add.outer(np.arange(100) * -3.0, np.arange(150) * 2.0)
    )
    elevation = Elevation(height.astype(np.float32), (cell, 0.0, west, 0.0, -cell, north), crs)
    lon, lat = pixel_grid(elevation, BOX, 300)
    found = heights_at(elevation, lon, lat)
    assert np.isfinite(found).all()
    x, y = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(*(v.ravel() for v in np.meshgrid(lon, lat)))
    if crs == "EPSG:4326":
        expected = sample_bilinear(elevation.height_m, elevation.transform, x, y)
    else:
        expected = ((x - west) / cell - 0.5) * 2.0 + ((north - y) / cell - 0.5) * -3.0
    assert found.ravel() == pytest.approx(expected, abs=1e-2)


def test_coarse_pixels_take_the_mean_of_what_they_stand_for() -> None:
    """A checkerboard of 0 and 100 m is 50 m from afar, and level."""
    board = np.indices((1200, 1600)).sum(axis=0) % 2 * 100.0
    elevation = over_the_town(board).region.elevation
    assert elevation is not None
    lon, lat = pixel_grid(elevation, BOX, 200)
    assert heights_at(elevation, lon, lat)[1:-1, 1:-1] == pytest.approx(50.0, abs=1.0)


def test_the_roughest_ground_keeps_to_the_budget() -> None:
    random = np.random.default_rng(8)
    found = relief(over_the_town(random.uniform(0, 300, (1500, 2000))), BOX)
    assert found is not None
    assert len(base64.b64decode(found["image"].partition(",")[2])) <= MOST_BYTES
    assert len(found["image"]) <= 400_000


def test_without_heights_there_is_no_relief() -> None:
    assert relief(town_analysis(), BOX) is None
    assert relief(over_the_town(np.zeros((6, 8))), (0.0, 0.0, 1.0, 1.0)) is None


def test_a_map_beyond_180_degrees_has_its_hills() -> None:
    """The page goes on past 180 degrees east; the grid of heights there begins at -180."""
    height = np.add.outer(np.zeros(50), np.arange(50) * -60.0)
    elevation = Elevation(height.astype(np.float32), (0.01, 0.0, -180.0, 0.0, -0.01, 0.5), "EPSG:4326")
    found = heights_at(elevation, *pixel_grid(elevation, (179.9, 0.0, 180.4, 0.5), 100))
    assert np.isnan(found[:, 0]).all()
    assert np.isfinite(found[5, 30:]).all()


@pytest.mark.slow
def test_the_reader_can_switch_the_hills_off(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    path.write_text(map_html(over_the_town(np.add.outer(np.arange(60) * 30.0, np.arange(80) * 20.0))), encoding="utf-8")
    page, seen = _open(browser, path)
    picture = page.locator(".leaflet-circle-relief-pane img")
    assert picture.evaluate("(img) => img.decode().then(() => img.naturalWidth)") > 50
    assert page.locator(".leaflet-circle-relief-pane").evaluate("(pane) => Number(pane.style.zIndex)") < 230
    page.locator(".circle-about > summary").click()
    assert "heights × 1.5" in page.locator(".circle-about").inner_text()
    page.locator('input[value="relief"]').uncheck()
    assert picture.count() == 0
    seen.requests[:] = [url for url in seen.requests if not url.startswith("data:")]
    _untouched(seen, path)
