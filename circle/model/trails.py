"""The ways that people take to the nearest facility, kept as trees: what a page needs to draw any of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from circle.model.arrays import Bools, Floats, Int8s, Int32s


class Departure(IntEnum):
    """How a way begins, once it is on the road."""

    NONE = 0
    AHEAD = 1
    """To the end of the edge, and on from junction to junction."""
    BACK = 2
    """To its start."""
    BESIDE = 3
    """Straight along the edge to a facility on the same one."""
    DIRECT = 4
    """Not by road at all: the direct leg."""


@dataclass(frozen=True, eq=False)
class Trail:
    """The ways of n places to one service, over k junctions, to g goals (entrances at a place on the road).

    Parameters
    ----------
    stop
        (n,) number of the stop where the place comes to the road; -1 none.
    departure
        (n,) `Departure`.
    goal
        (n,) the goal of ways beside the junctions (`Departure.BESIDE`, `Departure.DIRECT`); -1 for others.
    node
        (k,) junctions that ways lead over, ascending.
    edge, ahead
        (k,) the edge by which ways leave the junction, and whether they walk it forward.
    arrival
        (k,) the goal that this edge leads to; -1 where it leads to another junction.
    goal_edge, goal_m
        (g,) the edge and the metres from its start; -1 and 0 where only direct legs lead.
    goal_leg_m
        (g,) straight metres from there to the entrance.
    goal_lon, goal_lat
        (g,) the entrance.
    """

    stop: Int32s
    departure: Int8s
    goal: Int32s
    node: Int32s
    edge: Int32s
    ahead: Bools
    arrival: Int32s
    goal_edge: Int32s
    goal_m: Floats
    goal_leg_m: Floats
    goal_lon: Floats
    goal_lat: Floats


@dataclass(frozen=True, eq=False)
class Trails:
    """Ways by service, and the s stops where places come to the road.

    Parameters
    ----------
    stop_place, stop_edge, stop_m
        (s,) whose it is, the edge, and the metres from its start; in the order of places.
    services
        In the order of `Analysis.reach`.
    """

    stop_place: Int32s
    stop_edge: Int32s
    stop_m: Floats
    services: Mapping[str, Trail]
