"""Which names and badges gap_map.html shows where they want the same place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from playwright.sync_api import Browser, Page

from circle.export import map_html
from circle.model import Settlements
from tests.export.test_map_browser import _open, frames, overlapping
from tests.export.test_map_search import with_facilities, written
from tests.export.town import town_analysis

pytestmark = pytest.mark.slow

SHOWN = """([districts, places, gaps]) => {
  const map = window[Object.keys(window).find((key) => key.startsWith("map_"))];
  document.querySelectorAll(".circle-badge, .circle-label").forEach((node) => node.remove());
  const el = (tag, name, content) => { const node = document.createElement(tag); node.textContent = content; return node; };
  const at = ([x, y]) => { const p = map.containerPointToLatLng([x, y]); return [p.lat, p.lng]; };
  const data = {
    districts: districts.map(([name, spot]) => ({ name, at: at(spot) })),
    places: places.map(([name, spot, rank]) => [at(spot)[1], at(spot)[0], name, rank]),
  };
  const labels = circleLabels(map, data, { words: { el }, home: map.getZoom() });
  labels.nameLayer().addTo(map);
  gaps.forEach(([rank, spot]) => labels.badge({ rank, number: rank, site: at(spot) }, "").addTo(map));
  labels.declutter();
  return [...document.querySelectorAll(".circle-badge span, .circle-label span")].filter((node) => node.offsetWidth).map((node) => node.textContent).sort();
}"""


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Page:
    path = tmp_path / "map.html"
    path.write_text(map_html(town_analysis()), encoding="utf-8")
    return _open(browser, path)[0]


def clear_of_each_other(page: Page) -> None:
    assert overlapping(frames(page, ".circle-badge span, .circle-label span")) == 0


def test_a_badge_upon_the_point_of_a_district_hides_neither(page: Page) -> None:
    """Worked by hand: three districts 150 pixels apart, a gap's badge exactly upon the point of each."""
    spots = [[200, 200], [350, 200], [200, 350]]
    districts = [["North", spots[0]], ["East", spots[1]], ["South", spots[2]]]
    gaps = [[1, spots[0]], [2, spots[1]], [3, spots[2]]]
    assert page.evaluate(SHOWN, [districts, [], gaps]) == ["1", "2", "3", "East", "North", "South"]
    clear_of_each_other(page)


def test_names_of_districts_come_before_all_but_the_first_gap(page: Page) -> None:
    """Nine badges in a square upon a name leave it no place: the first keeps its own, of the others those in the way give way."""
    square = [[300 + x, 300 + y] for y in (-30, 0, 30) for x in (-40, 0, 40)]
    gaps = [[1, square[4]], *([rank, spot] for rank, spot in zip(range(2, 10), square[:4] + square[5:], strict=True))]
    shown = page.evaluate(SHOWN, [[["Uptown", [300, 300]]], [], gaps])
    assert {"1", "Uptown"} < set(shown)
    assert len(shown) < 10
    clear_of_each_other(page)


def test_without_districts_the_largest_places_are_named(page: Page) -> None:
    """Villages, which are named only on zooming in where districts are: from afar they say where this is."""
    spots = [[150 + 150 * i, 200 + 60 * i] for i in range(4)]
    villages = [[f"Village {i}", spot, 4] for i, spot in enumerate(spots)]
    gaps = [[i + 1, spot] for i, spot in enumerate(spots)]
    shown = page.evaluate(SHOWN, [[], villages, gaps])
    assert shown == ["1", "2", "3", "4", "Village 0", "Village 1", "Village 2", "Village 3"]
    clear_of_each_other(page)


def test_a_name_beside_its_point_is_not_cut_by_the_edge(page: Page) -> None:
    """Near the left edge only the places to the right of the point hold the name whole."""
    shown = page.evaluate(
        SHOWN, [[["A rather long name", [30, 300]], ["At the edge", [-400, 300]]], [], [[1, [30, 300]]]]
    )
    assert shown == ["1", "A rather long name"]
    assert (frames(page, ".circle-label span")[:, 0] >= 0).all()
    assert np.all(frames(page, ".circle-label span")[:, 0] > 30)


SYMBOLS = """() => {
  const map = window[Object.keys(window).find((key) => key.startsWith("map_"))], found = [];
  map.eachLayer((layer) => {
    if (!(layer instanceof L.CircleMarker)) return;
    const at = map.latLngToContainerPoint(layer.getLatLng());
    found.push([at.x, at.y, layer.options.radius]);
  });
  return found;
}"""
LOOK = """(zoom) => { const map = window[Object.keys(window).find((key) => key.startsWith("map_"))];
  map.setView([28.91, 118.514], zoom, { animate: false }); }"""


@pytest.mark.parametrize("facilities", [12, 300])
def test_no_name_and_no_later_badge_lies_on_a_facility(browser: Browser, tmp_path: Path, facilities: int) -> None:
    """Where Leaflet itself puts their middles: the nearest point of a name is farther from one than it is wide."""
    random = np.random.default_rng(facilities)
    lon, lat = 118.5 + random.uniform(0, 0.03, facilities), 28.9 + random.uniform(0, 0.02, facilities)
    analysis = with_facilities([f"School {i}" for i in range(facilities)], lon=lon, lat=lat)
    spots = shapely.points(random.uniform(118.5, 118.53, 40), random.uniform(28.9, 28.92, 40))
    frame = gpd.GeoDataFrame(
        {"name": [f"Village {i}" for i in range(40)], "place": "village", "people": np.nan}, geometry=spots, crs=4326
    )
    page, _ = _open(
        browser, written(tmp_path, replace(analysis, region=replace(analysis.region, settlements=Settlements(frame))))
    )
    page.locator("#circle-service").select_option(index=0)
    compared = 0
    for zoom in (13, 14, 14.5, 15, 16):
        page.evaluate(LOOK, zoom)
        page.wait_for_timeout(100)
        symbols = np.array(page.evaluate(SYMBOLS))
        names = frames(page, ".circle-label:not(.circle-district) span")
        for left, top, right, bottom in names:
            nearest = np.column_stack([np.clip(symbols[:, 0], left, right), np.clip(symbols[:, 1], top, bottom)])
            assert (np.hypot(*(nearest - symbols[:, :2]).T) >= symbols[:, 2] - 1).all()
            compared += 1
    assert compared >= 10


def test_a_name_upon_a_ring_moves_beside_it_and_keeps_its_district(page: Page) -> None:
    """Worked by hand: a ring upon the point of a district, which must be named; names and ring share nothing."""
    told = page.evaluate(SHOWN.replace("labels.declutter();", "labels.avoid(() => [ring(map)]); labels.declutter();").replace(
        "const data =", "const ring = (map) => { const p = map.containerPointToLayerPoint([300, 300]); return { left: p.x - 16, right: p.x + 16, top: p.y - 16, bottom: p.y + 16 }; };\n  const data ="
    ), [[["Uptown", [300, 300]]], [], []])  # fmt: skip
    assert told == ["Uptown"]
    assert overlapping(np.vstack([frames(page, ".circle-label span"), [284, 284, 316, 316]])) == 0


def test_later_badges_keep_a_distance_and_the_first_ten_do_not(page: Page) -> None:
    """Two rows of ten, 32 pixels apart: of ranks 1 to 10 all are seen, of 11 to 20 no two are nearer than 46 pixels."""
    gaps = [[i + 1, [100 + 32 * i, 200]] for i in range(10)] + [[i + 11, [100 + 32 * i, 400]] for i in range(10)]
    shown = page.evaluate(SHOWN, [[], [], gaps])
    later = sorted(int(rank) for rank in shown if int(rank) > 10)
    assert [str(rank) for rank in range(1, 11)] == sorted((rank for rank in shown if int(rank) <= 10), key=int)
    assert len(later) >= 3
    assert later[0] == 11
    boxes = frames(page, ".circle-badge span")
    low = np.sort(boxes[boxes[:, 1] > 300][:, [0, 2]], axis=0)
    assert (low[1:, 0] - low[:-1, 1] >= 46).all()


def test_a_name_of_two_lines_is_read_whole(page: Page) -> None:
    page.evaluate(SHOWN, [[["Las Palmas de Gran Canaria", [300, 300]]], [], []])
    cut = page.evaluate(
        "(() => { const s = document.querySelector('.circle-district span'); return [s.scrollWidth - s.clientWidth, s.scrollHeight - s.clientHeight, s.offsetHeight]; })()"
    )
    assert cut[0] <= 0
    assert cut[1] <= 0
    assert 25 < cut[2] < 45


def test_the_legend_explains_rings_while_there_are_any(browser: Browser, tmp_path: Path) -> None:
    """Three schools within 60 m: one ring from afar, and none when they have come apart."""
    lon, lat = 118.52 + np.array([0.0, 0.0006, 0.0003]), 28.908 + np.array([0.0, 0.0, 0.0005])
    for lang, words in (("en", "close together"), ("zh", "相邻多处")):
        page, _ = _open(browser, written(tmp_path, with_facilities(["a", "b", "c"], lon=lon, lat=lat), lang))
        page.locator("#circle-service").select_option(index=0)
        page.evaluate(LOOK, 13)
        assert words in page.locator(".circle-legend").inner_text()
        assert page.locator(".circle-together:visible").count() == 1
        page.evaluate(LOOK.replace("28.91, 118.514", "28.908, 118.52"), 18)
        assert words not in page.locator(".circle-legend").inner_text()
        page.locator('input[name="facilities"]').uncheck()
        page.evaluate(LOOK, 13)
        assert words not in page.locator(".circle-legend").inner_text()
