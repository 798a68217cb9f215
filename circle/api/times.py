"""Travel times and isochrones between points that people hand in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from circle import reach, units
from circle.api.arguments import Argument, shown
from circle.api.network import Network
from circle.api.points import lon_lat
from circle.lazily import gpd, pd

FARTHEST_M = 1_000_000.0
"""No area reaches farther from what it is drawn around: a plane is no map of more of the Earth."""


def travel_times(
    network: Network,
    origins: pd.DataFrame,
    destinations: pd.DataFrame,
    *,
    limit_s: float | None = None,
    nearest: int | None = None,
) -> pd.DataFrame:
    """Travel times between all origins and destinations that are within a limit of each other.

    Parameters
    ----------
    network
        The streets.
    origins, destinations
        Points: a GeoDataFrame in any coordinate system (areas count by a point inside), or ``lon`` and ``lat`` columns.
    limit_s
        Seconds (metres where the network counts distance); pairs at exactly it count. None: every connected pair.
    nearest
        Only so many destinations of each origin, the nearest; of equally near ones those that stand first. None: all.

    Returns
    -------
    pandas.DataFrame
        Long and sparse: ``origin`` and ``destination`` (index labels of the two frames) and ``travel_time_s``; in the
        order of the frames, by origin, then destination; with `nearest` by origin, then time.

    Raises
    ------
    InputError
        If a point cannot be on Earth, `limit_s` is no positive number, or `nearest` no whole number from one on.
    """
    at = Argument("travel_times")
    engine = _demanded(network, at).engine
    if limit_s is not None:
        (limit_s,) = _positive([limit_s], at.named("limit_s"))
    if nearest is not None:
        nearest = _at_least_one(nearest, at.named("nearest"))
    points = (lon_lat(origins, at.named("origins")), lon_lat(destinations, at.named("destinations")))
    places, sites = (reach.join_places(engine, *own) for own in points)
    pairs = reach.pairs_within_limit(engine, places, sites, limit_s)
    if nearest is not None:
        choice = reach.choice_of(pairs, len(origins), nearest=min(nearest, len(destinations)))
        pairs = reach.Pairs(choice.facility, choice.place, choice.impedance)
    order = np.lexsort((pairs.site if nearest is None else pairs.impedance, pairs.place))
    return pd.DataFrame(
        {
            "origin": origins.index[pairs.place[order]],
            "destination": destinations.index[pairs.site[order]],
            f"travel_{network.unit}": units.from_impedance(pairs.impedance[order]),
        }
    )


def isochrones(
    network: Network,
    facilities: pd.DataFrame,
    *,
    limits_s: Sequence[float] = (300.0, 600.0, 900.0),
    each: bool = False,
    resolution_m: float | None = None,
) -> gpd.GeoDataFrame:
    """Areas from which any of the facilities (or each of them) is within reach.

    Parameters
    ----------
    network
        The streets.
    facilities
        As the destinations of `travel_times`.
    limits_s
        Ascending seconds (metres where the network counts distance).
    each
        One area per facility instead of one for all.
    resolution_m
        Step of the grid on which the time is known; None: by the size of the area.

    Returns
    -------
    geopandas.GeoDataFrame
        ``facility`` (index label; None for all together), ``limit_s`` and the area, nested by limit; WGS84.

    Raises
    ------
    InputError
        If a point cannot be on Earth, or limits or the resolution are no positive numbers.
    """
    from circle.settings import Limit  # pydantic: not for travel times alone

    at = Argument("isochrones")
    engine, asked_s = _demanded(network, at).engine, at.named("limits_s").members(limits_s)
    limits = [Limit(f"{limit:g}", limit) for limit in sorted(_positive(asked_s, at.named("limits_s")))]
    if limits[-1].value * network.data.top_speed_m_s > FARTHEST_M:
        at.named("limits_s").refuse("api.limit_too_wide", limit=f"{limits[-1].value:g}", km=f"{FARTHEST_M / 1000:,g}")
    each = at.named("each").flag(each)
    if resolution_m is not None:
        resolution_m = at.named("resolution_m").number(resolution_m)
        if not 0.0 < resolution_m < np.inf:
            at.named("resolution_m").refuse("api.step_needed", found=shown(resolution_m))
    places = reach.join_places(engine, *lon_lat(facilities, at.named("facilities")))
    lattice = network.lattice(reach.lattice_step_m(engine, [places], limits[-1].value, resolution_m))
    found: list[tuple[Any, list[reach.Isochrone]]]
    if each:
        sites = reach.Sites(places, np.arange(len(facilities), dtype=np.int64))
        areas = reach.facility_isochrones(lattice, sites, limits, network.shores)
        found = [(facilities.index[number], own) for number, own in areas]
    else:
        found = [(None, reach.isochrones_of(lattice, places, limits, network.shores))]
    rows = [(label, area.limit.value, area.geometry) for label, own in found for area in own]
    unit = "limit_s" if network.data.metric == "time" else "limit_m"
    frame = pd.DataFrame(rows, columns=["facility", unit, "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326")


def _demanded(network: Network, at: Argument) -> Network:
    """Refuse what is no network."""
    if not isinstance(network, Network):
        at.named("network").refuse("api.network_needed", found=type(network).__name__)
    return network


def _positive(values: Sequence[Any], at: Argument) -> list[float]:
    """Refuse limits that are no limits."""
    numbers = [at.number(value) for value in values]
    if not numbers or min(numbers) <= 0.0:
        at.refuse("api.limits_positive", limits=", ".join(f"{number:g}" for number in numbers) or "-")
    return numbers


def _at_least_one(nearest: Any, at: Argument) -> int:
    """Refuse counts of nothing."""
    number = at.whole(nearest)
    if number < 1:
        at.refuse("api.nearest_positive", nearest=shown(nearest))
    return number
