"""What was found, and mended, where lines of a road layer meet or nearly meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from circle.model.arrays import Bools, Floats, Int8s, Ints

REPAIR_KINDS = ("end_to_end", "end_to_line", "overshoot", "crossing", "left_apart", "near_miss")
"""The first four join lines; the last two tell of places that were left as they are drawn."""
JOINING_KINDS = 4


@dataclass(frozen=True, eq=False)
class RoadRepairs:
    """The places where lines of a road layer meet without a shared vertex, or nearly meet. r places.

    Parameters
    ----------
    asked
        ``"auto"``, ``"repair"`` or ``"as-drawn"``.
    repaired
        Whether lines were joined; else all is as drawn, and the places are what was seen.
    snap_m
        How far an end may have been moved.
    junctions
        Places where lines meet as they are drawn: three or more ways go on from a shared vertex.
    lon, lat
        (r,) WGS84.
    kind
        (r,) index into `REPAIR_KINDS`.
    distance_m
        (r,) how far the end was moved; of a near miss, how far it lies from the next line.
    way_id
        (r,) number of the line in the source, or of one of the two.
    """

    asked: str
    repaired: bool
    snap_m: float
    junctions: int
    lon: Floats
    lat: Floats
    kind: Int8s
    distance_m: Floats
    way_id: Ints

    @property
    def joined(self) -> Bools:
        """(r,) whether lines were joined there."""
        return np.asarray((self.kind < JOINING_KINDS) & self.repaired)

    def counts(self) -> Mapping[str, int]:
        """How many places there are of each kind, zeros included."""
        number = np.bincount(self.kind, minlength=len(REPAIR_KINDS))
        return {name: int(count) for name, count in zip(REPAIR_KINDS, number, strict=True)}
