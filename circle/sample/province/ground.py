"""The ground of the province: where its plane lies on the earth, its heights and its rivers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from circle.model import Floats, Ints
from circle.sample.province.hashing import uniform

LON_0, LAT_0 = 112.0, 32.0
METRES_PER_LON, METRES_PER_LAT = 94_405.0, 110_880.0
"""At `LAT_0`. The plane is degrees stretched, so that what is straight in one is straight in the other."""

STEP_M = 100.0
"""Mesh of the lattice that all streets run over."""

WET_M = 50.0
"""No street's vertex lies nearer to the middle of a river."""

_PEAKS, _RANGES, _HILLS, _SPURS, _RIVERS, _SHIFT = range(6)


def degrees(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Metres of the plane to longitude and latitude, to 1e-7 degrees as OpenStreetMap keeps them."""
    return np.round(LON_0 + x / METRES_PER_LON, 7), np.round(LAT_0 + y / METRES_PER_LAT, 7)


def metres(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude to metres of the plane."""
    return (lon - LON_0) * METRES_PER_LON, (lat - LAT_0) * METRES_PER_LAT


@dataclass(frozen=True)
class Ground:
    """Heights and rivers of a province, anywhere.

    Parameters
    ----------
    seed
        Which province.
    side_m
        Side of a square as large as a county: plains, mountain ranges and the land between two rivers are measured
        by it.
    """

    seed: int
    side_m: float

    def mountain(self, x: Floats, y: Floats) -> Floats:
        """From 0 on the plains to 1 in the mountains."""
        wide = 0.62 * self._noise(_RANGES, x, y, 3.1 * self.side_m)
        return np.clip((wide + 0.38 * self._noise(_PEAKS, x, y, 1.2 * self.side_m) - 0.38) / 0.22, 0.0, 1.0)

    def height_m(self, x: Floats, y: Floats) -> Floats:
        """Metres above the sea."""
        rise = self.mountain(x, y)
        hills = 520.0 * self._noise(_HILLS, x, y, 6_000.0) + 170.0 * self._noise(_SPURS, x, y, 1_700.0)
        return 35.0 + rise * (120.0 + hills) + 12.0 * self._noise(_HILLS, x, y, 9_000.0)

    def river_y(self, number: Ints, x: Floats) -> Floats:
        """Where a river is at each `x`: rivers are numbered from south to north and run from west to east."""
        gap_m, wave_m = 1.8 * self.side_m, 2.5 * self.side_m
        phase = 2.0 * np.pi * uniform(self.seed, _RIVERS, number)
        middle = (number + 0.35 + 0.3 * uniform(self.seed, _SHIFT, number)) * gap_m
        turn = 2.0 * np.pi * x / wave_m + phase
        return middle + self.side_m * (0.15 * np.sin(turn) + 0.03 * np.sin(2.7 * turn + phase))

    def banks(self, x: Floats, y: Floats) -> tuple[Ints, Floats]:
        """Which land between two rivers each point lies on, and how far from a river to the north or south."""
        base = np.floor(y / (1.8 * self.side_m)).astype(np.int64) - 1
        away = np.stack([y - self.river_y(base + k, x) for k in range(3)])
        return base + (away > 0.0).sum(axis=0), np.abs(away).min(axis=0)

    def river_numbers(self, south_m: float, north_m: float) -> range:
        """Numbers of the rivers that may run between two parallels."""
        gap_m = 1.8 * self.side_m
        return range(int(south_m // gap_m) - 1, int(north_m // gap_m) + 2)

    def _noise(self, stream: int, x: Floats, y: Floats, wave_m: float) -> Floats:
        """Smooth noise from 0 to 1 with the given distance between two of its knots."""
        across, up = x / wave_m, y / wave_m
        i, j = np.floor(across).astype(np.int64), np.floor(up).astype(np.int64)
        s, t = across - i, up - j
        s, t = s * s * (3.0 - 2.0 * s), t * t * (3.0 - 2.0 * t)
        knot = [[uniform(self.seed, 16 + stream, i + a, j + b) for b in (0, 1)] for a in (0, 1)]
        west = knot[0][0] * (1.0 - t) + knot[0][1] * t
        east = knot[1][0] * (1.0 - t) + knot[1][1] * t
        return np.asarray(west * (1.0 - s) + east * s)


def lattice_points(seed: int, i: Ints, j: Ints) -> tuple[Floats, Floats]:
    """Longitude and latitude of the lattice's points, each shifted by up to a quarter of the mesh."""
    east, north = (0.5 * (uniform(seed, 40 + axis, i, j) - 0.5) for axis in (0, 1))
    return degrees((i + 0.5 + east) * STEP_M, (j + 0.5 + north) * STEP_M)


def falling(seed: int, i: Ints, j: Ints) -> Floats:
    """From 0 to 1 for the square north-east of each point: below a half its diagonal falls from west to east."""
    return uniform(seed, 42, i, j)
