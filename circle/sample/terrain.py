"""The land: a river and its streams, mountains carved by them, a railway, a short motorway, and where one can cross."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from circle.model import Bools, Floats, Ints
from circle.sample.frame import (
    Frame,
    Lattice,
    Random,
    cheapest_tree,
    distance_to,
    distance_to_cells,
    make_lattice,
    nearest_of,
    noise,
    smooth_line,
)
from circle.sample.scale import Scale
from circle.sample.water import drain, make_river, north_of, stream_lines, valley_floor

RIVER_HALF_WIDTH_M = 38.0
COUNTED_BEYOND_M = 2_500.0
WALL = 400.0
"""How much dearer it is to go through water or over rails than to go anywhere else."""


@dataclass(frozen=True, eq=False)
class Land:
    """The ground as later steps see it; fields are (rows, cols) and distances in metres.

    Parameters
    ----------
    lattice
        Points that ways run over.
    height_m
        Elevation.
    river_m, stream_m, track_m
        Distance to the middle of the river, to the nearest stream, to the railway or motorway.
    north_bank
        The cell lies north of the river.
    seat_x, seat_y
        Middle of the county seat, on the river.
    river, railway, motorway
        (n, 2) lines, from west to east.
    streams
        (n, 2) lines, each downstream.
    upstream
        (cells,) how many springs drain through a cell; 0 off the streams.
    crossing
        (cells,) water or rails may be crossed here.
    inside
        The cell belongs to the county.
    counted
        The cell belongs to the county or lies within 2.5 km of it: where the population raster has people.
    rough
        Noise between 0 and 1, the ground's roughness.
    """

    lattice: Lattice
    height_m: Floats
    river_m: Floats
    stream_m: Floats
    track_m: Floats
    north_bank: Bools
    seat_x: float
    seat_y: float
    river: Floats
    railway: Floats
    motorway: Floats
    streams: tuple[Floats, ...]
    upstream: Ints
    crossing: Bools
    inside: Bools
    counted: Bools
    rough: Floats

    @property
    def frame(self) -> Frame:
        """The grid."""
        return self.lattice.frame

    def barred(self) -> Bools:
        """(cells,) water, rails and motorway, crossings included."""
        cell_m = self.frame.cell_m
        wet = self.river_m.ravel() < max(78.0, 1.3 * cell_m)
        return np.asarray(wet | (self.track_m.ravel() < max(48.0, 0.8 * cell_m)))

    def walking_weight(self) -> Floats:
        """(links,) how dear a road along each link is: length, steepness, wet ground, water and rails."""
        lattice = self.lattice
        length_m = lattice.length_m
        height_m = self.frame.sample(self.height_m, lattice.x, lattice.y)
        slope = np.abs(height_m[lattice.a] - height_m[lattice.b]) / length_m
        factor = 1.0 + np.minimum((slope / 0.06) ** 2, 60.0)
        beds = self.stream_m.ravel() < 0.7 * self.frame.cell_m
        factor *= np.where(beds[lattice.a] | beds[lattice.b], 2.0, 1.0)
        barred = self.barred()
        wall = np.where(self.crossing, 3.0, WALL)
        factor *= np.maximum(np.where(barred, wall, 1.0)[lattice.a], np.where(barred, wall, 1.0)[lattice.b])
        return np.asarray(length_m * factor)


def make_land(rng: Random, scale: Scale) -> Land:
    """The whole landscape of a county, from the random generator and its sizes."""
    frame = scale.frame
    lattice = make_lattice(rng, frame)
    rough = noise(rng, frame, (7_000.0, 3_600.0, 2_400.0, 1_300.0))
    river = make_river(lattice, rough)
    river_m = distance_to(frame, river)
    north_bank = north_of(frame, river_m)
    middle = river[int(len(river) * rng.uniform(0.46, 0.54))]
    tree, upstream = drain(rng, lattice, rough, river_m)
    streams = stream_lines(lattice, tree, upstream)
    stream_m = np.minimum(distance_to_cells(frame, upstream.reshape(frame.shape) > 0), river_m)
    x, y = frame.centres()
    seat_m = np.hypot(x - middle[0], y - middle[1])
    floor = valley_floor(lattice, tree, upstream, river_m, river)
    height_m = _mountains(rng, scale, floor, (river_m, stream_m, seat_m))
    inside = _county(rng, frame)
    railway = _railway(lattice, height_m, np.where(north_bank, river_m, -river_m))
    motorway = _motorway(lattice, height_m, np.where(north_bank, -river_m, river_m), middle, scale)
    return Land(
        lattice=lattice,
        height_m=height_m,
        river_m=river_m,
        stream_m=stream_m,
        track_m=np.minimum(distance_to(frame, railway), distance_to(frame, motorway)),
        north_bank=north_bank,
        seat_x=float(middle[0]),
        seat_y=float(middle[1]),
        river=river,
        railway=railway,
        motorway=motorway,
        streams=streams,
        upstream=upstream,
        crossing=_crossings(rng, scale, river, railway, motorway),
        inside=inside,
        counted=distance_to_cells(frame, inside) < COUNTED_BEYOND_M,
        rough=rough,
    )


def _mountains(rng: Random, scale: Scale, floor: Floats, distances: tuple[Floats, Floats, Floats]) -> Floats:
    """(rows, cols) elevation: flat valley floors, slopes above them, a basin around the seat."""
    frame = scale.frame
    river_m, stream_m, seat_m = distances
    radius_m = scale.seat_radius_m
    flat_m = 380.0 + 0.85 * radius_m * np.exp(-(seat_m**2) / (2.0 * (1.3 * radius_m) ** 2))
    main = 1.0 - np.exp(-((np.maximum(river_m - flat_m, 0.0) / 2_300.0) ** 1.3))
    side = 1.0 - np.exp(-((np.maximum(stream_m - 130.0, 0.0) / 950.0) ** 1.35))
    relief_m = 260.0 + 620.0 * noise(rng, frame, (8_000.0, 3_500.0))
    spurs_m = 150.0 * (noise(rng, frame, (1_500.0, 700.0)) - 0.5)
    height_m = floor * (0.35 + 0.65 * main) + 78.0 * 0.65 * (1.0 - main)
    height_m = np.maximum(height_m, 70.0) + (relief_m + spurs_m) * side * (0.03 + 0.97 * main)
    smooth = ndimage.gaussian_filter(height_m, 45.0 / frame.cell_m)
    return np.asarray(smooth, dtype=np.float64)


def _corridor(
    lattice: Lattice, height_m: Floats, side_m: Floats, *, band: tuple[float, float], ends: tuple[int, int]
) -> Floats:
    """A line between two cells that keeps within a band of signed distances from the river, and off slopes."""
    slope = np.hypot(*np.gradient(height_m, lattice.frame.cell_m)).ravel()
    low, high = band
    off_m = np.maximum(low - side_m, 0.0) + np.maximum(side_m - high, 0.0)
    cost = (1.0 + (slope / 0.05) ** 2 + (off_m / 150.0).ravel() ** 2 + 1e3 * (side_m.ravel() < 250.0))[lattice.a]
    tree = cheapest_tree(lattice, cost * lattice.length_m, np.array([ends[0]]))
    way = tree.way_from(ends[1])[::-1]
    line = np.column_stack([lattice.x[way], lattice.y[way]])
    return smooth_line(line, sigma=330.0 / lattice.frame.cell_m, step_m=60.0)


def _railway(lattice: Lattice, height_m: Floats, north_m: Floats) -> Floats:
    """From edge to edge, along the northern flank of the main valley."""
    frame = lattice.frame
    west = int(np.argmin(np.abs(north_m[:, 0] - 1_000.0)))
    east = int(np.argmin(np.abs(north_m[:, -1] - 1_000.0)))
    ends = (west * frame.cols, east * frame.cols + frame.cols - 1)
    return _corridor(lattice, height_m, north_m, band=(800.0, 1_300.0), ends=ends)


def _motorway(lattice: Lattice, height_m: Floats, south_m: Floats, seat: Floats, scale: Scale) -> Floats:
    """From the eastern edge to the interchange before the seat, along the southern flank."""
    frame = lattice.frame
    col = int((seat[0] + 1.25 * scale.seat_radius_m + 900.0 - frame.left) / frame.cell_m)
    start = int(np.argmin(np.abs(south_m[:, col] - 900.0)))
    east = int(np.argmin(np.abs(south_m[:, -1] - 1_200.0)))
    ends = (start * frame.cols + col, east * frame.cols + frame.cols - 1)
    return _corridor(lattice, height_m, south_m, band=(900.0, 1_500.0), ends=ends)


def _crossings(rng: Random, scale: Scale, river: Floats, railway: Floats, motorway: Floats) -> Bools:
    """(cells,) where a road may cross: few bridges over the river, more underpasses below rails and motorway."""
    frame = scale.frame
    x, y = frame.centres()
    points = np.column_stack([x.ravel(), y.ravel()])
    allowed = np.zeros(len(points), dtype=bool)
    step_m = frame.cols * frame.cell_m / 6.0  # about six bridges over the river, however large the county
    plans = ((river, step_m, max(78.0, 1.3 * frame.cell_m)), (railway, 2_600.0, 70.0), (motorway, 2_600.0, 70.0))
    for line, spacing_m, clearance_m in plans:
        spacing_v = spacing_m / np.hypot(*np.diff(line[:2], axis=0)[0])
        at = np.arange(0.5 * spacing_v, len(line) - 3, spacing_v)
        at = np.clip(at + rng.uniform(-0.2, 0.2, len(at)) * spacing_v, 2, len(line) - 3).astype(int)
        near_m, _ = nearest_of(line[at], points)
        allowed |= near_m < clearance_m + 1.2 * frame.cell_m
    return allowed


def _county(rng: Random, frame: Frame) -> Bools:
    """A wobbly outline some kilometres inside the domain."""
    x, y = frame.centres()
    west, south, east, north = frame.bounds
    u = 2.0 * (x - (west + east) / 2.0) / (east - west)
    v = 2.0 * (y - (south + north) / 2.0) / (north - south)
    wobble = noise(rng, frame, (11_000.0, 4_000.0)) - 0.5
    shape = (np.abs(u) ** 2.6 + np.abs(v) ** 2.6) ** (1.0 / 2.6) + 0.34 * wobble
    pieces, _ = ndimage.label(shape < 0.80)
    centre = pieces[frame.rows // 2, frame.cols // 2]
    return np.asarray(ndimage.binary_fill_holes(pieces == centre))
