"""The way that a click draws is the route: as long as circle's own search and networkx find it, in the browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from playwright.sync_api import Browser, Page
from pyproj import Geod

import circle
from circle import pipeline, units
from circle.export import cost_words, map_html
from circle.model import Analysis
from circle.reach import Route, build_engine, join_places, routes, search
from tests import oracle
from tests.export.test_map_browser import HOSTILE, _open

pytestmark = pytest.mark.slow

GEOD = Geod(ellps="WGS84")
LATTICE = 9
BLOCK = 0.0015
VERTEX_M, PLACE_M = 0.08, 0.8
"""How far a vertex of the streets, and a place, may lie off in the page: half of 1e-6 and of 1e-5 degrees either way."""


def town(seed: int, *, lon: float = 119.0, lat: float = 29.0, oneway: bool = True, name: str = "", **options: Any) -> Analysis:
    """Crooked ways over a lattice, some of them one-way, islands among them; a river; 2 services, 40 places."""
    random = np.random.default_rng(seed)

    def globe(points: np.ndarray) -> np.ndarray:
        x = (lon + points[:, 0] + 180.0) % 360.0 - 180.0
        return np.column_stack([x, lat + points[:, 1]])

    corner = BLOCK * (np.stack(np.meshgrid(*[np.arange(LATTICE) - LATTICE / 2] * 2), axis=-1) + random.uniform(-0.3, 0.3, (LATTICE, LATTICE, 2)))
    ways = []
    for _ in range(22):
        at, way = random.integers(0, LATTICE, 2), []
        for _ in range(random.integers(2, 9)):
            way.append(corner[tuple(at)])
            step = np.array([[0, 1], [1, 0], [0, -1], [-1, 0]])[random.integers(4)]
            at = np.clip(at + step, 0, LATTICE - 1)
        if len({tuple(point) for point in way}) > 1:
            ways.append(shapely.LineString(globe(np.array(way))))
    side = BLOCK * LATTICE / 2
    river = shapely.LineString(globe(np.array([[-side, -side / 3], [-side / 4, side / 4], [side / 6, -side / 5], [side, side / 3]])))
    spots = globe(random.uniform(-1.2 * side, 1.2 * side, (46, 2)))
    clinics = gpd.GeoDataFrame(
        {"service": ["clinic", "school"] * 3, "name": [f"facility {i}{name}" for i in range(6)]}, geometry=shapely.points(spots[:6]), crs=4326
    )
    roads = gpd.GeoDataFrame({"highway": "residential"}, index=range(len(ways)), geometry=ways, crs=4326)
    roads["oneway:foot"] = np.where(random.random(len(ways)) < (0.4 if oneway else 0.0), "yes", "no")
    people = gpd.GeoDataFrame({"people": random.uniform(1, 9, 40)}, geometry=shapely.points(spots[6:]), crs=4326)
    rivers = gpd.GeoDataFrame({"waterway": ["river"]}, geometry=[river], crs=4326)
    return circle.analyze(circle.Region.from_frames(roads=roads, facilities=clinics, population=people, barriers=rivers, **options)).analysis


CLICKS = """async (places) => {
  const map = window[Object.keys(window).find((key) => key.startsWith("map_"))];
  const turn = () => new Promise((done) => setTimeout(done, 0));
  const told = [];
  for (const [lat, lon] of places) {
    map.fire("click", { latlng: L.latLng(lat, lon) });
    const card = [...document.querySelectorAll(".circle-popup")].pop(), lines = [...card.querySelectorAll("p")]; // closed ones fade
    for (let k = 0; k < 40 && !(card.querySelector(".circle-way-button") && k > 1); k++) await turn();
    const each = [];
    for (const line of lines) {
      const button = line.querySelector("button");
      if (button) button.click();
      const legs = [];
      map.eachLayer((layer) => {
        if (layer.leg) legs.push([layer.leg.kind, layer.getLatLngs().map((at) => [at.lng, at.lat]), layer.leg.cost, layer.leg.length]);
      });
      const words = button ? [...card.querySelectorAll(".circle-legs div")].map((node) => node.textContent) : [];
      each.push({ text: line.textContent, way: Boolean(button), legs: button ? legs : [], words });
    }
    told.push(each);
    map.closePopup();
    await turn();
  }
  return told;
}"""


def opened(browser: Browser, tmp_path: Path, analysis: Analysis, lang: str = "en") -> Page:
    path = tmp_path / "map.html"
    path.write_text(map_html(analysis, lang=lang), encoding="utf-8")
    page, seen = _open(browser, path)
    page.complaints = seen.complaints  # type: ignore[attr-defined]
    return page


def drawn_m(points: list[list[float]]) -> float:
    """Of a line as it is drawn, by PROJ's geodesics."""
    lon, lat = np.array(points).T
    return float(GEOD.line_length(lon, lat))


def as_drawn(told: dict[str, Any], route: Route, analysis: Analysis) -> None:
    """One way in the page is one route, leg by leg: kind, metres and cost; its words add up but for their rounding."""
    assert told["way"] == bool(route.legs), told["text"]
    assert [leg[0] for leg in told["legs"]] == [leg.kind for leg in route.legs]
    seconds_per_m = units.CIRCUITY / analysis.network.leg_speed_m_s
    for (kind, points, cost, _), leg in zip(told["legs"], route.legs, strict=True):
        off_m = 2 * VERTEX_M + 0.1 if kind == "network" else PLACE_M + VERTEX_M + 0.1  # an end of each may be off, and lengths are in decimetres
        if kind == "network":
            off_m += 2 * VERTEX_M * np.sqrt(len(points))
        assert drawn_m(points) == pytest.approx(leg.length_m, abs=off_m), kind
        assert cost == pytest.approx(leg.cost, abs=1.0 + 1.05 * seconds_per_m), kind  # two legs in whole metres
        ends = np.column_stack([leg.lon[[0, -1]], leg.lat[[0, -1]]])
        apart = GEOD.inv(*np.array(points)[[0, -1]].T, *ends.T)[2]
        assert (apart < 1.3).all()
    if not route.legs:
        return
    if route.legs[0].kind == "direct":
        assert "to the road" not in told["text"]
    whole = float(np.ceil(route.nearest.cost[0]))
    *parts, total = (number(line) for line in told["words"])
    assert re.split(r": | counted in all", told["words"][-1])[0] == cost_words(whole, analysis.settings, "en")
    apart = 0.5 if analysis.settings.metric == "distance" or whole >= 600 else 0.05  # each is rounded by itself, to its own digits
    if whole < 999 or analysis.settings.metric == "time":
        assert sum(parts) == pytest.approx(total, abs=(len(parts) + 1) * apart), told["words"]


def number(words: str) -> float:
    """The cost in a line of the card: what is counted, where it says so, or the first number; less than the least is none."""
    said = re.search(r"counted as (<?[\d.,]+) m", words) or re.match(r"(<?[\d.,]+) ", words)
    assert said, words
    return 0.0 if said[1].startswith("<") else float(said[1].replace(",", ""))


def compare(browser: Browser, tmp_path: Path, analysis: Analysis, rows: np.ndarray) -> tuple[list[list[dict[str, Any]]], list[list[Route]]]:
    """Click on places and hold every way against circle's own search."""
    residents = analysis.residents
    lon, lat = residents.lon[rows], residents.lat[rows]
    page = opened(browser, tmp_path, analysis)
    east = np.where(lon < 0, lon + 360.0, lon) if page.evaluate("JSON.parse(document.getElementById('circle-data').textContent).bounds[1][1] > 180") else lon
    told = page.evaluate(CLICKS, np.column_stack([lat, east]).tolist())
    engine = build_engine(analysis.network)
    sites = pipeline.join_sites(engine, analysis.region, analysis.settings)
    found = [routes(search(engine, sites[service]), lon, lat) for service in analysis.reach]
    for i, place in enumerate(told):
        assert len(place) == len(analysis.reach)
        for one, ways in zip(place, found, strict=True):
            as_drawn(one, ways[i], analysis)
    assert page.complaints == []  # type: ignore[attr-defined]
    return told, found


TOWNS: list[dict[str, Any]] = [
    {},
    {"oneway": False},
    {"metric": "distance", "limits": (300, 500, 1000)},
    {"walking_speed_kmh": 2.5, "lat": 61.0},
    {"lon": 180.0, "lat": -16.5},
]


@pytest.mark.parametrize("options", TOWNS, ids=["one-way", "both ways", "distance", "slow, far north", "on 180 degrees"])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_way_drawn_is_the_route(browser: Browser, tmp_path: Path, seed: int, options: dict[str, Any]) -> None:
    """Every place of random towns, to both services; over the network also as long as networkx finds the shortest."""
    analysis = town(seed, **options)
    rows = np.arange(len(analysis.residents.lon))
    told, _ = compare(browser, tmp_path, analysis, rows)
    kinds = {leg[0] for place in told for one in place for leg in one["legs"]}
    assert kinds == {"access", "network", "egress", "direct"}
    if options.get("oneway", True):
        assert any(not one["way"] for place in told for one in place)

    engine = build_engine(analysis.network)
    places = join_places(engine, analysis.residents.lon, analysis.residents.lat)
    sites = pipeline.join_sites(engine, analysis.region, analysis.settings)
    compared = 0
    for number, own in enumerate(sites.values()):
        impedance, _ = oracle.nearest_by_networkx(engine, places, own)
        for i in rows:
            legs = told[i][number]["legs"]
            if len(legs) == 3:
                charged = sum(drawn_m(points) * (1.0 if kind == "network" else units.CIRCUITY) for kind, points, _, _ in legs)
                expected = float(units.from_impedance(impedance[i])) * analysis.network.leg_speed_m_s  # flat: one speed
                assert charged == pytest.approx(expected, abs=3.0)
                compared += 1
    assert compared > 10


def test_the_ways_of_the_sample_region_are_routes(browser: Browser, tmp_path: Path, sample_regions: Path) -> None:
    """Slopes, barriers, outlines of large sites, all services of 60 places."""
    analysis = circle.analyze(circle.load_region(sample_regions / "qingxi")).analysis
    own = np.flatnonzero(np.isfinite(analysis.residents.lon) & (analysis.residents.district >= 0))
    compare(browser, tmp_path, analysis, np.random.default_rng(4).choice(own, 60, replace=False))


def test_the_way_goes_with_its_card(browser: Browser, tmp_path: Path) -> None:
    """It is there once, follows the next click, and is gone after Escape, wherever the keyboard is."""
    analysis = town(3)
    page = opened(browser, tmp_path, analysis)
    reached = np.flatnonzero(np.isfinite(analysis.together.cost))[:2]
    click = "([lat, lon]) => { const map = window[Object.keys(window).find((k) => k.startsWith('map_'))]; map.fire('click', { latlng: L.latLng(lat, lon) }); }"
    lines = page.locator(".leaflet-circle-way-pane path.circle-way")
    assert lines.count() == 0
    for i in reached:
        page.evaluate(click, [analysis.residents.lat[i], analysis.residents.lon[i]])
        page.wait_for_timeout(400)
        assert lines.count() in (2, 6)
        assert page.locator('.circle-way-button[aria-pressed="true"]').count() == 1
    page.locator(".circle-way-button").first.focus()
    page.keyboard.press("Escape")
    assert lines.count() == 0
    page.wait_for_timeout(400)
    assert page.locator(".circle-popup").count() == 0


def test_a_place_is_asked_about_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    """Enter on the map: the place in the middle, whose ways are the next stops of the keyboard."""
    analysis = town(3)
    page = opened(browser, tmp_path, analysis)
    i = np.flatnonzero(np.isfinite(analysis.together.cost))[0]
    at = [analysis.residents.lat[i], analysis.residents.lon[i]]
    page.evaluate(
        """(at) => {
          const map = window[Object.keys(window).find((key) => key.startsWith("map_"))], beside = document.querySelector(".circle-panel").offsetWidth + 10;
          map.setView(map.unproject(map.project(at, 17).add([beside / 2, 0]), 17), 17, { animate: false });
        }""",
        at,
    )
    page.locator(".leaflet-container").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".circle-legs")
    assert page.evaluate("document.activeElement.className") == "circle-way-button"
    first = page.locator(".circle-legs").inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator(".circle-legs").inner_text() != first
    page.keyboard.press("Escape")
    assert page.locator("path.circle-way").count() == 0
    assert page.evaluate("document.activeElement.classList.contains('leaflet-container')")


def test_hostile_names_stay_text_on_the_card(browser: Browser, tmp_path: Path) -> None:
    analysis = town(3, name=HOSTILE)
    page = opened(browser, tmp_path, analysis)
    i = np.flatnonzero(np.isfinite(analysis.together.cost))[0]
    told = page.evaluate(CLICKS, [[analysis.residents.lat[i], analysis.residents.lon[i]]])
    assert "<img src=x onerror=alert(1)>" in told[0][0]["text"]
    assert page.locator("img[src='x']").count() == 0
    assert page.complaints == []  # type: ignore[attr-defined]
