"""Small parts of several kernels: arrays that grow, and a heap in two arrays."""

from __future__ import annotations

import numpy as np

from circle.kernels.compiled import lean, owning


@owning
def grown(values, size):  # type: ignore[no-untyped-def]
    """A copy with room for `size` items."""
    larger = np.empty(size, values.dtype)
    for k in range(len(values)):  # a slice would compile for seconds: numba words the error of a wrong shape
        larger[k] = values[k]
    return larger


@lean
def sift_down(keys, nodes, size):  # type: ignore[no-untyped-def]
    """Take the last item to the root and let it sink (four children a node: fewer cache lines than two)."""
    key, node = keys[size], nodes[size]
    hole = 0
    while True:
        first = 4 * hole + 1
        if first >= size:
            break
        least = first
        for child in range(first + 1, min(first + 4, size)):
            if keys[child] < keys[least]:
                least = child
        if keys[least] >= key:
            break
        keys[hole], nodes[hole] = keys[least], nodes[least]
        hole = least
    keys[hole], nodes[hole] = key, node


@lean
def sift_up(keys, nodes, hole, key, node):  # type: ignore[no-untyped-def]
    """Let a new item rise from `hole`."""
    while hole > 0:
        parent = (hole - 1) // 4
        if keys[parent] <= key:
            break
        keys[hole], nodes[hole] = keys[parent], nodes[parent]
        hole = parent
    keys[hole], nodes[hole] = key, node
