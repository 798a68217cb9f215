"""How much memory a run will take, told before it takes it.

Twice: from the size of the extract before anything is read, and from what was read before anything is computed. What a
machine has is the caller's to find out (`circle.load.machine`).

The coefficients were measured on the whole job (`circle run`, every file): counties of `circle sample` with 10^4 to
3 * 10^5 junctions, the Comoros (a raster of 203,000 cells, slopes, islands far apart) and Las Palmas (buildings), on
Linux. `tests/real/test_memory.py` measures some of them again beside what is told here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from circle.errors import Problem, ResourceError, Severity
from circle.model import (
    BuildingTotal,
    CountFeatures,
    CountRaster,
    DistrictCounts,
    Elevation,
    Facilities,
    Floats,
    Population,
    RegionData,
    Streets,
)
from circle.settings import Question
from circle.units import METRES_PER_DEGREE, TOBLER_MAX_FACTOR

PER_EXTRACT_BYTE = 35.0
"""By byte of a PBF; the least that was seen is 40 (Las Palmas: streets and buildings with all their tags), a bare road
network takes 150 to 350."""

PER_VERTEX = 90.0
"""The network's ten arrays and those of a search."""
PER_PLACE = 1_300.0
"""Candidates, answers, pairs of gaps: while it is computed, whatever the number of services."""
PER_PLACE_AND_SERVICE, FREE_SERVICES = 120.0, 10
"""Beyond so many services the peak is where residents are written: answers as they are held and as two files want them
(the Comoros with 16 and 24 services: 118)."""
PER_LATTICE_POINT = 340.0
"""Some four candidates each, while they are put together."""
PER_GRID_CELL = 29.0
SPARE_BYTES = 65_000_000
"""Libraries that are loaded on the way, and the files' text."""

PER_PROVINCE_VERTEX, PER_PROVINCE_PLACE, PER_PROVINCE_ANSWER = 300.0, 1_100.0, 90.0
"""Of a province only the first half is done as a whole; as 3,000 counties of 1,000 junctions took (11.3 GB). Small ones
take less."""
VERTICES_PER_EDGE = 5.0
"""In the extracts that we know 3 (a town's grid) to 9 (mountain roads)."""

COARSEST_M, FINEST_M, LATTICE_POINTS = 100.0, 25.0, 300_000
MOST_LATTICE_POINTS, MOST_LATTICE_CELLS = 4e6, 30e6
"""Of the grid on which isochrones are drawn, as in `circle.reach.lattice`, which is not loaded for an estimate."""


@dataclass(frozen=True)
class Sizes:
    """What decides how much memory the analysis takes, counted in the data as read.

    Parameters
    ----------
    vertices
        Of the network's edges, those included that heights add.
    places
        Where people live.
    services
        That each place has an answer for.
    lattice_points
        Of the isochrones' grid, within reach of a facility.
    grid_cells
        Of the box around that grid.
    """

    vertices: float
    places: float
    services: int
    lattice_points: float
    grid_cells: float


def sizes_of(data: RegionData, question: Question) -> Sizes:
    """Count, and reckon what is not there yet."""
    points, cells = _lattice(data.facilities, question, slopes=data.elevation is not None)
    services = len(question.services or data.facilities.services)
    return Sizes(_vertices(data.streets, data.elevation), _places(data), services, points, cells)


def network_bytes(data: RegionData) -> int:
    """What building the network will take on top of what the process holds."""
    return round(PER_VERTEX * _vertices(data.streets, data.elevation)) + SPARE_BYTES


def analysis_bytes(data: RegionData, question: Question) -> int:
    """What the analysis and its files will take on top of what the process holds, at the peak."""
    sizes = sizes_of(data, question)
    return SPARE_BYTES + round(
        PER_VERTEX * sizes.vertices
        + PER_PLACE * sizes.places
        + PER_PLACE_AND_SERVICE * sizes.places * max(0, sizes.services - FREE_SERVICES)
        + PER_LATTICE_POINT * sizes.lattice_points
        + PER_GRID_CELL * sizes.grid_cells
    )


def province_bytes(data: RegionData, question: Question) -> int:
    """What searching a province and keeping what its counties need will take on top of what the process holds."""
    services = len(question.services or data.facilities.services)
    places = _places(data)
    return SPARE_BYTES + round(
        PER_PROVINCE_VERTEX * _vertices(data.streets, data.elevation)
        + (PER_PROVINCE_PLACE + PER_PROVINCE_ANSWER * services) * places
    )


def county_bytes(edges: float, places: float) -> int:
    """What the second half takes for one county of a province on top of what the process holds, its map included.

    The county's part of the province's file is mapped: the system takes its pages back when it needs them.
    """
    of_network = PER_VERTEX * VERTICES_PER_EDGE * edges
    return SPARE_BYTES + round(of_network + PER_PLACE * places + PER_LATTICE_POINT * LATTICE_POINTS)


def least_bytes(extract_bytes: int) -> int:
    """What a whole run takes at least on top of what the process holds, by the size of its extract in PBF."""
    return round(PER_EXTRACT_BYTE * extract_bytes)


def told(needed: int, room: int) -> Problem:
    """What will be held at the peak and what may be held, as a note."""
    return Problem("memory.estimate", Severity.NOTE, {"needed": gigabytes(needed), "available": gigabytes(room)})


def refuse_too_large(needed: int, room: float, bound: str, *, at_least: bool = False) -> None:
    """Stop work that would not fit, before it begins.

    Parameters
    ----------
    needed
        Bytes that the process will hold at the peak.
    room
        Bytes that it may hold.
    bound
        What bounds them: ``"machine"``, ``"container"``, ``"process"`` or ``"asked"``.
    at_least
        Nothing has been read yet, so that only a lower bound is known.

    Raises
    ------
    ResourceError
        With both numbers and what can be done.
    """
    if needed > room:
        code = f"memory.{'extract' if at_least else 'region'}_too_large_{bound}"
        shown = told_apart(needed, room)
        raise ResourceError(Problem(code, Severity.ERROR, dict(zip(("needed", "available"), shown, strict=True))))


def gigabytes(count: float, more_digits: int = 0) -> str:
    """Bytes as people read them.

    >>> gigabytes(2_740_000_000), gigabytes(64_000_000_000), gigabytes(40_000_000)
    ('2.7', '64', '0.04')
    """
    giga = count / 1e9
    return f"{giga:.{(0 if giga >= 10 else 1 if giga >= 0.1 else 2) + more_digits}f}"


def told_apart(one: float, other: float) -> tuple[str, str]:
    """Two amounts of bytes with as many digits as it takes to see which is more; a byte is the least that is told.

    >>> told_apart(2_740_000_000, 1_000_000_000), told_apart(200_400_000, 200_000_000)
    (('2.7', '1.0'), ('0.2004', '0.2000'))
    """
    shown = [(gigabytes(one, more), gigabytes(other, more)) for more in range(10)]
    return next((pair for pair in shown if float(pair[0]) != float(pair[1])), shown[-1])


def _vertices(streets: Streets, elevation: Elevation | None) -> float:
    """Vertices as read, and one more wherever a road goes on for longer than a cell of the heights."""
    drawn = float(len(streets.way_vertex))
    if elevation is None or drawn < 2:
        return drawn
    lon, lat = streets.lon[streets.way_vertex], streets.lat[streets.way_vertex]
    length_m = METRES_PER_DEGREE * np.hypot(np.diff(lon) * np.cos(np.radians(lat[1:])), np.diff(lat))
    within = np.ones(len(length_m), np.bool_)
    within[streets.way_offset[1:-1] - 1] = False
    step_m = _cell_m(elevation, float(np.mean(lat)))
    return drawn + float(np.floor(length_m[within] / step_m).sum())


def _cell_m(elevation: Elevation, lat: float) -> float:
    """Metres along the side of a cell of the heights; degrees where its transform counts in them."""
    side = abs(elevation.transform[0])
    return side * METRES_PER_DEGREE * float(np.cos(np.radians(lat))) if side < 0.1 else side


def _places(data: RegionData) -> float:
    population: Population = data.population
    if isinstance(population, CountRaster):
        return float(np.count_nonzero(population.counts[0] > 0))
    if isinstance(population, CountFeatures | BuildingTotal):
        return float(len(population.frame))
    return _places_of_census(population, data)


def _places_of_census(population: DistrictCounts, data: RegionData) -> float:
    if population.spread == "raster" and population.pattern is not None:
        return float(np.count_nonzero(population.pattern.counts[0] > 0))
    if population.spread == "buildings" and data.buildings is not None:
        return float(len(data.buildings))
    return float(len(data.streets.lon))


def _lattice(facilities: Facilities, question: Question, *, slopes: bool) -> tuple[float, float]:
    """Grid points within reach of a facility and cells of the box around them, of the grid that isochrones will use."""
    located = np.isfinite(facilities.entrance_lon) & np.isfinite(facilities.entrance_lat)
    lon, lat = facilities.entrance_lon[located], facilities.entrance_lat[located]
    if not len(lon):
        return 0.0, 0.0
    reach_m = question.radius_m(question.main) * (TOBLER_MAX_FACTOR if slopes and question.metric == "time" else 1.0)
    x = METRES_PER_DEGREE * float(np.cos(np.radians(lat.mean()))) * lon
    y = METRES_PER_DEGREE * lat
    area_m2 = _area_within(x, y, reach_m)
    step_m = question.isochrone_resolution_m or float(
        np.clip(5.0 * np.ceil(np.sqrt(area_m2 / LATTICE_POINTS) / 5.0), FINEST_M, COARSEST_M)
    )
    step_m = max(step_m, float(np.sqrt(area_m2 / MOST_LATTICE_POINTS)))
    box_m2 = (np.ptp(x) + 2 * reach_m) * (np.ptp(y) + 2 * reach_m)
    return area_m2 / step_m**2, float(min(box_m2 / step_m**2, MOST_LATTICE_CELLS))


def _area_within(x: Floats, y: Floats, reach_m: float) -> float:
    """Square metres within reach of any point: squares a third of the reach wide, counted once each."""
    side_m = reach_m / 3.0
    squares = np.unique(np.rint(np.column_stack([x, y]) / side_m).astype(np.int64), axis=0)
    off = np.array([(i, j) for i in range(-3, 4) for j in range(-3, 4) if i * i + j * j <= 9])
    covered = np.unique((squares[:, None, :] + off).reshape(-1, 2) @ np.array([1 << 32, 1]))
    return float(len(covered)) * side_m**2
