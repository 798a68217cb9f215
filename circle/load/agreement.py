"""Whether layers that say where they stand agree with each other: a shifted one is noticed though nobody asked.

Lists are held against roads, names and districts by the witnesses of ``crs = "auto"``. Roads that come from a file are
held against the residents of a raster: rasters are made from satellites and censuses, and are never shifted. Where
roads and facilities are shifted alike, they fit each other well, and only the raster can tell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import shapely

from circle.kernels.projection import to_crs
from circle.lazily import gpd, pd
from circle.load.datums import WGS84, named_system
from circle.load.evidence import DIRECTIONS, ELSEWHERE_M, SYSTEMS, Anchors, Evidence, told_system
from circle.load.local import metres_per_degree
from circle.load.located import Located
from circle.load.shifted import bd09_from_wgs84, gcj02_from_wgs84, in_china
from circle.model import CountRaster, DistrictCounts, Floats, Geometries, Ints

WIDEST_CELL_M = 250.0
"""People of wider cells live anywhere around the middle."""
CELLS = 3000
NEIGHBOURHOOD_M = 2000.0
"""Cells so near each other are one observation: they share their roads."""
SURE_Z = 3.0
APART_M = 250.0
LEAST_BUILDINGS = 200
NEAR_M = 30.0
"""Differences of distance below it say nothing: the middle of a cell is not a house."""

_FORWARD = {"gcj02": gcj02_from_wgs84, "bd09": bd09_from_wgs84}


def confirm_list(placed: Floats, table: pd.DataFrame, declared: str | None, anchors: Anchors, at: Located) -> None:
    """Record whether the witnesses agree with the system that a list was read in.

    Parameters
    ----------
    placed
        (n, 2) WGS84 degrees, read as `declared`.
    table
        The n rows; see `circle.load.evidence.told_system`.
    declared
        As the user wrote it; None: the file says it itself.
    """
    system = named_system(declared) or WGS84
    read_as = system if system in SYSTEMS else WGS84
    lon, lat = as_written(placed, read_as)
    verdict = told_system(lon, lat, table, anchors)
    spoken = {one.system for one in verdict.evidence} - {None}
    if not spoken:
        _hold_against_doubtful_roads((lon, lat), system, read_as, anchors, at)
    elif len(spoken) > 1:
        at.warn("crs.witnesses_disagree", system=system, evidence=verdict)
    elif verdict.system == read_as:
        at.note("crs.confirmed", system=system, evidence=verdict)
    else:
        at.warn("crs.contradicted", system=system, told=verdict.system, evidence=verdict)


def as_written(placed: Floats, system: str) -> tuple[Floats, Floats]:
    """The degrees of a file, (n, 2) in WGS84, as they stand there in `system`."""
    lon, lat = _FORWARD[system](*placed.T) if system in _FORWARD else placed.T
    return lon, lat


def _hold_against_doubtful_roads(
    written: tuple[Floats, Floats], system: str, read_as: str, anchors: Anchors, at: Located
) -> None:
    """Warn of a list that fits the roads only in another system: one of the two is shifted, whichever it is."""
    if not len(anchors.doubtful_roads):
        return
    verdict = told_system(*written, pd.DataFrame(index=range(len(written[0]))), Anchors(anchors.doubtful_roads))
    if verdict.system not in (None, read_as):
        at.warn("crs.apart_from_roads", system=system, told=verdict.system, evidence=verdict)


def judge_roads(
    roads: Geometries, population: object, at: Located, *, buildings: gpd.GeoDataFrame | None = None
) -> bool | None:
    """Whether roads (lines, WGS84) lie where the people of a raster live, or where a census's pattern has them.

    What they say clearly is recorded. Without a raster `buildings` are asked; they may be shifted as the roads are, so
    they can contradict but not confirm.

    Returns
    -------
    bool or None
        False: the roads are shifted, and nothing may be compared with them. None: it cannot be told.
    """
    heard = heard_from_residents(roads, population)
    if heard is None and buildings is not None and len(buildings) >= LEAST_BUILDINGS:
        heard = _heard_of_buildings(roads, buildings)
    if heard is None or heard.system is None or (heard.witness == "buildings" and heard.system == WGS84):
        return None
    if heard.system == WGS84:
        at.note("crs.roads_confirmed", evidence=heard)
        return True
    at.warn("crs.roads_contradicted", told=heard.system, evidence=heard)
    return False


def heard_from_residents(roads: Geometries, population: object) -> Evidence | None:
    """As `residents_by_roads`, where people are counted by a raster, or spread by the pattern of one."""
    raster = population.pattern if isinstance(population, DistrictCounts) else population
    return residents_by_roads(roads, raster) if isinstance(raster, CountRaster) and len(roads) else None


def _heard_of_buildings(roads: Geometries, buildings: gpd.GeoDataFrame) -> Evidence | None:
    """As `residents_by_roads`, of the middles of buildings, evenly from all of them."""
    step = max(1, len(buildings) // CELLS)
    middles = shapely.get_coordinates(shapely.centroid(np.asarray(buildings.geometry.array)[::step]))
    return _by_roads(roads, middles, "buildings")


def weighed(anchors: Callable[[], Anchors], fit: bool | None) -> Anchors:
    """The anchors, with roads as the raster judged them: confirmed ones are sure, contradicted ones are none."""
    found = anchors()
    if fit is None:
        return found
    lines = found.roads if len(found.roads) else found.doubtful_roads
    return replace(found, roads=lines if fit else lines[:0], doubtful_roads=lines[:0])


def residents_by_roads(roads: Geometries, raster: CountRaster) -> Evidence | None:
    """How far people live from the roads, if these are in each of the systems; None outside China or of wide cells.

    The people are moved as the system moves the roads. A system is spoken for when they live nearer to the roads than
    in every other, by three standard errors over neighbourhoods, and nearer than 450 to 900 m away in any direction.
    """
    people = sampled_people(raster)
    return None if people is None else _by_roads(roads, people, "residents")


def _by_roads(roads: Geometries, people: Floats, witness: str) -> Evidence | None:
    """What the distances of (n, 2) WGS84 degrees to the roads say; None outside China."""
    if not in_china(*people.T).any():
        return None
    scale = np.concatenate(metres_per_degree(np.median(people[:, 1], keepdims=True)))
    tree = shapely.STRtree(shapely.transform(roads, lambda xy: xy * scale))

    def metres(points: Floats) -> Floats:
        _, far = tree.query_nearest(shapely.points(points), return_distance=True, all_matches=False)
        return np.asarray(far)

    moved = {WGS84: people * scale, **{name: np.column_stack(f(*people.T)) * scale for name, f in _FORWARD.items()}}
    away = {system: metres(points) for system, points in moved.items()}
    figures = {system: float(np.median(values)) for system, values in away.items()}
    score = {system: np.log(values + NEAR_M) for system, values in away.items()}
    best = min(score, key=lambda system: float(score[system].mean()))
    block = np.unique(np.floor(moved[WGS84] / NEIGHBOURHOOD_M), axis=0, return_inverse=True)[1].ravel()
    sure = all(_standard_errors(score[other] - score[best], block) >= SURE_Z for other in score if other != best)
    if sure and best != WGS84:
        elsewhere = [np.log(metres(points) + NEAR_M).mean() for points in _spots_around(moved, best)]
        sure = min(elsewhere) > score[best].mean()
    return Evidence(witness, len(people), figures, best if sure else None)


def sampled_people(raster: CountRaster) -> Floats | None:
    """(n, 2) degrees of cells, each as often as people live there: evenly spread over all people. None: wide cells."""
    counts = raster.counts[0].ravel()
    total = float(counts.sum())
    if not total > 0:
        return None
    steps = (np.arange(CELLS) + 0.5) * total / CELLS
    chosen = np.searchsorted(np.cumsum(counts), steps)
    row, column = np.divmod(np.minimum(chosen, len(counts) - 1), raster.counts.shape[2])
    a, b, c, d, e, f = raster.transform
    corners = np.array([[0.5, 0.5], [1.5, 0.5], [0.5, 1.5]])  # the middle of a cell and of its neighbours
    column_at, row_at = (column[:, None] + corners[:, 0]).T, (row[:, None] + corners[:, 1]).T
    lon, lat = to_crs(raster.crs, WGS84, a * column_at + b * row_at + c, d * column_at + e * row_at + f)
    scale = np.concatenate(metres_per_degree(np.median(lat[0], keepdims=True)))
    sides = (np.hypot((lon[k] - lon[0]).mean() * scale[0], (lat[k] - lat[0]).mean() * scale[1]) for k in (1, 2))
    return np.column_stack([lon[0], lat[0]]) if max(sides) <= WIDEST_CELL_M else None


def _standard_errors(difference: Floats, block: Ints) -> float:
    """How many standard errors a mean is above 0, observations of one block being one."""
    mean = float(difference.mean())
    error = float(np.sqrt((np.bincount(block, difference - mean) ** 2).sum())) / len(difference)
    return mean / error if error > 0 else (np.inf if mean > 0 else 0.0)


def _spots_around(moved: dict[str, Floats], best: str) -> list[Floats]:
    """The people moved all around where the best system puts them, but not to where another system does."""
    turn = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    steps = [radius * np.array([np.cos(angle), np.sin(angle)]) for radius in ELSEWHERE_M for angle in turn]
    others = [(points - moved[best]).mean(axis=0) for points in moved.values()]
    return [moved[best] + step for step in steps if min(np.hypot(*(step - other)) for other in others) >= APART_M]
