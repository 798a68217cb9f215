"""What no access leg crosses: lines and rings put together, and barriers from a line or polygon layer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import shapely

from circle.errors import Findings
from circle.lazily import gpd
from circle.load.columns import shape_kinds
from circle.load.local import area_m2
from circle.load.located import Located
from circle.load.streets import offsets
from circle.load.vector import areas_of, read_vector
from circle.model import BARRIER_KINDS, Barriers, Geometries, Int8s
from circle.reference import table

WATER = BARRIER_KINDS.index("water")
_NO_BARRIER = -1
_CLASS_COLUMNS = ("fclass", "class")
"""Columns whose value may be that of any tag."""


class BarrierLine(NamedTuple):
    """One line: its vertices as pairs of little-endian doubles, its kind, and whether it bounds water on its right."""

    vertices: bytes
    kind: int
    one_sided: bool = False


def build_barriers(lines: Sequence[BarrierLine], areas: Geometries) -> Barriers:
    """Barriers of lines and of the polygons of water that are large enough to be walked round.

    Parameters
    ----------
    areas
        (k,) polygons, WGS84.
    """
    water = areas[area_m2(areas) >= table("osm_barriers")["minimum"]["area_m2"]]
    rings = [BarrierLine(shapely.get_coordinates(ring).tobytes(), WATER, True) for ring in water_rings(water)]
    every = [*lines, *rings]
    lonlat = np.frombuffer(b"".join(line.vertices for line in every), dtype="<f8").reshape(-1, 2)
    return Barriers(
        lon=lonlat[:, 0].copy(),
        lat=lonlat[:, 1].copy(),
        line_offset=offsets(np.array([len(line.vertices) // 16 for line in every], dtype=np.int64)),
        kind=np.array([line.kind for line in every], dtype=np.int8),
        one_sided=np.array([line.one_sided for line in every], dtype=np.bool_),
        water=water,
    )


def water_rings(polygons: Geometries) -> Geometries:
    """The rings of polygons of water, turned so that the water lies on the right: outer clockwise, inner not.

    Examples
    --------
    >>> (ring,) = water_rings(shapely.from_wkt(["POLYGON ((0 0, 1 0, 1 1, 0 0))"]))
    >>> shapely.get_coordinates(ring).tolist()
    [[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 0.0]]
    """
    rings, owner = shapely.get_rings(polygons, return_index=True)
    outer = np.concatenate([[True], owner[1:] != owner[:-1]]) if len(owner) else np.zeros(0, dtype=np.bool_)
    wrong = shapely.is_ccw(rings) == outer
    turned = np.asarray(rings, dtype=object)
    turned[wrong] = shapely.reverse(turned[wrong])
    return turned


def read_barrier_layer(
    path: Path,
    layer: str | None,
    findings: Findings,
    *,
    crs: str | None = None,
    kind: Literal["water", "railway", "motorway"] | None = None,
) -> Barriers | None:
    """Read lines and polygons that no access leg crosses.

    Parameters
    ----------
    layer, crs
        As in `circle.load.road_layers.read_road_layer`.
    kind
        Of every feature; default: told by columns named like OSM tags or ``fclass``, which also leave out what is no
        barrier (streams); a layer without such columns is water.

    Returns
    -------
    Barriers | None
        None after recording an error. Polygons of water become one-sided rings, others two-sided outlines.
    """
    at = Located(findings, str(path), layer)
    frame = read_vector(path, at, layer=layer, crs=crs)
    return None if frame is None else layer_barriers(frame, at, kind=kind)


def layer_barriers(
    frame: gpd.GeoDataFrame, at: Located, *, kind: Literal["water", "railway", "motorway"] | None = None
) -> Barriers | None:
    """As `read_barrier_layer`, of a layer in WGS84."""
    kinds = _kinds(frame) if kind is None else np.full(len(frame), BARRIER_KINDS.index(kind), dtype=np.int8)
    shapes = np.asarray(frame.geometry.array, dtype=object)
    if not (shapely.get_dimensions(shapes) >= 1).any():
        at.error("barriers.no_shapes", found=shape_kinds(frame))
        return None
    shapes, kinds = shapes[kinds != _NO_BARRIER], kinds[kinds != _NO_BARRIER]
    areal = shapely.get_dimensions(shapes) == 2
    broken = areal & ~shapely.is_valid(shapes)
    shapes[broken] = [areas_of(shape) for shape in shapely.make_valid(shapes[broken])]
    lake = areal & (kinds == WATER)
    outlines = np.where(areal, shapely.boundary(shapes), shapes)
    lines, owner = shapely.get_parts(outlines[~lake], return_index=True)
    drawn = [
        BarrierLine(shapely.get_coordinates(line).tobytes(), int(number))
        for line, number in zip(lines, kinds[~lake][owner], strict=True)
        if shapely.get_dimensions(line) == 1
    ]
    return build_barriers(drawn, shapely.get_parts(shapes[lake]))


def _kinds(frame: gpd.GeoDataFrame) -> Int8s:
    """The kind of each row as its columns tell it, -1: no barrier; all are water where no column tells anything."""
    rules = table("osm_barriers")
    columns = {str(name).lower(): frame[name].astype(object) for name in frame.columns if name != frame.geometry.name}
    general = [columns[name] for name in _CLASS_COLUMNS if name in columns]
    kinds = np.full(len(frame), _NO_BARRIER, dtype=np.int8)

    def mark(tag: str, values: list[str], number: int) -> None:
        for column in [columns[tag]] if tag in columns else general:
            kinds[np.asarray(column.isin(values))] = number

    for tag, values in rules["areas"].items():
        mark(tag, values, WATER)
    for row in rules["lines"]:
        mark(row["tag"], row["values"], BARRIER_KINDS.index(row["kind"]))
    return kinds if (kinds != _NO_BARRIER).any() else np.full(len(frame), WATER, dtype=np.int8)


def joined_barriers(parts: Sequence[Barriers]) -> Barriers:
    """Barriers of several sources as one."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        empty = np.empty(0, dtype=np.float64)
        kind, sided = np.empty(0, dtype=np.int8), np.empty(0, dtype=bool)
        return Barriers(empty, empty, np.zeros(1, dtype=np.int64), kind, sided, np.empty(0, dtype=object))
    lengths = np.concatenate([np.diff(part.line_offset) for part in parts])
    return Barriers(
        lon=np.concatenate([part.lon for part in parts]),
        lat=np.concatenate([part.lat for part in parts]),
        line_offset=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        kind=np.concatenate([part.kind for part in parts]),
        one_sided=np.concatenate([part.one_sided for part in parts]),
        water=np.concatenate([part.water for part in parts]),
    )
