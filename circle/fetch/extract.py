"""Places and their parts in an OSM file: administrative areas by name, without any server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely

from circle.errors import Findings, Problem, Severity
from circle.fetch.area import Area, Place, Polygonal, area_of, polygonal
from circle.fetch.client import Watcher
from circle.fetch.names import OSM_ID, listed, may_be, parts_of, plain, stem
from circle.fetch.trouble import not_there
from circle.lazily import gpd
from circle.load.osm import read_osm
from circle.load.osm_extract import OsmWanted
from circle.load.osm_tags import number_of
from circle.model import Streets

_NAMES = ("name", "official_name", "short_name", "alt_name", "int_name")
INSIDE_SHARE = 0.5
"""An administrative area of which more than half lies in the place is part of it: borders are drawn twice."""

HULL_M = 300.0
"""As far as the last house stands beyond the last road."""

COVERED_SHARE = 0.99
"""Districts that leave more than a hundredth of the place without one would put people out of the answer."""


@dataclass(frozen=True)
class Parts:
    """The administrative areas inside a place.

    Parameters
    ----------
    ids
        ``relation/1`` or ``way/1``, that of the place among them.
    names
        What they are called: closed ways of the same name beside them are their islets.
    level
        The level whose areas cover the place and so can be its districts; None: there is none.
    shares
        Level -> share of the place that its areas cover, coarsest first.
    """

    ids: frozenset[str]
    names: frozenset[str]
    level: int | None
    shares: Mapping[int, float]


def administrative_areas(path: Path, findings: Findings) -> gpd.GeoDataFrame:
    """All administrative areas whose borders the file holds whole: ``osm_id``, ``name``, ``admin_level``.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    extract = read_osm(path, OsmWanted(streets=False, barriers=False, admin_level=0), findings)
    findings.stop_on_errors()
    assert extract is not None
    return extract.boundaries


def seen_in(path: Path, streets: Streets, area: Area) -> Polygonal:
    """The part of the surroundings of which an extract can be expected to hold everything.

    By the rule of every region: its header's box, and the hull of the roads with 300 m of land around it. An extract
    that was cut at a border holds nothing beyond, and whoever lives near must be told so.
    """
    hull = shapely.MultiPoint(np.column_stack([streets.lon, streets.lat])).convex_hull
    seen: Any = shapely.intersection(area.around, area_of(hull, HULL_M).around)
    box = osmium.FileProcessor(str(path)).header.box()
    if box.valid() and box.size() > 0:
        low, high = box.bottom_left, box.top_right
        seen = shapely.intersection(seen, shapely.box(low.lon, low.lat, high.lon, high.lat))
    return polygonal(seen) or area.boundary


def find_in_extract(path: Path, areas: gpd.GeoDataFrame, asked: str, watcher: Watcher) -> Place:
    """The administrative area of an extract that a name stands for.

    Parameters
    ----------
    path
        The extract.
    areas
        Its `administrative_areas`.
    asked
        A name, from the smaller to the larger, or an OSM id.

    Raises
    ------
    QueryError
        If no area, or several, are called so; with those that are.
    """
    tags = _tags_of_relations(path)
    places = [_place_of(row, tags) for row in areas.itertuples()]
    names = {place.osm_id: _all_names(place, tags) for place in places}
    if OSM_ID.fullmatch(asked.strip()):
        return _by_id(asked.strip(), places, tags)
    parts = parts_of(asked)
    found = _called(parts[0] if parts else "", places, names)
    for part in parts[1:]:
        larger = _called(part, places, names)
        if larger:
            found = [place for place in found if any(_lies_in(place, whole) for whole in larger)]
        else:
            watcher.say(Problem("fetch.context_unknown", Severity.NOTE, {"name": part}))
    if not found:
        _refuse_unknown(asked, parts, names, tags, {place.osm_id: place for place in places})
    if len(found) > 1:
        offers = listed([_with_parent(place, places) for place in found])
        raise not_there("fetch.place_several", place=asked, count=len(found), offers=offers)
    return found[0]


def parts_inside(areas: gpd.GeoDataFrame, place: Place) -> Parts:
    """The areas inside a place, and which of their levels can be its districts."""
    shapes = np.asarray(areas.geometry.array, dtype=object)
    common = shapely.intersection(shapes, place.boundary)
    inside = shapely.area(common) > INSIDE_SHARE * shapely.area(shapes)
    own = areas["osm_id"].to_numpy() == place.osm_id
    levels = areas["admin_level"].to_numpy()
    below = inside & ~own & (levels > (place.admin_level or 0))
    whole = place.boundary.area
    shares = {
        int(level): float(shapely.union_all(common[below & (levels == level)]).area / whole)
        for level in sorted(set(levels[below].tolist()))
    }
    level = next((level for level, share in shares.items() if share >= COVERED_SHARE), None)
    chosen = areas[below | own]
    return Parts(frozenset(chosen["osm_id"]), frozenset(chosen["name"].dropna()), level, shares)


def _place_of(row: Any, tags: Mapping[str, Mapping[str, str]]) -> Place:
    own = tags.get(row.osm_id, {})
    people = number_of(own.get, ["population"])
    code = own.get("ISO3166-1:alpha2") or own.get("ISO3166-1") or (own.get("ISO3166-2") or "").split("-")[0]
    return Place(
        name=row.name or row.osm_id,
        osm_id=row.osm_id,
        boundary=polygonal(row.geometry) or shapely.Polygon(),
        admin_level=int(row.admin_level),
        country=code.lower() or None,
        people=people if people > 0 else None,
        said=own.get("name:en", "") and f"{row.name} / {own['name:en']}",
    )


def _tags_of_relations(path: Path) -> dict[str, dict[str, str]]:
    """The tags of every administrative relation by its id; those in a broken encoding are left out."""
    found: dict[str, dict[str, str]] = {}
    relations = osmium.FileProcessor(str(path), osmium.osm.RELATION).with_filter(osmium.filter.KeyFilter("admin_level"))
    relation: Any
    for relation in relations:
        try:
            tags = {tag.k: tag.v for tag in relation.tags}
        except UnicodeDecodeError:
            continue
        if tags.get("boundary") == "administrative":
            found[f"relation/{relation.id}"] = tags
    return found


def _all_names(place: Place, tags: Mapping[str, Mapping[str, str]]) -> list[str]:
    own = tags.get(place.osm_id, {})
    written = [value for key, value in own.items() if key in _NAMES or key.startswith("name:")]
    return [place.name, *(name.strip() for value in written for name in value.split(";"))]


def _called(name: str, places: Sequence[Place], names: Mapping[str, list[str]]) -> list[Place]:
    """Those whose name is written so; else those of whose name it is the stem; else one of several in one name."""
    exact = [place for place in places if plain(name) in map(plain, names[place.osm_id])]
    stems = exact or [place for place in places if any(may_be(n, name) for n in names[place.osm_id])]
    return stems or [place for place in places if any(plain(name) in plain(n).split() for n in names[place.osm_id])]


def _lies_in(place: Place, whole: Place) -> bool:
    return place is whole or bool(whole.boundary.intersects(shapely.point_on_surface(place.boundary)))


def _with_parent(place: Place, places: Sequence[Place]) -> Place:
    """A place that is said with the smallest larger one that it lies in."""
    around = [p for p in places if (p.admin_level or 0) < (place.admin_level or 0) and _lies_in(place, p)]
    around.sort(key=lambda p: p.boundary.area)
    return replace(place, said=", ".join([place.said or place.name, *(p.name for p in around[:1])]))


def _by_id(asked: str, places: Sequence[Place], tags: Mapping[str, Mapping[str, str]]) -> Place:
    written = OSM_ID.fullmatch(asked)
    assert written is not None
    kind = "relation" if written["kind"][0].lower() == "r" else "way"
    identity = f"{kind}/{written['number']}"
    for place in places:
        if place.osm_id == identity:
            return place
    if identity in tags:
        raise not_there("fetch.place_incomplete", place=tags[identity].get("name", identity), id=identity)
    raise not_there("fetch.place_unknown_here", place=asked, offers=listed(_largest_first(places)[:10]))


def _largest_first(places: Iterable[Place]) -> list[Place]:
    return sorted(places, key=lambda place: (place.admin_level or 99, place.name))


def _refuse_unknown(
    asked: str,
    parts: Sequence[str],
    names: Mapping[str, list[str]],
    tags: Mapping[str, Mapping[str, str]],
    places: Mapping[str, Place],
) -> None:
    """Say why nothing was found: the border is cut, or nothing is called so."""
    first = parts[0] if parts else ""
    for identity, own in tags.items():
        if identity not in places and any(may_be(value, first) for key, value in own.items() if "name" in key):
            raise not_there("fetch.place_incomplete", place=own.get("name", identity), id=identity)
    known = {stem(name): identity for identity, written in names.items() for name in written}
    near = get_close_matches(stem(first), known, n=5, cutoff=0.6)
    alike = [places[identity] for identity in dict.fromkeys(known[name] for name in near)]
    named = [place for place in places.values() if place.name != place.osm_id]
    raise not_there("fetch.place_unknown_here", place=asked, offers=listed(alike or _largest_first(named)[:10]))
