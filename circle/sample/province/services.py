"""What a county offers: schools and clinics in three tiers, and bus stops along its larger roads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import shapely

from circle.model import Floats, Ints
from circle.sample.frame import Random, nearest_of, thinned
from circle.sample.places import Tier
from circle.sample.province.grid import Grid
from circle.sample.province.ground import degrees
from circle.sample.province.plan import CountyPlan
from circle.sample.province.settle import Places
from circle.sample.services import VILLAGES_WITH_CLINIC, VILLAGES_WITH_SCHOOL
from circle.sample.streets import TERTIARY, Streets

SERVICE_OF = {
    "小学": "primary_school",
    "中心小学": "primary_school",
    "教学点": "primary_school",
    "初级中学": "middle_school",
    "县医院": "clinic",
    "社区卫生服务站": "clinic",
    "乡镇卫生院": "clinic",
    "村卫生室": "clinic",
}
"""Kinds in the list of facilities; bus stops are in the extract."""


@dataclass(eq=False)
class Sites:
    """Places that offer something, in degrees. Capacities are seats or beds; 0 where the kind has none."""

    name: list[str] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    lon: list[float] = field(default_factory=list)
    lat: list[float] = field(default_factory=list)
    capacity: list[int] = field(default_factory=list)

    def add(self, name: str, kind: str, at: tuple[float, float], capacity: int) -> None:
        """One more."""
        self.name.append(name)
        self.kind.append(kind)
        self.lon.append(at[0])
        self.lat.append(at[1])
        self.capacity.append(capacity)


class _Plots:
    """Building plots beside the lanes of a settlement, none beyond the county's border."""

    def __init__(self, rng: Random, county: CountyPlan, grid: Grid, streets: Streets) -> None:
        lane = ~streets.road
        ends = np.concatenate([streets.u[lane], streets.v[lane]])
        points, first = np.unique(ends, return_index=True)
        owner = np.concatenate([streets.owner[lane], streets.owner[lane]])[first]
        order = np.argsort(owner, kind="stable")
        self._rng, self._county, self._grid = rng, county, grid
        self._points, self._owner = points[order], owner[order]

    def of(self, place: int) -> Ints:
        """Crossings of the settlement's lanes."""
        low, high = np.searchsorted(self._owner, [place, place + 1])
        return self._points[low:high]

    def spread(self, place: int, count: int) -> Ints:
        """Up to so many crossings, none next to another."""
        points = self._rng.permutation(self.of(place))
        apart = thinned(points, self._grid.x[points], self._grid.y[points], 260.0)
        return apart[:count]

    def beside(self, point: int) -> tuple[float, float]:
        """Degrees of a plot set back from a crossing."""
        bearing, back_m = self._rng.uniform(0.0, 2.0 * np.pi), self._rng.uniform(14.0, 30.0)
        x = self._grid.x[[point]] + back_m * np.cos(bearing)
        y = self._grid.y[[point]] + back_m * np.sin(bearing)
        lon, lat = degrees(x, y)
        if not shapely.contains_xy(self._county.polygon, lon, lat)[0]:
            lon, lat = self._grid.lon[[point]], self._grid.lat[[point]]
        return float(lon[0]), float(lat[0])


def make_sites(rng: Random, county: CountyPlan, grid: Grid, places: Places, streets: Streets) -> Sites:
    """The county's rows of the list of facilities."""
    plots, sites = _Plots(rng, county, grid, streets), Sites()

    def add(name: str, kind: str, point: int, capacity: int | np.int64) -> None:
        if SERVICE_OF[kind] not in county.lacks:
            sites.add(f"{county.name}{name}", kind, plots.beside(point), int(capacity))

    _of_the_seat(rng, float(places.people[0]), plots, add)
    for town in places.of(Tier.TOWN).tolist():
        name, points = places.name[town], rng.permutation(np.append(plots.of(town), places.point[town]))
        add(f"{name}中心小学", "中心小学", points[0], 45 * rng.integers(6, 19))
        add(f"{name}初级中学", "初级中学", points[len(points) // 2], 45 * rng.integers(6, 13))
        add(f"{name}卫生院", "乡镇卫生院", points[-1], 10 * rng.integers(2, 8))
    for share, kind, spacing_m in (
        (VILLAGES_WITH_SCHOOL, "教学点", 2_200.0),
        (VILLAGES_WITH_CLINIC, "村卫生室", 1_100.0),
    ):
        for village in _largest(grid, places, share, spacing_m):
            points = plots.of(village)
            point = points[rng.integers(len(points))] if len(points) else places.point[village]
            label = kind.removeprefix("村")
            add(f"{places.name[village]}{label}", kind, point, 10 * rng.integers(2, 7) if kind == "教学点" else 0)
    return sites


def _of_the_seat(rng: Random, people: float, plots: _Plots, add: Callable[..., None]) -> None:
    for kind, people_each in (("小学", 9_000.0), ("初级中学", 20_000.0)):
        for number, point in enumerate(plots.spread(0, max(2, round(people / people_each))).tolist(), start=1):
            add(f"第{number}{kind}", kind, point, 45 * rng.integers(18, 37))
    for number, point in enumerate(plots.spread(0, 2 + round(people / 16_000.0)).tolist()):
        if number == 0:
            add("人民医院", "县医院", point, 420)
        else:
            add(f"第{number}社区卫生服务站", "社区卫生服务站", point, 0)


def _largest(grid: Grid, places: Places, share: float, spacing_m: float) -> list[int]:
    """The largest villages of which no two lie near each other, up to a share of all."""
    villages = places.of(Tier.VILLAGE)
    villages = villages[villages != places.island]
    order = villages[np.argsort(-places.people[villages], kind="stable")]
    points = places.point[order]
    taken = thinned(order, grid.x[points], grid.y[points], spacing_m)
    chosen: list[int] = taken[: int(share * len(villages))].tolist()
    return chosen


def make_stops(
    rng: Random, county: CountyPlan, grid: Grid, places: Places, streets: Streets
) -> tuple[Floats, Floats, list[str]]:
    """Longitudes, latitudes and names of bus stops; named after the nearest settlement."""
    if "bus_stop" in county.lacks:
        return np.zeros(0), np.zeros(0), []
    avenue = (streets.owner == 0) & (streets.street // 2 % 8 == 0)
    served = (streets.rank <= TERTIARY) | avenue
    points = np.unique(np.concatenate([streets.u[served], streets.v[served]]))
    settled = np.flatnonzero(places.tier != Tier.EXIT)
    at = np.column_stack([grid.x, grid.y])
    near_m, nearest = nearest_of(at[places.point[settled]], at[points])
    order = rng.permutation(points)
    # most stand where people live, and every other one between
    order = order[np.argsort(near_m[np.searchsorted(points, order)] > 900.0, kind="stable")]
    stops = thinned(order, grid.x[order], grid.y[order], 520.0)[: max(4, len(points) // 8)]
    seen = dict[str, int]()
    names = []
    for place in settled[nearest[np.searchsorted(points, stops)]].tolist():
        name = places.name[place]
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}{seen[name]}站")
    return grid.lon[stops], grid.lat[stops], names
