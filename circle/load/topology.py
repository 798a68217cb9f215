"""Whether the lines of a road layer are joined where they are drawn to meet, and doing it where they are not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from circle.kernels.projection import local_projection, to_degrees, to_metres
from circle.load.drawing import Drawing, pieces_of, ways_on
from circle.load.located import Located
from circle.load.noding import noded
from circle.load.noding_places import Places
from circle.load.road_levels import RoadLevels
from circle.messages import Tally
from circle.model import JOINING_KINDS, REPAIR_KINDS, Bools, Floats, Ints, RoadRepairs

SNAP_M = 3.0
"""0.3 mm on a map sheet of 1:10,000, the care with which lines are drawn by hand."""
BROKEN_SHARE = 0.1
"""Of the places where lines meet, more than so many without a shared vertex: the layer was drawn without topology."""
STEPS_PER_DEGREE = 1e7
"""Vertices closer than this, about a centimetre, are one."""


@dataclass(frozen=True)
class Topology:
    """What the region file says of a road layer: when to join lines, and how far an end may be moved."""

    mode: Literal["auto", "repair", "as-drawn"] = "auto"
    snap_m: float = SNAP_M


@dataclass(frozen=True, eq=False)
class Vertices:
    """Lines through numbered positions: (v, 2) positions in steps of a degree, and where each line starts."""

    step: Ints
    offset: Ints


def mended(
    vertices: Vertices, levels: RoadLevels, topology: Topology, at: Located
) -> tuple[Vertices, RoadRepairs | None]:
    """The lines joined where they are drawn to meet, if that is asked for or evident; what was found is told.

    Lines of a layer that has nothing to be mended, or that is taken as drawn, come back as they are.

    Parameters
    ----------
    levels
        Of every line.

    Returns
    -------
    vertices, repairs
        None for the repairs where nobody looked.
    """
    if topology.mode == "as-drawn":
        return vertices, None
    position, first, vertex = np.unique(_key(vertices.step), return_index=True, return_inverse=True)
    lonlat = vertices.step[first] / STEPS_PER_DEGREE
    crs = local_projection(lonlat[:, 0], lonlat[:, 1])
    x, y = to_metres(crs, lonlat[:, 0], lonlat[:, 1])
    drawing = Drawing(x, y, vertices.offset, vertex.ravel().astype(np.int64), levels.level, levels.spans)
    junctions = int((ways_on(pieces_of(drawing), len(position)) >= 3).sum())
    after, places = noded(drawing, topology.snap_m)
    repairs = _repairs(places, crs, topology, junctions)
    broken = int((repairs.kind < JOINING_KINDS).sum())
    repaired = topology.mode == "repair" or broken > BROKEN_SHARE * (broken + junctions)
    repairs = replace(repairs, repaired=repaired)
    _tell(repairs, levels, at)
    if not repaired or not broken:
        return vertices, repairs
    return _in_steps(after, (x, y, vertices.step[first]), crs), repairs


def _key(step: Ints) -> Ints:
    return (step[:, 0] << 32) + step[:, 1]


def _repairs(places: Places, crs: str, topology: Topology, junctions: int) -> RoadRepairs:
    kind, x, y, distance_m, line = places.columns()
    lon, lat = to_degrees(crs, x, y)
    return RoadRepairs(
        asked=topology.mode,
        repaired=False,
        snap_m=topology.snap_m,
        junctions=junctions,
        lon=lon,
        lat=lat,
        kind=kind.astype(np.int8),
        distance_m=distance_m,
        way_id=line,
    )


def _in_steps(after: Drawing, before: tuple[Floats, Floats, Ints], crs: str) -> Vertices:
    """The drawing in steps of a degree; positions that did not move keep theirs."""
    x, y, step = before
    n = len(x)
    new: Bools = np.ones(len(after.x), dtype=np.bool_)
    new[:n] = (after.x[:n] != x) | (after.y[:n] != y)
    steps = np.empty((len(after.x), 2), dtype=np.int64)
    steps[:n] = step
    lon, lat = to_degrees(crs, after.x[new], after.y[new])
    steps[new] = np.rint(np.column_stack([lon, lat]) * STEPS_PER_DEGREE).astype(np.int64)
    return Vertices(steps[after.vertex], after.offset)


def _tell(repairs: RoadRepairs, levels: RoadLevels, at: Located) -> None:
    """What was found and what was done about it; nothing where nothing was found."""
    counts, snap_m = repairs.counts(), f"{repairs.snap_m:g}"
    joins = {name: counts[name] for name in REPAIR_KINDS[:JOINING_KINDS]}
    broken = sum(joins.values())
    if broken:
        code = "topology.kept" if not repairs.repaired else "topology.repaired"
        code = "topology.mended" if repairs.asked == "repair" else code
        kinds = Tally("repair", joins)
        at.warn(code, count=broken, kinds=kinds, snap_m=snap_m, junctions=repairs.junctions)
    if not repairs.repaired:
        return
    if counts["left_apart"]:
        at.note("topology.left_apart", count=counts["left_apart"], columns=", ".join(levels.told_by))
    if counts["crossing"] and not levels.told_by:
        at.warn("topology.heights_unknown")
    if counts["near_miss"]:
        at.note("topology.near_misses", count=counts["near_miss"], snap_m=snap_m)
