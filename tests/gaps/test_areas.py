"""Zones are drawn as the cells on which their people were counted: no more, no less, at any latitude and rotation."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import rasterio
import rasterio.features
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from circle.antimeridian import cut
from circle.errors import Findings
from circle.gaps.areas import POINT_SIDE_M, grid_of, zone_areas
from circle.kernels.projection import local_projection
from circle.model import CountRaster, Residents
from circle.population import place_residents

GEOD = pyproj.Geod(ellps="WGS84")


@st.composite
def rasters(draw):
    """Where a grid lies and how it is turned: in degrees, or in metres of a plane far from its central meridian."""
    lat, lon = draw(st.floats(-70, 70)), draw(st.floats(-179, 179))
    if draw(st.booleans()):
        step = draw(st.sampled_from([1 / 1200, 0.001, 0.00217]))
        return "EPSG:4326", rasterio.Affine(step, 0, lon, 0, -step, lat)
    away = draw(st.floats(-6, 6))  # degrees from the central meridian: the plane's north is turned by away * sin(lat)
    crs = f"+proj=tmerc +lat_0={lat:.3f} +lon_0={lon:.3f} +ellps=WGS84 +units=m"
    x, y = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon + away, lat)
    turned = rasterio.Affine.translation(x, y) @ rasterio.Affine.rotation(draw(st.floats(0, 90)))
    return crs, turned @ rasterio.Affine.scale(draw(st.floats(30, 240)), -draw(st.floats(30, 240)))


def drawn(values, crs, affine, zone=None):
    """Residents of a raster and the areas of their zones."""
    raster = CountRaster(np.asarray(values, float)[None], ("all",), tuple(affine)[:6], crs)
    residents = place_residents(raster, None, findings=Findings())
    metric = local_projection(residents.lon, residents.lat)
    zone = np.zeros(len(residents.lon), np.int64) if zone is None else zone
    grid = grid_of(metric, raster, residents)
    return residents, zone_areas(grid, residents.lon, residents.lat, zone, int(zone.max()) + 1)


def on_the_raster(area, crs):
    """An area in the raster's own plane."""
    to_raster = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    return shapely.transform(area, lambda p: np.column_stack(to_raster.transform(p[:, 0], p[:, 1])))


@settings(max_examples=60, deadline=None)
@given(rasters(), st.integers(1, 30), st.integers(1, 30))
def test_a_block_of_cells_is_one_area_without_holes(place, rows, columns):
    """Its ground is that of its cells, measured on the ellipsoid one by one."""
    crs, affine = place
    residents, (area,) = drawn(np.ones((rows, columns)), crs, affine)
    (polygon,) = area.geoms
    assert area.is_valid
    assert len(polygon.interiors) == 0
    assert shapely.get_num_coordinates(area) == 5
    corners = np.array([[0, 0], [0, 1], [1, 1], [1, 0]]) + np.argwhere(np.ones((rows, columns)))[:, None]
    to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    cells_m2 = sum(abs(GEOD.polygon_area_perimeter(*to_degrees.transform(*(affine @ (c[:, 1], c[:, 0]))))[0]) for c in corners)
    assert abs(GEOD.geometry_area_perimeter(polygon)[0]) == pytest.approx(cells_m2, rel=2e-3)
    assert shapely.contains_xy(area, residents.lon, residents.lat).all()


@settings(max_examples=60, deadline=None)
@given(rasters(), st.integers(2, 12), st.integers(2, 12), st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_zones_are_their_cells_as_rasterio_burns_them(place, rows, columns, seed, zones):
    """Scattered cells in scattered zones: each covers the middles of its own cells and no others, and none overlap."""
    crs, affine = place
    random = np.random.default_rng(seed)
    values = random.integers(0, 3, (rows, columns))
    values[:2, :2] = 1
    zone = random.integers(0, zones, np.count_nonzero(values))
    zone[:zones] = np.arange(zones)
    residents, areas = drawn(values, crs, affine, zone)
    label = np.full(values.shape, -1)
    label[values > 0] = zone
    for number, area in enumerate(areas):
        assert area.is_valid
        own = shapely.contains_xy(area, residents.lon, residents.lat)
        assert own[zone == number].all()
        plane = on_the_raster(area, crs)
        inside = rasterio.features.geometry_mask([plane], values.shape, affine, invert=True)
        assert (inside == (label == number)).all()
        cells_area = (label == number).sum() * abs(affine.determinant)
        assert plane.area == pytest.approx(cells_area, rel=1e-4)
    one, other = np.triu_indices(zones, 1)
    shared = shapely.area(shapely.intersection(areas[one], areas[other])).sum()
    assert shared <= 1e-4 * shapely.area(areas).sum()


@pytest.mark.parametrize("west", [179.995, -180.005])
def test_a_zone_across_the_180th_meridian_is_its_cells(west):
    """Ten cells of a raster that counts its longitudes on past ±180, the middle of the sixth on the meridian."""
    step = 0.001
    residents, (area,) = drawn(np.ones((2, 10)), "EPSG:4326", rasterio.Affine(step, 0, west - step / 2, 0, -step, -16.0))
    globe = cut(area)
    assert globe.is_valid
    assert globe.area == pytest.approx(20 * step**2)
    assert (np.abs(residents.lon) <= 180).all()
    middle = shapely.points(residents.lon, residents.lat)
    assert shapely.intersects(globe, middle).all()


def test_people_at_points_are_drawn_as_squares_around_them():
    """Two neighbours in one square of 80 m and a house 10 km away: two squares."""
    lon, lat = np.array([10.0002, 10.0003, 10.1402]), np.array([50.0002, 50.0002, 50.0002])
    residents = Residents(lon, lat, np.ones((1, 3)), ("all",), np.zeros(3, np.int64), 0.0)
    crs = local_projection(lon, lat)
    grid = grid_of(crs, CountRaster(np.ones((1, 1, 1)), ("all",), (1, 0, 0, 0, -1, 0), "EPSG:4326"), residents)
    (area,) = zone_areas(grid, lon, lat, np.zeros(3, np.int64), 1)
    assert shapely.contains_xy(area, lon, lat).all()
    squares = sum(abs(GEOD.geometry_area_perimeter(part)[0]) for part in area.geoms) / POINT_SIDE_M**2
    assert squares == pytest.approx(2, rel=1e-3)
