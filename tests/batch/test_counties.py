"""A county inside a province gets precisely what the whole gives: the same rows as a run on the union has for it."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import circle
from circle import pipeline
from circle.batch.counties import county_of
from circle.batch.province import map_province, province_of, write_province
from circle.errors import Findings
from circle.model import Analysis
from circle.reach import join_places, nearest_facility
from circle.sample import write_sample_province
from circle.stages import Clock, Silent
from tests import provinces
from tests.towns import degrees

GAP_COLUMNS = ["service", "kind", "name", "people", "reason", "site_lon", "site_lat", "facility_id", "cost", "route_m", "straight_m"]


def said() -> tuple[Clock, Findings]:
    return Clock(Silent()), Findings()


def frame(shapes: list[shapely.Geometry], **columns: object) -> gpd.GeoDataFrame:
    on_globe = [shapely.transform(shape, lambda xy: np.array([degrees(*p) for p in xy])) for shape in shapes]
    return gpd.GeoDataFrame(columns, geometry=on_globe, crs=4326)


def province(seed: int) -> circle.Region:
    """Six counties of a jagged partition, with one-way streets, a winding river, and facilities in half of them only."""
    rng = np.random.default_rng(seed)
    nodes = {(i, j): (i * 400.0 + rng.uniform(-90, 90), j * 400.0 + rng.uniform(-90, 90)) for i in range(14) for j in range(9)}
    pairs = [(a, b) for a in nodes for b in ((a[0] + 1, a[1]), (a[0], a[1] + 1)) if b in nodes and rng.random() < 0.8]
    river = shapely.LineString([(-500, 1500), (1800, 1650), (3100, 1400), (5800, 1700)])
    roads = [shapely.LineString([nodes[a], nodes[b]]) for a, b in pairs]
    kept = [road for road in roads if not road.crosses(river) or rng.random() < 0.3]
    homes = [shapely.Point(*p) for p in rng.uniform((-300, -300), (5600, 3600), (500, 2))]
    at = rng.uniform((0, 0), (3000, 3200), (14, 2))
    middle = [(x + rng.uniform(-150, 150), 1600 + rng.uniform(-300, 300)) for x in (-2000, 1800, 3600, 7500)]
    low = [(x, -2000) for x, _ in middle]
    high = [(x, 5500) for x, _ in middle]
    counties = [
        shapely.Polygon([below[k], below[k + 1], above[k + 1], above[k]])
        for k in range(3)
        for below, above in ((low, middle), (middle, high))
    ]
    return circle.Region.from_frames(
        name="province",
        roads=frame(kept, highway="residential", oneway=["yes" if rng.random() < 0.2 else "no" for _ in kept]),
        facilities=frame([shapely.Point(*p) for p in at], service=[("school", "clinic")[n % 2] for n in range(len(at))]),
        population=frame(homes, people=rng.integers(1, 90, len(homes)).astype(float)),
        districts=frame(counties, adcode=[f"9{n}" for n in range(6)], name=[f"county {n}" for n in range(6)]),
        barriers=frame([river], waterway=["river"]),
        limits=(5, 10),
    )


def rows_of(analysis: Analysis, county: str) -> pd.DataFrame:
    """Indicators of a district."""
    table = analysis.indicators
    return table[(table["scope"] == "district") & (table["district_id"] == county)].reset_index(drop=True)


def zones_of(analysis: Analysis, county: str) -> pd.DataFrame:
    """Zones of a district; ranks and the closing row are of whichever region."""
    zones = analysis.gaps[(analysis.gaps["district_id"] == county) & (analysis.gaps["kind"] == "zone")]
    return pd.DataFrame(zones[GAP_COLUMNS]).sort_values(["service", "site_lon", "site_lat"], ignore_index=True)


def assert_counties_are_the_whole(region: circle.Region, folder: Path) -> None:
    data, question = region.data, region.question
    whole = pipeline.reached(data, question, *said())
    union = pipeline.finished(data, question, whole, said())
    write_province(folder / "province.arrays", province_of(data, whole), question)
    kept, asked = map_province(folder / "province.arrays")
    assert asked == question
    assert (union.gaps["kind"] == "zone").sum() >= 3
    total = {"people": 0.0, "covered": 0.0}
    for row, county in enumerate(data.districts.frame["district_id"]):
        part, own = county_of(kept, asked, row)
        answer = pipeline.finished(part, question, own, said())
        pd.testing.assert_frame_equal(rows_of(answer, county), rows_of(union, county), check_exact=True)
        pd.testing.assert_frame_equal(zones_of(answer, county), zones_of(union, county), check_exact=True)
        mine = own.joined.residents
        assert own.joined.engine.network.edge_count < whole.joined.engine.network.edge_count
        main = rows_of(answer, county).query("group == 'all' and limit == @question.main.label")
        for name in total:
            total[name] += main[name].sum()
        at = np.flatnonzero(whole.joined.residents.district == row)
        for service, answered in answer.reach.items():
            ids, every = part.facilities.table["facility_id"].to_numpy(), data.facilities.table["facility_id"].to_numpy()
            there = union.reach[service].facility[at]
            assert ids[answered.facility[there >= 0]].tolist() == every[there[there >= 0]].tolist()
        assert len(mine.lon) == len(at)
    region_row = union.indicators.query("scope == 'region' and group == 'all' and limit == @question.main.label")
    assert total == {name: pytest.approx(region_row[name].sum(), rel=1e-12) for name in total}


@pytest.mark.parametrize("seed", range(5))
def test_counties_of_random_provinces_have_the_answers_of_the_whole(seed: int, tmp_path: Path) -> None:
    assert_counties_are_the_whole(province(seed), tmp_path)


def test_townships_of_the_bundled_county_have_the_answers_of_the_whole(sample_regions: Path, tmp_path: Path) -> None:
    assert_counties_are_the_whole(circle.load_region(sample_regions / "qingxi"), tmp_path)


def test_a_county_without_a_road_has_the_answers_of_the_whole_and_is_told_of(tmp_path: Path) -> None:
    """Its people walk to the roads of the neighbours, if they can: nobody is left out of any sum."""
    folder = write_sample_province(tmp_path / "p", 4, junctions=1_000, seed=5).parent
    provinces.without_roads(folder, 2)
    region = circle.load_region(folder / "province.toml")
    assert_counties_are_the_whole(region, tmp_path)
    kept, asked = map_province(tmp_path / "province.arrays")
    told = []
    for row in range(4):
        findings = Findings()
        county_of(kept, asked, row, findings)
        told.append([problem.code for problem in findings.problems])
    assert told == [["batch.no_roads"] if code == provinces.codes_of(folder)[2] else [] for code in region.data.districts.frame["district_id"]]


@pytest.mark.parametrize("seed", range(3))
def test_the_cut_isochrone_is_that_of_the_whole_within_the_county(seed: int) -> None:
    """On points of a lattice of its own, each as far from facilities as the whole says."""
    region = province(seed)
    whole = pipeline.reached(region.data, region.question, *said())
    rng, kept = np.random.default_rng(seed), province_of(region.data, whole)
    for row in range(6):
        part, own = county_of(kept, region.question, row)
        outline = part.districts.frame.geometry.iloc[0]
        west, south, east, north = outline.bounds
        lon, lat = rng.uniform(max(west, 118.99), min(east, 119.06), 300), rng.uniform(max(south, 28.99), min(north, 29.04), 300)
        inside = shapely.contains_xy(outline, lon, lat)
        for service, sites in own.joined.sites.items():
            here, there = (
                nearest_facility(joined.engine, join_places(joined.engine, lon, lat), at).cost[inside]
                for joined, at in ((own.joined, sites), (whole.joined, whole.joined.sites[service]))
            )
            limit = region.question.main.value
            assert np.array_equal(here <= limit, there <= limit)
            assert np.array_equal(here[there <= limit], there[there <= limit])
