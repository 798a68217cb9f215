"""Small rasters in the very systems, grids and voids of WorldPop, GHS-POP and HRSL, alone and in tiles."""

from __future__ import annotations

import math

import numpy as np
import pytest
import rasterio
import rasterio.warp
import shapely

from circle.errors import Findings, Severity, render
from circle.load.count_raster import read_count_raster
from circle.population import place_residents
from tests.population.grids import codes, districts, write_raster

VOID = -200.0
GHS = {"crs": "ESRI:54009", "cell": 100.0, "nodata": VOID}
GHS_DEGREES = {"crs": "EPSG:4326", "cell": 0.000833333333333333, "nodata": VOID}
HRSL = {"crs": "EPSG:4326", "cell": 0.0002777777777777778, "nodata": math.nan}
WORLDPOP = {"crs": "EPSG:4326", "cell": 0.00083333333, "nodata": -99999.0}
PRODUCTS = {"ghs": GHS, "ghs degrees": GHS_DEGREES, "hrsl": HRSL, "worldpop": WORLDPOP}
CORNERS = {
    "ghs": (10_959_000.0, 4_000_000.0),  # where tiles R6_C29 and R6_C30 meet
    "ghs degrees": (-180.000416666666667 + 298.0, 89.099583333333333 - 60.0),
    "hrsl": (118.0 + 11 / 3600, 29.0),
    "worldpop": (117.99874984, 29.50125),
}


def read(*tiles, **options):
    findings = Findings()
    return read_count_raster({"all": list(tiles)}, findings, **options), findings


def tile(folder, name, product, values, *, column=0, row=0, dtype=np.float32, corner=None):
    """A file whose first cell is (`column`, `row`) of the product's grid, counted from `CORNERS`."""
    x, y = corner or CORNERS[product]
    cell = PRODUCTS[product]["cell"]
    origin = (x + column * cell, y - row * cell)
    return write_raster(folder / f"{name}.tif", np.asarray(values, dtype=dtype), origin=origin, **PRODUCTS[product])


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_voids_are_those_that_the_file_says_and_the_rest_adds_up(tmp_path, product, dtype):
    """1.5 + 2 + 4 people; two voids; a cell of nobody."""
    void = PRODUCTS[product]["nodata"]
    raster, findings = read(tile(tmp_path, "a", product, [[1.5, void, 2.0], [0.0, 4.0, void]], dtype=dtype))
    assert raster.counts.sum() == 7.5
    assert findings.problems == []


@pytest.mark.parametrize("product", PRODUCTS)
def test_two_tiles_beside_each_other_are_one(tmp_path, product):
    west = tile(tmp_path, "west", product, [[1.0, 2.0], [3.0, 4.0]], column=-2)
    east = tile(tmp_path, "east", product, [[10.0, 20.0], [30.0, 40.0]])
    raster, findings = read(west, east)
    assert raster.counts[0].tolist() == [[1.0, 2.0, 10.0, 20.0], [3.0, 4.0, 30.0, 40.0]]
    assert findings.problems == []


@pytest.mark.parametrize("product", PRODUCTS)
def test_cells_that_two_tiles_share_are_counted_once(tmp_path, product):
    """The last column of the one is the first of the other: 1 + 2 + 5 people in each of two rows."""
    void = PRODUCTS[product]["nodata"]
    west = tile(tmp_path, "west", product, [[1.0, 2.0], [1.0, void]], column=-1)
    east = tile(tmp_path, "east", product, [[2.0, 5.0], [2.0, 5.0]])
    raster, findings = read(west, east)
    assert raster.counts[0].tolist() == [[1.0, 2.0, 5.0], [1.0, 2.0, 5.0]]
    (problem,) = findings.problems
    assert (problem.code, problem.severity, problem.fields["cells"]) == ("raster.tiles_overlap", Severity.NOTE, 1)


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_tile_named_twice_counts_once(tmp_path, product):
    path = tile(tmp_path, "a", product, [[1.0, 2.0]])
    assert read(path, path)[0].counts.sum() == 3.0


@pytest.mark.parametrize("product", PRODUCTS)
def test_tiles_half_a_cell_apart_are_refused_and_not_added(tmp_path, product):
    first = tile(tmp_path, "a", product, [[1.0, 2.0]])
    second = tile(tmp_path, "b", product, [[1.0, 2.0]], column=0.5)
    raster, findings = read(first, second)
    assert raster is None
    (problem,) = findings.problems
    assert (problem.code, problem.severity, problem.file) == ("raster.grids_differ", Severity.ERROR, str(second))
    assert "{" not in render(problem, "zh")


def test_tiles_of_different_products_are_refused(tmp_path):
    mollweide, degrees = (tile(tmp_path, name, name, [[1.0]]) for name in ("ghs", "ghs degrees"))
    raster, findings = read(mollweide, degrees)
    assert raster is None
    assert codes(findings) == ["raster.grids_differ"]


def test_corners_rounded_by_the_publisher_are_one_grid(tmp_path):
    """WorldPop writes its cell as 0.00083333333; the next country's file, 12,000 columns on, rounds its corner."""
    first = tile(tmp_path, "a", "worldpop", [[1.0]])
    x, y = CORNERS["worldpop"]
    second = tile(tmp_path, "b", "worldpop", [[2.0]], corner=(round(x + 12_000 / 1200, 6), y))
    raster, findings = read(first, second)
    assert (raster.counts.sum(), raster.counts.shape[2]) == (3.0, 12_001)
    assert findings.problems == []


def test_a_void_that_ghs_pop_does_not_declare_is_told_and_takes_nobody_away(tmp_path):
    path = tile(tmp_path, "a", "ghs", [[5.0, VOID], [VOID, 7.0]])
    with rasterio.open(path, "r+") as file:
        file.nodata = None
    raster, findings = read(path)
    assert raster.counts.sum() == 12.0
    (problem,) = findings.problems
    assert (problem.code, problem.fields["smallest"]) == ("raster.negative", "-200")


def test_a_group_has_its_own_tiles(tmp_path):
    everyone = [tile(tmp_path, f"all{i}", "ghs", [[10.0, 20.0]], column=2 * i) for i in (0, 1)]
    old = [tile(tmp_path, f"old{i}", "ghs", [[1.0 + i, VOID]], column=2 * i) for i in (0, 1)]
    findings = Findings()
    raster = read_count_raster({"old": old, "all": everyone}, findings)
    assert raster.groups == ("all", "old")
    assert raster.counts[:, 0].tolist() == [[10.0, 20.0, 10.0, 20.0], [1.0, 0.0, 2.0, 0.0]]
    assert findings.problems == []


def test_ghs_pop_is_cut_at_a_border_as_worked_by_hand(tmp_path):
    """Mollweide draws a parallel as a horizontal line, at y = R * sqrt(2) * sin(t) with 2t + sin(2t) = pi * sin(lat).

    For t = 30 degrees, sin(lat) = 1/3 + sqrt(3) / (2 pi), so lat = 37.5171 degrees, and y = 6,378,137 * sqrt(2) / 2 =
    4,510,023.92 m. The cells of the row from 4,510,000 to 4,510,100 lie 23.92 % south of it. Their 100 and 50 people
    are 35.88 in the south and 114.12 in the north; the rows above and below lie on one side.
    """
    latitude = math.degrees(math.asin(1 / 3 + math.sqrt(3) / (2 * math.pi)))
    assert latitude == pytest.approx(37.5171, abs=1e-4)
    x = round(6_378_137 * 2 * math.sqrt(2) / math.pi * math.radians(118.9) * math.cos(math.pi / 6), -2)
    values = [[1.0, 2.0], [100.0, 50.0], [4.0, 8.0]]
    path = write_raster(tmp_path / "p.tif", np.array(values), origin=(x, 4_510_200.0), **GHS)
    raster, _ = read(path)
    areas = districts(shapely.box(117, 37, 120, latitude), shapely.box(117, latitude, 120, 38))
    residents = place_residents(raster, areas, findings=Findings())
    south, north = np.bincount(residents.district, weights=residents.people[0])
    assert south == pytest.approx(35.88 + 12, abs=0.01)
    assert north == pytest.approx(114.12 + 3, abs=0.01)
    assert residents.lon == pytest.approx(118.9, abs=0.01)
    assert residents.lat == pytest.approx(latitude, abs=0.01)


def test_only_the_county_is_read_out_of_a_mollweide_tile(tmp_path):
    """Bounds in degrees around the middle cell of 41 x 41: a handful of cells around it, the rest told."""
    values = np.zeros((41, 41))
    values[20, 20], values[0, 0] = 9.0, 1000.0
    x, y = CORNERS["ghs"]
    path = tile(tmp_path, "a", "ghs", values)
    to_degrees = rasterio.warp.transform("ESRI:54009", "EPSG:4326", [x + 2050.0], [y - 2050.0])
    lon, lat = to_degrees[0][0], to_degrees[1][0]
    raster, findings = read(path, bounds=(lon - 1e-3, lat - 1e-3, lon + 1e-3, lat + 1e-3))
    assert raster.counts.sum() == 9.0
    assert codes(findings) == ["raster.part_read"]
