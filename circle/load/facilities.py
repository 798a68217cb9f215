"""Lists of facilities to `Facilities`: what each row offers, where people go in, which rows are one site.

Every source becomes a frame of the same columns (`ROWS`) first; `build_facilities` puts the frames together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from circle import reference
from circle.load.codes import codes
from circle.load.columns import find_column, need_column, numbers, optional_column, rows_listed, texts
from circle.load.datums import WGS84
from circle.load.entrances import entrances
from circle.load.local import area_m2
from circle.load.located import Located
from circle.load.merging import merge_sites
from circle.load.sections import FacilitiesSection
from circle.load.service_words import service_of
from circle.load.vector import repair_polygons
from circle.model import Bools, Facilities, Geometries, Ints

ROWS = ("service", "name", "given_id", "capacity", "role", "source")
LARGE_M2 = 1e6
"""A site larger than this is a catchment or a campus; hospitals and schools are smaller by a factor of ten."""
_SLIP = 0.75
"""How like a known service (0-1) an unknown one must be to look like a slip of the pen."""


def facility_rows(
    frame: gpd.GeoDataFrame, section: FacilitiesSection, at: Located, source: str | None = None
) -> gpd.GeoDataFrame | None:
    """A list or layer (WGS84) as facility rows: columns `ROWS` and geometry, its index the row numbers users see.

    None after recording an error.
    """
    service = _services(frame, section, at)
    name = optional_column(frame, "name", section.name, at)
    capacity = optional_column(frame, "capacity", section.capacity, at)
    given = need_column(frame, "id", section.id, at) if section.id else find_column(frame, "id")
    named_wrongly = (section.name and name is None) or (section.capacity and capacity is None)
    if service is None or named_wrongly or (section.id and given is None):
        return None
    columns = {
        "service": service,
        "name": texts(frame[name]) if name else None,
        "given_id": codes(frame[given], at, needed=section.id is not None) if given else None,
        "capacity": numbers(frame[capacity], at) if capacity else np.nan,
        "role": None,
        "source": source or at.file,
    }
    rows = gpd.GeoDataFrame(columns, index=frame.index, geometry=np.asarray(frame.geometry.array), crs=WGS84)
    rows = rows[rows["service"].notna()]
    placed = rows[rows.geometry.notna()]
    if lost := tuple(sorted(set(rows["service"]) - set(placed["service"]))):
        at.warn("facilities.service_unplaced", services=reference.ServiceNames(lost), keys=", ".join(lost))
    large = area_m2(np.asarray(placed.geometry.array)) > LARGE_M2
    if large.any():
        at.warn("facilities.large", count=int(large.sum()), total=len(placed), rows=rows_listed(placed.index[large]))
    rows = placed
    return repair_polygons(rows, at) if len(rows) else None


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
    return repair_polygons(rows, at) if len(rows) else rows


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
    rows = pd.concat([pd.DataFrame(frame).astype({"capacity": float}) for frame in filled], ignore_index=True)
    for column in ("name", "given_id", "role"):
        rows[column] = pd.Series(texts(rows[column]), dtype=object)  # joining frames turns None into NaN
    shapes = np.asarray(rows["geometry"].array, dtype=object)
    rows["facility_id"] = facility_ids(rows["service"].tolist(), rows["given_id"].tolist(), at)
    site = merge_sites(
        rows["service"].tolist(), rows["name"].tolist(), rows["role"].tolist(), shapes, rows["facility_id"].tolist()
    )
    table, row_of_site = _table(rows, shapes, site)
    lon, lat, owner, outline = entrances(shapes)
    facility = row_of_site[site[owner]]
    places = pd.DataFrame({"facility": facility, "lon": lon, "lat": lat, "outline": outline})
    places = places.drop_duplicates(["facility", "lon", "lat"]).sort_values("facility", kind="stable")
    merged = len(rows) - len(table)
    if merged:
        at.note("facilities.merged", count=merged, remaining=len(table))
    return Facilities(
        table=table,
        entrance_lon=places["lon"].to_numpy(dtype=np.float64),
        entrance_lat=places["lat"].to_numpy(dtype=np.float64),
        entrance_facility=places["facility"].to_numpy(dtype=np.int64),
        outline=places["outline"].to_numpy(dtype=bool),
        merged=merged,
    )


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


def _table(rows: pd.DataFrame, shapes: Geometries, site: Ints) -> tuple[pd.DataFrame, Ints]:
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
    table = pd.DataFrame(
        {
            "facility_id": rows["facility_id"].to_numpy(dtype=object)[standing],
            "name": _none_where(pd.isna(name), name),
            "service": rows["service"].to_numpy(dtype=object)[standing],
            "lon": place[:, 0],
            "lat": place[:, 1],
            "capacity": by_site["capacity"].max().reindex(standing).to_numpy(dtype=np.float64),
            "source": rows["source"].to_numpy(dtype=object)[standing],
        }
    )
    return table, row_of_site


def _services(frame: gpd.GeoDataFrame, section: FacilitiesSection, at: Located) -> npt.NDArray[np.object_] | None:
    """The service of each row; None in rows that offer none that is asked for. What was left out is told."""
    if section.service is not None:
        _tell_of_own_services([section.service], at)
        return np.full(len(frame), section.service, dtype=object)
    if section.service_column is None and find_column(frame, "service") is None:
        at.error("facilities.service_unsaid", found=", ".join(str(c) for c in frame.columns if c != "geometry"))
        return None
    column = need_column(frame, "service", section.service_column, at, key="service_column")
    if column is None:
        return None
    values = pd.Series(texts(frame[column]), dtype=object)
    meaning = {value: service_of(value, section.mapping) for value in values.dropna().unique()}
    _tell_of_own_services({service for service in meaning.values() if service is not None}, at)
    services = values.map(meaning).to_numpy(dtype=object)
    unknown = values[pd.isna(services)].fillna("").value_counts()
    if len(unknown):
        shown = ", ".join(f"“{value}” × {count}" for value, count in unknown.iloc[:8].items())
        report = at.error if unknown.sum() == len(frame) else at.warn
        report("facilities.values_unknown", column=column, values=shown, count=int(unknown.sum()))
        if unknown.sum() == len(frame):
            return None
    return _none_where(pd.isna(services), services)


def _tell_of_own_services(services: Iterable[str], at: Located) -> None:
    """A service that circle does not know is one of its own, if it is no slip: it joins what is asked of everybody."""
    known = reference.table("services")
    for service in sorted(set(services) - set(known)):
        near = get_close_matches(service, known, n=1, cutoff=_SLIP)
        at.warn("facilities.service_near" if near else "facilities.service_own", service=service, near="".join(near))


def _none_where(mask: Bools, cells: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """The cells with None where `mask`: pandas turns None into NaN and back as it pleases."""
    plain = cells.astype(object)
    plain[mask] = None
    return plain
