"""Isochrones: level sets of the very same travel time, legs and candidates included, for people to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from circle import units
from circle.antimeridian import cut
from circle.kernels.projection import to_degrees
from circle.model import Floats, Geometries, Ints
from circle.reach.engine import Engine
from circle.reach.nearest import Places, Sites, join_places, nearest_facility
from circle.reach.pairs import pairs_within_limit

if TYPE_CHECKING:
    from circle.settings import Limit

FINEST_M, COARSEST_M = 25.0, 100.0
GRID_POINTS = 300_000
CELLS = 50_000_000
STRAY_M = 20_000.0
BEYOND = 2.0
"""Places out of reach count as this many times the main limit: contours then end close to the last place in reach."""


@dataclass(frozen=True, eq=False)
class Lattice:
    """A regular grid over all that may be reached: `rows`, `columns` of the joined points; x0, y0 of cell (0, 0)."""

    x0: float
    y0: float
    step_m: float
    shape: tuple[int, int]
    row: Ints
    column: Ints
    places: Places


@dataclass(frozen=True, eq=False)
class Isochrone:
    """The area within a limit, in degrees (multipolygon, maybe empty)."""

    limit: Limit
    geometry: shapely.Geometry


def lay_lattice(engine: Engine, sites: Sequence[Places], reach_m: float, step_m: float | None) -> Lattice:
    """Grid points within `reach_m` of any site, joined to the network.

    Parameters
    ----------
    engine
        The network.
    sites
        Entrances.
    reach_m
        The farthest that anyone gets within the main limit, in straight metres.
    step_m
        Grid step; None: between 25 and 100 m, so that about 300,000 points suffice.
    """
    x, y = np.concatenate([s.x for s in sites]), np.concatenate([s.y for s in sites])
    x, y = _beside_the_network(engine, x, y, reach_m)
    if len(x) == 0:
        nothing = np.empty(0)
        empty = np.empty(0, np.int64)
        return Lattice(0.0, 0.0, COARSEST_M, (1, 1), empty, empty, join_places(engine, nothing, nothing))
    area_m2 = (np.ptp(x) + 2 * reach_m) * (np.ptp(y) + 2 * reach_m)
    step = max(step_m or _chosen_step(x, y, reach_m), float(np.sqrt(area_m2 / CELLS)))
    x0, y0 = float(x.min()) - reach_m - 2 * step, float(y.min()) - reach_m - 2 * step
    shape = (int((y.max() + reach_m - y0) / step) + 3, int((x.max() + reach_m - x0) / step) + 3)
    # a cell's diagonal more than the reach, never less
    at = np.rint((y - y0) / step).astype(np.int64), np.rint((x - x0) / step).astype(np.int64)
    row, column = _near_cells(*at, reach_m / step + 1.5, shape)
    lon, lat = to_degrees(engine.network.crs, np.asarray(x0 + column * step), np.asarray(y0 + row * step))
    places = join_places(engine, lon, lat, farthest_m=reach_m / units.CIRCUITY, strict=True)
    return Lattice(x0, y0, step, shape, row, column, places)


def _beside_the_network(engine: Engine, x: Floats, y: Floats, reach_m: float) -> tuple[Floats, Floats]:
    """The entrances not far from any street: one on the other side of the world must not stretch the grid to there."""
    net, reach_m = engine.network, reach_m + STRAY_M
    near = np.isfinite(x)
    if len(net.vertex_x):
        near &= (x > net.vertex_x.min() - reach_m) & (x < net.vertex_x.max() + reach_m)
        near &= (y > net.vertex_y.min() - reach_m) & (y < net.vertex_y.max() + reach_m)
    return x[near], y[near]


def _near_cells(row: Ints, column: Ints, radius: float, shape: tuple[int, int]) -> tuple[Ints, Ints]:
    """Cells of a grid at most `radius` cells from any of these, by row: every disc as runs that begin and end."""
    row, column = np.unique(np.column_stack([row, column]), axis=0).T
    begins = np.zeros((shape[0], shape[1] + 1), np.int32)
    for off in range(-int(radius), int(radius) + 1):
        half = int(np.sqrt(radius * radius - off * off))
        inside = (row + off >= 0) & (row + off < shape[0])
        np.add.at(begins, (row[inside] + off, np.maximum(column[inside] - half, 0)), 1)
        np.add.at(begins, (row[inside] + off, np.minimum(column[inside] + half + 1, shape[1])), -1)
    near_row, near_column = np.nonzero(np.cumsum(begins[:, :-1], axis=1, out=begins[:, :-1]))
    return near_row, near_column


def _chosen_step(x: Floats, y: Floats, reach_m: float) -> float:
    """A step that keeps the number of points bounded: discs counted on a grid of their own size."""
    cells = np.unique(np.column_stack([x // reach_m, y // reach_m]), axis=0)
    area_m2 = min(len(x) * np.pi, len(cells) * 4.0) * reach_m**2
    return float(np.clip(5.0 * np.ceil(np.sqrt(area_m2 / GRID_POINTS) / 5.0), FINEST_M, COARSEST_M))


def service_isochrones(
    engine: Engine, lattice: Lattice, sites: Sites, limits: Sequence[Limit], water: Geometries
) -> list[Isochrone]:
    """One area per limit, nested: from where people reach any facility of the service within it."""
    cost = nearest_facility(engine, lattice.places, sites).cost
    return _contours(engine, lattice, cost, limits, water)


def facility_isochrones(
    engine: Engine, lattice: Lattice, sites: Sites, limits: Sequence[Limit], water: Geometries
) -> Iterator[tuple[int, list[Isochrone]]]:
    """One area per facility and limit."""
    entrances = sites.places
    # two grid steps more than the limit, so that contours pass between a point in reach and one truly beyond
    margin = 2 * lattice.step_m * units.CIRCUITY / engine.network.leg_speed_m_s
    pairs = pairs_within_limit(engine, lattice.places, entrances, limits[-1].value + margin)
    facility = sites.facility[pairs.site]
    order = np.argsort(facility, kind="stable")
    for number in dict.fromkeys(sites.facility.tolist()):
        mine = order[slice(*np.searchsorted(facility[order], [number, number + 1]))]
        cost = np.full(len(lattice.row), np.inf)
        np.minimum.at(cost, pairs.place[mine], units.from_impedance(pairs.impedance[mine]))
        yield number, _contours(engine, lattice, cost, limits, water)


def _contours(
    engine: Engine, lattice: Lattice, cost: Floats, limits: Sequence[Limit], water: Geometries
) -> list[Isochrone]:
    """Filled contours of one field at all limits, in degrees, water cut out."""
    import contourpy  # only for isochrones

    within = np.flatnonzero(cost <= limits[-1].value)
    if len(within) == 0:
        return [Isochrone(limit, shapely.MultiPolygon()) for limit in limits]
    low_row, low_column = lattice.row[within].min() - 1, lattice.column[within].min() - 1
    high_row, high_column = lattice.row[within].max() + 2, lattice.column[within].max() + 2
    beyond = BEYOND * limits[-1].value
    field = np.full(lattice.shape, beyond)
    field[lattice.row, lattice.column] = np.minimum(cost, beyond)
    window = field[low_row:high_row, low_column:high_column]
    x = lattice.x0 + np.arange(low_column, high_column) * lattice.step_m
    y = lattice.y0 + np.arange(low_row, high_row) * lattice.step_m
    generator = contourpy.contour_generator(x, y, window, fill_type=contourpy.FillType.OuterOffset)
    areas: list[Isochrone] = []
    inner: shapely.Geometry = shapely.MultiPolygon()
    for limit in limits:
        area = _polygons(generator.filled(-1.0, limit.value), engine.network.crs)
        area = shapely.union(_without(area, water), inner)  # repairs may shave a corner: keep them nested
        inner = area
        areas.append(Isochrone(limit, _as_multipolygon(area)))
    return areas


def _polygons(filled: Any, crs: str) -> shapely.Geometry:
    """Outer rings with their holes (contourpy's ``OuterOffset``) as one valid geometry in degrees."""
    shapes = []
    for points, offset in zip(*filled, strict=True):
        lon, lat = to_degrees(crs, points[:, 0], points[:, 1])
        rings = [np.column_stack([lon[a:b], lat[a:b]]) for a, b in pairwise(offset)]
        shapes.append(cut(shapely.Polygon(rings[0], rings[1:])))
    return shapely.union_all(shapely.make_valid(np.array(shapes, dtype=object)))


def _without(area: shapely.Geometry, water: Geometries) -> shapely.Geometry:
    """The area without the water in it."""
    wet = water[shapely.STRtree(water).query(area, predicate="intersects")] if len(water) else water
    return shapely.difference(area, shapely.union_all(wet)) if len(wet) else area


def _as_multipolygon(area: shapely.Geometry) -> shapely.Geometry:
    parts = [p for p in shapely.get_parts(area) if p.geom_type == "Polygon" and p.area > 0]
    return shapely.MultiPolygon(parts)


def people_on_the_wrong_side(
    area: shapely.Geometry, lon: Floats, lat: Floats, within: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Places inside the area though not within the limit, and outside it though within."""
    shapely.prepare(area)
    inside = shapely.contains_xy(area, lon, lat)
    return inside & ~within, ~inside & within
