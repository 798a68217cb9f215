"""Where people settle: the seat on the river, townships along the valleys, villages, and the roads' ways out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from circle.model import Bools, Floats, Ints
from circle.sample.frame import Random, nearest_of, thinned
from circle.sample.scale import Scale
from circle.sample.terrain import Land

SEAT_SHARE, TOWN_SHARE = 0.29, 0.27
"""Shares of the people who live in the seat and in the township centres."""


class Tier(IntEnum):
    """What kind of place it is; an exit is where a road leaves the domain."""

    SEAT = 0
    TOWN = 1
    VILLAGE = 2
    EXIT = 3


class Access(IntEnum):
    """How a place is reached."""

    ROAD = 0
    PATH = 1
    NONE = 2
    ISLAND = 3


@dataclass(frozen=True, eq=False)
class Places:
    """Settlements and exits, the seat first, then towns, villages and exits. n places.

    Parameters
    ----------
    cell
        (n,) lattice cell of the middle.
    x, y
        (n,) metres.
    tier, access
        (n,) `Tier` and `Access`.
    inside
        (n,) in the county.
    people
        (n,) residents.
    name
        (n,) Chinese names, each once; empty for exits.
    """

    cell: Ints
    x: Floats
    y: Floats
    tier: Ints
    access: Ints
    inside: Bools
    people: Floats
    name: tuple[str, ...]

    def of(self, tier: Tier) -> Ints:
        """Numbers of the places of a tier."""
        return np.flatnonzero(self.tier == tier)


def make_places(rng: Random, scale: Scale, land: Land, words: dict[str, Any]) -> Places:
    """All settlements of the domain, every one still reached by road."""
    lattice = land.lattice
    dry = ~land.barred()
    clear = dry & (land.river_m.ravel() > 140.0) & (land.track_m.ravel() > 140.0)
    seat_m = np.hypot(lattice.x - land.seat_x, lattice.y - land.seat_y)
    bank = np.where(dry & land.north_bank.ravel() & (land.river_m.ravel() > 110.0), seat_m, np.inf)
    seat = np.array([int(np.argmin(bank))])
    towns = _towns(rng, scale, land, clear & (seat_m > 2.1 * scale.seat_radius_m))
    villages = _villages(rng, scale, land, clear & (seat_m > 1.5 * scale.seat_radius_m), towns)
    exits = _exits(land, dry)
    cell = np.concatenate([seat, towns, villages, exits])
    tier = np.repeat(np.array(list(Tier)), [1, len(towns), len(villages), len(exits)])
    inside = land.inside.ravel()[cell]
    return Places(
        cell=cell,
        x=lattice.x[cell],
        y=lattice.y[cell],
        tier=tier,
        access=np.zeros(len(cell), dtype=np.int64),
        inside=inside,
        people=_people(rng, scale, land, cell, tier),
        name=_names(rng, tier, inside, words),
    )


def _towns(rng: Random, scale: Scale, land: Land, allowed: Bools) -> Ints:
    """Townships where valleys meet, evenly spread, `scale.towns` of them in the county and some beyond it."""
    frame = land.frame
    inside = land.inside.ravel()
    bottom = (land.stream_m.ravel() > 60.0) & (land.stream_m.ravel() < 260.0)
    tries = rng.permutation(np.flatnonzero(allowed & bottom))
    x, y = land.lattice.x[tries], land.lattice.y[tries]
    beds = np.flatnonzero(land.upstream > 0)
    _, nearest = nearest_of(np.column_stack([land.lattice.x[beds], land.lattice.y[beds]]), np.column_stack([x, y]))
    importance = np.log1p(land.upstream[beds[nearest]]) + rng.uniform(0.0, 0.8, len(tries))
    tries = tries[np.argsort(-importance, kind="stable")]
    spacing_m = 1.1 * (inside.sum() * frame.cell_m**2 / (scale.towns + 1)) ** 0.5
    while True:
        taken = thinned(tries, land.lattice.x[tries], land.lattice.y[tries], spacing_m)
        within = taken[inside[taken]]
        if len(within) >= scale.towns or spacing_m < 2.0 * frame.cell_m:
            beyond = taken[~inside[taken]]
            return np.concatenate([within[: scale.towns], beyond[: max(3, scale.towns // 3)]])
        spacing_m *= 0.94


def _villages(rng: Random, scale: Scale, land: Land, allowed: Bools, towns: Ints) -> Ints:
    """Villages, most along streams, some on gentle slopes; `scale.villages` of them in the county."""
    lattice, frame = land.lattice, land.frame
    inside = land.inside.ravel()
    stream_m = land.stream_m.ravel()
    slope = np.hypot(*np.gradient(land.height_m, frame.cell_m)).ravel()
    chance = np.where((stream_m > 50.0) & (stream_m < 420.0), 1.0, 0.045) * np.exp(-((slope / 0.22) ** 2)) + 1e-9
    cells = np.flatnonzero(allowed)
    order = cells[np.argsort(rng.exponential(size=len(cells)) / chance[cells], kind="stable")]
    town_m, _ = nearest_of(
        np.column_stack([lattice.x[towns], lattice.y[towns]]), np.column_stack([lattice.x[order], lattice.y[order]])
    )
    order = order[town_m > 75.0 * scale.town_nodes**0.5 + 350.0][: 60 * scale.villages]
    spacing_m = 950.0
    while True:
        taken = thinned(order, lattice.x[order], lattice.y[order], spacing_m)
        reached = np.cumsum(inside[taken])
        if reached[-1] >= scale.villages or spacing_m < 1.5 * frame.cell_m:
            return np.asarray(taken[: int(np.searchsorted(reached, scale.villages)) + 1])
        spacing_m *= 0.9


def _exits(land: Land, dry: Bools) -> Ints:
    """Where roads leave: on both banks' flank west and east, and where a valley meets the northern or southern edge."""
    frame = land.frame
    number = np.arange(frame.rows * frame.cols).reshape(frame.shape)
    far = np.where(dry.reshape(frame.shape) & land.north_bank & (land.river_m > 160.0), land.river_m, np.inf)
    ends = [number[np.argmin(far[:, 0]), 0], number[np.argmin(far[:, -1]), -1]]
    for row in (0, frame.rows - 1):
        lowest = np.where(dry.reshape(frame.shape)[row], land.height_m[row], np.inf)
        ends.append(number[row, int(np.argmin(lowest))])
    return np.array(ends, dtype=np.int64)


def _people(rng: Random, scale: Scale, land: Land, cell: Ints, tier: Ints) -> Floats:
    """Residents: villages of very different size, larger down in the valleys; in all `scale.people` near the county."""
    height = land.height_m.ravel()[cell]
    size = rng.lognormal(0.0, 0.62, len(cell)) * np.where(tier == Tier.VILLAGE, np.exp(-(height - 80.0) / 420.0), 1.0)
    size = np.where(tier == Tier.TOWN, rng.uniform(0.6, 1.5, len(cell)), size)
    people = np.zeros(len(cell))
    counted = land.counted.ravel()[cell]
    shares = ((Tier.SEAT, SEAT_SHARE), (Tier.TOWN, TOWN_SHARE), (Tier.VILLAGE, 1.0 - SEAT_SHARE - TOWN_SHARE))
    for kind, share in shares:
        mine = tier == kind
        people[mine] = np.rint(scale.people * share * size[mine] / size[mine & counted].sum())
    return people


def _names(rng: Random, tier: Ints, inside: Bools, words: dict[str, Any]) -> tuple[str, ...]:
    """Names for every settlement, none twice."""
    townships, neighbours = iter(words["townships"]), iter(words["neighbours"])
    # a large county needs longer names
    parts = ("first", "second", "third") if len(tier) < 5_000 else ("first", "first", "second", "third")
    taken = {name[:-1] for name in (*words["townships"], *words["neighbours"])}

    def invented(suffix: str) -> str:
        while True:
            stem = "".join(words[part][rng.integers(len(words[part]))] for part in parts)
            if stem not in taken and len(set(stem)) == len(stem):
                taken.add(stem)
                return stem + suffix

    names = []
    for kind, home in zip(tier.tolist(), inside.tolist(), strict=True):
        if kind in (Tier.SEAT, Tier.EXIT):
            names.append(words["seat"] if kind == Tier.SEAT else "")
        elif kind == Tier.TOWN:
            names.append(next(townships if home else neighbours, None) or invented("镇"))
        else:
            names.append(invented("村"))
    return tuple(names)
