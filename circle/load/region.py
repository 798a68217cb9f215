"""A whole region from its file: everything is read that can be, and all problems of all files are told at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import shapely

from circle.errors import Findings, InputError, Problem, Severity
from circle.load import layers, residents
from circle.load.auto import AnchorsOnDemand
from circle.load.datums import is_auto
from circle.load.facilities import build_facilities
from circle.load.located import Located
from circle.load.manifest import Manifest
from circle.load.manifest_file import read_manifest, read_standard
from circle.load.osm import OsmExtract
from circle.load.placement import MARGIN_M, Box
from circle.load.provenance import input_files
from circle.load.sections import FacilitiesSection
from circle.model import (
    Barriers,
    CountFeatures,
    Districts,
    Extent,
    Facilities,
    Population,
    RegionData,
    Streets,
)
from circle.reference import ServiceNames
from circle.settings import Question, resolve

REGION_FILE = "region.toml"
LIKELY = {"time": (60.0, 3 * 3600.0), "distance": (50.0, 50_000.0)}
"""The longest limit is hardly meant in that unit outside: a minute to three hours, 50 m to 50 km."""


@dataclass(frozen=True, eq=False)
class LoadedRegion:
    """A region as read.

    Parameters
    ----------
    file
        The region file.
    data
        All layers.
    question
        What ``[analysis]`` asks.
    problems
        Warnings and notes.
    """

    file: Path
    data: RegionData
    question: Question
    problems: tuple[Problem, ...]


def read_region(path: str | Path) -> LoadedRegion:
    """A region from its file, or from the folder that holds it.

    Parameters
    ----------
    path
        A region file, or a folder with a ``region.toml``.

    Raises
    ------
    InputError
        If anything stops the run; it carries every problem of every file.
    """
    loaded, problems = check_region(path)
    if loaded is None:
        raise InputError(problems)
    return loaded


def check_region(path: str | Path) -> tuple[LoadedRegion | None, list[Problem]]:
    """As `read_region`, but problems are an answer: what could be read (None after an error), and all problems."""
    findings = Findings()
    file = Path(path)
    file = file / REGION_FILE if file.is_dir() else file
    if not file.is_file():
        findings.error("region.file_missing", file=str(path))
        return None, findings.problems
    manifest = read_manifest(file, findings)
    loaded = None if manifest is None else _read_layers(manifest, file, findings)
    problems = _in_order(findings.problems, file.parent)
    if loaded is None or any(problem.severity is Severity.ERROR for problem in problems):
        return None, problems
    return replace(loaded, problems=tuple(problems)), problems


def _read_layers(manifest: Manifest, file: Path, findings: Findings) -> LoadedRegion | None:
    source = layers.Source(manifest, file.parent, findings)
    standard = read_standard(manifest.analysis.standard, file.parent, findings)
    extract = layers.read_extract(source)
    streets = layers.read_roads(manifest.roads, extract, source)
    barriers = layers.read_barriers(extract, source)
    area = _area(streets, extract, source)
    districts = layers.read_districts(extract, source)
    anchors = cache(partial(layers.read_anchors, streets, extract, districts, source))
    facilities = _facilities(area, extract, anchors, source)
    around = _bounds(area, districts)
    buildings = residents.read_footprints(extract, source)
    population = residents.read_population(extract, (districts, buildings), anchors, around, source)
    _check_places(area, districts, population, source)
    settlements = layers.read_settlements(extract, anchors, source)
    elevation = layers.read_heights(road_bounds(streets), source)
    if streets is None or area is None or facilities is None or population is None or standard is None:
        return None
    data = RegionData(
        name=manifest.region.name,
        streets=streets,
        barriers=joined_barriers(barriers),
        facilities=facilities,
        population=population,
        districts=districts,
        settlements=settlements,
        elevation=elevation,
        extent=area[1],
        inputs=input_files(manifest, file),
        spread=manifest.population.spread,
        buildings=buildings,
        population_kind=manifest.population.kind,
    )
    question = _asked(resolve(manifest.analysis, standard), manifest, facilities, findings)
    return LoadedRegion(file, data, question, ())


def _area(streets: Streets | None, extract: OsmExtract | None, source: layers.Source) -> tuple[Box, Extent] | None:
    """The roads with a margin, and the extent."""
    if streets is None:
        return None
    extent = layers.read_extent(streets, extract, source)
    return None if extent is None else (Box.around(streets.lon, streets.lat, MARGIN_M), extent)


def _facilities(
    area: tuple[Box, Extent] | None, extract: OsmExtract | None, anchors: AnchorsOnDemand, source: layers.Source
) -> Facilities | None:
    """All lists together; None when one of them cannot be used."""
    lists = []
    usable = True
    for section in source.manifest.facilities:
        rows, at, crs = layers.read_facilities(section, extract, anchors, source)
        if rows is not None and len(rows) and area is not None:
            usable &= layers.in_place(rows, crs, area, at)
        if rows is None:
            usable = False
        else:
            lists.append(rows)
    return build_facilities(lists, Located(source.findings, source.manifest.region.name)) if usable else None


def _check_places(
    area: tuple[Box, Extent] | None, districts: Districts | None, population: Population | None, source: layers.Source
) -> None:
    """Record residents that mostly live, or districts that all lie, far from the roads."""
    if area is None:
        return
    section = source.manifest.population
    if isinstance(population, CountFeatures):
        layers.in_place(population.frame, _declared(section.crs), area, source.at(section.paths[0]))
    where = source.manifest.districts
    if districts is not None and where is not None:
        layers.districts_in_place(districts, where.crs, area, source.at(where.path or source.osm_file))


def _declared(crs: str | None) -> str | None:
    """A system that advice can be given about; one told by evidence is in place already."""
    return None if is_auto(crs) else crs


def _bounds(area: tuple[Box, Extent] | None, districts: Districts | None) -> layers.Bounds | None:
    """West, south, east, north within which rasters are read: roads with a margin, extent and districts."""
    if area is None:
        return None
    box, extent = area
    boxes = [(box.west, box.south, box.east, box.north), tuple(shapely.bounds(extent.polygon))]
    if districts is not None:
        boxes.append(tuple(districts.frame.total_bounds))
    corners = np.array(boxes, dtype=np.float64)
    west, south = corners[:, :2].min(axis=0)
    east, north = corners[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def road_bounds(streets: Streets | None) -> layers.Bounds | None:
    """West, south, east, north of the roads: heights matter nowhere else."""
    if streets is None:
        return None
    box = Box.around(streets.lon, streets.lat)
    return box.west, box.south, box.east, box.north


def _asked(question: Question, manifest: Manifest, facilities: Facilities, findings: Findings) -> Question:
    """The question, with the services that the region names though no facility offers them: nobody is served then."""
    offered = list(dict.fromkeys(facilities.table["service"]))
    _doubt_unit(question, findings)
    if question.services is not None:
        named = question.services
    else:
        named = tuple(dict.fromkeys(service for section in manifest.facilities for service in _explicit(section)))
    for service in named:
        if service not in offered:
            findings.warn(
                "facilities.none_of_service",
                file=REGION_FILE,
                service=ServiceNames((service,)),
                offered=ServiceNames(tuple(offered)),
            )
    if question.services is not None:
        return question
    return replace(question, services=tuple(dict.fromkeys([*offered, *named])))


def _doubt_unit(question: Question, findings: Findings) -> None:
    """Warn of limits that nobody means: minutes written where metres are counted, or the other way round."""
    low, high = LIKELY[question.metric]
    if not low <= question.main.value <= high:
        limits = ", ".join(limit.label for limit in question.limits)
        findings.warn(f"question.unlikely_{question.metric}", file=REGION_FILE, limits=limits)


def _explicit(section: FacilitiesSection) -> Sequence[str]:
    """The services that a section names itself."""
    if section.service is not None:
        return (section.service,)
    if section.services is not None:
        return section.services
    return tuple(section.tags or ()) + tuple((section.mapping or {}).values())


def joined_barriers(parts: Sequence[Barriers]) -> Barriers:
    """Barriers of several sources as one."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        empty = np.empty(0, dtype=np.float64)
        kind, sided = np.empty(0, dtype=np.int8), np.empty(0, dtype=bool)
        return Barriers(empty, empty, np.zeros(1, dtype=np.int64), kind, sided, np.empty(0, dtype=object))
    lengths = np.concatenate([np.diff(part.line_offset) for part in parts])
    return Barriers(
        lon=np.concatenate([part.lon for part in parts]),
        lat=np.concatenate([part.lat for part in parts]),
        line_offset=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        kind=np.concatenate([part.kind for part in parts]),
        one_sided=np.concatenate([part.one_sided for part in parts]),
        water=np.concatenate([part.water for part in parts]),
    )


def _in_order(problems: Sequence[Problem], folder: Path) -> list[Problem]:
    """Errors first, each once, files named as in the region file."""
    rank = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
    prefix = "" if folder == Path() else f"{folder}/"
    once: list[Problem] = []
    for problem in sorted(problems, key=lambda p: rank[p.severity]):
        shown = replace(problem, file=problem.file.replace(prefix, "")) if problem.file and prefix else problem
        if shown not in once:
            once.append(shown)
    return once
