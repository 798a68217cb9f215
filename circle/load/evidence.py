"""Which coordinate system the places of a list are in, told by what surely stands where it says.

Chinese lists rarely say whether their degrees are WGS84, GCJ-02 (Amap) or BD-09 (Baidu), which lie some 500 m apart.
Three witnesses are heard, each by itself: how near the places come to roads, to things of the same name, and whether
they fall in the district that the list itself says. A witness that cannot tell the systems apart is silent. The system
is known when at least one speaks and none contradicts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely

from circle.lazily import gpd, pd
from circle.load.columns import plain_text
from circle.load.datums import WGS84, to_wgs84
from circle.load.local import metres_per_degree
from circle.load.shifted import in_china
from circle.messages import text
from circle.model import Bools, Floats, Geometries, Ints

SYSTEMS = (WGS84, "gcj02", "bd09")

SAMPLE = 400
"""Places asked about the roads, evenly from the list."""
LEAST_PLACES, LEAST_NAMES = 20, 4
MARGIN = 1.5
"""The distances under the next best system must be so many times those under the best."""
SAME_SITE_M = 200.0
"""Things of one name farther apart than this are not one."""
AGREED = 0.8
"""Share of the names that must each be nearer under the best system."""
SURE_Z = 4.0
"""Standard deviations by which the places that tell two systems apart must favour one."""
ELSEWHERE_M = (450.0, 650.0, 900.0)
DIRECTIONS = 12


@dataclass(frozen=True, eq=False)
class Anchors:
    """What surely stands where it says.

    Parameters
    ----------
    roads
        Lines, WGS84; empty: unknown.
    names
        Points or areas, WGS84, with a column ``name``; None: unknown.
    districts
        Areas, WGS84, with ``district_id`` and ``district_name``; None: unknown.
    doubtful_roads
        Lines that only say themselves where they stand: they tell no system, but what is apart from them is doubtful.
    """

    roads: Geometries
    names: gpd.GeoDataFrame | None = None
    districts: gpd.GeoDataFrame | None = None
    doubtful_roads: Geometries = field(default_factory=lambda: np.empty(0, dtype=object))

    @cached_property
    def road_index(self) -> tuple[shapely.STRtree, Floats]:
        """The roads in metres, and how many metres a degree has there; made once for all lists."""
        scale = _metres_per_degree(shapely.get_coordinates(self.roads)[:, 1])
        return shapely.STRtree(shapely.transform(self.roads, lambda xy: xy * scale)), scale


@dataclass(frozen=True)
class Evidence:
    """What one witness says.

    Parameters
    ----------
    witness
        ``"roads"``, ``"names"`` or ``"districts"``.
    places
        How many places it could be asked about.
    figures
        Of each system: median metres to the road or to the thing of the same name, or the percentage of places in
        their own district.
    system
        The one it speaks for; None: it cannot tell.
    """

    witness: str
    places: int
    figures: Mapping[str, float]
    system: str | None

    def in_language(self, lang: str) -> str:
        """One line."""
        figures = text("words.list_joint", lang).join(
            text(f"evidence.{self.witness}_figure", lang, system=system, value=f"{value:.0f}")
            for system, value in self.figures.items()
        )
        verdict = text("evidence.silent", lang) if self.system is None else self.system
        return text(f"evidence.{self.witness}", lang, places=self.places, figures=figures, verdict=verdict)


@dataclass(frozen=True)
class Verdict:
    """All that was heard, and the system that follows; None: it cannot be told."""

    system: str | None
    evidence: tuple[Evidence, ...]

    def in_language(self, lang: str) -> str:
        """The evidence, witness by witness."""
        return text("evidence.joint", lang).join(one.in_language(lang) for one in self.evidence) or "-"


def told_system(lon: Floats, lat: Floats, table: pd.DataFrame, anchors: Anchors) -> Verdict:
    """The system of written degrees.

    Parameters
    ----------
    lon, lat
        (n,) as written, finite.
    table
        The n rows: names under ``name``, districts under any column.
    anchors
        What they are compared with.
    """
    if not in_china(lon, lat).any():
        return Verdict(WGS84, ())
    read = {system: np.column_stack(to_wgs84(lon, lat, system)) for system in SYSTEMS}
    return verdict_on(read, table, anchors)


def verdict_on(read: Mapping[str, Floats], table: pd.DataFrame, anchors: Anchors) -> Verdict:
    """The system that the witnesses speak for.

    Parameters
    ----------
    read
        (n, 2) the places in WGS84 degrees, as each of the systems in question puts them.
    table, anchors
        As in `told_system`.
    """
    heard = (
        _roads(read, anchors),
        _names(read, table, anchors.names),
        _districts(read, table, anchors.districts),
    )
    evidence = tuple(one for one in heard if one is not None)
    spoken = {one.system for one in evidence} - {None}
    return Verdict(spoken.pop() if len(spoken) == 1 else None, evidence)


def _roads(read: Mapping[str, Floats], anchors: Anchors) -> Evidence | None:
    """Places stand by roads. In a dense net so does every spot, so the best must also beat spots all around it."""
    if not len(anchors.roads):
        return None
    step = max(1, len(next(iter(read.values()))) // SAMPLE)
    tree, scale = anchors.road_index

    def median_m(points: Floats) -> float:
        _, metres = tree.query_nearest(shapely.points(points), return_distance=True, all_matches=False)
        return float(np.median(metres))

    metres = {system: points[::step] * scale for system, points in read.items()}
    figures = {system: median_m(points) for system, points in metres.items()}
    best, others = _best(figures)
    turn = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    count = len(metres[best])
    clear = count >= LEAST_PLACES and min(others, default=np.inf) >= MARGIN * figures[best]
    if clear:
        steps = (radius * np.array([np.cos(angle), np.sin(angle)]) for radius in ELSEWHERE_M for angle in turn)
        clear = all(median_m(metres[best] + step) >= MARGIN * figures[best] for step in steps)
    return Evidence("roads", count, figures, best if clear else None)


def _names(read: Mapping[str, Floats], table: pd.DataFrame, named: gpd.GeoDataFrame | None) -> Evidence | None:
    """The same name, once in either layer, is the same thing."""
    if named is None or "name" not in table.columns:
        return None
    here, there = _unique_names(table["name"]), _unique_names(named["name"])
    shared = here.index.intersection(there.index)
    if not len(shared):
        return None
    centre = shapely.get_coordinates(shapely.centroid(np.asarray(named.geometry.array)[there[shared]]))
    scale = _metres_per_degree(centre[:, 1])
    metres = {system: np.hypot(*((points[here[shared]] - centre) * scale).T) for system, points in read.items()}
    near = np.min(list(metres.values()), axis=0) <= SAME_SITE_M
    if not near.any():
        return None
    metres = {system: values[near] for system, values in metres.items()}
    figures = {system: float(np.median(values)) for system, values in metres.items()}
    best, others = _best(figures)
    agreed = min((np.mean(metres[best] < metres[other]) for other in figures if other != best), default=1.0)
    clear_by = min(others, default=np.inf) >= MARGIN * figures[best]
    clear = int(near.sum()) >= LEAST_NAMES and agreed >= AGREED and clear_by
    return Evidence("names", int(near.sum()), figures, best if clear else None)


def _districts(read: Mapping[str, Floats], table: pd.DataFrame, districts: gpd.GeoDataFrame | None) -> Evidence | None:
    """A list that names districts has its places in them; only those near a border tell the systems apart."""
    said = None if districts is None else _stated_district(table, districts)
    if districts is None or said is None:
        return None
    row = np.flatnonzero(said >= 0)
    areas = np.asarray(districts.geometry.array)[said[row]]
    inside = {system: shapely.intersects_xy(areas, *points[row].T) for system, points in read.items()}
    figures = {system: float(100.0 * right.mean()) for system, right in inside.items()}
    best = max(figures, key=figures.__getitem__)
    clear = all(_is_surely_better(inside[best], inside[other]) for other in figures if other != best)
    return Evidence("districts", len(row), figures, best if clear else None)


def _is_surely_better(one: Bools, other: Bools) -> bool:
    """By the sign test on the places that tell the two apart."""
    for_one, for_other = int(np.sum(one & ~other)), int(np.sum(other & ~one))
    return for_one - for_other >= SURE_Z * np.sqrt(for_one + for_other) and for_one > for_other


def _stated_district(table: pd.DataFrame, districts: gpd.GeoDataFrame) -> Ints | None:
    """(n,) the district's row that most cells of some column say, -1 none; None: no column says it."""
    for key in ("district_id", "district_name"):
        row_of = {str(value).strip(): row for row, value in enumerate(districts[key]) if pd.notna(value)}
        for column in table.columns.drop("geometry", errors="ignore"):
            cells = table[column].astype("string").str.strip()
            said: Ints = np.array([row_of.get(cell, -1) for cell in cells.fillna("")], dtype=np.int64)
            if len(said) and np.mean(said >= 0) > 0.5:
                return said
    return None


def _metres_per_degree(lat: Floats) -> Floats:
    """Metres per degree east and north, at the middle of places."""
    return np.concatenate(metres_per_degree(np.median(lat, keepdims=True)))


def _best(figures: Mapping[str, float]) -> tuple[str, list[float]]:
    best = min(figures, key=figures.__getitem__)
    return best, [value for system, value in figures.items() if system != best]


def _unique_names(names: pd.Series) -> pd.Series:
    """Row numbers by plain name, of names that occur once."""
    plain = names.astype("string").map(plain_text, na_action="ignore")
    rows = pd.Series(np.arange(len(plain)), index=plain.to_numpy(dtype=object))
    return rows[rows.index.notna() & (rows.index != "") & ~rows.index.duplicated(keep=False)]
