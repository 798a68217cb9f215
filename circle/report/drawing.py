"""A figure of matplotlib that can be drawn as SVG with the reader's fonts, and as PNG, always the same bytes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
from matplotlib import patheffects
from matplotlib.figure import Figure
from matplotlib.text import Text

from circle.report import fonts

MM = 1 / 25.4
"""A millimetre in inches."""
INK = "#1f2933"
HALO = "halo"
"""Group of text that stands on a picture and is drawn with a white rim."""

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_DATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_SVG_STYLE = {"svg.fonttype": "none", "svg.hashsalt": "circle"}
_FAMILY = re.compile(r"(font:[^;]*?\d(?:px|pt)) [^;]*")
_DECIMALS = re.compile(r"(\.\d\d)\d+")


@contextmanager
def styled(**further: object) -> Iterator[None]:
    """Settings under which figures are made and drawn; text is never read as mathematics."""
    settings: dict[str, object] = {
        "font.family": list(fonts.families()),
        "font.size": 8.0,
        "text.parse_math": False,
        "text.color": INK,
        "axes.unicode_minus": False,
        "path.simplify": True,
        "font.enable_last_resort": False,
        "figure.dpi": 100.0,
        "savefig.dpi": "figure",
        **further,
    }
    known: Any = {name: value for name, value in settings.items() if name in mpl.rcParams}
    with mpl.rc_context(known), fonts.quietly():
        yield


class Drawing(Figure):
    """A figure in millimetres that shows itself in a notebook, and is written the same way each time.

    Parameters
    ----------
    width_mm, height_mm
        Its size on paper.
    """

    def __init__(self, width_mm: float, height_mm: float) -> None:
        super().__init__(figsize=(width_mm * MM, height_mm * MM), facecolor="white")
        self.size_mm = (width_mm, height_mm)
        self._for_readers_fonts = False

    def resize(self, width_mm: float, height_mm: float) -> None:
        """Another size on paper."""
        self.set_size_inches(width_mm * MM, height_mm * MM)
        self.size_mm = (width_mm, height_mm)

    @property
    def numbered(self) -> tuple[str, ...]:
        """Words that no font here can write: a picture shows the first of them as [1], and so on."""
        words = [part.get_text() for part in self.findobj(Text)]
        return tuple(dict.fromkeys(word for word in words if not fonts.legible(word)))

    def draw(self, renderer: Any) -> None:
        """Draw; words that no font here can write are numbers, for boxes tell nothing."""
        words = () if self._for_readers_fonts else self.numbered
        numbers = {word: f"[{number}]" for number, word in enumerate(words, 1)}
        changed = [(part, part.get_text()) for part in self.findobj(Text) if part.get_text() in numbers]
        for part, word in changed:
            part.set_text(numbers[word])
        try:
            super().draw(renderer)
        finally:
            for part, word in changed:
                part.set_text(word)

    def __repr__(self) -> str:
        """What it is, and what numbers in a picture of it stand for."""
        wide, high = self.size_mm
        key = "".join(f"; [{number}] = {word!r}" for number, word in enumerate(self.numbered, 1))
        return f"<Drawing of {wide:.0f} mm × {high:.0f} mm{key}>"

    def _repr_svg_(self) -> str:
        return self.svg("figure", "")

    def svg(self, name: str, alt: str) -> str:
        """The drawing as an element of an HTML page; its text stays text.

        Parameters
        ----------
        name
            Put before every id within, for a page has many drawings.
        alt
            What it shows, in words.
        """
        held = io.StringIO()
        rimmed = [(part, part.get_path_effects()) for part in self.findobj(Text) if part.get_path_effects()]
        for part, _ in rimmed:  # rims would turn text into shapes; the page draws them by itself
            part.set_path_effects([])
        self._for_readers_fonts = True
        try:
            with styled(**_SVG_STYLE):
                self.savefig(held, format="svg", metadata=_DATA)
        finally:
            self._for_readers_fonts = False
            for part, effects in rimmed:
                part.set_path_effects(effects)
        return _for_a_page(held.getvalue(), name, alt)

    def png(self, dpi: int = 200) -> bytes:
        """The drawing as a picture."""
        held = io.BytesIO()
        with styled():
            self.savefig(held, format="png", dpi=dpi, metadata={"Software": None})
        return held.getvalue()


def rim(width: float = 1.6) -> list[Any]:
    """The white rim of text on a picture."""
    return [patheffects.withStroke(linewidth=width, foreground="white")]


def _for_a_page(document: str, name: str, alt: str) -> str:
    """An SVG file as an element: ids of its own, two decimals, the reader's fonts, no styles that reach beyond it."""
    root = ElementTree.fromstring(document[document.index("<svg") :])
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"):
                parent.remove(child)
    used = {match for part in root.iter() for match in _references(part)}
    names = {old: f"{name}-{number}" for number, old in enumerate(sorted(used), 1)}
    for part in root.iter():
        _tidy(part, names)
    for size in ("width", "height"):
        root.attrib.pop(size, None)
    root.set("style", "stroke-linejoin:round;stroke-linecap:butt")
    root.set("role", "img")
    root.set("aria-label", alt)
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    return ElementTree.tostring(root, encoding="unicode")


def _references(part: ElementTree.Element) -> list[str]:
    found = [part.attrib.get(f"{{{_XLINK}}}href", "")[1:]]
    for value in part.attrib.values():
        found += re.findall(r"url\(#([^)]+)\)", value)
    return [reference for reference in found if reference]


def _tidy(part: ElementTree.Element, names: dict[str, str]) -> None:
    own = part.attrib.pop("id", None)
    if own is not None and own.startswith(HALO):
        part.set("class", "rim")
    if own in names:
        part.set("id", names[own])
    link = f"{{{_XLINK}}}href"
    if part.attrib.get(link, "").startswith("#"):  # else a picture that holds itself
        part.set(link, f"#{names[part.attrib[link][1:]]}")
    for key, value in list(part.attrib.items()):
        if "url(#" in value:
            part.set(key, re.sub(r"url\(#([^)]+)\)", lambda match: f"url(#{names[match[1]]})", value))
    if "d" in part.attrib:
        part.set("d", " ".join(_DECIMALS.sub(r"\1", part.attrib["d"]).split()))
    if part.tag == f"{{{_SVG}}}text" and "style" in part.attrib:
        part.set("style", _FAMILY.sub(rf"\1 {fonts.READERS}", part.attrib["style"]))
