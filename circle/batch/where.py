"""Which of many things lie in a box, found by looking at few of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from circle.kernels.chains import hilbert_order
from circle.model import Floats, Ints
from circle.network import Box, meets

BLOCK = 64
"""Things whose bounds are looked at together."""


@dataclass(frozen=True, eq=False)
class Where:
    """Bounds of n things, neighbours side by side, in blocks that have bounds of their own.

    Parameters
    ----------
    order
        (n,) numbers of the things along a Hilbert curve; those that lie nowhere are left out.
    bounds
        (4, n) west, south, east, north of each, in that order.
    blocks
        (4, b) the same of every `BLOCK` things.
    """

    order: Ints
    bounds: Floats
    blocks: Floats

    @classmethod
    def of(cls, west: Floats, south: Floats, east: Floats, north: Floats, *, ordered: bool = False) -> Where:
        """Of things by their bounds; `ordered`: neighbours stand side by side already."""
        bounds = np.stack([west, south, east, north])
        some = np.flatnonzero(np.isfinite(bounds).all(axis=0))
        middle = (bounds[:2] + bounds[2:])[:, some] / 2
        order = some if ordered else some[hilbert_order(*middle)]
        bounds = bounds[:, order]
        first = np.arange(0, len(order), BLOCK)
        if not len(first):
            return cls(order, bounds, np.empty((4, 0)))
        blocks = [np.minimum.reduceat(axis, first) for axis in bounds[:2]]
        blocks += [np.maximum.reduceat(axis, first) for axis in bounds[2:]]
        return cls(order, bounds, np.stack(blocks))

    def meeting(self, box: Box) -> Ints:
        """Numbers of the things whose bounds meet a box, ascending."""
        near = np.flatnonzero(meets(self.blocks, box))
        item = (near[:, None] * BLOCK + np.arange(BLOCK)).ravel()
        item = item[item < len(self.order)]
        return np.sort(self.order[item[meets(self.bounds[:, item], box)]])

    def count_near(self, box: Box) -> int:
        """About how many meet a box, for a guess: all of every block that does."""
        return int(np.count_nonzero(meets(self.blocks, box))) * BLOCK


def of_points(x: Floats, y: Floats) -> Where:
    """Of points; what is not finite lies nowhere."""
    return Where.of(x, y, x, y)


def grouped(label: npt.NDArray[np.integer], groups: int) -> tuple[Ints, Ints]:
    """Rows by their label, ascending within each: ``rows[first[k]:first[k + 1]]`` are those of label k."""
    rows = np.argsort(label, kind="stable")
    first = np.searchsorted(label[rows], np.arange(groups + 1))
    return rows, first.astype(np.int64)
