"""The map as folium has it, to look at in a notebook or with the tiles of a server behind it."""

from __future__ import annotations

import html
from typing import Any, cast

import folium
from branca.element import Element, Figure, MacroElement

from circle.export.map_data import map_data
from circle.export.map_parts import embedded_json, head
from circle.model import Analysis

TILES = {"osm": "OpenStreetMap"}


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

    def __init__(self, data: dict[str, Any], page: folium.Map) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Atlas"
        self.data = data
        self.page = page

    def render(self, **_: Any) -> str:
        """Put the data into the page and the call behind the map's own script."""
        figure = cast("Figure", self.get_root())
        figure.html.add_child(Verbatim(embedded_json("circle-data", self.data)), name="circle-data")
        call = f'circleMap({self.page.get_name()}, JSON.parse(document.getElementById("circle-data").textContent));'
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
        None: no tiles, no internet. ``"osm"``, or the URL of a tile server with ``{z}``, ``{x}``, ``{y}``.

    Returns
    -------
    folium.Map
        The same analysis gives the same HTML.
    """
    data = map_data(analysis, lang)
    (south, west), (north, east) = data["bounds"]
    page = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=TILES.get(tiles, tiles) if tiles else None,
        attr=html.escape(tiles) if tiles else None,
        prefer_canvas=True,
        font_size="13px",
        zoom_snap=0.5,
    )
    page.default_js, page.default_css = [], []
    page.add_child(Atlas(data, page))
    figure = cast("Figure", page.get_root())
    figure.title = html.escape(data["title"])
    for name, part in head().items():
        figure.header.add_child(Verbatim(part), name=name)
    _number(figure)
    return page


def folium_html(analysis: Analysis, *, lang: str = "en", tiles: str | None = None) -> str:
    """The page as a file: `gap_map`, and the browser is told to refuse whatever is not in it (but the tiles)."""
    figure = cast("Figure", gap_map(analysis, lang=lang, tiles=tiles).get_root())
    images = "data: https: http:" if tiles else "data:"
    policy = f"default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src {images}"
    rule = f'<meta http-equiv="Content-Security-Policy" content="{policy}" />'
    figure.header.add_child(Verbatim(rule), name="policy", index=1)
    return str(figure.render())


def _number(figure: Figure) -> None:
    """Replace the random ids of all elements, so that the same data give the same page."""
    waiting: list[Element] = [figure]
    number = 0
    while waiting:
        element = waiting.pop()
        element._id = f"c{number}"
        number += 1
        waiting.extend(element._children.values())
