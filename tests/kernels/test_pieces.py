"""Connected pieces against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from circle.kernels.chains import connected_pieces


@pytest.mark.parametrize(("nodes", "edges"), [(0, 0), (1, 0), (5, 0), (40, 12), (400, 300), (400, 900)])
def test_pieces_are_those_of_scipy(nodes: int, edges: int) -> None:
    """The same partition, numbered in order of first nodes, whatever the order and direction of the edges."""
    rng = np.random.default_rng(nodes + edges)
    a, b = (rng.integers(0, max(nodes, 1), edges).astype(np.int32) for _ in range(2))
    links = coo_array((np.ones(edges, np.int8), (a, b)), shape=(max(nodes, 1), max(nodes, 1)))
    expected = connected_components(links, directed=False)[1][:nodes]
    label, count = connected_pieces(nodes, a, b)
    assert count == len(np.unique(expected))
    _, first = np.unique(label, return_index=True)
    assert (np.diff(first) > 0).all()
    assert len(np.unique(np.column_stack([label, expected]), axis=0)) == count
