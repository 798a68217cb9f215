"""``gap_map.html``: a map that needs no internet - every script, style and image stands inside the file.

The page is folium's to the letter, which stands in ``map_frame.html``: only tiles need folium itself.
"""

from __future__ import annotations

import html
import json
import re
from importlib.resources import files

from circle.export.map_data import map_data
from circle.export.map_parts import embedded_json, head
from circle.model import Analysis


def map_html(analysis: Analysis, *, lang: str = "en", tiles: str | None = None) -> str:
    """The page as a file, which a browser shows without asking anybody for anything (but the tiles).

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
    str
        The same analysis gives the same page.
    """
    if tiles:
        from circle.export.folium_map import folium_html  # it takes a quarter of a second to import and to render

        return folium_html(analysis, lang=lang, tiles=tiles)
    data = map_data(analysis, lang)
    (south, west), (north, east) = data["bounds"]
    told = {
        "title": f"<title>{html.escape(data['title'])}</title>",
        "center": json.dumps([(south + north) / 2, (west + east) / 2]),
        "data": embedded_json("circle-data", data),
        **head(),
    }
    frame = (files("circle.export") / "map_frame.html").read_text(encoding="utf-8")
    pieces = re.split(r"<!--circle:(\w+)-->", frame)  # every second one is a name: no text is looked through twice
    return "".join(told[piece] if number % 2 else piece for number, piece in enumerate(pieces))
