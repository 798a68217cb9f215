"""Which names and badges gap_map.html shows where they want the same place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from circle.export import map_html
from tests.export.test_map_browser import _open, frames, overlapping
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
