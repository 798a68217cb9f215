"""Covered, or not and why: decided on the network at the main limit, place by place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from circle.model import Bools, Floats, Int8s, Ints, NetworkData, ServiceReach, Status
from circle.settings import Question

DETOUR_RATIO = 2.0


@dataclass(frozen=True, eq=False)
class Travel:
    """What the search found for one service from each of n places; the fields are those of `ServiceReach`."""

    cost: Floats
    facility: Ints
    straight_m: Floats
    leg_m: Floats
    direct: Bools


@dataclass(frozen=True, eq=False)
class Ground:
    """What holds for a place whatever the service.

    `leg_cost` (n,) seconds (or metres) of the least access leg, ``inf`` without any; `boundary_m` (n,) metres to the
    edge of the data.
    """

    leg_cost: Floats
    boundary_m: Floats


def service_reach(
    service: str, travel: Travel, ground: Ground, network: NetworkData, question: Question, *, has_facility: bool
) -> ServiceReach:
    """Status and border effect of every place for one service.

    Of the uncovered, in this order: `NO_FACILITY` when the service has none; `OFF_ROAD` when the access leg alone eats
    the limit; `NO_ROUTE` when the piece of network has none; `DETOUR` when a facility lies within the radius that
    the limit would reach in a straight line, yet the way there is over twice that line; else `FAR`.
    """
    limit = question.main
    status = np.full(len(travel.cost), Status.FAR, np.int8)
    walked_m = travel.cost * (question.walking_speed_m_s if question.metric == "time" else 1.0)
    near = travel.straight_m <= question.radius_m(limit)
    status[near & (walked_m > DETOUR_RATIO * travel.straight_m)] = Status.DETOUR
    status[np.isinf(travel.cost)] = Status.NO_ROUTE
    status[ground.leg_cost > limit.value] = Status.OFF_ROAD
    if not has_facility:
        status[:] = Status.NO_FACILITY
    status[travel.cost <= limit.value] = Status.COVERED
    status[np.isnan(travel.cost)] = Status.UNKNOWN
    return ServiceReach(
        service=service,
        cost=travel.cost,
        facility=travel.facility,
        straight_m=travel.straight_m,
        leg_m=travel.leg_m,
        direct=travel.direct,
        status=status,
        edge_affected=_edge_affected(travel.cost, ground.boundary_m, network, limit.value),
    )


def _edge_affected(cost: Floats, boundary_m: Floats, network: NetworkData, limit: float) -> Bools:
    """Something beyond the data's edge could be nearer than what was found, or within the limit."""
    with np.errstate(invalid="ignore"):
        return boundary_m / network.top_speed_m_s < np.fmin(cost, limit)


def all_services(reach: Mapping[str, ServiceReach]) -> ServiceReach:
    """All services at once: the cost, status and nearest facility of the service that is reached last.

    Ties go to the service that comes first. A service without any facility leaves nobody covered.
    """
    parts = list(reach.values())
    cost = np.stack([part.cost for part in parts])
    last = np.argmax(np.where(np.isnan(cost), -1.0, cost), axis=0)
    # among several that cannot be reached at all, the graver reason speaks
    unreachable_rank = np.where(np.isinf(cost), np.stack([_rank(part.status) for part in parts]), np.int8(-2))
    last = np.where(np.isinf(cost).any(axis=0), np.argmax(unreachable_rank, axis=0), last)
    place = np.arange(cost.shape[1])
    return ServiceReach(
        service="all_services",
        cost=cost[last, place],
        facility=np.stack([part.facility for part in parts])[last, place],
        straight_m=np.max(np.stack([part.straight_m for part in parts]), axis=0),
        leg_m=np.stack([part.leg_m for part in parts])[last, place],
        direct=np.stack([part.direct for part in parts])[last, place],
        status=np.stack([part.status for part in parts])[last, place],
        edge_affected=np.any(np.stack([part.edge_affected for part in parts]), axis=0),
    )


def _rank(status: Int8s) -> Int8s:
    """Order of gravity: the enum's own, with covered and unknown lowest."""
    return np.where(status == Status.UNKNOWN, np.int8(-1), status)
