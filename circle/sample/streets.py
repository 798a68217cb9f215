"""The road network of the county: lanes and roads joined, drawn smoothly, and given their classes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from circle.model import Bools, Floats, Ints
from circle.sample.frame import Random, nearest_of
from circle.sample.lanes import MAIN_STREET, SPACING_M, Lanes
from circle.sample.links import Links
from circle.sample.places import Access, Places, Tier
from circle.sample.terrain import Land

CLASSES = (
    *("trunk", "primary", "secondary", "tertiary", "unclassified", "residential"),
    *("service", "track", "footway", "path", "steps"),
)
"""OSM ``highway`` values, the most important first."""

TRUNK, PRIMARY, SECONDARY, TERTIARY, UNCLASSIFIED, RESIDENTIAL = range(6)
SERVICE, TRACK, FOOTWAY, PATH, STEPS = range(6, len(CLASSES))

PLAIN, BRIDGE, UNDERPASS = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Streets:
    """Vertices of roads and the stretches between them. n vertices, m stretches.

    Parameters
    ----------
    x, y
        (n,) metres. The first ones are the crossings of `Lanes`.
    u, v
        (m,) vertices.
    road
        (m,) drawn over land from place to place (else a lane inside one).
    owner
        (m,) place that a lane belongs to, -1 for roads.
    street
        (m,) grid line of a lane, see `Lanes`; 0 for roads.
    rank
        (m,) index into `CLASSES`.
    span
        (m,) `PLAIN`, `BRIDGE` or `UNDERPASS`.
    oneway, private
        (m,) only in the direction from u to v for vehicles; closed to the public.
    lane_vertices
        How many vertices are crossings of lanes.
    """

    x: Floats
    y: Floats
    u: Ints
    v: Ints
    road: Bools
    owner: Ints
    street: Ints
    rank: Ints
    span: Ints
    oneway: Bools
    private: Bools
    lane_vertices: int

    def degree(self) -> Ints:
        """(n,) stretches that meet at each vertex."""
        return np.bincount(np.concatenate([self.u, self.v]), minlength=len(self.x))

    def junctions(self) -> int:
        """Vertices where other than two stretches meet: crossings and dead ends."""
        degree = self.degree()
        return int(((degree != 2) & (degree > 0)).sum())

    def length_m(self) -> Floats:
        """(m,) straight lengths."""
        return np.hypot(self.x[self.u] - self.x[self.v], self.y[self.u] - self.y[self.v])


def join(land: Land, places: Places, links: Links, lanes: Lanes) -> Streets:
    """Lanes and roads as one graph: where a road comes near a settlement's lanes it runs into them.

    The island's lanes take no part, so that it stays one.
    """
    cells = np.unique(np.concatenate([links.a, links.b]))
    x, y = land.lattice.x[cells], land.lattice.y[cells]
    open_to_roads = np.flatnonzero(places.access[lanes.owner] != Access.ISLAND)
    near_m, nearest = nearest_of(np.column_stack([lanes.x, lanes.y])[open_to_roads], np.column_stack([x, y]))
    nearest = open_to_roads[nearest]
    merged = near_m < np.maximum(0.8 * SPACING_M[places.tier[lanes.owner[nearest]]], land.frame.cell_m)
    merged &= ~(land.barred()[cells])
    vertex = np.where(merged, nearest, len(lanes.x) + np.cumsum(~merged) - 1)
    owner = np.where(merged, lanes.owner[nearest], -1)
    at_a, at_b = np.searchsorted(cells, links.a), np.searchsorted(cells, links.b)
    u, v = vertex[at_a], vertex[at_b]
    within = (owner[at_a] >= 0) & (owner[at_a] == owner[at_b])
    wet = land.barred()[links.a] | land.barred()[links.b]
    river = np.minimum(land.river_m.ravel()[links.a], land.river_m.ravel()[links.b]) < np.minimum(
        land.track_m.ravel()[links.a], land.track_m.ravel()[links.b]
    )
    span = np.where(wet, np.where(river, BRIDGE, UNDERPASS), PLAIN)
    seat_m = np.hypot(land.lattice.x[links.a] - land.seat_x, land.lattice.y[links.a] - land.seat_y)
    twin = (span == BRIDGE) & lanes.bridge.any() & (seat_m < 1_000.0)  # the seat has bridges of its own
    kept = (~within | wet) & (u != v) & ~twin
    u, v, span, path = u[kept], v[kept], span[kept], links.path[kept]
    once = np.unique(np.sort(np.column_stack([u, v]), axis=1), axis=0, return_index=True)[1]
    u, v, span, path = u[once], v[once], span[once], path[once]
    m, k = len(lanes.u), len(u)
    lane_rank = np.where(places.access[lanes.owner[lanes.u]] == Access.PATH, FOOTWAY, RESIDENTIAL)
    return Streets(
        x=np.concatenate([lanes.x, x[~merged]]),
        y=np.concatenate([lanes.y, y[~merged]]),
        u=np.concatenate([lanes.u, u]),
        v=np.concatenate([lanes.v, v]),
        road=np.repeat([False, True], [m, k]),
        owner=np.concatenate([lanes.owner[lanes.u], np.full(k, -1)]),
        street=np.concatenate([lanes.street, np.zeros(k, dtype=np.int64)]),
        rank=np.concatenate([lane_rank, np.where(path, PATH, UNCLASSIFIED)]),
        span=np.concatenate([np.where(lanes.bridge, BRIDGE, PLAIN), span]),
        oneway=np.zeros(m + k, dtype=bool),
        private=np.zeros(m + k, dtype=bool),
        lane_vertices=len(lanes.x),
    )


def classify(rng: Random, places: Places, streets: Streets) -> Streets:
    """Classes by what a road is for: the ways from the seat to the exits, to the towns, to many villages."""
    ends = _nearest_vertices(places, streets)
    weight = streets.length_m() * np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.35, 2.0, 2.0, 8.0, 8.0, 8.0])[streets.rank]
    weight *= np.where(~streets.road & (streets.street == MAIN_STREET), 0.6, 1.0)
    size = len(streets.x)
    graph = coo_array((weight, (streets.u, streets.v)), shape=(size, size)).tocsr()
    cost, before, _ = dijkstra(graph, directed=False, indices=ends[:1], return_predecessors=True, min_only=True)
    served = np.zeros(size, dtype=np.int64)
    np.add.at(served, ends[places.tier == Tier.VILLAGE], 1)
    reached = np.flatnonzero(np.isfinite(cost))
    for vertex in reached[np.argsort(-cost[reached], kind="stable")][:-1].tolist():
        served[before[vertex]] += served[vertex]
    rank_in: Ints = np.full(
        size, len(CLASSES), dtype=np.int64
    )  # class of the stretch between a vertex and the one before it
    rank_in[served >= 5] = TERTIARY
    exits = places.of(Tier.EXIT)
    purposes = ((SECONDARY, places.of(Tier.TOWN)), (PRIMARY, exits[2:]), (TRUNK, exits[:2]))
    for purpose, targets in purposes:
        for target in ends[targets].tolist():
            vertex = target
            while before[vertex] >= 0:
                rank_in[vertex] = min(rank_in[vertex], purpose)
                vertex = int(before[vertex])
    raised = np.full(len(streets.u), len(CLASSES), dtype=np.int64)
    for vertex, other in ((streets.u, streets.v), (streets.v, streets.u)):
        on_tree = before[vertex] == other
        raised[on_tree] = np.minimum(raised[on_tree], rank_in[vertex[on_tree]])
    rank = np.where(streets.rank < FOOTWAY, np.minimum(streets.rank, raised), streets.rank)
    return _side_streets(rng, places, replace(streets, rank=rank))


def _nearest_vertices(places: Places, streets: Streets) -> Ints:
    """(places,) a vertex of the network for every place: its own lanes', or the road's end."""
    lane = ~streets.road
    vertices = np.unique(np.concatenate([streets.u, streets.v]))
    _, at = nearest_of(np.column_stack([streets.x, streets.y])[vertices], np.column_stack([places.x, places.y]))
    ends = vertices[at]
    owners, first = np.unique(streets.owner[lane], return_index=True)
    own = streets.u[lane][first]
    for place, vertex in zip(owners.tolist(), own.tolist(), strict=True):
        mine = places.tier[place] != Tier.SEAT
        ends[place] = vertex if mine else ends[place]
    return np.asarray(ends)


def _side_streets(rng: Random, places: Places, streets: Streets) -> Streets:
    """Lanes in detail: dead ends become paths, steps, tracks and yards; some streets of the grid are one-way."""
    tier = np.where(streets.owner >= 0, places.tier[streets.owner], Tier.EXIT)
    degree = streets.degree()
    dead_end = (degree[streets.u] == 1) | (degree[streets.v] == 1)
    plain = (streets.rank == RESIDENTIAL) & (streets.span == PLAIN)
    dice = rng.random(len(streets.u))
    rank = streets.rank.copy()
    village = plain & (tier == Tier.VILLAGE)
    rank[village & dead_end & (dice < 0.35)] = FOOTWAY
    rank[village & dead_end & (dice > 0.72)] = TRACK
    rank[village & dead_end & (dice > 0.96)] = STEPS
    rank[village & ~dead_end & (dice < 0.12)] = SERVICE
    yard = plain & dead_end & (tier <= Tier.TOWN) & (dice < 0.6)
    rank[yard] = SERVICE
    pedestrian = plain & ~dead_end & (tier == Tier.SEAT) & (dice < 0.05)
    rank[pedestrian] = FOOTWAY
    # whole grid lines are one-way: every seventh of the seat's
    oneway = (rank == RESIDENTIAL) & (tier == Tier.SEAT) & (streets.street % 14 == 5)
    return replace(streets, rank=rank, private=yard & (dice < 0.35), oneway=oneway)


def draw(streets: Streets) -> Streets:
    """Smooth the roads and give long stretches a vertex in between, so that they wind as roads do."""
    degree = streets.degree()
    x, y = streets.x.copy(), streets.y.copy()
    movable = (np.arange(len(x)) >= streets.lane_vertices) & (degree == 2)
    size = len(x)
    for _ in range(2):
        for values in (x, y):
            around = np.bincount(streets.u, values[streets.v], size) + np.bincount(streets.v, values[streets.u], size)
            values[movable] = 0.5 * values[movable] + 0.25 * around[movable]
    return _with_midpoints(replace(streets, x=x, y=y), degree)


def mark_spans(land: Land, streets: Streets) -> Streets:
    """Make every stretch that meets the river a bridge, and every one that meets rails or motorway an underpass."""
    mid_x, mid_y = ((p[streets.u] + p[streets.v]) / 2.0 for p in (streets.x, streets.y))
    span = streets.span.copy()
    tracks = shapely.multilinestrings(np.array([shapely.linestrings(land.railway), shapely.linestrings(land.motorway)]))
    for field, barrier, kind in (
        (land.track_m, tracks, UNDERPASS),
        (land.river_m, shapely.linestrings(land.river), BRIDGE),
    ):
        near = np.flatnonzero(land.frame.sample(field, mid_x, mid_y) < 250.0)
        ends = [np.column_stack([streets.x[at[near]], streets.y[at[near]]]) for at in (streets.u, streets.v)]
        shapely.prepare(barrier)
        span[near[shapely.intersects(barrier, shapely.linestrings(np.stack(ends, axis=1)))]] = kind
    return replace(streets, span=span)


def _with_midpoints(streets: Streets, degree: Ints) -> Streets:
    """Split road stretches over 45 m at the middle of a curve through the four vertices around (Catmull-Rom)."""
    size = len(streets.x)
    sums = np.bincount(streets.u, streets.v, size) + np.bincount(streets.v, streets.u, size)
    split = np.flatnonzero(streets.road & (streets.span == PLAIN) & (streets.length_m() > 45.0))
    u, v = streets.u[split], streets.v[split]
    before = np.where(degree[u] == 2, sums[u].astype(np.int64) - v, u)
    after = np.where(degree[v] == 2, sums[v].astype(np.int64) - u, v)
    middle = [(9.0 * (p[u] + p[v]) - p[before] - p[after]) / 16.0 for p in (streets.x, streets.y)]
    new = size + np.arange(len(split))
    first_v = streets.v.copy()
    first_v[split] = new

    def twice(values: Any) -> Any:
        return np.concatenate([values, values[split]])

    return replace(
        streets,
        x=np.concatenate([streets.x, middle[0]]),
        y=np.concatenate([streets.y, middle[1]]),
        u=np.concatenate([streets.u, new]),
        v=np.concatenate([first_v, v]),
        road=twice(streets.road),
        owner=twice(streets.owner),
        street=twice(streets.street),
        rank=twice(streets.rank),
        span=twice(streets.span),
        oneway=twice(streets.oneway),
        private=twice(streets.private),
    )
