"""Lanes inside settlements, and lanes and roads as one network with the number of junctions asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import cKDTree

from circle.model import Bools, Floats, Ints
from circle.sample.frame import Random
from circle.sample.places import Tier
from circle.sample.province.grid import Grid
from circle.sample.province.settle import ISLAND_MARGIN, Places
from circle.sample.streets import BRIDGE, FOOTWAY, PLAIN, RESIDENTIAL, SERVICE, Streets

TOLERANCE = 0.03
KEPT_LOOPS = np.array([0.86, 0.62, 0.35, 0.0])
"""Share of the possible lanes beyond a tree, by `Tier`."""


@dataclass(frozen=True, eq=False)
class _Reach:
    """For every point of the grid: the settlement it may belong to, and from which size of that settlement on."""

    owner: Ints
    size: Floats


def make_streets(rng: Random, junctions: int, grid: Grid, places: Places, roads: tuple[Ints, Ints]) -> Streets:
    """The county's network; vertices are the points of the grid, most of them unused."""
    reach = _reach(rng, grid, places)
    links = np.flatnonzero((reach.owner[grid.a] == reach.owner[grid.b]) & ~grid.diagonal & ~grid.wet)
    chance, order = rng.random(len(links)), rng.random(len(links)) + 1e-3
    low, high = 0.0, ISLAND_MARGIN
    size = 1.0
    for _ in range(12):
        lanes = _lanes(grid, places, reach, size, (links, chance, order))
        streets = _together(grid, reach, lanes, roads)
        miss = streets.junctions() - junctions
        if abs(miss) <= TOLERANCE * junctions:
            break
        low, high = (size, high) if miss < 0 else (low, size)
        size = (low + high) / 2.0
    return _varied(rng, streets)


def _reach(rng: Random, grid: Grid, places: Places) -> _Reach:
    """The settlement that is nearest in its own radii; the few large ones are looked at one by one."""
    at = np.column_stack([grid.x, grid.y])
    owner, size = np.zeros(len(at), dtype=np.int64), np.full(len(at), np.inf)
    villages = places.of(Tier.VILLAGE)
    if len(villages):
        away_m, nearest = cKDTree(at[places.point[villages]]).query(at)
        owner, size = villages[nearest], away_m / places.radius_m[villages[nearest]]
    for place in np.flatnonzero(places.tier <= Tier.TOWN).tolist():
        point = places.point[place]
        near = np.hypot(grid.x - grid.x[point], grid.y - grid.y[point]) / places.radius_m[place]
        owner, size = np.where(near < size, place, owner), np.minimum(near, size)
    climb = np.abs(grid.height_m - grid.height_m[places.point[owner]]) / np.where(
        places.tier[owner] == Tier.VILLAGE, 60.0, 90.0
    )
    ragged = size * (1.0 + rng.uniform(0.0, 0.35, len(size)) + np.minimum(climb, 2.0))
    ragged[places.point[places.tier != Tier.EXIT]] = 0.0
    own = places.point[owner]
    ragged[grid.bank != grid.bank[own]] = np.inf
    return _Reach(owner, ragged)


def _lanes(grid: Grid, places: Places, reach: _Reach, size: float, drawn: tuple[Ints, Floats, Floats]) -> Ints:
    """Links of the grid that are lanes when every settlement is grown to `size` radii: one piece in each."""
    links, chance, order = drawn
    present = reach.size < size
    both = present[grid.a[links]] & present[grid.b[links]]
    links, chance, order = links[both], chance[both], order[both]
    n = len(grid.x)
    u, v = grid.a[links], grid.b[links]
    tree = minimum_spanning_tree(coo_array((order, (u, v)), shape=(n, n)).tocsr()).tocoo()
    in_tree = np.isin(u * n + v, tree.row.astype(np.int64) * n + tree.col)
    kept = in_tree | (chance < KEPT_LOOPS[places.tier[reach.owner[u]]])
    _, piece = connected_components(coo_array((np.ones(len(u)), (u, v)), shape=(n, n)), directed=False)
    kept &= piece[u] == piece[places.point[reach.owner[u]]]
    return links[kept]


def _together(grid: Grid, reach: _Reach, lanes: Ints, roads: tuple[Ints, Ints]) -> Streets:
    """Lanes and roads; where a road runs along a lane it is the road."""
    at, rank = roads
    lanes = lanes[~np.isin(lanes, at)]
    links = np.concatenate([at, lanes])
    is_road = np.arange(len(links)) < len(at)
    u, v = grid.a[links], grid.b[links]
    across = grid.i[u] != grid.i[v]
    lines = np.where(across, 2 * (grid.j[u] - grid.j.min()), 2 * (grid.i[u] - grid.i.min()) + 1)
    flat = np.zeros(len(links), dtype=bool)
    return Streets(
        x=grid.x,
        y=grid.y,
        u=u,
        v=v,
        road=is_road,
        owner=np.where(is_road, -1, reach.owner[u]),
        street=np.where(is_road, 0, lines),
        rank=np.concatenate([rank, np.full(len(lanes), RESIDENTIAL)]),
        span=np.where(grid.wet[links], BRIDGE, PLAIN),
        oneway=flat,
        private=flat,
        lane_vertices=0,
    )


def _varied(rng: Random, streets: Streets) -> Streets:
    """Some lanes are footpaths or driveways."""
    drawn = rng.random(len(streets.u))
    lane = ~streets.road
    streets.rank[lane & (drawn < 0.06)] = FOOTWAY
    streets.rank[lane & (drawn > 0.96)] = SERVICE
    return streets


def used_points(streets: Streets) -> Bools:
    """(n,) vertices where anything ends or passes."""
    return np.asarray(streets.degree() > 0)
