"""Cells of a raster become places; borders cut them by area."""

from __future__ import annotations

import numpy as np
import osmium
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer
from scipy import ndimage

from circle.errors import Findings
from circle.load.count_raster import read_count_raster
from circle.model import OUTSIDE, CountRaster
from circle.population import place_residents
from circle.population.borders import _within
from tests.population.grids import cells_box, codes, counts, districts


def place(population, areas=None, **options):
    findings = Findings()
    return place_residents(population, areas, findings=findings, **options), findings


def by_district(residents, group=0):
    return {int(d): residents.people[group, residents.district == d].sum() for d in np.unique(residents.district)}


def test_populated_cells_become_places_at_their_centres():
    """People in the cells (row 0, column 1) and (row 2, column 0) of a grid whose corner is (10, 50)."""
    residents, findings = place(counts([[0, 5, 0], [0, 0, 0], [2.5, 0, 0]]))
    np.testing.assert_allclose(residents.lon, [10.0015, 10.0005])
    np.testing.assert_allclose(residents.lat, [49.9995, 49.9975])
    assert residents.people.tolist() == [[5.0, 2.5]]
    assert residents.district.tolist() == [0, 0]
    assert findings.problems == []


def test_the_side_of_a_cell_is_the_root_of_its_ellipsoidal_area():
    """A thousandth of a degree at 50° north: 111.23 m by 71.70 m, so 89.3 m."""
    residents, _ = place(counts(np.ones((3, 3))))
    area, _ = Geod(ellps="WGS84").polygon_area_perimeter([10, 10.001, 10.001, 10], [50, 50, 49.999, 49.999])
    assert residents.cell_m == pytest.approx(abs(area) ** 0.5, rel=1e-4)


def test_a_border_cuts_cells_by_area():
    """A has columns 0 to 1.25, B the rest of 3x3 cells of 8 people. Middle column: 2 in A, 6 in B each row.

    A: 3 * (8 + 2) = 30; B: 3 * (6 + 8) = 42."""
    areas = districts(cells_box(0, 0, 1.25, 3), cells_box(1.25, 0, 3, 3))
    residents, _ = place(counts(np.full((3, 3), 8.0)), areas)
    assert len(residents.lon) == 12
    assert by_district(residents) == pytest.approx({0: 30.0, 1: 42.0}, rel=1e-6)


def test_every_group_is_cut_the_same_way():
    areas = districts(cells_box(0, 0, 0.25, 1), cells_box(0.25, 0, 1, 1))
    residents, _ = place(counts([[[8.0]], [[4.0]]], groups=("all", "old")), areas)
    np.testing.assert_allclose(residents.people, [[2.0, 6.0], [1.0, 3.0]], rtol=1e-6)


def test_a_sliver_of_coast_goes_to_the_district_beside_it():
    """The district ends half-way through column 1; beyond column 2 there is nobody: a coast. All 30 belong to A."""
    residents, findings = place(counts([[10, 10, 10, 0, 0, 0, 0, 0, 0]]), districts(cells_box(0, 0, 1.5, 1)))
    assert by_district(residents) == {0: pytest.approx(30.0)}
    assert residents.lon.tolist() == pytest.approx([10.0005, 10.0015, 10.0025])
    assert findings.problems == []


def test_people_more_than_a_cell_off_the_coast_are_outside():
    """Columns 1 (half) and 2 are within a cell of A; columns 3 and 4 are not."""
    residents, findings = place(counts([[10, 10, 10, 10, 10]]), districts(cells_box(0, 0, 1.5, 1)))
    assert by_district(residents) == pytest.approx({0: 30.0, OUTSIDE: 20.0})
    assert codes(findings) == ["population.outside"]


def test_a_sliver_of_coast_goes_home_also_where_the_next_cell_ashore_is_empty():
    """The only person stands in column 1; the district is column 0, where nobody lives."""
    residents, _ = place(counts([[0, 10]]), districts(cells_box(0, 0, 1, 1)))
    assert residents.district.tolist() == [0]


def test_across_a_land_border_nobody_is_moved():
    """The land goes on beyond the border in column 1: its western half is A's, all else is the neighbour's."""
    residents, findings = place(counts([[10.0] * 12]), districts(cells_box(0, 0, 1.5, 1)))
    assert by_district(residents) == pytest.approx({0: 15.0, OUTSIDE: 105.0})
    assert codes(findings) == ["population.mostly_outside"]


def test_a_sliver_between_two_districts_goes_to_the_nearer():
    """Column 2 lies between A (ends at 1.9) and B (begins at 3.4): its centre 2.5 is 0.6 off A, 0.9 off B."""
    areas = districts(cells_box(0, 0, 1.9, 1), cells_box(3.4, 0, 5, 1))
    residents, _ = place(counts([[0, 0, 10, 0, 0]]), areas)
    assert by_district(residents) == {0: 10.0}


def test_people_where_districts_overlap_count_once_in_the_smaller():
    """A town drawn over its county has its own people; the county keeps the rest."""
    county, town = cells_box(0, 0, 3, 3), cells_box(1, 1, 2, 2)
    residents, findings = place(counts(np.ones((3, 3))), districts(county, town, names=["County", "Town"]))
    assert by_district(residents) == pytest.approx({0: 8.0, 1: 1.0})
    assert [p.fields["pairs"] for p in findings.problems] == ["Town / County"]


def test_equal_districts_on_top_of_each_other_count_once_in_the_first():
    residents, _ = place(counts(np.ones((2, 2))), districts(cells_box(0, 0, 2, 2), cells_box(0, 0, 2, 2)))
    assert by_district(residents) == {0: 4.0}


def test_districts_elsewhere_leave_everybody_outside_with_a_warning():
    residents, findings = place(counts(np.ones((2, 2))), districts(cells_box(900, 0, 902, 2)))
    assert residents.district.tolist() == [OUTSIDE] * 4
    assert codes(findings) == ["population.mostly_outside"]


@settings(max_examples=40, deadline=None)
@given(
    people=st.lists(st.sampled_from([0.0, 0.0, 1.5, 7.0]), min_size=144, max_size=144).filter(any),
    seed=st.integers(0, 10_000),
)
def test_people_are_conserved_whatever_the_districts_look_like(people, seed):
    rng = np.random.default_rng(seed)
    shapes = [shapely.Point(*rng.uniform((10, 49.988), (10.012, 50))).buffer(rng.uniform(1e-4, 6e-3)) for _ in range(4)]
    grid = np.array(people).reshape(12, 12)
    raster = counts([grid, grid / 3], groups=("all", "old"))
    residents, _ = place(raster, districts(*shapes))
    np.testing.assert_allclose(residents.people.sum(axis=1), raster.counts.sum(axis=(1, 2)), rtol=1e-12)
    assert (residents.people >= 0).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_shares_agree_with_the_areas_that_shapely_cuts(seed):
    """One round district in a land full of people (no coast): each cell's share is intersection over area."""
    rng = np.random.default_rng(seed)
    disc = shapely.Point(10.015, 49.985).buffer(rng.uniform(0.002, 0.004))
    residents, _ = place(counts(np.ones((30, 30))), districts(disc))
    inside = residents.district == 0
    cells = shapely.box(
        residents.lon[inside] - 5e-4,
        residents.lat[inside] - 5e-4,
        residents.lon[inside] + 5e-4,
        residents.lat[inside] + 5e-4,
    )
    expected = shapely.area(shapely.intersection(cells, disc)) / 1e-6
    np.testing.assert_allclose(residents.people[0, inside], expected, atol=2e-6)
    assert residents.people[0, inside].sum() == pytest.approx(disc.area / 1e-6, rel=1e-5)


def test_a_raster_in_mollweide_lands_where_proj_says_and_keeps_its_people():
    """A 100 m cell of GHS-POP; equal area, so its side is 100 m to the last metre."""
    x, y = Transformer.from_crs("EPSG:4326", "ESRI:54009", always_xy=True).transform(118.87, 28.94)
    x, y = round(x, -2), round(y, -2)
    raster = CountRaster(np.array([[[3.0, 4.0]]]), ("all",), (100.0, 0.0, x, 0.0, -100.0, y), "ESRI:54009")
    to_degrees = Transformer.from_crs("ESRI:54009", "EPSG:4326", always_xy=True)
    lon = to_degrees.transform([x + 50, x + 150], [y - 50] * 2)[0]
    border = lon[1] - 1e-9
    areas = districts(shapely.box(118, 28, border, 30), shapely.box(border, 28, 120, 30))
    residents, _ = place(raster, areas)
    assert residents.cell_m == pytest.approx(100.0, abs=0.5)
    assert residents.people.sum() == pytest.approx(7.0)
    assert set(np.round(residents.lon, 9)) == set(np.round(lon, 9))
    assert by_district(residents)[0] == pytest.approx(3.0 + 2.0, abs=0.25)


def test_cells_beyond_the_edge_of_a_projection_keep_their_people_as_unknown():
    raster = CountRaster(np.array([[[3.0]]]), ("all",), (100.0, 0.0, 17.9e6, 0.0, -100.0, 8.9e6), "ESRI:54009")
    residents, _ = place(raster)
    assert np.isnan(residents.lon).all()
    assert residents.people.sum() == 3.0


@pytest.mark.slow
@pytest.mark.parametrize(("level", "names"), [("4", 3), ("8", 6)])
def test_comoros_accounts_for_every_one_of_its_people(regions, level, names):
    """WorldPop's own total for the country is 869,595."""
    areas, names_found = [], []
    factory = osmium.geom.WKBFactory()
    file = osmium.FileProcessor(str(regions / "comoros" / "roads.osm.pbf"))
    for item in file.with_areas(osmium.filter.KeyFilter("admin_level")):
        if item.is_area() and item.tags.get("admin_level") == level:
            areas.append(shapely.from_wkb(factory.create_multipolygon(item)))
            names_found.append(item.tags.get("name") or "")
    assert len(set(names_found)) == names
    findings = Findings()
    raster = read_count_raster({"all": [regions / "comoros" / "com_ppp_2020_UNadj.tif"]}, findings)
    residents = place_residents(raster, districts(*areas, names=names_found), findings=findings)
    assert residents.people.sum() == pytest.approx(869_595, abs=1)
    outside = residents.people[0, residents.district == OUTSIDE].sum()
    assert outside < 2_500 if level == "4" else outside > 400_000


@pytest.mark.parametrize("seed", range(5))
def test_cells_near_others_are_those_of_scipys_filter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = rng.random(rng.integers(1, 40, 2)) < 0.02
    for steps in (0, 1, 6, 50):
        expected = ndimage.maximum_filter(cells, size=2 * steps + 1, mode="constant", cval=0)
        assert np.array_equal(_within(cells, steps), expected)
