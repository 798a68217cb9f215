"""Streets inside settlements: a grid in the seat, smaller ones in the towns, crooked lanes in the villages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from circle.model import Bools, Floats, Ints
from circle.sample.frame import Random, nearest_of
from circle.sample.places import Access, Places, Tier
from circle.sample.scale import Scale
from circle.sample.terrain import Land

SPACING_M = np.array([112.0, 72.0, 46.0, 40.0])
"""Side of a block by `Tier`."""

KEPT_LOOPS = np.array([0.86, 0.62, 0.2, 0.2])
"""Share of the possible streets beyond a tree, by `Tier`."""


MAIN_STREET = 0
"""Number of the grid line through the middle, along the valley: even numbers run that way, odd ones across."""


@dataclass(frozen=True, eq=False)
class Lanes:
    """Crossings of lanes and the lanes between them. n crossings, m lanes.

    Parameters
    ----------
    x, y
        (n,) metres.
    owner
        (n,) number of the place.
    u, v
        (m,) crossings.
    bridge
        (m,) over the river.
    street
        (m,) number of the grid line that it belongs to within its place.
    """

    x: Floats
    y: Floats
    owner: Ints
    u: Ints
    v: Ints
    bridge: Bools
    street: Ints


@dataclass(frozen=True, eq=False)
class _Nodes:
    x: Floats
    y: Floats
    owner: Ints
    i: Ints
    j: Ints


def make_lanes(rng: Random, scale: Scale, land: Land, places: Places, village_factor: float) -> Lanes:
    """Lanes of all settlements; `village_factor` scales those of the villages."""
    wanted = _wanted(scale, places, village_factor)
    angle = _angles(rng, land, places)
    nodes = _grid(rng, land, places, wanted, angle)
    u, v, street = _neighbours(nodes)
    clear = _clear(land, (nodes.x[u] + nodes.x[v]) / 2.0, (nodes.y[u] + nodes.y[v]) / 2.0)
    u, v, street = u[clear], v[clear], street[clear]
    size = len(nodes.x)
    main = street == MAIN_STREET
    order = np.where(main, 1e-6, rng.random(len(u)) + 1e-3)
    tree = minimum_spanning_tree(coo_array((order, (u, v)), shape=(size, size)).tocsr()).tocoo()
    in_tree = np.isin(u * size + v, tree.row.astype(np.int64) * size + tree.col)
    kept = in_tree | main | (rng.random(len(u)) < KEPT_LOOPS[places.tier[nodes.owner[u]]])
    u, v, street = u[kept], v[kept], street[kept]
    return _connected(land, places, nodes, u, v, street)


def _wanted(scale: Scale, places: Places, village_factor: float) -> Ints:
    """(places,) crossings of each settlement's grid, by its people."""
    villages = places.tier == Tier.VILLAGE
    mean = places.people[villages].mean()
    wanted = np.zeros(len(places.cell))
    wanted[villages] = np.maximum(scale.village_nodes * village_factor * (places.people[villages] / mean) ** 0.8, 4.0)
    wanted[places.tier == Tier.TOWN] = scale.town_nodes
    wanted[places.tier == Tier.SEAT] = scale.seat_nodes
    wanted[places.access == Access.NONE] = 0
    wanted[places.access == Access.ISLAND] = 9
    return np.rint(wanted).astype(np.int64)


def _angles(rng: Random, land: Land, places: Places) -> Floats:
    """(places,) direction of the main street: along the contour lines, in the seat along the river."""
    fall_y, fall_x = np.gradient(land.height_m, land.frame.cell_m)
    contour = np.arctan2(fall_x.ravel()[places.cell], fall_y.ravel()[places.cell])
    angle = contour + rng.uniform(-0.25, 0.25, len(contour))
    middle = int(np.argmin(np.hypot(land.river[:, 0] - land.seat_x, land.river[:, 1] - land.seat_y)))
    along = land.river[min(middle + 25, len(land.river) - 1)] - land.river[max(middle - 25, 0)]
    angle[places.tier == Tier.SEAT] = np.arctan2(along[1], along[0])
    return np.asarray(angle)


def _grid(rng: Random, land: Land, places: Places, wanted: Ints, angle: Floats) -> _Nodes:
    """The best `wanted` grid points of every settlement: near its middle, on its level, away from water and rails."""
    reach = np.where(wanted > 0, np.ceil(0.85 * np.sqrt(wanted)) + 2, 0).astype(np.int64)
    side = 2 * reach + 1
    points = np.where(wanted > 0, side * side, 0)
    owner = np.repeat(np.arange(len(wanted)), points)
    rank = np.arange(points.sum()) - np.repeat(np.cumsum(points) - points, points)
    i, j = rank // side[owner] - reach[owner], rank % side[owner] - reach[owner]
    step = SPACING_M[places.tier[owner]]
    wobble = rng.uniform(-1.0, 1.0, (2, len(owner))) * np.where(places.tier[owner] <= Tier.TOWN, 0.1, 0.26)
    along, across = (i + wobble[0]) * step, (j + wobble[1]) * step
    x = places.x[owner] + along * np.cos(angle)[owner] - across * np.sin(angle)[owner]
    y = places.y[owner] + along * np.sin(angle)[owner] + across * np.cos(angle)[owner]
    height = land.frame.sample(land.height_m, x, y)
    climb = np.abs(height - land.height_m.ravel()[places.cell][owner])
    tolerance = np.where(places.tier[owner] == Tier.VILLAGE, 14.0, 22.0)
    far = np.hypot(along, 1.25 * across) / step / np.sqrt(np.maximum(wanted, 1))[owner]
    score = far + climb / tolerance * 0.45 + rng.uniform(0.0, 0.14, len(owner))
    score[~_clear(land, x, y)] = np.inf
    order = np.lexsort((score, owner))
    place_in_order = np.arange(len(order)) - np.repeat(np.cumsum(points) - points, points)
    best = order[(place_in_order < wanted[owner]) & np.isfinite(score[order])]
    best.sort()
    return _Nodes(x[best], y[best], owner[best], i[best], j[best])


def _clear(land: Land, x: Floats, y: Floats) -> Bools:
    """Whether points lie on dry land inside the domain, away from the rails."""
    west, south, east, north = land.frame.bounds
    within = (x > west + 30.0) & (x < east - 30.0) & (y > south + 30.0) & (y < north - 30.0)
    river_m, track_m = land.frame.sample(land.river_m, x, y), land.frame.sample(land.track_m, x, y)
    return np.asarray(within & (river_m > 58.0) & (track_m > 45.0))


def _neighbours(nodes: _Nodes) -> tuple[Ints, Ints, Ints]:
    """Pairs of points next to each other in the same grid, and the grid line that joins them."""
    width = 1 << 20
    key = (nodes.owner * width + nodes.i + width // 4) * width + nodes.j + width // 4
    pairs = []
    for step, line in ((width, nodes.j * 2), (1, nodes.i * 2 + 1)):
        at = np.minimum(np.searchsorted(key, key + step), len(key) - 1)
        u = np.flatnonzero(key[at] == key + step)
        pairs.append((u, at[u], line[u]))
    u, v, line = (np.concatenate(part) for part in zip(*pairs, strict=True))
    return u, v, line


def _connected(land: Land, places: Places, nodes: _Nodes, u: Ints, v: Ints, street: Ints) -> Lanes:
    """Keep the largest piece of every settlement; in the seat all real pieces, joined by bridges."""
    size = len(nodes.x)
    _, piece = connected_components(coo_array((np.ones(len(u)), (u, v)), shape=(size, size)), directed=False)
    members = np.bincount(piece)
    largest = np.zeros(len(places.cell), dtype=np.int64)
    np.maximum.at(largest, nodes.owner, members[piece])
    first = np.full(len(places.cell), len(members), dtype=np.int64)
    whole = members[piece] == largest[nodes.owner]
    np.minimum.at(first, nodes.owner[whole], piece[whole])
    kept = piece == first[nodes.owner]
    seat = nodes.owner == 0
    north = land.north_bank.ravel()[land.frame.cell_at(nodes.x, nodes.y)]
    other = seat & (north != north[np.flatnonzero(seat & kept)[0]])
    if other.any():
        across = np.bincount(piece[other]).argmax()
        kept |= piece == across
    new = np.cumsum(kept) - 1
    stays = kept[u]
    u, v, street = new[u[stays]], new[v[stays]], street[stays]
    over_u, over_v = _seat_bridges(nodes.x[kept], nodes.y[kept], seat[kept], north[kept])
    bridge = np.repeat([False, True], [len(u), len(over_u)])
    return Lanes(
        x=nodes.x[kept],
        y=nodes.y[kept],
        owner=nodes.owner[kept],
        u=np.concatenate([u, over_u]),
        v=np.concatenate([v, over_v]),
        bridge=bridge,
        street=np.concatenate([street, 2 * (int(np.abs(street).max()) + 1 + np.arange(len(over_u)))]),
    )


def _seat_bridges(x: Floats, y: Floats, seat: Bools, north: Bools) -> tuple[Ints, Ints]:
    """Two bridges in the seat, at a third and two thirds of its river front (one more for every 300 crossings)."""
    here, there = np.flatnonzero(seat & north), np.flatnonzero(seat & ~north)
    if not len(here) or not len(there):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    gap_m, nearest = nearest_of(np.column_stack([x[there], y[there]]), np.column_stack([x[here], y[here]]))
    front = np.flatnonzero(gap_m <= np.quantile(gap_m, 0.02) + 75.0)
    front = front[np.argsort(x[here[front]], kind="stable")]
    count = 2 + int(seat.sum()) // 1_200
    chosen = front[((np.arange(count) + 1) * len(front)) // (count + 1)]
    return here[chosen], there[nearest[chosen]]
