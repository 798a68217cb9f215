"""Items put into rows, in linear time."""

from __future__ import annotations

import numpy as np

from circle.kernels.compiled import kernel

ALL = 2**31 - 1


@kernel
def in_rows(row, order, rows, most):  # type: ignore[no-untyped-def]
    """Items in rows.

    Parameters
    ----------
    row
        (items,) the row of each item.
    order
        (items,) numbers of items, in the order that they shall have within rows.
    rows
        How many rows there are.
    most
        So many items of each row are kept; `ALL` for all.

    Returns
    -------
    count, offset, item : ndarray
        (rows,) items of each row, (rows + 1,) where the rows of those kept begin, and the numbers of these.
    """
    count, offset = np.zeros(rows, np.int32), np.zeros(rows + 1, np.int64)
    for r in row:
        count[r] += 1
    for r in range(rows):
        offset[r + 1] = offset[r] + min(count[r], most)
    item, filled = np.empty(offset[rows], np.int64), np.zeros(rows, np.int32)
    for i in order:
        r = row[i]
        if filled[r] < most:
            item[offset[r] + filled[r]] = i
            filled[r] += 1
    return count, offset, item


@kernel
def sums_in_rows(offset, values):  # type: ignore[no-untyped-def]
    """Running sums within rows, each row beginning with 0: one item more per row than there are values.

    To the bit the same whichever rows come before.

    Parameters
    ----------
    offset
        (rows + 1,) where rows begin.
    values
        (offset[-1],).
    """
    sums = np.empty(len(values) + len(offset) - 1)
    for row in range(len(offset) - 1):
        total = 0.0
        at = offset[row] + row
        sums[at] = total
        for k in range(offset[row], offset[row + 1]):
            total += values[k]
            at += 1
            sums[at] = total
    return sums
