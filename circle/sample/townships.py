"""Townships: the county divided by what is nearest over the ground, with borders that neighbours share to the digit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import rasterio.features
import shapely
from rasterio import Affine
from scipy import ndimage

from circle.model import Bools, Floats, Geometries, Ints
from circle.sample.frame import cheapest_tree
from circle.sample.places import Places, Tier
from circle.sample.terrain import Land

COUNTY_CODE = "330899"


@dataclass(frozen=True, eq=False)
class Townships:
    """Areas of the county. t townships, the seat's first.

    Parameters
    ----------
    code
        (t,) codes of 12 digits.
    name
        (t,) names.
    polygon
        (t,) in metres of the plane.
    cells
        (rows, cols) number of the township, -1 beyond the county.
    """

    code: tuple[str, ...]
    name: tuple[str, ...]
    polygon: Geometries
    cells: Ints


def make_townships(land: Land, places: Places, seat_name: str) -> Townships:
    """Give every cell of the county to the seat or town that is nearest over hills and water."""
    centres = np.flatnonzero((places.tier <= Tier.TOWN) & places.inside)
    cells = _divide(land, places.cell[centres])
    names = [seat_name if places.tier[i] == Tier.SEAT else places.name[i] for i in centres.tolist()]
    codes, numbers = [], {"街道": 0, "镇": 99, "乡": 199}
    for name in names:
        kind = next(kind for kind in numbers if name.endswith(kind))
        numbers[kind] += 1
        codes.append(f"{COUNTY_CODE}{numbers[kind]:03d}000")
    return Townships(tuple(codes), tuple(names), _outlines(land, cells, len(centres)), cells)


def _divide(land: Land, centres: Ints) -> Ints:
    """(rows, cols) number of the nearest centre, each area in one piece; -1 outside the county."""
    lattice = land.lattice
    height_m = land.height_m.ravel()
    slope = np.abs(height_m[lattice.a] - height_m[lattice.b]) / lattice.length_m
    wet = (land.river_m.ravel() < 80.0).astype(float)
    rough = land.rough.ravel()[lattice.a]  # keeps borders from running along the grid
    over_water = np.maximum(wet[lattice.a], wet[lattice.b])
    cost = lattice.length_m * (0.2 + 2.0 * rough + (slope / 0.12) ** 2 + 20.0 * over_water)
    inside = land.inside.ravel()
    cost = np.where(inside[lattice.a] & inside[lattice.b], cost, cost * 1e4)
    tree = cheapest_tree(lattice, cost, centres)
    number = np.full(len(lattice.x), -1, dtype=np.int64)
    number[centres] = np.arange(len(centres))
    cells = np.where(land.inside, number[tree.source].reshape(land.frame.shape), -1)
    return _one_piece_each(cells, land.inside, centres)


def _one_piece_each(cells: Ints, inside: Bools, centres: Ints) -> Ints:
    """Give what is cut off from a township's centre to whichever township surrounds it."""
    settled = np.full(cells.shape, -1, dtype=np.int64)
    for number, centre in enumerate(centres.tolist()):
        pieces, _ = ndimage.label(cells == number)
        settled[pieces == pieces.ravel()[centre]] = number
    reach = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], dtype=bool)
    while (loose := inside & (settled < 0)).any():
        grown = ndimage.grey_dilation(settled, footprint=reach)
        fresh = loose & (grown >= 0)
        if not fresh.any():  # a corner of the county that touches the rest at a point only
            break
        settled[fresh] = grown[fresh]
    return settled


def _outlines(land: Land, cells: Ints, count: int) -> Geometries:
    """(count,) polygons of the areas, their borders simplified together so that they stay shared.

    The outlines are cut wherever three areas meet and put together again, so that neighbours have the same corners.
    """
    frame = land.frame
    transform = Affine(frame.cell_m, 0.0, frame.left, 0.0, -frame.cell_m, frame.top)
    found = rasterio.features.shapes(cells.astype(np.int32), mask=cells >= 0, transform=transform)
    outlines = shapely.union_all(shapely.boundary(np.array([shapely.geometry.shape(shape) for shape, _ in found])))
    pieces = shapely.get_parts(shapely.polygonize(shapely.get_parts(outlines)))
    inner = shapely.get_coordinates(shapely.point_on_surface(pieces))
    owner = cells.ravel()[frame.cell_at(inner[:, 0], inner[:, 1])]
    whole = np.array([shapely.coverage_union_all(pieces[owner == number]) for number in range(count)], dtype=object)
    return np.asarray(shapely.coverage_simplify(whole, 1.6 * frame.cell_m))


def township_of(townships: Townships, land: Land, x: Floats, y: Floats) -> Ints:
    """(n,) number of the township that holds each point, by its cell; -1 beyond the county."""
    return np.asarray(townships.cells.ravel()[land.frame.cell_at(x, y)])
