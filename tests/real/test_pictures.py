"""Pictures of map and report of a sample and two real regions, at three zooms; what a machine can see of them is held here."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page
from scipy.spatial import cKDTree

import circle
from circle.export import map_html
from circle.export.words import service_colour
from circle.messages import LANGUAGES
from circle.report import report_files
from tests.export.test_map_browser import FRAMES, LAYERS, PAINTED, Seen, _open, frames, overlapping
from tests.real import test_comoros, test_las_palmas

pytestmark = pytest.mark.slow

NAMES = ("qingxi", "comoros", "las_palmas")
ZOOMS = {"region": None, "town": 13.0, "street": 16.0}
MAP = 'window[Object.keys(window).find((key) => key.startsWith("map_"))]'
LOOK = f"([lat, lon, zoom]) => {{ {MAP}.setView([lat, lon], zoom, {{ animate: false }}); }}"
VIEW = f"(() => {{ const c = {MAP}.getCenter(), s = {MAP}.getSize(); return [c.lat, c.lng, {MAP}.getZoom(), s.x, s.y]; }})()"
PAINTED_AT = """([name, spots]) => {
  const canvas = document.querySelector(`.leaflet-${name}-pane canvas`), box = canvas.getBoundingClientRect();
  const scale = canvas.width / box.width, data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const solid = (x, y) => data[4 * (Math.floor((y - box.top) * scale) * canvas.width + Math.floor((x - box.left) * scale)) + 3] > 0;
  return spots.map(([x, y]) => [-1, 0, 1].some((dx) => [-1, 0, 1].some((dy) => solid(x + dx, y + dy))));
}"""
"""Whether something is painted at a spot or beside it: Leaflet cuts the corner of the picture down to whole pixels."""
COLOURS_AT = """([name, spots]) => {
  const canvas = document.querySelector(`.leaflet-${name}-pane canvas`), box = canvas.getBoundingClientRect();
  const scale = canvas.width / box.width, data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return spots.map(([x, y]) => {
    const at = 4 * (Math.floor((y - box.top) * scale) * canvas.width + Math.floor((x - box.left) * scale));
    return [...data.slice(at, at + 4)];
  });
}"""
WRITTEN = """(selector) => {
  const canvas = document.createElement("canvas"), ctx = canvas.getContext("2d", { willReadFrequently: true }), drawn = new Map();
  Object.assign(canvas, { width: 64, height: 64 });
  const picture = (font, sign) => {
    const key = `${font} ${sign}`;
    if (!drawn.has(key)) {
      ctx.clearRect(0, 0, 64, 64);
      ctx.font = font;
      ctx.textBaseline = "middle";
      ctx.fillText(sign, 12, 32);
      drawn.set(key, ctx.getImageData(0, 0, 64, 64).data.join());
    }
    return drawn.get(key);
  };
  const missing = new Set();
  const nodes = [...document.querySelectorAll(selector)].filter((node) => node.offsetWidth);
  let signs = 0;
  nodes.forEach((node) => {
    const { fontWeight, fontSize, fontFamily } = getComputedStyle(node), font = `${fontWeight} ${fontSize} ${fontFamily}`;
    [...node.textContent].filter((sign) => /[^\\s\\p{Cc}\\p{Cf}\\p{M}]/u.test(sign)).forEach((sign) => {
      signs++;
      if (["\\u0378", "\\u{e0fff}"].some((none) => picture(font, sign) === picture(font, none))) missing.add(sign);
    });
  });
  return [[...missing], signs];
}"""
"""Signs that are drawn as the box that stands for a missing one, and how many were looked at."""
NAMES_SEEN = ".circle-label span, .circle-badge span, .circle-panel, .circle-popup"


@pytest.fixture(scope="module", params=NAMES)
def result(request, tmp_path_factory) -> circle.Result:
    if request.param == "qingxi":
        return circle.analyze(circle.load_region(request.getfixturevalue("sample_regions") / "qingxi"))
    regions, folder = request.getfixturevalue("regions"), tmp_path_factory.mktemp(request.param)
    text = test_las_palmas.manifest(regions) if request.param == "las_palmas" else test_comoros.manifest(regions, 4)
    (folder / "region.toml").write_text(text, encoding="utf-8")
    return circle.analyze(circle.load_region(folder))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """$CIRCLE_PICTURES, for whoever looks at them; else a folder of the test."""
    folder = Path(os.environ.get("CIRCLE_PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def on_screen(view: list[float], lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """Where spherical Web Mercator (EPSG:3857) puts places: worked out here, not by the page."""
    mid_lat, mid_lon, zoom, width, height = view
    side = 256 * 2**zoom

    def plane(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        north = np.log(np.tan(np.pi / 4 + np.radians(lat) / 2))
        return np.stack([(lon / 360 + 0.5) * side, (0.5 - north / (2 * np.pi)) * side], axis=-1)

    return plane(lat, lon) - plane(np.asarray(mid_lat), np.asarray(mid_lon)) + [width / 2, height / 2]


def free(page: Page, spots: np.ndarray, margin: float = 12) -> np.ndarray:
    """Which spots are in the picture and not under the panel."""
    left = frames(page, ".circle-frame")[0, 0]
    width, height = page.viewport_size["width"], page.viewport_size["height"]
    return (spots > margin).all(axis=1) & (spots[:, 0] < min(left, width) - margin) & (spots[:, 1] < height - margin)


def nothing_collides(page: Page) -> None:
    """No label on another or cut by the edge; the legend whole; every layer painted; nothing to be scrolled sideways."""
    width, height = page.viewport_size["width"], page.viewport_size["height"]
    assert overlapping(frames(page, ".circle-badge span, .circle-label span")) == 0
    names = frames(page, ".circle-label span")
    assert len(names) == 0 or ((names[:, :2] >= -0.5).all() and (names[:, 2:] <= [width + 0.5, height + 0.5]).all())
    keys = frames(page, ".circle-legend .circle-key")
    assert len(keys) >= 5
    assert (keys[:, 3] <= height).all()
    assert [name for name in LAYERS if not page.evaluate(PAINTED, name)] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    fits = "(() => { const p = document.querySelector('.circle-panel'); return [p.scrollWidth - p.clientWidth, p.scrollHeight - p.clientHeight]; })()"
    assert page.evaluate(fits)[0] <= 0


def layers_lie_on_each_other(page: Page, analysis, shown: str) -> int:
    """Residents are painted, and facilities and gaps stand, at the pixels where the projection has them; how many were looked at."""
    view, looked = page.evaluate(VIEW), 0
    residents = analysis.residents
    own = np.flatnonzero(np.isfinite(residents.lon) & (residents.people[0] > 0) & (residents.district >= 0))
    spots = on_screen(view, residents.lat[own], residents.lon[own])
    spots = spots[free(page, spots)][:: max(1, len(own) // 500)]
    if len(spots):
        assert all(page.evaluate(PAINTED_AT, ["circle-cells", spots.tolist()]))
        looked += len(spots)
    gaps = analysis.gaps[(analysis.gaps["service"] == shown) & (analysis.gaps["kind"] == "zone")]
    expected = on_screen(view, gaps["site_lat"].to_numpy(float), gaps["site_lon"].to_numpy(float))
    told = dict(
        page.evaluate(f"""(() => {{ const frames = {FRAMES}; return [...document.querySelectorAll(".circle-badge span")]
      .filter((node) => node.offsetWidth).map((node) => [node.textContent, node.getBoundingClientRect()])
      .map(([rank, box]) => [rank, [(box.left + box.right) / 2, (box.top + box.bottom) / 2]]); }})()""")
    )
    for rank, at in zip(gaps["rank"].astype(int).astype(str), expected, strict=True):
        if rank in told:
            assert np.abs(np.array(told[rank]) - at).max() <= 1.5
            looked += 1
    return looked


def facilities_stand_where_they_are(page: Page, analysis, shown: str) -> int:
    """The dot of a facility that stands alone has the colour of its service 2.5 pixels to every side of where it is."""
    services = list(analysis.summary["service"])
    table = analysis.region.facilities.table
    own = table[table["service"] == shown]
    spots = on_screen(page.evaluate(VIEW), own["lat"].to_numpy(float), own["lon"].to_numpy(float))
    spots = spots[(np.abs(spots) < 1e5).all(axis=1)]
    apart, _ = cKDTree(spots).query(spots, k=2) if len(spots) > 1 else (np.full((len(spots), 2), np.inf), None)
    alone = spots[(apart[:, 1] > 45) & free(page, spots)]
    if not len(alone):
        return 0
    around = (alone[:, None] + 2.5 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])).reshape(-1, 2)
    found = np.array(page.evaluate(COLOURS_AT, ["overlay", around.tolist()]))
    colour = service_colour(shown, services.index(shown)).removeprefix("#")
    assert np.abs(found - [*bytes.fromhex(colour), 255]).max() <= 2
    return len(alone)


def no_sign_is_missing(page: Page) -> int:
    """No box stands for a sign that no font of the machine has; how many signs were looked at."""
    missing, signs = page.evaluate(WRITTEN, NAMES_SEEN)
    assert missing == []
    return int(signs)


def test_the_map_at_three_zooms(
    result: circle.Result, browser: Browser, pictures: Path, request: pytest.FixtureRequest
) -> None:
    analysis, name = result.analysis, request.node.callspec.params["result"]
    path = pictures / f"map_{name}.html"
    path.write_text(map_html(analysis), encoding="utf-8")
    page, seen = _open(browser, path)
    services = list(analysis.summary["service"])
    shown = services[int(page.locator("#circle-service").input_value())]
    first = analysis.gaps[analysis.gaps["service"] == shown].sort_values("rank").iloc[0]
    stood = 0
    for lang in LANGUAGES if name == "qingxi" else ("en",):
        page.locator(f".circle-languages button[lang^={lang}]").click()
        for zoom, level in ZOOMS.items():
            if level is not None:
                page.evaluate(LOOK, [first["site_lat"], first["site_lon"], level])
            page.wait_for_timeout(400)
            page.screenshot(path=pictures / f"map_{name}_{lang}_{zoom}.png")
            nothing_collides(page)
            if zoom == "region":  # a meeting sees where it is: every district by its name, and the first gap
                assert page.locator(".circle-district span:visible").count() == len(analysis.region.districts.frame)
                assert page.locator(".circle-badge span:visible").first.inner_text() == str(first["rank"])
            assert layers_lie_on_each_other(page, analysis, shown) > 0
            assert no_sign_is_missing(page) > 200
            stood += facilities_stand_where_they_are(page, analysis, shown)
        page.reload()
        page.wait_for_selector('[data-ready="true"]')
    assert stood > 0
    assert set(seen.requests) == {path.as_uri()}
    assert own_complaints(seen) == []


def own_complaints(seen: Seen) -> list[str]:
    """Without the browser's advice to whoever reads pixels, which is this test."""
    return [one for one in seen.complaints if "willReadFrequently" not in one]


def test_a_shift_of_a_few_pixels_and_a_missing_sign_are_seen(result: circle.Result, browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    path.write_text(map_html(result.analysis), encoding="utf-8")
    page, seen = _open(browser, path)
    shown = list(result.analysis.summary["service"])[int(page.locator("#circle-service").input_value())]
    page.evaluate("document.querySelector('.leaflet-marker-pane').style.transform = 'translate(3px, 0)'")
    with pytest.raises(AssertionError):
        layers_lie_on_each_other(page, result.analysis, shown)
    assert facilities_stand_where_they_are(page, result.analysis, shown) > 0
    page.evaluate("document.querySelector('.leaflet-overlay-pane').style.transform = 'translate(4px, 0)'")
    with pytest.raises(AssertionError):
        facilities_stand_where_they_are(page, result.analysis, shown)
    no_sign_is_missing(page)
    page.evaluate("document.querySelector('.circle-label span').textContent += String.fromCodePoint(0x0379)")  # stands for none
    with pytest.raises(AssertionError):
        no_sign_is_missing(page)
    assert own_complaints(seen) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pictures_of_the_report_are_whole(
    result: circle.Result, lang: str, browser: Browser, pictures: Path, request: pytest.FixtureRequest
) -> None:
    """No word of a drawing is cut off by its frame; the page as a picture."""
    name = f"report_{request.node.callspec.params['result']}_{lang}"
    path = pictures / f"{name}.html"
    path.write_bytes(report_files(result.analysis, lang)["report.html"])
    page, seen = _open_report(browser, path)
    page.screenshot(path=pictures / f"{name}.png", full_page=True)
    cut = page.evaluate("""[...document.querySelectorAll("figure svg")].flatMap((svg) => {
      const frame = svg.getBoundingClientRect();
      return [...svg.querySelectorAll("g[id^=text], text")].map((one) => one.getBoundingClientRect())
        .filter((box) => box.width && (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1));
    }).length""")
    assert cut == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 1000
    assert seen == []


def _open_report(browser: Browser, path: Path) -> tuple[Page, list[str]]:
    page = browser.new_context(viewport={"width": 1000, "height": 1200}, offline=True).new_page()
    seen: list[str] = []
    page.on("console", lambda message: seen.append(message.text))
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.goto(path.as_uri(), wait_until="load")
    return page, seen
