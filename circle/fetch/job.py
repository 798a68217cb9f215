"""A region fetched by the name of its place: the steps in order."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from circle.errors import Findings, Problem, Severity
from circle.fetch.area import Area, Place, Polygonal, area_of
from circle.fetch.client import Client, Watcher
from circle.fetch.clip import clip, is_in_order, join
from circle.fetch.extract import Parts, administrative_areas, find_in_extract, parts_inside, seen_in
from circle.fetch.kept import Kept
from circle.fetch.nominatim import find_place
from circle.fetch.origin import own_version, told, told_extract, told_file
from circle.fetch.overpass import Overpass
from circle.fetch.people import People, settle_people
from circle.fetch.raster import country_raster, cut_out
from circle.fetch.recipe import OSM_FILE, RASTER_FILE, Found, write_papers, write_region
from circle.fetch.settings import Asked, refuse_nonsense
from circle.fetch.trouble import AnswerError
from circle.lazily import gpd
from circle.load.osm import read_osm
from circle.load.osm_extract import OsmExtract, OsmWanted
from circle.reference import table
from circle.store import whole_folder, writing

UNSEEN_SHARE = 0.05
"""Of the surroundings; less is the corner of a convex hull."""

CROWDED = 30
"""People per building, on average over a place, beyond which OSM has hardly drawn the place's buildings."""

NEAR_DEGREES = 0.01
"""Borders of neighbours are drawn apart: an area whose box sticks out of the place's by a kilometre may be inside."""


@dataclass(frozen=True)
class Fetched:
    """What came of a fetch: facilities by service, levels of districts, and the people.

    These are `exact` where a total was given, else those of the cells whose middle lies within the boundary.
    """

    place: Place
    services: dict[str, int]
    people: float
    exact: bool
    parts: Parts


@dataclass
class _Source:
    """The OSM file that a region is cut out of, and whence it came."""

    path: Path
    place: Place
    people: People
    areas: gpd.GeoDataFrame
    parts: Parts
    area: Area
    told: list[dict[str, Any]] = field(default_factory=list)


def fetch_region(asked: Asked, watcher: Watcher) -> Fetched:
    """Make a folder with a ready ``region.toml`` for a place: whole, or not at all.

    Parameters
    ----------
    asked
        Which place, from where, with whose people.
    watcher
        Is told how it goes on.

    Returns
    -------
    Fetched
        In brief, what the folder holds.

    Raises
    ------
    QueryError
        If the place cannot be found, or its people.
    InputError
        If the extract or the raster cannot be used, or there is no road or no building in the place.
    ResourceError
        If a server gives no proper answer; what it gave so far is kept, and a later fetch goes on from there.
    OutputError
        If the folder or the cache cannot be written.
    """
    refuse_nonsense(asked)
    with whole_folder(asked.folder, force=asked.force) as staging, TemporaryDirectory(prefix="circle-") as room:
        try:
            return _fetch(asked, watcher, staging, Path(room))
        except AnswerError as trouble:
            raise trouble.as_error() from trouble


def _fetch(asked: Asked, watcher: Watcher, staging: Path, room: Path) -> Fetched:
    client = None if asked.pbf is not None else _client(asked, watcher)
    source = _from_file(asked, watcher, room) if client is None else _from_servers(asked, client, room)
    watcher.begin("clip")
    try:
        clip(source.path, staging / OSM_FILE, source.area, source.parts)
    except RuntimeError as error:
        _refuse_damaged(source.path, error)
    extract = _usable(staging / OSM_FILE, source, watcher)
    if asked.pbf is not None and extract.streets is not None:
        _narrow(source, seen_in(asked.pbf, extract.streets, source.area), watcher)
    counts = extract.features["service"].value_counts()
    services = {name: int(counts.get(name, 0)) for name in _known_services()}
    people = source.people.total
    if people is None:
        people = _cells(asked, source, client or _client(asked, watcher), staging)
    found = Found(source.place, source.area, source.parts, services, source.people.total, source.people.said)
    with writing(asked.folder):
        write_region(staging, found, asked.lang)
        write_papers(staging, found, _document(asked, source, people), asked.lang)
    return Fetched(source.place, services, people, source.people.total is not None, source.parts)


def _cells(asked: Asked, source: _Source, client: Client, staging: Path) -> float:
    """The raster of the region, from its own or its country's; the people within the boundary."""
    path, iso3 = source.people.raster, source.people.iso3
    if iso3 is not None:
        client.watcher.begin("raster")
        path, answer = country_raster(client, asked.servers.worldpop_urls, iso3)
        source.told.extend(told([answer]))
        shown = answer.url
    else:
        assert path is not None
        source.told.append(told_file(path))
        shown = str(path)
    with writing(asked.folder):
        return cut_out(path, staging / RASTER_FILE, source.area, shown)


def _client(asked: Asked, watcher: Watcher) -> Client:
    headers = {
        "User-Agent": f"circle-access/{own_version()} (15-minute service circles; one place at a time)",
        "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5" if asked.lang == "zh" else "en",
    }
    return Client(Kept(asked.cache, refresh=asked.refresh), asked.pace, watcher, headers)


def _from_file(asked: Asked, watcher: Watcher, room: Path) -> _Source:
    """A place of an extract; one whose objects stand in another order, as web queries write them, is put in order."""
    given = path = asked.pbf or room
    watcher.begin("place")
    with contextlib.suppress(RuntimeError):  # not there or damaged: the reader below says how
        if not is_in_order(path):
            watcher.say(Problem("roads.osm_sorted", Severity.NOTE, file=str(path)))
            join([given], room / "in_order.osm.pbf")
            path = room / "in_order.osm.pbf"
    areas = administrative_areas(path, Findings())
    place = find_in_extract(path, areas, asked.place, watcher)
    people = settle_people(asked.population, asked.country, place)
    area = area_of(place.boundary, asked.buffer_m)
    return _Source(path, place, people, areas, parts_inside(areas, place), area, [told_extract(given)])


def _from_servers(asked: Asked, client: Client, room: Path) -> _Source:
    """A place of the servers' OSM: its pieces are written down one by one and joined."""
    import osmnx

    client.options = dict(osmnx.settings.requests_kwargs)
    nominatim = asked.servers.nominatim_url or osmnx.settings.nominatim_url
    client.watcher.begin("place")
    place = find_place(client, nominatim, asked.place)
    people = settle_people(asked.population, asked.country, place)
    area = area_of(place.boundary, asked.buffer_m)
    overpass = Overpass(client, asked.servers.overpass_url or osmnx.settings.overpass_url)
    west, south, east, north = place.boundary.bounds
    inside = {
        identity
        for identity, box in overpass.boundaries(area)
        if box[0] >= west - NEAR_DEGREES
        and box[1] >= south - NEAR_DEGREES
        and box[2] <= east + NEAR_DEGREES
        and box[3] <= north + NEAR_DEGREES
    }
    answers = itertools.chain(overpass.whole(sorted(inside | {place.osm_id})), overpass.objects(area))
    joined = room / "joined.osm.pbf"
    try:
        join(_written(answers, room), joined)
    except (RuntimeError, ValueError) as error:  # numbers that are none are ValueErrors to osmium
        _refuse_full_disk(room, error)
        overpass.forget()
        raise AnswerError("fetch.not_osm", reason=str(error)[:150]) from error
    areas = administrative_areas(joined, Findings())
    levels = areas["admin_level"][areas["osm_id"] == place.osm_id]
    if len(levels):  # OSM's own word before that of the search, which may have only a rank
        place = replace(place, admin_level=int(levels.iloc[0]))
    asked_of = told(client.answers)
    asked_of[-1]["osm_base"] = sorted(set(overpass.dates))
    return _Source(joined, place, people, areas, parts_inside(areas, place), area, asked_of)


def _written(answers: Iterable[bytes], room: Path) -> list[Path]:
    paths = []
    for number, body in enumerate(answers):
        path = room / f"{number}.osm"
        with writing(room):
            path.write_bytes(body)
        paths.append(path)
    return paths


def _known_services() -> dict[str, Any]:
    return {name: row["osm"] for name, row in table("services").items() if row.get("osm")}


def _narrow(source: _Source, seen: Polygonal, watcher: Watcher) -> None:
    """Take the surroundings only as far as the extract reaches."""
    lost = 1.0 - seen.area / source.area.around.area
    if lost > UNSEEN_SHARE:
        watcher.say(Problem("fetch.extract_ends", Severity.WARNING, {"share": f"{lost:.0%}"}))
    source.area = replace(source.area, around=seen)


def _usable(path: Path, source: _Source, watcher: Watcher) -> OsmExtract:
    """What the written extract holds; what would keep the region from running is said now."""
    known = _known_services()
    findings = Findings()
    try:
        extract = read_osm(path, OsmWanted(barriers=False, facilities=known, buildings=True), findings)
    except RuntimeError as error:
        _refuse_damaged(path, error)
    if extract is None or extract.streets is None:
        findings = Findings()
        findings.error("fetch.no_roads", place=source.place.name)
    elif source.people.total is not None and extract.buildings.empty:
        findings.error("fetch.no_buildings", place=source.place.name)
    elif extract.features.empty:
        findings.error("fetch.no_facilities", place=source.place.name)
    findings.stop_on_errors()
    assert extract is not None
    total, buildings = source.people.total, len(extract.buildings)
    if total is not None and total > CROWDED * buildings:
        fields = {"count": buildings, "each": f"{total / buildings:,.0f}"}
        watcher.say(Problem("fetch.few_buildings", Severity.WARNING, fields))
    return extract


def _refuse_full_disk(path: Path, error: Exception) -> None:
    """What osmium says of a disk that is full is not about the data."""
    if os.strerror(errno.ENOSPC) in str(error):
        with writing(path):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error


def _refuse_damaged(path: Path, error: RuntimeError) -> None:
    _refuse_full_disk(path, error)
    findings = Findings()
    findings.error("fetch.extract_damaged", file=str(path), reason=str(error)[:150])
    findings.stop_on_errors()


def _document(asked: Asked, source: _Source, people: float) -> dict[str, Any]:
    place = source.place
    return {
        "kind": "fetch",
        "circle": own_version(),
        "asked": {
            "place": asked.place,
            "buffer_m": asked.buffer_m,
            "population": asked.population,
            "country": asked.country,
        },
        "place": {
            "name": place.name,
            "osm_id": place.osm_id,
            "admin_level": place.admin_level,
            "country": place.country,
            "population_tag": place.people,
        },
        "people_within_boundary": people,
        "district_levels": {str(level): round(share, 6) for level, share in source.parts.shares.items()},
        "district_level": source.parts.level,
        "sources": source.told,
        "licences": {"osm": "ODbL-1.0", **({"worldpop": "CC-BY-4.0"} if source.people.iso3 else {})},
    }
