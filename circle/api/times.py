"""Travel times and isochrones between points that people hand in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from circle import reach, units
from circle.api.network import Network
from circle.api.points import lon_lat, refuse
from circle.lazily import gpd, pd


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
        If a point cannot be on Earth, `limit_s` is not positive, or `nearest` is not at least one.
    """
    _demand(network, [limit_s] if limit_s is not None else [])
    if nearest is not None and nearest < 1:
        refuse("api.nearest_positive", nearest=nearest)
    engine = network.engine
    places, sites = (reach.join_places(engine, *lon_lat(frame)) for frame in (origins, destinations))
    pairs = reach.pairs_within_limit(engine, places, sites, limit_s)
    if nearest is not None:
        choice = reach.choice_of(pairs, len(origins), nearest=nearest)
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
    """
    from circle.settings import Limit  # pydantic: not for travel times alone

    _demand(network, limits_s if len(limits_s) else [0.0])
    engine, limits = network.engine, [Limit(f"{limit:g}", float(limit)) for limit in sorted(limits_s)]
    places = reach.join_places(engine, *lon_lat(facilities))
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


def _demand(network: Network, limits: Sequence[float]) -> None:
    """Refuse what is no network and limits that are no limits."""
    if not isinstance(network, Network):
        refuse("api.network_needed", found=type(network).__name__)
    if not all(limit > 0 for limit in limits):
        refuse("api.limits_positive", limits=", ".join(f"{limit:g}" for limit in limits))
