"""The map's background out of the data themselves: roads, water, railways, place names, in as few bytes as will do.

Shapes travel as whole numbers: each part is ``[lon, lat, dlon, dlat, …]`` in units of 1e-5 degrees (about a metre),
every vertex as the step from the one before.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from circle.export.sea import sea_faces, shores_in
from circle.model import BARRIER_KINDS, Analysis, Barriers, Bools, Floats, Geometries, Ints, NetworkData, Settlements
from circle.reference import table

SCALE = 1e5
VERTEX_BUDGET = 120_000
"""Road vertices on the map: about 0.8 MB, and still quick to draw."""
TOLERANCES = (5e-5, 1e-4, 2e-4)
"""Degrees by which a drawn line may be off; the first that fits the budget."""
PLACES = 5_000
"""That the search of the map knows; the 400 most important are written on it."""

Box = tuple[float, float, float, float]


def encode_lines(lines: Geometries) -> list[list[int]]:
    """Line strings as steps.

    Examples
    --------
    >>> encode_lines(np.array([shapely.LineString([(1, 2), (1.00001, 2), (1.00001, 1.99997)])]))
    [[100000, 200000, 1, 0, 0, -3]]
    """
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    whole = np.rint(coordinates * SCALE).astype(np.int64)
    steps = np.diff(whole, axis=0, prepend=0)
    firsts = np.flatnonzero(np.diff(owner, prepend=-1))
    steps[firsts] = whole[firsts]
    flat, ends = steps.ravel().tolist(), (2 * np.append(firsts, len(steps))).tolist()
    return [flat[begin:end] for begin, end in pairwise(ends)]


def encode_polygons(geometries: Iterable[BaseGeometry | None], tolerance: float = TOLERANCES[0]) -> list[Any]:
    """The polygons in `geometries`, simplified: a list of polygons, each a list of rings of steps."""
    shapes = np.array([shape for shape in geometries if shape is not None and not shape.is_empty], dtype=object)
    return [polygon for polygons in encode_each(shapes, tolerance) for polygon in polygons]


def encode_each(shapes: Geometries, tolerance: float = TOLERANCES[0]) -> list[list[Any]]:
    """The polygons of each shape by themselves, as `encode_polygons` has them."""
    parts, owner = shapely.get_parts(shapely.simplify(shapes, tolerance), return_index=True)
    area = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, owner = parts[area], owner[area]
    rings, part = shapely.get_rings(parts, return_index=True)
    steps = encode_lines(rings)
    first = np.searchsorted(part, np.arange(len(parts) + 1)).tolist()
    polygons = [steps[begin:end] for begin, end in pairwise(first)]
    first = np.searchsorted(owner, np.arange(len(shapes) + 1)).tolist()
    return [polygons[begin:end] for begin, end in pairwise(first)]


def background(analysis: Analysis, box: Box) -> dict[str, Any]:
    """Roads by rank (heaviest first), water, railways and motorways within `box` (west, south, east, north)."""
    barriers = analysis.region.barriers
    names = {"water": "water_lines"}
    lines = {names.get(kind, kind): _barrier_lines(barriers, number) for number, kind in enumerate(BARRIER_KINDS)}
    water = barriers.water[_touching(barriers.water, box)]
    return {
        "roads": [encode_lines(rank) for rank in drawn_roads(analysis.network, box)],
        "sea": sea(analysis, box),
        "water": encode_polygons(shapely.clip_by_rect(water, *box) if len(water) else [], TOLERANCES[1]),
        **{kind: encode_lines(_simple(found[_touching(found, box)], TOLERANCES[1])) for kind, found in lines.items()},
    }


def sea(analysis: Analysis, box: Box) -> list[Any]:
    """The sea in `box` and as far again as that is wide or high: a screen is wider than a region."""
    west, south, east, north = box
    around = max(east - west, north - south)
    wide = (west - around, max(south - around, -90.0), east + around, min(north + around, 90.0))
    junctions = np.column_stack([analysis.network.node_lon, analysis.network.node_lat])
    return encode_polygons(sea_faces(shores_in(analysis.region.barriers, wide, TOLERANCES[0]), wide, junctions))


def places(settlements: Settlements | None, box: Box) -> list[list[Any]]:
    """Named places within `box`, the most important first: ``[lon, lat, name, rank]``."""
    if settlements is None or settlements.frame.empty:
        return []
    frame = settlements.frame[settlements.frame["name"].notna()]
    order = {place: rank for rank, place in enumerate(table("basemap")["places"]["order"])}
    rank = frame["place"].map(order).fillna(len(order)).to_numpy(int)
    lon, lat = frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()
    inside = (lon >= box[0]) & (lon <= box[2]) & (lat >= box[1]) & (lat <= box[3])
    chosen = np.argsort(np.where(inside, rank, len(order) + 1), kind="stable")[: min(PLACES, int(inside.sum()))]
    names = frame["name"].astype(str).to_numpy()
    return [[round(lon[i], 5), round(lat[i], 5), names[i], int(rank[i])] for i in chosen.tolist()]


def drawn_roads(network: NetworkData, box: Box) -> list[Geometries]:
    """Roads by rank, merged and simplified to the budget; the thinnest go first where that is not enough."""
    ranks = _road_ranks(network.classes)[network.edge_class]
    drawable = np.diff(network.segment_offset) >= 1
    edges = [np.flatnonzero(drawable & (ranks == rank)) for rank in range(3)]
    seen = [own[_edges_touching(network, own, box)] for own in edges]
    tolerances: tuple[float, ...] = TOLERANCES
    while len(seen) > 1 and sum(_fewest_vertices(network, own) for own in seen) > VERTEX_BUDGET:
        seen.pop()  # before a line of it is made: in a large county they are half of the memory of a run
        tolerances = TOLERANCES[-1:]
    merged = [_merge(_edge_lines(network, own)) for own in seen]
    for tolerance in tolerances:
        drawn = [_simple(lines, tolerance) for lines in merged]
        if sum(_vertices(lines) for lines in drawn) <= VERTEX_BUDGET:
            return drawn
    while len(drawn) > 1 and sum(_vertices(lines) for lines in drawn) > VERTEX_BUDGET:
        drawn.pop()
    return drawn


def _edges_touching(network: NetworkData, edges: Ints, box: Box) -> Bools:
    """Whose bounds meet `box`, as `_touching` of their lines would tell."""
    if not len(edges):
        return np.zeros(0, np.bool_)
    first = network.segment_offset[:-1] + np.arange(len(network.edge_from))
    west, south = (np.minimum.reduceat(axis, first)[edges] for axis in (network.vertex_lon, network.vertex_lat))
    east, north = (np.maximum.reduceat(axis, first)[edges] for axis in (network.vertex_lon, network.vertex_lat))
    return (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])


def _fewest_vertices(network: NetworkData, edges: Ints) -> int:
    """What no simplification gets below: two vertices a line, and a line ends wherever other than two edges meet."""
    if int((np.diff(network.segment_offset)[edges] + 1).sum()) <= VERTEX_BUDGET:
        return 0
    first = network.segment_offset[edges] + edges
    ends = np.concatenate([first, first + np.diff(network.segment_offset)[edges]])
    _, met = np.unique(network.vertex_lon[ends] + 1j * network.vertex_lat[ends], return_counts=True)
    return int(met[met != 2].sum())


def _edge_lines(network: NetworkData, edges: Ints) -> Geometries:
    if not len(edges):
        return np.empty(0, dtype=object)
    vertices = np.diff(network.segment_offset)[edges] + 1
    owner = np.repeat(np.arange(len(edges)), vertices)
    first = network.segment_offset[edges] + edges
    at = np.repeat(first - (np.cumsum(vertices) - vertices), vertices) + np.arange(len(owner))
    return np.asarray(shapely.linestrings(network.vertex_lon[at], network.vertex_lat[at], indices=owner))


def _road_ranks(classes: tuple[str, ...]) -> Floats:
    heavier = table("basemap")["roads"]
    return np.array([0 if c in heavier["major"] else 1 if c in heavier["middle"] else 2 for c in classes], dtype=float)


def _merge(lines: Geometries) -> Geometries:
    if not len(lines):
        return lines
    return np.asarray(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines))))


def _simple(lines: Geometries, tolerance: float) -> Geometries:
    return np.asarray(shapely.simplify(lines, tolerance)) if len(lines) else lines


def _vertices(lines: Geometries) -> int:
    return int(shapely.get_num_coordinates(lines).sum()) if len(lines) else 0


def _barrier_lines(barriers: Barriers, kind: int) -> Geometries:
    lengths = np.diff(barriers.line_offset)
    wanted = np.flatnonzero((barriers.kind == kind) & (lengths >= 2))
    lines = [
        shapely.linestrings(barriers.lon[start:end], barriers.lat[start:end])
        for start, end in zip(barriers.line_offset[wanted], barriers.line_offset[wanted + 1], strict=True)
    ]
    filled = np.empty(len(lines), dtype=object)
    filled[:] = lines
    return filled


def _touching(shapes: Geometries, box: Box) -> Any:
    """Whose bounds meet `box`; none of nothing."""
    if not len(shapes):
        return np.zeros(0, dtype=np.bool_)
    west, south, east, north = shapely.bounds(shapes).T
    return (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])
