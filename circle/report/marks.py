"""What maps of a report show on the ground: facilities, zones of people not served, borders; and the legend of it."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import shapely
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch

from circle.export.words import service_colour, service_name
from circle.messages import text
from circle.model import Analysis, Geometries
from circle.report.ground import BORDER, RAILWAY, RANKS, WATER
from circle.report.paths import Window, shapes_path, touching
from circle.report.plain_text import label
from circle.report.sites import GAP

MARKS = ("o", "s", "^", "D", "v", "P", "X", "p", "h", "<")
"""Services differ by shape too, for those who do not see colours, and for paper without."""
ZONES, SITES, ENLARGED, BORDERS = "zones", "sites", "enlarged", "borders"
"""Names of what a map may show, beside those of its ground."""


def asked(analysis: Analysis) -> list[str]:
    """The services, all together aside."""
    return [str(name) for name in analysis.summary["service"] if name in analysis.reach]


def lacking(analysis: Analysis, service: str) -> Geometries:
    """Where people live who lack a service."""
    frame = analysis.gaps
    shapes: Geometries = frame.geometry.to_numpy()[(frame["service"] == service).to_numpy(bool)]
    return shapes


def draw_zones(axes: Axes, view: Window, analysis: Analysis, service: str) -> bool:
    """Shade where people live who lack a service; whether there is anything to be seen."""
    path = shapes_path(lacking(analysis, service), view)
    if path is not None:
        axes.add_artist(PathPatch(path, facecolor=GAP, edgecolor="none", alpha=0.2, zorder=3))
    return path is not None


def draw_facilities(axes: Axes, view: Window, analysis: Analysis, service: str, *, size: float | None = None) -> bool:
    """Marks of a service's facilities, smaller where there are many; whether any are seen."""
    services = [str(name) for name in analysis.summary["service"]]
    number = services.index(service)
    found = analysis.region.facilities.table
    mine = found[found["service"] == service]
    lon, lat = mine["lon"].to_numpy(float), mine["lat"].to_numpy(float)
    seen = (lon >= view.box[0]) & (lon <= view.box[2]) & (lat >= view.box[1]) & (lat <= view.box[3])
    count = int(seen.sum())
    if size is None:
        size = 20.0 if count <= 60 else 12.0 if count <= 250 else 6.0 if count <= 1000 else 3.0
    axes.scatter(
        lon[seen], lat[seen], s=size, marker=MARKS[number % len(MARKS)], color=service_colour(service, number),
        edgecolors="white", linewidths=0.4, zorder=5,
    )  # fmt: skip
    return count > 0


def draw_borders(axes: Axes, view: Window, analysis: Analysis) -> bool:
    """Borders of districts; whether any are seen."""
    if analysis.region.districts is None:
        return False
    shapes = analysis.region.districts.frame.geometry.to_numpy()
    path = shapes_path(shapes, view)
    if path is None:
        return False
    axes.add_artist(PathPatch(path, fill=False, edgecolor=BORDER, linewidth=0.8, zorder=2.6))
    return bool(shapely.intersects(shapely.boundary(shapes[touching(shapes, view.box)]), shapely.box(*view.box)).any())


def legend_entries(analysis: Analysis, drawn: Set[str], lang: str) -> list[Any]:
    """What a map shows, as little pictures with words; nothing that it does not show.

    Parameters
    ----------
    analysis
        The whole answer.
    drawn
        Names of services, of what lies on the ground, and of this module.
    lang
        ``"en"`` or ``"zh"``.
    """
    entries: list[Any] = [
        Line2D([], [], linestyle="none", marker=MARKS[number % len(MARKS)], markersize=5,
               color=service_colour(service, number), markeredgecolor="white", label=label(service_name(service, lang)))
        for number, service in enumerate(asked(analysis)) if service in drawn
    ]  # fmt: skip
    looks: dict[str, Any] = {
        ZONES: Patch(facecolor=GAP, alpha=0.4, label=text("report.legend_zone", lang)),
        SITES: Line2D([], [], linestyle="none", marker="o", markersize=6, color=GAP,
                      label=text("report.legend_site", lang)),
        ENLARGED: Patch(facecolor="none", edgecolor=GAP, linewidth=0.9, label=text("report.legend_enlarged", lang)),
    }  # fmt: skip
    for (width, colour), name in zip(RANKS, ("major", "middle", "minor"), strict=True):
        looks[name] = Line2D([], [], linewidth=width, color=colour, label=text(f"report.legend_{name}", lang))
    colour, width, dashes = RAILWAY
    looks["railway"] = Line2D([], [], linewidth=width, color=colour, linestyle=dashes,
                              label=text("report.legend_railway", lang))  # fmt: skip
    looks["water"] = Patch(facecolor=WATER, label=text("report.legend_water", lang))
    looks[BORDERS] = Line2D([], [], color=BORDER, linewidth=0.8, label=text("map.legend_border", lang))
    return [*entries, *(look for name, look in looks.items() if name in drawn)]
