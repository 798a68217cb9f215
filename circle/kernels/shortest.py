"""Shortest costs outward from many sources, and what they mean for places on edges.

A cost and the label of the source that it comes from travel as one integer, ``key = cost * labels + label``: the
smallest key is the smallest cost and, among equals, the smallest label. One plain search thus settles ties by itself.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from circle.kernels.compiled import kernel, lean
from circle.kernels.settle import NO_WAY, settle

Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


class Arcs(NamedTuple):
    """The reversed network in rows: arcs that *end* in node i are ``offset[i]:offset[i + 1]``.

    `tail` is where the arc starts, `cost` its impedance, `edge` and `forward` tell which edge it walks and which way.
    """

    offset: Ints
    tail: Int32s
    cost: Ints
    edge: Int32s
    forward: Bools


class Stops(NamedTuple):
    """Points on edges: c candidates of n points, in rows by point (`offset`); see `circle.model.Attachment`."""

    offset: Ints
    edge: Int32s
    along: Ints
    back: Ints
    leg: Ints


class Ends(NamedTuple):
    """The e edges: nodes at both ends, total impedance each way, and which ways are open."""

    start: Int32s
    end: Int32s
    along: Ints
    back: Ints
    forward: Bools
    backward: Bools


def spread(
    arcs: Arcs, seed_node: Int32s, seed_key: Ints, labels: int, limit_key: int, *, trace: bool = True
) -> tuple[Ints, Int32s]:
    """Smallest key of every node, outward from the seeds.

    Parameters
    ----------
    arcs
        The reversed network.
    seed_node, seed_key
        (k,) nodes where the search starts, with their keys (egress included).
    labels
        Number of labels in the keys.
    limit_key
        Keys beyond it are not settled; `NO_WAY` for no limit.
    trace
        Whether ways are wanted too.

    Returns
    -------
    key, via : ndarray
        (n,) int64 keys, `NO_WAY` where nothing comes, and (n,) int32 arc by which to leave the node, -1 at seeds; empty
        without `trace`.
    """
    n = len(arcs.offset) - 1
    best, via = np.full(n, NO_WAY, np.int64), np.full(n if trace else 0, -1, np.int32)
    settle(arcs, (seed_node, seed_key), labels, limit_key, best, via, np.empty(0, np.int32))
    return best, via


@lean
def egress(sites, c, ends, ahead):  # type: ignore[no-untyped-def]
    """Impedance to candidate c of a site, its leg included, from the node where one enters its edge, ahead or back."""
    walk = sites.along[c] if ahead else ends.back[sites.edge[c]] - sites.back[c]
    return walk + sites.leg[c]


@kernel
def seeds(sites, ends, site_label, labels):  # type: ignore[no-untyped-def]
    """Where the search starts for sites on edges: the edge's start walks forward to the site, its end walks back.

    Returns (k,) nodes and keys.
    """
    room = 2 * len(sites.edge)
    node, key = np.empty(room, np.int32), np.empty(room, np.int64)
    filled = 0
    for p in range(len(sites.offset) - 1):
        for c in range(sites.offset[p], sites.offset[p + 1]):
            e = sites.edge[c]
            if ends.forward[e]:
                node[filled] = ends.start[e]
                key[filled] = egress(sites, c, ends, True) * labels + site_label[p]
                filled += 1
            if ends.backward[e]:
                node[filled] = ends.end[e]
                key[filled] = egress(sites, c, ends, False) * labels + site_label[p]
                filled += 1
    return node[:filled].copy(), key[:filled].copy()


@lean
def _along_the_edge(places, c, sites, f, ends):  # type: ignore[no-untyped-def]
    """Impedance from candidate c of a place straight along its edge to candidate f of a site; `NO_WAY` if one-way."""
    e, least = places.edge[c], NO_WAY
    if ends.forward[e] and sites.along[f] >= places.along[c]:
        least = sites.along[f] - places.along[c]
    if ends.backward[e] and sites.back[f] <= places.back[c]:
        least = min(least, places.back[c] - sites.back[f])
    return least


@kernel
def keys_of_places(places, ends, node_key, sites, site_label, labels, on_edge):  # type: ignore[no-untyped-def]
    """The smallest key of every place: over its candidates, out by either end or straight along the edge.

    Parameters
    ----------
    places, sites
        `Stops` of residents and of facility entrances.
    ends
        The edges.
    node_key
        (n,) from `spread`.
    site_label
        (entrances,) label of each entrance.
    on_edge
        ``(begin, end, candidate, entrance)``: the sites' candidates in rows, edge e's from ``begin[e]`` to ``end[e]``.

    Returns
    -------
    key, candidate : ndarray
        (places,) int64 key (`NO_WAY`: none) and the winning candidate (-1: none).
    """
    begin, stop, site_candidate, entrance = on_edge
    n = len(places.offset) - 1
    key, winner = np.full(n, NO_WAY, np.int64), np.full(n, -1, np.int64)
    for p in range(n):
        for c in range(places.offset[p], places.offset[p + 1]):
            e, least = places.edge[c], NO_WAY
            if ends.forward[e] and node_key[ends.end[e]] < NO_WAY:
                least = node_key[ends.end[e]] + (ends.along[e] - places.along[c]) * labels
            if ends.backward[e] and node_key[ends.start[e]] < NO_WAY:
                least = min(least, node_key[ends.start[e]] + places.back[c] * labels)
            for k in range(begin[e], stop[e]):
                walk = _along_the_edge(places, c, sites, site_candidate[k], ends)
                if walk < NO_WAY:
                    least = min(least, (walk + sites.leg[site_candidate[k]]) * labels + site_label[entrance[k]])
            if least < NO_WAY and least + places.leg[c] * labels < key[p]:
                key[p], winner[p] = least + places.leg[c] * labels, c
    return key, winner
