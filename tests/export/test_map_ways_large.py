"""A large county holds its ways within the budget of the page, and unpacks them only when somebody clicks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser

from circle.export import map_html
from circle.export.map_data import map_data
from circle.model import Analysis, Facilities, Streets
from circle.network import build_network
from circle.reach import build_engine, join_facilities, join_places, search, traced, trails_of
from tests import towns
from tests.export.test_map_browser import _open
from tests.export.test_map_large import FRAMES, SERVICES, county

pytestmark = pytest.mark.slow

SIDE, INNER, SITES = 180, 5, 60


def crooked_streets(west: float, south: float, wide: float, high: float, random: np.random.Generator) -> Streets:
    """Four fifths of the streets of a lattice over a rectangle, each with five bends."""
    x, y = np.meshgrid(np.linspace(0, 1, SIDE), np.linspace(0, 1, SIDE))
    lon, lat = (west + wide * x + random.normal(0, 2e-4, x.shape)).ravel(), (south + high * y + random.normal(0, 2e-4, x.shape)).ravel()
    corner = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    pairs = np.concatenate([np.stack([corner[:, :-1], corner[:, 1:]], -1).reshape(-1, 2), np.stack([corner[:-1], corner[1:]], -1).reshape(-1, 2)])
    pairs = pairs[random.random(len(pairs)) < 0.8]
    m, part = len(pairs), np.linspace(0, 1, INNER + 2)[1:-1]
    bends = [
        axis[pairs[:, :1]] * (1 - part) + axis[pairs[:, 1:]] * part + random.normal(0, 1e-4, (m, INNER)) for axis in (lon, lat)
    ]
    vertex = np.column_stack([pairs[:, 0], SIDE * SIDE + np.arange(m * INNER).reshape(m, INNER), pairs[:, 1]])
    yes, number = np.ones(m, np.bool_), np.arange(m)
    return Streets(
        np.append(lon, bends[0]), np.append(lat, bends[1]), (INNER + 2) * np.arange(m + 1), vertex.ravel(), number, np.zeros(m, np.int16), ("residential",), yes, yes,
        np.ones(m), np.full(m, np.nan), yes, ~yes,
    )  # fmt: skip


@pytest.fixture(scope="module")
def large() -> Analysis:
    """100,000 cells on 46,000 streets, ten services of 60 sites; people in the precision of rasters."""
    analysis, random = county(100_000), np.random.default_rng(1)
    residents = replace(analysis.residents, people=analysis.residents.people.astype(np.float32).astype(np.float64))
    west, south = residents.lon.min(), residents.lat.min()
    streets = crooked_streets(west, south, np.ptp(residents.lon), np.ptp(residents.lat), random)
    engine = build_engine(build_network(streets, towns.barriers(), analysis.settings))
    places = join_places(engine, residents.lon, residents.lat)
    near = random.integers(0, SIDE * SIDE, SERVICES * SITES)
    table = pd.DataFrame({"service": np.repeat([f"service {i}" for i in range(SERVICES)], SITES), "lon": streets.lon[near] + 1e-4, "lat": streets.lat[near] + 1e-4})
    table = table.assign(facility_id=[f"f{i}" for i in range(len(table))], name="a", capacity=np.nan, source="b")
    rows = np.arange(len(table))
    facilities = Facilities({name: table[name].to_numpy() for name in table}, table["lon"].to_numpy(), table["lat"].to_numpy(), rows, np.zeros(len(rows), np.bool_))
    found, reach = {}, {}
    for service, sites in join_facilities(engine, facilities).items():
        kept = search(engine, sites)
        found[service] = kept, traced(kept, places)
        near_ = found[service][1].nearest
        reach[service] = replace(analysis.reach[service], cost=near_.cost, facility=near_.facility, leg_m=near_.leg_m, direct=near_.direct)
    return replace(
        analysis, residents=residents, network=engine.network, reach=reach, trails=trails_of(engine, places, found), region=replace(analysis.region, facilities=facilities)
    )


CLICK = """async ([lat, lon]) => {
  const map = window[Object.keys(window).find((key) => key.startsWith("map_"))], begin = performance.now();
  map.fire("click", { latlng: L.latLng(lat, lon) });
  while (!document.querySelector(".circle-legs")) await new Promise((done) => setTimeout(done, 0));
  return performance.now() - begin;
}"""


def test_a_large_county_holds_its_ways(browser: Browser, tmp_path: Path, large: Analysis) -> None:
    path = tmp_path / "map.html"
    path.write_text(map_html(large), encoding="utf-8")
    size_mb = path.stat().st_size / 1e6
    page, seen = _open(browser, path)
    ready_ms = page.evaluate("performance.now()")
    reached = np.flatnonzero(np.isfinite(large.reach["service 0"].cost))
    at = [[large.residents.lat[i], large.residents.lon[i]] for i in reached[[1000, 50_000]]]
    first_ms = page.evaluate(CLICK, at[0])
    page.keyboard.press("Escape")
    times = page.evaluate(FRAMES, [*range(1, 31), *range(30, 0, -1)])
    page.wait_for_timeout(400)
    second_ms = page.evaluate(CLICK, at[1])
    print(f"\n{size_mb:.1f} MB, ready after {ready_ms:.0f} ms, first click {first_ms:.0f} ms, next {second_ms:.0f} ms, ", end="")
    print(f"{1000 * len(times) / sum(times):.0f} pictures a second")
    assert size_mb <= 8.0
    assert seen.complaints == []


def test_too_many_ways_are_left_out_and_the_card_says_so(browser: Browser, tmp_path: Path, large: Analysis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("circle.export.map_ways.MOST_NUMBERS", 100_000)
    assert map_data(large, "en")[0]["ways"] == (None, "")
    path = tmp_path / "map.html"
    path.write_text(map_html(large), encoding="utf-8")
    page, seen = _open(browser, path)
    lat, lon = float(large.residents.lat[1000]), float(large.residents.lon[1000])
    page.evaluate("([lat, lon]) => window[Object.keys(window).find((key) => key.startsWith('map_'))].fire('click', { latlng: L.latLng(lat, lon) })", [lat, lon])
    assert f"circle route REGION --from {lon:.5f},{lat:.5f}" in page.locator(".circle-popup").inner_text()
    assert page.locator(".circle-way-button").count() == 0
    assert seen.complaints == []
