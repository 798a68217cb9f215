"""What counties of a province are drawn and named with: kept as tables, and cut out for one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely

from circle.batch.tables import Shapes, Table
from circle.batch.where import Where, of_points
from circle.kernels.heights import grid_position
from circle.kernels.nearest_point import nearest_points
from circle.kernels.projection import to_crs, to_degrees, to_metres
from circle.model import (
    Barriers,
    Bools,
    CountRaster,
    DistrictCounts,
    Districts,
    Elevation,
    Extent,
    Facilities,
    Floats,
    Int8s,
    Ints,
    Population,
    RegionData,
    Settlements,
    Streets,
)
from circle.network import Box

WGS84 = "EPSG:4326"


@dataclass(frozen=True, eq=False)
class KeptFacilities:
    """Facilities as a table; the entrances of facility i are ``first[i]:first[i + 1]`` of `lon`, `lat`, `outline`."""

    table: Table
    first: Ints
    lon: Floats
    lat: Floats
    outline: Bools


@dataclass(frozen=True, eq=False)
class KeptBarriers:
    """Barriers to be drawn: lines as `Barriers` has them, water, and where both lie."""

    lon: Floats
    lat: Floats
    line_offset: Ints
    kind: Int8s
    one_sided: Bools
    lines: Where
    water: Shapes
    waters: Where


@dataclass(frozen=True, eq=False)
class KeptSettlements:
    """Named places, and their metres."""

    table: Table
    x: Floats
    y: Floats
    where: Where


@dataclass(frozen=True, eq=False)
class Layers:
    """What a county is drawn and named with.

    Parameters
    ----------
    counties, census
        As in `circle.model.Districts`.
    facilities, barriers, settlements, elevation, spread, population_kind
        As in `circle.model.RegionData`.
    pattern
        The grid on which people were counted, without the people; zones are drawn on its cells.
    extent
        By what the extent of the data was told.
    """

    counties: Table
    census: str | None
    facilities: KeptFacilities
    barriers: KeptBarriers
    settlements: KeptSettlements | None
    pattern: CountRaster
    elevation: Elevation | None
    extent: str
    spread: str | None
    population_kind: str | None

    @property
    def county_count(self) -> int:
        """How many counties have an area."""
        return self.counties.rows


LAYER_RECORDS = (Layers, KeptFacilities, KeptBarriers, KeptSettlements, Where, CountRaster, Elevation)


def layers_of(data: RegionData, crs: str) -> Layers:
    """The layers of a region with districts, as they are kept."""
    assert data.districts is not None  # without counties there is nothing to run one by one
    facilities = data.facilities
    count = len(facilities.columns["facility_id"])
    return Layers(
        Table.of(data.districts.frame),
        data.districts.census,
        KeptFacilities(
            Table.of(facilities.table),
            np.searchsorted(facilities.entrance_facility, np.arange(count + 1)).astype(np.int64),
            facilities.entrance_lon,
            facilities.entrance_lat,
            facilities.outline,
        ),
        _kept_barriers(data.barriers, crs),
        _kept_settlements(data.settlements, crs),
        without_people(data.population),
        data.elevation,
        data.extent.source,
        data.spread,
        data.population_kind,
    )


def _kept_barriers(barriers: Barriers, crs: str) -> KeptBarriers:
    first = barriers.line_offset[:-1]
    x, y = to_metres(crs, barriers.lon, barriers.lat)
    some = len(first) > 0
    bounds = [least.reduceat(axis, first) if some else axis for least in (np.minimum, np.maximum) for axis in (x, y)]
    west, south, east, north = shapely.bounds(barriers.water).reshape(-1, 4).T
    corners = [to_metres(crs, lon, lat) for lon in (west, east) for lat in (south, north)]
    wide, high = (np.stack([corner[axis] for corner in corners]) for axis in (0, 1))
    return KeptBarriers(
        barriers.lon,
        barriers.lat,
        barriers.line_offset,
        barriers.kind,
        barriers.one_sided,
        Where.of(*bounds),
        Shapes.of(barriers.water),
        Where.of(wide.min(axis=0), high.min(axis=0), wide.max(axis=0), high.max(axis=0)),
    )


def _kept_settlements(settlements: Settlements | None, crs: str) -> KeptSettlements | None:
    if settlements is None or settlements.frame.empty:
        return None
    x, y = to_metres(crs, *shapely.get_coordinates(settlements.frame.geometry.to_numpy()).T)
    return KeptSettlements(Table.of(settlements.frame), x, y, of_points(x, y))


def without_people(population: Population) -> CountRaster:
    """The grid on which people were counted; some grid where they were not counted on one."""
    raster = population.pattern if isinstance(population, DistrictCounts) else population
    if isinstance(raster, CountRaster):
        return replace(raster, counts=np.empty((0, 0, 0)))
    return CountRaster(np.empty((0, 0, 0)), (), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), WGS84)


@dataclass(frozen=True, eq=False)
class Piece:
    """A county's ground: its row, the projection, the box around it, the facilities kept, places without a service."""

    row: int
    crs: str
    box: Box
    facilities: Ints
    unserved: tuple[Floats, Floats]


def cut_layers(layers: Layers, piece: Piece) -> RegionData:
    """The layers of one county, with nothing in them of what lies elsewhere.

    Its extent is its own area: how the answers of its people depend on where the data end was told by the whole.
    """
    frame = layers.counties.at(np.array([piece.row]))
    return RegionData(
        name=str(frame["district_name"].iloc[0]),
        streets=no_streets(),
        barriers=_barriers(layers.barriers, piece.box),
        facilities=_facilities(layers.facilities, piece.facilities),
        population=layers.pattern,
        districts=Districts(frame, layers.census),
        settlements=_settlements(layers.settlements, piece),
        elevation=_elevation(layers.elevation, piece),
        extent=Extent(frame.geometry.iloc[0], layers.extent),
        spread=layers.spread,
        population_kind=layers.population_kind,
    )


def _barriers(kept: KeptBarriers, box: Box) -> Barriers:
    """Lines and water that meet the box, to be drawn."""
    lines = kept.lines.meeting(box)
    first = kept.line_offset[lines]
    count = kept.line_offset[lines + 1] - first
    begin = np.cumsum(count) - count
    vertex = np.repeat(first - begin, count) + np.arange(int(count.sum()))
    return Barriers(
        lon=kept.lon[vertex],
        lat=kept.lat[vertex],
        line_offset=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        kind=kept.kind[lines],
        one_sided=kept.one_sided[lines],
        water=kept.water.at(kept.waters.meeting(box)),
    )


def _facilities(kept: KeptFacilities, rows: Ints) -> Facilities:
    count = kept.first[rows + 1] - kept.first[rows]
    begin = np.cumsum(count) - count
    entrance = np.repeat(kept.first[rows] - begin, count) + np.arange(int(count.sum()))
    return Facilities(
        columns={name: column.at(rows) for name, column in kept.table.columns.items()},
        entrance_lon=kept.lon[entrance],
        entrance_lat=kept.lat[entrance],
        entrance_facility=np.repeat(np.arange(len(rows)), count),
        outline=kept.outline[entrance],
    )


def _settlements(kept: KeptSettlements | None, piece: Piece) -> Settlements | None:
    """Those around the county, and the nearest one of everybody without a service: zones take their names from them."""
    if kept is None:
        return None
    near = kept.where.meeting(piece.box)
    x, y = piece.unserved
    if len(x):
        near = np.union1d(near, _nearest(kept, near, (x, y), piece.box))
    return Settlements(kept.table.at(near))


def _nearest(kept: KeptSettlements, near: Ints, places: tuple[Floats, Floats], box: Box) -> Ints:
    """The settlement nearest to each place: of those in the box unless one beyond it might be nearer."""
    x, y = places
    metres, found = nearest_points(x, y, kept.x[near], kept.y[near])
    to_edge = np.min([x - box[0], y - box[1], box[2] - x, box[3] - y], axis=0)
    sure = metres <= to_edge
    if sure.all():
        return near[np.unique(found)]
    known = np.flatnonzero(np.isfinite(kept.x))
    beyond = known[nearest_points(x[~sure], y[~sure], kept.x[known], kept.y[known])[1]]
    return np.unique(np.concatenate([near[found[sure]], beyond]))


def _elevation(elevation: Elevation | None, piece: Piece) -> Elevation | None:
    """Heights in the box, of which relief is drawn."""
    if elevation is None:
        return None
    west, south, east, north = piece.box
    side = np.linspace(0.0, 1.0, 9)
    x, y = (axis.ravel() for axis in np.meshgrid(west + side * (east - west), south + side * (north - south)))
    column, row = grid_position(elevation.transform, *to_crs(WGS84, elevation.crs, *to_degrees(piece.crs, x, y)))
    if not (np.isfinite(column).all() and np.isfinite(row).all()):
        return elevation
    rows, columns = elevation.height_m.shape
    top, left = (max(0, int(np.floor(axis.min())) - 1) for axis in (row, column))
    bottom, right = min(rows, int(np.ceil(row.max())) + 2), min(columns, int(np.ceil(column.max())) + 2)
    if top >= bottom or left >= right:
        return None
    a, b, c, d, e, f = elevation.transform
    moved = (a, b, c + a * left + b * top, d, e, f + d * left + e * top)
    return Elevation(np.array(elevation.height_m[top:bottom, left:right]), moved, elevation.crs)


def no_streets() -> Streets:
    """Roads as read, of which there are none: a county has its share of the network only."""
    nothing, numbers = np.empty(0), np.empty(0, np.int64)
    flags = np.empty(0, np.bool_)
    return Streets(
        lon=nothing,
        lat=nothing,
        way_offset=np.zeros(1, np.int64),
        way_vertex=numbers,
        way_id=numbers,
        way_class=np.empty(0, np.int16),
        classes=(),
        forward=flags,
        backward=flags,
        speed_factor=nothing,
        duration_s=nothing,
        attachable=flags,
        spans=flags,
    )
