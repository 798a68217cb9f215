"""Parts of one grid, and the array that they are put together to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from circle.kernels.heights import Transform

Values = npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Block:
    """Part of a grid: `values` (rows, columns), NaN void, whose first cell is (`row`, `column`) of the grid."""

    row: int
    column: int
    values: Values


def assemble(blocks: Sequence[Block], window: tuple[int, int, int, int]) -> tuple[Values, int]:
    """One array of the cells of `window` (first row, first column, end row, end column); earlier blocks win.

    Returns
    -------
    values
        (rows, columns), NaN where no block has a value.
    disputed
        How many cells two blocks give different values.
    """
    top, left, bottom, right = window
    values = np.full((bottom - top, right - left), np.nan, dtype=blocks[0].values.dtype if blocks else np.float64)
    disputed = 0
    for block in blocks:
        rows, columns = block.values.shape
        part = values[block.row - top : block.row - top + rows, block.column - left : block.column - left + columns]
        void = np.isnan(part)
        disputed += int(np.count_nonzero(~void & ~np.isnan(block.values) & ~np.isclose(part, block.values, rtol=1e-5)))
        part[void] = block.values[void]
    return values, disputed


def window_of(blocks: Sequence[Block], step: int = 1) -> tuple[int, int, int, int]:
    """First row, first column, end row and end column of the smallest window that holds all blocks.

    Its sides lie on every `step`-th row and column of the grid: with wide steps a few cells more leave it as it is.
    """
    return (
        min(b.row for b in blocks) // step * step,
        min(b.column for b in blocks) // step * step,
        -(-max(b.row + b.values.shape[0] for b in blocks) // step) * step,
        -(-max(b.column + b.values.shape[1] for b in blocks) // step) * step,
    )


def shifted(transform: Transform, row: int, column: int) -> Transform:
    """The transform of the window whose first cell is (`row`, `column`).

    >>> shifted((0.5, 0.0, 10.0, 0.0, -0.5, 50.0), 2, 4)
    (0.5, 0.0, 12.0, 0.0, -0.5, 49.0)
    """
    a, b, c, d, e, f = transform
    return (a, b, c + a * column + b * row, d, e, f + d * column + e * row)
