"""The travel time to facilities at the points of a lattice, which are joined to the network once and asked often."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from circle.kernels.compiled import kernel, lean
from circle.kernels.legs import GAUSS_M, scale_along
from circle.kernels.settle import NO_WAY, settle
from circle.kernels.shortest import seeds
from circle.kernels.walls import leg_is_barred
from circle.units import CIRCUITY, IMPEDANCE_PER_UNIT, WGS84_E2

Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

SIDE = 8
"""Points along the side of a tile."""

TILE = SIDE * SIDE
NEVER = NO_WAY // 4
"""Impedance of a way that is closed; sums of two do not overflow."""

NOBODY = -1


class Joined(NamedTuple):
    """Points joined to a network, `TILE` by `TILE`; point p of tile k has the number ``TILE * k + p``.

    c candidates in rows by point (`offset`): the `edge`, the impedance of leaving it by its end (`ahead`) and by its
    start (`behind`), leg included, `NEVER` where that way is closed, and of the `leg` alone. What they come to are
    gates, in rows by point (`gate_offset`): each node by which one leaves for elsewhere, once, with its `cost`; `gate`
    counts within the nodes of the tile (`node`, in rows by tile, `node_offset`), for neighbours leave by the same.
    """

    offset: Ints
    edge: Int32s
    ahead: Ints
    behind: Ints
    leg: Ints
    gate_offset: Ints
    gate: Int32s
    cost: Ints
    node_offset: Ints
    node: Int32s


class Room(NamedTuple):
    """What one search after another works in, and leaves as it was.

    `NO_WAY` in each node, `NOBODY` on each edge, False in `is_end`: of an edge with an entrance.
    """

    node_best: Ints
    touched: Int32s
    own: Int32s
    is_end: Bools


class Window(NamedTuple):
    """Part of a lattice: metres of its first point, its step, and (rows, columns) the number of each tile, or -1."""

    x0: float
    y0: float
    step_m: float
    tile: Int32s


@lean
def _note(node, cost, first, gates, found):  # type: ignore[no-untyped-def]
    """Note a gate of a point; `first`: the first gate of the point and node of the tile; returns how many there are."""
    gate, gate_cost, gate_of, tile_node, place_of = found
    if cost >= NEVER:
        return gates
    count, nodes = gates
    if place_of[node] < first[1]:
        place_of[node], tile_node[nodes] = nodes, node
        nodes += 1
    known = gate_of[node]
    if known >= first[0]:
        gate_cost[known] = min(gate_cost[known], cost)
        return count, nodes
    gate[count], gate_cost[count], gate_of[node] = place_of[node] - first[1], cost, count
    return count + 1, nodes


@kernel
def joined_points(stops, ends, nodes):  # type: ignore[no-untyped-def]
    """What `Joined` is made of, for the points of some tiles and a network of so many nodes.

    A plain tuple: records are put together by calling Python, and Ctrl-C in the middle of that is the process's end.
    """
    n, c = len(stops.offset) - 1, len(stops.edge)
    ahead, behind = np.full(c, NEVER, np.int64), np.full(c, NEVER, np.int64)
    offset, gate, cost = np.zeros(n + 1, np.int64), np.empty(2 * c, np.int32), np.empty(2 * c, np.int64)
    node_offset, node = np.zeros(n // TILE + 1, np.int64), np.empty(2 * c, np.int32)
    found = (gate, cost, np.full(nodes, NOBODY, np.int64), node, np.full(nodes, NOBODY, np.int64))
    gates = (np.int64(0), np.int64(0))
    for p in range(n):
        first = (gates[0], node_offset[p // TILE])
        for k in range(stops.offset[p], stops.offset[p + 1]):
            e = stops.edge[k]
            if ends.forward[e]:
                ahead[k] = ends.along[e] - stops.along[k] + stops.leg[k]
            if ends.backward[e]:
                behind[k] = stops.back[k] + stops.leg[k]
            gates = _note(ends.end[e], ahead[k], first, gates, found)
            gates = _note(ends.start[e], behind[k], first, gates, found)
        offset[p + 1], node_offset[p // TILE + 1] = gates
    gate, cost, node = gate[: gates[0]].copy(), cost[: gates[0]].copy(), node[: gates[1]].copy()
    return stops.offset, stops.edge, ahead, behind, stops.leg, offset, gate, cost, node_offset, node


@lean
def _along_its_edge(joined, k, sites, following, ends, room):  # type: ignore[no-untyped-def]
    """From candidate k straight along its edge to the nearest entrance that stands on it; `NEVER` if none is ahead."""
    e, leg, least = joined.edge[k], joined.leg[k], NEVER
    f = room.own[e]
    while f != NOBODY:
        if ends.forward[e]:
            left = joined.ahead[k] - leg - (ends.along[e] - sites.along[f])
            if left >= 0:
                least = min(least, left + leg + sites.leg[f])
        if ends.backward[e]:
            left = joined.behind[k] - leg - sites.back[f]
            if left >= 0:
                least = min(least, left + leg + sites.leg[f])
        f = following[f]
    return least


@lean
def _by_gates(tile, corner, joined, best, field):  # type: ignore[no-untyped-def]
    """The least impedance of every point of a tile over its gates, `best` being that of the tile's nodes."""
    offset, gate, cost = joined.gate_offset, joined.gate, joined.cost
    for p in range(TILE):
        least = NEVER
        for g in range(offset[tile * TILE + p], offset[tile * TILE + p + 1]):
            least = min(least, best[gate[g]] + cost[g])
        field[corner[0] + p // SIDE, corner[1] + p % SIDE] = least


@lean
def _on_own_edges(tile, corner, joined, sites, following, ends, room, field):  # type: ignore[no-untyped-def]
    """Those in a tile who walk to an entrance without leaving the edge on which both of them are."""
    p = 0
    for k in range(joined.offset[tile * TILE], joined.offset[tile * TILE + TILE]):
        if room.own[joined.edge[k]] == NOBODY:
            continue
        while joined.offset[tile * TILE + p + 1] <= k:
            p += 1
        j, i = corner[0] + p // SIDE, corner[1] + p % SIDE
        field[j, i] = min(field[j, i], _along_its_edge(joined, k, sites, following, ends, room))


@lean
def _by_network(window, joined, sites, following, ends, room, best, field):  # type: ignore[no-untyped-def]
    """Every point's least impedance over the network; `best` has room for the nodes of any tile."""
    for row in range(window.tile.shape[0]):
        for column in range(window.tile.shape[1]):
            tile, corner = np.int64(window.tile[row, column]), (row * SIDE, column * SIDE)
            if tile < 0:
                continue
            is_reached, is_beside = False, False
            first = joined.node_offset[tile]
            for n in range(first, joined.node_offset[tile + 1]):
                node = joined.node[n]
                best[n - first] = room.node_best[node]
                is_reached |= best[n - first] < NO_WAY
                is_beside |= room.is_end[node]
            if is_reached:
                _by_gates(tile, corner, joined, best, field)
            if is_beside:
                _on_own_edges(tile, corner, joined, sites, following, ends, room, field)


@lean
def _most_nodes(window, joined):  # type: ignore[no-untyped-def]
    """Of any tile of a window."""
    most = 0
    for row in range(window.tile.shape[0]):
        for column in range(window.tile.shape[1]):
            tile = window.tile[row, column]
            if tile >= 0:
                most = max(most, joined.node_offset[tile + 1] - joined.node_offset[tile])
    return most


@lean
def _enter(sites, ends, following, room):  # type: ignore[no-untyped-def]
    """Put the entrances' candidates on their edges, one behind another."""
    for f in range(len(sites.edge)):
        e = sites.edge[f]
        following[f], room.own[e] = room.own[e], f
        room.is_end[ends.start[e]] = room.is_end[ends.end[e]] = True


@lean
def _tidy(settled, sites, ends, room):  # type: ignore[no-untyped-def]
    """Leave the room as it was."""
    for k in range(settled):
        room.node_best[room.touched[k]] = NO_WAY
    for f in range(len(sites.edge)):
        e = sites.edge[f]
        room.own[e] = NOBODY
        room.is_end[ends.start[e]] = room.is_end[ends.end[e]] = False


@lean
def _beside_it(window, place, walls, legs, field):  # type: ignore[no-untyped-def]
    """Direct legs from the points around an entrance, where they are the better and nothing bars them."""
    x, y, lat = place
    direct_m, speed_m_s, known = legs
    if not (np.isfinite(x) and np.isfinite(y)):
        return
    radius_m = GAUSS_M / (1.0 - WGS84_E2 * np.sin(np.radians(lat)) ** 2)
    ny, nx = field.shape
    step = window.step_m
    far = direct_m * scale_along(abs(x) + direct_m, abs(x) + direct_m, radius_m) + 1.0
    low, high = max(0, int((y - far - window.y0) / step)), min(ny - 1, int((y + far - window.y0) / step) + 1)
    west, east = max(0, int((x - far - window.x0) / step)), min(nx - 1, int((x + far - window.x0) / step) + 1)
    for j in range(low, high + 1):
        for i in range(west, east + 1):
            px, py = window.x0 + i * step, window.y0 + j * step
            metres = np.hypot(px - x, py - y) / scale_along(px, x, radius_m)
            if metres > direct_m:
                continue
            cost = np.int64(np.rint(CIRCUITY * metres / speed_m_s * IMPEDANCE_PER_UNIT))
            if cost < field[j, i] and cost <= known and not leg_is_barred(px, py, x, y, walls, True):
                field[j, i] = cost


@kernel
def field_of(window, joined, net, walls, sites, places, legs, room):  # type: ignore[no-untyped-def]
    """Impedance from the points of a window to the nearest of some entrances, as far as it is known.

    Parameters
    ----------
    window, joined
        The points.
    net
        ``(arcs, ends)``, the reversed network and its edges.
    walls
        What bars direct legs.
    sites
        `Stops`: the entrances' candidates.
    places
        ``(x, y, lat)`` of the entrances: metres on the plane, degrees.
    legs
        ``(direct_m, speed_m_s, known)``: the longest direct leg on the ellipsoid, walking speed, and the impedance up
        to which times are wanted: beyond it they are too large or missing (`NEVER` or more), never too small.
    room
        The same one serves one search after another.

    Returns
    -------
    ndarray
        (rows of tiles * `SIDE`, columns of tiles * `SIDE`) int64.
    """
    arcs, ends = net
    x, y, lat = places
    no_ways = np.empty(0, np.int32)
    start = seeds(sites, ends, np.zeros(len(sites.offset) - 1, np.int64), 1)
    settled = settle(arcs, start, 1, legs[2], room.node_best, no_ways, room.touched)
    following = np.empty(len(sites.edge), np.int32)
    _enter(sites, ends, following, room)
    field = np.full((window.tile.shape[0] * SIDE, window.tile.shape[1] * SIDE), NEVER, np.int64)
    best = np.empty(_most_nodes(window, joined), np.int64)
    _by_network(window, joined, sites, following, ends, room, best, field)
    for p in range(len(x)):
        _beside_it(window, (x[p], y[p], lat[p]), walls, legs, field)
    _tidy(settled, sites, ends, room)
    return field
