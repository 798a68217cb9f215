"""What stands inside a page that needs no internet: Leaflet, our own styles and scripts, and data that cannot run."""

from __future__ import annotations

import base64
import json
import re
from importlib.resources import files

LEAFLET = files("js_lib_leaflet") / "static" / "js_lib_leaflet"
SCRIPTS = ("map.js", "map_words.js", "map_layers.js", "map_labels.js", "map_panel.js")


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
    """Leaflet for the head of a page: its style and script inline, its images as ``data:`` addresses."""
    return "".join(_leaflet().values())


def head() -> dict[str, str]:
    """Leaflet and our own style and script, inline."""
    own = files("circle.export")
    leaflet = _leaflet()
    return {
        "leaflet_css": leaflet["leaflet_css"],
        "circle_css": f"<style>{(own / 'map.css').read_text(encoding='utf-8')}</style>",
        "leaflet_js": leaflet["leaflet_js"],
        "leaflet_icons": leaflet["leaflet_icons"],
        "circle_js": f"<script>{''.join((own / name).read_text(encoding='utf-8') for name in SCRIPTS)}</script>",
    }


def _leaflet() -> dict[str, str]:
    script = re.sub(r"//# sourceMappingURL=\S*\s*$", "", (LEAFLET / "leaflet.js").read_text(encoding="utf-8"))
    style = re.sub(r"url\(images/([\w-]+\.png)\)", _image_url, (LEAFLET / "leaflet.css").read_text(encoding="utf-8"))
    icons = {"iconUrl": "marker-icon", "iconRetinaUrl": "marker-icon-2x", "shadowUrl": "marker-shadow"}
    options = json.dumps({option: _image(f"{name}.png") for option, name in icons.items()})
    return {
        "leaflet_css": f"<style>{style}</style>",
        "leaflet_js": f"<script>{script}</script>",
        "leaflet_icons": f'<script>L.Icon.Default.imagePath = "";L.Icon.Default.mergeOptions({options});</script>',
    }


def _image_url(match: re.Match[str]) -> str:
    return f"url({_image(match[1])})"


def _image(name: str) -> str:
    return "data:image/png;base64," + base64.b64encode((LEAFLET / "images" / name).read_bytes()).decode("ascii")
