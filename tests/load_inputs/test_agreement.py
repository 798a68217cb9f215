"""Layers that are shifted though they say that they are not: lists by the witnesses, roads by the people of a raster."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from circle.errors import Findings, Problem, Severity, render
from circle.load.agreement import judge_roads, residents_by_roads, sampled_people
from circle.load.datums import WGS84, to_wgs84
from circle.load.located import Located
from circle.load.region import check_region
from circle.load.shifted import bd09_from_wgs84, gcj02_from_wgs84
from circle.load.streets import road_lines
from circle.model import CountRaster

FORWARD = {
    WGS84: lambda lon, lat: (np.asarray(lon), np.asarray(lat)),
    "gcj02": gcj02_from_wgs84,
    "bd09": bd09_from_wgs84,
}
CELL_DEG = 1 / 1200
WEST, NORTH = 118.8, 29.0


@pytest.fixture(scope="module")
def streets(sample_regions: Path) -> np.ndarray:
    loaded, _ = check_region(sample_regions / "qingxi")
    assert loaded is not None
    return road_lines(loaded.data.streets)


def county(sample_regions: Path, folder: Path, streets: np.ndarray, *, lies_in: str, roads: str, clinics: str) -> Path:
    """Roads from a file, clinics and people: roads and clinics lie in one system and declare whatever is asked."""
    shutil.copytree(sample_regions / "qingxi", folder)
    moved = shapely.transform(streets, lambda xy: np.column_stack(FORWARD[lies_in](*xy.T)))
    frame = gpd.GeoDataFrame({"highway": ["residential"] * len(moved)}, geometry=moved, crs=WGS84)
    frame.to_file(folder / "roads.gpkg", index=False)
    table = pd.read_csv(folder / "clinics.csv", dtype=str)
    lon, lat = (next(c for c in table.columns if word in c) for word in ("经度", "纬度"))
    x, y = FORWARD[lies_in](table[lon].astype(float), table[lat].astype(float))
    table.assign(**{lon: x, lat: y}).to_csv(folder / "clinics.csv", index=False)
    (folder / "region.toml").write_text(
        f'[region]\nname = "x"\n[roads]\npath = "roads.gpkg"\ncrs = "{roads}"\n[[facilities]]\npath = "clinics.csv"\n'
        f'crs = "{clinics}"\nservice = "clinic"\n[population]\npath = "population.tif"\n',
        encoding="utf-8",
    )
    return folder


def told(problems: list[Problem]) -> dict[str, Problem]:
    assert all(render(problem, lang) for problem in problems for lang in ("en", "zh"))
    return {problem.code: problem for problem in problems if problem.code.startswith("crs.")}


@pytest.mark.parametrize("system", ["gcj02", "bd09"])
def test_roads_and_facilities_shifted_alike_are_noticed_by_the_raster(
    sample_regions, tmp_path, streets, system
) -> None:
    """They fit each other to the metre; the raster alone says that both are off."""
    folder = county(sample_regions, tmp_path / "x", streets, lies_in=system, roads=WGS84, clinics=WGS84)
    loaded, problems = check_region(folder)
    assert loaded is not None
    found = told(problems)["crs.roads_contradicted"]
    assert found.severity is Severity.WARNING
    assert found.fields["told"] == system
    evidence = found.fields["evidence"]
    assert evidence.figures[system] < 0.2 * min(v for name, v in evidence.figures.items() if name != system)
    assert "crs.confirmed" not in told(problems)


def test_nothing_is_told_by_roads_that_the_raster_contradicts(sample_regions, tmp_path, streets) -> None:
    """``auto`` would take the clinics for WGS84, for that is what the shifted roads say."""
    folder = county(sample_regions, tmp_path / "x", streets, lies_in="gcj02", roads=WGS84, clinics="auto")
    loaded, problems = check_region(folder)
    assert loaded is None
    assert [p.code for p in problems if p.severity is Severity.ERROR] == ["crs.no_evidence"]


@pytest.mark.parametrize("system", ["gcj02", "bd09", WGS84])
def test_rightly_declared_roads_are_confirmed(sample_regions, tmp_path, streets, system) -> None:
    """And a list in the same system is told by them."""
    folder = county(sample_regions, tmp_path / "x", streets, lies_in=system, roads=system, clinics="auto")
    loaded, problems = check_region(folder)
    assert loaded is not None
    found = told(problems)
    assert set(found) == {"crs.roads_confirmed", "crs.detected"}
    assert found["crs.detected"].fields["system"] == system


@pytest.mark.parametrize(
    ("lies_in", "declared"), [("gcj02", WGS84), (WGS84, "gcj02"), ("bd09", "gcj02"), ("gcj02", "EPSG:4490")]
)
def test_a_list_declared_wrongly_is_contradicted(sample_regions, tmp_path, streets, lies_in, declared) -> None:
    """The roads are right; the clinics are not in the system that the region file says."""
    folder = county(sample_regions, tmp_path / "x", streets, lies_in=lies_in, roads=lies_in, clinics=declared)
    loaded, problems = check_region(folder)
    assert told(problems)["crs.contradicted"].fields["told"] == lies_in
    assert loaded is not None
    (kept,) = [file for file in loaded.data.inputs if file.path == "clinics.csv"]
    assert kept.crs == declared
    assert "distance to the nearest road" in kept.notes[0]


@pytest.mark.parametrize(("roads_in", "clinics_in"), [(WGS84, "gcj02"), ("gcj02", WGS84)])
def test_a_list_apart_from_roads_that_are_not_sure_either_is_told(
    sample_regions, tmp_path, streets, roads_in, clinics_in
) -> None:
    """No raster, no OSM: nobody knows which of the two is shifted, but one is. Read as shifted, WGS84 lies 500 m back."""
    folder = county(sample_regions, tmp_path / "x", streets, lies_in=clinics_in, roads="", clinics=WGS84)
    moved = shapely.transform(streets, lambda xy: np.column_stack(FORWARD[roads_in](*xy.T)))
    frame = gpd.GeoDataFrame({"highway": ["residential"] * len(moved)}, geometry=moved, crs=WGS84)
    frame.to_file(folder / "roads.gpkg", index=False)
    (folder / "people.csv").write_text("lon,lat,people\n118.9,28.9,10\n", encoding="utf-8")
    text = (folder / "region.toml").read_text(encoding="utf-8").replace('crs = ""\n', "")
    text = text.replace('path = "population.tif"', 'path = "people.csv"\ncrs = "EPSG:4326"')
    (folder / "region.toml").write_text(text, encoding="utf-8")
    _, problems = check_region(folder)
    found = told(problems)
    if clinics_in == "gcj02":
        assert found["crs.apart_from_roads"].fields["told"] == "gcj02"
    else:  # no system brings WGS84 to roads in GCJ-02: it is silent, as the witness must be
        assert "crs.confirmed" not in found


def test_roads_that_the_raster_confirms_are_sure_without_a_declaration(sample_regions, tmp_path, streets) -> None:
    folder = county(sample_regions, tmp_path / "x", streets, lies_in=WGS84, roads="", clinics="auto")
    text = (folder / "region.toml").read_text(encoding="utf-8").replace('crs = ""\n', "")
    (folder / "region.toml").write_text(text, encoding="utf-8")
    loaded, problems = check_region(folder)
    assert loaded is not None
    assert set(told(problems)) == {"crs.roads_confirmed", "crs.detected"}


def raster(counts: np.ndarray, cell: float = CELL_DEG) -> CountRaster:
    return CountRaster(counts[None], ("all",), (cell, 0.0, WEST, 0.0, -cell, NORTH), WGS84)


def test_people_are_drawn_evenly_from_the_cells_where_they_live() -> None:
    """A quarter of the people in one cell, three quarters in another: 750 and 2,250 of 3,000, at the cells' middles."""
    counts = np.zeros((4, 5))
    counts[1, 2], counts[3, 4] = 25.0, 75.0
    drawn = sampled_people(raster(counts))
    assert drawn is not None
    where, times = np.unique(drawn.round(9), axis=0, return_counts=True)
    middles = [[WEST + 2.5 * CELL_DEG, NORTH - 1.5 * CELL_DEG], [WEST + 4.5 * CELL_DEG, NORTH - 3.5 * CELL_DEG]]
    assert where == pytest.approx(np.array(middles))
    assert times.tolist() == [750, 2250]


def test_wide_cells_and_empty_ones_say_nothing() -> None:
    """A cell of 30 arc seconds is 0.9 km wide."""
    assert sampled_people(raster(np.ones((3, 3)), 1 / 120)) is None
    assert sampled_people(raster(np.zeros((3, 3)))) is None


@pytest.mark.parametrize("seed", range(12))
def test_where_people_have_nothing_to_do_with_roads_no_shift_is_told(seed: int) -> None:
    """Random streets, people anywhere: whichever system fits best does so by chance."""
    rng = np.random.default_rng(seed)
    ends = np.array([WEST, NORTH - 0.1]) + rng.uniform(0, 0.1, (60, 2, 2))
    heard = residents_by_roads(shapely.linestrings(ends), raster(rng.exponential(2.0, (120, 120))))
    assert heard is not None
    assert heard.system in (WGS84, None)


@pytest.mark.parametrize("system", ["gcj02", "bd09", WGS84])
@pytest.mark.parametrize("seed", range(3))
def test_where_half_of_the_people_live_along_roads_the_system_is_told(seed: int, system: str) -> None:
    """Cells that a road crosses have as many people as all the others together."""
    rng = np.random.default_rng(seed)
    ends = np.array([WEST, NORTH - 0.1]) + rng.uniform(0, 0.1, (40, 2, 2))
    true = shapely.linestrings(ends)
    row, column = np.mgrid[0:120, 0:120]
    middle = shapely.points(WEST + (column + 0.5) * CELL_DEG, NORTH - (row + 0.5) * CELL_DEG)
    near = shapely.distance(middle, shapely.union_all(true)) < 0.7 * CELL_DEG
    counts = np.where(near, 1.0 / near.sum(), 1.0 / (~near).sum())
    drawn = shapely.transform(true, lambda xy: np.column_stack(FORWARD[system](*xy.T)))
    heard = residents_by_roads(drawn, raster(counts))
    assert heard is not None
    assert heard.system == system


def test_outside_china_nothing_is_asked() -> None:
    far = CountRaster(np.ones((1, 9, 9)), ("all",), (CELL_DEG, 0.0, 43.0, 0.0, -CELL_DEG, -11.0), WGS84)
    assert residents_by_roads(shapely.linestrings([[[43.0, -11.0], [43.1, -11.1]]]), far) is None


def test_the_way_back_is_the_inverse_that_the_witnesses_use() -> None:
    """As written, then as read: the same place."""
    lon, lat = to_wgs84(*gcj02_from_wgs84([118.9], [28.9]), "gcj02")
    assert (lon[0], lat[0]) == pytest.approx((118.9, 28.9), abs=1e-11)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("system", ["gcj02", "bd09", WGS84])
def test_buildings_contradict_roads_and_never_confirm_them(system: str, shared: bool, seed: int) -> None:
    """400 houses 10 to 40 m beside 40 roads; where they are drawn in the same wrong system, nothing can be said."""
    rng = np.random.default_rng(seed)
    true = shapely.linestrings(np.array([WEST, NORTH - 0.1]) + rng.uniform(0, 0.1, (40, 2, 2)))
    spots = shapely.line_interpolate_point(np.repeat(true, 10), rng.uniform(0, 1, 400), normalized=True)
    houses = shapely.get_coordinates(spots) + rng.choice([-1, 1], (400, 2)) * rng.uniform(7e-5, 3e-4, (400, 2))

    def drawn(shapes: np.ndarray) -> np.ndarray:
        return shapely.transform(shapes, lambda xy: np.column_stack(FORWARD[system](*xy.T)))

    buildings = shapely.buffer(shapely.points(houses), 5e-5, cap_style="square")
    frame = gpd.GeoDataFrame(geometry=drawn(buildings) if shared else buildings, crs=WGS84)
    at = Located(Findings(), "roads.gpkg")
    fit = judge_roads(drawn(true), None, at, buildings=frame)
    if shared or system == WGS84:
        assert fit is None
        assert not at.findings.problems
    else:
        assert fit is False
        (problem,) = at.findings.problems
        assert (problem.code, problem.fields["told"]) == ("crs.roads_contradicted", system)
        assert all("400" in render(problem, lang) for lang in ("en", "zh"))
