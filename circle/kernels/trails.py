"""What is worth keeping of a search: where the ways of all places begin, which junctions they use, where they end."""

from __future__ import annotations

import numpy as np

from circle.kernels.compiled import kernel, lean
from circle.kernels.walk import is_straight_to, metres_at

AHEAD, BACK, BESIDE = 1, 2, 3
"""Of `circle.model.Departure`."""


@lean
def _beside(stops, c, key, goals, ends, on_edge):  # type: ignore[no-untyped-def]
    """The first goal's candidate reached from candidate c straight along the edge at exactly `key`; -1: none."""
    e = stops.edge[c]
    for k in range(on_edge[0][e], on_edge[1][e]):
        g = on_edge[2][k]
        if is_straight_to(stops, c, g, key, goals, ends):
            return g
    return -1


@kernel
def departures(stops, key, winner, goals, ends, on_edge):  # type: ignore[no-untyped-def]
    """How the ways of places begin: as `walked_metres` walks them.

    Parameters
    ----------
    stops, key, winner
        `Stops` of n places, with their keys and winning candidates; -1 for those that take no road.
    goals, ends
        What was searched.
    on_edge
        The goals' candidates by edge, as in `keys_of_places`.

    Returns
    -------
    departure, goal : ndarray
        (n,) `AHEAD`, `BACK`, `BESIDE` or 0, and for `BESIDE` the goal's candidate, else -1.
    """
    departure, goal = np.zeros(len(winner), np.int8), np.full(len(winner), -1, np.int64)
    for p in range(len(winner)):
        c = winner[p]
        if c < 0:
            continue
        e, own = stops.edge[c], key[p] - stops.leg[c] * goals.labels
        goal[p] = _beside(stops, c, own, goals, ends, on_edge)
        if goal[p] >= 0:
            departure[p] = BESIDE
        elif ends.forward[e] and goals.node_key[ends.end[e]] + (ends.along[e] - stops.along[c]) * goals.labels == own:
            departure[p] = AHEAD
        else:
            departure[p] = BACK
    return departure, goal


@kernel
def trodden(stops, winner, departure, goals, arcs, ends):  # type: ignore[no-untyped-def]
    """(nodes,) whether a way of any place leads over the junction."""
    used = np.zeros(len(goals.node_key), np.bool_)
    for p in range(len(winner)):
        if departure[p] != AHEAD and departure[p] != BACK:
            continue
        e = stops.edge[winner[p]]
        node = ends.end[e] if departure[p] == AHEAD else ends.start[e]
        while not used[node]:
            used[node] = True
            arc = goals.via[node]
            if arc < 0:
                break
            node = ends.end[arcs.edge[arc]] if arcs.forward[arc] else ends.start[arcs.edge[arc]]
    return used


@kernel
def arrivals(used, goals, ends):  # type: ignore[no-untyped-def]
    """The goal's candidate that each used junction was seeded by (-1: none), and whether its edge is walked forward."""
    goal, ahead = np.full(len(used), -1, np.int64), np.zeros(len(used), np.bool_)
    stops = goals.stops
    for g in range(len(stops.edge)):
        e = stops.edge[g]
        rest = stops.leg[g] * goals.labels + goals.label[g]
        node, walk = ends.start[e], stops.along[g]
        open_yet = used[node] and goals.via[node] < 0 and goal[node] < 0
        if open_yet and ends.forward[e] and walk * goals.labels + rest == goals.node_key[node]:
            goal[node], ahead[node] = g, True
        node, walk = ends.end[e], ends.back[e] - stops.back[g]
        open_yet = used[node] and goals.via[node] < 0 and goal[node] < 0
        if open_yet and ends.backward[e] and walk * goals.labels + rest == goals.node_key[node]:
            goal[node] = g
    return goal, ahead


@kernel
def kept_ways(stops, key, winner, goals, arcs, ends, on_edge):  # type: ignore[no-untyped-def]
    """All of it at once, for kernels are loaded one by one: of `departures`, `trodden` and `arrivals`.

    Returns
    -------
    departure, goal, used, arrival, ahead : ndarray
    """
    departure, goal = departures(stops, key, winner, goals, ends, on_edge)
    used = trodden(stops, winner, departure, goals, arcs, ends)
    arrival, ahead = arrivals(used, goals, ends)
    return departure, goal, used, arrival, ahead


@kernel
def metres_of(stops, candidate, rows):  # type: ignore[no-untyped-def]
    """(c,) metres from the start of their edges to candidates."""
    metres = np.empty(len(candidate))
    for i in range(len(candidate)):
        metres[i] = metres_at(stops, candidate[i], rows)
    return metres
