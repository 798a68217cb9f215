"""Dijkstra's search with a wheel of buckets in place of a heap: exact for any integers, and several times as fast.

A bucket holds keys that are alike but for their last bits. What is taken from one may be improved from another item of
the same bucket and is then taken again; buckets are a sixtieth of an arc wide, so that hardly happens, and every key
ends as the least whatever the order. The wheel turns through the buckets that come next; keys further ahead than one
turn (a ferry among streets, seeds far from the network) wait in a heap.
"""

from __future__ import annotations

import numpy as np

from circle.kernels.compiled import kernel, lean
from circle.kernels.heap import grown, sift_down, sift_up
from circle.units import UNREACHABLE

NO_WAY = int(UNREACHABLE)

SLOTS = 1024
LAST_SLOT = SLOTS - 1
BUCKETS_PER_ARC = 32
SAMPLE = 1024
NOBODY = -1

NOW, HANGING, MADE, IDLE, LATE, COUNT = 0, 1, 2, 3, 4, 5
"""What stands where in the state of a search: the bucket in turn, items in the wheel, entries ever made and the first
of those that are free again, items in the heap, nodes touched."""


@lean
def _shift(cost, labels):  # type: ignore[no-untyped-def]
    """Keys alike but for so many last bits share a bucket: a few dozen buckets in the mean cost of some arcs."""
    step = len(cost) // SAMPLE + 1
    total, count = 0.0, 0
    for a in range(0, len(cost), step):
        total += cost[a]
        count += 1
    width = total / max(count, 1) * labels / BUCKETS_PER_ARC
    bits = 0
    while width >= 2.0:
        width *= 0.5
        bits += 1
    return bits


@lean
def _turn(arcs, steps, best, via, touched, wheel, late, state):  # type: ignore[no-untyped-def]
    """Turn the wheel until nothing is left, or there might be no room for the next node's arcs."""
    offset, tails, cost = arcs.offset, arcs.tail, arcs.cost
    labels, limit_key, shift = steps
    head, following, nodes = wheel
    late_key, late_node = late
    now, hanging, made, idle, waiting, count = state[0], state[1], state[2], state[3], state[4], state[5]
    trace, note = len(via) > 0, len(touched) > 0
    while hanging > 0 or waiting > 0:
        in_heap = waiting > 0 and (hanging == 0 or late_key[0] >> shift <= now)
        entry = head[now & LAST_SLOT]
        if not in_heap and entry == NOBODY:
            now += 1
            continue
        node = late_node[0] if in_heap else nodes[entry]
        first, end = offset[node], offset[node + 1]
        if made + end - first > len(nodes) or waiting + end - first > len(late_node):
            break
        if in_heap:
            now = late_key[0] >> shift
            waiting -= 1
            sift_down(late_key, late_node, waiting)
        else:
            head[now & LAST_SLOT], following[entry], idle = following[entry], idle, entry
            hanging -= 1
        key = best[node]
        if key >> shift != now:  # taken before, from an earlier bucket
            continue
        for a in range(first, end):
            tail = tails[a]
            longer = key + cost[a] * labels
            if longer >= best[tail] or longer > limit_key:
                continue
            if note and best[tail] == NO_WAY:
                touched[count] = tail
                count += 1
            best[tail] = longer
            if trace:
                via[tail] = a
            bucket = longer >> shift
            if bucket - now >= SLOTS:
                sift_up(late_key, late_node, waiting, longer, tail)
                waiting += 1
                continue
            if idle == NOBODY:
                entry = made
                made += 1
            else:
                entry = idle
                idle = following[idle]
            nodes[entry], following[entry], head[bucket & LAST_SLOT] = tail, head[bucket & LAST_SLOT], entry
            hanging += 1
    state[NOW], state[HANGING], state[MADE], state[IDLE], state[LATE], state[COUNT] = (
        now,
        hanging,
        made,
        idle,
        waiting,
        count,
    )


@kernel
def settle(arcs, seeds, labels, limit_key, best, via, touched):  # type: ignore[no-untyped-def]
    """The smallest key of every node, outward from the seeds.

    Parameters
    ----------
    arcs
        The reversed network.
    seeds
        ``(node, key)``, (k,) each: where the search starts, egress included.
    labels
        Number of labels in the keys: an arc adds its cost so many times.
    limit_key
        Keys beyond it are not settled.
    best
        (n,) int64, `NO_WAY` in every node; holds the keys afterwards.
    via
        (n,) int32 for the arc by which to leave each node, or empty.
    touched
        (n,) int32 for the nodes that got a key, or empty.

    Returns
    -------
    int
        How many nodes were touched; 0 if nobody asks.
    """
    seed_node, seed_key = seeds
    steps = (labels, limit_key, _shift(arcs.cost, labels))
    head = np.full(SLOTS, NOBODY, np.int32)
    following, nodes = np.empty(SLOTS, np.int32), np.empty(SLOTS, np.int32)
    late_key, late_node = np.empty(len(seed_node) + SLOTS, np.int64), np.empty(len(seed_node) + SLOTS, np.int32)
    state = np.zeros(6, np.int64)
    state[IDLE] = NOBODY
    for s in range(len(seed_node)):
        if seed_key[s] < best[seed_node[s]] and seed_key[s] <= limit_key:
            if len(touched) > 0 and best[seed_node[s]] == NO_WAY:
                touched[state[COUNT]] = seed_node[s]
                state[COUNT] += 1
            best[seed_node[s]] = seed_key[s]
            sift_up(late_key, late_node, state[LATE], seed_key[s], seed_node[s])
            state[LATE] += 1
    while True:
        _turn(arcs, steps, best, via, touched, (head, following, nodes), (late_key, late_node), state)
        if state[HANGING] == 0 and state[LATE] == 0:
            return state[COUNT]
        following, nodes = grown(following, 2 * len(nodes)), grown(nodes, 2 * len(nodes))
        late_key, late_node = grown(late_key, 2 * len(late_key)), grown(late_node, 2 * len(late_node))
