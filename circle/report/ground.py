"""The ground that all maps of a report stand on: roads by class, water, railways, borders; and what every map has."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from circle import units
from circle.messages import text
from circle.model import BARRIER_KINDS, Analysis, Bools, Floats, Ints, NetworkData
from circle.reference import table
from circle.report.drawing import INK, rim
from circle.report.hills import hills
from circle.report.paths import STEPS, Box, Window, compound, lines_in, shapes_path
from circle.report.sea import sea_path
from circle.units import METRES_PER_DEGREE

VERTEX_BUDGET = 150_000
"""Vertices of roads on one map; the thinnest rank goes first where that is not enough."""
LAND, WATER, WATER_LINE, BORDER = "#fbfaf6", "#cfe3f2", "#9cc4e0", "#7d6f95"
RAILWAY = ("#8d8d8d", 0.7, (0, (4, 2)))
"""Colour, width in points, dashes."""
RANKS = ((1.3, "#a99f91"), (0.75, "#bdb5a8"), (0.35, "#d3cdc2"))
"""Width in points and colour of roads by rank, the heaviest first."""


def window(bounds: Box, *, margin: float, least_m: float, shape: tuple[float, float]) -> Window:
    """A box around `bounds` whose height is between `shape` times its width, on the ground.

    Parameters
    ----------
    bounds
        West, south, east, north.
    margin
        Share of the longer side that is added on every side.
    least_m
        The shorter side is no less than this.
    shape
        Lowest and highest height : width.
    """
    west, south, east, north = bounds
    middle_lat = (south + north) / 2
    stretch = 1 / max(np.cos(np.radians(middle_lat)), 0.02)
    wide, high = east - west, (north - south) * stretch  # both in degrees of longitude
    added = 2 * margin * max(wide, high)
    least = least_m / (METRES_PER_DEGREE / stretch)
    wide, high = max(wide + added, least), max(high + added, least)
    wide, high = max(wide, high / shape[1]), max(high, wide * shape[0])
    x, half_high = (west + east) / 2, high / stretch / 2
    return Window((x - wide / 2, middle_lat - half_high, x + wide / 2, middle_lat + half_high), float(stretch))


def region_bounds(analysis: Analysis) -> Box:
    """Of the districts, else of the people, else of the data."""
    districts, residents = analysis.region.districts, analysis.residents
    if districts is not None and len(districts.frame):
        west, south, east, north = districts.frame.total_bounds.tolist()
        return west, south, east, north
    if not np.isnan(residents.lon).all():
        return (
            float(np.nanmin(residents.lon)),
            float(np.nanmin(residents.lat)),
            float(np.nanmax(residents.lon)),
            float(np.nanmax(residents.lat)),
        )
    west, south, east, north = shapely.bounds(analysis.region.extent.polygon).tolist()
    return west, south, east, north


class Water:
    """Lakes, rivers and the sea of a region, the same in all of its maps.

    The sea is water in the small maps where it is in that of the whole region, else in none: a harbour's basin alone
    would be taken for all the water there is.
    """

    def __init__(self, analysis: Analysis, whole: Window) -> None:
        self.barriers = analysis.region.barriers
        self._paths: dict[Window, list[Path]] = {}
        self._junctions = np.column_stack([analysis.network.node_lon, analysis.network.node_lat])
        sea = sea_path(self.barriers, whole, self._junctions)
        self.has_sea = sea is not None and _reaches_frame(sea, whole)

    def paths(self, view: Window) -> list[Path]:
        """The sea, then other water, as far as there is any in a window."""
        if view not in self._paths:
            sea = sea_path(self.barriers, view, self._junctions) if self.has_sea else None
            found = [sea, shapes_path(self.barriers.water, view)]
            self._paths[view] = [path for path in found if path is not None]
        return self._paths[view]

    def covers(self, view: Window, lon: float, lat: float) -> bool:
        """Whether there is water at a place in a window."""
        return any(
            sum(Path(ring).contains_point((lon, lat)) for ring in path.to_polygons()) % 2 for path in self.paths(view)
        )


def _reaches_frame(path: Path, view: Window) -> bool:
    """Whether water goes on beyond a window: ponds and basins, whose banks are shores too, are no sea."""
    west, south, east, north = view.box
    x, y = np.asarray(path.vertices).T
    return bool(((x <= west) | (y <= south) | (x >= east) | (y >= north)).any())


def lay(axes: Axes, view: Window, analysis: Analysis, water: Water, *, shaded: bool = False) -> set[str]:
    """Prepare `axes` for a window and draw the ground; what of it there is to be seen: roads by rank, water, railways.

    Parameters
    ----------
    axes
        Empty ones.
    view
        What they show.
    analysis
        The whole answer.
    water
        Of the region.
    shaded
        Hills in relief, where heights are known.
    """
    west, south, east, north = view.box
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(view.stretch)
    axes.set_facecolor(LAND)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color("#c9c9c9")
        spine.set_linewidth(0.6)
    if shaded:
        hills(axes, view, analysis)
    drawn = _water(axes, view, water)
    for rank, path in enumerate(_roads(analysis.network, view)):
        width, colour = RANKS[rank]
        if path is not None:
            axes.add_artist(PathPatch(path, fill=False, edgecolor=colour, linewidth=width, zorder=2.3 - rank / 10))
            drawn.add(("major", "middle", "minor")[rank])
    return drawn


def scale_bar(axes: Axes, view: Window, lang: str, *, size: float) -> None:
    """A bar of a round length, in the lower left corner."""
    longest = view.width_m * 0.28
    magnitude = 10.0 ** np.floor(np.log10(longest))
    length = float(max(step for step in (1, 2, 5, 10) if step * magnitude <= longest) * magnitude)
    share = length / view.width_m
    high = 0.012 if size > 6 else 0.025
    bar: dict[str, Any] = {"color": INK, "linewidth": 1.4, "path_effects": rim(3.2), "zorder": 9}
    axes.plot([0.03, 0.03 + share], [0.03, 0.03], transform=axes.transAxes, **bar)
    words = (
        text("words.metres", lang, number=f"{length:g}")
        if length < units.METRES_PER_KILOMETRE
        else text("words.kilometres", lang, number=f"{length / units.METRES_PER_KILOMETRE:g}")
    )
    place = (0.03, 0.03 + high)
    axes.text(*place, words, transform=axes.transAxes, fontsize=size, path_effects=rim(), gid="halo", zorder=9)


def _water(axes: Axes, view: Window, water: Water) -> set[str]:
    """Water, railways and motorways; which of them there are."""
    barriers, drawn = water.barriers, set()
    for path in water.paths(view):
        axes.add_artist(PathPatch(path, facecolor=WATER, edgecolor=WATER_LINE, linewidth=0.3, zorder=1))
        drawn.add("water")
    looks = {"water": (WATER_LINE, 0.7, "solid"), "railway": RAILWAY, "motorway": (*RANKS[0][::-1], "solid")}
    frame = shapely.box(*view.box)
    for number, kind in enumerate(BARRIER_KINDS):
        lines = lines_in(barriers.lon, barriers.lat, barriers.line_offset, barriers.kind == number, view)
        colour, width, dashes = looks[kind]
        if lines:
            collection = LineCollection(lines, colors=[colour], linewidths=[width], zorder=1.5 + number / 10)
            collection.set_linestyle(dashes)  # type: ignore[arg-type]
            axes.add_collection(collection, autolim=False)
            if any(shapely.intersects(shapely.linestrings(line), frame) for line in lines):
                drawn.add("major" if kind == "motorway" else kind)
    return drawn


def _roads(network: NetworkData, view: Window) -> list[Path | None]:
    """Roads by rank, one path each; the thinnest are left out where there are too many to see."""
    ranks = _ranks(network.classes)[network.edge_class]
    seen = _edges_in(network, view.box)
    step = (view.box[2] - view.box[0]) / STEPS
    drawn: list[tuple[Floats, Ints] | None] = [None, None, None]
    left = VERTEX_BUDGET
    for rank in range(3):
        points, owner = _thinned(network, np.flatnonzero(seen & (ranks == rank)), (step, step / view.stretch))
        if rank and len(points) > left:
            break
        left -= len(points)
        drawn[rank] = (points, owner)
    return [None if part is None or not len(part[0]) else compound(*part, closed=False) for part in drawn]


def _ranks(classes: tuple[str, ...]) -> Ints:
    heavier = table("basemap")["roads"]
    ranks = [0 if name in heavier["major"] else 1 if name in heavier["middle"] else 2 for name in classes]
    return np.array(ranks, dtype=np.int64)


def _edges_in(network: NetworkData, box: Box) -> Bools:
    """Edges whose bounds meet the box."""
    count = len(network.edge_from)
    if not count:
        return np.zeros(0, np.bool_)
    first = network.segment_offset[:-1] + np.arange(count)
    west, south = (np.minimum.reduceat(axis, first) for axis in (network.vertex_lon, network.vertex_lat))
    east, north = (np.maximum.reduceat(axis, first) for axis in (network.vertex_lon, network.vertex_lat))
    met: Bools = (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])
    return met


def _thinned(network: NetworkData, edges: Ints, step: tuple[float, float]) -> tuple[Floats, Ints]:
    """Vertices of edges, each but the ends only where it lies in another cell than the one before; and whose they are.

    An edge within one cell is not drawn: it is a dot on paper.
    """
    vertices = np.diff(network.segment_offset)[edges] + 1
    owner = np.repeat(np.arange(len(edges)), vertices)
    first = network.segment_offset[edges] + edges
    at = np.repeat(first - (np.cumsum(vertices) - vertices), vertices) + np.arange(len(owner))
    x, y = network.vertex_lon[at], network.vertex_lat[at]
    if not len(x):
        return np.empty((0, 2)), np.empty(0, np.int64)
    cell = np.floor(x / step[0]) + 1j * np.floor(y / step[1])
    begins = np.diff(owner, prepend=-1) != 0
    ends = np.diff(owner, append=-1) != 0
    kept = begins | ends | (cell != np.roll(cell, 1))
    dot = np.ones(len(edges), np.bool_)
    dot[owner[(cell != np.roll(cell, 1)) & ~begins]] = False
    kept &= ~dot[owner]
    return np.column_stack([x[kept], y[kept]]), owner[kept]
