"""Background tiles: asked of the right servers in the right way, and of nobody where none are wanted."""

from __future__ import annotations

import json
import math
import re
import struct
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from circle.errors import QueryError
from circle.export import Manner, map_html, tile_source, tiles_of_page, write_outputs
from circle.messages import LANGUAGES
from tests.export.town import SOUTH, STEP, WEST, town_analysis

KEY = "0123456789abcdef0123456789abcdef"


def png(colour: tuple[int, int, int]) -> bytes:
    """A picture of 256 by 256 pixels of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes(colour) * 256) * 256
    head = struct.pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


TILE = png((200, 230, 200))


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A tile server on this machine, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(TILE)

        def log_message(self, *_: object) -> None:
            pass

    own = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=own.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{own.server_port}", asked
    own.shutdown()
    thread.join()
    own.server_close()


def opened(browser: Browser, path: Path, *, offline: bool = False) -> tuple[Page, list[str]]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=offline)
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_selector('[data-ready="true"]')
    return page, requests


def written(tmp_path: Path, tiles: str | None, lang: str = "en") -> Path:
    path = tmp_path / "map.html"
    path.write_text(map_html(town_analysis(), lang=lang, tiles=tiles), encoding="utf-8")
    return path


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Column and row of the tile that a place lies in, by the definition of the scheme."""
    n = 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lon + 180) / 360 * n), int(y * n)


@pytest.mark.slow
def test_a_server_of_ones_own_is_asked_for_the_tiles_of_the_region(
    browser: Browser, tmp_path: Path, server: tuple[str, list[str]]
) -> None:
    address, asked = server
    page, requests = opened(browser, path := written(tmp_path, address + "/base/{z}/{x}/{y}.png?key=secret"))
    page.wait_for_selector(".circle-tiled")
    page.wait_for_timeout(500)
    tiles = [
        tuple(map(int, re.fullmatch(r"/base/(\d+)/(\d+)/(\d+)\.png\?key=secret", path).groups())) for path in asked
    ]
    zoom = tiles[0][0]
    column, row = tile_of(WEST + 4 * STEP, SOUTH + 3 * STEP, zoom)
    assert (zoom, column, row) in tiles
    assert all(z == zoom and abs(x - column) <= 6 and abs(y - row) <= 5 for z, x, y in tiles)
    assert all(url.startswith((address, "data:")) or url == path.as_uri() for url in requests)
    assert "127.0.0.1" in page.locator(".leaflet-control-attribution").inner_text()
    hidden = "(selector) => getComputedStyle(document.querySelector(selector)).visibility"
    assert page.evaluate(hidden, ".leaflet-circle-ground-pane") == "hidden"
    asked.clear()
    page.locator('input[value="tiles"]').uncheck()
    assert page.locator(".leaflet-tile-pane img").count() == 0
    assert page.evaluate(hidden, ".leaflet-circle-ground-pane") == "visible"
    assert "127.0.0.1" not in page.locator(".leaflet-control-attribution").inner_text()
    page.locator(".leaflet-control-zoom-in").click()
    page.wait_for_timeout(700)
    assert asked == []
    page.locator('input[value="tiles"]').check()
    page.wait_for_selector(".circle-tiled")
    assert asked


@pytest.mark.slow
def test_without_tiles_nothing_is_asked_even_online(
    browser: Browser, tmp_path: Path, server: tuple[str, list[str]]
) -> None:
    page, requests = opened(browser, path := written(tmp_path, None))
    page.locator(".leaflet-control-zoom-in").click()
    page.wait_for_timeout(700)
    assert page.locator('input[value="tiles"]').count() == 0
    assert [url for url in requests if not url.startswith("data:")] == [path.as_uri()]
    assert server[1] == []


@pytest.mark.slow
def test_without_internet_the_datas_own_background_stays(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, written(tmp_path, "osm"), offline=True)
    page.wait_for_timeout(500)
    assert page.locator(".circle-tiled").count() == 0
    assert page.locator(".circle-badge span:visible").count() == 2
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.leaflet-circle-ground-pane')).visibility") == "visible"
    )
    page.locator('input[value="districts"]').check()
    assert "districts" in page.locator(".circle-legend").inner_text()


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_tianditu_is_asked_for_roads_and_for_names_above_them(browser: Browser, tmp_path: Path, lang: str) -> None:
    """As its web service for Web Mercator is described: layers ``vec`` and ``cva``, matrix set ``w``, a key as ``tk``."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body=TILE, content_type="image/png")

    page.route("https://*/**", answer)
    page.goto(written(tmp_path, f"tianditu:{KEY}", lang).as_uri())
    page.wait_for_selector(".circle-tiled")
    page.wait_for_timeout(500)
    found = [(urlsplit(url), parse_qs(urlsplit(url).query, strict_parsing=True)) for url in asked]
    assert {re.fullmatch(r"t([0-7])\.tianditu\.gov\.cn", parts.netloc)[1] for parts, _ in found} >= {"0", "3", "6"}
    assert {(parts.path, query["LAYER"][0]) for parts, query in found} == {
        ("/vec_w/wmts", "vec"),
        ("/cva_w/wmts", "cva"),
    }
    for _, query in found:
        fixed = {
            name: query[name][0] for name in ("SERVICE", "REQUEST", "VERSION", "STYLE", "TILEMATRIXSET", "FORMAT", "tk")
        }
        assert fixed == {
            "SERVICE": "WMTS",
            "REQUEST": "GetTile",
            "VERSION": "1.0.0",
            "STYLE": "default",
            "TILEMATRIXSET": "w",
            "FORMAT": "tiles",
            "tk": KEY,
        }
        zoom, row, column = (int(query[name][0]) for name in ("TILEMATRIX", "TILEROW", "TILECOL"))
        expected = tile_of(WEST + 4 * STEP, SOUTH + 3 * STEP, zoom)
        assert abs(column - expected[0]) <= 6
        assert abs(row - expected[1]) <= 5
    names, colours = (
        page.locator(f".leaflet-{name}-pane").evaluate("(pane) => Number(pane.style.zIndex)")
        for name in ("circle-tile-names", "circle-cells")
    )
    assert names > colours
    assert ("Tianditu" if lang == "en" else "天地图") in page.locator(".leaflet-control-attribution").inner_text()


REFUSED = {
    "tianditu": "no_key", "tianditu:": "no_key", "TIANDITU: ": "no_key", "tianditu:a&b=c": "no_such_key", "tianditu:short": "no_such_key",
    'tianditu:"><script>': "no_such_key", "google": "no_url", "": "no_url", "javascript:alert(1)//{z}{x}{y}": "no_url",
    "file:///tmp/{z}/{x}/{y}.png": "no_url", "data:image/png,{z}{x}{y}": "no_url", "ftp://a/{z}/{x}/{y}": "no_url",
    "//tiles.example/{z}/{x}/{y}": "no_url", "https:///{z}/{x}/{y}": "no_url", "https://a:b/{z}/{x}/{y}": "no_url",
    "https://tiles.example/{z}/{x}.png": "lacks_place", "https://tiles.example/": "lacks_place",
    "https://tiles.example/{z}/{z}/{x}/{y}": "lacks_place", "https://tiles.example/{z}/{x}/{y}/{style}": "unknown_place",
    "https://tiles.example/{z}/{x}/{y}/}{": "unknown_place", "https://tiles.example/{z}/{x}/{y}?TileMatrix={TileMatrix}": "unknown_place",
    "https://tiles.example/{z}/{x}/{y} .png": "unsafe_url", "https://tiles.example/{z}/{x}/{y}'.png": "unsafe_url",
    "https://tiles.example/{z}/{x}/{y}\u202e.png": "unsafe_url", "https://user:pass@tiles.example/{z}/{x}/{y}": "unsafe_url",
    "https://{s}.{s}.example/{z}/{x}/{y}": "unsafe_url", "https://a.example;script-src/{z}/{x}/{y}": "unsafe_url",
    "https://*/{z}/{x}/{y}": "unsafe_url", "https://{x}.example/{z}/{x}/{y}": "unsafe_url", "https://tiles.example/<b>{z}/{x}/{y}": "unsafe_url",
}  # fmt: skip


@pytest.mark.parametrize(("asked", "code"), REFUSED.items())
def test_what_a_page_should_not_ask_is_refused_and_not_repeated(asked: str, code: str) -> None:
    with pytest.raises(QueryError) as refused:
        tile_source(asked)
    problem = refused.value.problems[0]
    assert problem.code == f"tiles.{code}"
    assert all(secret not in str(refused.value) for secret in ("alert", "pass@", "a&b", "short"))


POLICIES = {
    None: "data:", "osm": "data: https://tile.openstreetmap.org", "https://tiles.example:8443/{z}/{x}/{y}.png": "data: https://tiles.example:8443",
    "http://{s}.t.example/{z}/{x}/{y}{r}.png": "data: http://a.t.example http://b.t.example http://c.t.example",
    f"tianditu:{KEY}": "data: " + " ".join(f"https://t{i}.tianditu.gov.cn" for i in range(8)),
    "http://[::1]:80/{z}/{x}/{y}": "data: http://[::1]:80",
}  # fmt: skip


@pytest.mark.parametrize(("asked", "policy"), POLICIES.items())
def test_the_page_allows_pictures_from_these_servers_alone(asked: str | None, policy: str) -> None:
    page = map_html(town_analysis(), tiles=asked)
    assert re.search(r"img-src ([^\"]*)\"", page)[1] == policy


@pytest.mark.parametrize("asked", [f"tianditu:{KEY}", f"https://tiles.example/{KEY}/{{z}}/{{x}}/{{y}}.png?key={KEY}"])
def test_a_key_stands_in_the_map_alone(tmp_path: Path, asked: str) -> None:
    """And there it is found again by whoever verifies the result."""
    write_outputs(town_analysis(), tmp_path, Manner("en", asked))
    holding = {path.name for path in tmp_path.iterdir() if KEY.encode() in path.read_bytes()}
    assert holding == {"gap_map.html"}
    told = json.loads((tmp_path / "provenance.json").read_text(encoding="utf-8"))["map"]["tiles"]
    assert told in ("tianditu:…", "https://tiles.example/…")
    assert tiles_of_page((tmp_path / "gap_map.html").read_text(encoding="utf-8")) == asked


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<html>",
        '<script type="application/json" id="circle-data">{</script>',
        '<script type="application/json" id="circle-data">[]</script>',
        map_html(town_analysis()),
    ],
)
def test_a_page_without_tiles_tells_of_none(page: str) -> None:
    assert tiles_of_page(page) is None
