"""Travel times, shortest paths and isochrones on a network."""

from circle.reach.choice import Choice, choice_of, choice_within_limit
from circle.reach.engine import Engine, build_engine
from circle.reach.isochrone import (
    Isochrone,
    facility_isochrones,
    lay_lattice,
    people_on_the_wrong_side,
    service_isochrones,
)
from circle.reach.isochrone_tables import Crowd, isochrone_tables
from circle.reach.nearest import (
    Nearest,
    Places,
    Sites,
    join_facilities,
    join_places,
    nearest_facility,
    select_places,
    straight_line_m,
)
from circle.reach.pairs import Pairs, facilities_within_limit, pairs_within_limit
from circle.reach.route import Leg, Route, Search, route, route_lengths, routes, search
from circle.reach.updates import Change, LiveNearest

__all__ = [
    "Change",
    "Choice",
    "Crowd",
    "Engine",
    "Isochrone",
    "Leg",
    "LiveNearest",
    "Nearest",
    "Pairs",
    "Places",
    "Route",
    "Search",
    "Sites",
    "build_engine",
    "choice_of",
    "choice_within_limit",
    "facilities_within_limit",
    "facility_isochrones",
    "isochrone_tables",
    "join_facilities",
    "join_places",
    "lay_lattice",
    "nearest_facility",
    "pairs_within_limit",
    "people_on_the_wrong_side",
    "route",
    "route_lengths",
    "routes",
    "search",
    "select_places",
    "service_isochrones",
    "straight_line_m",
]
