"""The Comoros: three islands in the ocean, a raster of people, heights; the whole analysis once."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from playwright.sync_api import Browser

import circle
from circle import pipeline
from circle.errors import Findings
from circle.export import map_html
from circle.model import OUTSIDE, REASONS, Analysis, Status
from tests.export.test_map_browser import _open, _untouched, looks_right, zooming_in_shows_more

pytestmark = pytest.mark.slow

PEOPLE = 869_595
"""The sum of the raster, as the publisher gives it."""

TILES = ("S12E043", "S13E043", "S13E044")


def manifest(regions: Path, level: int) -> str:
    folder = (regions / "comoros").as_posix()
    heights = ", ".join(f'"{folder}/{tile}.SRTMGL1.hgt.zip"' for tile in TILES)
    return f"""
[region]
name = "Comoros"
[osm]
path = "{folder}/roads.osm.pbf"
[roads]
source = "osm"
[[facilities]]
source = "osm"
services = ["school", "hospital", "pharmacy"]
[population]
path = "{folder}/com_ppp_2020_UNadj.tif"
[districts]
source = "osm"
admin_level = {level}
[places]
source = "osm"
[elevation]
path = [{heights}]
"""


def region(regions: Path, folder: Path, level: int) -> circle.Region:
    (folder / "region.toml").write_text(manifest(regions, level), encoding="utf-8")
    return circle.load_region(folder)


@pytest.fixture(scope="module")
def analysis(regions: Path, tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    return circle.analyze(region(regions, tmp_path_factory.mktemp("comoros"), 4)).analysis


@pytest.fixture(scope="module")
def page_file(analysis: Analysis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("map") / "gap_map.html"
    path.write_text(map_html(analysis, lang="en"), encoding="utf-8")
    return path


def test_everybody_of_the_raster_is_in_a_district_outside_or_unknown(analysis: Analysis) -> None:
    rows = analysis.indicators
    rows = rows[(rows["service"] == "all_services") & (rows["limit"] == "15min") & (rows["group"] == "all")]
    people = rows.set_index("scope")["people"]
    assert people.loc[["region"]].sum() + people.get("outside", 0.0) == pytest.approx(PEOPLE, abs=1)
    assert analysis.residents.people[0].sum() == pytest.approx(PEOPLE, abs=1)
    assert people.loc[["district"]].sum() + analysis.audit.people["unknown"] == pytest.approx(
        people["region"], abs=1e-6
    )
    assert len(people.loc[["district"]]) == 3


def test_covered_uncovered_and_unknown_make_everybody_in_every_row(analysis: Analysis) -> None:
    rows = analysis.indicators
    apart = rows["covered"] + rows["uncovered"] + rows["unknown"] - rows["people"]
    assert apart.abs().max() <= 1e-6
    main = rows[rows["limit"] == "15min"]
    reasons = main[[reason.name.lower() for reason in REASONS]].sum(axis=1)
    assert (reasons - main["uncovered"]).abs().max() <= 1e-6
    assert rows["covered"].max() > 0


def test_a_longer_limit_holds_everybody_of_a_shorter_one(analysis: Analysis) -> None:
    keys = ["scope", "district_id", "service", "group"]
    short, middle, long = (
        analysis.indicators[analysis.indicators["limit"] == limit].set_index(keys)["covered"].sort_index()
        for limit in ("5min", "10min", "15min")
    )
    assert (short <= middle + 1e-9).all()
    assert (middle <= long + 1e-9).all()
    assert (short < long).any()


def test_nobody_walks_to_another_island(analysis: Analysis) -> None:
    """Islands are the districts of level 4, told apart by their outlines, not by the network."""
    outlines = analysis.region.districts.frame.geometry.to_numpy()
    table = analysis.region.facilities.table
    spots = shapely.points(table["lon"], table["lat"])
    island = shapely.distance(spots[:, None], outlines[None, :]).argmin(axis=1)
    assert set(island) == {0, 1, 2}
    for reach in analysis.reach.values():
        living = (analysis.residents.district != OUTSIDE) & (reach.facility >= 0) & ~reach.direct
        assert living.sum() > 100_000
        assert np.array_equal(analysis.residents.district[living], island[reach.facility[living]])


def test_no_piece_of_the_network_joins_two_islands(analysis: Analysis) -> None:
    network, outlines = analysis.network, analysis.region.districts.frame
    nodes = gpd.GeoDataFrame(
        {"piece": network.piece}, geometry=gpd.points_from_xy(network.node_lon, network.node_lat), crs="EPSG:4326"
    )
    inside = gpd.sjoin(nodes, outlines[["district_id", "geometry"]], predicate="within")
    assert inside["district_id"].nunique() == 3
    assert inside.groupby("piece")["district_id"].nunique().max() == 1


def test_gaps_hold_exactly_the_uncovered_people(analysis: Analysis) -> None:
    """Zones, the places that are left over and those without any road: together nobody is lost or told twice."""
    own = analysis.residents.district != OUTSIDE
    for service, reach in analysis.reach.items():
        uncovered = own & (reach.status != Status.COVERED) & (reach.status != Status.UNKNOWN)
        expected = analysis.residents.people[0][uncovered].sum()
        told = analysis.gaps.loc[analysis.gaps["service"] == service, "people"].sum()
        assert expected > 100_000
        assert told == pytest.approx(expected, rel=1e-9)


def test_districts_of_another_level_divide_the_same_people(regions: Path, tmp_path: Path, analysis: Analysis) -> None:
    findings = Findings()
    residents = pipeline.residents_of(region(regions, tmp_path, 8).data, findings)
    assert findings.errors == []
    assert residents.people[0].sum() == pytest.approx(PEOPLE, abs=1)
    assert residents.people[0].sum() == pytest.approx(analysis.residents.people[0].sum(), abs=1e-3)
    assert len(np.unique(residents.district[residents.district != OUTSIDE])) == 6


@pytest.mark.parametrize("width", [1920, 1280, 400])
def test_nothing_on_the_map_hides_anything(browser: Browser, page_file: Path, width: int) -> None:
    """Nearly two thousand gaps on three small islands in a wide sea; names in two scripts."""
    page, seen = _open(browser, page_file, width=width)
    looks_right(page)
    _untouched(seen, page_file)


def test_gaps_that_give_way_appear_on_zooming_in(browser: Browser, page_file: Path) -> None:
    page, seen = _open(browser, page_file)
    zooming_in_shows_more(page)
    _untouched(seen, page_file)
