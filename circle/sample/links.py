"""Which settlements are joined by road, and over which ground the road goes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from circle.model import Bools, Floats, Ints
from circle.sample.frame import CheapestTree, Random, cheapest_tree
from circle.sample.places import Access, Places, Tier
from circle.sample.terrain import Land


@dataclass(frozen=True, eq=False)
class Links:
    """Roads between places as lattice links. k cell links.

    Parameters
    ----------
    a, b
        (k,) lattice cells, each pair once, a < b.
    path
        (k,) a footpath only.
    """

    a: Ints
    b: Ints
    path: Bools


@dataclass(frozen=True, eq=False)
class _Candidates:
    """The cheapest way between each two neighbouring places: their numbers, its cost, and where the two sides meet."""

    p: Ints
    q: Ints
    cost: Floats
    meet_a: Ints
    meet_b: Ints
    crosses: Bools


def make_links(rng: Random, land: Land, places: Places) -> tuple[Links, Places]:
    """Join all places by the cheapest tree of roads, a few more where they are cheap, and choose the remote hamlets.

    All ways come from one search: every cell belongs to the place it is cheapest to reach from, and neighbouring places
    are joined where their areas touch.
    """
    weight = land.walking_weight()
    tree = cheapest_tree(land.lattice, weight, places.cell)
    found = _candidates(land, places, tree, weight)
    in_tree = _spanning(found, len(places.cell))
    degree = np.bincount(np.concatenate([found.p[in_tree], found.q[in_tree]]), minlength=len(places.cell))
    access = _remote_hamlets(places, found, in_tree, degree)
    extra = _cheap_loops(rng, found, in_tree) & (access[found.p] == Access.ROAD) & (access[found.q] == Access.ROAD)
    hardest = np.maximum(access[found.p], access[found.q])
    kept = (in_tree | extra) & (hardest < Access.NONE)
    people = np.where(access > Access.ROAD, np.clip(places.people, 60.0, 160.0), places.people)
    places = replace(places, access=access, people=people)
    return _cells(tree, found, kept, hardest == Access.PATH), places


def _candidates(land: Land, places: Places, tree: CheapestTree, weight: Floats) -> _Candidates:
    lattice = land.lattice
    number = np.full(len(lattice.x), -1, dtype=np.int64)
    number[places.cell] = np.arange(len(places.cell))
    owner = number[tree.source]
    meets = np.flatnonzero(owner[lattice.a] != owner[lattice.b])
    a, b = lattice.a[meets], lattice.b[meets]
    swap = owner[a] > owner[b]
    a, b = np.where(swap, b, a), np.where(swap, a, b)
    cost = tree.cost[a] + weight[meets] + tree.cost[b]
    order = np.lexsort((cost, owner[b], owner[a]))
    a, b, cost = a[order], b[order], cost[order]
    first = np.ones(len(a), dtype=bool)
    first[1:] = (owner[a][1:] != owner[a][:-1]) | (owner[b][1:] != owner[b][:-1])
    a, b, cost = a[first], b[first], cost[first]
    north = land.north_bank.ravel()[places.cell]
    return _Candidates(owner[a], owner[b], cost, a, b, north[owner[a]] != north[owner[b]])


def _spanning(found: _Candidates, size: int) -> Bools:
    """(candidates,) which ones form the cheapest tree that joins all places."""
    graph = coo_array((found.cost, (found.p, found.q)), shape=(size, size)).tocsr()
    chosen = minimum_spanning_tree(graph).tocoo()
    return np.asarray(np.isin(found.p * size + found.q, chosen.row.astype(np.int64) * size + chosen.col))


def _cheap_loops(rng: Random, found: _Candidates, in_tree: Bools) -> Bools:
    """(candidates,) more roads: cheap ones that no third place lies between, and every affordable bridge."""
    cheap = found.cost < 1.3 * np.median(found.cost[in_tree])
    bridges = found.crosses & (found.cost < 30_000.0)
    costs = {(p, q): c for p, q, c in zip(found.p.tolist(), found.q.tolist(), found.cost.tolist(), strict=True)}
    neighbours: dict[int, set[int]] = {}
    for p, q in costs:
        neighbours.setdefault(p, set()).add(q)
        neighbours.setdefault(q, set()).add(p)
    lonely = np.zeros(len(found.p), dtype=bool)
    for i in np.flatnonzero(cheap & ~in_tree).tolist():
        p, q = int(found.p[i]), int(found.q[i])
        between = neighbours[p] & neighbours[q]
        lonely[i] = all(max(costs[min(p, r), max(p, r)], costs[min(q, r), max(q, r)]) >= found.cost[i] for r in between)
    return np.asarray((lonely & (rng.random(len(found.p)) < 0.7)) | bridges)


def _remote_hamlets(places: Places, found: _Candidates, in_tree: Bools, degree: Ints) -> Ints:
    """(places,) access: of the dead-end villages with the dearest road, one has none, one an island, two a footpath."""
    to_reach = np.zeros(len(places.cell))
    for end in (found.p, found.q):
        np.maximum.at(to_reach, end[in_tree], found.cost[in_tree])
    eligible = (places.tier == Tier.VILLAGE) & (degree == 1) & places.inside
    dearest = np.flatnonzero(eligible)[np.argsort(-to_reach[eligible], kind="stable")]
    access = np.zeros(len(places.cell), dtype=np.int64)
    for village, how in zip(dearest[:4], (Access.NONE, Access.ISLAND, Access.PATH, Access.PATH), strict=False):
        access[village] = how
    return access


def _cells(tree: CheapestTree, found: _Candidates, kept: Bools, path: Bools) -> Links:
    """The lattice links under the chosen ways; where a road and a footpath share ground it is a road."""
    rank: dict[tuple[int, int], bool] = {}
    for i in np.flatnonzero(kept).tolist():
        way = tree.way_from(int(found.meet_a[i]))[::-1] + tree.way_from(int(found.meet_b[i]))
        for a, b in pairwise(way):
            key = (a, b) if a < b else (b, a)
            rank[key] = rank.get(key, True) and bool(path[i])
    pairs = np.array(sorted(rank), dtype=np.int64).reshape(-1, 2)
    return Links(pairs[:, 0], pairs[:, 1], np.array([rank[a, b] for a, b in pairs.tolist()], dtype=bool))
