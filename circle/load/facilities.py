"""Lists of facilities to `Facilities`: what each row offers, where people go in, which rows are one site.

Every source becomes a frame of the same columns (`ROWS`) first; `build_facilities` puts the frames together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from circle import reference
from circle.lazily import gpd
from circle.load.codes import codes
from circle.load.columns import find_column, need_column, numbers, optional_column, rows_listed, texts
from circle.load.datums import WGS84
from circle.load.features import Features
from circle.load.local import area_m2
from circle.load.located import Located
from circle.load.merging import PART
from circle.load.name_column import tell_of_names
from circle.load.offered import offered_services
from circle.load.sections import FacilitiesSection
from circle.load.sites import SiteRows, facilities_of, with_extent
from circle.model import Facilities

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
    shapes = np.asarray(rows.geometry.array, dtype=object)
    repaired, something = with_extent(shapes, rows.index.to_numpy(), rows["name"].to_numpy(dtype=object), at)
    return (rows if repaired is shapes else rows.set_geometry(gpd.GeoSeries(repaired, rows.index, rows.crs)))[something]


def osm_facility_rows(features: Features, services: Sequence[str], at: Located) -> gpd.GeoDataFrame:
    """The features of an OSM extract that offer `services`, as facility rows, its index the objects."""
    return _frame_of(SiteRows.of_osm(features, services, at))


def _frame_of(rows: SiteRows) -> gpd.GeoDataFrame:
    """The rows as a frame with columns `ROWS`."""
    columns = {name: getattr(rows, name) for name in ROWS}
    return gpd.GeoDataFrame(columns, index=rows.label, geometry=rows.shapes, crs=WGS84)


def build_facilities(
    sections: Sequence[gpd.GeoDataFrame], at: Located, *, steady: bool = False
) -> Facilities | None:
    """All facility rows as one table with entrances, duplicates of one site counted once with all their entrances.

    Parameters
    ----------
    sections
        Frames as `facility_rows` returns them.
    steady
        See `circle.load.sites.facilities_of`.

    Returns
    -------
    Facilities or None
        None after recording that there is no facility at all.
    """
    return facilities_of([SiteRows.of_frame(frame) for frame in sections], at, steady=steady)
