"""``gap_map.html``: a folium map that needs no internet - every script, style and image stands inside the file."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, cast

import folium
from branca.element import Element, Figure, MacroElement

from circle.export.map_about import LEAFLET, leaflet_licence, leaflet_script
from circle.export.map_data import map_data
from circle.export.tiles import tile_source
from circle.model import Analysis

SCRIPTS = (
    "map.js", "map_bytes.js", "map_words.js", "map_people.js", "map_cells.js", "map_facilities.js", "map_layers.js",
    "map_labels.js", "map_of_run.js", "map_panel.js", "map_legend.js", "map_ways.js", "map_way_card.js",
    "map_search.js", "map_about.js", "map_tiles.js", "map_relief.js", "map_access.js",
)  # fmt: skip
STYLES = ("map.css", "map_access.css")


class Verbatim(Element):
    """Text that goes into the page as it is. Other elements are templates, in which data could write code."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self._name = "Verbatim"
        self.content = content

    def render(self, **_: Any) -> str:
        """The text."""
        return self.content


class Atlas(MacroElement):
    """The layers, the panel and the legend of a map, drawn by our scripts from data."""

    def __init__(self, data: dict[str, Any], packed: str, page: folium.Map) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Atlas"
        self.data = data
        self.packed = packed
        self.page = page

    def render(self, **_: Any) -> str:
        """Put the data into the page and the call behind the map's own script."""
        figure = cast("Figure", self.get_root())
        let_zoom(figure, self.page.get_name())
        figure.html.add_child(Verbatim(embedded_json("circle-data", self.data)), name="circle-data")
        places = f'<script type="text/plain" id="circle-places">{self.packed}</script>'
        figure.html.add_child(Verbatim(places), name="circle-places")
        data, packed = (f'document.getElementById("circle-{name}").textContent' for name in ("data", "places"))
        call = f"circleMap({self.page.get_name()}, JSON.parse({data}), {packed});"
        figure.script.add_child(Verbatim(call), name="circle-call")
        return ""


def gap_map(analysis: Analysis, *, lang: str = "en", tiles: str | None = None) -> folium.Map:
    """The map of an analysis.

    Parameters
    ----------
    analysis
        The whole answer.
    lang
        ``"en"`` or ``"zh"``.
    tiles
        None: no tiles, no internet. ``"osm"``, ``"tianditu:KEY"``, or the URL of a tile server with ``{z}``, ``{x}``,
        ``{y}``.

    Returns
    -------
    folium.Map
        The same analysis gives the same HTML.

    Raises
    ------
    QueryError
        If `tiles` lack a key, or are no URL that a page should ask.
    """
    source = tile_source(tiles)
    data, packed = map_data(analysis, lang)
    data["tiles"] = source and source.for_page()
    page = bare_map(data["bounds"], zoom_snap=0.5)
    page.add_child(Atlas(data, packed, page))
    dress(page, data["said"][lang]["title"], STYLES, SCRIPTS)
    return page


def bare_map(bounds: Sequence[Sequence[float]], *, zoom_snap: float) -> folium.Map:
    """A map of south-west and north-east (latitude, longitude) without anything of its own that asks the internet."""
    (south, west), (north, east) = bounds
    page = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        prefer_canvas=True,
        font_size="13px",
        zoom_snap=zoom_snap,
    )
    page.default_js, page.default_css = [], []
    return page


def dress(page: folium.Map, title: str, styles: Sequence[str], scripts: Sequence[str]) -> Figure:
    """Give the page of a map its title, Leaflet, and our own styles and scripts; what is on the map stands there."""
    figure = cast("Figure", page.get_root())
    figure.title = html.escape(title)
    for name, part in page_head(styles, scripts).items():
        figure.header.add_child(Verbatim(part), name=name)
    number_elements(figure)
    return figure


def map_html(analysis: Analysis, *, lang: str = "en", tiles: str | None = None) -> str:
    """The page as a file: `gap_map`, and the browser is told to refuse whatever is not in it (but the tiles)."""
    figure = cast("Figure", gap_map(analysis, lang=lang, tiles=tiles).get_root())
    source = tile_source(tiles)
    images = " ".join(("data:", *source.hosts())) if source else "data:"
    return sealed(figure, images)


def sealed(figure: Figure, images: str = "data:") -> str:
    """The page, told to refuse whatever is not in it, but `images` from where they are named."""
    policy = f"default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src {images}"
    rule = f'<meta http-equiv="Content-Security-Policy" content="{policy}" />'
    figure.header.add_child(Verbatim(rule), name="policy", index=1)
    return str(figure.render())


def embedded_json(element_id: str, data: object) -> str:
    r"""Data in a script element that nothing within can leave.

    Examples
    --------
    >>> print(embedded_json("d", ["</script><b>"]))
    <script type="application/json" id="d">["\u003c/script\u003e\u003cb\u003e"]</script>
    """
    told = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        told = told.replace(character, f"\\u{ord(character):04x}")
    return f'<script type="application/json" id="{element_id}">{told}</script>'


def leaflet_head() -> str:
    """Leaflet for the head of a page: style and script inline, images as ``data:``, the licence as a comment."""
    return "".join([f"<!-- Leaflet: {leaflet_licence()} -->", *_leaflet().values()])


def page_head(styles: Sequence[str], scripts: Sequence[str]) -> dict[str, str]:
    """Leaflet and our own styles and scripts, inline."""
    own = files("circle.export")
    leaflet = _leaflet()
    return {
        "leaflet_css": leaflet["leaflet_css"],
        "circle_css": f"<style>{''.join((own / name).read_text(encoding='utf-8') for name in styles)}</style>",
        "leaflet_js": leaflet["leaflet_js"],
        "leaflet_icons": leaflet["leaflet_icons"],
        "circle_js": f"<script>{''.join((own / name).read_text(encoding='utf-8') for name in scripts)}</script>",
    }


def _leaflet() -> dict[str, str]:
    style = re.sub(r"url\(images/([\w-]+\.png)\)", _image_url, (LEAFLET / "leaflet.css").read_text(encoding="utf-8"))
    icons = {"iconUrl": "marker-icon", "iconRetinaUrl": "marker-icon-2x", "shadowUrl": "marker-shadow"}
    options = json.dumps({option: _image(f"{name}.png") for option, name in icons.items()})
    return {
        "leaflet_css": f"<style>{style}</style>",
        "leaflet_js": f"<script>{leaflet_script()}</script>",
        "leaflet_icons": f'<script>L.Icon.Default.imagePath = "";L.Icon.Default.mergeOptions({options});</script>',
    }


def _image_url(match: re.Match[str]) -> str:
    return f"url({_image(match[1])})"


def _image(name: str) -> str:
    return "data:image/png;base64," + base64.b64encode((LEAFLET / "images" / name).read_bytes()).decode("ascii")


def let_zoom(figure: Figure, name: str) -> None:
    """Whoever needs larger letters may zoom the page: folium's own rule for small screens forbids it."""
    told = str(figure.header._children[name].render())
    figure.header._children[name] = Verbatim(re.sub(r",\s*maximum-scale=[\d.]+,\s*user-scalable=no", "", told))


def number_elements(figure: Figure) -> None:
    """Replace the random ids of all elements, so that the same data give the same page."""
    waiting: list[Element] = [figure]
    number = 0
    while waiting:
        element = waiting.pop()
        element._id = f"c{number}"
        number += 1
        waiting.extend(element._children.values())
