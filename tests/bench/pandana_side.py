"""The same with pyrosm and pandana as their handbooks do it: ``pandana_side.py PBF CELLS.npz OUT.npz [N]``."""

from __future__ import annotations

import sys

from tests.bench.rounds import rounds

WALKING_M_S = 4 / 3.6
FARTHEST_M = 100_000.0
SERVICES = {
    "school": {"amenity": ["school"]},
    "clinic": {"amenity": ["clinic", "doctors", "hospital"], "healthcare": ["clinic", "doctor", "centre", "hospital"]},
    "bus_stop": {"highway": ["bus_stop"]},
}


def travel_times(pbf: str, cells: str, out: str) -> None:
    """Write seconds from each cell's nearest node to the nearest facility of each service."""
    import warnings

    warnings.filterwarnings("ignore")  # of theirs, none of ours
    import numpy as np
    import pyrosm

    reader = pyrosm.OSM(pbf)
    nodes, edges = reader.get_network(network_type="walking", nodes=True)
    network = reader.to_graph(nodes, edges, graph_type="pandana")
    at = np.load(cells)
    own = network.get_node_ids(at["lon"], at["lat"])
    seconds = {}
    for service, tags in SERVICES.items():
        pois = reader.get_pois(custom_filter=tags)
        points = pois.geometry.centroid
        network.set_pois(service, FARTHEST_M, 1, points.x, points.y)
        metres = network.nearest_pois(FARTHEST_M, service, num_pois=1)[1]
        seconds[service] = metres.loc[own].to_numpy() / WALKING_M_S
    np.savez(out, **seconds)


if __name__ == "__main__":
    rounds(travel_times, *sys.argv[1:])
