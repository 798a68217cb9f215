"""One county of the province, in memory: made from the plan and its own number alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from circle.model import Floats, Ints
from circle.sample.province.grid import Grid, make_grid
from circle.sample.province.lanes import make_streets
from circle.sample.province.people import Cells, make_people
from circle.sample.province.plan import CountyPlan, Plan
from circle.sample.province.roads import make_roads
from circle.sample.province.services import Sites, make_sites, make_stops
from circle.sample.province.settle import Places, make_places
from circle.sample.streets import Streets


@dataclass(frozen=True, eq=False)
class County:
    """A county as it will be written.

    Parameters
    ----------
    plan
        What it was made from.
    grid, places, streets
        Its ground, settlements and network; vertices of the streets are points of the grid.
    sites
        Facilities.
    stops
        Longitudes, latitudes and names of bus stops.
    cells, people
        Cells of the population raster, and who lives there.
    """

    plan: CountyPlan
    grid: Grid
    places: Places
    streets: Streets
    sites: Sites
    stops: tuple[Floats, Floats, list[str]]
    cells: Ints
    people: Ints


def make_county(plan: Plan, number: int, raster: Cells) -> County:
    """Make the county of that number; a stream of random numbers of its own for every step."""
    county = plan.counties[number]
    rngs = [np.random.default_rng(part) for part in np.random.SeedSequence([plan.seed, number]).spawn(6)]
    grid = make_grid(county, plan.ground)
    places = make_places(rngs[0], plan, county, grid)
    roads = make_roads(rngs[1], grid, places)
    streets = make_streets(rngs[2], plan.junctions, grid, places, roads)
    cells, people = make_people(rngs[3], county, grid, places, streets, raster)
    return County(
        plan=county,
        grid=grid,
        places=places,
        streets=streets,
        sites=make_sites(rngs[4], county, grid, places, streets),
        stops=make_stops(rngs[5], county, grid, places, streets),
        cells=cells,
        people=people,
    )
