"""The list of a province's counties: how much work each is, and what is known of it before it is begun."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import shapely

from circle import memory
from circle.batch.names import folder_name
from circle.batch.province import Province
from circle.batch.records import County
from circle.errors import Problem, Severity
from circle.kernels.projection import to_metres
from circle.model import Bools, Floats, Geometries, OddDistrict

PER_PLACE, PER_EDGE, PER_COUNTY = 1.0, 0.5, 5_000.0
"""Of a county's weight: its places, the streets around it, and what every county takes."""

PARTLY = 0.005
"""Of a county's area: so much may lie outside the raster without a word."""


def listed(
    whole: Province, odd: Sequence[OddDistrict], populated: shapely.Geometry | None = None
) -> tuple[County, ...]:
    """The counties in order of code.

    Parameters
    ----------
    whole
        The province.
    odd
        What the layer's reader found odd about single ones; those without an area are counties of their own here.
    populated
        How far the raster of residents reaches, in degrees; None: there is none.
    """
    frame = whole.layers.counties.at(np.arange(whole.layers.county_count))
    shapes = np.asarray(frame.geometry.array)
    codes, names = frame["district_id"].astype(str).tolist(), frame["district_name"].astype(str).tolist()
    said: dict[str, list[Problem]] = {}
    for one in odd:
        if one.problem.severity is not Severity.ERROR:
            said.setdefault(one.code, []).append(one.problem)
    people = _people(whole, len(codes))
    outside = _share_outside(shapes, populated)
    places = np.diff(whole.first)
    edges = _edges_near(whole, shapes)
    counties = [
        County(
            code=code,
            name=name,
            folder=folder_name(code),
            row=row,
            weight=float(PER_COUNTY + PER_PLACE * places[row] + PER_EDGE * edges[row]),
            problems=(
                *said.get(code, ()),
                *_problems(float(people[row]), float(outside[row]), said.get(code, ())),
            ),
            people=float(people[row]),
            places=int(places[row]),
            bytes_needed=memory.county_bytes(float(edges[row]), float(places[row])),
        )
        for row, (code, name) in enumerate(zip(codes, names, strict=True))
    ]
    return tuple(sorted([*counties, *_without_area(odd, set(codes))], key=lambda county: county.code))


def _without_area(odd: Sequence[OddDistrict], taken: set[str]) -> list[County]:
    """Rows without an area; one whose code another county has gets a number, so that each has a row of its own."""
    counties = []
    for one in odd:
        if one.problem.severity is not Severity.ERROR:
            continue
        code, number = one.code, 2
        while code in taken:
            code, number = f"{one.code}-{number}", number + 1
        taken.add(code)
        counties.append(County(code, one.name, folder_name(code), None, PER_COUNTY, (one.problem,)))
    return counties


def _problems(people: float, outside: float, odd: Iterable[Problem]) -> list[Problem]:
    """What is found out by counting; `odd`: what was odd about its area."""
    shared = [problem for problem in odd if problem.code == "batch.overlap"]
    if people <= 0 and shared:
        return [Problem("batch.no_people_left", Severity.ERROR, {"others": shared[0].fields["others"]})]
    if people <= 0:
        code = "batch.outside_raster" if outside > 1 - PARTLY else "batch.no_people"
        return [Problem(code, Severity.ERROR)]
    if outside > PARTLY:
        return [Problem("batch.partly_outside_raster", Severity.WARNING, {"percent": f"{100 * outside:.1f}"})]
    return []


def _people(whole: Province, counties: int) -> Floats:
    """Residents of each county."""
    district = whole.residents.district
    inside = district >= 0
    return np.bincount(district[inside], whole.residents.people[0][inside], counties).astype(np.float64)


def _share_outside(shapes: Geometries, populated: shapely.Geometry | None) -> Floats:
    """Of the area of each county, how much the raster does not reach."""
    share = np.zeros(len(shapes))
    if populated is None:
        return share
    shapely.prepare(populated)
    beyond: Bools = ~shapely.contains_properly(populated, shapes)
    left = shapely.area(shapely.difference(shapes[beyond], populated))
    share[beyond] = left / np.maximum(shapely.area(shapes[beyond]), 1e-300)
    return share


def _edges_near(whole: Province, shapes: Geometries) -> Floats:
    """About how many streets lie in the box of each county."""
    west, south, east, north = shapely.bounds(shapes).T
    corners = [to_metres(whole.network.crs, lon, lat) for lon in (west, east) for lat in (south, north)]
    wide, high = (np.stack([corner[axis] for corner in corners]) for axis in (0, 1))
    boxes = np.column_stack([wide.min(axis=0), high.min(axis=0), wide.max(axis=0), high.max(axis=0)])
    return np.array([whole.edges.count_near(tuple(box)) for box in boxes.tolist()], dtype=np.float64)
