"""province_map.html in a browser: its numbers are those of the run on the union, it asks nobody, and runs no text from data."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from circle.batch.overall import MAP, write_overall
from circle.batch.records import COUNTIES, ROWS, County, Record, State
from circle.batch.rows import write_rows
from circle.errors import Problem, Severity
from circle.export.county_page import MOST_VERTICES, encoded_areas
from circle.export.words import people_words, share_words
from circle.messages import LANGUAGES
from tests.batch.makers import Batch, batch_of, without_counties
from tests.batch.test_counties import province
from tests.export.test_map_access import RULES, SCREENS
from tests.export.test_map_browser import frames, overlapping

pytestmark = pytest.mark.slow

SCRIPT = "<img src=x onerror=window.hacked=1></script><script>window.hacked=2</script>${window.hacked=3}javascript:window.hacked=4"
WHY = Problem("union.unreadable", Severity.ERROR, {"reason": SCRIPT})
SET = """([id, value]) => { const node = document.querySelector(id); node.value = value; node.dispatchEvent(new Event("change")); }"""
PANES = """(seen) => document.querySelectorAll(".leaflet-map-pane > .leaflet-pane:not(.leaflet-popup-pane)").forEach((pane) => { pane.style.visibility = seen; })"""


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Five counties: one failed, one has a map in a folder with an odd name; compared with itself of another time."""
    region = province(3)
    made = batch_of(
        without_counties(region, 1), region.question, tmp_path_factory.mktemp("out"), failed={2: WHY}, period="2026Q4"
    )
    then = made.prepared.__class__(**{**vars(made.prepared), "period": "2026Q3"})
    before = tmp_path_factory.mktemp("then")
    for code, factor in (("90", 0.5), ("91", 1.25), ("93", 1.0)):
        number = int(code) - 90
        folder = before / COUNTIES / f"c{number}"
        folder.mkdir(parents=True)
        rows = made.rows[code].copy()
        rows["share"] = np.clip(rows["share"] * factor, 0, 1)
        write_rows(folder / ROWS, rows.assign(data_key="before" if code == "90" else f"data-{code}"))
    write_overall(before, then, [r for r in made.records if r.county.code in ("90", "91", "93")])
    odd = "c 1#ü%20?"
    (made.out / COUNTIES / "c1").rename(made.out / COUNTIES / odd)
    (made.out / COUNTIES / odd / "gap_map.html").write_text("<title>the county's map</title>", encoding="utf-8")
    records = [replace(r, county=replace(r.county, folder=odd)) if r.county.code == "91" else r for r in made.records]
    write_overall(made.out, made.prepared, records, previous=before)
    return replace(made, records=records)


def opened(browser: Browser, path: Path, size: tuple[int, int] = (1280, 800), lang: str = "") -> Page:
    page = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, offline=True, reduced_motion="reduce"
    ).new_page()
    page.asked = []  # type: ignore[attr-defined]
    page.broken = []  # type: ignore[attr-defined]
    page.on("request", lambda request: page.asked.append(request.url))  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.broken.append(str(error)))  # type: ignore[attr-defined]
    page.goto(path.as_uri())
    page.wait_for_selector('[data-ready="true"]')
    if lang:
        page.locator(f".circle-languages button[lang^={lang}]").click()
    return page


def numbers(batch: Batch, service: str, code: str) -> dict[str, float]:
    table = batch.union.indicators
    rows = table[
        (table["service"] == service)
        & (table["district_id"] == code)
        & (table["limit"] == "10min")
        & (table["group"] == "all")
    ]
    return rows.iloc[0].to_dict()


def test_it_opens_without_asking_anybody(browser: Browser, batch: Batch) -> None:
    page = opened(browser, batch.out / MAP)
    assert page.asked == [(batch.out / MAP).as_uri()]  # type: ignore[attr-defined]
    assert page.broken == []  # type: ignore[attr-defined]
    assert page.title() == "province, 2026Q4: who is within 10 min on foot, by county"
    # what terminal and workbook begin with
    assert page.evaluate("() => document.querySelector('#circle-service').selectedOptions[0].textContent") == "All services"


@pytest.mark.parametrize("service", ["school", "clinic", "all_services"])
def test_a_card_says_the_numbers_of_the_union(browser: Browser, batch: Batch, service: str) -> None:
    page = opened(browser, batch.out / MAP)
    place = ["school", "clinic", "all_services"].index(service)
    page.evaluate(SET, ["#circle-service", str(place)])
    for code in ("90", "93", "94"):
        page.locator("#circle-search").fill(f"county {int(code) - 90}")
        page.locator("#circle-search").press("ArrowDown")
        page.locator("#circle-search").press("Enter")
        page.wait_for_selector(".circle-popup")
        own = numbers(batch, service, code)
        cells = page.locator(".circle-popup tr.circle-chosen td").all_inner_texts()
        assert cells[1:4] == [
            share_words(own["share"], "en"),
            share_words(own["straight_share"], "en"),
            people_words(own["uncovered"]),
        ]
        assert page.locator(".circle-popup p").first.inner_text() == f"{people_words(own['people'])} people"
        page.keyboard.press("Escape")
        page.wait_for_timeout(400)


def test_the_headline_is_the_sum_of_the_counties(browser: Browser, batch: Batch) -> None:
    page = opened(browser, batch.out / MAP)
    for place, service in enumerate(("school", "clinic", "all_services")):
        page.evaluate(SET, ["#circle-service", str(place)])
        own = [numbers(batch, service, code) for code in ("90", "91", "93", "94")]
        people, covered = (sum(one[name] for one in own) for name in ("people", "covered"))
        said = page.locator(".circle-panel .circle-numbers").inner_text()
        assert said.startswith(share_words(covered / people, "en"))
        assert f"{people_words(people)} people" in said
    assert "live in no county" in page.locator(".circle-panel").inner_text()


def painted(page: Page, at: list[float]) -> list[int]:
    """The colour of the canvas at a place on the globe."""
    return page.evaluate(
        """([lat, lng]) => { const map = window[Object.keys(window).find((key) => key.startsWith("map_"))];
          const canvas = document.querySelector("canvas"), box = canvas.getBoundingClientRect(), frame = map.getContainer().getBoundingClientRect();
          const p = map.latLngToContainerPoint([lat, lng]), scale = canvas.width / box.width;
          return [...canvas.getContext("2d").getImageData((p.x + frame.left - box.left) * scale, (p.y + frame.top - box.top) * scale, 1, 1).data]; }""",
        at,
    )


def test_counties_have_the_colour_of_their_class(browser: Browser, batch: Batch) -> None:
    """The colour on the canvas is the legend's for the class in which the share lies."""
    page = opened(browser, batch.out / MAP)
    page.evaluate(SET, ["#circle-service", "1"])
    page.wait_for_timeout(200)
    colours = page.evaluate(
        "[...document.querySelectorAll('.circle-key i')].map((key) => getComputedStyle(key).backgroundColor)"
    )
    frame = batch.union.region.districts.frame.set_index("district_id")
    wanted = np.zeros(5, int)
    for code in ("90", "91", "93", "94"):
        share = numbers(batch, "clinic", code)["share"]
        k = min(4, int(share * 5))
        wanted[k] += 1
        point = frame.geometry[code].representative_point()
        red, green, blue = (int(n) for n in re.findall(r"\d+", colours[k]))
        assert painted(page, [point.y, point.x])[:3] == [red, green, blue], code
    told = page.locator(".circle-key").all_inner_texts()
    assert [int(re.search(r"· (\d+)", one)[1]) for one in told] == [*wanted.tolist(), 1]


CLASSES = """([measure, values]) => { const data = { values: [[{ [measure]: values }]] };
  const own = countyClasses(data, countyNumbers(data), { measure, service: 0, group: 0 });
  return [own.bounds(), values.map((value) => own.classOf(value, own.bounds()))]; }"""


@pytest.mark.parametrize(
    ("measure", "values", "bounds"),
    [
        ("share", [0.1, 0.3, 0.5, 0.7, 0.9], [0.2, 0.4, 0.6, 0.8]),
        (
            "share",
            [0.0, 0.0, 0.037, 0.158, 0.01],
            [0.032, 0.064, 0.096, 0.128],
        ),  # all in the first fifth: 15.8 in five steps
        ("share", [0.5, 0.5, 0.5], [0.2, 0.4, 0.6, 0.8]),
        ("uncovered", [217_321, 250_484, 354_148, 390_037, 418_030], [220_000, 250_000, 350_000, 390_000]),
        ("uncovered", [0, 0, 0, 0, 7], [1, 2, 3, 4]),
        ("change", [-0.2, 0.0, 0.2], [-0.05, -0.01, 0.01, 0.05]),
    ],
)
def test_classes_are_said_in_round_numbers(
    browser: Browser, batch: Batch, measure: str, values: list[float], bounds: list[float]
) -> None:
    page = opened(browser, batch.out / MAP)
    found, classes = page.evaluate(CLASSES, [measure, values])
    assert found == pytest.approx(bounds)
    assert classes == np.searchsorted(bounds, values, side="right").tolist()


def test_a_failed_county_is_striped_and_says_why(browser: Browser, batch: Batch) -> None:
    page = opened(browser, batch.out / MAP)
    point = batch.union.region.districts.frame.geometry.iloc[2].representative_point()
    shades = {tuple(painted(page, [point.y + k * 2e-5, point.x])[:3]) for k in range(40)}
    assert len(shades) >= 2
    page.locator("ul.circle-ranking").evaluate("(node) => { node.parentNode.open = true; }")
    page.locator("ul.circle-ranking button").click()
    assert SCRIPT[:40] in page.locator(".circle-popup").inner_text()
    assert page.evaluate("window.hacked") is None


def test_the_link_leads_to_the_countys_own_map(browser: Browser, batch: Batch) -> None:
    page = opened(browser, batch.out / MAP)
    page.locator("#circle-search").fill("county 1")
    page.keyboard.press("Enter")
    assert (
        page.locator(".circle-popup a.circle-link").get_attribute("href")
        == "counties/c%201%23%C3%BC%2520%3F/gap_map.html"
    )
    page.locator(".circle-popup a.circle-link").click()
    page.wait_for_load_state()
    assert page.title() == "the county's map"
    page.go_back()
    page.wait_for_selector('[data-ready="true"]')
    page.locator("#circle-search").fill("county 3")
    page.keyboard.press("Enter")
    assert page.locator(".circle-popup a.circle-link").count() == 0


def test_what_changed_stands_on_the_card(browser: Browser, batch: Batch) -> None:
    page = opened(browser, batch.out / MAP)
    for number, said in ((0, "have changed since"), (1, "are the same"), (4, "nothing of 2026Q3")):
        page.locator("#circle-search").fill(f"county {number}")
        page.keyboard.press("Enter")
        page.wait_for_timeout(400)
        assert said in page.locator(".circle-popup").inner_text()
    own = numbers(batch, "school", "90")
    page.evaluate(SET, ["#circle-service", "0"])
    page.locator("#circle-search").fill("county 0")
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)
    words = page.locator(".circle-popup").inner_text()
    assert (
        f"from {share_words(own['share'] / 2, 'en')} to {share_words(own['share'], 'en')} (+{own['share'] * 50:.1f} %-points)"
        in words
    )
    page.evaluate(SET, ["#circle-measure", "change"])
    told = page.locator(".circle-key").all_inner_texts()
    assert len(told) == 7
    assert sum(int(re.search(r"· (\d+)", one)[1]) for one in told) == 5


def test_the_mouse_and_the_keyboard_open_the_same_card(browser: Browser, batch: Batch) -> None:
    page = opened(browser, batch.out / MAP)
    page.keyboard.press("Tab")
    cross = frames(page, ".circle-cross")[0]
    page.keyboard.press("Enter")
    page.wait_for_selector(".circle-popup")
    told = page.locator(".circle-popup").inner_text()
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    assert page.locator(".circle-popup").count() == 0
    page.mouse.click(*np.round(cross[:2] + 13).tolist())
    page.wait_for_selector(".circle-popup")
    assert page.locator(".circle-popup").inner_text() == told


def violations(page: Page) -> list[str]:
    page.wait_for_timeout(300)
    page.evaluate("document.querySelector('.circle-panel').scrollTo(0, 0)")
    found = Axe().run(page, options=RULES).response["violations"]
    page.evaluate(PANES, "hidden")
    found += Axe().run(page, options=RULES).response["violations"]
    page.evaluate(PANES, "")
    return [f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]}" for one in found]


@pytest.mark.parametrize("size", SCREENS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_finds_nothing(browser: Browser, batch: Batch, lang: str, size: tuple[int, int]) -> None:
    page = opened(browser, batch.out / MAP, size, lang)
    assert violations(page) == []
    if page.locator(".circle-panel").get_attribute("open") is None:
        page.locator(".circle-panel > summary").click()
    assert violations(page) == [], "unfolded"
    page.locator("ul.circle-ranking").evaluate("(node) => { node.parentNode.open = true; }")
    assert violations(page) == [], "failed counties listed"
    page.locator("ol.circle-ranking button").first.click()
    page.wait_for_selector(".circle-popup")
    assert violations(page) == [], "a card open"
    page.evaluate(SET, ["#circle-measure", "change"])
    assert violations(page) == [], "changes"


@pytest.mark.parametrize("size", [(360, 740), (1024, 768), (1280, 800), (1920, 1080)])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_is_seen_and_nothing_overlaps(
    browser: Browser, batch: Batch, lang: str, size: tuple[int, int]
) -> None:
    page = opened(browser, batch.out / MAP, size, lang)
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == list(size)
    panel = frames(page, ".circle-frame")
    controls = frames(page, ".leaflet-control-attribution, .leaflet-control-scale, .leaflet-control-zoom")
    assert overlapping(np.vstack([panel, controls])) == 0
    assert overlapping(frames(page, ".circle-label span")) == 0
    assert len(frames(page, ".circle-label span")) >= 3
    keys = frames(page, ".circle-legend .circle-key")
    assert (keys[:, 3] <= size[1]).all()
    assert (
        page.evaluate(
            "(() => { const p = document.querySelector('.circle-panel'); return p.scrollWidth - p.clientWidth; })()"
        )
        <= 0
    )
    page.locator("#circle-search").evaluate("(node) => { node.closest('details').open = true; }")
    page.locator("ol.circle-ranking button").first.click()
    page.wait_for_selector(".circle-popup")
    card = frames(page, ".leaflet-popup-content-wrapper")[0]
    assert card[0] >= 0
    assert card[2] <= size[0]
    assert (
        page.evaluate(
            "(() => { const p = document.querySelector('.circle-popup'); return p.scrollWidth - p.clientWidth; })()"
        )
        <= 0
    )


def test_hostile_text_in_every_place_never_runs(browser: Browser, batch: Batch, tmp_path: Path) -> None:
    folder = tmp_path / COUNTIES / "c0"
    folder.mkdir(parents=True)
    rows = batch.rows["90"].assign(name=SCRIPT, code=SCRIPT, largest_gap_name=SCRIPT, data_key=SCRIPT)
    rows["service"] = rows["service"].replace({"school": SCRIPT})
    write_rows(folder / ROWS, rows)
    county = County(SCRIPT, SCRIPT, "c0", 0, 1.0)
    failed = Record(County(SCRIPT, SCRIPT, "c1", 1, 1.0), State.FAILED, problems=(WHY,))
    prepared = batch.prepared.__class__(**{**vars(batch.prepared), "name": SCRIPT, "period": SCRIPT})
    write_overall(tmp_path, prepared, [Record(county, State.DONE), failed], rank_by="share")
    page = opened(browser, tmp_path / MAP)
    assert page.broken == []  # type: ignore[attr-defined]
    for lang in LANGUAGES:
        page.locator(f".circle-languages button[lang^={lang}]").click()
        page.locator("ol.circle-ranking button").first.click()
        assert SCRIPT in page.locator(".circle-popup").inner_text()
        page.keyboard.press("Escape")
        page.wait_for_timeout(400)  # it is faded out
    page.locator("#circle-search").fill("<img")
    page.wait_for_timeout(100)
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0


def test_equals_share_a_place_in_the_list_and_the_column_is_in_words(
    browser: Browser, batch: Batch, tmp_path: Path
) -> None:
    shutil.copytree(batch.out, tmp_path / "out")
    records = [record for record in batch.records if record.state is not State.FAILED]
    for record, far in zip(records, (2, 7, 2, 0), strict=True):
        rows = batch.rows[record.county.code].assign(far_facilities=far)
        write_rows(tmp_path / "out" / COUNTIES / record.county.folder / ROWS, rows)
    write_overall(tmp_path / "out", batch.prepared, records, rank_by="far_facilities")
    for lang, words in (("en", "Facilities far from roads"), ("zh", "远离道路的设施数")):
        page = opened(browser, tmp_path / "out" / MAP, lang=lang)
        places = page.locator("ol.circle-ranking > li").evaluate_all("(items) => items.map((item) => item.value)")
        assert places == [1, 2, 2, 4]
        assert f"“{words}”" in page.locator(".circle-panel h2").first.inner_text()
        assert "far_facilities" not in page.locator(".circle-panel").inner_text()


@pytest.mark.parametrize("size", [(1280, 800), (900, 600), (600, 900)])
def test_a_card_at_the_left_edge_is_not_under_the_buttons_of_the_zoom(
    browser: Browser, batch: Batch, size: tuple[int, int]
) -> None:
    page = opened(browser, batch.out / MAP, size)
    at = """() => { const map = window[Object.keys(window).find((key) => key.startsWith("map_"))];
      const popup = document.querySelector(".leaflet-popup-content-wrapper").getBoundingClientRect();
      const zoom = document.querySelector(".leaflet-control-zoom").getBoundingClientRect();
      return [popup.left, zoom.right, popup.top, map.getContainer().getBoundingClientRect().top]; }"""
    page.evaluate(
        """() => { const map = window[Object.keys(window).find((key) => key.startsWith("map_"))];
          map.eachLayer((layer) => { if (layer instanceof L.Polygon && !window.county) window.county = layer; });
          const point = map.latLngToContainerPoint(window.county.getCenter());
          map.panBy([point.x - 30, point.y - 150], { animate: false });
          window.county.fire("click", { latlng: map.containerPointToLatLng([30, 150]) }); }"""
    )
    page.wait_for_selector(".circle-popup")
    page.wait_for_timeout(600)
    left, right, top, frame = page.evaluate(at)
    assert left >= right
    assert top >= frame


def test_neighbours_still_meet_when_simplified() -> None:
    """Of a jagged partition, drawn with few vertices: no gap and no overlap beyond the rounding of the page."""
    rng = np.random.default_rng(4)
    size, finely = 6, 700

    def border(a: tuple[float, float], b: tuple[float, float]) -> np.ndarray:
        along = np.linspace(0, 1, finely)
        walk = np.cumsum(rng.normal(0, 1, finely))
        walk = (walk - along * walk[-1] - (1 - along) * walk[0]) * 2e-4
        normal = np.array([b[1] - a[1], a[0] - b[0]])
        return np.outer(1 - along, a) + np.outer(along, b) + np.outer(walk, normal)

    flat = {(i, j): border((i, j), (i + 1, j)) for i in range(size) for j in range(size + 1)}
    high = {(i, j): border((i, j), (i, j + 1)) for i in range(size + 1) for j in range(size)}
    areas = np.empty(size * size + 1, dtype=object)
    for i in range(size):
        for j in range(size):
            ring = [flat[i, j], high[i + 1, j][1:], flat[i, j + 1][::-1][1:], high[i, j][::-1][1:]]
            areas[i * size + j] = shapely.Polygon(np.vstack(ring))
    assert all(area.is_valid for area in areas[:-1])
    shapes, points, bounds = encoded_areas(areas)
    assert shapes[-1] is None
    assert points[-1] is None
    drawn = [shapely.Polygon(np.cumsum(np.array(one[0][0]).reshape(-1, 2), axis=0) / 1e5) for one in shapes[:-1]]
    assert sum(len(area.exterior.coords) for area in drawn) <= MOST_VERTICES
    whole = shapely.union_all(np.array(drawn))
    assert sum(area.area for area in drawn) == pytest.approx(whole.area, rel=1e-4)
    assert sum(shapely.Polygon(ring).area for ring in shapely.get_parts(whole)[0].interiors) < 1e-4
    assert bounds[0][0] == pytest.approx(shapely.total_bounds(areas[:-1])[1], abs=1e-5)
    assert json.dumps(shapes)
