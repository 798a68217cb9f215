"""The system of a list told by evidence: always the right one or none, never a guess."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from circle.errors import Severity
from circle.load.datums import WGS84
from circle.load.evidence import SYSTEMS, Anchors, told_system
from circle.load.region import check_region
from circle.load.shifted import bd09_from_wgs84, gcj02_from_wgs84

SHIFT = {WGS84: lambda lon, lat: (lon, lat), "gcj02": gcj02_from_wgs84, "bd09": bd09_from_wgs84}
LON, LAT = 118.9, 28.95
NO_ROADS = np.empty(0, dtype=object)


def grid_roads(spacing_deg: float, count: int) -> np.ndarray:
    """Streets of a town, straight from end to end, in both directions."""
    at, end = np.arange(count) * spacing_deg, (count - 1) * spacing_deg
    east = [shapely.LineString([(LON, LAT + y), (LON + end, LAT + y)]) for y in at]
    north = [shapely.LineString([(LON + x, LAT), (LON + x, LAT + end)]) for x in at]
    return np.array(east + north, dtype=object)


def beside_roads(roads: np.ndarray, count: int, off_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Places so many metres at most from random roads."""
    rng = np.random.default_rng(5)
    chosen = roads[rng.integers(0, len(roads), count)]
    on = shapely.get_coordinates(shapely.line_interpolate_point(chosen, rng.uniform(0, 1, count), normalized=True))
    moved = on + rng.uniform(-1, 1, (count, 2)) * off_m / 111_000
    return moved[:, 0], moved[:, 1]


@pytest.mark.parametrize("system", SYSTEMS)
def test_villages_strung_along_few_roads_are_told_by_them(system: str) -> None:
    """Roads 2 km apart, places within 40 m of them: no wrong shift brings them near."""
    roads = grid_roads(0.02, 6)
    lon, lat = SHIFT[system](*beside_roads(roads, 60, 40.0))
    verdict = told_system(lon, lat, pd.DataFrame(index=range(60)), Anchors(roads))
    assert verdict.system == system
    assert verdict.evidence[0].figures[system] < 40 < min(v for k, v in verdict.evidence[0].figures.items() if k != system)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("off_m", [10.0, 60.0])
def test_in_a_dense_net_of_streets_roads_never_say_the_wrong_system(system: str, off_m: float) -> None:
    """Every 100 m a street: each spot is near one, and houses stand farther from the middle of it than random spots."""
    roads = grid_roads(0.001, 60)
    lon, lat = SHIFT[system](*beside_roads(roads, 300, off_m))
    assert told_system(lon, lat, pd.DataFrame(index=range(300)), Anchors(roads)).system in (system, None)


@pytest.mark.parametrize("system", SYSTEMS)
def test_names_tell_where_roads_cannot(system: str) -> None:
    """Eight places of the same names as in the reference, 30 m beside it; names that occur twice do not count."""
    rng = np.random.default_rng(2)
    true = np.array([LON, LAT]) + rng.uniform(0, 0.2, (10, 2))
    names = [f"青溪{i}村" for i in range(8)] + ["王家村", "王家村"]
    named = gpd.GeoDataFrame({"name": names}, geometry=shapely.points(true), crs=WGS84)
    lon, lat = SHIFT[system](true[:, 0] + 0.0003, true[:, 1])
    verdict = told_system(lon, lat, pd.DataFrame({"name": [f" {name}" for name in names]}), Anchors(NO_ROADS, named))
    assert verdict.system == system
    assert verdict.evidence[0].places == 8


@pytest.mark.parametrize("system", SYSTEMS)
def test_districts_tell_by_the_places_near_their_border(system: str) -> None:
    """Two townships side by side; two hundred places within 400 m of the border that they share, each said to be in its own."""
    rng = np.random.default_rng(3)
    lon = LON + np.sign(rng.uniform(-1, 1, 200)) * rng.uniform(1e-5, 0.004, 200)
    lat = LAT + rng.uniform(-0.2, 0.2, 200)
    areas = [shapely.box(LON - 1, LAT - 1, LON, LAT + 1), shapely.box(LON, LAT - 1, LON + 1, LAT + 1)]
    districts = gpd.GeoDataFrame(
        {"district_id": ["330802001000", "330802002000"], "district_name": ["西镇", "东乡"]}, geometry=areas, crs=WGS84
    )
    said = pd.DataFrame({"所属乡镇": np.where(lon < LON, "西镇", "东乡")})
    verdict = told_system(*SHIFT[system](lon, lat), said, Anchors(NO_ROADS, districts=districts))
    assert verdict.system == system
    assert verdict.evidence[0].figures[system] == pytest.approx(100.0)


def test_witnesses_that_contradict_each_other_leave_it_open() -> None:
    """The roads fit the list read as GCJ-02, a layer of names that was copied from it as it stands fits it as WGS84."""
    roads = grid_roads(0.02, 6)
    lon, lat = gcj02_from_wgs84(*beside_roads(roads, 60, 20.0))
    named = gpd.GeoDataFrame(
        {"name": [f"{i}号" for i in range(60)]},
        geometry=shapely.points(lon, lat),
        crs=WGS84,
    )
    verdict = told_system(lon, lat, pd.DataFrame({"name": named["name"]}), Anchors(roads, named))
    assert verdict.system is None
    assert [one.system for one in verdict.evidence] == ["gcj02", WGS84]


def test_outside_china_nothing_is_shifted() -> None:
    assert told_system(np.array([43.3]), np.array([-11.7]), pd.DataFrame(index=[0]), Anchors(NO_ROADS)).system == WGS84


@pytest.fixture
def county(sample_regions: Path, tmp_path: Path) -> Path:
    """A copy of the bundled county whose lists do not say their system."""
    folder = tmp_path / "county"
    shutil.copytree(sample_regions / "qingxi", folder)
    text = (folder / "region.toml").read_text(encoding="utf-8")
    text = text.replace('crs = "gcj02"', 'crs = "auto"').replace('crs = "EPSG:4490"', 'crs = "auto"')
    assert text.count('crs = "auto"') == 2
    (folder / "region.toml").write_text(text, encoding="utf-8")
    return folder


def test_the_county_is_the_same_when_its_lists_are_told_by_evidence(county: Path, sample_regions: Path) -> None:
    """Schools in GCJ-02 and clinics in CGCS2000 degrees land where they did when their systems were declared."""
    told, problems = check_region(county)
    declared, _ = check_region(sample_regions / "qingxi")
    assert told is not None
    assert declared is not None
    mine, other = told.data.facilities, declared.data.facilities
    np.testing.assert_allclose(mine.entrance_lon, other.entrance_lon, atol=1e-9)
    np.testing.assert_allclose(mine.entrance_lat, other.entrance_lat, atol=1e-9)
    notes = {problem.file: problem.fields["system"] for problem in problems if problem.code == "crs.detected"}
    assert notes == {"schools.xlsx": "gcj02", "clinics.csv": WGS84}
    kept = {file.path: file for file in told.data.inputs}
    assert (kept["schools.xlsx"].crs, kept["clinics.csv"].crs) == ("gcj02", WGS84)
    assert all("distance to the nearest road" in kept[name].notes[0] for name in notes)


def test_without_a_sure_layer_nothing_is_told(county: Path) -> None:
    """The same roads from a file of lines whose system only the file itself claims: no witness."""
    loaded, _ = check_region(county)
    assert loaded is not None
    streets = loaded.data.streets
    from circle.load.streets import road_lines

    lines = gpd.GeoDataFrame({"highway": ["residential"] * len(streets.way_id)}, geometry=road_lines(streets), crs=WGS84)
    lines.to_file(county / "roads.gpkg", index=False)
    (county / "people.csv").write_text("lon,lat,people\n118.9,28.95,10\n", encoding="utf-8")
    (county / "region.toml").write_text(
        """
[region]
name = "x"
[roads]
path = "roads.gpkg"
[[facilities]]
path = "clinics.csv"
crs = "auto"
service = "clinic"
[population]
path = "people.csv"
crs = "EPSG:4326"
""",
        encoding="utf-8",
    )
    nothing, problems = check_region(county)
    assert nothing is None
    assert [p.code for p in problems if p.severity is Severity.ERROR] == ["crs.no_evidence"]
    text = (county / "region.toml").read_text(encoding="utf-8").replace('"roads.gpkg"', '"roads.gpkg"\ncrs = "EPSG:4326"')
    (county / "region.toml").write_text(text, encoding="utf-8")
    assert check_region(county)[0] is not None
