"""A whole fictional county, in memory: everything in its order, nothing written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from circle import reference
from circle.errors import Findings
from circle.sample.lanes import make_lanes
from circle.sample.links import Links, make_links
from circle.sample.people import People, make_people
from circle.sample.places import Places, Tier, make_places
from circle.sample.scale import LARGEST_JUNCTIONS, NATURAL_JUNCTIONS, SMALLEST_JUNCTIONS, Scale, scale_for
from circle.sample.services import Sites, make_bus_stops, make_clinics, make_schools
from circle.sample.streets import Streets, classify, draw, join, mark_spans
from circle.sample.terrain import Land, make_land
from circle.sample.townships import Townships, make_townships

SEED = 20_260_101

TOLERANCE = 0.04
"""How near the number of junctions comes to what was asked for before the search for it stops."""


@dataclass(frozen=True, eq=False)
class County:
    """A fictional county and the strip of land around it, in metres of `circle.sample.scale.PLANE`."""

    scale: Scale
    words: dict[str, Any]
    land: Land
    places: Places
    streets: Streets
    townships: Townships
    schools: Sites
    clinics: Sites
    bus_stops: Sites
    people: People


def generate_county(*, junctions: int | None = None, seed: int = SEED) -> County:
    """Make a fictional county; the same numbers give the same county.

    Parameters
    ----------
    junctions
        Crossings and dead ends of its road network, met within 10 %; None: a natural county of about 5,000.
    seed
        Any whole number from 0.

    Raises
    ------
    InputError
        If `junctions` lies outside 500 to 2,000,000 or `seed` is negative.
    """
    asked = NATURAL_JUNCTIONS if junctions is None else junctions
    findings = Findings()
    if not SMALLEST_JUNCTIONS <= asked <= LARGEST_JUNCTIONS:
        findings.error("sample.size_out_of_range", value=asked, low=SMALLEST_JUNCTIONS, high=LARGEST_JUNCTIONS)
    if seed < 0:
        findings.error("sample.seed_negative", value=seed)
    findings.stop_on_errors()
    scale = scale_for(asked)
    words = reference.table("sample_names")
    # a stream of its own for every step: a change in one leaves the others as they are
    seeds = np.random.SeedSequence(seed).spawn(9)
    rngs = [np.random.default_rng(part) for part in seeds]
    land = make_land(rngs[0], scale)
    places = make_places(rngs[1], scale, land, words)
    links, places = make_links(rngs[2], land, places)
    streets = _streets(seeds[3], scale, land, places, links)
    streets = mark_spans(land, draw(classify(rngs[4], places, streets)))
    return County(
        scale=scale,
        words=words,
        land=land,
        places=places,
        streets=streets,
        townships=make_townships(land, places, words["seat_township"]),
        schools=make_schools(rngs[5], land, places, streets, words),
        clinics=make_clinics(rngs[6], land, places, streets),
        bus_stops=make_bus_stops(rngs[7], places, streets),
        people=make_people(rngs[8], land, places, streets),
    )


def _streets(seed: np.random.SeedSequence, scale: Scale, land: Land, places: Places, links: Links) -> Streets:
    """Lanes and roads with the asked number of junctions: the villages' lanes are sized until it is met."""
    factor = 1.0
    for _ in range(8):
        lanes = make_lanes(np.random.default_rng(seed), scale, land, places, factor)
        streets = join(land, places, links, lanes)
        reached = streets.junctions()
        if abs(reached - scale.junctions) <= TOLERANCE * scale.junctions:
            break
        in_villages = 0.62 * float((places.tier[lanes.owner] == Tier.VILLAGE).sum())
        factor *= float(np.clip((scale.junctions - reached + in_villages) / in_villages, 0.3, 3.0))
    return streets
