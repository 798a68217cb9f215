"""A group is a part of all residents: where it is larger, in whatever form people come, it is told with both numbers."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from circle.errors import Findings, Severity
from circle.load.census import CensusTable, district_people
from circle.load.count_raster import read_count_raster
from circle.load.located import Located
from circle.load.population import count_features
from circle.model import Districts
from tests.population.grids import write_raster

CODE = "population.group_exceeds_row"


def points(rows, columns, shape=shapely.Point):
    frame = pd.DataFrame(rows, columns=columns)
    spots = [shape(119 + i / 1000, 28.4) for i in range(len(frame))]
    return gpd.GeoDataFrame(frame, geometry=spots, crs="EPSG:4326").set_axis(np.arange(2, len(frame) + 2), axis="index")


def told(frame, groups):
    findings = Findings()
    found = count_features(frame, Located(findings, "people.csv"), groups=groups)
    return found, findings


def square(lon, lat):
    return shapely.box(lon, lat, lon + 0.001, lat + 0.001)


@pytest.mark.parametrize("shape", [shapely.Point, square], ids=["points", "polygons"])
def test_rows_places_and_both_numbers_are_told_for_every_group_at_once(shape):
    rows = [["上坞", 30, 10, 5], ["下坞", 35, 9999, 5], ["里坞", 20, 3, 21], ["外坞", 20, 20, -1]]
    found, findings = told(points(rows, ["名称", "常住人口", "老", "少"], shape), {"old": "老", "young": "少"})
    assert found is None
    errors = {(p.code, p.fields.get("group")): p for p in findings.errors}
    assert set(errors) == {(CODE, "old"), (CODE, "young"), ("population.negative", None)}
    assert errors[CODE, "old"].fields["cells"] == "3: 下坞, 9,999 > 35"
    assert errors[CODE, "young"].fields["cells"] == "4: 里坞, 21 > 20"
    assert errors[CODE, "old"].fields["cells"].rows == ("3",)


def test_without_names_the_place_is_where_it_lies():
    _, findings = told(points([[10, 11]], ["人口", "老"]), {"old": "老"})
    assert findings.errors[0].fields["cells"] == "2: 119.00000 28.40000, 11 > 10"


@pytest.mark.parametrize(
    ("column", "everyone", "group", "is_wrong"),
    [
        ("人口", 10, 10, False),
        ("人口", 10, 11, True),
        ("人口", 1000, 1001, True),  # counts are exact
        ("人口", 0.305, 0.31, False),  # estimates are not
        ("人口", 12.5, 14.0, True),
        ("人口", None, 4, True),  # nobody is known to live there
        ("人口", None, None, False),
        ("常住人口（万人）", 1.2, 1.2, False),
        ("常住人口（万人）", 1.2, 1.9, True),
    ],
)
def test_counts_are_exact_and_estimates_are_rounded(column, everyone, group, is_wrong):
    frame = points([[100.0, 1.0], [everyone, group]], [column, "老（万人）" if "万" in column else "老"])
    _, findings = told(frame, {"old": frame.columns[1]})
    assert [p.code for p in findings.errors] == [CODE] * is_wrong


def test_against_row_by_row_on_random_tables():
    """Whole numbers: exactly the rows in which the group is larger, whatever the order of columns."""
    rng = np.random.default_rng(8)
    for _ in range(20):
        numbers = rng.integers(0, 50, (30, 3))
        _, findings = told(points(numbers, ["少", "人口", "老"]), {"old": "老", "young": "少"})
        for group, column in (("old", 2), ("young", 0)):
            rows = [str(i + 2) for i, row in enumerate(numbers.tolist()) if row[column] > row[1]]
            problem = next((p for p in findings.errors if p.fields.get("group") == group), None)
            assert (list(problem.fields["cells"].rows) if problem else []) == rows


def test_district_counts_are_told_by_the_district():
    frame = pd.DataFrame({"地区": ["甲镇", "乙镇"], "人口": [100, 20], "老": [10, 21]}).set_axis([2, 3], axis="index")
    shapes = [square(119, 28), square(119.1, 28)]
    districts = Districts(
        gpd.GeoDataFrame(
            {"district_id": ["1", "2"], "district_name": ["甲镇", "乙镇"]}, geometry=shapes, crs="EPSG:4326"
        )
    )
    findings = Findings()
    table = CensusTable(frame, frame["地区"].to_numpy(object), "地区")
    assert district_people(table, districts, Located(findings, "census.csv"), people=None, groups={"old": "老"}) is None
    assert [(p.code, p.fields["cells"]) for p in findings.errors] == [(CODE, "3: 乙镇, 21 > 20")]


def test_cells_of_a_raster_are_warned_of_with_the_worst(tmp_path):
    everyone = write_raster(tmp_path / "all.tif", np.array([[10.0, 5.0], [8.0, 400.0]]))
    old = write_raster(tmp_path / "old.tif", np.array([[4.0, 6.0], [17.0, 4.0]]))
    findings = Findings()
    assert read_count_raster({"all": [everyone], "old": [old]}, findings) is not None
    (problem,) = [p for p in findings.problems if p.code == "raster.group_exceeds_cell"]
    assert problem.severity is Severity.WARNING
    assert {name: problem.fields[name] for name in ("cells", "people", "members", "everyone")} == {
        "cells": 2,
        "people": "10",
        "members": "17",
        "everyone": "8",
    }
    assert problem.fields["place"] == "10.00050 49.99850"  # the grid begins at 10 E, 50 N, in cells of 0.001 degrees
