"""Schools, clinics and bus stops in three tiers: county seat, township, village."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from circle.model import Bools, Floats, Ints
from circle.sample.frame import Random, nearest_of, thinned
from circle.sample.places import Access, Places, Tier
from circle.sample.streets import BRIDGE, TERTIARY, Streets
from circle.sample.terrain import Land

VILLAGES_WITH_SCHOOL, VILLAGES_WITH_CLINIC = 0.11, 0.20
"""Shares of the villages that have one."""


@dataclass(frozen=True, eq=False)
class Sites:
    """Places that offer one kind of service. k sites.

    Parameters
    ----------
    name, kind
        (k,) Chinese names and kinds.
    x, y
        (k,) metres.
    capacity
        (k,) seats or beds; 0 where the kind has none.
    """

    name: tuple[str, ...]
    kind: tuple[str, ...]
    x: Floats
    y: Floats
    capacity: Ints


class _List:
    """Sites being gathered."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, float, float, int]] = []

    def add(self, name: str, kind: str, at: tuple[float, float], capacity: int | np.int64) -> None:
        self.rows.append((name, kind, at[0], at[1], int(capacity)))

    def sites(self) -> Sites:
        name, kind, x, y, capacity = zip(*self.rows, strict=True)
        return Sites(name, kind, np.array(x), np.array(y), np.array(capacity, dtype=np.int64))


class _Grounds:
    """Building plots: a crossing of the settlement's lanes, set back from the road."""

    def __init__(self, rng: Random, land: Land, streets: Streets) -> None:
        lane = ~streets.road
        vertices, first = np.unique(np.concatenate([streets.u[lane], streets.v[lane]]), return_index=True)
        owner = np.concatenate([streets.owner[lane], streets.owner[lane]])[first]
        order = np.argsort(owner, kind="stable")
        self._rng, self._land, self._streets = rng, land, streets
        self._vertices, self._owner = vertices[order], owner[order]

    def plot(self, place: int, middle: tuple[float, float] | None = None) -> tuple[float, float]:
        """A plot in the place, near its middle or at random."""
        low, high = np.searchsorted(self._owner, [place, place + 1])
        vertices = self._vertices[low:high]
        if middle is None:
            vertex = vertices[self._rng.integers(len(vertices))]
        else:
            away = np.hypot(self._streets.x[vertices] - middle[0], self._streets.y[vertices] - middle[1])
            vertex = vertices[int(np.argmin(away))]
        angle, back_m = self._rng.uniform(0.0, 2.0 * np.pi), self._rng.uniform(14.0, 30.0)
        x, y = float(self._streets.x[vertex]), float(self._streets.y[vertex])
        return x + back_m * float(np.cos(angle)), y + back_m * float(np.sin(angle))

    def spread(self, place: int, count: int) -> list[tuple[float, float]]:
        """`count` plots in the place, each as far as possible from the others."""
        low, high = np.searchsorted(self._owner, [place, place + 1])
        vertices = self._vertices[low:high]
        x, y = self._streets.x[vertices], self._streets.y[vertices]
        chosen = [int(np.argmin(np.hypot(x - x.mean(), y - y.mean())))]
        far = np.full(len(vertices), np.inf)
        for _ in range(count):
            far = np.minimum(far, np.hypot(x - x[chosen[-1]], y - y[chosen[-1]]))
            # not the outermost corner: the distance counts less than lying within
            chosen.append(int(np.argmax(far - 0.45 * np.hypot(x - x.mean(), y - y.mean()))))
        return [self.plot(place, (float(x[i]), float(y[i]))) for i in chosen[:count]]


def _spread_villages(places: Places, share: float, spacing_m: float) -> list[int]:
    """The largest villages reached by road, of which no two lie near each other, up to a share of all."""
    villages = np.flatnonzero((places.tier == Tier.VILLAGE) & (places.access == Access.ROAD))
    order = villages[np.argsort(-places.people[villages], kind="stable")]
    taken = thinned(order, places.x[order], places.y[order], spacing_m)
    chosen: list[int] = taken[: int(share * len(villages))].tolist()
    return chosen


def make_schools(rng: Random, land: Land, places: Places, streets: Streets, words: dict[str, Any]) -> Sites:
    """Primary and middle schools of the seat, central schools of the townships, teaching points of the villages."""
    grounds, rows = _Grounds(rng, land, streets), _List()
    seat_people = float(places.people[0])
    for kind, names, people_each in (
        ("小学", words["primary_schools"], 9_000.0),
        ("初级中学", words["middle_schools"], 20_000.0),
    ):
        count = max(2, round(seat_people / people_each))
        for number, at in enumerate(grounds.spread(0, count)):
            name = names[number] if number < len(names) else f"第{number + 1}{kind}"
            rows.add(f"青溪县{name}", kind, at, 45 * rng.integers(18, 37))
    for town in places.of(Tier.TOWN).tolist():
        name, middle = places.name[town], (float(places.x[town]), float(places.y[town]))
        rows.add(f"{name}中心小学", "中心小学", grounds.plot(town, middle), 45 * rng.integers(6, 19))
        rows.add(f"{name}初级中学", "初级中学", grounds.plot(town), 45 * rng.integers(6, 13))
    for village in _spread_villages(places, VILLAGES_WITH_SCHOOL, 2_200.0):
        rows.add(f"{places.name[village]}教学点", "教学点", grounds.plot(village), 10 * rng.integers(2, 7))
    return rows.sites()


def make_clinics(rng: Random, land: Land, places: Places, streets: Streets) -> Sites:
    """The county hospital and health centres of the seat, township hospitals, village clinics."""
    grounds, rows = _Grounds(rng, land, streets), _List()
    count = 2 + round(float(places.people[0]) / 16_000.0)
    for number, at in enumerate(grounds.spread(0, count)):
        if number == 0:
            rows.add("青溪县人民医院", "县人民医院", at, 420)
        elif number == 1:
            rows.add("青溪县中医院", "县级医院", at, 180)
        else:
            rows.add(f"清波街道第{number - 1}社区卫生服务站", "社区卫生服务站", at, 0)
    for town in places.of(Tier.TOWN).tolist():
        rows.add(f"{places.name[town]}卫生院", "乡镇卫生院", grounds.plot(town), 10 * rng.integers(2, 8))
    for village in _spread_villages(places, VILLAGES_WITH_CLINIC, 1_100.0):
        rows.add(f"{places.name[village]}卫生室", "村卫生室", grounds.plot(village), 0)
    return rows.sites()


def make_bus_stops(rng: Random, places: Places, streets: Streets) -> Sites:
    """Stops along the larger roads and the avenues of the seat, named after the nearest place."""
    served = _bus_roads(streets)
    vertices = np.unique(np.concatenate([streets.u[served], streets.v[served]]))
    lane = streets.owner[served]
    in_place = np.unique(np.concatenate([streets.u[served][lane >= 0], streets.v[served][lane >= 0]]))
    between = rng.permutation(np.setdiff1d(vertices, in_place))
    order = np.concatenate([rng.permutation(in_place), between[: len(in_place)]])
    stops = thinned(order, streets.x[order], streets.y[order], 520.0)
    settled = np.flatnonzero(places.tier != Tier.EXIT)
    _, nearest = nearest_of(
        np.column_stack([places.x, places.y])[settled], np.column_stack([streets.x, streets.y])[stops]
    )
    angle = rng.uniform(0.0, 2.0 * np.pi, len(stops))
    rows, seen = _List(), dict[str, int]()
    for stop, place, turn in zip(stops.tolist(), settled[nearest].tolist(), angle.tolist(), strict=True):
        name = places.name[place]
        seen[name] = seen.get(name, 0) + 1
        label = name if seen[name] == 1 else f"{name}{seen[name]}站"
        at = (streets.x[stop] + 6.0 * np.cos(turn), streets.y[stop] + 6.0 * np.sin(turn))
        rows.add(label, "公交站", at, 0)
    return rows.sites()


def _bus_roads(streets: Streets) -> Bools:
    avenues = (streets.owner == 0) & (streets.street % 32 == 0)  # every sixteenth street of the seat
    return np.asarray(((streets.rank <= TERTIARY) | avenues) & (streets.span != BRIDGE))
