"""A region from frames already in memory: the same checks and the same code as for files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely

from circle.errors import Findings
from circle.load.datums import frame_to_wgs84
from circle.load.districts import layer_districts
from circle.load.facilities import build_facilities, facility_rows
from circle.load.graphml import streets_from_graph
from circle.load.layers import road_hull
from circle.load.located import Located
from circle.load.placement import MARGIN_M, Box, check_placement
from circle.load.population import count_features
from circle.load.region import joined_barriers
from circle.load.road_layers import streets_from_lines
from circle.load.sections import FacilitiesSection
from circle.model import Districts, Facilities, Population, RegionData, Streets

_IN_MEMORY = FacilitiesSection.model_validate({"path": "facilities", "service_column": "service"})


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
    """

    roads: Any
    facilities: Any
    population: Any
    districts: Any = None


def region_from_frames(
    *,
    roads: Any,
    facilities: Any,
    population: Any,
    districts: Any = None,
    groups: Mapping[str, str] | None = None,
    name: str = "region",
) -> RegionData:
    """A region from frames; see `Frames` for the layers.

    Parameters
    ----------
    groups
        Group of residents to column of `population`; the total is recognised by its header.
    name
        The region's name.

    Raises
    ------
    InputError
        With all problems of all layers.
    """
    findings = Findings()
    data = read_frames(Frames(roads, facilities, population, districts), findings, groups=groups, name=name)
    findings.stop_on_errors()
    if data is None:
        message = "a layer was given up without an error"
        raise AssertionError(message)
    return data


def read_frames(
    frames: Frames, findings: Findings, *, groups: Mapping[str, str] | None = None, name: str = "region"
) -> RegionData | None:
    """As `region_from_frames`, with warnings and errors in `findings`; None after an error."""
    streets = _streets(frames.roads, findings)
    facilities = _facilities(frames.facilities, streets, findings)
    population = _population(frames.population, groups, findings)
    districts = None if frames.districts is None else _districts(frames.districts, findings)
    if streets is None or facilities is None or population is None or findings.errors:
        return None
    return RegionData(
        name=name,
        streets=streets,
        barriers=joined_barriers([]),
        facilities=facilities,
        population=population,
        districts=districts,
        settlements=None,
        elevation=None,
        extent=streets.extent or road_hull(streets),
    )


def _placed(layer: Any, name: str, findings: Findings, *, keep_unplaced: bool = False) -> gpd.GeoDataFrame | None:
    """A layer in WGS84 with rows counted from 1; None after recording that it is none, empty, or without a system."""
    at = Located(findings, name)
    if not isinstance(layer, gpd.GeoDataFrame):
        at.error("frames.not_geo", found=type(layer).__name__)
        return None
    if layer.empty:
        at.error("vector.empty")
        return None
    named = layer if layer.geometry.name == "geometry" else layer.rename_geometry("geometry")
    frame = named.set_axis(np.arange(1, len(layer) + 1), axis="index")
    missing = np.asarray(frame.geometry.isna() | frame.geometry.is_empty)
    if missing.any() and not keep_unplaced:
        at.warn("vector.no_geometry", count=int(missing.sum()), rows=", ".join(map(str, frame.index[missing][:10])))
        frame = frame[~missing]
    return frame_to_wgs84(frame, None, at)


def _streets(roads: Any, findings: Findings) -> Streets | None:
    at = Located(findings, "roads")
    if isinstance(roads, nx.Graph):
        return streets_from_graph(nx.MultiDiGraph(roads), at)
    if not isinstance(roads, gpd.GeoDataFrame):
        at.error("frames.not_roads", found=type(roads).__name__)
        return None
    frame = _placed(roads, "roads", findings)
    return None if frame is None else streets_from_lines(frame, at)


def _facilities(layer: Any, streets: Streets | None, findings: Findings) -> Facilities | None:
    at = Located(findings, "facilities")
    frame = _placed(layer, "facilities", findings)
    rows = None if frame is None else facility_rows(frame, _IN_MEMORY, at)
    if rows is None:
        return None
    if streets is not None:
        centre = shapely.get_coordinates(shapely.centroid(np.asarray(rows.geometry.array)))
        places = (centre[:, 0], centre[:, 1], np.asarray(rows.index))
        box = Box.around(streets.lon, streets.lat, MARGIN_M)
        if not check_placement(places, None, box, streets.extent or road_hull(streets), at):
            return None
    return build_facilities([rows], at)


def _population(layer: Any, groups: Mapping[str, str] | None, findings: Findings) -> Population | None:
    at = Located(findings, "population")
    if not isinstance(layer, gpd.GeoDataFrame):
        at.error("frames.not_population", found=type(layer).__name__)
        return None
    frame = _placed(layer, "population", findings, keep_unplaced=True)
    return None if frame is None else count_features(frame, at, groups=groups)


def _districts(layer: Any, findings: Findings) -> Districts | None:
    frame = _placed(layer, "districts", findings)
    return None if frame is None else layer_districts(frame, None, None, Located(findings, "districts"))
