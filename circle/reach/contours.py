"""A field of travel times becomes areas within limits, in degrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from circle import units
from circle.antimeridian import HALF, cut
from circle.kernels.projection import to_degrees
from circle.reach.lattice import Field

if TYPE_CHECKING:
    from circle.settings import Limit

BEYOND = 2.0
"""Points out of reach count as this many times the largest limit: contours then end close to the last one in reach."""


@dataclass(frozen=True, eq=False)
class Isochrone:
    """The area within a limit, in degrees (multipolygon, maybe empty)."""

    limit: Limit
    geometry: shapely.Geometry


def contours(field: Field, limits: Sequence[Limit], *, crs: str, water: shapely.STRtree) -> list[Isochrone]:
    """Filled contours of one field at all limits, nested, water cut out.

    Parameters
    ----------
    field
        Known as far as the last limit.
    limits
        Ascending.
    crs
        Of the field's metres.
    water
        Polygons in degrees, ready to be searched.
    """
    within = field.impedance <= units.to_impedance(limits[-1].value)
    rows, columns = np.flatnonzero(within.any(axis=1)), np.flatnonzero(within.any(axis=0))
    if len(rows) == 0:
        return [Isochrone(limit, shapely.MultiPolygon()) for limit in limits]
    generator = _generator(field, slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1), limits[-1].value)
    areas: list[Isochrone] = []
    inner: shapely.Geometry = shapely.MultiPolygon()
    for limit in limits:
        area, is_whole = _area(generator.filled(-1.0, limit.value), crs)
        area, is_dry = _without(area, water)
        if not (is_whole and is_dry):  # repairs may shave a corner: keep them nested
            area = _as_multipolygon(shapely.union(area, inner) if areas else area)
        inner = area
        areas.append(Isochrone(limit, area))
    return areas


def _generator(field: Field, rows: slice, columns: slice, limit: float) -> Any:
    """What contourpy makes of some rows and columns with a rim of points out of reach."""
    import contourpy  # only for isochrones

    beyond = BEYOND * limit
    shape = rows.stop - rows.start + 2, columns.stop - columns.start + 2
    cost = np.full(shape, beyond)
    impedance = field.impedance[rows, columns]
    cost[1:-1, 1:-1] = np.where(impedance <= field.known, impedance / units.IMPEDANCE_PER_UNIT, beyond)
    x = field.x0 + field.step_m * np.arange(columns.start - 1, columns.stop + 1)
    y = field.y0 + field.step_m * np.arange(rows.start - 1, rows.stop + 1)
    grid_x, grid_y = np.empty(shape), np.empty(shape)  # np.meshgrid takes a tenth of an isochrone's time
    grid_x[:], grid_y[:] = x, y[:, None]
    # the class itself: the function before it looks for masked values, which takes longer than the contours
    return contourpy.SerialContourGenerator(
        grid_x,
        grid_y,
        cost,
        np.zeros((), np.bool_),
        corner_mask=False,
        quad_as_tri=False,
        z_interp=contourpy.ZInterp.Linear,
        line_type=contourpy.LineType.Separate,
        fill_type=contourpy.FillType.ChunkCombinedOffsetOffset,
    )


def _area(filled: Any, crs: str) -> tuple[shapely.Geometry, bool]:
    """The rings of metres as a valid geometry in degrees, and whether it is as it was drawn."""
    points, rings, parts = (chunk[0] for chunk in filled)
    if points is None:
        return shapely.MultiPolygon(), True
    lon, lat = to_degrees(crs, points[:, 0], points[:, 1])
    ends = np.array([0, len(parts) - 1])
    kind = shapely.GeometryType.MULTIPOLYGON
    drawn = shapely.from_ragged_array(kind, np.column_stack([lon, lat]), (rings, parts, ends))[0]
    if np.ptp(lon) <= HALF and shapely.is_valid(drawn):
        return drawn, True
    pieces = np.array([cut(piece) for piece in shapely.get_parts(drawn)], dtype=object)
    return shapely.union_all(shapely.make_valid(pieces, method="structure", keep_collapsed=False)), False


def _without(area: shapely.Geometry, water: shapely.STRtree) -> tuple[shapely.Geometry, bool]:
    """The area without the water in it, and whether there was none."""
    wet = water.geometries[water.query(area, predicate="intersects")]
    return (shapely.difference(area, shapely.union_all(wet)), False) if len(wet) else (area, True)


def _as_multipolygon(area: shapely.Geometry) -> shapely.Geometry:
    parts = [p for p in shapely.get_parts(area) if p.geom_type == "Polygon" and p.area > 0]
    return shapely.MultiPolygon(parts)
