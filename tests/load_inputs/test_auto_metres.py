"""``crs = "auto"`` for eastings and northings: the county's clinics written in projected systems by PROJ, and read back."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from circle.errors import Problem, Severity, render
from circle.load.region import check_region

CLINICS = "clinics.csv"


@pytest.fixture(scope="module")
def clinics(sample_regions: Path) -> gpd.GeoDataFrame:
    """The list as points; it is in CGCS2000 degrees."""
    table = pd.read_csv(sample_regions / "qingxi" / CLINICS, dtype=str)
    lon, lat = (next(c for c in table.columns if word in c) for word in ("经度", "纬度"))
    points = gpd.points_from_xy(table[lon].astype(float), table[lat].astype(float), crs="EPSG:4490")
    return gpd.GeoDataFrame(table.drop(columns=[lon, lat]), geometry=points)


@pytest.fixture
def county(sample_regions: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample_regions / "qingxi", tmp_path / "county"))


def declare(county: Path, path: str, more: str = "") -> Path:
    """The clinics of the region file are in another file now, whose system is not declared."""
    text = (county / "region.toml").read_text(encoding="utf-8")
    was = f'path = "{CLINICS}"\ncrs = "EPSG:4490"\n'
    assert was in text
    now = f'path = "{path}"\ncrs = "auto"\n{more}'
    (county / "region.toml").write_text(text.replace(was, now), encoding="utf-8")
    return county


def errors_of(problems: list[Problem]) -> list[str]:
    assert all(render(problem, lang) for problem in problems for lang in ("en", "zh"))
    return [problem.code for problem in problems if problem.severity is Severity.ERROR]


def as_table(clinics: gpd.GeoDataFrame, crs: str, path: Path, *, exchanged: bool = False) -> None:
    moved = clinics.to_crs(crs)
    x, y = moved.geometry.x.round(3), moved.geometry.y.round(3)
    moved.drop(columns="geometry").assign(东=y if exchanged else x, 北=x if exchanged else y).to_csv(path, index=False)


COLUMNS = 'lon = "东"\nlat = "北"\n'


@pytest.mark.parametrize("crs", ["EPSG:4528", "EPSG:4549", "EPSG:4498", "EPSG:4509", "EPSG:32650"])
def test_a_list_in_metres_lands_where_it_did_in_degrees(county, clinics, sample_regions, crs) -> None:
    """CGCS2000 with the zone in the easting or without, 3 and 6 degrees wide, UTM."""
    as_table(clinics, crs, county / "moved.csv")
    told, problems = check_region(declare(county, "moved.csv", COLUMNS))
    assert told is not None, errors_of(problems)
    declared, _ = check_region(sample_regions / "qingxi")
    assert declared is not None
    assert np.allclose(told.data.facilities.entrance_lon, declared.data.facilities.entrance_lon, atol=2e-8)
    assert np.allclose(told.data.facilities.entrance_lat, declared.data.facilities.entrance_lat, atol=2e-8)
    (note,) = [problem for problem in problems if problem.code == "crs.detected"]
    assert note.fields["system"] == crs
    said = render(note, "en")
    assert crs in said
    assert "distance to" in said


def test_a_shapefile_without_prj_is_told_by_its_zone(county, clinics, sample_regions) -> None:
    moved = clinics.to_crs("EPSG:4528").set_crs(None, allow_override=True)
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        moved.to_file(county / "moved.shp", encoding="gbk")
    (county / "moved.cpg").unlink()
    told, problems = check_region(declare(county, "moved.shp"))
    assert told is not None, errors_of(problems)
    declared, _ = check_region(sample_regions / "qingxi")
    assert declared is not None
    assert np.allclose(told.data.facilities.entrance_lon, declared.data.facilities.entrance_lon, atol=1e-8)
    (note,) = [problem for problem in problems if problem.code == "crs.detected"]
    assert note.fields["system"] == "EPSG:4528"


def test_axes_exchanged_are_named_also_under_auto(county, clinics) -> None:
    as_table(clinics, "EPSG:4549", county / "moved.csv", exchanged=True)
    _, problems = check_region(declare(county, "moved.csv", COLUMNS))
    assert errors_of(problems) == ["crs.unnamed_exchanged"]


def test_three_places_without_names_prove_nothing(county, clinics) -> None:
    """Without the number of a zone: CGCS2000 and UTM put them 1.2 km apart, and nothing tells which is right."""
    as_table(clinics.iloc[:3][["geometry"]], "EPSG:4549", county / "moved.csv")
    _, problems = check_region(declare(county, "moved.csv", COLUMNS))
    assert errors_of(problems)[0] == "crs.undecided_metres"


def test_web_mercator_may_be_shifted_too_and_is_not_guessed(county, clinics) -> None:
    """Chinese web maps draw GCJ-02 in Web Mercator: the number of metres does not say which."""
    as_table(clinics, "EPSG:3857", county / "moved.csv")
    _, problems = check_region(declare(county, "moved.csv", COLUMNS))
    assert errors_of(problems)[0] == "crs.undecided_metres"


def test_a_list_of_another_county_is_not_put_into_this_one(county, clinics) -> None:
    """The same list 300 km farther west, in zone 39: its zone does not put it into the region."""
    west = clinics.assign(geometry=clinics.translate(xoff=-3.0).set_crs("EPSG:4490"))
    as_table(west, "EPSG:4527", county / "moved.csv")
    _, problems = check_region(declare(county, "moved.csv", COLUMNS))
    assert errors_of(problems)[0] == "crs.undecided_metres"
