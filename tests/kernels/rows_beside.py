"""Kernels that order and count, beside networkx, scipy and numpy."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from circle.kernels.chains import chain, connected_pieces, hilbert_order, incidence, junctions
from circle.kernels.cover import greedy_cover, rows_by_place
from circle.kernels.quantiles import weighted_quantiles
from circle.kernels.rows import ALL, in_rows, sums_in_rows
from tests.kernels.beside import Beside, within

Random = np.random.Generator
BOTH, ALONG, BACK = 3, 1, 2
SHARES = (0.1, 0.5, 0.9, 1.0)


def segments_case(random: Random) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    """A few vertices, segments between any of them - loops, doubles, rings -, and their open directions."""
    n = int(random.integers(1, 12))
    count = int(random.integers(0, 15))
    a, b = random.integers(0, n, count), random.integers(0, n, count)
    if random.random() < 0.5:  # a ring or a path: else few vertices have two segments
        a, b = np.arange(n), (np.arange(n) + 1) % n
        a, b = (a, b) if random.random() < 0.5 else (a[:-1], b[:-1])
    turned = random.random(len(a)) < 0.5
    ways = random.choice([BOTH, BOTH, BOTH, ALONG, BACK], len(a))
    return n, np.where(turned, b, a), np.where(turned, a, b), ways


def graph_of(n: int, a: np.ndarray, b: np.ndarray) -> nx.MultiGraph:
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from((int(u), int(v), s) for s, (u, v) in enumerate(zip(a, b, strict=True)))
    return graph


def at_vertices(graph: nx.MultiGraph) -> list[list[int]]:
    """Segments at each vertex, a loop twice."""
    return [
        sorted(key for u, v, key in graph.edges(vertex, keys=True) for _ in range(1 + (u == v))) for vertex in graph
    ]


def incidence_by_networkx(n: int, a: np.ndarray, b: np.ndarray, ways: np.ndarray) -> tuple[Any, ...]:
    rows = at_vertices(graph_of(n, a, b))
    return np.concatenate([[0], np.cumsum([len(row) for row in rows])]), [s for row in rows for s in row]


def junctions_by_networkx(n: int, a: np.ndarray, b: np.ndarray, ways: np.ndarray) -> list[bool]:
    """No junction is where two segments meet that are passed one way as the other: nothing is decided there."""
    arcs = nx.MultiDiGraph()
    for s, way in enumerate(ways):
        if way & ALONG:
            arcs.add_edge(int(a[s]), int(b[s]), s)
        if way & BACK:
            arcs.add_edge(int(b[s]), int(a[s]), s)

    def open_ways(s: int, vertex: int) -> tuple[bool, bool]:
        other = int(b[s] if a[s] == vertex else a[s])
        return arcs.has_edge(other, vertex, s), arcs.has_edge(vertex, other, s)

    found = []
    for vertex, own in enumerate(at_vertices(graph_of(n, a, b))):
        passed = len(own) == 2 and own[0] != own[1] and open_ways(own[0], vertex) == open_ways(own[1], vertex)[::-1]
        found.append(bool(own) and not passed)
    return found


def chains_by_circle(n: int, a: np.ndarray, b: np.ndarray, ways: np.ndarray) -> set[frozenset[int]]:
    """The segments of each chain, after a look that each goes on where the last one ended."""
    offset, segment = incidence(n, a, b)
    first, order, flipped = chain(offset, segment, a, b, junctions(offset, segment, a, ways), np.arange(n)[::-1].copy())
    assert sorted(order) == list(range(len(a)))
    start, end = np.where(flipped, b[order], a[order]), np.where(flipped, a[order], b[order])
    for low, high in pairwise(first):
        assert np.array_equal(start[low + 1 : high], end[low : high - 1])
    return {frozenset(order[low:high].tolist()) for low, high in pairwise(first)}


def chains_by_networkx(n: int, a: np.ndarray, b: np.ndarray, ways: np.ndarray) -> set[frozenset[int]]:
    """Segments belong together where they meet at what is no junction."""
    together = nx.Graph()
    together.add_nodes_from(range(len(a)))
    for own, is_junction in zip(at_vertices(graph_of(n, a, b)), junctions_by_networkx(n, a, b, ways), strict=True):
        if own and not is_junction:
            together.add_edge(*own)
    return set(map(frozenset, nx.connected_components(together)))


def the_same(own: object, other: object) -> None:
    assert own == other


def links_case(random: Random) -> tuple[int, np.ndarray, np.ndarray]:
    n, count = int(random.integers(1, 200)), int(random.integers(0, 250))
    return n, *(random.integers(0, n, count).astype(np.int32) for _ in "ab")


def pieces_by_scipy(n: int, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, int]:
    """Numbered in the order of first nodes."""
    links = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(n, n))
    count, label = connected_components(links, directed=False)
    _, first = np.unique(label, return_index=True)
    return np.argsort(np.argsort(first))[label], count


def cells_case(random: Random) -> tuple[np.ndarray, np.ndarray]:
    """Every cell of a square, in any order; sides whose cells fall into whole cells of the kernel's own."""
    side = 1 << int(random.choice([1, 2, 4]))
    cell = random.permutation(side * side)
    return (cell % side).astype(float), (cell // side).astype(float)


def curve(side: int) -> np.ndarray:
    """Hilbert's curve by its definition: four half as large, the first and the last turned over."""
    if side == 1:
        return np.zeros((1, 2), np.int64)
    half = side // 2
    part = curve(half)
    return np.concatenate(
        [part[:, ::-1], part + np.array([0, half]), part + half, np.array([side - 1, half - 1]) - part[:, ::-1]],
    )


def order_by_definition(x: np.ndarray, y: np.ndarray) -> list[int]:
    row = {at: number for number, at in enumerate(zip(x.astype(int), y.astype(int), strict=True))}
    return [row[tuple(at)] for at in curve(int(x.max()) + 1).tolist()]


def cover_case(random: Random) -> tuple[np.ndarray, np.ndarray, int, np.ndarray, float]:
    """Sites with the places that each serves, people in whole numbers, and the least that is worth a site."""
    places, sites = int(random.integers(1, 15)), int(random.integers(1, 12))
    served = random.random((sites, places)) < random.choice([0.1, 0.3, 0.6])
    rows = csr_array(served)
    people = random.integers(0, 9, places).astype(float)
    return rows.indptr.astype(np.int64), rows.indices.astype(np.int32), places, people, float(random.integers(0, 8))


def turned_by_scipy(offset: np.ndarray, place: np.ndarray, places: int, people: np.ndarray, least: float) -> tuple:  # type: ignore[type-arg]
    rows = csr_array((np.ones(len(place), np.int8), place, offset), shape=(len(offset) - 1, places)).T.tocsr()
    rows.sort_indices()
    return rows.indptr, rows.indices


def cover_by_circle(offset: np.ndarray, place: np.ndarray, places: int, people: np.ndarray, least: float) -> tuple:  # type: ignore[type-arg]
    return greedy_cover(offset, place, *rows_by_place(offset, place, places), people, least)  # type: ignore[no-any-return]


def cover_by_numpy(offset: np.ndarray, place: np.ndarray, places: int, people: np.ndarray, least: float) -> tuple:  # type: ignore[type-arg]
    """Everything counted anew for every choice, in a dense matrix."""
    served = csr_array((np.ones(len(place)), place, offset), shape=(len(offset) - 1, places)).toarray()
    left, chosen, zone = people.copy(), [], np.full(places, -1)
    while True:
        gain = served @ left
        best = int(gain.argmax())
        if gain[best] < least or gain[best] <= 0:
            return np.array(chosen, np.int64), zone
        new = (served[best] > 0) & (zone < 0)
        zone[new] = len(chosen)
        left[served[best] > 0] = 0
        chosen.append(best)


def items_case(random: Random) -> tuple[np.ndarray, np.ndarray, int, int]:
    rows, items = int(random.integers(1, 9)), int(random.integers(0, 40))
    return random.integers(0, rows, items), random.permutation(items), rows, int(random.choice([1, 2, 5, ALL]))


def rows_by_numpy(row: np.ndarray, order: np.ndarray, rows: int, most: int) -> tuple:  # type: ignore[type-arg]
    """A stable sort, then the first of each."""
    count = np.bincount(row, minlength=rows)
    split = np.split(order[np.argsort(row[order], kind="stable")], np.cumsum(count)[:-1])
    kept = [part[:most] for part in split]
    return count, np.concatenate([[0], np.cumsum([len(part) for part in kept])]), np.concatenate(kept)


def lengths_case(random: Random) -> tuple[np.ndarray, np.ndarray]:
    offset = np.concatenate([[0], np.cumsum(random.integers(0, 6, int(random.integers(1, 9))))])
    return offset, random.uniform(0.0, 300.0, offset[-1])


def sums_by_numpy(offset: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Row by row."""
    return np.concatenate([np.cumsum([0.0, *values[a:b]]) for a, b in pairwise(offset)])


def people_case(random: Random) -> tuple[np.ndarray, np.ndarray, np.ndarray, int, tuple[float, ...]]:
    n = int(random.integers(1, 60))
    values = random.choice([*range(20), np.inf, np.nan], n)
    return values, random.integers(0, 30, (2, n)).astype(float), random.integers(-1, 3, n), 3, SHARES


def quantiles_by_numpy(
    values: np.ndarray, weights: np.ndarray, labels: np.ndarray, count: int, shares: tuple[float, ...]
) -> np.ndarray:
    """Every value as often as people stand there."""
    found = np.full((len(weights), count, len(shares)), np.nan)
    for group, weight in enumerate(weights):
        for label in range(count):
            here = (labels == label) & ~np.isnan(values)
            line = np.repeat(values[here], weight[here].astype(int))
            if len(line):
                found[group, label] = np.quantile(line, shares, method="inverted_cdf")
    return found


ROWS = (
    Beside("chains.incidence", lambda n, a, b, _: incidence(n, a, b), incidence_by_networkx, "networkx.MultiGraph", segments_case),
    Beside("chains.junctions", lambda n, a, b, ways: junctions(*incidence(n, a, b), a, ways), junctions_by_networkx, "networkx.MultiDiGraph", segments_case),
    Beside("chains.chain", chains_by_circle, chains_by_networkx, "networkx.connected_components", segments_case, agree=the_same),
    Beside("chains.connected_pieces", connected_pieces, pieces_by_scipy, "scipy.sparse.csgraph.connected_components", links_case),
    Beside("chains.hilbert_order", hilbert_order, order_by_definition, "the curve's definition", cells_case),
    Beside("cover.rows_by_place", lambda o, p, n, _, __: rows_by_place(o, p, n), turned_by_scipy, "scipy.sparse", cover_case),
    Beside("cover.greedy_cover", cover_by_circle, cover_by_numpy, "numpy, dense", cover_case),
    Beside("rows.in_rows", in_rows, rows_by_numpy, "numpy.argsort", items_case),
    Beside("rows.sums_in_rows", sums_in_rows, sums_by_numpy, "numpy.cumsum", lengths_case),
    Beside("quantiles.weighted_quantiles", weighted_quantiles, quantiles_by_numpy, "numpy.quantile(method='inverted_cdf')", people_case, agree=within(atol=0)),
)  # fmt: skip
