"""A region on both sides of the 180th meridian, drawn in one piece: what lies beyond it goes on past 180° east."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from circle.antimeridian import HALF, TURN, around, cut
from circle.lazily import gpd
from circle.model import Analysis, Floats, Geometries, NetworkData, RegionData, Trails


def in_one_piece(analysis: Analysis) -> Analysis:
    """The analysis with all longitudes between 0° and 360° if its network lies on both sides of 180°, else as it is."""
    if not crosses_the_seam(analysis.network):
        return analysis
    residents = analysis.residents
    return replace(
        analysis,
        region=region_eastward(analysis.region),
        network=network_eastward(analysis.network),
        residents=replace(residents, lon=east(residents.lon)),
        gaps=_frame(analysis.gaps).assign(site_lon=east(analysis.gaps["site_lon"].to_numpy(np.float64))),
        isochrones=_frame(analysis.isochrones),
        trails=None if analysis.trails is None else _trails(analysis.trails),
    )


def crosses_the_seam(network: NetworkData) -> bool:
    """Whether a network lies on both sides of the 180th meridian."""
    lon = around(network.node_lon)
    return len(lon) > 0 and bool(lon.max() > HALF)


def network_eastward(network: NetworkData) -> NetworkData:
    """A network with its longitudes between 0° and 360°."""
    return replace(network, node_lon=east(network.node_lon), vertex_lon=east(network.vertex_lon))


def on_the_globe(lon: float) -> float:
    """A longitude as people write it.

    >>> on_the_globe(180.5), on_the_globe(118.9)
    (-179.5, 118.9)
    """
    return lon - TURN if lon > HALF else lon


def region_eastward(region: RegionData) -> RegionData:
    """The layers that are drawn, with longitudes between 0° and 360°."""
    districts, settlements, columns = region.districts, region.settlements, region.facilities.columns
    barriers = region.barriers
    return replace(
        region,
        facilities=replace(region.facilities, columns={**columns, "lon": east(columns["lon"])}),
        districts=None if districts is None else replace(districts, frame=_frame(districts.frame)),
        settlements=None if settlements is None else replace(settlements, frame=_frame(settlements.frame)),
        barriers=replace(barriers, lon=east(barriers.lon), water=shapes_eastward(barriers.water)),
        extent=replace(region.extent, polygon=_shape(region.extent.polygon)),
    )


def _trails(trails: Trails) -> Trails:
    services = {name: replace(trail, goal_lon=east(trail.goal_lon)) for name, trail in trails.services.items()}
    return replace(trails, services=services)


def east(lon: Floats) -> Floats:
    """Longitudes between 0° and 360°."""
    return np.where(lon < 0.0, lon + TURN, lon)


def _frame(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_geometry(gpd.GeoSeries(shapes_eastward(frame.geometry.to_numpy()), frame.index, frame.crs))


def shapes_eastward(shapes: Geometries) -> Geometries:
    """Shapes with longitudes between 0° and 360°; None stays None."""
    moved = np.empty(len(shapes), dtype=object)
    moved[:] = [_shape(shape) for shape in shapes]
    return moved


def _shape(shape: Any) -> Any:
    """The parts of a shape on either side, joined again where they touch."""
    if shape is None or shapely.is_empty(shape):
        return shape
    moved = shapely.transform(cut(shape), lambda points: np.column_stack([east(points[:, 0]), points[:, 1]]))
    return shapely.union_all(shapely.get_parts(moved)) if shapely.get_dimensions(moved) == 2 else moved
