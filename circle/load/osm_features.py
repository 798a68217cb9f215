"""OSM objects that are points or areas: buildings, administrative areas, named places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import osmium
import shapely

from circle.lazily import gpd, pd
from circle.load.features import Features
from circle.load.osm_tags import number_of, text_of, values_of
from circle.model import Geometries
from circle.reference import table

_WKB = osmium.geom.WKBFactory()

BUILDING_COLUMNS = ("osm_id", "levels", "use")
BOUNDARY_COLUMNS = ("osm_id", "name", "admin_level", "code")
PLACE_COLUMNS = ("name", "place", "people")

ISLET_DEGREES = 0.1
"""About 10 km: an area farther from the relation of its name is another one."""


def osm_id(thing: Any) -> str:
    """``node/1``, ``way/1`` or ``relation/1``, for areas of what they were drawn as."""
    if thing.is_area():
        return f"{'way' if thing.from_way() else 'relation'}/{thing.orig_id()}"
    return f"{ {'n': 'node', 'w': 'way', 'r': 'relation'}[thing.type_str()] }/{thing.id}"


def wkb_of(thing: Any) -> str | None:
    """Geometry of a node, way or area as hexadecimal WKB; None where the file lacks the nodes it needs."""
    try:
        if thing.is_node():
            return str(_WKB.create_point(thing))
        return str(_WKB.create_multipolygon(thing) if thing.is_area() else _WKB.create_linestring(thing))
    except (osmium.InvalidLocationError, RuntimeError):
        return None


def shapes_of(wkb: Sequence[str]) -> Geometries:
    """Geometries of hexadecimal WKB; GEOS takes five times as long over digits as over the bytes they stand for."""
    content = np.empty(len(wkb), dtype=object)
    content[:] = [bytes.fromhex(digits) for digits in wkb]
    return np.asarray(shapely.from_wkb(content), dtype=object)


class Gathered:
    """Rows with a geometry each, to become a frame."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._rows: list[tuple[object, ...]] = []
        self._wkb: list[str] = []

    def add(self, wkb: str, *row: object) -> None:
        """One row, in the order of the columns."""
        self._rows.append(row)
        self._wkb.append(wkb)

    def table(self) -> Features:
        """The rows; areas of a single part are polygons."""
        shapes = shapes_of(self._wkb)
        single = (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON) & (
            shapely.get_num_geometries(shapes) == 1
        )
        shapes[single] = shapely.get_geometry(shapes[single], 0)
        columns = list(zip(*self._rows, strict=True)) or [()] * len(self._columns)
        data = {name: _cells(values, _dtype(name)) for name, values in zip(self._columns, columns, strict=True)}
        return Features(data, shapes)


def _cells(values: Sequence[object], dtype: str) -> npt.NDArray[Any]:
    cells = np.empty(len(values), dtype=dtype)
    cells[:] = values
    return cells


def _dtype(column: str) -> str:
    return "float64" if column in ("capacity", "levels", "people") else "int64" if column == "admin_level" else "object"


class BuildingCollector:
    """Takes areas and keeps buildings."""

    def __init__(self) -> None:
        self._settings = table("osm_features")["buildings"]
        self._gathered = Gathered(BUILDING_COLUMNS)

    def take(self, area: Any) -> None:
        """Look at one area."""
        get = area.tags.get
        use = get("building")
        if use is None or use in self._settings["out"]:
            return
        wkb = wkb_of(area)
        if wkb is not None:
            level = get(self._settings["levels"])
            levels = (
                float("nan")
                if level is None
                else max(number_of({"": part}.get, [""]) for part in values_of(level)[::-1])
            )
            self._gathered.add(wkb, osm_id(area), levels, use)

    def finish(self) -> Features:
        """Footprints with ``levels`` (float, NaN unknown) and ``use``."""
        return self._gathered.table()


class BoundaryCollector:
    """Takes areas and relations and keeps administrative areas of every level."""

    def __init__(self, level: int) -> None:
        self._settings = table("osm_features")["boundaries"]
        self._names = table("osm_features")["names"]["tags"]
        self._gathered = Gathered(BOUNDARY_COLUMNS)
        self._met: set[str] = set()
        self._level = level
        self._relations: dict[str, str] = {}
        self._borders: set[str] = set()

    def take(self, thing: Any) -> None:
        """Look at one area or relation."""
        get = thing.tags.get
        level = get(self._settings["level"]) or ""
        if get("boundary") != self._settings["boundary"] or not level.isdecimal():
            return
        identity, name = osm_id(thing), text_of(get, self._names)
        if thing.is_relation():
            self._borders.update(f"way/{member.ref}" for member in thing.members if member.type == "w")
            if int(level) == self._level:
                self._relations[identity] = name or identity
            return
        wkb = wkb_of(thing)
        if wkb is not None:
            self._met.add(identity)
            self._gathered.add(wkb, identity, name, int(level), text_of(get, self._settings["code"]))

    def incomplete(self) -> list[str]:
        """Names of the boundaries of the wanted level whose lines are not all in the file."""
        return [name for identity, name in self._relations.items() if identity not in self._met]

    def finish(self) -> Features:
        """Areas with ``osm_id``, ``name``, ``admin_level``, ``code``; closed ways that border a relation are none."""
        frame = self._gathered.table().frame
        frame = _with_islets(frame[~frame["osm_id"].isin(self._borders)].reset_index(drop=True))
        columns = {name: frame[name].to_numpy() for name in BOUNDARY_COLUMNS}
        return Features(columns, np.asarray(frame.geometry.array, dtype=object))


def _with_islets(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Closed ways beside a relation of the same name and level, its islets, are made part of it."""
    key = pd.MultiIndex.from_frame(frame[["name", "admin_level"]])
    drawn_as_relation = (
        frame["osm_id"].str.startswith("relation/").to_numpy(np.bool_) & frame["name"].notna().to_numpy()
    )
    shapes = np.asarray(frame.geometry.array, dtype=object)
    taken = np.zeros(len(frame), dtype=np.bool_)
    for name in key[drawn_as_relation].drop_duplicates(keep=False):
        same = key == name
        whole = int(np.flatnonzero(same & drawn_as_relation)[0])
        islets = np.flatnonzero(same & ~drawn_as_relation)
        islets = islets[shapely.distance(shapes[islets], shapes[whole]) <= ISLET_DEGREES]
        if len(islets):
            shapes[whole] = shapely.union_all([shapes[whole], *shapes[islets]])
            taken[islets] = True
    return frame.set_geometry(gpd.GeoSeries(shapes, frame.index, frame.crs))[~taken].reset_index(drop=True)


class PlaceCollector:
    """Takes nodes and areas and keeps settlements that have a name."""

    def __init__(self) -> None:
        self._settings = table("osm_features")["places"]
        self._names = table("osm_features")["names"]["tags"]
        self._gathered = Gathered(PLACE_COLUMNS)

    def take(self, thing: Any) -> None:
        """Look at one node or area."""
        get = thing.tags.get
        place = get("place")
        if place not in self._settings["values"]:
            return
        name, wkb = text_of(get, self._names), wkb_of(thing)
        if name and wkb is not None:
            self._gathered.add(wkb, name, place, number_of(get, [self._settings["people"]]))

    def finish(self) -> Features:
        """Points with ``name``, ``place`` and ``people`` (float, NaN unknown); an area stands for a point inside it."""
        places = self._gathered.table()
        areas = shapely.get_dimensions(places.shapes) == 2
        places.shapes[areas] = shapely.point_on_surface(places.shapes[areas])
        return places
