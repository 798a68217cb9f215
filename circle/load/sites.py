"""Rows of facilities from any source to `Facilities`: which rows are one site, what it is called, where people go in.

Columns are plain arrays: what an OSM extract gives becomes facilities without a frame being made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import shapely

from circle.lazily import gpd
from circle.load.columns import rows_listed, texts_of
from circle.load.entrances import entrances
from circle.load.features import Features
from circle.load.located import Located
from circle.load.merging import PART, merge_sites
from circle.load.serving import serving
from circle.load.vector import repaired_areas
from circle.model import Bools, Facilities, Floats, Geometries, Ints

Cells = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class SiteRows:
    """One row per facility and service of a list, (n,) each.

    Parameters
    ----------
    service
        Its key.
    name, given_id, role
        Text or None; `role` at a stop or a site (`circle.load.merging`).
    capacity
        NaN where unknown.
    source
        The file as the user wrote it.
    label
        What users know the row by: its number in a table, its OSM object.
    shapes
        Geometries in degrees.
    """

    service: Cells
    name: Cells
    given_id: Cells
    capacity: Floats
    role: Cells
    source: Cells
    label: npt.NDArray[Any]
    shapes: Geometries

    @classmethod
    def of_frame(cls, frame: gpd.GeoDataFrame) -> Self:
        """Rows as `circle.load.facilities.facility_rows` makes them."""
        return cls(
            service=frame["service"].to_numpy(dtype=object),
            name=texts_of(frame["name"].to_numpy(dtype=object)),
            given_id=texts_of(frame["given_id"].to_numpy(dtype=object)),
            capacity=frame["capacity"].to_numpy(dtype=np.float64),
            role=texts_of(frame["role"].to_numpy(dtype=object)),
            source=frame["source"].to_numpy(dtype=object),
            label=frame.index.to_numpy(),
            shapes=np.asarray(frame.geometry.array, dtype=object),
        )

    @classmethod
    def of_osm(cls, features: Features, services: Iterable[str], at: Located) -> Self:
        """The features of an OSM extract that offer `services`, known by their objects; areas repaired."""
        columns, wanted = features.columns, set(services)
        chosen = np.array([service in wanted for service in columns["service"]], dtype=np.bool_)
        objects = texts_of(columns["osm_id"][chosen])
        rows = cls(
            service=columns["service"][chosen],
            name=texts_of(columns["name"][chosen]),
            given_id=objects,
            capacity=columns["capacity"][chosen].astype(np.float64),
            role=texts_of(columns["role"][chosen]),
            source=np.full(len(objects), at.file, dtype=object),
            label=objects,
            shapes=features.shapes[chosen],
        )
        repaired, something = with_extent(rows.shapes, rows.label, rows.name, at)
        return replace(rows, shapes=repaired).at(np.flatnonzero(something))

    def __len__(self) -> int:
        return len(self.service)

    def at(self, rows: Ints) -> Self:
        """Some of the rows."""
        return type(self)(**{column.name: getattr(self, column.name)[rows] for column in fields(self)})


def with_extent(shapes: Geometries, label: npt.NDArray[Any], name: Cells, at: Located) -> tuple[Geometries, Bools]:
    """The shapes with valid areas, and of which of them something is left: drawn by a slip, some enclose nothing."""
    repaired = repaired_areas(shapes, label, at)
    nothing = shapely.is_empty(repaired)
    if nothing.any():
        shown = rows_listed(label[nothing], texts_of(name[nothing]))
        at.warn("facilities.no_extent", count=int(nothing.sum()), rows=shown)
    return repaired, ~nothing


def joined_rows(parts: Sequence[SiteRows]) -> SiteRows:
    """Rows of several lists one after the other."""
    columns = {
        column.name: np.concatenate([np.asarray(getattr(part, column.name)) for part in parts])
        for column in fields(SiteRows)
        if column.name != "label"
    }
    label = np.concatenate([part.label.astype(object) for part in parts])
    return SiteRows(**columns, label=label)


def facilities_of(sections: Sequence[SiteRows], at: Located, *, steady: bool = False) -> Facilities | None:
    """All rows as one table with entrances, duplicates of one site counted once with all their entrances.

    None after recording that there is no facility at all. `steady`: rows without an id get one that follows from what
    they say and not from where they stand, so that a row more changes no other's.
    """
    filled = serving([rows for rows in sections if len(rows)], at)
    if not filled:
        at.error("facilities.none")
        return None
    rows = joined_rows(filled)
    given = _told_apart(rows) if steady else rows.given_id.tolist()
    keys = np.array(facility_ids(rows.service.tolist(), given, at), dtype=object)
    site = merge_sites(rows.service.tolist(), rows.name.tolist(), rows.role.tolist(), rows.shapes, keys.tolist())
    kept = _whole_sites(rows, site, at)
    if not len(kept):
        at.error("facilities.none")
        return None
    rows, keys, site = rows.at(kept), keys[kept], np.searchsorted(kept, site[kept])
    standing = np.flatnonzero(site == np.arange(len(site)))
    lon, lat, owner, outline = entrances(rows.shapes)
    number = np.searchsorted(standing, site[owner])
    once = _first_of_each(number, lon, lat)
    if merged := len(rows) - len(standing):
        at.note("facilities.merged", count=merged, remaining=len(standing))
    return Facilities(
        columns=_columns(rows, keys, site, standing),
        entrance_lon=lon[once],
        entrance_lat=lat[once],
        entrance_facility=number[once],
        outline=outline[once],
        merged=merged,
    )


def _whole_sites(rows: SiteRows, site: Ints, at: Located) -> Ints:
    """The rows without gates and buildings of sites that no list holds; those are told, list by list."""
    part = rows.role == PART
    lone = ~np.isin(site, site[~part])
    for source in dict.fromkeys(rows.source[lone]):
        some = rows.at(np.flatnonzero(lone & (rows.source == source)))
        shown = rows_listed(some.label, some.name)
        Located(at.findings, str(source)).warn("services.part_alone", count=len(some), rows=shown)
    return np.flatnonzero(~lone)


def _first_of_each(number: Ints, lon: Floats, lat: Floats) -> Ints:
    """The first of equal entrances of one site, by site, in their order."""
    order = np.lexsort((lat, lon, number))
    same = (np.diff(number[order]) == 0) & (np.diff(lon[order]) == 0) & (np.diff(lat[order]) == 0)
    first = np.sort(order[np.concatenate([[True], ~same])])  # lexsort is stable: the first of its equals
    return first[np.argsort(number[first], kind="stable")]


def _columns(rows: SiteRows, keys: Cells, site: Ints, standing: Ints) -> dict[str, npt.NDArray[Any]]:
    """One row per site: called as its standing row, else by the first of the others' names in their order."""
    place = shapely.get_coordinates(shapely.point_on_surface(rows.shapes[standing]))
    name, capacity = rows.name[standing].copy(), rows.capacity[standing].copy()
    number = np.searchsorted(standing, site)
    others = np.flatnonzero(site != np.arange(len(site)))
    known = [(row, number[row]) for row in others.tolist() if rows.name[row] is not None]
    nameless = {own for _, own in known if name[own] is None}
    for row, own in known:
        if own in nameless and (name[own] is None or rows.name[row] < name[own]):
            name[own] = rows.name[row]
    np.fmax.at(capacity, number[others], rows.capacity[others])
    return {
        "facility_id": keys[standing],
        "name": name,
        "service": rows.service[standing],
        "lon": place[:, 0],
        "lat": place[:, 1],
        "capacity": capacity,
        "source": rows.source[standing],
    }


def _told_apart(rows: SiteRows) -> list[str]:
    """Of each row its own id, else one made of its service, name and place; rows alike in all are numbered."""
    lon, lat = shapely.get_coordinates(shapely.point_on_surface(rows.shapes)).round(7).T.tolist()
    said = [
        f"{kind}|{name or ''}|{x:.7f}|{y:.7f}"
        for kind, name, x, y in zip(rows.service.tolist(), rows.name.tolist(), lon, lat, strict=True)
    ]
    made = [
        f"{kind}-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:10]}" + (f"-{n + 1}" if n else "")
        for kind, text, n in zip(rows.service.tolist(), said, _counted(said), strict=True)
    ]
    return [own if own is not None else new for own, new in zip(rows.given_id.tolist(), made, strict=True)]


def facility_ids(services: Sequence[str], given: Sequence[str | None], at: Located) -> list[str]:
    """Unique ids: the given one, else ``service-n``; one that occurs twice gets its service, then a number, added.

    Examples
    --------
    >>> from circle.errors import Findings
    >>> at = Located(Findings(), "clinics.csv")
    >>> facility_ids(["clinic", "hospital", "clinic", "clinic"], ["w1", "w1", None, "n2"], at)
    ['w1@clinic', 'w1@hospital', 'clinic-2', 'n2']
    """
    number = _counted(services)
    ids = [f"{kind}-{n + 1}" if own is None else own for kind, n, own in zip(services, number, given, strict=True)]
    times: dict[str, int] = {}
    for own in ids:
        times[own] = times.get(own, 0) + 1
    unique = [own if times[own] == 1 else f"{own}@{kind}" for own, kind in zip(ids, services, strict=True)]
    repeat = _counted(unique)
    again = [i for i, n in enumerate(repeat) if n]
    if again:
        shown = dict.fromkeys(unique[i] for i in again)
        at.warn("facilities.id_twice", count=len(again), ids=", ".join([*shown][:5]))
    taken = set(unique)
    for i in again:
        own, n = unique[i], repeat[i] + 1
        while f"{own}-{n}" in taken:
            n += 1
        unique[i] = f"{own}-{n}"
        taken.add(unique[i])
    return unique


def _counted(texts: Sequence[str]) -> list[int]:
    """How often each text stood there before.

    >>> _counted(["a", "b", "a"])
    [0, 0, 1]
    """
    seen: dict[str, int] = {}
    counts = []
    for text in texts:
        counts.append(seen.get(text, 0))
        seen[text] = counts[-1] + 1
    return counts
