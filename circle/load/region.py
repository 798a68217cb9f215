"""A whole region from its file: everything is read that can be, and all problems of all files are told at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import shapely

from circle.errors import Findings, InputError, Problem, Severity
from circle.kernels.projection import local_projection
from circle.lazily import gpd
from circle.load import layers, residents
from circle.load.agreement import judge_roads, weighed
from circle.load.auto import AnchorsOnDemand
from circle.load.auto_roads import settled_roads
from circle.load.barriers import joined_barriers
from circle.load.by_name import known_things, located_by_name
from circle.load.datums import is_auto
from circle.load.facilities import build_facilities, placed_rows
from circle.load.located import Located
from circle.load.manifest_file import read_manifest, read_standard
from circle.load.osm_extract import OsmExtract
from circle.load.placement import MARGIN_M, Box
from circle.load.provenance import input_files, with_evidence
from circle.load.question import question_of
from circle.load.region_file import region_file
from circle.load.sections import FacilitiesSection
from circle.load.sheets import one_sheet_each
from circle.load.shifted import in_china
from circle.load.streets import road_lines
from circle.load.tags_told import TagsTaken, tags_taken
from circle.model import (
    CountFeatures,
    Districts,
    Extent,
    Facilities,
    Population,
    RegionData,
    Settlements,
    Streets,
)
from circle.settings import Question, resolve
from circle.store import Cache, name_problem


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
    by_tags
        How facilities of an extract were taken for their services.
    """

    file: Path
    data: RegionData
    question: Question
    problems: tuple[Problem, ...]
    by_tags: TagsTaken | None = None


def read_region(path: str | Path, cache: Cache | None = None) -> LoadedRegion:
    """A region from its file, or from the folder that holds it.

    Parameters
    ----------
    path
        A region file, or a folder with a ``region.toml``.
    cache
        Where what was read of an extract is kept; None: nowhere.

    Raises
    ------
    InputError
        If anything stops the run; it carries every problem of every file.
    """
    loaded, problems = check_region(path, cache)
    if loaded is None:
        raise InputError(problems)
    return loaded


def check_region(path: str | Path, cache: Cache | None = None) -> tuple[LoadedRegion | None, list[Problem]]:
    """As `read_region`, but problems are an answer: what could be read (None after an error), and all problems."""
    findings = Findings()
    if (unnamed := name_problem(Path(path))) is not None:
        return None, [unnamed]
    file = region_file(path)
    if not file.is_file():
        findings.error("region.file_missing", file=str(path))
        return None, findings.problems
    manifest = read_manifest(file, findings)
    if manifest is not None and manifest.batch is not None:
        findings.note("batch.one_region", file=file.name)
    loaded = None if manifest is None else _read_layers(layers.Source(manifest, file.parent, findings, cache), file)
    problems = _in_order(findings.problems, file.parent)
    if loaded is None or any(problem.severity is Severity.ERROR for problem in problems):
        return None, problems
    return replace(loaded, problems=tuple(problems)), problems


def _read_layers(source: layers.Source, file: Path) -> LoadedRegion | None:
    manifest, findings = source.manifest, source.findings
    standard = read_standard(manifest.analysis.standard, file.parent, findings)
    extract = layers.read_extract(source)
    streets = layers.read_roads(manifest.roads, extract, source)
    barriers = layers.read_barriers(extract, source)
    area = _area(streets, extract, source)
    districts = layers.read_districts(extract, source)
    anchors = cache(partial(layers.read_anchors, streets, extract, districts, source))
    buildings = residents.read_footprints(extract, source)
    around = _bounds(area, districts)
    population = residents.read_population(extract, (districts, buildings), anchors, around, source)
    if streets is not None and is_auto(manifest.roads.crs):
        streets = settled_roads(streets, manifest.roads.crs, population, source.at(manifest.roads.path or ""))
        area = _area(streets, extract, source)
        anchors = cache(partial(layers.read_anchors, streets, extract, districts, source))
    anchors = cache(partial(weighed, anchors, _roads_fit(streets, population, buildings, source)))
    settlements = layers.read_settlements(extract, anchors, source)
    facilities = _facilities(area, extract, anchors, settlements, source)
    _check_places(area, districts, population, source)
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
        inputs=with_evidence(input_files(manifest, file), findings.problems),
        spread=manifest.population.spread,
        buildings=buildings,
        population_kind=manifest.population.kind,
        period=None if manifest.batch is None else manifest.batch.period,
        projection=None if manifest.batch is None else _of_counties(districts),
    )
    question = question_of(resolve(manifest.analysis, standard), manifest, facilities, findings)
    by_tags = tags_taken(manifest.facilities, facilities, source.osm_file)
    return LoadedRegion(file, data, question, (), by_tags)


def _area(streets: Streets | None, extract: OsmExtract | None, source: layers.Source) -> tuple[Box, Extent] | None:
    """The roads with a margin, and the extent."""
    if streets is None:
        return None
    extent = layers.read_extent(streets, extract, source)
    return None if extent is None else (Box.around(streets.lon, streets.lat, MARGIN_M), extent)


def _roads_fit(
    streets: Streets | None, population: Population | None, buildings: gpd.GeoDataFrame | None, source: layers.Source
) -> bool | None:
    """Whether people, or else buildings, show the roads of a file to be where they are drawn; None: it is not clear."""
    written = source.manifest.roads.path
    if streets is None or written is None or not in_china(streets.lon, streets.lat).any():
        return None
    if is_auto(source.manifest.roads.crs):
        return True
    at = source.at(written, source.manifest.roads.layer)
    return judge_roads(road_lines(streets), population, at, buildings=buildings)


def _facilities(
    area: tuple[Box, Extent] | None,
    extract: OsmExtract | None,
    anchors: AnchorsOnDemand,
    settlements: Settlements | None,
    source: layers.Source,
) -> Facilities | None:
    """All lists together; None when one of them cannot be used."""
    sections = _one_list_each(source)
    read = [layers.read_facilities(section, extract, anchors, source) for section in sections]
    offered = [rows for rows, _, _ in read]
    services = {service for rows in offered if rows is not None for service in rows["service"][rows.geometry.isna()]}
    known = cache(partial(known_things, offered, settlements, source, services))
    usable = len(sections) > 0
    lists = []
    for section, (rows, at, crs) in zip(sections, read, strict=True):
        placed = rows
        if rows is not None and section.path is not None:
            placed = placed_rows(located_by_name(rows, known, at), at)
        if placed is not None and len(placed) and area is not None:
            usable &= layers.in_place(placed, crs, area, at)
        if placed is None:
            usable = False
        else:
            lists.append(placed)
    if not usable:
        return None
    at = Located(source.findings, source.manifest.region.name)
    return build_facilities(lists, at, steady=source.manifest.batch is not None)


def _one_list_each(source: layers.Source) -> list[FacilitiesSection]:
    """The lists of the region file; several sheets of a workbook are several lists. One that is none is an error."""
    every: list[FacilitiesSection] = []
    for section in source.manifest.facilities:
        path = section.path or ""
        every += one_sheet_each(section, source.path(path), source.at(path))
    return every


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


def _of_counties(districts: Districts | None) -> str | None:
    """The projection of a province: around the middle one of its counties, which hardly ever becomes another."""
    if districts is None:
        return None
    lon, lat = shapely.get_coordinates(shapely.point_on_surface(np.asarray(districts.frame.geometry.array))).T
    east = np.where(lon < 0, lon + 360.0, lon) if np.ptp(lon) > 180.0 else lon
    middle = float(np.median(east))
    return local_projection(np.array([middle - 360.0 if middle > 180.0 else middle]), np.array([np.median(lat)]))


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
