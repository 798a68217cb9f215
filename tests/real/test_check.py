"""The data doctor on real regions, beside what rasterio, geopandas and PROJ's geodesic count themselves."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pyproj
import pytest
import rasterio
import shapely

from circle.doctor.check_page import check_html
from circle.doctor.examine import Examination, examine
from circle.load.agreement import residents_by_roads
from circle.load.streets import road_lines
from tests.doctor.test_check_page import opened
from tests.export.test_map_browser import Browser, _untouched
from tests.load_inputs.test_agreement import FORWARD
from tests.real import test_comoros

pytestmark = pytest.mark.slow
GEOD = pyproj.Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def comoros(regions: Path, tmp_path_factory: pytest.TempPathFactory) -> Examination:
    folder = tmp_path_factory.mktemp("comoros")
    (folder / "region.toml").write_text(test_comoros.manifest(regions, 4), encoding="utf-8")
    return examine(folder)


@pytest.fixture(scope="module")
def record(comoros: Examination) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(comoros.to_json("en"))
    return found


def test_people_of_the_islands_are_those_of_the_raster(regions: Path, comoros: Examination, record) -> None:
    """Cells whose middle lies inside are its own, those of the sea farther than five cells from it are not."""
    assert comoros.loaded is not None
    with rasterio.open(regions / "comoros/com_ppp_2020_UNadj.tif") as raster:
        people = raster.read(1, masked=True).filled(0.0)
        row, column = np.nonzero(people > 0)
        lon, lat = raster.xy(row, column)
    points = shapely.points(lon, lat)
    frame = comoros.loaded.data.districts.frame
    for district, outline in zip(record["districts"], frame.geometry, strict=True):
        shapely.prepare(outline)
        inside = float(people[row, column][shapely.intersects(outline, points)].sum())
        near = float(people[row, column][shapely.dwithin(outline, points, 5 / 1200)].sum())
        assert 0.99 * inside <= district["people"] <= near
        assert near < 1.15 * inside
        assert district["area_km2"] == pytest.approx(abs(GEOD.geometry_area_perimeter(outline)[0]) / 1e6, rel=1e-6)
    assert sum(district["people"] for district in record["districts"]) == pytest.approx(record["people"]["residents"])
    assert record["people"]["total"] == pytest.approx(test_comoros.PEOPLE, abs=1)


def test_facilities_of_the_islands_are_those_that_geopandas_finds_in_them(comoros: Examination, record) -> None:
    assert comoros.loaded is not None
    data = comoros.loaded.data
    table = data.facilities.table
    points = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326")
    joined = gpd.sjoin(points, data.districts.frame[["district_name", "geometry"]], predicate="within")
    for district in record["districts"]:
        sites = int((joined["district_name"] == district["district_name"]).sum())
        assert district["sites"] == sites
        assert district["per_10000"] == pytest.approx(sites / district["people"] * 1e4, abs=1e-5)
    for service in record["services"]:
        assert service["sites"] == int((table["service"] == service["service"]).sum())


def test_pieces_are_those_that_networkx_finds_and_hold_everybody_with_a_road(comoros: Examination, record) -> None:
    network = comoros.network
    assert network is not None
    graph = nx.Graph(zip(network.edge_from.tolist(), network.edge_to.tolist(), strict=True))
    graph.add_nodes_from(range(network.node_count))
    assert network.piece_count == nx.number_connected_components(graph)
    sizes = sorted(len(part) for part in nx.connected_components(graph))
    assert sorted(piece["nodes"] for piece in record["pieces"])[-3:] == sizes[-3:]
    own = record["people"]["residents"]
    assert sum(piece["people"] for piece in record["pieces"]) == pytest.approx(own - record["people"]["no_road"])
    assert sum(piece["sites"] for piece in record["pieces"]) <= sum(s["sites"] for s in record["services"])


def test_people_far_from_roads_are_all_in_the_squares(comoros: Examination, record) -> None:
    """What is below one person in a square is left out of the list."""
    assert comoros.suspects is not None
    far = comoros.facts.resident_leg_m > 500
    residents = comoros.residents
    assert residents is not None
    own = residents.district >= 0
    assert record["people"]["leg_over_500m"] + record["people"]["no_road"] == pytest.approx(
        residents.people[0][far & own].sum(), rel=1e-9
    )
    assert comoros.suspects.total["far_people"] > 1000


@pytest.mark.parametrize("width", [1280, 360])
def test_the_page_of_a_country_opens(comoros: Examination, tmp_path: Path, browser: Browser, width: int) -> None:
    path = tmp_path / "page.html"
    path.write_text(check_html(comoros, tmp_path, lang="en"), encoding="utf-8")
    assert path.stat().st_size < 3e6
    page, seen = opened(browser, path, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert "القمر" in page.locator("table").nth(2).inner_text()
    _untouched(seen, path)


def test_las_palmas_has_one_district_and_everybody_in_its_buildings(regions: Path, tmp_path: Path) -> None:
    data = (regions / "las_palmas").as_posix()
    (tmp_path / "region.toml").write_text(
        f"""
[region]
name = "Las Palmas"
[osm]
path = "{data}/las_palmas_2023.osm.pbf"
[roads]
source = "osm"
[[facilities]]
source = "osm"
services = ["school", "clinic", "bus_stop"]
[population]
source = "osm-buildings"
total = 378675
[districts]
path = "{data}/boundary_municipality.geojson"
id = "NATCODE"
name = "NAMEUNIT"
""",
        encoding="utf-8",
    )
    record = json.loads(examine(tmp_path).to_json("en"))
    (district,) = record["districts"]
    (outline,) = gpd.read_file(f"{data}/boundary_municipality.geojson").to_crs(4326).geometry
    assert district["area_km2"] == pytest.approx(abs(GEOD.geometry_area_perimeter(outline)[0]) / 1e6, rel=1e-3)
    assert record["people"]["total"] == pytest.approx(378_675)
    assert district["people"] + record["people"]["outside_districts"] == pytest.approx(378_675)
    assert district["people"] == pytest.approx(378_675, rel=0.01)
    stops = next(service for service in record["services"] if service["service"] == "bus_stop")
    assert stops["per_10000"] == pytest.approx(stops["sites_in_districts"] / district["people"] * 1e4, abs=1e-5)


@pytest.mark.parametrize("system", ["gcj02", "bd09", "EPSG:4326"])
def test_shifted_roads_are_told_by_a_raster_that_is_smeared_over_the_land(comoros: Examination, system: str) -> None:
    """The islands with all their people, moved to Zhejiang: the publisher's raster has people in every cell."""
    assert comoros.loaded is not None
    data = comoros.loaded.data
    east, north = 75.0, 40.5
    roads = shapely.transform(road_lines(data.streets), lambda xy: xy + np.array([east, north]))
    drawn = shapely.transform(roads, lambda xy: np.column_stack(FORWARD[system](*xy.T)))
    a, b, c, d, e, f = data.population.transform
    raster = replace(data.population, transform=(a, b, c + east, d, e, f + north))
    heard = residents_by_roads(drawn, raster)
    assert heard is not None
    assert heard.system == system
