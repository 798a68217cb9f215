"""GeoJSON by RFC 7946: WGS84 in seven decimals, outer rings counter-clockwise, cut at 180°, no NaN, the same bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from circle.antimeridian import cut
from circle.lazily import pd
from circle.model import Geometries

DECIMALS = 7
"""About a centimetre; RFC 7946 (11.2) advises against more."""
NUMBER_DECIMALS = 6


def feature_collection(properties: pd.DataFrame, geometries: Geometries | Sequence[BaseGeometry | None]) -> str:
    """The text of a FeatureCollection, one feature per line.

    Parameters
    ----------
    properties
        n rows; numbers that are not finite and missing values become ``null``.
    geometries
        n shapely geometries in WGS84 longitude and latitude, or None.

    Returns
    -------
    str
        Ends with a line break.

    Examples
    --------
    A square drawn clockwise is turned:

    >>> square = shapely.Polygon([(0, 0), (0, 1), (1, 1), (1, 0)])
    >>> print(feature_collection(pd.DataFrame({"people": [np.inf]}), [square]))
    {"type":"FeatureCollection","features":[
    {"type":"Feature","properties":{"people":null},"geometry":{"type":"Polygon","coordinates":[[[0.0,0.0],[1.0,0.0],[1.0,1.0],[0.0,1.0],[0.0,0.0]]]}}
    ]}
    <BLANKLINE>
    """
    names = [str(name) for name in properties.columns]
    columns = [[plain(value) for value in properties[name]] for name in properties.columns]
    rows: Iterator[tuple[Any, ...]] = zip(*columns, strict=True) if columns else iter([()] * len(properties))
    lines = [
        to_json({"type": "Feature", "properties": dict(zip(names, row, strict=True)), "geometry": shape})
        for row, shape in zip(rows, _shapes(geometries), strict=True)
    ]
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


def to_json(value: object) -> str:
    """Compact JSON in UTF-8, keys in the order given; refuses NaN."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def plain(value: Any) -> Any:
    """A value as JSON has it: numpy unwrapped, six decimals, null for what is missing, NaN or infinite.

    Examples
    --------
    >>> plain(np.float64("inf")), plain(np.int64(3)), plain(pd.NA), plain(0.1 + 0.2), plain("031")
    (None, 3, None, 0.3, '031')
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA:
        return None
    if isinstance(value, float):
        return round(value, NUMBER_DECIMALS) if math.isfinite(value) else None
    return value


def tidy(geometry: BaseGeometry | None, decimals: int = DECIMALS) -> BaseGeometry | None:
    """A geometry in two dimensions, valid on the grid of `decimals`, rings oriented; None where nothing is left.

    A line of no length stays one, of two equal positions: RFC 7946 (3.1.4) asks for two, and many readers want a shape.
    """
    if geometry is None or geometry.is_empty:
        return None
    rounded = shapely.transform(geometry, lambda positions: np.round(positions, decimals))
    if rounded.is_valid:
        return _oriented(rounded)
    if isinstance(rounded, shapely.LineString):  # only where all of its positions are one
        return shapely.LineString(shapely.get_coordinates(rounded)[:2])
    with np.errstate(all="ignore"):  # GEOS divides by the zero areas that it is about to remove
        repaired = _same_kind(shapely.make_valid(rounded), int(shapely.get_dimensions(geometry)))
        return _oriented(shapely.set_precision(repaired, 10.0**-decimals))


def _same_kind(geometry: BaseGeometry, dimensions: int) -> BaseGeometry:
    """Without the stray lines and points that a repair leaves beside an area."""
    parts = shapely.get_parts(geometry)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == dimensions])


def _oriented(geometry: BaseGeometry) -> BaseGeometry | None:
    if geometry.is_empty:
        return None
    if isinstance(geometry, shapely.Polygon):
        return orient(geometry)
    if isinstance(geometry, shapely.MultiPolygon):
        return shapely.MultiPolygon([orient(part) for part in geometry.geoms])
    return geometry


def _shapes(geometries: Geometries | Sequence[BaseGeometry | None]) -> Iterator[dict[str, Any] | None]:
    """The GeoJSON object of each geometry. Rounding again only takes away the last bits that the grid left."""
    for geometry in geometries:
        clean = tidy(None if geometry is None else cut(geometry))
        yield None if clean is None else {"type": clean.geom_type, "coordinates": _coordinates(clean)}


def _coordinates(geometry: BaseGeometry) -> Any:
    if isinstance(geometry, shapely.Polygon):
        return [_positions(ring) for ring in (geometry.exterior, *geometry.interiors)]
    if hasattr(geometry, "geoms"):
        return [_coordinates(part) for part in geometry.geoms]
    positions = _positions(geometry)
    return positions[0] if isinstance(geometry, shapely.Point) else positions


def _positions(geometry: BaseGeometry) -> list[list[float]]:
    rounded: list[list[float]] = (np.round(shapely.get_coordinates(geometry), DECIMALS) + 0.0).tolist()
    return rounded
