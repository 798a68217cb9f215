"""RFC 7946, checked without a library that writes or reads GeoJSON: the text, its members, its rings, its decimals.

`faults` names every rule that is broken, by its section; shapely is asked only whether areas cross themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import shapely

DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
MOST_DECIMALS = 7


class NotJsonError(ValueError):
    """NaN and infinities, which JSON has not."""


def _refuse(token: str) -> None:
    raise NotJsonError(token)


def faults(content: bytes) -> list[str]:
    """What is wrong with a file."""
    if content.startswith(b"\xef\xbb\xbf"):
        return ["RFC 8259, 8.1: byte order mark"]
    try:
        document = json.loads(content.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, UnicodeDecodeError) as error:
        return [f"RFC 8259: {error}"]
    if (
        not isinstance(document, dict)
        or document.get("type") != "FeatureCollection"
        or not isinstance(document.get("features"), list)
    ):
        return ["3.3: no FeatureCollection"]
    found = ["4: a member crs"] if _has_crs(document) else []
    found += [
        f"7.1: a collection with {name}"
        for name in ("coordinates", "geometries", "geometry", "properties")
        if name in document
    ]
    for number, feature in enumerate(document["features"], 1):
        found += [f"feature {number}: {fault}" for fault in _feature(feature)]
    return found


def file_faults(path: Path) -> list[str]:
    return faults(path.read_bytes())


def _has_crs(document: dict[str, Any]) -> bool:
    features = [feature for feature in document["features"] if isinstance(feature, dict)]
    holders = [document, *features, *(feature.get("geometry") for feature in features)]
    return any(isinstance(holder, dict) and "crs" in holder for holder in holders)


def _feature(feature: Any) -> Iterator[str]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        yield "3.2: no Feature"
        return
    if not {"geometry", "properties"} <= set(feature):
        yield "3.2: geometry or properties missing"
        return
    if feature["properties"] is not None and not isinstance(feature["properties"], dict):
        yield "3.2: properties are no object"
    if {"coordinates", "geometries", "features"} & set(feature):
        yield "7.1: members of another type"
    if feature["geometry"] is not None:
        yield from _geometry(feature["geometry"])


def _geometry(geometry: Any) -> Iterator[str]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in DEPTH or not isinstance(geometry.get("coordinates"), list):
        yield f"3.1: no geometry: {kind}"
        return
    if not geometry["coordinates"]:
        yield "3.1: an empty geometry, which should be null"
        return
    lists = _lists(geometry["coordinates"], DEPTH[kind])
    positions = [position for part in lists for position in part]
    yield from dict.fromkeys(fault for position in positions for fault in _position(position))
    if kind.endswith("LineString") and any(len(line) < 2 for line in lists):
        yield "3.1.4: a line of one position"
    if kind != "MultiPoint" and any(abs(a[0] - b[0]) > 180 for part in lists for a, b in pairwise(part)):
        yield "3.1.9: crosses the antimeridian uncut"
    if kind.endswith("Polygon"):
        broken = list(_rings([geometry["coordinates"]] if kind == "Polygon" else geometry["coordinates"]))
        yield from broken
        if not broken and not shapely.from_geojson(json.dumps(geometry, default=float)).is_valid:
            yield "not simple: crosses itself"


def _lists(coordinates: list[Any], depth: int) -> list[list[Any]]:
    """The lists of positions, however deep they lie."""
    if depth == 0:
        return [[coordinates]]
    return [coordinates] if depth == 1 else [part for inner in coordinates for part in _lists(inner, depth - 1)]


def _position(position: Any) -> Iterator[str]:
    if (
        not isinstance(position, list)
        or len(position) not in (2, 3)
        or not all(isinstance(n, (int, Decimal)) for n in position)
    ):
        yield f"3.1.1: no position: {position}"
        return
    if not (-180 <= position[0] <= 180 and -90 <= position[1] <= 90):
        yield f"4: off the globe: {position}"
    if any(isinstance(n, Decimal) and -int(n.as_tuple().exponent) > MOST_DECIMALS for n in position):
        yield f"11.2: more than {MOST_DECIMALS} decimals"


def _rings(polygons: list[list[list[Any]]]) -> Iterator[str]:
    for rings in polygons:
        if not rings:
            yield "3.1.6: a polygon without rings"
        for number, ring in enumerate(rings):
            if len(ring) < 4 or ring[0] != ring[-1]:
                yield "3.1.6: a ring that is not closed"
            elif (_twice_area(ring) > 0) != (number == 0):
                yield f"3.1.6: a ring against the right-hand rule ({'hole' if number else 'outer'})"


def _twice_area(ring: list[Any]) -> Decimal:
    """By the shoelace formula, exactly; positive where the ring goes counter-clockwise."""
    return sum((a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)), Decimal(0))
