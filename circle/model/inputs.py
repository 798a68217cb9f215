"""What `load` hands on: streets, barriers, facilities, people, districts, heights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

from circle.errors import Problem
from circle.lazily import gpd
from circle.model.arrays import Bools, Floats, Geometries, Int8s, Int16s, Ints
from circle.model.facilities import Facilities
from circle.model.repairs import RoadRepairs


@dataclass(frozen=True, eq=False)
class Extent:
    """The area within which the data claim to be complete.

    Parameters
    ----------
    polygon
        Shapely polygon or multipolygon, WGS84.
    source
        ``"declared"``, ``"pbf_header"`` or ``"road_hull"``.
    """

    polygon: shapely.Geometry
    source: str


@dataclass(frozen=True, eq=False)
class KnownImpedance:
    """Impedance that the streets came with, whole units of the question; it wins over the speed model.

    `along`, `back` (s,): of each segment of each way in drawing order, and against it; -1 where it is not known.
    """

    along: Ints
    back: Ints


@dataclass(frozen=True, eq=False)
class Streets:
    """Walkable ways as read, before anything is simplified. n vertices, w ways.

    A vertex that two ways share joins them; equal coordinates alone do not (a bridge over a road).

    Parameters
    ----------
    lon, lat
        (n,) vertices.
    way_offset, way_vertex
        The vertices of each way in drawing order.
    way_id
        (w,) OSM way id or row number in the source.
    way_class, classes
        (w,) index into `classes`, the ``highway`` values met.
    forward, backward
        (w,) whether a walker may go along and against the drawing order.
    speed_factor
        (w,) walking speed relative to a plain road (steps < 1).
    duration_s
        (w,) fixed duration of the whole way; NaN: by its length (all but ferries).
    attachable
        (w,) whether a place may be joined to it: not on bridges, tunnels and ferries.
    spans
        (w,) bridge or tunnel: its height runs straight from end to end.
    counts
        What was met and left out, by reason (``"ferry_without_duration"``, ``"truncated_way"`` …).
    extent
        The area that the file claims to cover, if it says so.
    known
        The impedance of single segments, where the source knows it.
    repairs
        Where lines of a road layer meet without a shared vertex, and what was done about it; None: not looked for.
    """

    lon: Floats
    lat: Floats
    way_offset: Ints
    way_vertex: Ints
    way_id: Ints
    way_class: Int16s
    classes: tuple[str, ...]
    forward: Bools
    backward: Bools
    speed_factor: Floats
    duration_s: Floats
    attachable: Bools
    spans: Bools
    counts: Mapping[str, int] = field(default_factory=dict)
    extent: Extent | None = None
    known: KnownImpedance | None = None
    repairs: RoadRepairs | None = None


BARRIER_KINDS = ("water", "railway", "motorway")


@dataclass(frozen=True, eq=False)
class Barriers:
    """Lines that no access leg crosses. k lines.

    Parameters
    ----------
    lon, lat, line_offset
        Vertices of each line.
    kind
        (k,) index into `BARRIER_KINDS`.
    one_sided
        (k,) the line bounds an area of water that lies on its **right**: a leg may leave the water (a raster cell
        whose middle is a few metres out at sea) but not enter it. Other lines stop legs both ways.
    water
        Polygons of water, WGS84, cut out of isochrones.
    """

    lon: Floats
    lat: Floats
    line_offset: Ints
    kind: Int8s
    one_sided: Bools
    water: Geometries


@dataclass(frozen=True, eq=False)
class CountRaster:
    """People per cell, by group, on one grid. NaN or negative values in the file have become 0.

    Parameters
    ----------
    counts
        (groups, rows, columns) people.
    transform
        Affine coefficients a, b, c, d, e, f (column, row) -> (x, y) of the cell's upper left corner.
    crs
        Anything pyproj understands.
    """

    counts: Floats
    groups: tuple[str, ...]
    transform: tuple[float, float, float, float, float, float]
    crs: str


@dataclass(frozen=True, eq=False)
class CountFeatures:
    """People at points, in polygons or in buildings.

    Parameters
    ----------
    frame
        WGS84 geometries with one column per group.
    pattern
        The raster whose pattern the people of wide polygons are spread by.
    """

    frame: gpd.GeoDataFrame
    groups: tuple[str, ...]
    pattern: CountRaster | None = None


@dataclass(frozen=True, eq=False)
class BuildingTotal:
    """A known total to be spread over buildings by floor area.

    Parameters
    ----------
    frame
        WGS84 footprints with a ``levels`` column (float, NaN: unknown).
    total
        People to be spread.
    """

    frame: gpd.GeoDataFrame
    total: float


@dataclass(frozen=True, eq=False)
class DistrictCounts:
    """People of whole districts, as a census counts them, to be spread inside each.

    Parameters
    ----------
    people
        (groups, d) in the order of `Districts`.
    spread
        ``"raster"``, ``"buildings"``, ``"roads"`` or ``"area"``: over what, where a district has any of it.
    pattern
        The raster whose pattern is followed.
    """

    people: Floats
    groups: tuple[str, ...]
    spread: str
    pattern: CountRaster | None = None


POPULATION_KINDS = ("resident", "registered")
"""常住人口: who has lived there for half a year; 户籍人口: who is registered there, and may live elsewhere."""

Population = CountRaster | CountFeatures | BuildingTotal | DistrictCounts


@dataclass(frozen=True)
class OddDistrict:
    """Something odd about one district, which others need not care for.

    Parameters
    ----------
    code, name
        Of the district.
    problem
        A warning; an error where the district is not among the others, for it has no area.
    """

    code: str
    name: str
    problem: Problem


@dataclass(frozen=True, eq=False)
class Districts:
    """Administrative areas. WGS84 frame with ``district_id`` (str, unique), ``district_name`` and geometry.

    `census` is the column of the layer that counts residents, where it has one: the frame then has them as ``census``
    (NaN unknown). They are compared with, never computed with. `odd` is what is odd about single districts.
    """

    frame: gpd.GeoDataFrame
    census: str | None = None
    odd: tuple[OddDistrict, ...] = ()


@dataclass(frozen=True, eq=False)
class Elevation:
    """Heights in metres on one grid; NaN unknown. `transform` as in `CountRaster`."""

    height_m: npt.NDArray[np.float32]
    transform: tuple[float, float, float, float, float, float]
    crs: str


@dataclass(frozen=True, eq=False)
class Settlements:
    """Named places (villages, towns). WGS84 point frame with ``name``, ``place`` (OSM value) and ``people`` (NaN)."""

    frame: gpd.GeoDataFrame


@dataclass(frozen=True)
class InputFile:
    """One file that was read, for the provenance: path as written, SHA-256, what it served as, its CRS."""

    path: str
    sha256: str
    layer: str
    crs: str | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class RegionData:
    """All that was read, ready for the pipeline.

    `spread` says what people of wide cells and polygons are spread over: ``"roads"``, ``"buildings"``, ``"none"``, or
    None for buildings where they were read and else roads; `buildings` are the footprints for that.
    `population_kind` is what the user says that the population counts: ``"resident"``, ``"registered"`` (see
    `POPULATION_KINDS`), or None: nothing is claimed. `period` is what time the data describe, as the user writes it
    (``"2026Q4"``). `projection` is that of the network where it does not follow from the roads: a province's counties
    keep theirs, whatever else becomes of the province.
    """

    name: str
    streets: Streets
    barriers: Barriers
    facilities: Facilities
    population: Population
    districts: Districts | None
    settlements: Settlements | None
    elevation: Elevation | None
    extent: Extent
    inputs: tuple[InputFile, ...] = ()
    spread: str | None = None
    buildings: gpd.GeoDataFrame | None = None
    population_kind: str | None = None
    period: str | None = None
    projection: str | None = None
