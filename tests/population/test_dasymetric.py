"""People counted by district, spread inside it: worked by hand, and by the laws that hold whatever is spread over."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from circle.errors import Findings, Severity, render
from circle.model import DistrictCounts
from circle.population import place_residents
from circle.population.dasymetric import even_points
from tests.population.grids import cells_box, codes, counts, districts
from tests.population.test_spread import streets

A, B = cells_box(0, 0, 10, 10), cells_box(10, 0, 20, 10)
"""Two squares of ten by ten cells of a thousandth of a degree, side by side."""


def census(*people, spread="buildings", pattern=None, groups=("all",)):
    """People per district; several groups as one list each."""
    array = np.array(people if len(groups) > 1 else [people], dtype=float)
    return DistrictCounts(array, groups, spread, pattern)


def place(population, where=None, **ground):
    findings = Findings()
    residents = place_residents(population, where or districts(A, B), findings=findings, **ground)
    return residents, findings


def per_district(residents, d=2):
    return np.array([np.bincount(residents.district, weights=people, minlength=d) for people in residents.people])


def only(findings, code):
    (problem,) = [p for p in findings.problems if p.code == code]
    for lang in ("en", "zh"):
        assert "{" not in render(problem, lang)
    return problem


def roads(*ends):
    """One straight road."""
    return streets(ends)


def footprint(lon, lat):
    """A square house, the same in degrees everywhere."""
    return shapely.box(lon, lat, lon + 1e-4, lat + 1e-4)


def buildings(*rows):
    """(column, row, levels, use) of footprints of one size."""
    shapes = [footprint(10.0 + 0.001 * column, 50.0 - 0.001 * row) for column, row, _, _ in rows]
    data = {"levels": [float(levels) for *_, levels, _ in rows], "use": [use for *_, use in rows]}
    return gpd.GeoDataFrame(data, geometry=shapes, crs="EPSG:4326")


def test_each_district_keeps_its_total_over_its_own_buildings_by_levels():
    """A: one storey and three share 400 as 100 and 300. B: its only house takes all 70, however large A's are."""
    houses = buildings((2, 5, 1, "house"), (4, 5, 3, "apartments"), (15, 5, 1, "house"))
    residents, findings = place(census(400, 70), buildings=houses)
    assert residents.people[0] == pytest.approx([100, 300, 70], rel=1e-6)
    assert residents.district.tolist() == [0, 0, 1]
    assert only(findings, "census.spread_over").severity is Severity.NOTE


def test_nobody_lives_in_schools_and_a_district_of_schools_falls_back_to_its_roads():
    """A has a school and a house; B a school alone, so its 50 people live along the road that only B has."""
    houses = buildings((2, 5, 2, "house"), (4, 5, 9, "school"), (15, 5, 2, "school"))
    residents, findings = place(census(30, 50), buildings=houses, streets=roads((10.012, 49.995), (10.018, 49.995)))
    assert per_district(residents)[0] == pytest.approx([30, 50], abs=1e-9)
    assert residents.people[0][residents.district == 0].tolist() == [30.0]
    assert np.allclose(residents.lat[residents.district == 1], 49.995)
    told = only(findings, "census.fallback")
    assert (told.severity, told.fields["names"], told.fields["people"]) == (Severity.WARNING, "B", "50")


def test_a_district_without_anything_is_filled_evenly():
    """B has no building and there are no roads: its people stand in a lattice over its own square."""
    residents, findings = place(census(30, 50), buildings=buildings((2, 5, 2, "house")))
    inside = residents.district == 1
    assert shapely.contains_xy(B, residents.lon[inside], residents.lat[inside]).all()
    assert residents.people[0][inside].sum() == pytest.approx(50, abs=1e-9)
    assert residents.people[0][inside].max() < 50 / 10
    assert render(only(findings, "census.fallback"), "zh").endswith("其 50 人改为“按面积均匀”分摊：B。")


def test_even_means_by_area():
    """A district of which a quarter lies in the west: a quarter of the people, within the width of the lattice."""
    lon, _ = even_points(shapely.box(10.0, 50.0, 10.4, 50.4))
    assert np.mean(lon < 10.1) == pytest.approx(0.25, abs=1 / 63)
    assert len(lon) > 3000
    tiny, _ = even_points(shapely.box(10.0, 50.0, 10.0001, 50.0001))
    assert len(tiny) == 1
    assert len(even_points(shapely.box(10.0, 50.0, 12.0, 52.0))[0]) < 5000


def test_an_area_on_both_sides_of_the_180th_meridian_is_filled_on_both():
    """Two squares of one size, 359.9 degrees apart as numbers: half of the points in each."""
    lon, _ = even_points(shapely.MultiPolygon([shapely.box(179.95, 0, 180, 0.05), shapely.box(-180, 0, -179.95, 0.05)]))
    assert np.mean(lon > 0) == pytest.approx(0.5, abs=0.05)
    assert 500 < len(lon) < 2000


def test_the_pattern_of_a_raster_is_kept_and_its_sum_is_not():
    """The raster says 1 : 3 in A and has one cell in B; the census says 400 and 70."""
    cells = np.zeros((10, 20))
    cells[2, 2], cells[7, 7], cells[5, 15] = 10.0, 30.0, 5.0
    residents, findings = place(census(400, 70, spread="raster", pattern=counts(cells)))
    assert residents.people[0] == pytest.approx([100, 300, 70], rel=1e-12)
    assert residents.lon == pytest.approx([10.0025, 10.0075, 10.0155])
    assert only(findings, "census.pattern_differs").fields["raster"] == "45"
    assert residents.cell_m > 0


def test_a_cell_on_the_border_weighs_in_each_district_by_its_area():
    """One cell of 8 lies 3 : 1 across the border (columns 9-10, border at 9.75): it weighs 6 in A, 2 in B.

    A has another cell of 6, so the border cell takes half of A's 100; B has nothing else, so it takes all 10.
    """
    cells = np.zeros((10, 20))
    cells[5, 9], cells[5, 2] = 8.0, 6.0
    where = districts(cells_box(0, 0, 9.75, 10), cells_box(9.75, 0, 20, 10))
    residents, _ = place(census(100, 10, spread="raster", pattern=counts(cells)), where)
    assert residents.people[0] == pytest.approx([50, 50, 10], rel=1e-5)
    assert residents.district.tolist() == [0, 0, 1]


def test_people_of_the_raster_outside_every_district_carry_nobody_and_are_told():
    cells = np.zeros((10, 40))
    cells[5, 5], cells[5, 35] = 1.0, 3.0
    residents, findings = place(census(9, 0, spread="raster", pattern=counts(cells)))
    assert residents.people[0].tolist() == [9.0]
    assert only(findings, "census.pattern_outside").fields["percent"] == "75.0"


def test_a_district_where_the_raster_has_nobody_falls_back_by_name():
    cells = np.zeros((10, 20))
    cells[5, 5] = 1.0
    residents, findings = place(
        census(9, 7, spread="raster", pattern=counts(cells)), buildings=buildings((15, 5, 2, "house"))
    )
    assert per_district(residents)[0] == pytest.approx([9, 7])
    assert only(findings, "census.fallback").fields["names"] == "B"


def test_a_district_that_lies_under_smaller_ones_keeps_its_people():
    """C is B again, drawn later: nothing of its own is left, and its 5 people stay inside what was drawn."""
    residents, _ = place(census(1, 2, 5, spread="area"), districts(A, B, B))
    assert per_district(residents, 3)[0] == pytest.approx([1, 2, 5])
    assert shapely.contains_xy(B, residents.lon[residents.district == 2], residents.lat[residents.district == 2]).all()


def test_districts_of_nobody_have_no_places():
    residents, findings = place(census(0, 4, spread="area"))
    assert set(residents.district.tolist()) == {1}
    assert "census.fallback" not in codes(findings)


@settings(max_examples=40)
@given(
    people=st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1)), min_size=4, max_size=4),
    spread=st.sampled_from(["raster", "buildings", "roads", "area"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_district_and_group_keeps_its_people_and_no_group_exceeds_all(people, spread, seed):
    rng = np.random.default_rng(seed)
    cells = rng.uniform(size=(20, 20)) * (rng.uniform(size=(20, 20)) < 0.2)
    where = districts(*(cells_box(x, y, x + 10, y + 10) for x in (0, 10) for y in (0, 10)))
    houses = buildings(*((c, r, 1, "yes") for c, r in rng.uniform(1, 19, size=(5, 2))))
    everyone = np.array([total for total, _ in people])
    old = np.array([total * share for total, share in people])
    population = census(everyone, old, spread=spread, pattern=counts(cells), groups=("all", "old"))
    lane = roads((10.002, 49.998), (10.018, 49.995))
    residents, _ = place(population, where, buildings=houses, streets=lane)
    np.testing.assert_allclose(per_district(residents, 4), [everyone, old], rtol=1e-12, atol=1e-6)
    assert (residents.people[1] <= residents.people[0] * (1 + 1e-12)).all()
    assert (residents.people >= 0).all()
    assert residents.people[0].sum() == pytest.approx(everyone.sum(), abs=1e-6)


def test_people_counted_by_district_need_districts():
    with pytest.raises(ValueError, match="without districts"):
        place_residents(census(1), None, findings=Findings())
