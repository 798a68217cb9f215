"""Where people settle in a county: the seat in its middle, towns, villages, and settlements on its borders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from circle.model import Bools, Floats, Ints
from circle.sample.frame import Random, nearest_of, thinned
from circle.sample.places import SEAT_SHARE, TOWN_SHARE, Tier
from circle.sample.province.grid import Grid
from circle.sample.province.ground import STEP_M
from circle.sample.province.hashing import uniform
from circle.sample.province.plan import CountyPlan, Plan

_CHANCE = 90
TRIES = 12
"""Villages looked at for one that may be an island."""

ISLAND_MARGIN = 1.8
"""Largest size of the lanes of a settlement, in those of before they are sized; roads keep so far from an island."""

SQUARE = 6
"""Side of the squares of the lattice with one village at most, away from their rims."""


@dataclass(frozen=True, eq=False)
class Places:
    """Settlements of a county and its other roads' ends at the border. p places: seat, towns, villages, ends.

    Parameters
    ----------
    point
        (p,) point of the grid.
    tier
        (p,) `Tier`.
    people
        (p,) residents.
    radius_m
        (p,) how far its lanes reach, before they are sized to meet the junctions asked for; 0 for ends.
    name
        (p,) names, each once in the county; empty for ends.
    island
        Number of the place whose lanes are joined to nothing; -1 none.
    """

    point: Ints
    tier: Ints
    people: Floats
    radius_m: Floats
    name: tuple[str, ...]
    island: int

    def of(self, tier: Tier) -> Ints:
        """Numbers of the places of a tier."""
        return np.flatnonzero(self.tier == tier)


def make_places(rng: Random, plan: Plan, county: CountyPlan, grid: Grid) -> Places:
    """All places of a county."""
    ratio = plan.junctions / 5_000.0
    nodes = np.array([430.0 * ratio**0.6, 75.0 * ratio**0.3, 24.0 * ratio**0.2, 0.0])
    radius_m = STEP_M * np.sqrt(1.5 * nodes / np.pi)
    lived_in = grid.lat < county.bare_above
    seat = _seat(rng, county, grid, lived_in)
    apart_m = np.hypot(grid.x - grid.x[seat], grid.y - grid.y[seat])
    free = lived_in & (apart_m > 1.6 * radius_m[Tier.SEAT])
    gates = _at_gates(county, grid, free)
    count = max(2, round(12 * ratio**0.5))
    towns = _spread_towns(rng, grid, free, gates[Tier.TOWN], (count, plan.ground.side_m / (count + 1) ** 0.5))
    villages = _villages(rng, plan, grid, free, (np.append(towns, seat), gates[Tier.VILLAGE]))
    point = np.concatenate([[seat], towns, villages, gates[Tier.EXIT]]).astype(np.int64)
    tier = np.repeat(np.array(list(Tier)), [1, len(towns), len(villages), len(gates[Tier.EXIT])])
    size = np.exp(-np.clip(grid.height_m[point] - 80.0, 0.0, 900.0) / 420.0) * rng.lognormal(0.0, 0.62, len(point))
    people = _people(rng, county.people, tier, size)
    villages_at = np.flatnonzero(tier == Tier.VILLAGE)
    mean = people[villages_at].mean() if len(villages_at) else 1.0
    grown = np.where(tier == Tier.VILLAGE, np.clip(people / mean, 0.15, 4.0) ** 0.4, 1.0)
    reach_m = radius_m[tier] * grown
    inland = rng.permutation(villages_at[: len(villages_at) - len(gates[Tier.VILLAGE])])[:TRIES].tolist()
    island = next((i for i in inland if _may_be_alone(grid, point, i, reach_m[i])), -1) if county.island else -1
    return Places(point, tier, people, reach_m, _names(rng, tier, county, plan), island)


def _may_be_alone(grid: Grid, point: Ints, place: int, reach_m: float) -> bool:
    """Whether roads that keep away from a village can still join all other places."""
    size = len(grid.x)
    links = away_from(grid, int(point[place]), reach_m)
    ends = (grid.a[links], grid.b[links])
    _, piece = connected_components(coo_array((np.ones(len(ends[0])), ends), shape=(size, size)), directed=False)
    return len(np.unique(piece[np.delete(point, place)])) == 1


def away_from(grid: Grid, point: int, reach_m: float) -> Bools:
    """(k,) links that come nowhere near the lanes of a settlement whose lanes reach so far before they are sized."""
    near = np.hypot(grid.x - grid.x[point], grid.y - grid.y[point]) < ISLAND_MARGIN * reach_m + STEP_M
    return np.asarray(~(near[grid.a] | near[grid.b]))


def _seat(rng: Random, county: CountyPlan, grid: Grid, lived_in: Bools) -> int:
    """Near the middle, where it is flat."""
    centre = county.polygon.centroid
    away = np.hypot(grid.lon - centre.x, grid.lat - centre.y) / np.hypot(np.ptp(grid.lon), np.ptp(grid.lat))
    score = away + 0.0006 * (grid.height_m - grid.height_m.min()) + rng.uniform(0.0, 0.05, len(away))
    return int(np.argmin(np.where(lived_in, score, np.inf)))


def _at_gates(county: CountyPlan, grid: Grid, free: Bools) -> dict[Tier, Ints]:
    """The county's ends of the roads across its borders, by what stands there."""
    found: dict[Tier, list[int]] = {tier: [] for tier in Tier}
    for gate in county.gates:
        side = gate.counties.index(county.number)
        point = grid.number_of(gate.cells[side])
        if point < 0 or any(point in points for points in found.values()):
            continue
        settled = gate.settled == side and free[point]
        found[(Tier.TOWN if gate.town else Tier.VILLAGE) if settled else Tier.EXIT].append(point)
    return {tier: np.array(points, dtype=np.int64) for tier, points in found.items()}


def _spread_towns(rng: Random, grid: Grid, free: Bools, given: Ints, wanted: tuple[int, float]) -> Ints:
    """The towns on the border and, evenly spread, others up to a number; low ground first."""
    count, spacing_m = wanted
    tries = rng.permutation(np.flatnonzero(free))[: 400 * count]
    tries = np.concatenate([given, tries[np.argsort(np.rint(grid.height_m[tries] / 120.0), kind="stable")]])
    while True:
        taken = thinned(tries, grid.x[tries], grid.y[tries], spacing_m)
        if len(taken) >= count or spacing_m < 3.0 * STEP_M:
            return np.concatenate([given, np.setdiff1d(taken, given, assume_unique=True)[: max(count - len(given), 0)]])
        spacing_m *= 0.85


def _villages(rng: Random, plan: Plan, grid: Grid, free: Bools, others: tuple[Ints, Ints]) -> Ints:
    """One in the middle part of some squares of the lattice, gentle slopes first; and those on the border, last."""
    taken, given = others
    inner = (grid.i % SQUARE >= 1) & (grid.i % SQUARE <= SQUARE - 2)
    inner &= (grid.j % SQUARE >= 1) & (grid.j % SQUARE <= SQUARE - 2)
    at = np.column_stack([grid.x, grid.y])
    far_m, _ = nearest_of(at[np.concatenate([taken, given])], at)
    cells = np.flatnonzero(inner & free & (far_m > 4.5 * STEP_M))
    chance = uniform(plan.seed, _CHANCE, grid.i[cells], grid.j[cells])
    square = (grid.i[cells] // SQUARE) * 1_000_003 + grid.j[cells] // SQUARE
    order = np.lexsort((chance, square))
    first = np.ones(len(order), dtype=bool)
    first[1:] = square[order][1:] != square[order][:-1]
    cells = cells[order[first]]
    wanted = max(round(180 * (plan.junctions / 5_000.0) ** 0.8) - len(given), 1)
    steep = plan.ground.mountain(grid.x[cells], grid.y[cells])
    ranked = np.argsort(rng.exponential(size=len(cells)) * np.exp(1.5 * steep), kind="stable")
    return np.concatenate([np.sort(cells[ranked[:wanted]]), given])


def _people(rng: Random, total: float, tier: Ints, size: Floats) -> Floats:
    people = np.zeros(len(tier))
    shares = ((Tier.SEAT, SEAT_SHARE), (Tier.TOWN, TOWN_SHARE), (Tier.VILLAGE, 1.0 - SEAT_SHARE - TOWN_SHARE))
    sized = np.where(tier == Tier.TOWN, rng.uniform(0.6, 1.5, len(tier)), size)
    for kind, share in shares:
        mine = tier == kind
        people[mine] = total * share * sized[mine] / sized[mine].sum()
    return people


def _names(rng: Random, tier: Ints, county: CountyPlan, plan: Plan) -> tuple[str, ...]:
    first, second, third = (plan.words[part] for part in ("first", "second", "third"))
    endings = sorted(set(third))
    stems = len(first) * len(second)
    drawn = rng.permutation(stems * len(endings))[: len(tier)].tolist()
    suffix = {Tier.TOWN: "镇", Tier.VILLAGE: "村"}
    names = []
    for kind, number in zip(tier.tolist(), drawn, strict=True):
        if kind in (Tier.SEAT, Tier.EXIT):
            names.append(f"{county.name}城" if kind == Tier.SEAT else "")
            continue
        stem, ending = divmod(number, len(endings))
        names.append(first[stem // len(second)] + second[stem % len(second)] + endings[ending] + suffix[Tier(kind)])
    return tuple(names)
