"""A lattice of points over a network, joined to it where somebody first looks, and kept for whoever looks next."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any

import numpy as np

from circle import units
from circle.kernels.lattice import NEVER, NOBODY, SIDE, TILE, Joined, Room, Window, field_of, joined_points
from circle.kernels.projection import to_degrees
from circle.kernels.settle import NO_WAY
from circle.model import Bools, Floats, Int32s, Ints
from circle.reach.attach import attach_metres
from circle.reach.engine import Engine, stops_of
from circle.reach.nearest import DIRECT_LEG_M, Places, select_places

FINEST_M, COARSEST_M = 25.0, 100.0
WANTED_POINTS = 300_000
MOST_POINTS = 1_000_000
"""That are kept from one question to the next: some 200 bytes each."""

AT_ONCE = 4_000
"""Tiles."""

MOST_ASKED, CELLS = 4_000_000, 30_000_000
"""Points of one question, and places for them in the box around it: a wider step keeps to these."""

STRAY_M, LEAST_M = 20_000.0, 1.0
LEAST_FARTHEST_M = 250.0


@dataclass(frozen=True, eq=False)
class Field:
    """Impedance from (rows, columns) of points to the nearest facility; exact up to `known`, beyond it any larger.

    `x0`, `y0`: metres of the first point; `step_m`: from one to the next.
    """

    x0: float
    y0: float
    step_m: float
    known: int
    impedance: Ints


class Lattice:
    """Points every `step_m` metres of a network's plane, from the south-western corner of its roads.

    A point is joined to the network by the rules for residents, save that nothing leads out of the water. Joining it
    takes a hundred times as long as asking for its travel time, and is the same whoever asks: it is done once, for a
    tile of points at a time. Threads may ask at the same time, and wait for each other.

    Parameters
    ----------
    engine
        The network.
    step_m
        Metres from point to point.
    most_points
        So many are kept, unless one question needs more; then all are forgotten and joining begins anew. Whoever knows
        all questions beforehand keeps what they need.
    longest
        No limit beyond this will be asked, so nothing farther off need be looked for; None: who knows.
    """

    def __init__(
        self, engine: Engine, step_m: float, *, most_points: float = MOST_POINTS, longest: float | None = None
    ) -> None:
        self.engine, self.step_m, self.most_points, self._longest = engine, step_m, most_points, longest
        self._corner = engine.extent[:2]
        self._lock = Lock()
        self._enough_m = 0.0 if longest is None else _leg_m(engine, self._known(longest))
        self._forget(0.0)

    def __reduce__(self) -> tuple[Any, tuple[Engine, float]]:
        """A copy, in another process too, begins with nothing joined."""
        return partial(Lattice, most_points=self.most_points, longest=self._longest), (self.engine, self.step_m)

    def _forget(self, farthest_m: float) -> None:
        """Start anew, with legs of up to so many metres."""
        self._farthest_m = farthest_m
        self._number: dict[int, int] = {}
        self._kept = _Kept()
        nodes, edges = self.engine.network.node_count, self.engine.network.edge_count
        self._room = Room(
            np.full(nodes, NO_WAY, np.int64),
            np.empty(nodes, np.int32),
            np.full(edges, NOBODY, np.int32),
            np.zeros(nodes, np.bool_),
        )

    def field(self, places: Places, limit: float) -> Field:
        """Impedance to the nearest of some entrances, for a contour at `limit` seconds (or metres).

        It is known up to two steps more than the limit, so that contours pass between a point in reach and one that is
        truly beyond.
        """
        speed_m_s, known = self.engine.network.leg_speed_m_s, self._known(limit)
        reach_m, leg_m = _reach_m(self.engine, known), _leg_m(self.engine, known)
        places = _beside_the_network(self.engine, places, reach_m)
        if len(places.x) == 0:
            return Field(0.0, 0.0, self.step_m, known, np.full((1, 1), NEVER, np.int64))
        row, column, near = self._near(places, reach_m, leg_m)
        tile_m = SIDE * self.step_m
        with self._lock:
            impedance = None
            try:
                tiles = self._tiles(row, column, near, leg_m)
                window = Window(self._corner[0] + column * tile_m, self._corner[1] + row * tile_m, self.step_m, tiles)
                impedance = field_of(
                    window,
                    self._kept.joined(),
                    (self.engine.arcs, self.engine.ends),
                    self.engine.walls,
                    stops_of(places.attachment),
                    (places.x, places.y, places.lat),
                    (DIRECT_LEG_M, speed_m_s, known),
                    self._room,
                )
            finally:  # after Ctrl-C too: nothing that is half joined, or half tidied, must answer the next
                if impedance is None:
                    self._forget(0.0)
        return Field(window.x0, window.y0, self.step_m, known, impedance)

    def _known(self, limit: float) -> int:
        """The impedance up to which a field for this limit is known."""
        return int(units.to_impedance(limit + 2 * self.step_m * units.CIRCUITY / self.engine.network.leg_speed_m_s))

    def _near(self, places: Places, reach_m: float, leg_m: float) -> tuple[int, int, Bools]:
        """The first row and column of a window of tiles, and which of them hold points that may be in reach.

        Those are a leg from the roads at most, or a direct leg from an entrance.
        """
        tile_m = SIDE * self.step_m
        x, y = ((axis - corner) / tile_m for axis, corner in zip((places.x, places.y), self._corner, strict=True))
        row, column, near = tiles_near(x, y, reach_m / tile_m)
        west, south, east, north = self.engine.extent
        high, wide = (north - south + leg_m) / tile_m, (east - west + leg_m) / tile_m
        rows, columns = row + np.arange(near.shape[0]), column + np.arange(near.shape[1])
        least = math.floor(-leg_m / tile_m)
        beside = (rows >= least) & (rows <= high), (columns >= least) & (columns <= wide)
        if beside[0].all() and beside[1].all():
            return row, column, near  # direct legs are no longer than the way
        near &= beside[0][:, None] & beside[1]
        direct_m = min(reach_m, DIRECT_LEG_M * _stretch(self.engine))
        direct_row, direct_column, direct = tiles_near(x, y, direct_m / tile_m)
        top, left = direct_row - row, direct_column - column
        near[top : top + direct.shape[0], left : left + direct.shape[1]] |= direct
        some_rows, some_columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
        near = near[some_rows[0] : some_rows[-1] + 1, some_columns[0] : some_columns[-1] + 1]
        return row + int(some_rows[0]), column + int(some_columns[0]), near

    def _tiles(self, row: int, column: int, near: Bools, leg_m: float) -> Int32s:
        """The numbers of the tiles of a window that begins at (row, column), -1 where they are not near."""
        rows, columns = np.nonzero(near)
        rows, columns = rows + row, columns + column
        keys = ((rows << 32) + columns).tolist()
        if leg_m > self._farthest_m:
            # to the next power of two, so that one limit after another does not begin anew each time
            doubled_m = float(LEAST_FARTHEST_M * 2.0 ** np.ceil(np.log2(max(leg_m / LEAST_FARTHEST_M, 1.0))))
            self._forget(self._enough_m if leg_m <= self._enough_m else doubled_m)
        new = [n for n, key in enumerate(keys) if key not in self._number]
        if new and (len(self._number) + len(new)) * TILE > self.most_points:
            self._forget(self._farthest_m)
            new = list(range(len(keys)))
        for begin in range(0, len(new), AT_ONCE):  # what joining takes beside what is kept stays small
            some = new[begin : begin + AT_ONCE]
            self._join(rows[some], columns[some])
            self._number |= {keys[n]: len(self._number) + k for k, n in enumerate(some)}
        number: Int32s = np.full(near.shape, -1, np.int32)
        number[near] = [self._number[key] for key in keys]
        return number

    def _join(self, row: Ints, column: Ints) -> None:
        """Join the points of some tiles to the network."""
        within = np.arange(TILE)
        x: Floats = self._corner[0] + self.step_m * (column[:, None] * SIDE + within % SIDE).ravel().astype(np.float64)
        y: Floats = self._corner[1] + self.step_m * (row[:, None] * SIDE + within // SIDE).ravel().astype(np.float64)
        network = self.engine.network
        _, lat = to_degrees(network.crs, x, y)
        attachment = attach_metres(self.engine, x, y, lat, farthest_m=self._farthest_m, strict=True)
        self._kept.add(Joined(*joined_points(stops_of(attachment), self.engine.ends, network.node_count)))


class _Kept:
    """Columns that grow, of ever more points."""

    def __init__(self) -> None:
        self._columns: dict[str, Any] = {}
        self._used: dict[str, int] = {}

    def add(self, points: Joined) -> None:
        """Some more points, behind the others; rows begin where those before end."""
        for name, rows in (("offset", "edge"), ("gate_offset", "gate"), ("node_offset", "node")):
            begin = self._used.get(rows, 0)
            points = points._replace(**{name: getattr(points, name)[1 if self._used else 0 :] + begin})
        for name, more in points._asdict().items():
            column, used = self._columns.get(name, more[:0]), self._used.get(name, 0)
            end = used + len(more)
            if name not in self._columns or end > len(column):
                wider = np.empty(end + end // 8, more.dtype)
                wider[:used] = column[:used]
                self._columns[name] = column = wider
            column[used:end] = more
            self._used[name] = end

    def joined(self) -> Joined:
        """As the kernel takes it; nothing has been added to it at first."""
        return Joined(**self._columns)


def tiles_near(x: Floats, y: Floats, radius: float) -> tuple[int, int, Bools]:
    """Unit squares that meet a disc around any of (n,) points, n > 0.

    Returns
    -------
    row, column, near
        The square of ``near[0, 0]`` begins at (`column`, `row`).
    """
    low_row, low_column = int(np.floor(y.min() - radius)), int(np.floor(x.min() - radius))
    shape = int(np.floor(y.max() + radius)) - low_row + 1, int(np.floor(x.max() + radius)) - low_column + 1
    across = np.arange(-int(radius) - 1, int(radius) + 2)[:, None]
    row = np.floor(y).astype(np.int64) + across
    off = np.maximum(0.0, np.maximum(row - y, y - row - 1.0))
    half = np.sqrt(np.maximum(radius * radius - off * off, 0.0))
    meets = (row >= np.floor(y - radius)) & (row <= np.floor(y + radius))
    row = row[meets] - low_row
    begin = np.floor(x - half).astype(np.int64)[meets] - low_column
    end = np.floor(x + half).astype(np.int64)[meets] - low_column + 1
    runs = np.zeros((shape[0], shape[1] + 1), np.int32)
    np.add.at(runs, (row, begin), 1)
    np.add.at(runs, (row, end), -1)
    return low_row, low_column, np.cumsum(runs[:, :-1], axis=1) > 0


def lattice_step_m(engine: Engine, places: Sequence[Places], limit: float, wanted_m: float | None) -> float:
    """A step that keeps the number of points bounded: between 25 and 100 m for about 300,000, unless another is wanted.

    Parameters
    ----------
    engine
        The network.
    places
        All entrances around which there will be isochrones.
    limit
        The main one, in seconds (or metres).
    wanted_m
        This step, unless the points would not fit in memory.
    """
    reach_m = _reach_m(engine, int(units.to_impedance(limit)))
    leg_m = _leg_m(engine, int(units.to_impedance(limit)))
    near = [_beside_the_network(engine, part, reach_m) for part in places]
    x, y = (np.concatenate([np.empty(0), *axis]) for axis in ([part.x for part in near], [part.y for part in near]))
    if len(x) == 0:
        return wanted_m or COARSEST_M
    west, south, east, north = engine.extent
    wide = min(np.ptp(x) + 2 * reach_m, max(east, x.max()) - min(west, x.min()) + 2 * leg_m)
    high = min(np.ptp(y) + 2 * reach_m, max(north, y.max()) - min(south, y.min()) + 2 * leg_m)
    cells = np.unique(np.column_stack([x // reach_m, y // reach_m]), axis=0)
    area_m2 = min(len(x) * np.pi * reach_m**2, len(cells) * 4.0 * reach_m**2, wide * high)
    step_m = wanted_m or float(np.clip(5.0 * np.ceil(np.sqrt(area_m2 / WANTED_POINTS) / 5.0), FINEST_M, COARSEST_M))
    return max(step_m, float(np.sqrt(area_m2 / MOST_ASKED)), float(np.sqrt(wide * high / CELLS)))


def _reach_m(engine: Engine, impedance: int) -> float:
    """The farthest that anybody gets, in metres of the plane."""
    speed_m_s = engine.network.top_speed_m_s
    return max(impedance / units.IMPEDANCE_PER_UNIT * speed_m_s * _stretch(engine), LEAST_M)


def _leg_m(engine: Engine, impedance: int) -> float:
    """The longest leg off the network that counts, in metres of the plane."""
    speed_m_s = engine.network.leg_speed_m_s / units.CIRCUITY
    return max(impedance / units.IMPEDANCE_PER_UNIT * speed_m_s * _stretch(engine), LEAST_M)


def _stretch(engine: Engine) -> float:
    """How much longer lines are on the plane than they are, at the most, and a little more."""
    west, _, east, _ = engine.extent
    return 1.001 * math.cosh(max(abs(west), abs(east)) / units.WGS84_A_M)


def _beside_the_network(engine: Engine, places: Places, reach_m: float) -> Places:
    """The entrances not far from any street: one on the other side of the world must not stretch the grid to there."""
    far_m, (west, south, east, north) = reach_m + STRAY_M, engine.extent
    near = np.isfinite(places.x)
    if len(engine.network.vertex_x):
        near &= (places.x > west - far_m) & (places.x < east + far_m)
        near &= (places.y > south - far_m) & (places.y < north + far_m)
    return places if near.all() else select_places(places, np.flatnonzero(near))
