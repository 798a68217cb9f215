"""Every kernel that the rooms call, beside the library that answers the same question; tests and benchmarks share it."""

from __future__ import annotations

from tests.kernels.beside import Beside
from tests.kernels.changes_beside import CHANGES
from tests.kernels.edges_beside import ON_EDGES
from tests.kernels.lattice_beside import LATTICE
from tests.kernels.rows_beside import ROWS
from tests.kernels.searches_beside import CHOICE, KEYS, NEAREST_OF_NODES, ON_NODES, matrix_of
from tests.kernels.shapes_beside import SHAPES
from tests.kernels.trails_beside import TRAILS
from tests.kernels.water_beside import WATER

__all__ = ["CHOICE", "KEYS", "NEAREST_OF_NODES", "NO_KERNELS", "TABLE", "matrix_of"]

TABLE: tuple[Beside, ...] = (*ON_NODES, *ON_EDGES, *SHAPES, *ROWS, *CHANGES, *LATTICE, *TRAILS, *WATER)

NO_KERNELS = frozenset(
    {"projection.local_projection", "projection.to_crs", "projection.to_degrees", "projection.to_metres"}
)
"""PROJ itself, called: there is nothing of ours to hold against it. See tests/kernels/test_projection.py."""
