"""Water: a river through the county, the streams that feed it, and the height of their beds."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from circle.model import Bools, Floats, Ints
from circle.sample.frame import CheapestTree, Frame, Lattice, Random, cheapest_tree, nearest_of, smooth_line, thinned


def make_river(lattice: Lattice, rough: Floats) -> Floats:
    """A winding river from the western to the eastern edge, through the lowest of the rough ground."""
    frame = lattice.frame
    row = np.arange(len(lattice.x)) // frame.cols
    off_axis = (np.abs(row / frame.rows - 0.5) / 0.32) ** 4
    cost = (0.012 + rough.ravel() ** 4 + 0.5 * off_axis)[lattice.a] * lattice.length_m
    west = np.array([int(0.42 * frame.rows) * frame.cols])
    tree = cheapest_tree(lattice, cost, west)
    way = tree.way_from(int(0.55 * frame.rows) * frame.cols + frame.cols - 1)[::-1]
    line = np.column_stack([lattice.x[way], lattice.y[way]])
    # the ends lie beyond the domain, so that the banks are closed off
    line = np.vstack([line[0] - (2.0 * frame.cell_m, 0.0), line, line[-1] + (2.0 * frame.cell_m, 0.0)])
    return smooth_line(line, sigma=260.0 / frame.cell_m, step_m=40.0)


def north_of(frame: Frame, river_m: Floats) -> Bools:
    """The cells on the river's north: those connected with the northern edge without crossing it."""
    pieces, _ = ndimage.label(river_m > 0.75 * frame.cell_m)
    # cells on the river itself take the side of the nearest cell that has one
    _, (row, col) = ndimage.distance_transform_edt(pieces == 0, return_indices=True)
    return np.asarray(pieces[row, col] == pieces[0, frame.cols // 2])


def drain(rng: Random, lattice: Lattice, rough: Floats, river_m: Floats) -> tuple[CheapestTree, Ints]:
    """The tree of streams into the river, and how many springs each cell drains."""
    frame = lattice.frame
    cost = (0.015 + rough.ravel() ** 3)[lattice.a] * lattice.length_m
    tree = cheapest_tree(lattice, cost, np.flatnonzero(river_m.ravel() < 0.8 * frame.cell_m))
    springs = _spaced(rng, lattice, river_m.ravel() > 2_200.0, spacing_m=3_300.0)
    upstream = np.zeros(len(lattice.x), dtype=np.int64)
    for spring in springs:
        upstream[tree.way_from(int(spring))] += 1
    return tree, upstream


def _spaced(rng: Random, lattice: Lattice, allowed: Bools, *, spacing_m: float) -> Ints:
    """Random allowed cells of which no two lie nearer than `spacing_m`."""
    frame = lattice.frame
    cells = np.flatnonzero(allowed)
    area = frame.rows * frame.cols * frame.cell_m**2
    tries = rng.permutation(cells)[: int(8 * area / spacing_m**2)]
    return thinned(tries, lattice.x[tries], lattice.y[tries], spacing_m)


def stream_lines(lattice: Lattice, tree: CheapestTree, upstream: Ints) -> tuple[Floats, ...]:
    """Every stream as a line from its spring, or from where it parts, down to the next larger one or the river."""
    wet = np.flatnonzero((upstream > 0) & (tree.before >= 0))
    fed = np.zeros(len(upstream), dtype=bool)
    fed[tree.before[wet]] = True
    drawn = np.zeros(len(upstream), dtype=bool)
    lines = []
    for head in wet[~fed[wet]][np.argsort(-tree.cost[wet[~fed[wet]]], kind="stable")]:
        way = tree.way_from(int(head))
        stop = next((i for i, cell in enumerate(way) if drawn[cell]), len(way) - 1)
        drawn[way] = True
        if stop >= 3:
            line = np.column_stack([lattice.x[way[: stop + 1]], lattice.y[way[: stop + 1]]])
            lines.append(smooth_line(line, sigma=1.2, step_m=60.0))
    return tuple(lines)


def valley_floor(lattice: Lattice, tree: CheapestTree, upstream: Ints, river_m: Floats, river: Floats) -> Floats:
    """(rows, cols) height of the nearest stream bed: rising upstream, gently along the river, faster along streams."""
    frame = lattice.frame
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(river, axis=0).T))])
    bed = 78.0 + 0.0019 * (along[-1] - along)
    springs, numbers = np.unique(tree.source, return_inverse=True)
    _, nearest = nearest_of(river, np.column_stack([lattice.x[springs], lattice.y[springs]]))
    run_m = tree.cost * 7.0
    height = bed[nearest[numbers]] + np.minimum(0.010 * run_m + 0.9e-6 * run_m**2, 420.0)
    wet = ((upstream > 0) | (river_m.ravel() < frame.cell_m)).reshape(frame.shape)
    _, (row, col) = ndimage.distance_transform_edt(~wet, return_indices=True)
    return np.asarray(ndimage.gaussian_filter(height.reshape(frame.shape)[row, col], 240.0 / frame.cell_m))
