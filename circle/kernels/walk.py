"""How far it is along the network: the keys of a search followed from many places at once, metres only."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from circle.kernels.compiled import inlined, kernel, lean, owning
from circle.kernels.shortest import Stops

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


class Rows(NamedTuple):
    """Edges by vertex: edge e has the vertices ``offset[e] + e`` to ``offset[e + 1] + e``.

    Per vertex the impedance from the edge's start (`along`), back to it (`back`), and metres from it.
    """

    offset: Ints
    along: Ints
    back: Ints
    metres: Floats


class Goals(NamedTuple):
    """What a search went out from: candidates of entrances, the label of each candidate, `spread`'s keys and arcs."""

    stops: Stops
    label: Ints
    labels: int
    node_key: Ints
    via: Int32s


class Found(NamedTuple):
    """Goals in rows by edge, ``goal[first[e]:first[e + 1]]``, and the one that seeded each node, walked `forward`."""

    first: Ints
    goal: Ints
    seed: Ints
    forward: Bools


@lean
def metres_at(stops, c, rows):  # type: ignore[no-untyped-def]
    """Metres from the start of its edge to candidate c."""
    e = stops.edge[c]
    first, last = rows.offset[e] + e, rows.offset[e + 1] + e
    sums, value = rows.along, stops.along[c]
    if sums[last] == 0:
        sums, value = rows.back, stops.back[c]
    v, beyond = first, last  # halved by hand: with numba's own search comes all of scipy.linalg
    while beyond - v > 1:
        middle = (v + beyond) // 2
        if sums[middle] <= value:
            v = middle
        else:
            beyond = middle
    step = sums[v + 1] - sums[v]
    part = min(1.0, (value - sums[v]) / step) if step > 0 else 0.0
    return rows.metres[v] + part * (rows.metres[v + 1] - rows.metres[v])


@inlined
def is_straight_to(stops, c, g, key, goals, ends):  # type: ignore[no-untyped-def]
    """Whether one comes from candidate c straight along its edge to the goal's candidate g on it at exactly `key`."""
    e = stops.edge[c]
    rest = goals.stops.leg[g] * goals.labels + goals.label[g]
    ahead, behind = goals.stops.along[g] - stops.along[c], stops.back[c] - goals.stops.back[g]
    if ends.forward[e] and ahead >= 0 and ahead * goals.labels + rest == key:
        return True
    return ends.backward[e] and behind >= 0 and behind * goals.labels + rest == key


@lean
def _goal_beside(stops, c, key, goals, ends, found):  # type: ignore[no-untyped-def]
    """The goal's candidate that is reached from candidate c straight along the edge at exactly `key`; -1: none."""
    e = stops.edge[c]
    for k in range(found.first[e], found.first[e + 1]):
        if is_straight_to(stops, c, found.goal[k], key, goals, ends):
            return found.goal[k]
    return -1


@owning
def _found(goals, ends):  # type: ignore[no-untyped-def]
    """Goals by edge, and the one that each node was seeded by: asked for place by place, looked for once."""
    stops, nodes = goals.stops, len(goals.node_key)
    first, goal = np.zeros(len(ends.start) + 1, np.int64), np.empty(len(stops.edge), np.int64)
    for e in stops.edge:
        first[e + 1] += 1
    for e in range(len(ends.start)):
        first[e + 1] += first[e]
    filled = first.copy()
    seed, forward = np.full(nodes, -1, np.int64), np.zeros(nodes, np.bool_)
    for g in range(len(stops.edge)):
        e = stops.edge[g]
        goal[filled[e]] = g
        filled[e] += 1
        rest = stops.leg[g] * goals.labels + goals.label[g]
        ahead, behind = stops.along[g] * goals.labels, (ends.back[e] - stops.back[g]) * goals.labels
        a, b = ends.start[e], ends.end[e]
        if seed[a] < 0 and ends.forward[e] and ahead + rest == goals.node_key[a]:
            seed[a], forward[a] = g, True
        if seed[b] < 0 and ends.backward[e] and behind + rest == goals.node_key[b]:
            seed[b] = g
    return Found(first, goal, seed, forward)


@lean
def _follow(stops, c, key, goals, arcs, ends, rows, found):  # type: ignore[no-untyped-def]
    """Metres from candidate c to the goal that `key` (without the leg) leads to, and the goal's candidate."""
    e, start = stops.edge[c], metres_at(stops, c, rows)
    g = _goal_beside(stops, c, key, goals, ends, found)
    if g >= 0:
        return abs(metres_at(goals.stops, g, rows) - start), g
    rest = ends.along[e] - stops.along[c]
    if ends.forward[e] and goals.node_key[ends.end[e]] + rest * goals.labels == key:
        node, total = ends.end[e], rows.metres[rows.offset[e + 1] + e] - start
    else:
        node, total = ends.start[e], start
    while goals.via[node] >= 0:
        arc = goals.via[node]
        e = arcs.edge[arc]
        total += rows.metres[rows.offset[e + 1] + e]
        node = ends.end[e] if arcs.forward[arc] else ends.start[e]
    g, forward = found.seed[node], found.forward[node]
    e, last = goals.stops.edge[g], metres_at(goals.stops, g, rows)
    return total + (last if forward else rows.metres[rows.offset[e + 1] + e] - last), g


@kernel
def walked_metres(stops, key, winner, goals, arcs, ends, rows):  # type: ignore[no-untyped-def]
    """Metres along the network from every place to its goal.

    Parameters
    ----------
    stops, key, winner
        `Stops` of n places, with their keys and winning candidates from `keys_of_places`.
    goals, arcs, ends
        What was searched.
    rows
        The edges' vertices.

    Returns
    -------
    metres, goal : ndarray
        (n,) metres (NaN: no way) and the goal's candidate (-1: none).
    """
    metres, goal = np.full(len(winner), np.nan), np.full(len(winner), -1, np.int64)
    found = _found(goals, ends)
    for p in range(len(winner)):
        c = winner[p]
        if c >= 0:
            metres[p], goal[p] = _follow(stops, c, key[p] - stops.leg[c] * goals.labels, goals, arcs, ends, rows, found)
    return metres, goal
