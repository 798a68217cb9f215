"""The maps of a report: the region with its largest gaps, and one of each gap."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.transforms import Bbox

from circle.export.words import service_colour, service_name
from circle.messages import text
from circle.model import Analysis
from circle.reference import table
from circle.report.drawing import INK, Drawing
from circle.report.gaps import Gap, gap_name
from circle.report.ground import BORDER, RANKS, WATER, lay, region_bounds, scale_bar, window
from circle.report.labels import CENTRED, SIDES, Labels
from circle.report.paths import Box, Window, shapes_path
from circle.report.plain_text import label, plain

WIDTH_MM = 174.0
MAP_SHAPE = (0.66, 0.8)
"""Lowest and highest height : width of the region's map: it fills the first page, and does not leave it."""
SMALL_MM = 58.0
GAP = "#d7301f"
MARKS = ("o", "s", "^", "D", "v", "P", "X", "p", "h", "<")
"""Services differ by shape too, for those who do not see colours, and for paper without."""
PLACES = 60
FEW = 100
"""Facilities: up to here no name is written over one."""
BADGE = 10.5
"""Points across."""
DOTS_OF_A_LINE = 14.0
"""At 100 dots an inch, in which figures are laid out."""
_LEGEND_ROW_MM = 5.0


def region_map(analysis: Analysis, gaps: list[Gap], lang: str) -> Drawing:
    """The region: roads, water, districts, zones of all services, facilities, places, the largest gaps by number."""
    view = window(region_bounds(analysis), margin=0.03, least_m=1500.0, shape=MAP_SHAPE)
    services = [str(name) for name in analysis.summary["service"] if name in analysis.reach]
    entries = _legend_entries(analysis, services, lang, bool(gaps))
    rows = math.ceil(len(entries) / 4)
    height_mm = WIDTH_MM * (view.box[3] - view.box[1]) * view.stretch / (view.box[2] - view.box[0])
    legend_mm = _LEGEND_ROW_MM * rows + 3
    drawing = Drawing(WIDTH_MM, height_mm + legend_mm)
    share = height_mm / (height_mm + legend_mm)
    axes = drawing.add_axes((0, 1 - share, 1, share))
    lay(axes, view, analysis)
    _districts(axes, view, analysis)
    for service in services:
        _zones(axes, view, analysis, service)
        _facilities(axes, view, analysis, service, size=_mark_size(analysis, service))
    scale_bar(axes, view, lang, size=7)
    names = Labels(drawing, axes)
    names.taken.append(_corner(axes))
    badges = spread([axes.transData.transform(gap.site) for gap in gaps], BADGE * names.per_point)
    places = [axes.transData.inverted().transform(dots) for dots in badges]
    for gap, (lon, lat) in zip(gaps, places, strict=True):
        _badge(axes, gap, (lon, lat))
        names.keep_free(lon, lat, BADGE / 2 + 0.5)
        names.keep_free(*gap.site, 2)
    facilities = analysis.region.facilities.table
    if len(facilities) <= FEW:
        for lon, lat in zip(facilities["lon"], facilities["lat"], strict=True):
            names.keep_free(float(lon), float(lat), 2)
    named: set[str] = set()
    for gap, (lon, lat) in zip(gaps, places, strict=True):
        name = label(gap_name(gap, lang))
        if name not in named:  # a town with three gaps is named once
            names.put((lon, lat), name, size=7, away=BADGE / 2 + 1.5, color="#8f1d12", weight="bold")
        named.add(name)
    _district_names(names, analysis)
    _place_names(names, view, analysis, size=6.2, most=PLACES)
    frame = Bbox.from_extents(0, 0, 1, 1 - share)
    drawing.legend(
        handles=entries, loc="center left", bbox_to_anchor=frame, ncols=4, frameon=False, fontsize=7,
        handlelength=1.6, columnspacing=1.2, borderaxespad=0.2,
    )  # fmt: skip
    return drawing


def gap_map(gap: Gap, analysis: Analysis, lang: str) -> Drawing:
    """One gap: its zone, the site proposed, facilities around, and the nearest of them where it is not far away."""
    nearest = _nearest_place(gap, analysis)
    bounds = _gap_bounds(gap, nearest)
    view = window(bounds, margin=0.12, least_m=1500.0, shape=(1.0, 1.0))
    drawing = Drawing(SMALL_MM, SMALL_MM)
    axes = drawing.add_axes((0.004, 0.004, 0.992, 0.992))
    lay(axes, view, analysis)
    _districts(axes, view, analysis)
    path = shapes_path(np.array([gap.shape], dtype=object), view)
    if path is not None:
        axes.add_artist(PathPatch(path, facecolor=GAP, edgecolor=GAP, alpha=0.35, linewidth=0.7, zorder=3))
    service = str(gap.row["service"])
    _facilities(axes, view, analysis, service, size=26)
    names = Labels(drawing, axes)
    names.taken.append(_corner(axes, 0.5))
    if nearest is not None:
        lon, lat, name = nearest
        axes.plot([gap.site[0], lon], [gap.site[1], lat], color=INK, linewidth=0.8, linestyle=(0, (2, 2)), zorder=5)
        names.keep_free(lon, lat, 3)
        if _within(view.box, lon, lat):
            names.put((lon, lat), label(name), size=6, away=4, weight="bold")
    axes.plot(*gap.site, marker="*", markersize=10, color=GAP, markeredgecolor="white", markeredgewidth=0.8, zorder=7)
    names.keep_free(*gap.site, 5)
    _place_names(names, view, analysis, size=5.8, most=8)
    scale_bar(axes, view, lang, size=5.8)
    return drawing


def _legend_entries(analysis: Analysis, services: list[str], lang: str, gaps: bool) -> list[Any]:
    """What the map shows, as little pictures with words."""
    entries: list[Any] = [
        Line2D([], [], linestyle="none", marker=MARKS[number % len(MARKS)], markersize=5,
               color=service_colour(service, number), markeredgecolor="white", label=label(service_name(service, lang)))
        for number, service in enumerate(services)
    ]  # fmt: skip
    if gaps:
        entries.append(Patch(facecolor=GAP, alpha=0.4, label=text("report.legend_zone", lang)))
        words = text("report.legend_site", lang)
        entries.append(Line2D([], [], linestyle="none", marker="o", markersize=6, color=GAP, label=words))
    for rank, name in enumerate(("major", "middle", "minor")):
        width, colour = RANKS[rank]
        entries.append(Line2D([], [], linewidth=width, color=colour, label=text(f"report.legend_{name}", lang)))
    if len(analysis.region.barriers.lon) or len(analysis.region.barriers.water):
        entries.append(Patch(facecolor=WATER, label=text("report.legend_water", lang)))
    if analysis.region.districts is not None:
        entries.append(Line2D([], [], color=BORDER, linewidth=0.8,
                              label=text("map.legend_border", lang)))  # fmt: skip
    return entries


def _zones(axes: Axes, view: Window, analysis: Analysis, service: str) -> None:
    frame = analysis.gaps
    mine = (frame["service"] == service).to_numpy(bool)
    path = shapes_path(frame.geometry.to_numpy()[mine], view)
    if path is not None:
        axes.add_artist(PathPatch(path, facecolor=GAP, edgecolor="none", alpha=0.2, zorder=3))


def _mark_size(analysis: Analysis, service: str) -> float:
    """Smaller marks where there are many of them."""
    count = int((analysis.region.facilities.table["service"] == service).sum())
    return 20.0 if count <= 60 else 12.0 if count <= 250 else 6.0 if count <= 1000 else 3.0


def _facilities(axes: Axes, view: Window, analysis: Analysis, service: str, *, size: float) -> None:
    services = [str(name) for name in analysis.summary["service"]]
    number = services.index(service)
    found = analysis.region.facilities.table
    mine = found[found["service"] == service]
    lon, lat = mine["lon"].to_numpy(float), mine["lat"].to_numpy(float)
    seen = (lon >= view.box[0]) & (lon <= view.box[2]) & (lat >= view.box[1]) & (lat <= view.box[3])
    axes.scatter(
        lon[seen], lat[seen], s=size, marker=MARKS[number % len(MARKS)], color=service_colour(service, number),
        edgecolors="white", linewidths=0.4, zorder=5,
    )  # fmt: skip


def _districts(axes: Axes, view: Window, analysis: Analysis) -> None:
    if analysis.region.districts is None:
        return
    path = shapes_path(analysis.region.districts.frame.geometry.to_numpy(), view)
    if path is not None:
        axes.add_artist(PathPatch(path, fill=False, edgecolor=BORDER, linewidth=0.8, zorder=2.6))


def spread(places: list[Any], apart: float) -> list[Any]:
    """Points moved until none is nearer to another than `apart`, each no farther from its place than it takes.

    Examples
    --------
    >>> [point.round(1).tolist() for point in spread([(0, 0), (4, 0)], 10.0)]
    [[-3.0, 0.0], [7.0, 0.0]]
    """
    points = [np.asarray(place, dtype=float) for place in places]
    for _ in range(200):
        moved = False
        for i, j in combinations(range(len(points)), 2):
            way = points[j] - points[i]
            length = float(np.hypot(*way))
            if length < apart * 0.999:
                aside = np.array([math.cos(i + j), math.sin(i + j)]) if length < 1e-9 else way / length
                push = aside * (apart - length) / 2
                points[i], points[j] = points[i] - push, points[j] + push
                moved = True
        if not moved:
            break
    return points


def _badge(axes: Axes, gap: Gap, place: tuple[float, float]) -> None:
    """The number of a gap at `place`, and a line to its site where that is elsewhere."""
    axes.plot([gap.site[0], place[0]], [gap.site[1], place[1]], color=GAP, linewidth=0.9, zorder=6.5)
    axes.plot(*gap.site, marker="o", markersize=2.5, color=GAP, zorder=6.5)
    axes.plot(*place, marker="o", markersize=9.5, color=GAP, markeredgecolor="white", markeredgewidth=0.9, zorder=7)
    axes.annotate(
        str(gap.number), place, ha="center", va="center_baseline", fontsize=6.5, color="white", weight="bold",
        zorder=7.5,
    )  # fmt: skip


def _district_names(names: Labels, analysis: Analysis) -> None:
    districts = analysis.region.districts
    if districts is None:
        return
    frame = districts.frame
    order = np.argsort(-shapely.area(frame.geometry.to_numpy()), kind="stable")
    written = {note.get_text() for note in names.axes.texts}
    for row in order.tolist():
        place = shapely.point_on_surface(frame.geometry.iloc[row])
        if not shapely.is_empty(place):
            words = label(frame["district_name"].iloc[row])
            if words in written:  # by a gap that is called the same
                continue
            names.put((place.x, place.y), words, size=8, away=5, sides=CENTRED, color="#3d4652", weight="bold")


def _place_names(names: Labels, view: Window, analysis: Analysis, *, size: float, most: int) -> None:
    """Towns and villages, the most important first, as long as there is room."""
    settlements = analysis.region.settlements
    if settlements is None or settlements.frame.empty:
        return
    frame = settlements.frame[settlements.frame["name"].notna()]
    order = {place: rank for rank, place in enumerate(table("basemap")["places"]["order"])}
    rank = frame["place"].map(order).fillna(len(order)).to_numpy(int)
    lon, lat = frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()
    words = frame["name"].to_numpy(object)
    written = {note.get_text() for note in names.axes.texts}
    shown = 0
    for row in np.argsort(rank, kind="stable").tolist():
        if shown >= most:
            return
        name = label(words[row])
        if not _within(view.box, lon[row], lat[row]) or name in written:
            continue
        if names.put((lon[row], lat[row]), name, size=size, away=2.5, sides=SIDES, color="#55606e"):
            names.axes.plot(lon[row], lat[row], marker="o", markersize=1.6, color="#55606e", zorder=4.5)
            shown += 1


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


def _within(box: Box, lon: float, lat: float) -> bool:
    return box[0] <= lon <= box[2] and box[1] <= lat <= box[3]


def _corner(axes: Axes, share: float = 0.35) -> Bbox:
    """Where the scale bar stands, in dots."""
    axes.apply_aspect()
    frame = axes.get_window_extent()
    high = 0.055 * frame.height + DOTS_OF_A_LINE
    return Bbox.from_extents(frame.x0, frame.y0, frame.x0 + share * frame.width, frame.y0 + high)
