"""All pairs of a site and a place within a limit, one bounded search per site, nothing dense."""

from __future__ import annotations

import numpy as np

from circle.kernels.compiled import kernel, lean
from circle.kernels.heap import grown
from circle.kernels.settle import NO_WAY, settle
from circle.kernels.shortest import _along_the_edge, egress


@lean
def _note(place, cost, limit, near):  # type: ignore[no-untyped-def]
    """Keep the cost of a place if it is within the limit and the best so far; `near` is (cost, touched, count)."""
    best, touched, count = near
    if cost > limit:
        return count
    if best[place] == NO_WAY:
        touched[count] = place
        count += 1
    best[place] = min(best[place], cost)
    return count


@lean
def _collect(arcs, places, ends, by_edge, limit, settled, near):  # type: ignore[no-untyped-def]
    """Places on the edges that lead into settled nodes."""
    node_cost, node, node_count = settled
    best, touched, count = near
    offset, candidate, owner = by_edge
    for i in range(node_count):
        here = node[i]
        for a in range(arcs.offset[here], arcs.offset[here + 1]):
            e = arcs.edge[a]
            for k in range(offset[e], offset[e + 1]):
                c = candidate[k]
                walk = ends.along[e] - places.along[c] if arcs.forward[a] else places.back[c]
                cost = node_cost[here] + walk + places.leg[c]
                count = _note(owner[k], cost, limit, (best, touched, count))
    return count


@lean
def _collect_own_edge(sites, s, places, ends, by_edge, limit, near):  # type: ignore[no-untyped-def]
    """Places on the very edges that site s stands on."""
    best, touched, count = near
    offset, candidate, owner = by_edge
    for f in range(sites.offset[s], sites.offset[s + 1]):
        e = sites.edge[f]
        for k in range(offset[e], offset[e + 1]):
            walk = _along_the_edge(places, candidate[k], sites, f, ends)
            if walk < NO_WAY:
                cost = walk + sites.leg[f] + places.leg[candidate[k]]
                count = _note(owner[k], cost, limit, (best, touched, count))
    return count


@kernel
def _seed_costs(sites, s, ends):  # type: ignore[no-untyped-def]
    """Nodes from which site s is reached along its own edges, with the impedance (egress included)."""
    room = 2 * (sites.offset[s + 1] - sites.offset[s])
    node, cost = np.empty(room, np.int32), np.empty(room, np.int64)
    filled = 0
    for f in range(sites.offset[s], sites.offset[s + 1]):
        e = sites.edge[f]
        if ends.forward[e]:
            node[filled], cost[filled] = ends.start[e], egress(sites, f, ends, True)
            filled += 1
        if ends.backward[e]:
            node[filled], cost[filled] = ends.end[e], egress(sites, f, ends, False)
            filled += 1
    return node[:filled], cost[:filled]


@kernel
def pairs_by_network(arcs, ends, sites, places, by_edge, limit):  # type: ignore[no-untyped-def]
    """Impedance from places to sites, as far as `limit`.

    Parameters
    ----------
    arcs, ends
        The reversed network and its edges.
    sites, places
        `Stops`; one row per site and per place.
    by_edge
        ``(offset, candidate, place)``: the places' candidates in rows by edge.
    limit
        Impedance; pairs at exactly the limit belong to the answer.

    Returns
    -------
    site, place, cost : ndarray
        (pairs,) by site, then place.
    """
    n = len(arcs.offset) - 1
    node_best, node_touched = np.full(n, NO_WAY, np.int64), np.empty(n, np.int32)
    no_ways = np.empty(0, np.int32)
    n_places = len(places.offset) - 1
    best, touched = np.full(n_places, NO_WAY, np.int64), np.empty(n_places, np.int64)
    room = 1024
    out_site, out_place, out_cost = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int64)
    filled = 0
    for s in range(len(sites.offset) - 1):
        settled = settle(arcs, _seed_costs(sites, s, ends), 1, limit, node_best, no_ways, node_touched)
        count = _collect(arcs, places, ends, by_edge, limit, (node_best, node_touched, settled), (best, touched, 0))
        count = _collect_own_edge(sites, s, places, ends, by_edge, limit, (best, touched, count))
        while filled + count > room:
            room *= 2
            out_site, out_place, out_cost = grown(out_site, room), grown(out_place, room), grown(out_cost, room)
        for p in np.sort(touched[:count]):
            out_site[filled], out_place[filled], out_cost[filled] = s, p, best[p]
            best[p] = NO_WAY
            filled += 1
        for k in range(settled):
            node_best[node_touched[k]] = NO_WAY
    return out_site[:filled].copy(), out_place[:filled].copy(), out_cost[:filled].copy()
