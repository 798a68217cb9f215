"""Travel times, shortest paths and isochrones on a network; names are looked up when they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from circle.lazily import names_from

if TYPE_CHECKING:
    from circle.reach.areas import Crowd, isochrone_tables
    from circle.reach.choice import Choice, choice_of, choice_within_limit
    from circle.reach.contours import Isochrone
    from circle.reach.engine import Engine, build_engine
    from circle.reach.isochrone import facility_isochrones, isochrones_of, people_on_the_wrong_side
    from circle.reach.lattice import Lattice, lattice_step_m
    from circle.reach.nearest import (
        Nearest,
        Places,
        Sites,
        join_facilities,
        join_places,
        nearest_facilities,
        nearest_facility,
        select_places,
        straight_line_m,
    )
    from circle.reach.pairs import Pairs, facilities_within_limit, pairs_within_limit
    from circle.reach.paths import Leg, Route, Search, route, route_lengths, routes, search
    from circle.reach.trails import Traced, traced, trails_of
    from circle.reach.updates import Change, LiveNearest

__all__ = [
    "Change",
    "Choice",
    "Crowd",
    "Engine",
    "Isochrone",
    "Lattice",
    "Leg",
    "LiveNearest",
    "Nearest",
    "Pairs",
    "Places",
    "Route",
    "Search",
    "Sites",
    "Traced",
    "build_engine",
    "choice_of",
    "choice_within_limit",
    "facilities_within_limit",
    "facility_isochrones",
    "isochrone_tables",
    "isochrones_of",
    "join_facilities",
    "join_places",
    "lattice_step_m",
    "nearest_facilities",
    "nearest_facility",
    "pairs_within_limit",
    "people_on_the_wrong_side",
    "route",
    "route_lengths",
    "routes",
    "search",
    "select_places",
    "straight_line_m",
    "traced",
    "trails_of",
]

__getattr__ = names_from(
    __name__,
    {
        "Change": "updates",
        "Choice": "choice",
        "Crowd": "areas",
        "Engine": "engine",
        "Isochrone": "contours",
        "Lattice": "lattice",
        "Leg": "paths",
        "LiveNearest": "updates",
        "Nearest": "nearest",
        "Pairs": "pairs",
        "Places": "nearest",
        "Route": "paths",
        "Search": "paths",
        "Sites": "nearest",
        "Traced": "trails",
        "build_engine": "engine",
        "choice_of": "choice",
        "choice_within_limit": "choice",
        "facilities_within_limit": "pairs",
        "facility_isochrones": "isochrone",
        "isochrone_tables": "areas",
        "isochrones_of": "isochrone",
        "join_facilities": "nearest",
        "join_places": "nearest",
        "lattice_step_m": "lattice",
        "nearest_facilities": "nearest",
        "nearest_facility": "nearest",
        "pairs_within_limit": "pairs",
        "people_on_the_wrong_side": "isochrone",
        "route": "paths",
        "route_lengths": "paths",
        "routes": "paths",
        "search": "paths",
        "select_places": "nearest",
        "straight_line_m": "nearest",
        "traced": "trails",
        "trails_of": "trails",
    },
)
