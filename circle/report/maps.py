"""The maps of a report: the region with its largest gaps, the part where sites crowd, and one of each gap."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.transforms import Bbox

from circle.model import Analysis
from circle.report.drawing import INK, Drawing
from circle.report.gaps import Gap
from circle.report.ground import Water, lay, region_bounds, scale_bar, window
from circle.report.labels import Labels
from circle.report.map_names import district_names, gap_names, place_names, within
from circle.report.marks import (
    BORDERS,
    ENLARGED,
    SITES,
    ZONES,
    asked,
    draw_borders,
    draw_facilities,
    draw_zones,
    legend_entries,
)
from circle.report.paths import Box, Window, shapes_path
from circle.report.plain_text import label, plain
from circle.report.sites import GAP, Disc, crowd_of, discs_of, draw_disc

WIDTH_MM = 174.0
MAP_SHAPE = (0.66, 0.76)
"""Lowest and highest height : width of the region's map: it fills the first page, and does not leave it."""
CROWD_SHAPE = (0.38, 0.42)
"""Of the map of the part where sites crowd."""
SMALL_MM = 58.0
PLACES = 60
FEW = 100
"""Facilities: up to here no name is written over one."""
DOTS_OF_A_LINE = 14.0
"""At 100 dots an inch, in which figures are laid out."""
_LEGEND_ROW_MM = 5.0


@dataclass(frozen=True, eq=False)
class Sheet:
    """What a map shows: its window, the gaps with their numbers, and the part that another map shows larger."""

    view: Window
    gaps: tuple[Gap, ...]
    enlarged: Box | None = None


def cover(analysis: Analysis, gaps: list[Gap]) -> Sheet:
    """The map of the whole region."""
    view = window(region_bounds(analysis), margin=0.03, least_m=1500.0, shape=MAP_SHAPE)
    part = enlarged(analysis, gaps)
    return Sheet(view, tuple(gaps), part.view.box if part else None)


def enlarged(analysis: Analysis, gaps: list[Gap]) -> Sheet | None:
    """The part where at least half of the sites crowd, shown larger; None where they stand apart."""
    view = window(region_bounds(analysis), margin=0.03, least_m=1500.0, shape=MAP_SHAPE)
    crowd = crowd_of(gaps, view.box)
    if not crowd:
        return None
    lon, lat = np.array([gap.site for gap in crowd]).T
    bounds = (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))
    part = window(bounds, margin=0.15, least_m=1500.0, shape=CROWD_SHAPE)
    shown = [gap for gap in gaps if within(part.box, *gap.site)]
    return Sheet(part, tuple(shown)) if part.width_m < view.width_m / 2 else None


def region_map(analysis: Analysis, sheet: Sheet, lang: str, water: Water) -> Drawing:
    """A map on a whole width of the page: roads, water, districts, zones of all services, facilities, places, the
    largest gaps by number; below it what is drawn.
    """  # noqa: D205 (one sentence)
    view = sheet.view
    height_mm = WIDTH_MM * (view.box[3] - view.box[1]) * view.stretch / (view.box[2] - view.box[0])
    services = asked(analysis)
    most_rows = math.ceil((len(services) + 9) / 4)
    drawing = Drawing(WIDTH_MM, height_mm + _LEGEND_ROW_MM * most_rows + 3)
    axes = drawing.add_axes((0, 0, 1, 1))
    drawn = lay(axes, view, analysis, water, shaded=True)
    drawn |= {BORDERS} if draw_borders(axes, view, analysis) else set()
    for service in services:
        drawn |= {ZONES} if draw_zones(axes, view, analysis, service) else set()
        drawn |= {service} if draw_facilities(axes, view, analysis, service) else set()
    drawn |= {SITES} if sheet.gaps else set()
    drawn |= {ENLARGED} if sheet.enlarged else set()
    entries = legend_entries(analysis, drawn, lang)
    legend_mm = _LEGEND_ROW_MM * math.ceil(len(entries) / 4) + 3
    drawing.resize(WIDTH_MM, height_mm + legend_mm)
    share = height_mm / (height_mm + legend_mm)
    axes.set_position((0, 1 - share, 1, share))
    scale_bar(axes, view, lang, size=7)
    _write(drawing, axes, sheet, analysis, water)
    frame = Bbox.from_extents(0, 0, 1, 1 - share)
    drawing.legend(
        handles=entries, loc="center left", bbox_to_anchor=frame, ncols=4, frameon=False, fontsize=7,
        handlelength=1.6, columnspacing=1.2, borderaxespad=0.2,
    )  # fmt: skip
    return drawing


def _write(drawing: Drawing, axes: Axes, sheet: Sheet, analysis: Analysis, water: Water) -> None:
    """Numbers at their sites, then names where there is room."""
    view = sheet.view
    names = Labels(drawing, axes)
    names.taken.append(_corner(axes))
    for disc in _discs(names, sheet, water):
        draw_disc(axes, disc)
        names.taken.append(disc.box(0.5 * names.per_point))
        for lon, lat in (axes.transData.inverted().transform(site) for site in disc.sites):
            names.keep_free(float(lon), float(lat), 2)
    facilities = analysis.region.facilities.table
    if len(facilities) <= FEW:
        for lon, lat in zip(facilities["lon"], facilities["lat"], strict=True):
            names.keep_free(float(lon), float(lat), 2)
    gap_names(names, view, list(sheet.gaps), analysis)
    district_names(names, view, analysis)
    place_names(names, view, analysis, size=6.2, most=PLACES)


def _discs(names: Labels, sheet: Sheet, water: Water) -> list[Disc]:
    """The numbers, beside the part that is shown larger elsewhere, whose frame is drawn."""
    axes, crowd = names.axes, None
    if sheet.enlarged is not None:
        west, south, east, north = sheet.enlarged
        axes.add_patch(
            Rectangle((west, south), east - west, north - south, fill=False, edgecolor=GAP, linewidth=0.9, zorder=6)
        )
        corners = axes.transData.transform([(west, south), (east, north)])
        crowd = Bbox(corners)
    back = axes.transData.inverted()
    sites = [tuple(axes.transData.transform(gap.site).tolist()) for gap in sheet.gaps]
    numbers = [gap.number for gap in sheet.gaps]
    return discs_of(
        numbers, sites, names.frame, per_point=names.per_point, crowd=crowd,
        is_sea=lambda place: water.covers(sheet.view, *back.transform(place).tolist()),
    )  # fmt: skip


def gap_map(gap: Gap, analysis: Analysis, lang: str, water: Water) -> Drawing:
    """One gap: its zone, the site proposed, facilities around, and the nearest of them where it is not far away."""
    nearest = _nearest_place(gap, analysis)
    bounds = _gap_bounds(gap, nearest)
    view = window(bounds, margin=0.12, least_m=1500.0, shape=(1.0, 1.0))
    drawing = Drawing(SMALL_MM, SMALL_MM)
    axes = drawing.add_axes((0.004, 0.004, 0.992, 0.992))
    lay(axes, view, analysis, water)
    draw_borders(axes, view, analysis)
    path = shapes_path(np.array([gap.shape], dtype=object), view)
    if path is not None:
        axes.add_artist(PathPatch(path, facecolor=GAP, edgecolor=GAP, alpha=0.35, linewidth=0.7, zorder=3))
    draw_facilities(axes, view, analysis, str(gap.row["service"]), size=26)
    names = Labels(drawing, axes)
    names.taken.append(_corner(axes, 0.5))
    if nearest is not None:
        lon, lat, name = nearest
        axes.plot([gap.site[0], lon], [gap.site[1], lat], color=INK, linewidth=0.8, linestyle=(0, (2, 2)), zorder=5)
        names.keep_free(lon, lat, 3)
        if within(view.box, lon, lat):
            names.put((lon, lat), label(name), size=6, away=4, weight="bold")
    axes.plot(*gap.site, marker="*", markersize=10, color=GAP, markeredgecolor="white", markeredgewidth=0.8, zorder=7)
    names.keep_free(*gap.site, 5)
    place_names(names, view, analysis, size=5.8, most=8)
    scale_bar(axes, view, lang, size=5.8)
    return drawing


def _nearest_place(gap: Gap, analysis: Analysis) -> tuple[float, float, str] | None:
    """Where the nearest facility is, and its name; None where none can be reached."""
    if not math.isfinite(gap.row["cost"]):
        return None
    found = analysis.region.facilities.table
    mine = found[found["facility_id"] == gap.row["facility_id"]]
    if not len(mine):
        return None
    first = mine.iloc[0]
    return float(first["lon"]), float(first["lat"]), plain(first["name"])


def _gap_bounds(gap: Gap, nearest: tuple[float, float, str] | None) -> Box:
    """Around the zone and its site, and the nearest facility if that leaves the zone large enough to be seen."""
    west, south, east, north = shapely.bounds(gap.shape).tolist()
    if math.isnan(west):
        west, south, east, north = (*gap.site, *gap.site)
    box = (min(west, gap.site[0]), min(south, gap.site[1]), max(east, gap.site[0]), max(north, gap.site[1]))
    if nearest is None:
        return box
    wider = (
        min(box[0], nearest[0]), min(box[1], nearest[1]), max(box[2], nearest[0]), max(box[3], nearest[1])
    )  # fmt: skip
    side, wide_side = (max(b[2] - b[0], b[3] - b[1], 0.005) for b in (box, wider))
    return wider if wide_side <= 3.5 * side else box


def _corner(axes: Axes, share: float = 0.35) -> Bbox:
    """Where the scale bar stands, in dots."""
    axes.apply_aspect()
    frame = axes.get_window_extent()
    high = 0.055 * frame.height + DOTS_OF_A_LINE
    return Bbox.from_extents(frame.x0, frame.y0, frame.x0 + share * frame.width, frame.y0 + high)
