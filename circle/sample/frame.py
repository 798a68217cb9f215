"""The ground plan: a planar lattice over the domain, smooth noise on it, and cheapest ways through it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from circle.model import Bools, Floats, Ints

Random = np.random.Generator


@dataclass(frozen=True)
class Frame:
    """The grid of the domain, in metres of the plane; row 0 is the north.

    Parameters
    ----------
    left, top
        Outer corner of the north-western cell.
    cell_m
        Side of a cell.
    rows, cols
        Size.
    """

    left: float
    top: float
    cell_m: float
    rows: int
    cols: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        return self.rows, self.cols

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        return self.left, self.top - self.rows * self.cell_m, self.left + self.cols * self.cell_m, self.top

    def centres(self) -> tuple[Floats, Floats]:
        """Middle of every cell, (rows, cols) each."""
        x = self.left + (np.arange(self.cols) + 0.5) * self.cell_m
        y = self.top - (np.arange(self.rows) + 0.5) * self.cell_m
        wide, high = np.meshgrid(x, y)
        return wide, high

    def cell_at(self, x: Floats, y: Floats) -> Ints:
        """Flat number of the cell that holds each point; points outside belong to the nearest cell.

        >>> Frame(0.0, 20.0, 10.0, 2, 3).cell_at(np.array([5.0, 29.0]), np.array([15.0, 1.0])).tolist()
        [0, 5]
        """
        col = np.clip(((x - self.left) // self.cell_m).astype(np.int64), 0, self.cols - 1)
        row = np.clip(((self.top - y) // self.cell_m).astype(np.int64), 0, self.rows - 1)
        return np.asarray(row * self.cols + col)

    def sample(self, field: Floats, x: Floats, y: Floats) -> Floats:
        """`field` (rows, cols) between its cell centres, bilinearly; held constant beyond them.

        >>> frame = Frame(0.0, 10.0, 10.0, 1, 2)
        >>> frame.sample(np.array([[0.0, 4.0]]), np.array([10.0]), np.array([5.0])).tolist()
        [2.0]
        """
        row = (self.top - y) / self.cell_m - 0.5
        col = (x - self.left) / self.cell_m - 0.5
        values: Floats = ndimage.map_coordinates(field, [row, col], output=np.float64, order=1, mode="nearest")
        return values


@dataclass(frozen=True, eq=False)
class Lattice:
    """One point per cell, shifted at random, joined to its neighbours so that no two links cross.

    Every square of four points has one diagonal, drawn at random: roads found on it cannot cross without meeting.

    Parameters
    ----------
    frame
        The cells.
    x, y
        (cells,) points.
    a, b
        (links,) cell numbers.
    """

    frame: Frame
    x: Floats
    y: Floats
    a: Ints
    b: Ints

    @property
    def length_m(self) -> Floats:
        """(links,) straight lengths."""
        return np.hypot(self.x[self.a] - self.x[self.b], self.y[self.a] - self.y[self.b])


def make_lattice(rng: Random, frame: Frame) -> Lattice:
    """A lattice over `frame` whose points lie up to a quarter of a cell from the middle of their cell."""
    number = np.arange(frame.rows * frame.cols, dtype=np.int64).reshape(frame.shape)
    falling = rng.random((frame.rows - 1, frame.cols - 1)) < 0.5
    start = np.where(falling, number[:-1, :-1], number[:-1, 1:])
    end = np.where(falling, number[1:, 1:], number[1:, :-1])
    a = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel(), start.ravel()])
    b = np.concatenate([number[:, 1:].ravel(), number[1:].ravel(), end.ravel()])
    x, y = frame.centres()
    shift = rng.uniform(-0.25, 0.25, (2, *frame.shape)) * frame.cell_m
    return Lattice(frame, (x + shift[0]).ravel(), (y + shift[1]).ravel(), a, b)


@dataclass(frozen=True, eq=False)
class CheapestTree:
    """Cheapest ways from the nearest of several sources: (cells,) cost, the cell before, and the source's cell."""

    cost: Floats
    before: Ints
    source: Ints

    def way_from(self, cell: int) -> list[int]:
        """The cells from `cell` down to its source."""
        way = [cell]
        while self.before[way[-1]] >= 0:
            way.append(int(self.before[way[-1]]))
        return way


def cheapest_tree(lattice: Lattice, weight: Floats, sources: Ints) -> CheapestTree:
    """Dijkstra's tree from the nearest source, over links of the given `weight` (links,)."""
    size = len(lattice.x)
    graph = coo_array((weight, (lattice.a, lattice.b)), shape=(size, size)).tocsr()
    cost, before, source = dijkstra(graph, directed=False, indices=sources, return_predecessors=True, min_only=True)
    return CheapestTree(cost, before.astype(np.int64), source.astype(np.int64))


def noise(rng: Random, frame: Frame, wavelengths_m: tuple[float, ...]) -> Floats:
    """Smooth noise between 0 and 1, (rows, cols): octaves of the given wavelengths, each weighted by its length."""
    row, col = np.indices(frame.shape, dtype=np.float64)
    total = np.zeros(frame.shape)
    for wavelength_m in wavelengths_m:
        step = max(wavelength_m / frame.cell_m / 2.0, 1.0)
        coarse = rng.standard_normal((int(frame.rows / step) + 4, int(frame.cols / step) + 4))
        octave = ndimage.map_coordinates(coarse, [row / step + 1.0, col / step + 1.0], order=3, mode="nearest")
        total += octave * wavelength_m
    low, high = total.min(), total.max()
    return np.asarray((total - low) / (high - low))


def smooth_line(line: Floats, *, sigma: float, step_m: float) -> Floats:
    """`line` (n, 2) smoothed with a Gaussian of `sigma` points, ends held, then a vertex about every `step_m`."""
    smooth = ndimage.gaussian_filter1d(line, sigma, axis=0, mode="nearest")
    smooth[0], smooth[-1] = line[0], line[-1]
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(smooth, axis=0).T))])
    at = np.linspace(0.0, along[-1], max(int(along[-1] / step_m), 1) + 1)
    return np.column_stack([np.interp(at, along, smooth[:, 0]), np.interp(at, along, smooth[:, 1])])


def distance_to(frame: Frame, line: Floats) -> Floats:
    """(rows, cols) metres from the cell centres to `line`: to its sampling of 10 m nearby, to a cell farther away."""
    points = smooth_line(line, sigma=0.01, step_m=10.0)
    on_line = np.zeros(frame.shape, dtype=bool)
    on_line.ravel()[frame.cell_at(points[:, 0], points[:, 1])] = True
    distance_m = distance_to_cells(frame, on_line)
    near = distance_m < 6.0 * frame.cell_m
    x, y = frame.centres()
    distance_m[near] = nearest_of(points, np.column_stack([x[near], y[near]]))[0]
    return distance_m


def distance_to_cells(frame: Frame, cells: Bools) -> Floats:
    """(rows, cols) metres from the middle of each cell to that of the nearest of `cells`."""
    return np.asarray(ndimage.distance_transform_edt(~cells) * frame.cell_m, dtype=np.float64)


def thinned(items: Ints, x: Floats, y: Floats, spacing_m: float) -> Ints:
    """The items in their order, without those that lie nearer than `spacing_m` to one already taken.

    >>> thinned(np.array([7, 8, 9]), np.array([0.0, 1.0, 5.0]), np.zeros(3), 2.0).tolist()
    [7, 9]
    """
    squares: dict[tuple[int, int], list[tuple[float, float]]] = {}
    taken = []
    for item, east, north in zip(items.tolist(), x.tolist(), y.tolist(), strict=True):
        column, row = int(east // spacing_m), int(north // spacing_m)
        near = (p for i in (-1, 0, 1) for j in (-1, 0, 1) for p in squares.get((column + i, row + j), ()))
        if all((east - px) ** 2 + (north - py) ** 2 >= spacing_m**2 for px, py in near):
            squares.setdefault((column, row), []).append((east, north))
            taken.append(item)
    return np.array(taken, dtype=np.int64)


def nearest_of(targets: Floats, points: Floats) -> tuple[Floats, Ints]:
    """Distance to the nearest of `targets` (n, 2) from each of `points` (m, 2), and its row number.

    >>> nearest_of(np.array([[0.0, 0.0], [9.0, 0.0]]), np.array([[6.0, 4.0]]))
    (array([5.]), array([1]))
    """
    distance, row = cKDTree(targets).query(points)
    return np.asarray(distance, dtype=np.float64), np.asarray(row, dtype=np.int64)
