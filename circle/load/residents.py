"""Where people live, as ``[population]`` says it: rasters, points, polygons, buildings, or a census by district."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from circle.errors import Findings
from circle.lazily import gpd, pd
from circle.load.auto import AnchorsOnDemand, read_in_system
from circle.load.building_layer import read_buildings
from circle.load.census import CensusTable, district_people
from circle.load.columns import find_column, need_column, texts
from circle.load.datums import named_crs
from circle.load.layers import Bounds, Source
from circle.load.located import Located
from circle.load.osm_extract import OsmExtract
from circle.load.point_layers import points_reader
from circle.load.population import building_total, count_features
from circle.load.population_kind import people_column
from circle.load.population_section import PopulationSection
from circle.load.sections import DistrictsSection, is_raster
from circle.load.shapefile import has_shapefile
from circle.load.tables import is_table, read_table
from circle.load.vector import read_layer
from circle.model import CountRaster, DistrictCounts, Districts, Population

PROVINCE_STEP = 512
"""Cells of a province's raster lie in a window with sides in such steps, so that their places, to the last bit, do not
hang on where the outermost people of the province live."""


def read_population(
    extract: OsmExtract | None,
    surroundings: tuple[Districts | None, gpd.GeoDataFrame | None],
    anchors: AnchorsOnDemand,
    bounds: Bounds | None,
    source: Source,
) -> Population | None:
    """Where people live; rasters are read within `bounds`.

    `surroundings` are the districts that people are counted by, and the buildings that they can be spread over.
    """
    section = source.manifest.population
    if section.is_census:
        return _census(section, surroundings, bounds, source)
    if section.source == "osm-buildings":
        if extract is None or section.total is None:
            return None
        return building_total(extract.buildings, section.total, source.at(source.osm_file))
    rasters = dict(section.group_rasters)
    if all(is_raster(path) and not has_shapefile(source.path(path)) for path in section.paths):
        rasters |= {"all": section.paths} if section.paths else {}
        return _rasters(rasters, section.crs, bounds, source)
    written = section.paths[0]
    at, read = source.at(written, section.sheet or section.layer), points_reader(section, source.path(written))
    frame, _ = read_in_system(read, section.crs, anchors, at, name=section.name)
    if frame is None:
        return None
    people = people_column(frame, section.people, section.kind, at)
    features = count_features(frame, at, people=people, groups=section.group_columns)
    pattern = _pattern(section, bounds, source)
    return features if features is None or pattern is None else replace(features, pattern=pattern)


def read_footprints(extract: OsmExtract | None, source: Source) -> gpd.GeoDataFrame | None:
    """The buildings that people are spread over: of a file, else of the extract; None where none are wanted."""
    section = source.manifest.population
    if section.buildings is not None:
        return read_buildings(source.path(section.buildings), source.at(section.buildings), crs=section.crs)
    return extract.buildings if extract is not None and section.wants_osm_buildings else None


def _rasters(
    rasters: dict[str, tuple[str, ...]], declared: str | None, bounds: Bounds | None, source: Source
) -> CountRaster | None:
    from circle.load.count_raster import read_count_raster  # rasterio: only for regions with a raster

    tiles = {group: [source.path(path) for path in paths] for group, paths in rasters.items()}
    named = ", ".join(path for paths in rasters.values() for path in paths)
    crs = named_crs(declared, source.at(named)) if declared else None
    step = 1 if source.manifest.batch is None else PROVINCE_STEP
    return read_count_raster(tiles, source.findings, crs=crs, bounds=bounds, step=step)


def _pattern(section: PopulationSection, bounds: Bounds | None, source: Source) -> CountRaster | None:
    """The raster whose pattern is followed, where one is named; None also after an error."""
    crs = section.crs if section.is_census else None  # else it is that of the layer of people
    return _rasters({"all": section.patterns}, crs, bounds, source) if section.patterns else None


def _census(
    section: PopulationSection,
    surroundings: tuple[Districts | None, gpd.GeoDataFrame | None],
    bounds: Bounds | None,
    source: Source,
) -> DistrictCounts | None:
    """People per district, and the pattern that they are spread by; both are read, so that all problems are told."""
    districts, buildings = surroundings
    pattern = _pattern(section, bounds, source)
    if districts is None:
        return None
    read = _own_columns(source) if section.source == "districts" else _table(section, source)
    if read is None:
        return None
    table, at = read
    people = people_column(table.frame, section.people, section.kind, at)
    counted = district_people(table, districts, at, people=people, groups=section.group_columns)
    if counted is None or (section.patterns and pattern is None):
        return None
    spread = section.census_spread
    if section.spread is None and spread == "buildings" and (buildings is None or not len(buildings)):
        spread = "roads"
    return DistrictCounts(*counted, spread, pattern)


def _table(section: PopulationSection, source: Source) -> tuple[CensusTable, Located] | None:
    """The census table, and where it stands; a map layer serves as one, whatever its shapes."""
    written = section.paths[0]
    path, at = source.path(written), source.at(written, section.sheet or section.layer)
    frame: pd.DataFrame | None
    if is_table(path):
        frame = read_table(path, at, section.sheet, keep_totals=True)
    else:
        layer = read_layer(path, at, layer=section.layer)
        frame = None if layer is None else layer.set_axis(np.arange(1, len(layer) + 1), axis="index")
    column = None if frame is None else need_column(frame, "district_id", section.district, at, key="district")
    if frame is None or column is None:
        return None
    return CensusTable(frame, texts(frame[column]), column), at


def _own_columns(source: Source) -> tuple[CensusTable, Located] | None:
    """The district layer as a census table."""
    where: DistrictsSection | None = source.manifest.districts
    if where is None or where.path is None:
        return None
    at = source.at(where.path, where.layer)
    told = Located(Findings(), where.path, where.layer)  # what is wrong with it was said where the districts were read
    frame = read_layer(source.path(where.path), told, layer=where.layer)
    if frame is None:
        return None
    frame = frame.set_axis(np.arange(1, len(frame) + 1), axis="index")
    columns = [find_column(frame, "district_id", where.id), find_column(frame, "district_name", where.name)]
    named = [column for column in columns if column is not None]
    if not named:
        at.error("census.no_label_column", found=", ".join(str(c) for c in frame.columns if c != "geometry") or "-")
        return None
    labels = texts(frame[named[0]])
    for column in named[1:]:
        labels = np.where(pd.isna(labels), texts(frame[column]), labels)
    return CensusTable(frame, labels, named[0]), at
