"""Which district people belong to: areas made disjoint, borders cut by area, slivers of coast brought home.

Administrative borders and population data are drawn by different hands, so along a coast some people stand a few
metres out at sea. They belong to the nearest district. Along a land border the same few metres belong to the
neighbours. The data themselves tell the two apart: beyond a coast nobody lives. So people outside every district
but within one cell (`SLIVER_M` for points) of one are brought home, unless people who live more than `FOREIGN_STEPS`
cells out, farther than any two drawings of a coast disagree, show that the land goes on there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from circle.errors import Findings
from circle.kernels.nearest_point import nearest_points
from circle.model import OUTSIDE, Bools, Districts, Floats, Geometries, Ints
from circle.units import METRES_PER_DEGREE

SLIVER_M = 100.0
FOREIGN_STEPS = 5
COVERAGE_NOISE = 1e-6
"""Covered shares come in single precision."""
OVERLAP_TOLD = 0.001
"""Overlaps of less than this share of the smaller district are the drawer's tremble and not told."""
PAIRS_SHOWN = 5


def disjoint_areas(districts: Districts, findings: Findings) -> Geometries:
    """The districts' areas without their overlaps, which go to the smaller district (then to the earlier row).

    A town drawn inside its county thus keeps its people, and nobody counts twice.

    Returns
    -------
    Geometries
        (d,) valid areas, WGS84; empty where nothing is left.
    """
    areas = np.array(districts.frame.geometry.array, dtype=object)
    size = shapely.area(areas)
    rank = np.empty(len(areas), dtype=np.int64)
    rank[np.lexsort((np.arange(len(areas)), size))] = np.arange(len(areas))
    tree = shapely.STRtree(areas)
    a, b = tree.query(areas, predicate="intersects")
    first = rank[a] < rank[b]
    smaller, larger = a[first], b[first]
    shared = shapely.area(shapely.intersection(areas[smaller], areas[larger]))
    names = districts.frame["district_name"].astype(str).to_numpy()
    told = [
        f"{names[i]} / {names[j]}"
        for i, j, s in zip(smaller, larger, shared, strict=True)
        if s > OVERLAP_TOLD * size[i]
    ]
    if told:
        more = f", … ({len(told)})" if len(told) > PAIRS_SHOWN else ""
        findings.warn("population.districts_overlap", pairs=", ".join(told[:PAIRS_SHOWN]) + more)
    cut = areas.copy()
    for j in np.unique(larger[shared > 0]):
        cut[j] = shapely.difference(areas[j], shapely.union_all(areas[smaller[(larger == j) & (shared > 0)]]))
    return cut


def districts_of_points(lon: Floats, lat: Floats, areas: Geometries) -> Ints:
    """Row number of the district that each point lies in, or `OUTSIDE`; points on a common border take the earlier.

    Parameters
    ----------
    lon, lat
        (n,) degrees; NaN gives `OUTSIDE`.
    areas
        As `disjoint_areas` returns them.
    """
    district = _containing(lon, lat, areas)
    known = np.isfinite(lon) & np.isfinite(lat)
    lost = np.flatnonzero(known & (district == OUTSIDE))
    if not len(lost):
        return district
    scale = np.array([METRES_PER_DEGREE * np.cos(np.radians(np.median(lat[known]))), METRES_PER_DEGREE])
    metric = shapely.transform(areas, lambda xy: xy * scale)
    places = np.column_stack([lon[lost], lat[lost]]) * scale
    nearest, distance = nearest_area(places, metric, FOREIGN_STEPS * SLIVER_M)
    foreign = np.isinf(distance)
    home = distance <= SLIVER_M
    if foreign.any():
        x, y = places.T
        away, _ = nearest_points(x, y, x[foreign], y[foreign])
        home &= away >= (FOREIGN_STEPS + 1) * SLIVER_M
    district[lost[home]] = nearest[home]
    return district


def _containing(lon: Floats, lat: Floats, areas: Geometries) -> Ints:
    """The earliest area that each point touches, or `OUTSIDE`."""
    district = np.full(len(lon), OUTSIDE, dtype=np.int64)
    known = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    # The tree holds the points: each area is then prepared once for all of them, not searched anew by each.
    area, point = tree_of_points(lon[known], lat[known]).query(areas, predicate="intersects")
    order = np.argsort(-area, kind="stable")
    district[known[point[order]]] = area[order]
    return district


def tree_of_points(lon: Floats, lat: Floats) -> shapely.STRtree:
    """An index of points."""
    points: Geometries = np.asarray(shapely.points(lon, lat), dtype=object)
    return shapely.STRtree(points)


def nearest_area(places: Floats, areas: Geometries, within: float) -> tuple[Ints, Floats]:
    """The nearest area to each place no farther than `within`, the earlier of equals, and the distance.

    Parameters
    ----------
    places
        (n, 2) in the plane of `areas`.

    Returns
    -------
    area, distance
        (n,) `OUTSIDE` and ``inf`` where none is that near.
    """
    nearest = np.full(len(places), OUTSIDE, dtype=np.int64)
    distance = np.full(len(places), np.inf)
    (place, area), d = shapely.STRtree(areas).query_nearest(
        shapely.points(places), max_distance=within, return_distance=True
    )
    order = np.argsort(-area, kind="stable")
    nearest[place[order]], distance[place[order]] = area[order], d[order]
    return nearest, distance


@dataclass(frozen=True, eq=False)
class Parts:
    """Cells cut at borders: part i is `share` of cell `cell` (position among the populated cells) in `district`.

    Sorted by cell, then district; the shares of a cell add up to 1.
    """

    cell: Ints
    district: Ints
    share: Floats


def cut_cells(populated: Bools, areas: Geometries, cell_size: tuple[float, float]) -> Parts:
    """Populated cells cut by area into their parts in each district and outside.

    Parameters
    ----------
    populated
        (rows, columns).
    areas
        (d,) disjoint areas in the plane of the cells: x = column * width, y = (rows - row) * height.
    cell_size
        Width and height of a cell in that plane, about in metres.
    """
    populated = np.pad(populated, FOREIGN_STEPS)
    cell, district, share, touched = _covered_shares(populated, areas, cell_size)
    inside = np.bincount(cell, weights=share, minlength=np.count_nonzero(populated))
    outside = 1.0 - inside
    outside[outside < COVERAGE_NOISE] = 0.0
    foreign = populated & ~_within(touched, FOREIGN_STEPS)
    home = (_within(touched, 1) & ~_within(foreign, FOREIGN_STEPS + 1))[populated]

    shared_out = (inside > 0) & (home | (outside == 0))
    share = share / np.where(shared_out, inside, 1.0)[cell]
    whole = np.flatnonzero(home & (inside == 0))
    left = np.flatnonzero(~home & (outside > 0))
    nearest = _nearest_of_cells(populated, whole, areas, cell_size)
    cell = np.concatenate([cell, whole, left])
    district = np.concatenate([district, nearest, np.full(len(left), OUTSIDE)])
    share = np.concatenate([share, np.ones(len(whole)), outside[left]])
    order = np.argsort(cell * (len(areas) + 2) + district, kind="stable")
    return Parts(cell[order], district[order], share[order])


def _nearest_of_cells(populated: Bools, cells: Ints, areas: Geometries, cell_size: tuple[float, float]) -> Ints:
    """The area nearest to the centre of each of `cells`, which touch none but have a neighbour that does."""
    rows, columns = (index[cells] - FOREIGN_STEPS for index in np.nonzero(populated))
    width, height = cell_size
    last_row = populated.shape[0] - 2 * FOREIGN_STEPS
    centres = np.column_stack([(columns + 0.5) * width, (last_row - rows - 0.5) * height])
    nearest, _ = nearest_area(centres, areas, 2.0 * float(np.hypot(width, height)))
    return nearest


def _within(cells: Bools, steps: int) -> Bools:
    """The cells at most `steps` rows and columns from one of `cells`."""
    return _within_rows(_within_rows(cells, steps).T, steps).T


def _within_rows(cells: Bools, steps: int) -> Bools:
    """The cells at most `steps` rows from one of `cells` in their column, by how many are counted before and after."""
    rows = len(cells)
    counted = np.zeros((rows + 1, cells.shape[1]), dtype=np.int32)
    np.cumsum(cells, axis=0, out=counted[1:])
    at = np.arange(rows)
    near: Bools = counted[np.minimum(at + steps + 1, rows)] > counted[np.maximum(at - steps, 0)]
    return near


def _covered_shares(
    populated: Bools, areas: Geometries, cell_size: tuple[float, float]
) -> tuple[Ints, Ints, Floats, Bools]:
    """Populated cell, district and covered share for every pair that meets, and all cells that any district touches.

    `populated` has a rim of `FOREIGN_STEPS` cells more than the plane of `areas` begins with.
    """
    from exactextract import exact_extract  # only for cells on borders
    from exactextract.feature import JSONFeatureSource
    from exactextract.raster import NumPyRasterSource

    rows, columns = populated.shape
    width, height = cell_size
    number = np.full(populated.size, -1, dtype=np.int64)
    number[populated.ravel()] = np.arange(np.count_nonzero(populated))
    touched = np.zeros(populated.size, dtype=bool)
    west, south = -FOREIGN_STEPS * width, -FOREIGN_STEPS * height
    box = (west, south, west + columns * width, south + rows * height)
    grid = NumPyRasterSource(np.zeros(populated.shape, dtype=np.int8), *box)
    found = [(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0))]
    for row in np.flatnonzero(shapely.intersects(areas, shapely.box(*box))):
        feature = {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(areas[row])}
        (answer,) = exact_extract(grid, JSONFeatureSource([feature]), ["cell_id", "coverage"])
        index = np.asarray(answer["properties"]["cell_id"], dtype=np.int64)
        covered = np.asarray(answer["properties"]["coverage"], dtype=np.float64)
        touched[index[covered > 0]] = True
        kept = (number[index] >= 0) & (covered > 0)
        found.append((number[index[kept]], np.full(np.count_nonzero(kept), row), covered[kept]))
    cell, district, share = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    return cell, district, share, touched.reshape(populated.shape)
