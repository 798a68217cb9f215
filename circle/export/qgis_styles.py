"""Styles as QGIS stores them (QML): symbols by class, a legend in both languages, Chinese names of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as Xml

VERSION = "3.28.0"
DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
GEOMETRY_TYPES = {"marker": "0", "line": "1", "fill": "2"}
OUTLINE = "#4d4d4d"
SHAPES = ("circle", "square", "triangle", "diamond", "star", "pentagon", "cross_fill", "hexagon")


@dataclass(frozen=True)
class Symbol:
    """How things of a class are drawn; sizes in millimetres."""

    colour: str
    size: float = 0.26
    shape: str = "circle"
    outline: str = OUTLINE
    opacity: float = 1.0


@dataclass(frozen=True)
class Class:
    """A class of the legend: a value, or the numbers from `low` to `high`."""

    label: str
    symbol: Symbol
    value: str = ""
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class Style:
    """How a layer is drawn.

    Parameters
    ----------
    kind
        ``"marker"``, ``"line"`` or ``"fill"``.
    column
        What the classes are told by.
    classes
        In the order of the legend.
    graduated
        Classes are ranges of numbers, not values.
    label
        Column that is written on the map; empty: none.
    largest_first
        Column by which things are drawn, largest first, so that the small ones are seen; empty: any order.
    """

    kind: str
    column: str
    classes: Sequence[Class]
    graduated: bool = False
    label: str = ""
    largest_first: str = ""


def qml(style: Style, aliases: Mapping[str, str]) -> str:
    """The style as a document; `aliases` are the names of columns as people read them, in the order of the columns.

    Text from data is escaped, as XML wants it; what XML cannot hold at all is left out.

    Examples
    --------
    >>> clinic = Class("Clinic", Symbol("#0072b2", 2.0), value="clinic")
    >>> 'value="clinic"' in qml(Style("marker", "service", [clinic]), {"service": "服务"})
    True
    """
    labelled = "1" if style.label else "0"
    root = Xml.Element("qgis", version=VERSION, styleCategories="Symbology|Labeling|Fields", labelsEnabled=labelled)
    renderer = _renderer(root, style)
    symbols = Xml.SubElement(renderer, "symbols")
    for number, entry in enumerate(style.classes):
        _symbol(symbols, str(number), style.kind, entry.symbol)
    if style.largest_first:
        order = Xml.SubElement(renderer, "orderby")
        Xml.SubElement(order, "orderByClause", asc="0", nullsFirst="0").text = f'"{style.largest_first}"'
    if style.label:
        _labels(root, style.label)
    names = Xml.SubElement(root, "aliases")
    for index, (column, alias) in enumerate(aliases.items()):
        Xml.SubElement(names, "alias", index=str(index), field=_allowed(column), name=_allowed(alias))
    Xml.SubElement(root, "layerGeometryType").text = GEOMETRY_TYPES[style.kind]
    Xml.indent(root, " ")
    return DOCTYPE + Xml.tostring(root, encoding="unicode") + "\n"


def _renderer(root: Xml.Element, style: Style) -> Xml.Element:
    looks = {"symbollevels": "0", "forceraster": "0", "enableorderby": "1" if style.largest_first else "0"}
    kind = "graduatedSymbol" if style.graduated else "categorizedSymbol"
    renderer = Xml.SubElement(root, "renderer-v2", {"type": kind, "attr": _allowed(style.column), **looks})
    if style.graduated:
        renderer.set("graduatedMethod", "GraduatedColor")
        ranges = Xml.SubElement(renderer, "ranges")
        for number, entry in enumerate(style.classes):
            ends = {"lower": f"{entry.low:.15f}", "upper": f"{entry.high:.15f}"}
            shown = {"symbol": str(number), "render": "true", "label": _allowed(entry.label)}
            Xml.SubElement(ranges, "range", shown | ends)
        return renderer
    categories = Xml.SubElement(renderer, "categories")
    for number, entry in enumerate(style.classes):
        named = {"value": _allowed(entry.value), "label": _allowed(entry.label), "type": "string"}
        Xml.SubElement(categories, "category", {"symbol": str(number), "render": "true", **named})
    return renderer


def _symbol(parent: Xml.Element, name: str, kind: str, symbol: Symbol) -> None:
    node = Xml.SubElement(
        parent, "symbol", type=kind, name=name, alpha=f"{symbol.opacity:g}", clip_to_extent="1", force_rhr="0"
    )
    classes = {"marker": "SimpleMarker", "line": "SimpleLine", "fill": "SimpleFill"}
    layer = Xml.SubElement(node, "layer", {"class": classes[kind]}, enabled="1", locked="0")
    layer.set("pass", "0")
    options = Xml.SubElement(layer, "Option", type="Map")
    for key, value in _properties(kind, symbol).items():
        Xml.SubElement(options, "Option", type="QString", name=key, value=value)
    for key, value in _properties(kind, symbol).items():  # as QGIS before 3.20 reads them
        Xml.SubElement(layer, "prop", k=key, v=value)


def _properties(kind: str, symbol: Symbol) -> dict[str, str]:
    colour, outline = rgba(symbol.colour), rgba(symbol.outline)
    if kind == "line":
        joins = {"capstyle": "round", "joinstyle": "round"}
        return {
            "line_color": colour,
            "line_style": "solid",
            "line_width": f"{symbol.size:g}",
            "line_width_unit": "MM",
        } | joins
    edge = {"outline_color": outline, "outline_style": "solid", "outline_width_unit": "MM"}
    if kind == "fill":
        return {"color": colour, "style": "solid", "outline_width": f"{symbol.size:g}", **edge}
    size = {"name": symbol.shape, "size": f"{symbol.size:g}", "size_unit": "MM", "outline_width": "0.1"}
    return {"color": colour, **size, **edge}


def rgba(colour: str) -> str:
    """A colour as QGIS writes it.

    >>> rgba("#0072b2")
    '0,114,178,255'
    """
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) + ",255"


def _labels(root: Xml.Element, column: str) -> None:
    labeling = Xml.SubElement(root, "labeling", type="simple")
    settings = Xml.SubElement(labeling, "settings", calloutType="simple")
    words = {"fieldName": _allowed(column), "isExpression": "0", "fontSize": "9", "fontSizeUnit": "Point"}
    style = Xml.SubElement(settings, "text-style", {"textColor": rgba("#1a1a1a"), **words})
    Xml.SubElement(
        style, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM", bufferColor=rgba("#ffffff")
    )


def _allowed(words: str) -> str:
    """Without what XML 1.0 has no way to write: control characters and halves of characters."""
    return "".join(
        letter
        for letter in words
        if letter in "\t\n\r" or " " <= letter < "\ud800" or "\ue000" <= letter < "\ufffe" or letter >= "\U00010000"
    )
