"""Roads between the places of a county: the cheapest tree over its lattice, and a few more that are cheap."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, dijkstra, minimum_spanning_tree

from circle.model import Bools, Floats, Ints
from circle.sample.frame import Random
from circle.sample.places import Tier
from circle.sample.province.grid import Grid
from circle.sample.province.settle import Places, away_from
from circle.sample.streets import SECONDARY, TERTIARY, UNCLASSIFIED

WAYS_IN = {Tier.SEAT: 6, Tier.TOWN: 3}
"""From how many sides a seat and a town can be reached, if there are so many."""

LOOPS = 0.4
"""Share of the cheap roads beyond the tree that are built."""


def make_roads(rng: Random, grid: Grid, places: Places) -> tuple[Ints, Ints]:
    """(r,) links of the grid that are roads, and their classes."""
    island = places.island
    everywhere = np.ones(len(grid.a), dtype=bool)
    open_links = away_from(grid, int(places.point[island]), places.radius_m[island]) if island >= 0 else everywhere
    size = len(grid.x)
    a, b, weight = grid.a[open_links], grid.b[open_links], grid.weight[open_links]
    graph = coo_array((weight, (a, b)), shape=(size, size)).tocsr()
    joined = np.flatnonzero(np.arange(len(places.point)) != places.island)
    cost, before, source = dijkstra(
        graph, directed=False, indices=places.point[joined], return_predecessors=True, min_only=True
    )
    number = np.full(size, -1, dtype=np.int64)
    number[places.point[joined]] = joined
    owner = np.where(source >= 0, number[np.maximum(source, 0)], -1)
    meets = np.flatnonzero((owner[a] != owner[b]) & (owner[a] >= 0) & (owner[b] >= 0))
    dear = cost[a[meets]] + weight[meets] + cost[b[meets]]
    p, q = np.minimum(owner[a[meets]], owner[b[meets]]), np.maximum(owner[a[meets]], owner[b[meets]])
    order = np.lexsort((dear, q, p))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (p[order][1:] != p[order][:-1]) | (q[order][1:] != q[order][:-1])
    best = order[first]
    kept, rank = _chosen(rng, places, p[best], q[best], dear[best])
    best = best[kept]
    return _links_under(grid, before.astype(np.int64), (a[meets[best]], b[meets[best]]), rank)


def _chosen(rng: Random, places: Places, p: Ints, q: Ints, dear: Floats) -> tuple[Bools, Ints]:
    """(c,) which pairs of places are joined, and (kept,) the classes of their roads."""
    size = len(places.point)
    spanning = minimum_spanning_tree(coo_array((dear, (p, q)), shape=(size, size)).tocsr()).tocoo()
    tree = np.isin(p * size + q, spanning.row.astype(np.int64) * size + spanning.col)
    cheap = dear < 1.5 * np.median(dear[tree]) if tree.any() else np.zeros(len(dear), dtype=bool)
    kept = tree | (cheap & (rng.random(len(dear)) < LOOPS))
    for tier, count in WAYS_IN.items():
        for place in places.of(tier).tolist():
            mine = np.flatnonzero((p == place) | (q == place))
            kept[mine[np.argsort(dear[mine], kind="stable")[:count]]] = True
    above, important = _importance(places, spanning)
    rank = np.full(len(p), UNCLASSIFIED, dtype=np.int64)
    for one, other in ((p, q), (q, p)):
        below = tree & (above[one] == other)
        rank[below] = important[one[below]]
    return kept, rank[kept].astype(np.int64)


def _importance(places: Places, spanning: coo_array) -> tuple[Ints, Ints]:
    """(p,) the next place on the way to the seat, and the class of the road there: who uses it decides."""
    order, above = breadth_first_order(spanning.tocsr(), 0, directed=False)
    rank = np.select([places.tier == Tier.TOWN, places.tier == Tier.EXIT], [TERTIARY, SECONDARY], UNCLASSIFIED)
    for place in order[:0:-1].tolist():
        rank[above[place]] = min(rank[above[place]], rank[place])
    return above.astype(np.int64), rank


def _links_under(grid: Grid, before: Ints, ends: tuple[Ints, Ints], rank: Ints) -> tuple[Ints, Ints]:
    """The links below the ways from both ends of every road back to its places, each once, by its best class."""
    best: dict[tuple[int, int], int] = {}
    back = before.tolist()
    for one, other, kind in zip(ends[0].tolist(), ends[1].tolist(), rank.tolist(), strict=True):
        steps = [(one, other)]
        for end in (one, other):
            at = end
            while back[at] >= 0:
                steps.append((at, back[at]))
                at = back[at]
        for u, v in steps:
            key = (u, v) if u < v else (v, u)
            best[key] = min(best.get(key, kind), kind)
    size = len(grid.x)
    wanted = np.array([u * size + v for u, v in best], dtype=np.int64)
    keys = np.minimum(grid.a, grid.b) * size + np.maximum(grid.a, grid.b)
    order = np.argsort(keys, kind="stable")
    return order[np.searchsorted(keys[order], wanted)], np.array(list(best.values()), dtype=np.int64)
