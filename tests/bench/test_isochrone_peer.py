"""One isochrone of one school in Las Palmas, beside the recipe of OSMnx's examples on the very same network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from shapely import LineString, Point

import circle
from circle import reach
from circle.kernels.projection import to_crs
from circle.settings import Limit
from tests.bench.figures import Say

LIMIT_S, STEP_M, EDGE_M, NODE_M, TURNS = 900.0, 25.0, 25.0, 50.0, 2


def recipe(graph: Any, center: int) -> Any:
    """As "isolines and isochrones" of the OSMnx examples: the reached nodes' and edges' buffers, united."""
    part = nx.ego_graph(graph, center, radius=LIMIT_S, distance="travel_time")
    points = [Point((data["x"], data["y"])) for _, data in part.nodes(data=True)]
    nodes = gpd.GeoDataFrame({"id": list(part.nodes)}, geometry=points).set_index("id")
    lines = []
    for start, end in part.edges():
        straight = LineString([nodes.loc[start].geometry, nodes.loc[end].geometry])
        lines.append(next(iter(graph.get_edge_data(start, end).values())).get("geometry", straight))
    buffers = [*nodes.buffer(NODE_M).geometry, *gpd.GeoSeries(lines).buffer(EDGE_M).geometry]
    return gpd.GeoSeries(buffers).union_all()


@pytest.mark.bench
def test_isochrones_of_the_schools_beside_the_osmnx_recipe(
    regions: Path, monkeypatch: pytest.MonkeyPatch, figure: Say
) -> None:
    """Row 3: from the school's place on the network to the polygon, one thread.

    Neither side's loading, nor finding the school's nearest node or edges, is counted. All else is: ours begins with
    nothing but the network and joins the ground around a school to it when the school's turn comes, unless another's
    did before; that is in the median, in the mean, and all of what the first takes. Theirs keeps nothing that would
    help the next. Ours asks points of a lattice for their exact time, legs, candidates and barriers included, and ends
    in degrees; theirs ends on the projected plane. Valhalla does not stand beside it: the wheel that can be had for
    Python 3.11 (pyvalhalla 3.2.0) brings no builder of tiles.
    """
    import osmnx as ox

    monkeypatch.setattr("circle.reach.attach.cpu_count", lambda: 1)
    network = circle.Network.from_osm(regions / "las_palmas/las_palmas_2023.osm.pbf", ["school"], cache=False)
    assert network.facilities is not None
    lon, lat = network.facilities.columns["lon"], network.facilities.columns["lat"]
    graph = ox.project_graph(network.to_networkx())
    centers = ox.distance.nearest_nodes(graph, *to_crs("EPSG:4326", str(graph.graph["crs"]), lon, lat))
    places = reach.join_places(network.engine, lon, lat)
    each = [reach.select_places(places, np.array([k])) for k in range(len(lon))]

    def seconds(area_of: Callable[[Any], Any], sites: Iterable[Any]) -> list[float]:
        taken = []
        for site in sites:
            begin = perf_counter()
            area = area_of(site)
            taken.append(perf_counter() - begin)
            assert not area.is_empty
        return taken

    def on(lattice: reach.Lattice) -> Callable[[reach.Places], Any]:
        limits = (Limit("15min", LIMIT_S),)
        return lambda site: reach.isochrones_of(lattice, site, limits, network.shores)[0].geometry

    on(reach.Lattice(network.engine, STEP_M))(each[0])  # compiled
    recipe(graph, centers[0])
    passes = []
    for _ in range(TURNS):
        lattice = reach.Lattice(network.engine, STEP_M)
        passes.append([seconds(on(lattice), each), seconds(partial(recipe, graph), centers), seconds(on(lattice), each)])
    fresh, theirs, kept = np.array(passes).min(axis=0)
    say = partial(figure, row=3, peer="OSMnx's recipe: ego_graph and buffers")
    work = "one isochrone polygon, median over the schools of Las Palmas, one after another, one thread"
    say(work=work, ours_s=float(np.median(fresh)), peer_s=float(np.median(theirs)), at_least=250, asserted=150)
    say(work="the same, mean", ours_s=float(fresh.mean()), peer_s=float(theirs.mean()))
    say(work="the same, the slowest of all", ours_s=float(fresh.max()), peer_s=float(theirs.max()))
    say(work="the same, median, all asked a second time", ours_s=float(np.median(kept)), peer_s=float(np.median(theirs)))
