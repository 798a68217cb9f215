"""Wide cells and polygons are spread along roads or over buildings; a total is spread over buildings."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from circle.errors import Findings
from circle.kernels.lengths import ellipsoid_distance_m
from circle.model import OUTSIDE, BuildingTotal, CountFeatures, Streets
from circle.population import place_residents
from circle.population.floor_area import area_m2
from tests.population.grids import cells_box, codes, counts, districts

KM = {"cell": 0.01}
"""Cells of 0.01°: about 717 m by 1,112 m at 50° north."""


def streets(*lines, **ways):
    """Roads of one way each; `ways` overrides the arrays of the ways."""
    offset = np.cumsum([0, *map(len, lines)])
    lon, lat = np.concatenate([np.array(line, float) for line in lines]).T
    n = len(lines)
    columns = {
        "way_id": np.arange(n),
        "way_class": np.zeros(n, dtype=np.int16),
        "classes": ("residential",),
        "forward": np.ones(n, dtype=bool),
        "backward": np.ones(n, dtype=bool),
        "speed_factor": np.ones(n),
        "duration_s": np.full(n, np.nan),
        "attachable": np.ones(n, dtype=bool),
        "spans": np.zeros(n, dtype=bool),
    }
    return Streets(lon, lat, offset, np.arange(offset[-1]), **(columns | ways))


def place(population, areas=None, **options):
    findings = Findings()
    return place_residents(population, areas, findings=findings, **options), findings


def houses(*shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs="EPSG:4326")


# --- wide cells -------------------------------------------------------------------------------------------------------


def test_wide_cells_without_roads_stay_at_their_centres_with_a_warning():
    residents, findings = place(counts([[5.0]], **KM))
    assert (residents.lon.tolist(), residents.people.tolist()) == ([10.005], [[5.0]])
    assert residents.cell_m == pytest.approx(893, abs=1)
    assert codes(findings) == ["population.cells_coarse"]


def test_people_of_a_wide_cell_live_evenly_along_its_road():
    """A road of 717 m from edge to edge: seven places 102 m apart, one person per metre."""
    road = streets([(10.0, 49.995), (10.01, 49.995)])
    residents, findings = place(counts([[717.0]], **KM), streets=road)
    assert len(residents.lon) == 7
    np.testing.assert_allclose(residents.people[0], 717 / 7, rtol=0.2)
    np.testing.assert_allclose(np.diff(residents.lon), 0.01 / 7, rtol=0.2)
    assert residents.people.sum() == pytest.approx(717.0, rel=1e-12)
    assert set(residents.lat) == {49.995}
    assert residents.cell_m == 0
    assert codes(findings) == ["population.cells_spread"]


def test_two_roads_of_a_cell_share_its_people_by_length():
    """Two roads in one cell, one twice as long as the other: 2/3 and 1/3 of 90 people."""
    lines = [(10.001, 49.998), (10.009, 49.998)], [(10.001, 49.992), (10.005, 49.992)]
    residents, _ = place(counts([[90.0]], **KM), streets=streets(*lines))
    assert residents.people[0, residents.lat > 49.995].sum() == pytest.approx(60.0, rel=1e-3)


def test_a_road_through_two_cells_carries_the_people_of_each_in_its_own():
    residents, _ = place(counts([[10.0, 40.0]], **KM), streets=streets([(10.0, 49.995), (10.02, 49.995)]))
    assert residents.people[0, residents.lon < 10.01].sum() == pytest.approx(10.0)
    assert residents.people[0, residents.lon > 10.01].sum() == pytest.approx(40.0)


def test_roads_that_nobody_may_walk_or_join_carry_nobody():
    lines = [(10.0, 49.998), (10.01, 49.998)], [(10.0, 49.995), (10.01, 49.995)], [(10.0, 49.992), (10.01, 49.992)]
    closed = {"attachable": np.array([True, False, True]), "forward": np.array([True, True, False])}
    roads = streets(*lines, **closed, backward=np.array([False, True, False]))
    residents, _ = place(counts([[10.0]], **KM), streets=roads)
    assert set(residents.lat) == {49.998}


def test_a_cell_that_no_road_enters_stays_at_its_centre():
    residents, findings = place(counts([[10.0, 40.0]], **KM), streets=streets([(10.0, 49.995), (10.005, 49.995)]))
    assert residents.lon[-1] == pytest.approx(10.015)
    assert residents.people[0, -1] == 40.0
    assert findings.problems[0].fields["people"] == "40"


def test_a_border_divides_a_wide_cell_by_area_whatever_roads_lie_where():
    """A has a quarter of the cell and no road: its quarter stays at the centre; B's people live along the road."""
    areas = districts(cells_box(0, 0, 0.25, 1, **KM), cells_box(0.25, 0, 1, 1, **KM))
    residents, _ = place(counts([[100.0]], **KM), areas, streets=streets([(10.005, 49.995), (10.009, 49.995)]))
    assert residents.people[0, residents.district == 0].tolist() == pytest.approx([25.0])
    assert residents.people[0, residents.district == 1].sum() == pytest.approx(75.0)
    assert residents.lon[residents.district == 0].tolist() == [10.005]


def test_buildings_are_taken_before_roads_and_weigh_by_floor_area():
    """Two houses of one footprint, of one and three levels: 25 and 75 of 100 people."""
    homes = houses(cells_box(1, 1, 1.2, 1.2), cells_box(5, 1, 5.2, 1.2), levels=[1.0, 3.0])
    road = streets([(10.0, 49.995), (10.01, 49.995)])
    residents, _ = place(counts([[100.0]], **KM), buildings=homes, streets=road)
    np.testing.assert_allclose(residents.people, [[25.0, 75.0]])
    np.testing.assert_allclose(residents.lon, [10.0011, 10.0051])


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_people_of_every_wide_cell_and_group_are_conserved(seed):
    rng = np.random.default_rng(seed)
    grid = rng.choice([0.0, 3.0, 50.0], size=(2, 6, 6))
    grid[0, 0, 0] = 1.0
    lines = [rng.uniform((9.99, 49.93), (10.07, 50.01), size=(int(rng.integers(2, 5)), 2)) for _ in range(5)]
    disc = shapely.Point(*rng.uniform((10, 49.94), (10.06, 50))).buffer(0.02)
    residents, _ = place(counts(grid, groups=("all", "old"), **KM), districts(disc), streets=streets(*lines))
    np.testing.assert_allclose(residents.people.sum(axis=1), grid.sum(axis=(1, 2)), rtol=1e-12)
    column = np.floor((residents.lon - 10.0) / 0.01 + 1e-9).astype(int)
    row = np.floor((50.0 - residents.lat) / 0.01 + 1e-9).astype(int)
    again = np.zeros((6, 6))
    np.add.at(again, (row, column), residents.people[0])
    np.testing.assert_allclose(again, grid[0], atol=1e-9)


# --- wide polygons ----------------------------------------------------------------------------------------------------


def test_a_wide_polygon_lives_along_the_roads_inside_it_and_a_small_one_at_a_point():
    """The wide polygon has a road of 700 m inside it and one outside; the small one (72 m by 111 m) none."""
    shapes = [cells_box(0, 0, 10, 10), cells_box(20, 0, 21, 1)]
    frame = gpd.GeoDataFrame({"all": [70.0, 5.0]}, geometry=shapes, crs="EPSG:4326")
    roads = streets([(10.0, 49.995), (10.01, 49.995)], [(10.0, 49.9), (10.01, 49.9)])
    residents, findings = place(CountFeatures(frame, ("all",)), streets=roads)
    assert residents.people.sum() == pytest.approx(75.0)
    assert residents.people[0, residents.lat == 49.995].sum() == pytest.approx(70.0)
    assert residents.lon[-1] == pytest.approx(10.0205)
    assert findings.problems == []


def test_overlapping_polygons_each_keep_their_own_people():
    shape = cells_box(0, 0, 10, 10)
    frame = gpd.GeoDataFrame({"all": [30.0, 12.0]}, geometry=[shape, shape], crs="EPSG:4326")
    residents, _ = place(CountFeatures(frame, ("all",)), streets=streets([(10.0, 49.995), (10.01, 49.995)]))
    assert residents.people.sum() == pytest.approx(42.0)


# --- a total over buildings -------------------------------------------------------------------------------------------


def test_a_total_is_spread_by_footprint_times_levels_and_adds_up():
    """Footprints 1, 1 and 2 units; levels 1, 4 and unknown (2 for any building): 1 + 4 + 4 = 9 parts of 900."""
    homes = houses(cells_box(0, 0, 1, 1), cells_box(2, 0, 3, 1), cells_box(4, 0, 6, 1), levels=[1.0, 4.0, np.nan])
    residents, findings = place(BuildingTotal(homes, 900.0))
    np.testing.assert_allclose(residents.people, [[100.0, 400.0, 400.0]], rtol=1e-6)
    assert residents.people.sum() == pytest.approx(900.0, rel=1e-14)
    assert (residents.groups, residents.cell_m) == (("all",), 0.0)
    assert codes(findings) == ["population.levels_assumed"]


def test_nobody_lives_in_schools_and_garages():
    box = [cells_box(2 * i, 0, 2 * i + 1, 1) for i in range(4)]
    homes = houses(*box, levels=[1.0] * 4, use=["school", "yes", "Garages", None])
    residents, _ = place(BuildingTotal(homes, 10.0))
    np.testing.assert_allclose(residents.people, [[5.0, 5.0]])


def test_where_no_building_is_residential_all_count_with_a_warning():
    homes = houses(cells_box(0, 0, 1, 1), cells_box(2, 0, 3, 1), levels=[1.0, 1.0], use=["school", "church"])
    residents, findings = place(BuildingTotal(homes, 10.0))
    np.testing.assert_allclose(residents.people, [[5.0, 5.0]])
    assert codes(findings) == ["population.no_residential_buildings"]


def test_levels_that_no_building_has_are_taken_as_unknown():
    homes = houses(cells_box(0, 0, 1, 1), cells_box(2, 0, 3, 1), levels=[0.0, 9999.0], use=["yes", "yes"])
    residents, _ = place(BuildingTotal(homes, 10.0))
    np.testing.assert_allclose(residents.people, [[5.0, 5.0]])


def test_buildings_without_any_area_share_equally():
    homes = houses(shapely.Point(10, 50), shapely.Point(10.1, 50), levels=[1.0, 5.0])
    residents, _ = place(BuildingTotal(homes, 10.0))
    assert residents.people.tolist() == [[5.0, 5.0]]


def test_a_total_lives_inside_the_districts():
    homes = houses(cells_box(0, 0, 1, 1), cells_box(50, 0, 51, 1), levels=[1.0, 1.0])
    residents, findings = place(BuildingTotal(homes, 10.0), districts(cells_box(0, 0, 10, 10)))
    assert residents.people.sum() == pytest.approx(10.0)
    assert residents.district.tolist() == [0]
    assert codes(findings) == ["population.buildings_outside"]


def test_a_total_whose_buildings_all_lie_elsewhere_is_spread_over_them_with_warnings():
    homes = houses(cells_box(50, 0, 51, 1), levels=[1.0])
    residents, findings = place(BuildingTotal(homes, 10.0), districts(cells_box(0, 0, 10, 10)))
    assert residents.people.sum() == pytest.approx(10.0)
    assert residents.district.tolist() == [OUTSIDE]
    assert codes(findings) == ["population.no_buildings_inside", "population.mostly_outside"]


@given(lon=st.floats(-170, 170), lat=st.floats(-80, 80), size=st.floats(1e-4, 1e-2))
def test_areas_are_ellipsoidal(lon, lat, size):
    """Against PROJ's geodesic polygon area."""
    box = shapely.box(lon, lat, lon + size, lat + size)
    area, _ = Geod(ellps="WGS84").geometry_area_perimeter(box)
    assert area_m2(houses(box))[0] == pytest.approx(abs(area), rel=1e-4)


def test_lengths_of_pieces_add_up_to_the_road():
    """The people of a cell are its road's metres, so that each place's people are the metres it stands for."""
    line = [(10.001, 49.991), (10.004, 49.996), (10.004, 49.996), (10.009, 49.999)]
    lon, lat = np.array(line).T
    metres = ellipsoid_distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum()
    residents, _ = place(counts([[metres]], **KM), streets=streets(line))
    steps = round(metres / 100)
    assert len(residents.lon) == steps
    np.testing.assert_allclose(residents.people[0], metres / steps, atol=20.0)
