"""A region from frames already in memory: the same checks and the same code as for files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import networkx as nx
from pydantic import ValidationError

from circle.errors import Findings, Problem
from circle.lazily import gpd
from circle.load.barriers import joined_barriers, layer_barriers
from circle.load.districts import layer_districts
from circle.load.elevation import array_elevation, read_elevation
from circle.load.facilities import build_facilities, facility_rows
from circle.load.frame_cells import plain_cells
from circle.load.graphml import streets_from_graph
from circle.load.layers import districts_in_place, extent_of, in_place, layer_settlements
from circle.load.located import Located
from circle.load.placement import MARGIN_M, Box
from circle.load.population import count_features
from circle.load.region import road_bounds
from circle.load.road_layers import streets_from_lines
from circle.load.roads import topology_of
from circle.load.sections import FacilitiesSection, PlacesSection, RoadsSection
from circle.load.vector import placed_frame
from circle.model import (
    POPULATION_KINDS,
    Barriers,
    CountFeatures,
    Districts,
    Elevation,
    Extent,
    Facilities,
    RegionData,
    Settlements,
    Streets,
)

_FACILITIES = FacilitiesSection.model_validate({"path": "facilities", "service_column": "service"})
_PLACES = PlacesSection.model_validate({"path": "places"})

IN_MEMORY = {
    "crs.missing": "frames.no_crs",
    "crs.unnamed_zone": "frames.no_crs",
    "crs.unnamed_exchanged": "frames.no_crs",
    "crs.unnamed_metres": "frames.no_crs",
    "crs.swapped": "frames.swapped",
    "crs.degrees_in_projected": "frames.degrees_in_projected",
    "crs.metres_in_degrees": "frames.metres_in_degrees",
    "table.column_missing": "frames.column_missing",
    "population.column_missing": "frames.people_missing",
    "facilities.values_unknown": "frames.values_unknown",
    "places.no_names": "frames.no_names",
    "topology.repaired": "frames.topology_repaired",
    "topology.mended": "frames.topology_mended",
    "topology.kept": "frames.topology_kept",
    "topology.near_misses": "frames.near_misses",
    "place.outside": "frames.outside",
    "place.outside_swapped": "frames.outside_swapped",
    "place.outside_other_crs": "frames.outside_other_crs",
    "file.missing": "frames.file_missing",
    "raster.crs_missing": "frames.raster_without_crs",
    "raster.crs_missing_degrees": "frames.raster_without_crs",
    "raster.not_georeferenced": "frames.raster_nowhere",
}
"""What is advised differently where there is no region.toml to write it into."""


@dataclass(frozen=True, eq=False)
class Frames:
    """Layers in memory, in any coordinate system that they carry.

    Parameters
    ----------
    roads
        GeoDataFrame of lines (joined where they share vertices), or a networkx graph as OSMnx makes them.
    facilities
        Points or areas with a column ``service``.
    population
        Points or areas with a column of people.
    districts
        Areas; None: the region is one.
    barriers
        GeoDataFrame of lines and areas that no access leg crosses, by columns named like OSM tags, else water.
    places
        GeoDataFrame of named villages and towns, after which gaps are called.
    elevation
        The path of a raster, or of several; or heights in memory as ``(array, transform, crs)``.
    groups
        Group of residents to column of `population`; the total is recognised by its header.
    name
        The region's name.
    population_kind
        What `population` counts, see `POPULATION_KINDS`; None: nothing is claimed.
    topology, snap_m
        As in ``[roads]`` of a region file.
    """

    roads: Any
    facilities: Any
    population: Any
    districts: Any = None
    barriers: Any = None
    places: Any = None
    elevation: Any = None
    groups: Mapping[str, str] | None = None
    name: str = "region"
    population_kind: str | None = None
    topology: Any = None
    snap_m: Any = None


def region_from_frames(frames: Frames) -> RegionData:
    """A region from layers in memory.

    Raises
    ------
    InputError
        With all problems of all layers.
    """
    findings = Findings()
    data = read_frames(frames, findings)
    findings.stop_on_errors()
    if data is None:
        message = "a layer was given up without an error"
        raise AssertionError(message)
    return data


def read_frames(frames: Frames, findings: Findings) -> RegionData | None:
    """As `region_from_frames`, with warnings and errors in `findings`; None after an error."""
    told = Findings()
    data = _read(frames, told)
    findings.problems += [_of_argument(problem) for problem in told.problems]
    return None if told.errors else data


def _read(frames: Frames, findings: Findings) -> RegionData | None:
    streets = _streets(frames, findings)
    area = None if streets is None else (Box.around(streets.lon, streets.lat, MARGIN_M), extent_of(streets))
    facilities = _facilities(frames.facilities, area, findings)
    population = _population(frames.population, frames.groups, area, findings)
    districts = None if frames.districts is None else _districts(frames.districts, area, findings)
    barriers = None if frames.barriers is None else _barriers(frames.barriers, findings)
    settlements = None if frames.places is None else _settlements(frames.places, findings)
    elevation = None if frames.elevation is None else _elevation(frames.elevation, streets, findings)
    if frames.population_kind not in (None, *POPULATION_KINDS):
        _at("population", findings).error(
            "frames.population_kind", known=", ".join(POPULATION_KINDS), found=frames.population_kind
        )
    if streets is None or area is None or facilities is None or population is None:
        return None
    return RegionData(
        name=frames.name,
        streets=streets,
        barriers=joined_barriers([] if barriers is None else [barriers]),
        facilities=facilities,
        population=population,
        districts=districts,
        settlements=settlements,
        elevation=elevation,
        extent=area[1],
        population_kind=frames.population_kind,
    )


def _at(argument: str, findings: Findings) -> Located:
    """Where findings about an argument are recorded: `roads=` stands where the path of a file would."""
    return Located(findings, f"{argument}=")


def _of_argument(problem: Problem) -> Problem:
    """The problem in words that do not speak of a region file; that of a file is one of ``elevation=``."""
    said = replace(problem, code=IN_MEMORY.get(problem.code, problem.code))
    if said.file is None or said.file.endswith("="):
        return said
    return replace(said, file="elevation=", layer=said.file)


def _placed(layer: Any, at: Located, *, keep_unplaced: bool = False) -> gpd.GeoDataFrame | None:
    """A layer in WGS84 with rows counted from 1; None after recording that it is none, empty, or without a system."""
    if not isinstance(layer, gpd.GeoDataFrame):
        at.error("frames.not_geo", found=type(layer).__name__)
        return None
    if layer.empty:
        at.error("vector.empty")
        return None
    if layer.active_geometry_name is None:
        at.error("frames.no_geometry", columns=", ".join(map(str, layer.columns)))
        return None
    named = layer if layer.geometry.name == "geometry" else layer.rename_geometry("geometry")
    plain = plain_cells(named, at)
    return None if plain is None else placed_frame(plain, at, keep_unplaced=keep_unplaced)


def _streets(frames: Frames, findings: Findings) -> Streets | None:
    at, roads = _at("roads", findings), frames.roads
    asked = {"topology": frames.topology, "snap_m": frames.snap_m}
    try:
        section = RoadsSection.model_validate({"path": "roads"} | asked)
    except ValidationError:
        at.error("frames.topology_unknown", **asked)
        return None
    if isinstance(roads, nx.Graph):
        return streets_from_graph(nx.MultiDiGraph(roads), at)
    if not isinstance(roads, gpd.GeoDataFrame):
        at.error("frames.not_roads", found=type(roads).__name__)
        return None
    frame = _placed(roads, at)
    return None if frame is None else streets_from_lines(frame, at, topology=topology_of(section))


def _facilities(layer: Any, area: tuple[Box, Extent] | None, findings: Findings) -> Facilities | None:
    at = _at("facilities", findings)
    frame = _placed(layer, at)
    rows = None if frame is None else facility_rows(frame, _FACILITIES, at, source="facilities")
    if rows is None or (area is not None and not in_place(rows, None, area, at)):
        return None
    return build_facilities([rows], at)


def _population(
    layer: Any, groups: Mapping[str, str] | None, area: tuple[Box, Extent] | None, findings: Findings
) -> CountFeatures | None:
    at = _at("population", findings)
    if not isinstance(layer, gpd.GeoDataFrame):
        at.error("frames.not_population", found=type(layer).__name__)
        return None
    frame = _placed(layer, at, keep_unplaced=True)
    people = None if frame is None else count_features(frame, at, groups=groups)
    if people is not None and area is not None:
        in_place(people.frame, None, area, at)
    return people


def _districts(layer: Any, area: tuple[Box, Extent] | None, findings: Findings) -> Districts | None:
    at = _at("districts", findings)
    frame = _placed(layer, at)
    districts = None if frame is None else layer_districts(frame, None, None, at)
    if districts is not None and area is not None:
        districts_in_place(districts, None, area, at)
    return districts


def _barriers(layer: Any, findings: Findings) -> Barriers | None:
    at = _at("barriers", findings)
    frame = _placed(layer, at)
    return None if frame is None else layer_barriers(frame, at)


def _settlements(layer: Any, findings: Findings) -> Settlements | None:
    at = _at("places", findings)
    frame = _placed(layer, at)
    return None if frame is None else layer_settlements(frame, _PLACES, at)


def _elevation(given: Any, streets: Streets | None, findings: Findings) -> Elevation | None:
    at, bounds = _at("elevation", findings), road_bounds(streets)
    paths = [given] if isinstance(given, str | Path) else given
    if isinstance(paths, list | tuple) and len(paths) and all(isinstance(path, str | Path) for path in paths):
        return read_elevation([Path(path) for path in paths], findings, bounds=bounds)
    if not isinstance(given, tuple) or len(given) != 3:
        at.error("frames.not_elevation", found=type(given).__name__)
        return None
    return array_elevation(*given, at, bounds=bounds)
