"""A census by district through the whole command line: checked, run, looked at, broken."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from circle.errors import ExitCode
from tests.cli.conftest import LAT, LON
from tests.load_inputs.conftest import write_workbook

CENSUS: list[list[object]] = [
    ["某县第七次全国人口普查分乡镇资料"],
    ["地区", "统计用区划代码", "常住人口", "60岁及以上"],
    ["某省", "330000000000", 64_567_588, 12_000_000],
    ["某县", "330825000000", 1200, 345],
    ["甲镇", "330825100000", 1000, 245],
    ["乙乡", "330825200000", 200, 100],
    ["合计", None, 1200, 345],
    ["注：数据截至2020年11月1日零时"],
]
POPULATION = """[population]
path = "census.xlsx"
district = "统计用区划代码"
groups = { old = "60岁及以上" }
kind = "resident"
"""


@pytest.fixture
def county(town) -> Path:
    """The town in two halves, with a census instead of its people."""
    bounds = (LON - 0.02, LAT - 0.02, LON + 0.05, LAT + 0.05)
    middle = LON + 0.006
    halves = [shapely.box(*bounds[:2], middle, bounds[3]), shapely.box(middle, *bounds[1:])]
    columns = {"code": ["330825100", "330825200"], "name": ["甲镇", "乙乡"]}
    gpd.GeoDataFrame(columns, geometry=halves, crs=4326).to_file(town / "towns.geojson")
    write_workbook(town / "census.xlsx", {"七普": CENSUS})
    text = (town / "region.toml").read_text(encoding="utf-8")
    before, after = text.split("[population]")
    rest = after[after.index("\n[") :]
    districts = '[districts]\npath = "towns.geojson"\nid = "code"\nname = "name"\n'
    if "[districts]" in rest:
        rest = rest.split("[districts]")[0]
    (town / "region.toml").write_text(before + POPULATION + districts + rest, encoding="utf-8")
    return town


def test_every_district_keeps_its_people_in_every_group_and_file(circle, county, tmp_path):
    said = circle("run", county, "--out", tmp_path / "out")
    assert said.code == ExitCode.OK
    assert "of 1,200 people (usual residents)" in said.out
    assert "1,200 people (usual residents) were counted" in said.out
    residents = pd.read_parquet(tmp_path / "out" / "residents.parquet")
    sums = residents.groupby("district_id", observed=True)[["people_all", "people_old"]].sum()
    np.testing.assert_allclose(sums.loc["330825100"], [1000, 245], atol=1e-6)
    np.testing.assert_allclose(sums.loc["330825200"], [200, 100], atol=1e-6)
    coverage = gpd.read_file(tmp_path / "out" / "coverage.geojson").set_index("district_id")
    assert coverage["people"].to_dict() == pytest.approx({"330825100": 1000, "330825200": 200}, abs=1e-6)
    told = json.loads((tmp_path / "out" / "provenance.json").read_text(encoding="utf-8"))
    assert told["population_kind"] == "resident"
    assert {"census.counted", "census.left_out_total"} <= {problem["code"] for problem in told["problems"]}
    assert circle("verify", tmp_path / "out").code == ExitCode.OK
    assert "1,200 人（常住人口）" in circle("check", county, "--lang", "zh").out


def test_a_misspelt_township_stops_the_run_with_advice_also_with_its_code_beside_it(circle, county, tmp_path):
    """The column that `district` names decides; by the codes the same table is read."""
    rows = [[cell if cell != "乙乡" else "乙鄉" for cell in row] for row in CENSUS]
    write_workbook(county / "census.xlsx", {"七普": rows})
    assert circle("check", county).code == ExitCode.OK
    text = (county / "region.toml").read_text(encoding="utf-8")
    (county / "region.toml").write_text(text.replace("统计用区划代码", "地区"), encoding="utf-8")
    beside = circle("check", county)
    assert beside.code == ExitCode.INPUT
    assert "乙鄉" in beside.out
    assert "乙乡 (330825200)?" in beside.out
    by_name = [rows[0], *([row[0], *row[2:]] for row in rows[1:2] + rows[3:-1])]
    write_workbook(county / "census.xlsx", {"七普": by_name})
    said = circle("run", county, "--out", tmp_path / "out")
    assert said.code == ExitCode.INPUT
    assert "error: census.xlsx: 1 row has no district among the polygons (200 people" in said.err
    assert "5: “乙鄉” → 乙乡 (330825200)?" in said.err
    assert not (tmp_path / "out").exists()
