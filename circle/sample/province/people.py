"""Where the people of a county sleep: whole numbers per cell of three arc seconds, every cell one county's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from circle.model import Floats, Ints
from circle.sample.frame import Random
from circle.sample.people import SCATTERED, STEP_DEG
from circle.sample.places import Tier
from circle.sample.province.grid import Grid
from circle.sample.province.ground import degrees
from circle.sample.province.plan import CountyPlan
from circle.sample.province.settle import Places
from circle.sample.streets import Streets


@dataclass(frozen=True)
class Cells:
    """The raster's grid: its north-western corner in whole cells from the origin of longitude and latitude.

    Parameters
    ----------
    west, north
        Columns east of the meridian and rows north of the equator, in cells.
    cols, rows
        Size.
    """

    west: int
    north: int
    cols: int
    rows: int

    def centres(self, cell: Ints) -> tuple[Floats, Floats]:
        """Longitude and latitude of the middle of cells, by their number in reading order."""
        row, col = np.divmod(cell, self.cols)
        return (self.west + col + 0.5) * STEP_DEG, (self.north - row - 0.5) * STEP_DEG

    def at(self, lon: Floats, lat: Floats) -> Ints:
        """Number of the cell that holds each point."""
        col = np.floor(lon / STEP_DEG).astype(np.int64) - self.west
        row = self.north - 1 - np.floor(lat / STEP_DEG).astype(np.int64)
        return row * self.cols + col


def cells_over(bounds: tuple[float, float, float, float]) -> Cells:
    """The grid over a box in degrees, with a rim of two cells."""
    west, south, east, north = (value / STEP_DEG for value in bounds)
    left, top = int(np.floor(west)) - 2, int(np.ceil(north)) + 2
    return Cells(left, top, int(np.ceil(east)) + 2 - left, top - int(np.floor(south)) + 2)


def make_people(
    rng: Random, county: CountyPlan, grid: Grid, places: Places, streets: Streets, cells: Cells
) -> tuple[Ints, Ints]:
    """(c,) cells with anybody, ascending, and their people. The middle of each lies in the county."""
    lane = np.flatnonzero(~streets.road)
    owner = streets.owner[lane]
    share = rng.uniform(0.0, 1.0, len(lane))
    shift_m = rng.uniform(-20.0, 20.0, (2, len(lane)))
    x = grid.x[streets.u[lane]] * (1.0 - share) + grid.x[streets.v[lane]] * share + shift_m[0]
    y = grid.y[streets.u[lane]] * (1.0 - share) + grid.y[streets.v[lane]] * share + shift_m[1]
    away_m = np.hypot(x - grid.x[places.point[owner]], y - grid.y[places.point[owner]])
    weight = rng.gamma(2.0, size=len(lane)) * np.exp(-away_m / np.where(owner == 0, 1_600.0, 1e6))
    village = places.of(Tier.VILLAGE)
    farms = np.repeat(village, 3)
    bearing, apart_m = rng.uniform(0.0, 2.0 * np.pi, len(farms)), rng.uniform(250.0, 1_300.0, len(farms))
    farm_x = grid.x[places.point[farms]] + apart_m * np.cos(bearing)
    farm_y = grid.y[places.point[farms]] + apart_m * np.sin(bearing)
    owner = np.concatenate([owner, farms])
    weight = np.concatenate([weight, np.zeros(len(farms))])
    lon, lat = degrees(np.concatenate([x, farm_x]), np.concatenate([y, farm_y]))
    cell = cells.at(lon, lat)
    middle_lon, middle_lat = cells.centres(cell)
    home = shapely.contains_xy(county.polygon, middle_lon, middle_lat) & (middle_lat < county.bare_above)
    at_home = places.people * np.where(places.tier == Tier.VILLAGE, 1.0 - SCATTERED, 1.0)
    weight = np.where(home, weight, 0.0)
    total = np.bincount(owner, weight, len(places.point))
    people = weight * at_home[owner] / np.where(total > 0.0, total, 1.0)[owner]
    people[len(lane) :] = np.where(home[len(lane) :], places.people[farms] * SCATTERED / 3.0, 0.0)
    found, where = np.unique(cell, return_inverse=True)
    whole = np.floor(np.bincount(where, people, len(found)) + rng.random(len(found))).astype(np.int64)
    return found[whole > 0], whole[whole > 0]
