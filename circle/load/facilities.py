"""Lists of facilities to `Facilities`: what each row offers, where people go in, which rows are one site.

Every source becomes a frame of the same columns (`ROWS`) first; `build_facilities` puts the frames together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from circle import reference
from circle.lazily import gpd, pd
from circle.load.codes import codes
from circle.load.columns import find_column, need_column, numbers, optional_column, rows_listed, texts
from circle.load.datums import WGS84
from circle.load.entrances import entrances
from circle.load.local import area_m2
from circle.load.located import Located
from circle.load.merging import PART, merge_sites
from circle.load.name_column import tell_of_names
from circle.load.offered import offered_services
from circle.load.sections import FacilitiesSection
from circle.load.vector import repair_polygons
from circle.model import Bools, Facilities, Geometries, Ints

ROWS = ("service", "name", "given_id", "capacity", "role", "source")
LARGE_M2 = 1e6
"""A site larger than this is a catchment or a campus; hospitals and schools are smaller by a factor of ten."""


def facility_rows(
    frame: gpd.GeoDataFrame, section: FacilitiesSection, at: Located, source: str | None = None
) -> gpd.GeoDataFrame | None:
    """A list or layer (WGS84) as facility rows: columns `ROWS` and geometry, its index the row numbers users see.

    None after recording an error.
    """
    rows = offered_rows(frame, section, at, source)
    return None if rows is None else placed_rows(rows, at)


def offered_rows(
    frame: gpd.GeoDataFrame, section: FacilitiesSection, at: Located, source: str | None = None
) -> gpd.GeoDataFrame | None:
    """As `facility_rows`, with rows that have no place yet: one per row and service."""
    offered = offered_services(frame, section, at)
    name = optional_column(frame, "name", section.name, at)
    capacity = optional_column(frame, "capacity", section.capacity, at)
    given = need_column(frame, "id", section.id, at) if section.id else find_column(frame, "id")
    named_wrongly = (section.name and name is None) or (section.capacity and capacity is None)
    if offered is None or named_wrongly or (section.id and given is None):
        return None
    if name is None:
        tell_of_names(frame, at)
    columns = {
        "name": texts(frame[name]) if name else None,
        "given_id": codes(frame[given], at, needed=section.id is not None) if given else None,
        "capacity": numbers(frame[capacity], at) if capacity else np.nan,
        "source": source or at.file,
    }
    rows = gpd.GeoDataFrame(columns, index=frame.index, geometry=np.asarray(frame.geometry.array), crs=WGS84)
    rows = rows.iloc[offered.row]
    role = np.full(len(rows), None, dtype=object)
    role[offered.part] = PART
    made = rows.assign(service=offered.service, role=role)
    made.attrs["columns"] = ", ".join(str(column) for column in frame.columns if column != "geometry")
    return made


def placed_rows(rows: gpd.GeoDataFrame, at: Located) -> gpd.GeoDataFrame | None:
    """The rows that have a place, areas repaired; None after recording that none has."""
    placed = _with_extent(rows[rows.geometry.notna()], at)
    if not len(placed):
        at.error("facilities.none_placed", count=len(rows), found=rows.attrs.get("columns", "-"))
        return None
    if lost := tuple(sorted(set(rows["service"].unique()) - set(placed["service"].unique()))):
        at.warn("facilities.service_unplaced", services=reference.ServiceNames(lost), keys=", ".join(lost))
    large = area_m2(np.asarray(placed.geometry.array)) > LARGE_M2
    if large.any():
        at.warn("facilities.large", count=int(large.sum()), total=len(placed), rows=rows_listed(placed.index[large]))
    return placed


def _with_extent(rows: gpd.GeoDataFrame, at: Located) -> gpd.GeoDataFrame:
    """The rows, areas repaired, without those of which nothing is left: drawn by a slip, they enclose nothing."""
    if not len(rows):
        return rows
    repaired = repair_polygons(rows, at)
    nothing = shapely.is_empty(np.asarray(repaired.geometry.array))
    if nothing.any():
        shown = rows_listed(rows.index[nothing], texts(rows["name"][nothing]))
        at.warn("facilities.no_extent", count=int(nothing.sum()), rows=shown)
    return repaired[~nothing]


def osm_facility_rows(features: gpd.GeoDataFrame, services: Sequence[str], at: Located) -> gpd.GeoDataFrame:
    """The features of an OSM extract that offer `services`, as facility rows, its index the objects."""
    chosen = features[features["service"].isin(list(services))]
    objects = texts(chosen["osm_id"])
    columns = {
        "service": chosen["service"].to_numpy(dtype=object),
        "name": texts(chosen["name"]),
        "given_id": objects,
        "capacity": pd.to_numeric(chosen["capacity"], errors="coerce").to_numpy(dtype=np.float64),
        "role": texts(chosen["role"]),
        "source": at.file,
    }
    rows = gpd.GeoDataFrame(columns, index=objects, geometry=np.asarray(chosen.geometry.array), crs=WGS84)
    return _with_extent(rows, at)


def build_facilities(sections: Sequence[gpd.GeoDataFrame], at: Located) -> Facilities | None:
    """All facility rows as one table with entrances, duplicates of one site counted once with all their entrances.

    Parameters
    ----------
    sections
        Frames as `facility_rows` returns them.

    Returns
    -------
    Facilities or None
        None after recording that there is no facility at all.
    """
    filled = [frame for frame in sections if len(frame)]
    if not filled:
        at.error("facilities.none")
        return None
    tables = [pd.DataFrame(frame).astype({"capacity": float}).assign(row=frame.index) for frame in filled]
    rows = pd.concat(tables, ignore_index=True)
    for column in ("name", "given_id", "role"):
        rows[column] = pd.Series(texts(rows[column]), dtype=object)  # joining frames turns None into NaN
    shapes = np.asarray(rows["geometry"].array, dtype=object)
    rows["facility_id"] = facility_ids(rows["service"].tolist(), rows["given_id"].tolist(), at)
    site = merge_sites(
        rows["service"].tolist(), rows["name"].tolist(), rows["role"].tolist(), shapes, rows["facility_id"].tolist()
    )
    rows, shapes, site = _without_lone_parts(rows, shapes, site, at)
    if not len(rows):
        at.error("facilities.none")
        return None
    columns, row_of_site = _columns(rows, shapes, site)
    lon, lat, owner, outline = entrances(shapes)
    facility = row_of_site[site[owner]]
    places = pd.DataFrame({"facility": facility, "lon": lon, "lat": lat, "outline": outline})
    places = places.drop_duplicates(["facility", "lon", "lat"]).sort_values("facility", kind="stable")
    remaining = len(columns["service"])
    merged = len(rows) - remaining
    if merged:
        at.note("facilities.merged", count=merged, remaining=remaining)
    return Facilities(
        columns=columns,
        entrance_lon=places["lon"].to_numpy(dtype=np.float64),
        entrance_lat=places["lat"].to_numpy(dtype=np.float64),
        entrance_facility=places["facility"].to_numpy(dtype=np.int64),
        outline=places["outline"].to_numpy(dtype=bool),
        merged=merged,
    )


def _without_lone_parts(
    rows: pd.DataFrame, shapes: Geometries, site: Ints, at: Located
) -> tuple[pd.DataFrame, Geometries, Ints]:
    """Leave out gates and buildings of sites that no list holds; they are told, list by list."""
    part = (rows["role"] == PART).to_numpy(dtype=bool)
    lone = ~np.isin(site, site[~part])
    if not lone.any():
        return rows, shapes, site
    for source, some in rows[lone].groupby("source", sort=False):
        shown = rows_listed(some["row"], some["name"])
        Located(at.findings, str(source)).warn("services.part_alone", count=len(some), rows=shown)
    kept = np.flatnonzero(~lone)
    return rows.iloc[kept].reset_index(drop=True), shapes[kept], np.searchsorted(kept, site[kept])


def facility_ids(services: Sequence[str], given: Sequence[str | None], at: Located) -> list[str]:
    """Unique ids: the given one, else ``service-n``; one that occurs twice gets its service, then a number, added.

    Examples
    --------
    >>> from circle.errors import Findings
    >>> at = Located(Findings(), "clinics.csv")
    >>> facility_ids(["clinic", "hospital", "clinic", "clinic"], ["w1", "w1", None, "n2"], at)
    ['w1@clinic', 'w1@hospital', 'clinic-2', 'n2']
    """
    ids = pd.Series(list(given), dtype=object)
    kind = pd.Series(list(services), dtype=object)
    counted = kind + "-" + (kind.groupby(kind).cumcount() + 1).astype(str)
    ids = ids.where(ids.notna(), counted).astype(object)
    several = ids.groupby(ids).transform("size") > 1
    ids = ids.where(~several, ids + "@" + kind)
    repeat = ids.groupby(ids).cumcount()
    if (repeat > 0).any():
        at.warn("facilities.id_twice", count=int((repeat > 0).sum()), ids=", ".join(ids[repeat > 0].unique()[:5]))
    taken = set(ids)
    unique = ids.tolist()
    for i in np.flatnonzero(repeat):
        number = int(repeat[i]) + 1
        while f"{ids[i]}-{number}" in taken:
            number += 1
        unique[i] = f"{ids[i]}-{number}"
        taken.add(unique[i])
    return unique


def _columns(rows: pd.DataFrame, shapes: Geometries, site: Ints) -> tuple[dict[str, npt.NDArray[Any]], Ints]:
    """One row per site, and the table row of each site's number."""
    standing = np.flatnonzero(site == np.arange(len(site)))
    row_of_site = np.full(len(site), -1, dtype=np.int64)
    row_of_site[standing] = np.arange(len(standing))
    place = shapely.get_coordinates(shapely.point_on_surface(shapes[standing]))
    best_first = rows.assign(site=site, stands=site == np.arange(len(site))).sort_values(
        ["stands", "name"], ascending=[False, True], kind="stable"
    )
    by_site = best_first.groupby("site")
    name = by_site["name"].first().reindex(standing).to_numpy(dtype=object)
    columns = {
        "facility_id": rows["facility_id"].to_numpy(dtype=object)[standing],
        "name": _none_where(pd.isna(name), name),
        "service": rows["service"].to_numpy(dtype=object)[standing],
        "lon": place[:, 0],
        "lat": place[:, 1],
        "capacity": by_site["capacity"].max().reindex(standing).to_numpy(dtype=np.float64),
        "source": rows["source"].to_numpy(dtype=object)[standing],
    }
    return columns, row_of_site


def _none_where(mask: Bools, cells: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """The cells with None where `mask`: pandas turns None into NaN and back as it pleases."""
    plain = cells.astype(object)
    plain[mask] = None
    return plain
