"""Heights between the cells of an elevation grid."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Transform = tuple[float, float, float, float, float, float]


def grid_position(transform: Transform, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Column and row of points on a grid, counted from the outer corner of its first cell.

    Parameters
    ----------
    transform
        Affine coefficients a, b, c, d, e, f: ``x = a column + b row + c``, ``y = d column + e row + f``.
    x, y
        Coordinates in the grid's reference system.

    Returns
    -------
    column, row
        The centre of the first cell is (0.5, 0.5).

    Examples
    --------
    >>> column, row = grid_position((10.0, 0.0, 100.0, 0.0, -10.0, 200.0), [105.0], [175.0])
    >>> column.tolist(), row.tolist()
    ([0.5], [2.5])
    """
    a, b, c, d, e, f = transform
    determinant = a * e - b * d
    east, north = np.asarray(x, dtype=np.float64) - c, np.asarray(y, dtype=np.float64) - f
    return (e * east - b * north) / determinant, (a * north - d * east) / determinant


def sample_bilinear(
    height_m: npt.NDArray[np.floating], transform: Transform, x: npt.ArrayLike, y: npt.ArrayLike
) -> Floats:
    """Heights at points, interpolated between the centres of the four cells around each.

    Cells without a height lend their weight to the others, and so do those beyond the rim, so that the outer half
    cells of the grid count too.

    Parameters
    ----------
    height_m
        (rows, columns) metres at the cell centres; NaN unknown.
    transform
        As in `grid_position`.
    x, y
        (n,) coordinates in the grid's reference system.

    Returns
    -------
    Floats
        (n,) metres; NaN outside the grid and where no cell around has a height.

    Examples
    --------
    Half-way between 10 m and 20 m, and half-way between 20 m and an unknown cell:

    >>> grid = np.array([[10.0, 20.0, np.nan]])
    >>> sample_bilinear(grid, (1.0, 0.0, 0.0, 0.0, -1.0, 1.0), [1.0, 2.0], [0.5, 0.5]).tolist()
    [15.0, 20.0]
    """
    rows, columns = height_m.shape
    column, row = grid_position(transform, x, y)
    inside = (column >= 0) & (column <= columns) & (row >= 0) & (row <= rows)
    column, row = np.where(inside, column, 0.0) - 0.5, np.where(inside, row, 0.0) - 0.5
    left, top = np.floor(column).astype(np.int64), np.floor(row).astype(np.int64)
    across, down = column - left, row - top
    total, weight_known = np.zeros(column.shape), np.zeros(column.shape)
    for step_down, weight_down in ((0, 1.0 - down), (1, down)):
        for step_across, weight_across in ((0, 1.0 - across), (1, across)):
            r, c = top + step_down, left + step_across
            height = height_m[np.clip(r, 0, rows - 1), np.clip(c, 0, columns - 1)].astype(np.float64)
            known = (r >= 0) & (r < rows) & (c >= 0) & (c < columns) & ~np.isnan(height)
            weight = np.where(known, weight_down * weight_across, 0.0)
            total += weight * np.where(known, height, 0.0)
            weight_known += weight
    with np.errstate(invalid="ignore"):
        return np.where(inside & (weight_known > 0), total / weight_known, np.nan)
