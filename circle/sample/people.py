"""Where people sleep: counts per cell of three arc seconds, by age, as the common population rasters have them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

from circle.model import Floats
from circle.sample.frame import Random
from circle.sample.places import Access, Places, Tier
from circle.sample.scale import PLANE
from circle.sample.streets import Streets
from circle.sample.terrain import Land

STEP_DEG = 3.0 / 3600.0
NODATA = -99999.0
SCATTERED = 0.035
"""Share of the villagers who live on farms apart from the village."""

AGES = ("0_14", "60_plus")
AGE_SHARES = np.array([[0.175, 0.15, 0.105, 0.0], [0.17, 0.25, 0.36, 0.0]])
"""Share of each age group by `Tier`: the young have moved to town."""


@dataclass(frozen=True, eq=False)
class People:
    """People per cell, WGS84. All arrays float32, (rows, cols); `NODATA` where nobody lives.

    Parameters
    ----------
    west, north
        Outer corner of the north-western cell, degrees.
    counts
        By group: ``all``, ``0_14``, ``60_plus``.
    """

    west: float
    north: float
    counts: dict[str, npt.NDArray[np.float32]]

    @property
    def total(self) -> float:
        """Everybody."""
        everyone = self.counts["all"]
        return float(everyone[everyone >= 0].sum(dtype=np.float64))


def to_degrees(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Metres of the plane to longitude and latitude, to 1e-7 degrees as OpenStreetMap keeps them."""
    lon, lat = Transformer.from_crs(PLANE, "EPSG:4326", always_xy=True).transform(x, y)
    return np.round(lon, 7), np.round(lat, 7)


def make_people(rng: Random, land: Land, places: Places, streets: Streets) -> People:
    """Spread each settlement's people over its lanes and a few villagers around; in the county and near it."""
    x, y, people, tier = _homes(rng, land, places, streets)
    counted = land.counted.ravel()[land.frame.cell_at(x, y)]
    x, y, people, tier = x[counted], y[counted], people[counted], tier[counted]
    lon, lat = to_degrees(x, y)
    west = np.floor(lon.min() / STEP_DEG - 2) * STEP_DEG
    north = np.ceil(lat.max() / STEP_DEG + 2) * STEP_DEG
    col = ((lon - west) / STEP_DEG).astype(np.int64)
    row = ((north - lat) / STEP_DEG).astype(np.int64)
    shape = (int(row.max()) + 3, int(col.max()) + 3)

    def grid(values: Floats) -> Floats:
        return np.bincount(row * shape[1] + col, values, shape[0] * shape[1]).astype(np.float64).reshape(shape)

    everyone = np.round(grid(people), 2)
    counts = {"all": np.where(everyone > 0, everyone, NODATA).astype(np.float32)}
    for age, shares in zip(AGES, AGE_SHARES, strict=True):
        varied = np.clip(shares[tier] * rng.normal(1.0, 0.12, len(people)), 0.02, 0.6)
        part = np.minimum(np.round(grid(people * varied), 2), everyone)
        counts[age] = np.where(everyone > 0, part, NODATA).astype(np.float32)
    return People(float(west), float(north), counts)


def _homes(
    rng: Random, land: Land, places: Places, streets: Streets
) -> tuple[Floats, Floats, Floats, npt.NDArray[np.int64]]:
    """Points with people and the tier of their place: beside every lane, scattered farms, the roadless hamlet."""
    lane = np.flatnonzero(~streets.road)
    owner = streets.owner[lane]
    share = rng.uniform(0.0, 1.0, (2, len(lane)))
    x = streets.x[streets.u[lane]] * (1 - share[0]) + streets.x[streets.v[lane]] * share[0]
    y = streets.y[streets.u[lane]] * (1 - share[0]) + streets.y[streets.v[lane]] * share[0]
    dense = np.exp(-np.hypot(x - places.x[owner], y - places.y[owner]) / np.where(owner == 0, 1_600.0, 1e6))
    weight = rng.gamma(2.0, size=len(lane)) * dense
    village = places.tier == Tier.VILLAGE
    at_home = np.where(village, 1.0 - SCATTERED, 1.0)
    total = np.bincount(owner, weight, len(places.cell))
    people = weight * (places.people * at_home)[owner] / total[owner]
    offset = rng.uniform(-18.0, 18.0, (2, len(lane)))
    farms = np.repeat(np.flatnonzero(village & (places.access == Access.ROAD)), 3)
    bearing, away = rng.uniform(0.0, 2.0 * np.pi, len(farms)), rng.uniform(250.0, 1_300.0, len(farms))
    farm_x, farm_y = places.x[farms] + away * np.cos(bearing), places.y[farms] + away * np.sin(bearing)
    dry = land.frame.sample(land.river_m, farm_x, farm_y) > 120.0
    farm_x, farm_y = np.where(dry, farm_x, places.x[farms]), np.where(dry, farm_y, places.y[farms])
    lost = np.flatnonzero(village & (total == 0.0))
    remote = np.flatnonzero(village & (places.access != Access.ROAD) & (total > 0.0))
    hamlet_x, hamlet_y = (np.repeat(p[lost], 8) + rng.uniform(-70.0, 70.0, 8 * len(lost)) for p in (places.x, places.y))
    return (
        np.concatenate([x + offset[0], farm_x, hamlet_x, places.x[remote]]),
        np.concatenate([y + offset[1], farm_y, hamlet_y, places.y[remote]]),
        np.concatenate(
            [
                people,
                places.people[farms] * SCATTERED / 3.0,
                np.repeat(places.people[lost] / 8.0, 8),
                places.people[remote] * SCATTERED,
            ]
        ),
        places.tier[np.concatenate([owner, farms, np.repeat(lost, 8), remote])],
    )
