"""People at points and in polygons: reading, checking, placing."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from circle.errors import Findings, Severity, render
from circle.load.located import Located
from circle.load.population import building_total, count_features
from circle.load.population_totals import without_checked_totals
from circle.load.vector import read_vector
from circle.model import OUTSIDE, CountFeatures
from circle.population import place_residents
from tests.population.grids import cells_box, codes, districts


def frame(shapes, crs="EPSG:4326", **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs, index=range(2, len(shapes) + 2))


def read(layer, **options):
    findings = Findings()
    return count_features(layer, Located(findings, "villages.xlsx"), **options), findings


def problem_of(findings, code):
    (problem,) = [p for p in findings.problems if p.code == code]
    for lang in ("en", "zh"):
        assert "{" not in render(problem, lang)
    return problem


TWO = [shapely.Point(10, 50), shapely.Point(10.1, 50)]


@pytest.mark.parametrize("header", ["常住人口", "people", "Population", " POP "])
def test_the_column_of_people_is_recognised_by_its_header(header):
    found, findings = read(frame(TWO, **{header: [3, 4]}))
    assert found.frame["all"].tolist() == [3, 4]
    assert found.groups == ("all",)
    assert findings.problems == []


def test_columns_of_groups_are_named_by_the_user():
    found, _ = read(frame(TWO, p2020=[3, 4], old=[1, 2]), people="p2020", groups={"elderly": "old"})
    assert found.groups == ("all", "elderly")
    assert found.frame["elderly"].tolist() == [1, 2]


def test_groups_alone_are_added_up():
    found, findings = read(frame(TWO, young=[3, 4], old=[1, 2]), groups={"y": "young", "o": "old"})
    assert found.frame["all"].tolist() == [4, 6]
    assert problem_of(findings, "population.all_is_sum").severity is Severity.NOTE


@pytest.mark.parametrize("options", [{}, {"people": "p2021"}, {"people": "p2020", "groups": {"old": "none"}}])
def test_a_missing_column_is_an_error_that_lists_those_there_are(options):
    found, findings = read(frame(TWO, p2020=[3, 4]), **options)
    assert found is None
    assert problem_of(findings, "population.column_missing").fields["found"] == "p2020"


def test_text_where_people_are_counted_is_an_error_with_row_and_value():
    found, findings = read(frame(TWO, people=["1,200", "约三百"]))
    assert found is None
    assert problem_of(findings, "population.not_a_number").fields["cells"] == "3: “约三百”"


def test_negative_people_are_an_error_with_row_and_value():
    found, findings = read(frame(TWO, people=[-5.5, 2]))
    assert found is None
    assert problem_of(findings, "population.negative").fields["cells"] == "2: “-5.5”"


def test_blank_counts_are_nobody_and_told():
    found, findings = read(frame(TWO, people=[np.nan, 2]))
    assert found.frame["all"].tolist() == [0, 2]
    assert problem_of(findings, "population.blank").fields["rows"] == "2"


def test_people_of_a_row_without_a_place_are_unknown_not_lost():
    found, findings = read(frame([None, *TWO], people=[7, 2, 1]))
    problem = problem_of(findings, "population.places_unusable")
    assert (problem.fields["rows"], problem.fields["people"]) == ("2", "7")
    residents = place_residents(found, districts(shapely.box(9, 49, 11, 51)), findings=findings)
    assert np.isnan(residents.lon).tolist() == [True, False, False]
    assert residents.people[0].tolist() == [7, 2, 1]
    assert residents.district.tolist() == [OUTSIDE, 0, 0]


def test_a_layer_without_any_place_is_an_error():
    found, findings = read(frame([None, shapely.Point(np.nan, np.nan)], people=[1, 2]))
    assert found is None
    problem_of(findings, "population.no_place")


def test_empty_layers_and_layers_of_nobody_are_errors():
    problem_of(read(frame([], people=[]))[1], "population.empty")
    problem_of(read(frame(TWO, people=[0, 0]))[1], "population.nobody")


def test_polygons_that_cross_themselves_are_mended_and_told():
    bow = shapely.Polygon([(10, 50), (10.01, 50.01), (10.01, 50), (10, 50.01)])
    found, findings = read(frame([bow, *TWO], people=[1, 2, 3]))
    assert shapely.is_valid(np.asarray(found.frame.geometry.array)).all()
    assert codes(findings) == ["vector.repaired"]


def test_a_layer_in_another_system_lands_in_wgs84(tmp_path):
    layer = frame(TWO, people=[3, 4]).to_crs("EPSG:3857")
    layer.to_file(tmp_path / "村庄.gpkg", index=False)
    findings = Findings()
    at = Located(findings, "村庄.gpkg")
    found = count_features(read_vector(tmp_path / "村庄.gpkg", at, keep_unplaced=True), at)
    np.testing.assert_allclose(shapely.get_x(np.asarray(found.frame.geometry.array)), [10, 10.1], atol=1e-9)
    assert findings.problems == []


def test_a_layer_without_coordinate_system_is_an_error(tmp_path):
    frame(TWO, people=[3, 4]).to_file(tmp_path / "v.shp", index=False)
    (tmp_path / "v.prj").unlink()
    findings = Findings()
    assert read_vector(tmp_path / "v.shp", Located(findings, "v.shp"), keep_unplaced=True) is None
    assert codes(findings) == ["crs.missing"]


@pytest.mark.parametrize(("rows", "total", "code"), [(0, 5.0, "no_buildings"), (1, -1.0, "total_invalid")])
def test_a_total_needs_buildings_and_people(rows, total, code):
    findings = Findings()
    assert building_total(frame(TWO[:rows], use=["yes"] * rows), total, Located(findings, "x.osm.pbf")) is None
    problem_of(findings, f"population.{code}")


@pytest.mark.parametrize(
    ("columns", "rows", "people"),
    [
        ({"people": [3, 4, 3, 3, 4]}, "4, 5, 6", "10"),
        ({"people": [3, 4, 3, 9, 4], "name": ["a", "b", "a", "a", None]}, "4", "3"),
        ({"people": [3, 4, 5, 6, 7]}, None, None),
        ({"people": [0, 4, 0, 0, 5]}, None, None),
    ],
    ids=["numbers and place", "names tell apart", "other numbers", "of nobody"],
)
def test_rows_that_repeat_exactly_are_counted_and_told(columns, rows, people):
    """Places in turn: one, another, one, one, another; rows are those of a spreadsheet, from 2."""
    found, findings = read(frame([TWO[i] for i in (0, 1, 0, 0, 1)], **columns))
    assert found.frame["all"].tolist() == columns["people"]
    if rows is None:
        assert findings.problems == []
    else:
        told = problem_of(findings, "population.rows_repeat")
        assert (told.severity, told.fields["rows"], told.fields["people"]) == (Severity.WARNING, rows, people)


def test_shapes_at_one_place_that_differ_do_not_repeat():
    """Two buildings with one corner in common, and a group of other size at one point."""
    shapes = [shapely.box(10, 50, 10.001, 50.001), shapely.box(10, 50, 10.002, 50.001), TWO[0], TWO[0]]
    _, findings = read(frame(shapes, people=[3, 3, 5, 5], old=[1, 1, 1, 2]), groups={"old": "old"})
    assert findings.problems == []


def test_people_keep_the_row_numbers_of_their_table():
    found, _ = read(frame([None, *TWO], people=[7, 2, 1]))
    assert found.frame.index.tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("header", "cells", "told"),
    [
        ("people", [1e300, 4], "2: “1e+300”"),
        ("people", [3, np.inf], "3: “inf”"),
        ("people", [10_000_000_001, 10_000_000_000], "2: “10000000001”"),
        ("人口（万人）", [4, 1_000_001], "3: “1000001”"),
    ],
    ids=["1e300", "infinite", "one too many", "unit of ten thousand"],
)
def test_more_people_than_live_on_earth_are_an_error_with_the_row(header, cells, told):
    found, findings = read(frame(TWO, **{header: np.array(cells, dtype=object)}))
    assert found is None
    assert problem_of(findings, "population.implausible").fields["cells"] == told
    assert "population.blank" not in codes(findings)


@pytest.mark.parametrize(("total", "told"), [("10", None), ("99,999", "99,999"), ("", None)])
@pytest.mark.parametrize("above", [True, False], ids=["above", "below"])
def test_a_total_of_a_list_of_places_is_held_against_its_rows(total, told, above):
    """3 + 7 = 10; the total is left out whatever it says, and no place is lost."""
    rows = [["甲", "3"], ["乙", "7"]]
    rows.insert(0 if above else 2, ["全县合计", total])
    findings = Findings()
    table = pd.DataFrame(rows, columns=["名称", "人口"], index=[2, 3, 4])
    left = without_checked_totals(table, None, None, Located(findings, "people.csv"))
    assert left["人口"].tolist() == ["3", "7"]
    assert codes(findings) == ["table.totals", *(["population.sum_differs"] if told else [])]
    if told:
        problem = problem_of(findings, "population.sum_differs")
        assert (problem.row, problem.fields["parts"]) == (2 if above else 4, "10")
        assert (problem.severity, problem.fields["total"]) == (Severity.WARNING, told)


def test_a_list_of_totals_alone_is_empty():
    findings = Findings()
    table = pd.DataFrame([["合计", 10]], columns=["名称", "人口"], index=[2])
    assert without_checked_totals(table, None, None, Located(findings, "people.csv")) is None
    problem_of(findings, "table.empty")


# --- placing ----------------------------------------------------------------------------------------------------------


def features(shapes, people):
    return CountFeatures(gpd.GeoDataFrame({"all": np.array(people, float)}, geometry=shapes, crs="EPSG:4326"), ("all",))


def place(population, areas=None, **options):
    findings = Findings()
    return place_residents(population, areas, findings=findings, **options), findings


def test_points_stay_where_they_are_and_rows_of_nobody_are_no_places():
    residents, _ = place(features([*TWO, shapely.Point(10.2, 50)], [3, 0, 4]))
    assert (residents.lon.tolist(), residents.people.tolist()) == ([10.0, 10.2], [[3.0, 4.0]])
    assert residents.cell_m == 0


def test_points_take_the_district_they_lie_in_and_the_earlier_on_a_common_border():
    areas = districts(cells_box(0, 0, 10, 10), cells_box(10, 0, 20, 10))
    points = [shapely.Point(x, 49.995) for x in (10.005, 10.015, 10.01)]
    residents, _ = place(features(points, [1, 1, 1]), areas)
    assert residents.district.tolist() == [0, 1, 0]


def test_points_a_few_metres_off_the_coast_go_home_and_farther_ones_do_not():
    """50 m and 150 m west of the district; 0.001° of longitude is 71.7 m at 50° north."""
    points = [shapely.Point(10 - metres / 71_700, 49.995) for metres in (50, 150)]
    residents, _ = place(features(points, [1, 1]), districts(cells_box(0, 0, 10, 10)))
    assert residents.district.tolist() == [0, OUTSIDE]


def test_points_a_few_metres_across_a_land_border_stay_there():
    """Beyond the border people live on, 550 m out and farther."""
    points = [shapely.Point(10 - metres / 71_700, 49.995) for metres in (50, 550, 1500)]
    residents, _ = place(features(points, [1, 1, 1]), districts(cells_box(0, 0, 10, 10)))
    assert residents.district.tolist() == [OUTSIDE] * 3


def test_small_polygons_are_points_and_wide_ones_are_told():
    """Cells of 0.001° are 72 m by 111 m; 10 x 10 of them are 890 m wide."""
    residents, findings = place(features([cells_box(0, 0, 1, 1), cells_box(0, 0, 10, 10)], [3, 4]))
    assert residents.people.tolist() == [[3.0, 4.0]]
    assert residents.lon[1] == pytest.approx(10.005)
    assert [(p.code, p.fields["people"]) for p in findings.problems] == [("population.polygons_coarse", "4")]


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-89, 89), st.floats(0, 1e6)), min_size=1, max_size=20))
def test_people_at_points_are_conserved(rows):
    points = [shapely.Point(x, y) for x, y, _ in rows]
    residents, _ = place(features(points, [p for *_, p in rows]), districts(shapely.box(-50, -50, 50, 50)))
    assert residents.people.sum() == pytest.approx(sum(p for *_, p in rows), rel=1e-12)
