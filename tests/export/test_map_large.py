"""The map of a large county in headless Chromium: its size, its first picture, and how smoothly the slider moves.

Seconds are printed and not asserted, for machines are shared; what is asserted are bytes, totals, and how many pictures
the page paints for as many positions of the slider.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from circle.export import map_html
from circle.export.map_people import slider_of
from circle.indicators import indicator_table, summary_table
from circle.model import Analysis, Facilities, Residents
from tests.export.test_map_browser import _open
from tests.export.town import town_analysis

pytestmark = pytest.mark.slow

SERVICES = 10


def county(places: int) -> Analysis:
    """Cells of 100 m on a square around the town, with people and times like a raster's: smooth here, ragged there."""
    town, random = town_analysis(), np.random.default_rng(5)
    side = int(np.ceil(np.sqrt(places)))
    row, column = (axis.ravel()[:places] for axis in np.indices((side, side)))
    lon, lat = 118.5 + column * 0.00103, 28.9 + row * 0.0009
    everyone = random.gamma(0.7, 9.0, places)
    residents = Residents(
        lon, lat, np.stack([everyone, everyone * random.uniform(0, 0.4, places)]), ("all", "elderly"), (column > side / 2).astype(np.int64), 100.0
    )
    first = next(iter(town.reach.values()))
    reach = {}
    for number in range(SERVICES):
        x, y = random.uniform(0, side, (2, 40))
        metres = 100 * np.min(np.hypot(column[:, None] - x, row[:, None] - y), axis=1)
        cost = np.rint(1000 * metres * random.uniform(0.9, 1.6, places)) / 1000
        nowhere = np.zeros(places, np.int8)
        reach[f"service {number}"] = replace(
            first, service=f"service {number}", cost=cost, facility=np.zeros(places, np.int64), straight_m=metres,
            leg_m=np.zeros(places), direct=nowhere > 0, status=nowhere, edge_affected=nowhere > 0,
        )  # fmt: skip
    together = replace(next(iter(reach.values())), service="all_services", cost=np.max([own.cost for own in reach.values()], axis=0))
    facilities, districts = town.region.facilities, town.region.districts
    table = indicator_table(reach, together, residents, districts, town.settings, facilities=facilities)
    gaps = town.gaps.iloc[:0]
    return replace(
        town, residents=residents, reach=reach, together=together, indicators=table, gaps=gaps, isochrones=town.isochrones.iloc[:0],
        summary=summary_table(table, gaps, facilities, town.settings),
    )  # fmt: skip


FRAMES = """async (positions) => {
  const slider = document.querySelector("#circle-at"), times = [];
  for (const k of positions) {
    slider.value = String(k);
    const begin = performance.now();
    slider.dispatchEvent(new Event("input"));
    await new Promise(requestAnimationFrame);
    times.push(performance.now() - begin);
  }
  return times;
}"""


@pytest.mark.parametrize(("places", "most_mb"), [(100_000, 8.0), (1_000_000, 80.0)])
def test_a_large_county_opens_and_slides(browser: Browser, tmp_path: Path, places: int, most_mb: float) -> None:
    analysis = county(places)
    path = tmp_path / "map.html"
    path.write_text(map_html(analysis), encoding="utf-8")
    size_mb = path.stat().st_size / 1e6
    page, seen = _open(browser, path)
    ready_ms = page.evaluate("performance.now()")
    positions = [*range(1, 31), *range(30, 0, -1)]
    times = sorted(page.evaluate(FRAMES, positions))
    print(f"\n{places:,} places, {SERVICES} services: {size_mb:.1f} MB, ready after {ready_ms:.0f} ms, ", end="")
    print(f"{1000 * len(times) / sum(times):.0f} pictures a second, the slowest {times[-1]:.0f} ms")
    assert size_mb <= most_mb
    assert len(times) == len(positions)
    page.evaluate("document.querySelector('#circle-service').value = '10'")
    page.locator("#circle-service").dispatch_event("change")
    k, limit = slider_of(analysis.settings).main, analysis.settings.main.value
    page.evaluate("(k) => { const s = document.querySelector('#circle-at'); s.value = k; s.dispatchEvent(new Event('input')); }", k)
    covered = analysis.residents.people[0][analysis.together.cost <= limit].sum()
    uncovered = analysis.residents.people[0].sum() - covered
    assert f"; {uncovered:,.0f} not" in page.locator(".circle-numbers").inner_text()
    assert seen.complaints == []


def test_the_most_ragged_county_stays_within_eight_megabytes() -> None:
    """Doubles without any pattern as people, and answers that tell nothing of each other: what no packing makes small."""
    places = 100_000
    analysis, random = county(places), np.random.default_rng(12)
    own = np.repeat(list(analysis.reach), 40).astype(object)
    columns = {
        "facility_id": np.arange(len(own)).astype(str).astype(object), "name": own, "service": own, "source": own,
        "lon": random.uniform(118.5, 118.8, len(own)), "lat": random.uniform(28.9, 29.1, len(own)), "capacity": np.full(len(own), np.nan),
    }  # fmt: skip
    rows = np.arange(len(own), dtype=np.int64)
    facilities = Facilities(columns, columns["lon"], columns["lat"], rows, np.zeros(len(own), np.bool_))
    region = replace(analysis.region, facilities=facilities)
    reach = {}
    leg_m = random.uniform(0, 300, places)
    for number, (name, answer) in enumerate(analysis.reach.items()):
        facility = np.where(random.random(places) < 0.98, 40 * number + random.integers(0, 40, places), -1)
        status = random.integers(0, 4, places).astype(np.int8)
        reach[name] = replace(answer, facility=facility, straight_m=random.uniform(0, 9000, places), leg_m=leg_m, status=status)
    residents = replace(analysis.residents, people=random.uniform(0, 50, (2, places)))
    page = map_html(replace(analysis, region=region, residents=residents, reach=reach))
    print(f"{len(page.encode()) / 1e6:.2f} MB")
    assert len(page.encode()) <= 8_000_000
