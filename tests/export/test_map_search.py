"""Searching the map by name, in a real browser with the network cut off."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from circle.export import map_html
from circle.messages import LANGUAGES, catalogue
from circle.model import Analysis, Facilities
from tests.export.test_map_browser import HOSTILE, Seen, _open, _untouched, frames
from tests.export.town import SOUTH, STEP, WEST, town_analysis

pytestmark = pytest.mark.slow

FIELD = "#circle-search"
FOUND = ".circle-search li"


def written(tmp_path: Path, analysis: Analysis, lang: str = "en") -> Path:
    path = tmp_path / "map.html"
    path.write_text(map_html(analysis, lang=lang), encoding="utf-8")
    return path


def with_facilities(
    names: list[str | None], *, lon: np.ndarray | None = None, lat: np.ndarray | None = None
) -> Analysis:
    """The town with as many further primary schools as there are names; nobody goes to them."""
    town = town_analysis()
    own = town.region.facilities
    n = len(names)
    lon = np.full(n, WEST + 5.5 * STEP) if lon is None else lon
    lat = np.full(n, SOUTH + 2.5 * STEP) if lat is None else lat
    more = {
        "facility_id": np.array([f"x{i}" for i in range(n)], object), "name": np.array(names, object),
        "service": np.full(n, "primary_school", object), "lon": lon, "lat": lat,
        "capacity": np.full(n, np.nan), "source": np.full(n, "x.csv", object),
    }  # fmt: skip
    columns = {name: np.concatenate([values, more[name]]) for name, values in own.columns.items()}
    lons, lats = columns["lon"].astype(float), columns["lat"].astype(float)
    rows = np.arange(n + 3, dtype=np.int64)
    facilities = Facilities(columns, lons, lats, rows, np.zeros(n + 3, np.bool_))
    return replace(town, region=replace(town.region, facilities=facilities))


def opened(browser: Browser, tmp_path: Path, names: list[str | None], lang: str = "en") -> tuple[Page, Seen]:
    return _open(browser, written(tmp_path, with_facilities(names), lang))


def asked(page: Page, text: str) -> list[str]:
    """What is found, the names alone."""
    page.locator(FIELD).fill(text)
    return page.locator(f"{FOUND} > bdi").all_inner_texts()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_districts_places_gaps_and_facilities_are_found_by_part_of_their_name(
    browser: Browser, tmp_path: Path, lang: str
) -> None:
    """上坞 is a village, and the first gap is named after it; 竹坞乡 is a district."""
    page, seen = _open(browser, path := written(tmp_path, town_analysis(), lang))
    assert asked(page, "坞") == ["竹坞乡", "下坞", "上坞", "上坞"]  # the town before the village, the gap behind them
    assert asked(page, "上坞")[0] == "上坞"
    kinds = page.locator(f"{FOUND} > span").all_inner_texts()
    assert catalogue()["map.search_place"][lang] in kinds[0]
    assert "石梁镇" in kinds[0]  # the district that it lies in: east of the middle
    assert asked(page, "卫生院") == ["卫生院"]
    assert "竹坞乡" in page.locator(f"{FOUND} > span").inner_text()
    assert asked(page, "没有") == []
    assert page.locator(".circle-search [role=status]").inner_text() == catalogue()["map.search_none"][lang]
    assert asked(page, "") == []
    assert page.locator(".circle-search [role=status]").inner_text() == ""
    _untouched(seen, path)


def test_the_whole_name_comes_before_its_beginning_and_that_before_any_part(browser: Browser, tmp_path: Path) -> None:
    names = ["North Santa Ana", "Susantana", "Santana", "Santa Ana", "Santa", "SANTA María", None, "  "]
    page, _ = opened(browser, tmp_path, names)
    assert asked(page, "santa") == ["Santa", "Santana", "Santa Ana", "SANTA María", "North Santa Ana", "Susantana"]


LETTERS = ["León", "LEO\u0301N", "ＬＥＯＮ", "Łódź", "Straße", "Ørsted", "İzmir", "\u200fمُورُونِي", "Nuñez", "Việt Trì"]
ASKED = {
    "leon": {0, 1, 2}, "LEÓN": {0, 1, 2}, "lodz": {3}, "STRASSE": {4}, "orsted": {5}, "izmir": {6}, "موروني": {7}, "nunez": {8}, "viet tri": {9},
}  # fmt: skip


def test_case_accents_width_and_marks_of_direction_do_not_matter(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, tmp_path, list(LETTERS))
    for text, expected in ASKED.items():
        assert set(asked(page, text)) == {LETTERS[i] for i in expected}, text


FOLD = "(names) => names.map(circleFolded)"


def test_accents_are_those_that_unicode_says(browser: Browser, tmp_path: Path) -> None:
    """Every letter of Latin-1 and Latin Extended-A that Python's tables take apart is found by its plain letter."""
    page, _ = _open(browser, written(tmp_path, town_analysis()))
    letters = [chr(code) for code in range(0xC0, 0x180) if len(unicodedata.normalize("NFD", chr(code))) > 1]
    plain = [unicodedata.normalize("NFD", letter)[0].casefold() for letter in letters]
    assert len(letters) > 150
    assert page.evaluate(FOLD, letters) == plain


def test_the_keyboard_does_it_all(browser: Browser, tmp_path: Path) -> None:
    page, seen = opened(browser, tmp_path, ["School A", "School B", "School C"])
    field = page.locator(FIELD)
    assert field.get_attribute("role") == "combobox"
    assert field.get_attribute("aria-expanded") == "false"
    field.press_sequentially("school")
    assert field.get_attribute("aria-expanded") == "true"
    assert page.locator(f"#{field.get_attribute('aria-controls')}").get_attribute("role") == "listbox"
    told = []
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
        active = field.get_attribute("aria-activedescendant")
        marked = page.locator(f'{FOUND}[aria-selected="true"]')
        assert (marked.get_attribute("id") if marked.count() else None) == active
        told.append(page.locator(f"#{active} > bdi").inner_text() if active else None)
    assert told == ["School A", "School B", "School A", None, "School C"]
    page.keyboard.press("Escape")
    assert (field.input_value(), page.locator(FOUND).count(), field.get_attribute("aria-expanded")) == (
        "school",
        0,
        "false",
    )
    page.keyboard.press("ArrowDown")
    assert page.locator(FOUND).count() == 3
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert "School A" in page.locator(".circle-popup").last.inner_text()
    field.focus()
    page.keyboard.press("Escape")
    assert field.input_value() == ""
    assert seen.complaints == []


def test_the_enter_that_ends_a_chinese_word_chooses_nothing(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, tmp_path, ["小学"])
    asked(page, "小学")
    page.evaluate("""() => document.querySelector("#circle-search").dispatchEvent(
        new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true }))""")
    assert page.locator(".circle-popup").count() == 0
    assert page.locator(FOUND).count() > 0


CENTRE = """() => { const map = window[Object.keys(window).find((key) => key.startsWith("map_"))];
  const box = map.getContainer().getBoundingClientRect(), panel = document.querySelector(".circle-panel").getBoundingClientRect();
  const at = map.containerPointToLatLng([panel.left / 2, box.height / 2]); return [at.lat, at.lng]; }"""


def test_what_is_chosen_is_looked_at_and_tells_of_itself(browser: Browser, tmp_path: Path) -> None:
    """A facility and a gap of another service than the one that is shown are shown with theirs."""
    page, seen = _open(browser, path := written(tmp_path, town_analysis()))
    page.locator("#circle-service").select_option(label="Primary school")
    page.locator('input[value="facilities"]').uncheck()
    page.locator('input[value="gaps"]').uncheck()
    whole = page.evaluate(CENTRE)
    asked(page, "卫生院")
    page.locator(FOUND).click()
    assert "Clinic" in page.locator(".circle-popup").last.inner_text()
    assert page.locator('input[value="facilities"]').is_checked()
    assert page.locator("#circle-service option:checked").inner_text() == "Clinic"
    page.wait_for_timeout(600)
    assert page.evaluate(CENTRE) == pytest.approx([SOUTH + 3 * STEP, WEST + 2 * STEP], abs=0.01)
    page.locator("#circle-service").select_option(label="Primary school")
    asked(page, "上坞")
    page.locator(FOUND, has_text="Gap 1").click()
    assert "321 people" in page.locator(".circle-popup").last.inner_text()
    page.wait_for_timeout(600)
    asked(page, "下坞")
    page.locator(FOUND).click()
    told = page.locator(".circle-popup").last.inner_text()
    assert re.match(r"下坞 · the residents nearest to its point, \d+ m off: ", told)
    assert "卫生院" in told
    page.wait_for_timeout(600)
    asked(page, "石梁")
    page.locator(FOUND).first.click()
    assert "石梁镇" in page.locator(".circle-popup").last.inner_text()
    town = page.evaluate(CENTRE)
    page.wait_for_timeout(600)
    west, south, east, north = town_analysis().region.districts.frame.set_index("district_name").loc[["石梁镇"]].total_bounds
    assert page.evaluate(CENTRE) == pytest.approx(town, abs=1e-6)  # the card did not push it away again
    assert town == pytest.approx([(south + north) / 2, (west + east) / 2], abs=0.002)
    page.locator(".circle-home").click()
    assert page.evaluate(CENTRE) == pytest.approx(whole, abs=1e-6)
    _untouched(seen, path)


def test_a_place_where_nobody_lives_says_its_name(browser: Browser, tmp_path: Path) -> None:
    town = town_analysis()
    frame = town.region.settlements.frame
    away = frame.assign(geometry=frame.geometry.translate(-2 * STEP, 0)).iloc[1:]
    far = replace(
        town,
        region=replace(town.region, settlements=replace(town.region.settlements, frame=away.assign(name="无人村"))),
    )
    page, _ = _open(browser, written(tmp_path, far))
    asked(page, "无人村")
    page.locator(FOUND).click()
    assert page.locator(".circle-popup").last.inner_text().startswith("无人村")


def test_on_a_narrow_screen_the_panel_makes_way_for_what_was_found(browser: Browser, tmp_path: Path) -> None:
    page, _ = _open(browser, written(tmp_path, town_analysis()), width=360)
    page.locator(".circle-panel summary h1").click()
    asked(page, "卫生院")
    page.locator(FOUND).click()
    assert page.locator(".circle-panel").get_attribute("open") is None
    assert "Clinic" in page.locator(".circle-popup").last.inner_text()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_on_a_narrow_screen_a_card_that_was_searched_for_is_seen_whole(browser: Browser, tmp_path: Path, lang: str) -> None:
    """Above the title, the legend and the sources, whatever kind of thing was found with the panel open."""
    page, _ = _open(browser, written(tmp_path, town_analysis(), lang), width=360)
    for name in ("下坞", "卫生院", "石梁镇"):
        if page.locator(".circle-panel").get_attribute("open") is None:
            page.locator(".circle-panel summary h1").click()
        asked(page, name)
        page.locator(FOUND).first.click()
        page.wait_for_timeout(900)
        card, taken = frames(page, ".leaflet-popup-content-wrapper")[-1], frames(page, ".circle-frame, .leaflet-control-attribution")
        assert card[3] <= taken[:, 1].min() + 0.5
        assert (card[:2] >= 0).all(), (name, card)
        page.keyboard.press("Escape")
        page.locator(".leaflet-popup").wait_for(state="detached")


def test_hostile_names_are_found_and_stay_text(browser: Browser, tmp_path: Path) -> None:
    page, seen = _open(browser, path := written(tmp_path, town_analysis(hostile=HOSTILE)))
    found = asked(page, "onerror=alert(1)>")
    assert len(found) >= 4
    assert all("<img src=x onerror=alert(1)>" in name for name in found)
    assert page.locator("img[src='x']").count() == 0
    page.locator(FOUND).first.click()
    assert asked(page, "</script>")
    assert asked(page, "$&") == []
    _untouched(seen, path)


KEYS = """async (text) => {
  const field = document.querySelector("#circle-search"), times = [];
  for (let end = 1; end <= text.length; end++) {
    field.value = text.slice(0, end);
    const begin = performance.now();
    field.dispatchEvent(new Event("input"));
    times.push(performance.now() - begin);
  }
  return times;
}"""


def test_twenty_thousand_facilities_are_searched_without_a_stutter(browser: Browser, tmp_path: Path) -> None:
    """Ranked as by sorting all of them; every key but the first, which reads all names, within two frames."""
    random = np.random.default_rng(5)
    parts = ["San", "Santa", "Colegio", "中心", "小学", "第三", "Nuevo", "Los", "Río", "Playa"]
    names: list[str | None] = [f"{' '.join(random.choice(parts, 3))} {i}" for i in range(20_000)]
    lon, lat = WEST + random.uniform(0, 8, 20_000) * STEP, SOUTH + random.uniform(0, 6, 20_000) * STEP
    page, _ = _open(browser, written(tmp_path, with_facilities(names, lon=lon, lat=lat)))
    folded = [str(name).lower().replace("í", "i") for name in names]
    for text in ("s", "santa", "rio", "小学 12", "los los los 1"):
        fits = [
            0 if n == text else 1 if n.startswith(text) else 2 if f" {text}" in n else 3 if text in n else 4
            for n in folded
        ]
        order = sorted((i for i, fit in enumerate(fits) if fit < 4), key=lambda i: (fits[i], len(folded[i])))
        assert asked(page, text) == [names[i] for i in order[:10]]
    times = page.evaluate(KEYS, "santa colegio 1")
    print(f"a key among 20,000 names: median {np.median(times):.1f} ms, longest {max(times):.1f} ms")
    assert np.median(times) < 33
