"""Facilities without coordinates: found by their names in OSM, in other lists or among the villages, or listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import shapely

from circle import reference
from circle.errors import Findings
from circle.lazily import gpd, pd
from circle.load.columns import plain_text, rows_listed
from circle.load.layers import Source
from circle.load.local import metres_per_degree
from circle.load.located import Located
from circle.load.osm import read_osm
from circle.load.osm_extract import OsmWanted
from circle.load.service_rules import family
from circle.model import Settlements

SAME_SITE_M = 200.0
"""Things of one name farther apart than this are several, and none is chosen."""


class Namesake(NamedTuple):
    """Something with a name and a place: a service, or none for a village; and where it is known from."""

    service: str | None
    shape: shapely.Geometry
    source: str


Known = dict[str, list[Namesake]]
"""By their names in plain text."""
KnownOnDemand = Callable[[], Known]
"""Gathering them may read an extract once more; asked only where a row has no place."""


def known_things(
    lists: Iterable[gpd.GeoDataFrame | None], settlements: Settlements | None, source: Source, services: Iterable[str]
) -> Known:
    """What has a name and a place: rows of all lists, what OSM has of these services or the like, villages."""
    known: Known = {}
    frames = [frame[["name", "service", "source", "geometry"]] for frame in lists if frame is not None]
    frames.append(_of_osm(source, services))
    if settlements is not None:
        frames.append(settlements.frame[["name", "geometry"]].assign(service=None, source="[places]"))
    for frame in frames:
        placed = frame[frame.geometry.notna() & frame["name"].notna()]
        for name, service, origin, shape in zip(
            placed["name"], placed["service"], placed["source"], placed.geometry.array, strict=True
        ):
            known.setdefault(plain_text(str(name)), []).append(Namesake(service, shape, str(origin)))
    return known


def located_by_name(rows: gpd.GeoDataFrame, known: KnownOnDemand, at: Located) -> gpd.GeoDataFrame:
    """Rows without a place at that of the one thing of their name; the others stay without, and are listed.

    A thing that offers the same service, or one that lists do not tell from it, is asked before villages. Where any two
    lie apart, none is chosen; of several at one site the westernmost.

    Parameters
    ----------
    rows
        As `circle.load.facilities.offered_rows` returns them.
    known
        What may be meant.
    """
    unplaced = np.flatnonzero(rows.geometry.isna().to_numpy())
    if not len(unplaced):
        return rows
    namesakes = known()
    shapes = np.asarray(rows.geometry.array, dtype=object)
    told: dict[str, list[tuple[object, str]]] = {"located": [], "not_located": [], "several_of_name": []}
    names, services = rows["name"].to_numpy(dtype=object), rows["service"].to_numpy(dtype=object)
    for i in unplaced.tolist():
        name = None if pd.isna(names[i]) else str(names[i])
        same = [] if name is None else _meant(namesakes.get(plain_text(name), []), str(services[i]))
        if same and _near(same):
            chosen = min(same, key=_by_place)
            shapes[i] = chosen.shape
            lon, lat = shapely.get_coordinates(shapely.centroid(chosen.shape))[0]
            told["located"].append((rows.index[i], f"{name} → {lon:.5f}, {lat:.5f} ({chosen.source})"))
        else:
            told["several_of_name" if same else "not_located"].append((rows.index[i], name or ""))
    _tell(told, at)
    return rows.set_geometry(gpd.GeoSeries(shapes, rows.index, rows.crs))


def _tell(told: dict[str, list[tuple[object, str]]], at: Located) -> None:
    for what, found in told.items():
        if found:
            labels = np.array([row for row, _ in found], dtype=object)
            values = [value for _, value in found]
            report = at.note if what == "located" else at.warn
            shown = ", ".join(f"{row}: {value}" for row, value in found[:3])
            report(
                f"facilities.{what}",
                count=len(found),
                rows=rows_listed(labels, values),
                examples=shown + (", …" if len(found) > 3 else ""),
            )


def _meant(namesakes: Sequence[Namesake], service: str) -> list[Namesake]:
    """Of the things with one name, those of the service, else those of its family, else villages."""
    tiers: tuple[frozenset[str | None], ...] = (frozenset([service]), family(service), frozenset([None]))
    for tier in tiers:
        found = [thing for thing in namesakes if thing.service in tier]
        if found:
            return found
    return []


def _near(things: Sequence[Namesake]) -> bool:
    """Whether all of them can be one site: any two lie within `SAME_SITE_M`."""
    centre = shapely.get_coordinates(shapely.centroid(np.array([thing.shape for thing in things], dtype=object)))
    metres = centre * np.concatenate(metres_per_degree(centre[:, 1].min(keepdims=True)))
    if (np.ptp(metres, axis=0) > SAME_SITE_M).any():
        return False
    outer = shapely.get_coordinates(shapely.convex_hull(shapely.MultiPoint(metres)))  # holds the two farthest apart
    return bool((np.hypot(*(outer[:, None] - outer).T) <= SAME_SITE_M).all())


def _by_place(thing: Namesake) -> tuple[float, float, str, str]:
    """An order that does not depend on how lists are sorted: from the west, then from the south."""
    lon, lat = shapely.get_coordinates(shapely.centroid(thing.shape))[0]
    return float(lon), float(lat), str(shapely.to_wkb(thing.shape, hex=True)), thing.source


def _of_osm(source: Source, services: Iterable[str]) -> gpd.GeoDataFrame:
    """What the extract has of these services or the like, whatever the lists of the region take from it."""
    nothing = gpd.GeoDataFrame({"name": [], "service": [], "source": []}, geometry=[], crs="EPSG:4326")
    table = reference.table("services")
    wanted = sorted({member for service in services for member in family(service)} & set(table))
    tags = {service: table[service]["osm"] for service in wanted if table[service].get("osm")}
    if source.manifest.osm is None or not tags:
        return nothing
    only = OsmWanted(streets=False, barriers=False, facilities=tags)
    extract = read_osm(
        source.path(source.osm_file), only, Findings()
    )  # what is wrong with it is told by the first reading
    return nothing if extract is None else extract.features.assign(source=source.osm_file)[list(nothing.columns)]
