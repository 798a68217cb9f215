"""The points of a lattice: over the network beside networkx, straight to a facility beside shapely."""

from __future__ import annotations

from typing import NamedTuple

import networkx as nx
import numpy as np

from circle.kernels.lattice import NEVER, NOBODY, SIDE, TILE, Joined, Room, Window, field_of, joined_points
from circle.kernels.settle import NO_WAY
from circle.units import CIRCUITY
from tests.kernels.beside import Beside
from tests.kernels.edges_beside import OnEdges, arcs_of_edges, costs_to_sites, edges_case, split_graph, the_same
from tests.kernels.grids import MS_PER_M
from tests.kernels.shapes_beside import crossed, lines_case, walls_from

Random = np.random.Generator
STEP_M, SPEED_M_S = 25.0, 1000 / 900


class OnLattice(NamedTuple):
    """A network whose places are points of two tiles side by side; where its facilities stand, and walls around them."""

    asked: OnEdges
    site: np.ndarray
    walls: np.ndarray
    direct_m: float
    known: int


def lattice_case(random: Random) -> tuple[OnLattice]:
    """Most points have no candidate, the others those of the case."""
    (asked,) = edges_case(random)
    many = np.diff(asked.places.offset)
    count = np.zeros(2 * TILE, np.int64)
    count[np.sort(random.choice(2 * TILE, len(many), replace=False))] = many
    places = asked.places._replace(offset=np.concatenate([[0], np.cumsum(count)]))
    site = random.uniform(-40, 420, (len(asked.sites.offset) - 1, 2))
    known = int(random.choice([0, 200, 1500])) * MS_PER_M
    direct_m = float(random.choice([0.0, 90.0, 300.0]))
    return (OnLattice(asked._replace(places=places), site, lines_case(random, most=4, side=300.0), direct_m, known),)


def points_of_tiles() -> np.ndarray:
    """(2 * TILE, 2) metres, tile by tile."""
    within = np.arange(TILE)
    one = np.column_stack([within % SIDE, within // SIDE]) * STEP_M
    return np.concatenate([one, one + np.array([SIDE * STEP_M, 0.0])])


def field_by_circle(case: OnLattice) -> np.ndarray:
    """Milliseconds at every point, tile by tile; -1 beyond what is known."""
    asked = case.asked
    joined = Joined(*joined_points(asked.places, asked.ends, asked.nodes))
    window = Window(0.0, 0.0, STEP_M, np.array([[0, 1]], np.int32))
    nodes, edges = asked.nodes, len(asked.metres)
    room = Room(
        np.full(nodes, NO_WAY), np.empty(nodes, np.int32), np.full(edges, NOBODY, np.int32), np.zeros(nodes, bool)
    )
    where = (*case.site.T.copy(), np.zeros(len(case.site)))
    legs = (case.direct_m, SPEED_M_S, case.known)
    net = (arcs_of_edges(asked), asked.ends)
    found = [field_of(window, joined, net, walls_from(case.walls), asked.sites, where, legs, room) for _ in range(2)]
    assert np.array_equal(*found)  # the room is left as it was
    field = np.concatenate([found[0][:, :SIDE].ravel(), found[0][:, SIDE:].ravel()])
    return np.where(field <= case.known, field, -1)


def field_by_others(case: OnLattice) -> np.ndarray:
    """The better of networkx's way and the leg that crosses nothing."""
    costs, points = costs_to_sites(split_graph(case.asked), case.asked), points_of_tiles()
    least = np.array(
        [min((c["place", p] for c in costs if ("place", p) in c), default=NEVER) for p in range(len(points))]
    )
    for site in case.site:
        leg_m = np.hypot(*(points - site).T)
        legs = np.stack([points, np.broadcast_to(site, points.shape)], axis=1)
        direct = np.rint(CIRCUITY * leg_m / SPEED_M_S * 1000).astype(np.int64)
        least = np.where((leg_m <= case.direct_m) & ~crossed(legs, case.walls), np.minimum(least, direct), least)
    return np.where(least <= case.known, least, -1)


def gates_by_circle(case: OnLattice) -> list[dict[int, int]]:
    """Of each point the nodes by which one leaves, with the impedance of getting there."""
    asked = case.asked
    joined = Joined(*joined_points(asked.places, asked.ends, asked.nodes))
    rows = [slice(*joined.gate_offset[p : p + 2]) for p in range(2 * TILE)]
    nodes = [joined.node[slice(*joined.node_offset[tile : tile + 2])] for tile in range(2)]
    assert all(len(set(own)) == len(own) for own in nodes)
    found = [(nodes[p // TILE][joined.gate[row]], joined.cost[row]) for p, row in enumerate(rows)]
    assert all(len(set(node)) == len(node) for node, _ in found)
    return [dict(zip(node.tolist(), cost.tolist(), strict=True)) for node, cost in found]


def gates_by_networkx(case: OnLattice) -> list[dict[int, int]]:
    """On each edge alone, with an end that nothing leads on from."""
    asked = case.asked
    found: list[dict[int, int]] = [{} for _ in range(2 * TILE)]
    for e in range(len(asked.metres)):
        graph = split_graph(asked, [e])
        graph.remove_nodes_from([on for on in graph if isinstance(on, tuple) and on[0] == "on" and on[1] != e])
        for p in np.flatnonzero(np.diff(asked.places.offset)):
            cost = nx.single_source_dijkstra_path_length(graph, ("place", p))
            for node in {int(asked.ends.start[e]), int(asked.ends.end[e])} & cost.keys():
                found[p][node] = min(found[p].get(node, NEVER), cost[node])
    return found


def within_a_millisecond(own: np.ndarray, other: np.ndarray) -> None:
    """Direct legs are scaled from the plane to the ellipsoid and back; both sides know the same points."""
    assert np.array_equal(own < 0, other < 0)
    assert np.abs(own - other).max() <= 1


LATTICE = (
    Beside("lattice.joined_points", gates_by_circle, gates_by_networkx, "networkx, edge by edge", lattice_case, agree=the_same),
    Beside("lattice.field_of", field_by_circle, field_by_others, "networkx, on a graph split at every candidate, and shapely.intersects", lattice_case, agree=within_a_millisecond),
)  # fmt: skip
