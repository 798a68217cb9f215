"""Las Palmas de Gran Canaria: people in buildings, the whole analysis, and the written map in a browser without network."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

import circle
from tests.export.test_map_browser import _open, _untouched, looks_right, zooming_in_shows_more

pytestmark = pytest.mark.slow

PEOPLE = 378_675
"""Inhabitants of the municipality, as the region file states them."""


def manifest(regions: Path) -> str:
    data = (regions / "las_palmas").as_posix()
    return f"""
[region]
name = "Las Palmas de Gran Canaria"
[osm]
path = "{data}/las_palmas_2023.osm.pbf"
[roads]
source = "osm"
[[facilities]]
source = "osm"
services = ["school", "clinic", "pharmacy", "bus_stop"]
[population]
source = "osm-buildings"
total = {PEOPLE}
[districts]
path = "{data}/boundary_municipality.geojson"
id = "NATCODE"
name = "NAMEUNIT"
[places]
source = "osm"
"""


@pytest.fixture(scope="module")
def result(regions: Path, tmp_path_factory: pytest.TempPathFactory) -> circle.Result:
    folder = tmp_path_factory.mktemp("las palmas")
    (folder / "region.toml").write_text(manifest(regions), encoding="utf-8")
    return circle.analyze(circle.load_region(folder))


@pytest.fixture(scope="module")
def written(result: circle.Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("written") / "答案 out"
    result.write(out)
    return out


def test_everybody_lives_in_a_building_of_the_municipality(result: circle.Result) -> None:
    residents = result.analysis.residents
    assert residents.cell_m == 0
    assert residents.people[0].sum() == pytest.approx(PEOPLE, abs=1e-3)
    assert (residents.people[0] >= 0).all()
    assert (residents.district[residents.people[0] > 0] == 0).mean() > 0.99
    assert 10_000 < (residents.people[0] > 0).sum() < 30_000


def test_everybody_is_covered_uncovered_or_unknown(result: circle.Result) -> None:
    rows = result.analysis.indicators
    apart = rows["covered"] + rows["uncovered"] + rows["unknown"] - rows["people"]
    assert apart.abs().max() <= 1e-6
    main = rows[(rows["limit"] == "15min") & (rows["group"] == "all") & rows["scope"].isin(["region", "outside"])]
    people = main.groupby("service")["people"].sum()
    assert people.to_numpy() == pytest.approx(PEOPLE, abs=1e-3)
    share = main[main["scope"] == "region"].set_index("service")["share"]
    assert 0.8 < share["bus_stop"] <= 1
    assert share["all_services"] <= share.drop("all_services").min()


def test_the_output_folder_is_whole(written: Path) -> None:
    files = {path.name for path in written.iterdir()}
    assert {"gap_map.html", "coverage.geojson", "gaps.geojson", "isochrones.geojson", "facilities.geojson"} <= files
    assert {"indicators.csv", "provenance.json"} <= files


def test_the_written_map_opens_without_any_network(browser: Browser, written: Path) -> None:
    path = written / "gap_map.html"
    page, seen = _open(browser, path)
    assert page.locator(".leaflet-container canvas").count() >= 4
    assert "Las Palmas de Gran Canaria" in page.locator(".circle-panel").inner_text()
    _untouched(seen, path)


@pytest.mark.parametrize("width", [1920, 1280, 400])
def test_nothing_on_the_map_hides_anything(browser: Browser, written: Path, width: int) -> None:
    page, seen = _open(browser, written / "gap_map.html", width=width)
    looks_right(page)
    _untouched(seen, written / "gap_map.html")


def test_gaps_that_give_way_appear_on_zooming_in(browser: Browser, written: Path) -> None:
    page, seen = _open(browser, written / "gap_map.html")
    zooming_in_shows_more(page)
    _untouched(seen, written / "gap_map.html")
