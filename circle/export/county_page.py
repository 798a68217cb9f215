"""``province_map.html``: the counties of a province in one file that needs no internet, drawn by scripts from data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import folium
import numpy as np
import shapely
from branca.element import Figure, MacroElement

from circle.antimeridian import HALF, around
from circle.export.background import encode_each
from circle.export.eastward import shapes_eastward
from circle.export.map_page import Verbatim, bare_map, dress, embedded_json, let_zoom, sealed
from circle.export.map_said import TAGS, is_of_map
from circle.messages import PLURALS, catalogue, text
from circle.model import Geometries

SCRIPTS = (
    "map_words.js", "map_labels.js", "map_search.js", "map_about.js", "map_access.js", "map_county_panel.js",
    "map_county_card.js", "map_counties.js",
)  # fmt: skip
STYLES = ("map.css", "map_access.css", "map_counties.css")
MOST_VERTICES = 120_000
"""Of all counties together: about a megabyte."""
FIRST_DEG = 2e-5
"""Two metres: what is gained by less is not seen."""


class CountyAtlas(MacroElement):
    """The counties, drawn by our scripts from data."""

    def __init__(self, data: Mapping[str, Any], page: folium.Map) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "CountyAtlas"
        self.data = data
        self.page = page

    def render(self, **_: Any) -> str:
        """Put the data into the page and the call behind the map's own script."""
        figure = cast("Figure", self.get_root())
        let_zoom(figure, self.page.get_name())
        figure.html.add_child(Verbatim(embedded_json("circle-data", self.data)), name="circle-data")
        data = 'JSON.parse(document.getElementById("circle-data").textContent)'
        figure.script.add_child(Verbatim(f"circleCounties({self.page.get_name()}, {data});"), name="circle-call")
        return ""


def county_page(data: Mapping[str, Any]) -> str:
    """The page of plain data; the same data give the same page."""
    page = bare_map(data["bounds"], zoom_snap=0.25)
    page.add_child(CountyAtlas(data, page))
    return sealed(dress(page, data["said"][data["lang"]]["title"], STYLES, SCRIPTS))


def page_words(lang: str) -> dict[str, Any]:
    """What every page of counties says: the words of the map, and its own in place of some."""
    own = {key.removeprefix("map."): entry[lang] for key, entry in catalogue().items() if is_of_map(key)}
    county = {key: entry[lang] for key, entry in catalogue().items() if key.startswith("map.county_")}
    own |= {key.removeprefix("map."): words for key, words in county.items()}
    own |= {key.removeprefix("map.county_"): words for key, words in county.items() if key in _IN_PLACE}
    return {
        "tag": TAGS[lang],
        "own_name": text("map.own_name", lang),
        "plural": PLURALS[lang].categories,
        "text": own,
        "words": {name: text(f"words.{name}", lang, number="{number}") for name in ("minutes", "metres", "kilometres")},
        "unreached": text("words.unreached", lang),
    }


_IN_PLACE = ("map.county_search", "map.county_search_hint", "map.county_search_district")


def encoded_areas(areas: Geometries) -> tuple[list[list[Any] | None], list[list[float] | None], list[list[float]]]:
    """Areas as the page draws them, simplified together so that neighbours still meet.

    Returns
    -------
    shapes, points, bounds
        Polygons of each (see `circle.export.background`), a point within each, and the corners of all; None where there
        is no area.
    """
    there = np.array([area is not None and not area.is_empty for area in areas], dtype=bool)
    known = _in_one_piece(areas[there])
    shapes: list[list[Any] | None] = [None] * len(areas)
    points: list[list[float] | None] = [None] * len(areas)
    if not len(known):
        return shapes, points, [[-1.0, -1.0], [1.0, 1.0]]
    drawn = _simple(known)
    for row, polygons, own in zip(np.flatnonzero(there), encode_each(drawn, 0.0), known, strict=True):
        inside = own.representative_point()
        shapes[row], points[row] = polygons, [round(inside.y, 5), round(inside.x, 5)]
    west, south, east, north = shapely.total_bounds(known).tolist()
    return shapes, points, [[round(south, 5), round(west, 5)], [round(north, 5), round(east, 5)]]


def _in_one_piece(areas: Geometries) -> Geometries:
    lon = around(shapely.get_coordinates(areas)[:, 0]) if len(areas) else np.empty(0)
    return shapes_eastward(areas) if len(lon) and lon.max() > HALF else areas


def _simple(areas: Geometries) -> Geometries:
    """Borders shared by two counties lose the same vertices; where areas overlap, each is simplified by itself."""
    step = FIRST_DEG
    drawn = areas
    while True:
        try:
            drawn = shapely.coverage_simplify(areas, step)
        except shapely.GEOSException:
            drawn = shapely.simplify(areas, step)
        if int(shapely.get_num_coordinates(drawn).sum()) <= MOST_VERTICES or step > 0.05:
            return np.asarray(drawn)
        step *= 2.0
