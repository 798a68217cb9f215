"""What the planner should know about the data behind the answer, counted in people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from circle.lazily import pd
from circle.model import (
    OUTSIDE,
    Attachment,
    Audit,
    Bools,
    Districts,
    Facilities,
    Floats,
    Ints,
    NetworkData,
    Residents,
    ServiceReach,
)

LONG_LEG_M = 500.0
FAR_FACILITY_M = 100.0
LONGEST = 10


@dataclass(frozen=True, eq=False)
class Footing:
    """How residents and facilities stand on the network.

    `residents` is their attachment; `facility_leg_m` (facilities,) straight metres from each facility's best entrance
    to the nearest permitted edge.
    """

    residents: Attachment
    facility_leg_m: Floats


def audit(
    network: NetworkData,
    residents: Residents,
    districts: Districts | None,
    facilities: Facilities,
    footing: Footing,
    reach: Mapping[str, ServiceReach],
) -> Audit:
    """Count people by what is doubtful about them."""
    own = residents.district != OUTSIDE  # neighbours' people are not the region's concern
    people = np.where(own, residents.people[0], 0.0)
    attachment = footing.residents
    located = np.isfinite(residents.lon)
    first = _nearest_candidate(attachment)
    leg_m = np.append(attachment.leg_m, np.inf)[first]
    affected = {name: _sum(people, part.edge_affected) for name, part in reach.items()}
    counts = {
        "total": float(residents.people[0].sum()),
        "unknown": _sum(residents.people[0], ~located),
        "outside_districts": _sum(residents.people[0], located & ~own),
        "leg_over_500m": _sum(people, located & (leg_m > LONG_LEG_M) & np.isfinite(leg_m)),
        "barred": _sum(people, attachment.barred),
        "no_road": _sum(people, located & ~np.isfinite(leg_m)),
    }
    return Audit(
        people=counts,
        pieces=_pieces(network, people, attachment, first, reach),
        long_legs=_long_legs(residents, districts, leg_m),
        far_facilities=_far_facilities(facilities, footing.facility_leg_m),
        edge_affected=affected,
    )


def _sum(people: Floats, chosen: Bools) -> float:
    return float(people[chosen].sum())


def _nearest_candidate(attachment: Attachment) -> Ints:
    """The candidate with the shortest leg of each place, the earlier of equals; -1 without any."""
    count = np.diff(attachment.offset)
    joined, first = np.flatnonzero(count), np.full(len(count), -1)
    begin, leg_m = attachment.offset[joined], attachment.leg_m
    if len(joined):
        shortest = np.flatnonzero(leg_m == np.repeat(np.minimum.reduceat(leg_m, begin), count[joined]))
        first[joined] = shortest[np.searchsorted(shortest, begin)]
    return first


def _pieces(
    network: NetworkData, people: Floats, attachment: Attachment, first: Ints, reach: Mapping[str, ServiceReach]
) -> pd.DataFrame:
    """One row per piece of network that has people, the most people first.

    A place belongs to the piece of its nearest road. It may be served all the same: from another piece within the slack
    of attachment, or straight across. So those who lack a service are counted by their answer, not by their piece.
    """
    joined = first >= 0
    piece = network.piece[network.edge_from[attachment.edge[first[joined]]]]
    count = network.piece_count
    edge_piece = network.piece[network.edge_from]
    last = network.segment_offset[1:] + np.arange(network.edge_count)
    nodes = np.bincount(network.piece, minlength=count)
    size = np.maximum(nodes, 1)
    unreached = {service: np.isinf(part.cost[joined]) for service, part in reach.items()}
    lacking = np.any(list(unreached.values()), axis=0) if unreached else np.zeros(len(piece), np.bool_)
    without = {
        f"without_{service}": np.bincount(piece, people[joined] * far, count) for service, far in unreached.items()
    }
    frame = pd.DataFrame(
        {
            "piece": np.arange(count),
            "nodes": nodes,
            "length_m": np.bincount(edge_piece, network.vertex_m[last], count),
            "people": np.bincount(piece, people[joined], count),
            "lon": np.bincount(network.piece, network.node_lon, count) / size,
            "lat": np.bincount(network.piece, network.node_lat, count) / size,
            "lacking": np.bincount(piece, people[joined] * lacking, count),
            **without,
        }
    )
    populated = frame[frame["people"] > 0]
    return populated.sort_values(["people", "piece"], ascending=[False, True], ignore_index=True)


def _long_legs(residents: Residents, districts: Districts | None, leg_m: Floats) -> pd.DataFrame:
    """The ten longest access legs of places where people live."""
    mine = (residents.district != OUTSIDE) & (residents.people[0] > 0)
    usable = np.flatnonzero(np.isfinite(leg_m) & mine)
    longest = usable[np.argsort(-leg_m[usable], kind="stable")][:LONGEST]
    known = [] if districts is None else list(districts.frame["district_name"])
    name = np.array([*known, ""], dtype=object)[residents.district[longest]]
    return pd.DataFrame(
        {
            "lon": residents.lon[longest],
            "lat": residents.lat[longest],
            "leg_m": leg_m[longest],
            "people": residents.people[0][longest],
            "district_name": name,
        }
    )


def _far_facilities(facilities: Facilities, leg_m: Floats) -> pd.DataFrame:
    """Facilities over 100 m from any road: many of them hint at a wrong coordinate system."""
    far = np.flatnonzero(leg_m > FAR_FACILITY_M)
    frame = facilities.table.iloc[far][["facility_id", "name", "service"]].copy()
    frame["leg_m"] = leg_m[far]
    return frame.sort_values("leg_m", ascending=False, ignore_index=True)
