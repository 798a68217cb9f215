"""Keys of a search that follow when facilities come or go: what they lead to is searched again, and nothing else."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from circle.kernels.compiled import kernel
from circle.kernels.heap import grown
from circle.kernels.settle import NO_WAY
from circle.kernels.shortest import egress

Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]

ROOM = 1024


class Leaving(NamedTuple):
    """The arcs in rows by the node where they start: numbers of `Arcs`, ``arc[offset[i]:offset[i + 1]]`` of node i."""

    offset: Ints
    arc: Int32s


@kernel
def catchment(arcs, start, own, labels, node_key, seen):  # type: ignore[no-untyped-def]
    """The nodes whose nearest facility is one of some.

    Whatever leads to a facility does so through nodes that lead to it too, so they are found from its own streets.

    Parameters
    ----------
    arcs
        The reversed network.
    start
        Nodes at the ends of the streets that the facilities stand on.
    own
        (labels,) whether a label is one of theirs.
    labels, node_key
        The keys of all nodes, `NO_WAY` without any facility.
    seen
        (n,) room for marks: none before, none afterwards.
    """
    node, count = np.empty(ROOM + len(start), np.int32), 0
    for here in start:
        if not seen[here] and node_key[here] < NO_WAY and own[node_key[here] % labels]:
            seen[here], node[count] = True, here
            count += 1
    done = 0
    while done < count:
        first, end = arcs.offset[node[done]], arcs.offset[node[done] + 1]
        done += 1
        if count + end - first > len(node):
            node = grown(node, 2 * (count + end - first))
        for a in range(first, end):
            tail = arcs.tail[a]
            if not seen[tail] and node_key[tail] < NO_WAY and own[node_key[tail] % labels]:
                seen[tail], node[count] = True, tail
                count += 1
    for k in range(count):
        seen[node[k]] = False
    return node[:count].copy()


@kernel
def forsake(arcs, ends, leaving, node, labels, node_key, sites, site_label, on_edge):  # type: ignore[no-untyped-def]
    """Nodes lose their keys; what they are offered from outside starts the search for others.

    Parameters
    ----------
    arcs, ends, leaving
        The reversed network, its edges, and its arcs by the node where they start.
    node
        Numbers of the nodes.
    labels, node_key
        The keys of all nodes; `NO_WAY` in these afterwards.
    sites, site_label, on_edge
        `Stops` of the entrances that remain, their labels, and rows by edge as `keys_of_places` takes them.

    Returns
    -------
    node, key : ndarray
        Seeds as `settle` takes them: the best way out of the nodes, and to entrances on the nodes' own streets.
    """
    begin, stop, candidate, entrance = on_edge
    for here in node:
        node_key[here] = NO_WAY
    seed_node, seed_key, count = np.empty(len(node), np.int32), np.empty(len(node), np.int64), 0
    for here in node:
        least = NO_WAY
        for k in range(leaving.offset[here], leaving.offset[here + 1]):
            a = leaving.arc[k]
            e, ahead = arcs.edge[a], arcs.forward[a]
            beyond = node_key[ends.end[e] if ahead else ends.start[e]]
            if beyond < NO_WAY:
                least = min(least, beyond + arcs.cost[a] * labels)
            for f in range(begin[e], stop[e]):
                least = min(least, egress(sites, candidate[f], ends, ahead) * labels + site_label[entrance[f]])
        if least < NO_WAY:
            seed_node[count], seed_key[count] = here, least
            count += 1
    return seed_node[:count].copy(), seed_key[:count].copy()


@kernel
def places_beside(arcs, node, edge, by_edge, seen):  # type: ignore[no-untyped-def]
    """The places on edges that lead into some nodes, and on some edges besides; each once, ascending.

    Parameters
    ----------
    arcs
        The reversed network.
    node, edge
        Numbers of nodes and of edges.
    by_edge
        ``(offset, place)``: the place of each candidate, in rows by edge.
    seen
        (places,) room for marks: none before, none afterwards.
    """
    offset, place = by_edge
    found, count = np.empty(ROOM, np.int32), 0
    for step in range(len(node) + len(edge)):
        inward = step < len(node)
        first = arcs.offset[node[step]] if inward else 0
        end = arcs.offset[node[step] + 1] if inward else 1
        for a in range(first, end):
            e = arcs.edge[a] if inward else edge[step - len(node)]
            if count + offset[e + 1] - offset[e] > len(found):
                found = grown(found, 2 * (count + offset[e + 1] - offset[e]))
            for k in range(offset[e], offset[e + 1]):
                if not seen[place[k]]:
                    seen[place[k]], found[count] = True, place[k]
                    count += 1
    for k in range(count):
        seen[found[k]] = False
    return np.sort(found[:count])
