"""The map in a real browser with the network cut off."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from playwright.sync_api import Browser, Page

import circle
from circle.export import cost_words, map_html, people_words, service_name, share_words
from circle.export.map_people import slider_of
from circle.export.map_said import plain_name
from circle.indicators import indicator_table
from circle.messages import LANGUAGES, PLURALS, catalogue, plural_form
from circle.model import Status
from circle.settings import Limit
from tests.export.town import SOUTH, STEP, WEST, town_analysis

pytestmark = pytest.mark.slow

HOSTILE = (
    "\"'><img src=x onerror=alert(1)></script><script>alert(2)</script>`${alert(3)}{{7*7}}\u2028javascript:alert(4)"
)


@dataclass
class Seen:
    """What the page did that it should not do."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def _open(browser: Browser, path: Path, *, width: int = 1280) -> tuple[Page, Seen]:
    seen = Seen()
    context = browser.new_context(viewport={"width": width, "height": 800}, offline=True)
    page = context.new_page()
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("console", lambda message: seen.complaints.append(message.text))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (seen.complaints.append(dialog.message), dialog.dismiss()))
    page.goto(path.as_uri())
    page.wait_for_selector('[data-ready="true"]')
    return page, seen


RESTS = """() => { const map = window[Object.keys(window).find((key) => key.startsWith("map_"))];
  return !map._animatingZoom && !(map._panAnim && map._panAnim._inProgress); }"""


def rest(page: Page) -> None:
    """Until the map moves no more: it makes room for a card, and what was under a point then is not what is now."""
    page.wait_for_function(RESTS)


FRAMES = """(selector) => [...document.querySelectorAll(selector)].filter((node) => node.offsetWidth)
  .map((node) => node.getBoundingClientRect()).map((box) => [box.left, box.top, box.right, box.bottom])"""
PAINTED = """(name) => [...document.querySelectorAll(`.leaflet-${name}-pane canvas`)].some((canvas) =>
  canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean))"""
LAYERS = ("circle-cells", "circle-ground", "overlay")


def frames(page: Page, selector: str) -> np.ndarray:
    """Left, top, right and bottom of everything seen that fits the selector."""
    return np.array(page.evaluate(FRAMES, selector)).reshape(-1, 4)


def overlapping(found: np.ndarray) -> int:
    """How many pairs of frames share some of the picture."""
    shapes = shapely.box(*found.T)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    return int((shapely.area(shapely.intersection(shapes[one], shapes[other]))[one < other] > 0.5).sum())


def looks_right(page: Page) -> None:
    """Every layer is painted, no label lies on another, the first gap is named, and the panel covers none of it."""
    assert [name for name in LAYERS if not page.evaluate(PAINTED, name)] == []
    labels = frames(page, ".circle-badge span, .circle-label span")
    assert overlapping(labels) == 0
    first = page.locator(".circle-gaps li:has(button)").first.evaluate("row => row.value")
    assert page.locator(".circle-badge span:visible", has_text=re.compile(f"^{first}$")).count() == 1
    panel = frames(page, ".circle-panel")[0]
    badges = frames(page, ".circle-badge span")
    beside = panel[0] if panel[0] > 10 else np.inf  # on a narrow screen it lies below
    assert (badges[:, 2] <= beside).all()
    assert (badges[:, 3] <= (panel[1] if np.isinf(beside) else np.inf)).all()
    assert overlapping(np.vstack([panel, *frames(page, ".leaflet-control-attribution, .leaflet-control-scale")])) == 0


def zooming_in_shows_more(page: Page) -> None:
    """Any gap that gives way to others at first has its badge when one is near: the last in the list, opened."""
    before = page.locator(".circle-badge span:visible").count()
    drawn = page.locator(".circle-badge span").count()
    number = page.locator(".circle-gaps li:has(button)").last.evaluate("row => row.value")
    page.locator(".circle-gaps button").last.click()
    page.wait_for_timeout(600)
    assert page.locator(".circle-badge span:visible", has_text=re.compile(f"^{number}$")).count() == 1
    near = frames(page, ".circle-badge span")
    assert overlapping(near) == 0
    assert before < drawn or before == len(near)


def test_overlaps_are_found() -> None:
    assert overlapping(np.array([[0, 0, 2, 2], [1, 1, 3, 3], [3, 3, 4, 4.0]])) == 1


def _written(tmp_path: Path, **options: str) -> Path:
    path = tmp_path / "空白 map.html"
    lang = options.pop("lang", "en")
    path.write_text(map_html(town_analysis(**options), lang=lang), encoding="utf-8")
    return path


def _untouched(seen: Seen, path: Path) -> None:
    assert seen.requests == [path.as_uri()]
    assert seen.complaints == []


@pytest.mark.parametrize("width", [1280, 400])
def test_the_map_opens_without_any_network(browser: Browser, tmp_path: Path, width: int) -> None:
    path = _written(tmp_path)
    page, seen = _open(browser, path, width=width)
    assert page.locator(".leaflet-container canvas").count() >= 4
    assert page.locator(".circle-badge span:visible").count() == 2
    assert page.locator(".circle-panel").get_attribute("open") == ("" if width == 1280 else None)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert "of 1,558 people" in page.locator(".circle-answer").inner_text() or width == 400
    _untouched(seen, path)


ROUNDED = """(cases) => {
  const words = circleWords({ said: { en: { tag: "en" } } }, { lang: "en" });
  return cases.map(([value, digits]) => words.fixed(value, digits));
}"""


def test_the_page_rounds_as_python_does(browser: Browser, tmp_path: Path) -> None:
    """Halves to even where they are halves, in any number of digits; what only looks like a half by its true value."""
    page, _ = _open(browser, _written(tmp_path))
    random = np.random.default_rng(3)
    values = [0.5, 1.5, 2.5, 6.25, 0.15, 0.25, 0.35, 2.675, 1234.5, 0.0, 99.95, 0.05, 1e6 + 0.5, *random.uniform(0, 1000, 300)]
    values += (random.integers(0, 4000, 300) / 8).tolist()
    cases = [[float(value), digits] for value in values for digits in range(4)]
    assert page.evaluate(ROUNDED, cases) == [f"{value:.{digits}f}" for value, digits in cases]


def test_the_page_chooses_words_by_their_number_as_python_does(browser: Browser, tmp_path: Path) -> None:
    """The rules of the browser are CLDR's own. Two districts of different coverage: one in each of two classes."""
    page, _ = _open(browser, _written(tmp_path))
    for lang in LANGUAGES:
        names = page.evaluate("(lang) => [...Array(200).keys()].map((n) => new Intl.PluralRules(lang).select(n))", lang)
        assert names == [PLURALS[lang].categories[plural_form(n, lang)] for n in range(200)]
    page.locator('input[value="districts"]').check()
    legend = page.locator(".circle-legend").inner_text()
    assert re.search(r"· 1 district$", legend, re.MULTILINE)
    assert re.search(r"· 0 districts$", legend, re.MULTILINE)


def test_a_gap_tells_its_story_when_clicked(browser: Browser, tmp_path: Path) -> None:
    path = _written(tmp_path, lang="zh")
    page, seen = _open(browser, path)
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.locator(".circle-gaps button").first.click()
    told = page.locator(".circle-popup").inner_text()
    assert "上坞" in told
    assert "321 人" in told
    assert "3.2 公里" in told
    _untouched(seen, path)


def test_switches_change_what_is_drawn_and_the_legend(browser: Browser, tmp_path: Path) -> None:
    """Two districts: the town's clinic reaches fewer than a fifth of one of them."""
    path = _written(tmp_path)
    page, seen = _open(browser, path)
    assert "15 min" in page.locator(".circle-legend").inner_text()
    assert "District border" in page.locator(".circle-legend").inner_text()
    page.locator('input[value="districts"]').check()
    assert "districts" in page.locator(".circle-legend").inner_text()
    page.locator('input[value="gaps"]').uncheck()
    assert page.locator(".circle-badge").count() == 0
    page.locator("#circle-service").select_option(label="Primary school")
    assert "Primary school · 2" in page.locator(".circle-legend").inner_text()
    assert "No gap zone" in page.locator(".circle-gaps").inner_text()
    page.locator("#circle-service").select_option(label="All services")
    assert "Clinic · 1" in page.locator(".circle-legend").inner_text()
    _untouched(seen, path)


def test_the_whole_panel_is_seen_on_a_small_screen(browser: Browser, tmp_path: Path) -> None:
    """1280 by 800: nothing of it has to be scrolled for, in either language."""
    for lang in LANGUAGES:
        page, _ = _open(browser, _written(tmp_path, lang=lang))
        seen, whole = page.locator(".circle-panel").evaluate("(panel) => [panel.clientHeight, panel.scrollHeight]")
        assert whole <= seen


SLIDE = """([at, service, group]) => {
  const set = (id, value, kind) => {
    const node = document.querySelector(id);
    if (node) { node.value = String(value); node.dispatchEvent(new Event(kind)); }
  };
  set("#circle-service", service, "change");
  set("#circle-group", group, "change");
  set("#circle-at", at, "input");
  return [document.querySelector(".circle-numbers").textContent,
    [...document.querySelectorAll(".circle-ranking button")].map((button) => button.textContent)];
}"""


@pytest.mark.parametrize("metric", ["time", "distance"])
def test_the_slider_counts_to_the_person_what_python_counts(browser: Browser, tmp_path: Path, metric: str) -> None:
    """At 20 of its positions, for every service and group: share, people not served, and the order of districts."""
    analysis = town_analysis(metric=metric)
    path = tmp_path / "map.html"
    path.write_text(map_html(analysis), encoding="utf-8")
    page, seen = _open(browser, path)
    slider = slider_of(analysis.settings)
    main = analysis.settings.main.value
    positions = np.unique(np.linspace(1, 2 * slider.main, 20).astype(int)).tolist()
    question = replace(analysis.settings, limits=tuple(Limit(str(k), main * k / slider.main) for k in positions))
    table = indicator_table(
        analysis.reach, analysis.together, analysis.residents, analysis.region.districts, question, facilities=analysis.region.facilities
    )
    for number, service in enumerate(analysis.summary["service"]):
        for group, name in enumerate(analysis.residents.groups):
            for k in positions:
                told, ranked = page.evaluate(SLIDE, [k, number, group])
                asked = table[(table["service"] == service) & (table["group"] == name) & (table["limit"] == str(k))]
                row = asked[asked["scope"] == "region"].iloc[0]
                assert told.startswith(share_words(row["share"], "en"))
                assert f"of {people_words(row['people'])} people; {people_words(row['uncovered'])} not" in told
                own = asked[asked["scope"] == "district"].sort_values("uncovered", ascending=False, kind="stable")
                lacking = own[own["uncovered"] >= 0.5]
                assert [text.split(" · ")[0] for text in ranked] == lacking["district_name"].tolist()[:3]
                assert [text.split(" · ")[1].split(" ")[0] for text in ranked] == [people_words(n) for n in lacking["uncovered"]][:3]
    _untouched(seen, path)


CLICK = """([lat, lon]) => {
  const map = window[Object.keys(window).find((key) => key.startsWith("map_"))];
  map.fire("click", { latlng: L.latLng(lat, lon) });
  const told = [...document.querySelectorAll(".circle-popup")].pop();
  return told ? [told.querySelector("strong").textContent, [...told.querySelectorAll("p")].map((line) => line.textContent)] : null;
}"""


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("metric", ["time", "distance"])
def test_a_click_tells_of_the_place_what_python_knows(browser: Browser, tmp_path: Path, metric: str, lang: str) -> None:
    """Who lives there, and per service the time, the facility, and why it is not covered."""
    analysis = town_analysis(metric=metric)
    path = tmp_path / "map.html"
    path.write_text(map_html(analysis, lang=lang), encoding="utf-8")
    page, seen = _open(browser, path)
    residents, table = analysis.residents, analysis.region.facilities.table
    own = np.flatnonzero(np.isfinite(residents.lon) & (residents.district >= 0))
    for i in own[::5]:
        title, lines = page.evaluate(CLICK, [residents.lat[i], residents.lon[i]])
        assert people_words(residents.people[0, i]) in title
        assert len(lines) == len(analysis.reach)
        for line, (service, answer) in zip(lines, analysis.reach.items(), strict=True):
            assert line.startswith(service_name(service, lang))
            assert (catalogue()[f"short_reason.{Status(answer.status[i]).name.lower()}"][lang] in line) == (answer.status[i] != Status.COVERED)
            if answer.facility[i] >= 0:
                assert (plain_name(table["name"][answer.facility[i]]) or catalogue()["map.nameless"][lang]) in line
                assert cost_words(np.ceil(answer.cost[i]), analysis.settings, lang) in line
    page.evaluate(CLICK, [residents.lat[own[0]] + 0.5, residents.lon[own[0]]])
    page.wait_for_timeout(500)
    assert catalogue()["map.place_nobody"][lang] in page.locator(".circle-popup").last.inner_text()
    _untouched(seen, path)


AT = """([lat, lon]) => {
  const map = window[Object.keys(window).find((key) => key.startsWith("map_"))];
  const point = map.latLngToContainerPoint([lat, lon]), box = map.getContainer().getBoundingClientRect();
  const at = [box.left + point.x, box.top + point.y], hit = document.elementFromPoint(...at);
  return hit && hit.closest(".circle-frame, .leaflet-control, .leaflet-marker-icon") ? null : at;
}"""


def _clicked(page: Page, lat: float, lon: float) -> str | None:
    """What a click of the mouse tells; None where panel, badge or name lie over the place."""
    page.keyboard.press("Escape")
    page.locator(".circle-popup").wait_for(state="detached")
    rest(page)
    at = page.evaluate(AT, [lat, lon])
    if at is None:
        return None
    page.mouse.click(*at)
    page.locator(".circle-popup").first.wait_for()
    return str(page.locator(".circle-popup").last.inner_text())


def test_a_click_of_the_mouse_asks_first_who_lives_there(browser: Browser, tmp_path: Path) -> None:
    """Whatever areas are drawn over the place; they are told from its card, and where nobody lives."""
    analysis = town_analysis()
    path = tmp_path / "map.html"
    path.write_text(map_html(analysis), encoding="utf-8")
    page, seen = _open(browser, path)
    page.locator('input[value="facilities"]').uncheck()
    residents, districts = analysis.residents, analysis.region.districts.frame
    zones = analysis.gaps[analysis.gaps["kind"] == "zone"]
    service = zones["service"].iloc[0]
    page.locator("#circle-service").select_option(str(analysis.summary["service"].tolist().index(service)))
    zones = zones[zones["service"] == service]
    told = {"place": 0, "gap": 0}
    for i in np.flatnonzero(np.isfinite(residents.lon) & (residents.district >= 0)):
        card = _clicked(page, residents.lat[i], residents.lon[i])
        if card is None:
            continue
        told["place"] += 1
        assert people_words(residents.people[0, i]) in card.splitlines()[0]
        own = zones[zones.contains(shapely.Point(residents.lon[i], residents.lat[i]))]
        names = page.locator(".circle-further button").all_inner_texts()
        assert names[-1] == plain_name(districts["district_name"].iloc[residents.district[i]])
        assert [name for name in names[:-1] if name[0].isdigit()] == [f"{int(rank)}. {plain_name(name) or catalogue()['map.no_name']['en']}" for rank, name in zip(own["rank"], own["name"], strict=True)]
        page.wait_for_timeout(300)  # the card has moved to where it hides least of the way
        page.locator(".circle-further button").first.click()
        page.wait_for_timeout(400)
        further = page.locator(".circle-popup").last.inner_text()
        assert names[0] in further
        if len(own):
            told["gap"] += 1
            assert f"{people_words(own['people'].iloc[0])} people" in further
    assert told["place"] >= 5
    assert told["gap"] >= 1
    between = [(SOUTH + row * STEP, WEST + column * STEP) for row in range(1, 6) for column in range(1, 4)]
    alone = [at for at in between if not analysis.gaps.geometry.intersects(shapely.Point(at[1], at[0])).any()]
    cards = [card for at in alone if (card := _clicked(page, *at)) is not None]
    assert len(cards) >= 3
    assert {card.splitlines()[0].split(" · ")[0] for card in cards} == {plain_name(districts["district_name"].iloc[0])}
    _untouched(seen, path)


def test_one_house_on_one_street_is_a_map(browser: Browser, tmp_path: Path) -> None:
    """Without districts the view is of the people; of one place it is some ground around it."""
    road, clinic, home = shapely.LineString([(119, 29), (119.0015, 29)]), shapely.Point(119.001, 29), shapely.Point(119.0005, 29.0002)
    layers = {"roads": (road, {"highway": ["residential"]}), "facilities": (clinic, {"service": ["clinic"]}), "population": (home, {"people": [4]})}
    region = circle.Region.from_frames(**{name: gpd.GeoDataFrame(columns, geometry=[shape], crs=4326) for name, (shape, columns) in layers.items()})
    path = tmp_path / "map.html"
    path.write_text(map_html(circle.analyze(region).analysis), encoding="utf-8")
    page, seen = _open(browser, path)
    assert "100.0%" in page.locator(".circle-numbers").inner_text()
    assert "People here: 4" in (_clicked(page, 29.0002, 119.0005) or "").replace("all residents ", "")
    _untouched(seen, path)


def test_the_legend_names_no_class_twice_and_none_that_is_empty(browser: Browser, tmp_path: Path) -> None:
    page, seen = _open(browser, path := _written(tmp_path))
    for k, classes in ((1, 3), (2, 4), (15, 4), (29, 4), (30, 3)):
        page.evaluate(SLIDE, [k, 1, 0])
        said = page.locator(".circle-key", has=page.locator(".circle-cell")).all_inner_texts()
        assert len(said) == classes == len(set(said)), (k, said)
        assert not any(" 0 " in words for words in said)
    _untouched(seen, path)


def test_a_card_fits_on_a_telephone(browser: Browser, tmp_path: Path) -> None:
    page, _ = _open(browser, _written(tmp_path), width=360)
    page.evaluate("document.querySelector('.circle-badge').click()")
    page.wait_for_timeout(600)
    left, _, right, _ = frames(page, ".leaflet-popup-content-wrapper")[0]
    assert left >= 0
    assert right <= 360
    assert not page.locator(".leaflet-control-zoom").is_visible()


def test_what_is_clicked_in_panel_and_card_does_not_click_the_map_below(browser: Browser, tmp_path: Path) -> None:
    """Not even where the button is gone by the time the map hears of it."""
    page, seen = _open(browser, path := _written(tmp_path))
    page.evaluate("""() => { window.heard = 0;
      window[Object.keys(window).find((key) => key.startsWith("map_"))].on("click", () => { window.heard += 1; }); }""")
    page.locator(".circle-languages button", has_text="中文").click()
    page.locator(".circle-gaps button").first.click()
    page.locator("#circle-search").fill("石梁")
    page.locator(".circle-search li").first.click()
    for name in ("isochrones", "gaps", "places"):
        page.locator(f'input[value="{name}"]').click()
    assert page.evaluate("window.heard") == 0
    town = town_analysis().residents
    page.evaluate(CLICK, [town.lat[9], town.lon[9]])
    assert page.evaluate("window.heard") == 1
    page.locator(".circle-further button").last.click()
    assert page.evaluate("window.heard") == 1
    _untouched(seen, path)


COLOURS = """() => {
  const canvas = document.querySelector(".leaflet-circle-cells-pane canvas");
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data, counts = {};
  for (let i = 0; i < data.length; i += 4) if (data[i + 3]) {
    const key = [data[i], data[i + 1], data[i + 2]].join(","); counts[key] = (counts[key] || 0) + 1;
  }
  return counts;
}"""


def test_places_change_their_colour_with_the_slider(browser: Browser, tmp_path: Path) -> None:
    """The farther the slider, the less orange and brown; all the while the same pixels are painted."""
    page, seen = _open(browser, path := _written(tmp_path))
    painted, beyond = [], []
    for k in (1, 8, 15, 30):
        page.evaluate(SLIDE, [k, 1, 0])
        counts = page.evaluate(COLOURS)
        painted.append(sum(counts.values()))
        blue = [n for key, n in counts.items() if int(key.split(",")[2]) > int(key.split(",")[0])]
        beyond.append(painted[-1] - sum(blue))
    assert len(set(painted)) == 1
    assert painted[0] > 47 * 9
    assert beyond == sorted(beyond, reverse=True)
    assert beyond[0] > beyond[-1]
    page.locator('input[value="paper"]').check()
    assert all(len(set(key.split(","))) == 1 for key in page.evaluate(COLOURS))
    _untouched(seen, path)


def test_the_reader_chooses_the_language(browser: Browser, tmp_path: Path) -> None:
    page, seen = _open(browser, path := _written(tmp_path))
    before = page.locator(".circle-numbers strong").inner_text()
    page.locator(".circle-languages button", has_text="中文").click()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert "步行" in page.title()
    panel = page.locator(".circle-panel").inner_text()
    assert "优先补建的位置" in panel
    assert not re.search(r"[A-Za-z]{4}", panel.replace("English", ""))
    assert page.locator(".circle-numbers strong").inner_text() == before
    page.locator(".circle-languages button", has_text="English").click()
    assert "Where to build first" in page.locator(".circle-panel").inner_text()
    _untouched(seen, path)


def test_an_old_browser_shows_the_rest(browser: Browser, tmp_path: Path) -> None:
    path = _written(tmp_path)
    old = path.read_text(encoding="utf-8").replace("<head>", "<head><script>delete window.DecompressionStream;</script>")
    path.write_text(old, encoding="utf-8")
    page, seen = _open(browser, path)
    assert "too old" in page.locator(".circle-panel").inner_text()
    assert page.locator("#circle-at").count() == 0
    assert page.locator(".circle-badge span:visible").count() == 2
    _untouched(seen, path)


def test_everything_can_be_done_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    page, _ = _open(browser, _written(tmp_path))
    page.locator("#circle-at").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert page.locator(".circle-slider output").inner_text() == "18 min"
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.closest('.circle-gaps,.circle-ranking,.circle-choices,.leaflet-control-zoom')?.className ?? ''"))
    assert len({name.split(" ")[0] for name in reached} - {""}) >= 4


def test_a_number_stays_behind_a_name_that_runs_from_right_to_left(browser: Browser, tmp_path: Path) -> None:
    """Unicode's rules would put a number that follows Arabic on its left."""
    analysis = town_analysis()
    path = tmp_path / "map.html"
    names = ["Moroni \u0645\u0648\u0631\u0648\u0646\u064a", "\u0645\u0648\u0631\u0648\u0646\u064a", "rest"]
    path.write_text(map_html(replace(analysis, gaps=analysis.gaps.assign(name=names))), encoding="utf-8")
    page, _ = _open(browser, path)
    buttons = page.locator(".circle-gaps button")
    assert buttons.count() == 2
    for i in range(2):
        name_right, number_left = buttons.nth(i).evaluate(
            """(button) => {
              const box = (from, to) => {
                const range = document.createRange();
                range.setStart(button.firstChild, from);
                range.setEnd(button.firstChild, to);
                return range.getBoundingClientRect();
              };
              const number = button.textContent.search(/[0-9]/);
              return [box(0, number - 3).right, box(number, number + 1).left];
            }"""
        )
        assert name_right <= number_left


def test_low_ranks_wait_until_one_looks_closer(browser: Browser, tmp_path: Path) -> None:
    """Rank 200 among thousands says nothing of a whole country; four times as many ranks as 50 are one step nearer."""
    analysis = town_analysis()
    path = tmp_path / "map.html"
    first, second, rest = (analysis.gaps.iloc[[i]] for i in range(3))
    gaps = pd.concat([*[first] * 199, second, rest], ignore_index=True)  # 199 in one spot, of which one is seen
    ranks = pd.array([*range(1, 201), None], dtype="Int64")
    path.write_text(map_html(replace(analysis, gaps=gaps.assign(rank=ranks))), encoding="utf-8")
    page, _ = _open(browser, path)
    assert page.locator(".circle-badge span:visible").all_inner_texts() == ["1"]
    look = """([at, closer]) => { const map = window[Object.keys(window).find((key) => key.startsWith("map_"))];
      map.setView(at, map.getZoom() + closer, { animate: false }); }"""
    page.evaluate(look, [[SOUTH + 5 * STEP, WEST + 7.5 * STEP], 0])
    assert "200" not in page.locator(".circle-badge span:visible").all_inner_texts()
    page.evaluate(look, [[SOUTH + 5 * STEP, WEST + 7.5 * STEP], 1])
    assert "200" in page.locator(".circle-badge span:visible").all_inner_texts()


def test_hostile_names_are_shown_as_text_and_run_nothing(browser: Browser, tmp_path: Path) -> None:
    path = _written(tmp_path, hostile=HOSTILE)
    page, seen = _open(browser, path)
    page.locator(".circle-gaps button").first.click()
    assert "<img src=x onerror=alert(1)>" in page.locator(".circle-popup").inner_text()
    assert "<script>alert(2)</script>" in page.locator(".circle-panel h1").inner_text()
    page.keyboard.press("Escape")
    # a click into a district and one onto a facility
    for lat, lon in ((28.901, 118.501), (28.912, 118.508)):
        rest(page)
        page.evaluate(
            "([lat, lon]) => { const map = window[Object.keys(window).find((k) => k.startsWith('map_'))];"
            "const p = map.latLngToContainerPoint([lat, lon]);"
            "const box = map.getContainer().getBoundingClientRect();"
            "window.at = [box.left + p.x, box.top + p.y]; }",
            [lat, lon],
        )
        page.mouse.click(*page.evaluate("window.at"))
        page.wait_for_selector(".circle-popup")
        assert "onerror=alert(1)" in page.locator(".circle-popup").last.inner_text()
        page.keyboard.press("Escape")
    assert page.locator("img[src='x']").count() == 0
    _untouched(seen, path)


def test_leaflets_own_marker_has_its_picture(browser: Browser, tmp_path: Path) -> None:
    """What users add to the map in a notebook must not look for files that are not there."""
    path = _written(tmp_path)
    page, seen = _open(browser, path)
    page.evaluate("L.marker([28.91, 118.51]).addTo(window[Object.keys(window).find((k) => k.startsWith('map_'))])")
    picture = page.locator("img.leaflet-marker-icon")
    assert picture.get_attribute("src").startswith("data:image/png;base64,")
    assert picture.evaluate("(img) => img.decode().then(() => img.naturalWidth)") in (25, 50)
    assert [url for url in seen.requests if not url.startswith("data:")] == [path.as_uri()]
    assert seen.complaints == []
