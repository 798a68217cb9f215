"""Kernels on points and lines, beside shapely, PROJ, scipy and rasterio."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from pyproj import Geod
from scipy.ndimage import map_coordinates

from circle.kernels.beside import pairs_within
from circle.kernels.grid import grid_of_segments, may_meet
from circle.kernels.heights import grid_position, sample_bilinear
from circle.kernels.legs import legs_of
from circle.kernels.lengths import ellipsoid_distance_m
from circle.kernels.projection import local_projection, to_degrees
from circle.kernels.shifts import shift_all
from circle.kernels.snap import Rails, Snaps, snap_points
from circle.kernels.walls import leg_is_barred, walls_of
from tests.kernels.beside import Beside, within

Random = np.random.Generator
Lines = np.ndarray
"""(s, 2, 2): both ends of straight lines, in metres."""
SLACK_M, MS_PER_M, NORTH_M = 50.0, 900, 3.2e6


def lines_case(random: Random, most: int = 12, side: float = 900.0) -> Lines:
    """Straight lines of some hundred metres."""
    count = int(random.integers(1, most))
    return random.uniform(0, side, (count, 1, 2)) + random.uniform(-250, 250, (count, 2, 2))


def ends_of(lines: Lines) -> tuple[np.ndarray, ...]:
    return tuple(np.ascontiguousarray(column) for column in lines.reshape(-1, 4).T)


def walls_from(lines: Lines) -> Any:
    return walls_of(*ends_of(lines), np.zeros(len(lines), np.bool_))


def crossed(legs: Lines, walls: Lines) -> np.ndarray:
    """(legs,) by shapely."""
    return shapely.intersects(shapely.linestrings(legs), shapely.multilinestrings(list(shapely.linestrings(walls))))  # type: ignore[no-any-return]


def cells_by_shapely(lines: Lines) -> tuple[np.ndarray, Lines]:
    return shapely.linestrings(lines), lines


def grid_holds_its_lines(grid: Any, expected: tuple[np.ndarray, Lines]) -> None:
    """Each line stands in every cell that it meets, once, and in none that lies farther off than rounding goes."""
    drawn, _ = expected
    for cell in range(grid.nx * grid.ny):
        west, south = grid.x0 + cell % grid.nx * grid.size, grid.y0 + cell // grid.nx * grid.size
        held = grid.item[slice(*grid.offset[cell : cell + 2])].tolist()
        inside = shapely.box(west + 1e-6, south + 1e-6, west + grid.size - 1e-6, south + grid.size - 1e-6)
        near = shapely.box(west, south, west + grid.size, south + grid.size)
        assert len(held) == len(set(held))
        assert set(np.flatnonzero(shapely.intersects(drawn, inside))) <= set(held)
        assert set(held) <= set(np.flatnonzero(shapely.dwithin(drawn, near, 1e-5)))


def roads_case(random: Random) -> tuple[Lines, Lines]:
    return lines_case(random, side=9000.0), lines_case(random, most=200, side=12_000.0)


def may_meet_by_circle(walls: Lines, roads: Lines) -> np.ndarray:
    x, y = roads.reshape(-1, 2).T.copy()
    start = np.arange(0, len(x), 2)
    return may_meet(x, y, start, start + 1, grid_of_segments(*ends_of(walls)))  # type: ignore[no-any-return]


def meets_by_shapely(walls: Lines, roads: Lines) -> tuple[np.ndarray, np.ndarray]:
    drawn, all_walls = shapely.linestrings(roads), shapely.multilinestrings(list(shapely.linestrings(walls)))
    return shapely.intersects(drawn, all_walls), shapely.distance(drawn, all_walls)


def none_is_lost(passed: np.ndarray, expected: tuple[np.ndarray, np.ndarray]) -> None:
    """A sieve: whatever meets a wall passes, and what is many kilometres away does not."""
    meets, metres = expected
    assert not (meets & ~passed).any()
    assert not passed[metres > 20_000].any()


def legs_case(random: Random) -> tuple[Lines, Lines]:
    return lines_case(random), random.uniform(-100, 1000, (40, 2, 2))


def barred_by_circle(walls: Lines, legs: Lines) -> list[bool]:
    own = walls_from(walls)
    return [leg_is_barred(*leg.ravel(), own, False) for leg in legs]


def points_case(random: Random) -> tuple[np.ndarray, np.ndarray, Lines, float]:
    """Points p, points q, walls and metres."""
    p, q = (random.uniform(0, 900, (int(random.integers(1, 30)), 2)) for _ in "pq")
    return p, q, lines_case(random, most=4), float(random.choice([50, 300, 2000]))


def pairs_by_circle(p: np.ndarray, q: np.ndarray, walls: Lines, metres: float) -> Any:
    x, y = q.T.copy()
    own, other = pairs_within(*p.T.copy(), x, y, grid_of_segments(x, y, x, y), walls_from(walls), (metres, False))
    order = np.lexsort((other, own))
    return own[order], other[order]


def pairs_by_shapely(p: np.ndarray, q: np.ndarray, walls: Lines, metres: float) -> tuple[np.ndarray, ...]:
    own, other = shapely.STRtree(shapely.points(q)).query(shapely.points(p), "dwithin", metres)
    free = ~crossed(np.stack([p[own], q[other]], axis=1), walls)
    own, other = own[free], other[free]
    order = np.lexsort((other, own))
    return own[order], other[order]


def rails_from(lines: Lines) -> Rails:
    """Each line an edge of its own."""
    ends = ends_of(lines)
    return Rails(*ends, np.arange(len(lines), dtype=np.int32), np.zeros(len(lines), np.bool_), grid_of_segments(*ends))


def snaps_case(random: Random) -> tuple[np.ndarray, Lines, Lines]:
    return random.uniform(-200, 1100, (40, 2)), lines_case(random), lines_case(random, most=3)


def snapped(points: np.ndarray, roads: Lines, walls: Lines) -> Snaps:
    options = (SLACK_M, np.inf, False)
    return Snaps(*snap_points(*points.T.copy(), rails_from(roads), walls_from(walls), options))


def snaps_by_shapely(points: np.ndarray, roads: Lines, walls: Lines) -> tuple[np.ndarray, ...]:
    """Roads that may be walked to straight, as far as 50 m beyond the nearest of them; whether a nearer one is barred."""
    drawn, found = shapely.linestrings(roads), []
    for point in shapely.points(points):
        along = shapely.line_locate_point(drawn, point)
        foot = shapely.line_interpolate_point(drawn, along)
        metres = shapely.distance(point, foot)
        legs = np.stack([np.tile(shapely.get_coordinates(point), (len(drawn), 1)), shapely.get_coordinates(foot)], 1)
        free = ~crossed(legs, walls)
        nearest = metres[free].min(initial=np.inf)
        kept = np.flatnonzero(free & (metres <= nearest + SLACK_M))
        found.append((kept, (along / shapely.length(drawn))[kept], metres[kept], (metres[~free] < nearest).any()))
    segment, fraction, metres, barred = zip(*found, strict=True)
    return np.array([len(own) for own in segment]), *map(np.concatenate, (segment, fraction, metres)), np.array(barred)  # type: ignore[arg-type]


def joined_case(random: Random) -> tuple[np.ndarray, np.ndarray, Lines]:
    """As above, in a projection: metres from its meridian, and roads within a county."""
    points, roads, _ = snaps_case(random)
    at = np.array([random.uniform(-60_000, 60_000), NORTH_M])
    points, roads = points + at, roads + at
    return points, to_degrees(CRS, *points.T)[1], roads


CRS = local_projection(np.array([118.5]), np.array([28.9]))


def legs_by_circle(points: np.ndarray, lat: np.ndarray, roads: Lines) -> tuple[np.ndarray, ...]:
    rails, x = rails_from(roads), points[:, 0].copy()
    snaps = snapped(points, roads, np.full((1, 2, 2), -1e7))
    metres = np.hypot(*(roads[:, 1] - roads[:, 0]).T)
    whole = np.rint(np.column_stack([np.zeros(len(roads)), metres * MS_PER_M])).astype(np.int64).ravel()
    edge, along, back, leg_m, foot_x, foot_y = legs_of(snaps, x, lat, rails, np.arange(len(roads)), (whole, 2 * whole))
    assert np.array_equal(edge, snaps.segment)
    return along, back, leg_m, foot_x, foot_y


def legs_by_proj(points: np.ndarray, lat: np.ndarray, roads: Lines) -> tuple[np.ndarray, ...]:
    """shapely tells the places on roads, PROJ the legs; twice the impedance on the way back."""
    count, segment, fraction, _, _ = snaps_by_shapely(points, roads, np.full((1, 2, 2), -1e7))
    point = np.repeat(np.arange(len(points)), count)
    foot = roads[segment, 0] + fraction[:, None] * (roads[segment, 1] - roads[segment, 0])
    whole = np.rint(np.hypot(*(roads[segment, 1] - roads[segment, 0]).T) * MS_PER_M)
    leg_m = Geod(ellps="WGS84").inv(*to_degrees(CRS, *points[point].T), *to_degrees(CRS, *foot.T))[2]
    return fraction * whole, fraction * 2 * whole, np.asarray(leg_m), foot[:, 0], foot[:, 1]


def legs_agree(own: tuple[np.ndarray, ...], other: tuple[np.ndarray, ...]) -> None:
    """Impedance is rounded once; metres to a millionth."""
    within(atol=0.51)(own[:2], other[:2])
    within(rtol=1e-6, atol=1e-5)(own[2:], other[2:])


def distances_case(random: Random) -> tuple[np.ndarray, ...]:
    lon, lat = random.uniform(-180, 180, 50), random.uniform(-84, 84, 50)
    return lon, lat, lon + random.uniform(-0.02, 0.02, 50), lat + random.uniform(-0.02, 0.02, 50)


def transform_case(random: Random) -> tuple[tuple[float, ...], np.ndarray, np.ndarray]:
    """A turned and stretched grid."""
    turn, wide, high = random.uniform(0, 2 * np.pi), random.uniform(5, 90), random.uniform(-90, -5)
    corner = random.uniform(-1e5, 1e5, 2)
    a, d, b, e = wide * np.cos(turn), wide * np.sin(turn), -high * np.sin(turn), high * np.cos(turn)
    return (a, b, corner[0], d, e, corner[1]), *random.uniform(-1e5, 1e5, (2, 30))


def matrix(transform: tuple[float, ...]) -> np.ndarray:
    return np.array([transform[:3], transform[3:], (0, 0, 1)])


def position_by_numpy(transform: tuple[float, ...], x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, ...]:
    column, row, _ = np.linalg.inv(matrix(transform)) @ np.array([x, y, np.ones_like(x)])
    return column, row


def heights_case(random: Random) -> tuple[np.ndarray, tuple[float, ...], np.ndarray, np.ndarray]:
    """Points among the centres of known cells."""
    rows, columns = random.integers(2, 20, 2)
    column, row = random.uniform(0.5, columns - 0.5, 30), random.uniform(0.5, rows - 0.5, 30)
    transform, _, _ = transform_case(random)
    x, y, _ = matrix(transform) @ np.array([column, row, np.ones(30)])
    return random.normal(300, 200, (rows, columns)), transform, x, y


def heights_by_scipy(height_m: np.ndarray, transform: tuple[float, ...], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    column, row = position_by_numpy(transform, x, y)
    return map_coordinates(height_m, [row - 0.5, column - 0.5], order=1, mode="nearest")  # type: ignore[no-any-return]


def shifts_case(random: Random) -> tuple[np.ndarray, np.ndarray, bool]:
    return random.uniform(74, 134, 40), random.uniform(18, 53, 40), bool(random.random() < 0.5)


def shifts_by_circle(lon: np.ndarray, lat: np.ndarray, baidu: bool) -> tuple[np.ndarray, ...]:
    """There, and back again."""
    x, y, back_x, back_y = (np.empty(len(lon)) for _ in range(4))
    shift_all(lon, lat, baidu, False, x, y)
    shift_all(x, y, baidu, True, back_x, back_y)
    return x, y, back_x, back_y


def shifts_as_published(lon: np.ndarray, lat: np.ndarray, baidu: bool) -> tuple[np.ndarray, ...]:
    """The formula as it goes around, sine by sine."""
    x, y, pi, sin = lon - 105.0, lat - 35.0, np.pi, np.sin
    both = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(abs(x)) + both
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3 + (
        160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)
    ) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(abs(x)) + both
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3 + (
        150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)
    ) * 2 / 3
    a, ee = 6378245.0, 0.00669342162296594323
    magic = 1 - ee * sin(np.radians(lat)) ** 2
    shifted_lat = lat + np.degrees(north / (a * (1 - ee) / magic**1.5))
    shifted_lon = lon + np.degrees(east / (a / np.sqrt(magic) * np.cos(np.radians(lat))))
    if baidu:
        turn = pi * 3000 / 180
        z = np.hypot(shifted_lon, shifted_lat) + 0.00002 * sin(shifted_lat * turn)
        theta = np.arctan2(shifted_lat, shifted_lon) + 0.000003 * np.cos(shifted_lon * turn)
        shifted_lon, shifted_lat = z * np.cos(theta) + 0.0065, z * sin(theta) + 0.006
    return shifted_lon, shifted_lat, lon, lat


SHAPES = (
    Beside("grid.grid_of_segments", lambda lines: grid_of_segments(*ends_of(lines)), cells_by_shapely, "shapely.intersects", lambda random: (lines_case(random),), agree=grid_holds_its_lines),
    Beside("grid.may_meet", may_meet_by_circle, meets_by_shapely, "shapely.intersects", roads_case, agree=none_is_lost),
    Beside("walls.walls_of", barred_by_circle, lambda walls, legs: crossed(legs, walls), "shapely.intersects", legs_case),
    Beside("beside.pairs_within", pairs_by_circle, pairs_by_shapely, "shapely.STRtree.query(predicate='dwithin')", points_case),
    Beside("snap.snap_points", snapped, snaps_by_shapely, "shapely.line_locate_point", snaps_case, agree=lambda own, other: within(atol=1e-7)(tuple(own), other)),
    Beside("legs.legs_of", legs_by_circle, legs_by_proj, "pyproj.Geod.inv", joined_case, agree=legs_agree),
    Beside("lengths.ellipsoid_distance_m", ellipsoid_distance_m, lambda *ends: Geod(ellps="WGS84").inv(*ends)[2], "pyproj.Geod.inv", distances_case, agree=within(rtol=1e-6, atol=1e-6)),
    Beside("heights.grid_position", grid_position, position_by_numpy, "numpy.linalg.inv", transform_case, agree=within(rtol=1e-9, atol=1e-8)),
    Beside("heights.sample_bilinear", sample_bilinear, heights_by_scipy, "scipy.ndimage.map_coordinates", heights_case, agree=within(atol=1e-5)),
    Beside("shifts.shift_all", shifts_by_circle, shifts_as_published, "the published formula", shifts_case, agree=within(atol=1e-9)),
)  # fmt: skip
