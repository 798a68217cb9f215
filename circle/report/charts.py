"""The charts of a report: who is covered, by service and by district, the straight line beside the network."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any
from unicodedata import east_asian_width

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from circle.export.words import ALL_SERVICES, limit_words, service_name, share_words
from circle.lazily import pd
from circle.messages import text
from circle.model import Analysis
from circle.report.drawing import Drawing
from circle.report.plain_text import label

WIDTH_MM = 174.0
SHADES = ("#08306b", "#2f7fbc", "#9ecae1", "#deebf7")
"""Within the shortest limit, the next ...; light and dark differ on paper without colours too."""
STRAIGHT = "#c2410c"
NETWORK = "#1f6fb2"
ROWS_MM = 36.0
"""Height of all rows of the chart of services, as long as they are not too many."""
COLUMNS = 5
"""Services side by side in the chart of districts."""
NAME_COLUMNS, LETTER_MM = 30, 1.42
"""Letters of a district's name in the chart, and how wide one is."""
STRIP = 8
"""Districts in one strip of a chart on paper: a taller one would leave too much of a page empty."""
DISTRICTS = 30
"""Districts in the chart; where there are more, those with most people not covered."""


def services_chart(analysis: Analysis, lang: str) -> Drawing:
    """A bar per service: shares within each limit along the network, and a mark where the straight line would be."""
    question, rows = analysis.settings, analysis.summary
    if len(analysis.reach) == 1:  # all services are that one
        rows = rows[rows["service"] != ALL_SERVICES]
    count, foot_mm = len(rows), 5.0
    row_mm = max(4.6, min(7.5, ROWS_MM / count))
    head_mm = 7.0 + 4.5 * math.ceil((len(question.limits) + 1) / COLUMNS)
    height = head_mm + foot_mm + row_mm * count
    drawing = Drawing(WIDTH_MM, height)
    axes = drawing.add_axes((0.19, foot_mm / height, 0.64, row_mm * count / height))
    shades = _shades(len(question.limits))
    for number, (_, row) in enumerate(rows.iterrows()):
        before = 0.0
        for limit, shade in zip(question.limits, shades, strict=True):
            share = float(row[f"share_{limit.label}"])
            share = 0.0 if math.isnan(share) else share
            axes.barh(number, share - before, left=before, height=0.56, color=shade)
            before = share
        straight = float(row[f"straight_share_{question.main.label}"])
        if not math.isnan(straight):
            axes.plot([straight, straight], [number - 0.4, number + 0.4], color=STRAIGHT, linewidth=2.2, zorder=3)
        network = share_words(float(row[f"share_{question.main.label}"]), lang)
        _numbers(axes, number, network, share_words(straight, lang))
    _numbers(axes, -0.8, text("report.column_network", lang), text("report.column_line", lang))
    _rows(axes, [label(service_name(str(name), lang), 22) for name in rows["service"]])
    _percent_axis(axes)
    handles: list[Any] = [
        Patch(color=shade, label=text("report.legend_within", lang, limit=limit_words(limit, question, lang)))
        for limit, shade in zip(question.limits, shades, strict=True)
    ]
    handles.append(_straight_mark(analysis, lang))
    across = min(len(handles), COLUMNS)
    drawing.legend(handles=handles, loc="upper left", ncols=across, frameon=False, fontsize=7, handlelength=1.4)
    return drawing


def districts_charts(analysis: Analysis, lang: str, *, strips: bool = False) -> list[Drawing]:
    """Charts of all districts at the main limit: a dot by the network, a tick by the straight line, per service.

    Five services side by side at most, of equal width in all charts; none without districts.

    Parameters
    ----------
    analysis
        The whole answer.
    lang
        ``"en"`` or ``"zh"``.
    strips
        Eight districts at most in each, to be set below each other on pages.
    """
    if analysis.region.districts is None:
        return []
    rows = district_rows(analysis)
    services = [ALL_SERVICES, *analysis.reach] if len(analysis.reach) > 1 else list(analysis.reach)
    order = charted_districts(rows, services[0])
    if not order:
        return []
    across = math.ceil(len(services) / math.ceil(len(services) / COLUMNS))
    groups = [services[begin : begin + across] for begin in range(0, len(services), across)]
    count = math.ceil(len(order) / STRIP) if strips else 1
    parts = [part.tolist() for part in np.array_split(np.array(order, dtype=object), count)]
    return [
        _districts_chart(analysis, rows, (group, part), lang, across=across, legend=part is parts[0])
        for group in groups
        for part in parts
    ]


def district_rows(analysis: Analysis) -> pd.DataFrame:
    """Everybody in each district at the main limit."""
    frame = analysis.indicators
    main = analysis.settings.main.label
    return frame[(frame["scope"] == "district") & (frame["group"] == "all") & (frame["limit"] == main)]


def charted_districts(rows: pd.DataFrame, service: str) -> list[str]:
    """Ids of the districts in the chart: those with most people not covered, then put in order of their share."""
    mine = rows[(rows["service"] == service) & (rows["people"] > 0)]
    chosen = mine.sort_values("uncovered", ascending=False, kind="stable").head(DISTRICTS)
    return [str(name) for name in chosen.sort_values("share", kind="stable")["district_id"]]


def _districts_chart(
    analysis: Analysis, rows: pd.DataFrame, shown: tuple[list[str], list[str]], lang: str, *, across: int, legend: bool
) -> Drawing:
    """Services and districts that are `shown`, in panels so wide that `across` fit; the legend over the first strip."""
    services, order = shown
    count, head_mm, foot_mm, row_mm = len(order), 11.5 if legend else 6.0, 5.5, 4.3
    height = head_mm + foot_mm + row_mm * count
    drawing = Drawing(WIDTH_MM, height)
    names = dict(zip(rows["district_id"].astype(str), rows["district_name"], strict=True))
    named = {district: label(names[district], NAME_COLUMNS) or district for district in order}
    left, gap = _room_for(named.values()) / WIDTH_MM, 0.03
    wide = (0.985 - left - gap * (COLUMNS - 1)) / max(across, 2)
    for number, service in enumerate(services):
        place = (left + number * (wide + gap), foot_mm / height, wide, row_mm * count / height)
        axes = drawing.add_axes(place)
        mine = rows[rows["service"] == service].set_index(rows["district_id"][rows["service"] == service].astype(str))
        share = mine["share"].reindex(order).to_numpy(float)
        straight = mine["straight_share"].reindex(order).to_numpy(float)
        at = np.arange(count)
        axes.hlines(at, share, straight, color="#c7cdd4", linewidth=1.6, zorder=1)
        mark: dict[str, Any] = {"linestyle": "none", "clip_on": False}
        axes.plot(straight, at, marker="|", markersize=7, markeredgewidth=1.8, color=STRAIGHT, zorder=2, **mark)
        axes.plot(share, at, marker="o", markersize=4.5, color=NETWORK, zorder=3, **mark)
        axes.patch.set_visible(False)  # a dot at an end of one panel reaches into the next
        _rows(axes, list(named.values()) if number == 0 else [])
        axes.set_ylim(count - 0.5, -0.5)
        _percent_axis(axes, ticks=(0, 0.5, 1))
        if number:  # 0 % of one panel would run into 100 % of the one before
            axes.get_xticklabels()[0].set_visible(False)
        weight = "bold" if service == ALL_SERVICES else "normal"
        axes.set_title(label(service_name(service, lang), 18), fontsize=7.5, pad=3, weight=weight)
    if not legend:
        return drawing
    network = text("report.legend_network", lang, limit=limit_words(analysis.settings.main, analysis.settings, lang))
    handles = [Line2D([], [], linestyle="none", marker="o", markersize=4.5, color=NETWORK, label=network)]
    handles.append(_straight_mark(analysis, lang))
    drawing.legend(handles=handles, loc="upper left", ncols=2, frameon=False, fontsize=7, handlelength=1.4)
    return drawing


def _room_for(names: Iterable[str]) -> float:
    """Millimetres that the longest of these names takes, Chinese signs twice a letter."""
    longest = max(sum(2 if east_asian_width(sign) in "WF" else 1 for sign in name) for name in names)
    return 4.0 + LETTER_MM * max(longest, 12)


def _straight_mark(analysis: Analysis, lang: str) -> Line2D:
    words = text("report.legend_straight", lang, limit=limit_words(analysis.settings.main, analysis.settings, lang))
    return Line2D([], [], linestyle="none", marker="|", markersize=8, markeredgewidth=2.2, color=STRAIGHT, label=words)


def _shades(count: int) -> list[str]:
    """A shade for each limit, dark to light."""
    if count <= len(SHADES):
        return list(SHADES[:count])
    ramp = LinearSegmentedColormap.from_list("shades", SHADES)
    return [to_hex(ramp(i / (count - 1))) for i in range(count)]


def _rows(axes: Axes, words: list[str]) -> None:
    """Names on the left instead of ticks."""
    axes.set_yticks([])
    for number, name in enumerate(words):
        axes.annotate(
            name, (0, number), xycoords=("axes fraction", "data"), xytext=(-4, 0), textcoords="offset points",
            ha="right", va="center", fontsize=7.5,
        )  # fmt: skip
    if words:
        axes.set_ylim(len(words) - 0.5, -0.5)


def _numbers(axes: Axes, row: float, network: str, straight: str) -> None:
    """Both shares in columns at the right."""
    for right, words, colour in ((1.11, network, SHADES[1]), (1.25, straight, STRAIGHT)):
        axes.text(
            right, row, words, transform=axes.get_yaxis_transform(), ha="right", va="center", fontsize=7.5,
            color=colour, weight="bold",
        )  # fmt: skip


def _percent_axis(axes: Axes, ticks: tuple[float, ...] = (0, 0.25, 0.5, 0.75, 1)) -> None:
    axes.set_xlim(-0.015, 1.015)
    axes.set_xticks(ticks, [f"{tick:.0%}" for tick in ticks], fontsize=6.5)
    ends = axes.get_xticklabels()
    ends[0].set_horizontalalignment("left")
    ends[-1].set_horizontalalignment("right")
    axes.tick_params(axis="x", length=0, pad=2, colors="#55606e")
    axes.grid(axis="x", color="#e4e7eb", linewidth=0.6)
    axes.set_axisbelow(True)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "left")
        spine.set_color("#c9c9c9")
