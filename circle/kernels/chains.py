"""Chains of segments between junctions, and a space-filling order of nodes."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from circle.kernels.compiled import inlined, kernel

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@kernel
def incidence(n_vertices, a, b):  # type: ignore[no-untyped-def]
    """Segments at each vertex, in rows: (offset, segment). A loop stands twice at its vertex."""
    offset = np.zeros(n_vertices + 1, np.int64)
    for s in range(len(a)):
        offset[a[s] + 1] += 1
        offset[b[s] + 1] += 1
    for v in range(n_vertices):  # a loop: with numba's own sum or sort comes all of scipy.linalg
        offset[v + 1] += offset[v]
    fill, segment = offset[:-1].copy(), np.empty(2 * len(a), np.int64)
    for s in range(len(a)):
        segment[fill[a[s]]] = s
        fill[a[s]] += 1
        segment[fill[b[s]]] = s
        fill[b[s]] += 1
    return offset, segment


@kernel
def junctions(offset, segment, a, ways_open):  # type: ignore[no-untyped-def]
    """Which vertices are junctions: not exactly two segments, a loop, or segments that differ in their open directions.

    `ways_open` (s,): 3 both ways, 1 only from a to b, 2 only from b to a.
    """
    n = len(offset) - 1
    is_junction = np.zeros(n, np.bool_)
    for v in range(n):
        degree = offset[v + 1] - offset[v]
        if degree == 0:
            continue
        s, t = segment[offset[v]], segment[offset[v + 1] - 1]
        if degree != 2 or s == t:
            is_junction[v] = True
            continue
        # seen as passing through v: coming in along s, going out along t
        come = ways_open[s] if a[s] != v else _turned(ways_open[s])
        go = ways_open[t] if a[t] == v else _turned(ways_open[t])
        is_junction[v] = come != go
    return is_junction


@kernel
def connected_pieces(n_nodes, a, b):  # type: ignore[no-untyped-def]
    """(nodes,) number of the connected piece of each node, directions ignored, in order of first nodes; how many.

    scipy has the same, but its import alone takes ten times as long as this for a county.
    """
    parent = np.arange(n_nodes)
    for e in range(len(a)):
        u, v = a[e], b[e]
        while parent[u] != u:
            parent[u] = parent[parent[u]]
            u = parent[u]
        while parent[v] != v:
            parent[v] = parent[parent[v]]
            v = parent[v]
        parent[max(u, v)] = min(u, v)
    count = 0
    piece = np.empty(n_nodes, np.int32)
    for u in range(n_nodes):  # a parent comes before its children
        if parent[u] == u:
            piece[u] = count
            count += 1
        else:
            piece[u] = piece[parent[u]]
    return piece, count


@inlined
def _turned(ways_open):  # type: ignore[no-untyped-def]
    """Open directions of a segment drawn the other way round."""
    return ways_open if ways_open in (0, 3) else 3 - ways_open


@kernel
def _walk(start, first, rows, ends, is_junction, out):  # type: ignore[no-untyped-def]
    """Follow a chain from `start` along segment `first` to the next junction; returns how much of `out` is filled."""
    offset, segment = rows
    a, b = ends
    used, order, flipped, filled = out
    v, s = start, first
    while True:
        used[s] = True
        order[filled], flipped[filled] = s, a[s] != v
        filled += 1
        v = b[s] if a[s] == v else a[s]
        if is_junction[v] or v == start:
            return filled
        one, other = segment[offset[v]], segment[offset[v] + 1]
        s = other if one == s else one


@kernel
def chain(offset, segment, a, b, is_junction, by_rank):  # type: ignore[no-untyped-def]
    """Chains of segments from junction to junction.

    Parameters
    ----------
    offset, segment
        From `incidence`.
    a, b
        (s,) ends of each segment.
    is_junction
        (n,) from `junctions`; rings without any get their first vertex by rank as one (changed in place).
    by_rank
        (n,) vertices in the order in which chains are to start.

    Returns
    -------
    chain_offset, order, flipped : ndarray
        The segments of chain i are ``order[chain_offset[i]:chain_offset[i + 1]]``; `flipped`: walked from b to a.
    """
    used = np.zeros(len(a), np.bool_)
    order, flipped = np.empty(len(a), np.int64), np.zeros(len(a), np.bool_)
    chain_offset = np.zeros(len(a) + 1, np.int64)
    filled = chains = 0
    for rings in (False, True):
        for v in by_rank:
            if not rings and not is_junction[v]:
                continue
            for k in range(offset[v], offset[v + 1]):
                if used[segment[k]]:
                    continue
                is_junction[v] = True
                filled = _walk(v, segment[k], (offset, segment), (a, b), is_junction, (used, order, flipped, filled))
                chains += 1
                chain_offset[chains] = filled
    return chain_offset[: chains + 1].copy(), order, flipped


@kernel
def _hilbert(x, y, bits):  # type: ignore[no-untyped-def]
    """Place of each cell (x, y) on the Hilbert curve of order `bits`."""
    d = np.zeros(len(x), np.int64)
    for k in range(len(x)):
        i, j = x[k], y[k]
        s = 1 << (bits - 1)
        while s > 0:
            rx, ry = (i & s) > 0, (j & s) > 0
            d[k] += s * s * ((3 * rx) ^ ry)
            if not ry:
                if rx:
                    i, j = s - 1 - (i & (s - 1)), s - 1 - (j & (s - 1))
                i, j = j, i
            s >>= 1
    return d


def hilbert_order(x: Floats, y: Floats, *, fixed: bool = False) -> Ints:
    """Row numbers sorted along a Hilbert curve, so that neighbours in space are neighbours in memory.

    Parameters
    ----------
    x, y
        (n,) finite metres.
    fixed
        The curve fills a square around the origin whose side is a power of two, so that further points leave those
        that are there in their order, unless they lie outside the square.

    Returns
    -------
    ndarray
        (n,) a permutation; equal cells keep their order.

    Examples
    --------
    >>> import numpy as np
    >>> hilbert_order(np.array([0.0, 9.0, 0.0, 9.0]), np.array([0.0, 0.0, 9.0, 9.0])).tolist()
    [0, 2, 3, 1]
    """
    if len(x) == 0:
        return np.empty(0, np.int64)
    bits = 16
    west, south = float(x.min()), float(y.min())
    span = max(float(np.ptp(x)), float(np.ptp(y)), 1e-9)
    if fixed:
        half = 2.0 ** math.ceil(math.log2(max(-west, -south, float(x.max()), float(y.max()), 1.0)))
        west, south, span = -half, -half, 2.0 * half
    scale = ((1 << bits) - 1) / span
    cells = _hilbert(((x - west) * scale).astype(np.int64), ((y - south) * scale).astype(np.int64), bits)
    return np.argsort(cells, kind="stable")
