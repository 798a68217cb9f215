"""Names on the maps of a report: of gaps, districts, towns and villages, each where its place is."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from circle.model import Analysis
from circle.reference import table
from circle.report.gaps import Gap
from circle.report.labels import CENTRED, SIDES, Labels
from circle.report.paths import Box, Window
from circle.report.plain_text import label, plain

_GAP_INK, _DISTRICT_INK, _PLACE_INK = "#8f1d12", "#3d4652", "#55606e"


def gap_names(names: Labels, view: Window, gaps: list[Gap], analysis: Analysis) -> None:
    """What gaps are called after, where that is: villages at their own point, not at the site; districts later."""
    settlements = analysis.region.settlements
    if settlements is None or settlements.frame.empty:
        return
    frame = settlements.frame
    lon, lat = frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()
    words = np.array([plain(name) for name in frame["name"].fillna("")], dtype=object)
    named: set[int] = set()
    for gap in gaps:
        mine = np.flatnonzero((words == plain(gap.row["name"])) & (words != ""))
        if not len(mine):
            continue
        away = np.hypot(lon[mine] - gap.site[0], (lat[mine] - gap.site[1]) * view.stretch)
        row = int(mine[np.argmin(away)])
        if row not in named and within(view.box, lon[row], lat[row]):  # a town with three gaps is named once
            for away in (3.0, 7.5):  # beside the village, else beside the disc that stands on it
                place = (lon[row], lat[row])
                if _with_point(names, place, label(words[row]), size=7, away=away, color=_GAP_INK, weight="bold"):
                    break
        named.add(row)


def district_names(names: Labels, view: Window, analysis: Analysis) -> None:
    """Districts, the largest first, within what is seen of them."""
    districts = analysis.region.districts
    if districts is None:
        return
    seen = shapely.clip_by_rect(districts.frame.geometry.to_numpy(), *view.box)
    written = {note.get_text() for note in names.axes.texts}
    for row in np.argsort(-shapely.area(seen), kind="stable").tolist():
        place = shapely.point_on_surface(seen[row])
        if not shapely.is_empty(place):
            words = label(districts.frame["district_name"].iloc[row])
            if words in written:  # as a village that a gap is called after
                continue
            names.put((place.x, place.y), words, size=8, away=5, sides=CENTRED, color=_DISTRICT_INK, weight="bold")


def place_names(names: Labels, view: Window, analysis: Analysis, *, size: float, most: int) -> None:
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
        if not within(view.box, lon[row], lat[row]) or name in written:
            continue
        shown += _with_point(names, (lon[row], lat[row]), name, size=size, away=2.5, color=_PLACE_INK)


def _with_point(names: Labels, place: tuple[float, float], words: str, *, color: str, **look: Any) -> bool:
    """A name beside its place, and a point there."""
    if not names.put(place, words, sides=SIDES, color=color, **look):
        return False
    names.axes.plot(*place, marker="o", markersize=1.6, color=color, zorder=4.5)
    return True


def within(box: Box, lon: float, lat: float) -> bool:
    """Whether a place lies in a box."""
    return box[0] <= lon <= box[2] and box[1] <= lat <= box[3]
