"""A street network on which travel times and isochrones can be asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import geopandas as gpd
import numpy as np
import pandas as pd

from circle import reach, units
from circle.api.asked import asked_anew, default_question
from circle.api.points import lon_lat, refuse
from circle.api.what_if import WhatIf
from circle.errors import Findings
from circle.load.barriers import joined_barriers
from circle.load.located import Located
from circle.model import Geometries, NetworkData
from circle.network import build_network
from circle.settings import Limit, Question

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, eq=False)
class Network:
    """A street network; made by `Region.network` or `Network.from_networkx`.

    Parameters
    ----------
    data
        Junctions, edges and their segments.
    water
        Polygons cut out of isochrones.
    """

    data: NetworkData
    water: Geometries = field(default_factory=lambda: np.empty(0, dtype=object))

    @classmethod
    def from_networkx(cls, graph: nx.MultiDiGraph[Any], *, walking_speed_kmh: float | None = None) -> Self:
        """A network from a graph as OSMnx makes it, or as `to_networkx` does.

        What `to_networkx` wrote is taken back to the millisecond, slopes and all; edges that were added to such a
        graph are reckoned by their tags and length beside it. Barriers are no part of a graph.

        Parameters
        ----------
        graph
            Nodes with ``x`` and ``y``; edges with ``geometry`` where they bend, and OSM tags where they are known.
        walking_speed_kmh
            Default: that of the graph if `to_networkx` made it, else that of the default standard, 4 km/h.

        Raises
        ------
        InputError
            If the graph lacks coordinates, a speed cannot be, or the graph's times hold at another speed.
        """
        from circle.load.graphml import streets_from_graph  # networkx: only for graphs

        asked = {} if walking_speed_kmh is None else {"walking_speed_kmh": walking_speed_kmh}
        question = asked_anew(default_question(), asked)
        is_own = graph.graph.get("metric") == "distance" or "walking_speed_m_s" in graph.graph
        if is_own:
            question = _question_of(graph, question, is_asked=bool(asked))
        findings = Findings()
        streets = streets_from_graph(graph, Located(findings, "graph"), known_impedance=is_own)
        findings.stop_on_errors()
        assert streets is not None, "a graph was given up without an error"
        return cls(build_network(streets, joined_barriers(()), question))

    def to_networkx(self) -> nx.MultiDiGraph[Any]:
        """A directed graph of junctions in the shape that OSMnx uses; see `circle.network.bridge.network_to_graph`."""
        from circle.network.bridge import network_to_graph  # networkx: only for graphs

        return network_to_graph(self.data)

    @cached_property
    def engine(self) -> reach.Engine:
        """The arrays that searches need, unpacked once."""
        return reach.build_engine(self.data)

    def what_if(self, origins: pd.DataFrame, destinations: pd.DataFrame) -> WhatIf:
        """The nearest destination of every origin, while destinations open and close.

        Parameters
        ----------
        origins, destinations
            As those of `travel_times`; no two destinations have the same index label.

        Raises
        ------
        InputError
            If a point cannot be on Earth, or a label of a destination stands twice.

        Examples
        --------
        A street of 1.1 km with a clinic at either end; one closes, and the other takes over:

        >>> import networkx, pandas
        >>> graph = networkx.MultiDiGraph(crs="EPSG:4326")
        >>> graph.add_node(1, x=118.90, y=28.9)
        >>> graph.add_node(2, x=118.91, y=28.9)
        >>> _ = graph.add_edge(1, 2, highway="residential"), graph.add_edge(2, 1, highway="residential")
        >>> homes = pandas.DataFrame({"lon": [118.901, 118.909], "lat": 28.9}, index=["west", "east"])
        >>> clinics = pandas.DataFrame({"lon": [118.90, 118.91], "lat": 28.9}, index=["old", "new"])
        >>> town = Network.from_networkx(graph).what_if(homes, clinics)
        >>> town.nearest().round()
          origin destination  travel_time_s
        0   west         old           88.0
        1   east         new           88.0
        >>> town.remove(["old"]).round().T
                                  0
        origin                 west
        destination_before      old
        destination_after       new
        travel_time_s_before   88.0
        travel_time_s_after   790.0
        """
        return WhatIf(self.engine, self.unit, origins, destinations)

    @property
    def unit(self) -> str:
        """Ending of cost columns: ``time_s``, or ``distance_m`` where the question was a distance."""
        return "time_s" if self.data.metric == "time" else "distance_m"

    def __repr__(self) -> str:
        data = self.data
        return f"<Network: {data.node_count} junctions, {data.edge_count} edges, {data.piece_count} pieces>"


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
    _demand(network, limits_s if len(limits_s) else [0.0])
    engine, limits = network.engine, [Limit(f"{limit:g}", float(limit)) for limit in sorted(limits_s)]
    places = reach.join_places(engine, *lon_lat(facilities))
    sites = reach.Sites(places, np.arange(len(facilities), dtype=np.int64))
    lattice = reach.lay_lattice(engine, [places], limits[-1].value * network.data.top_speed_m_s, resolution_m)
    found: list[tuple[Any, list[reach.Isochrone]]]
    if each:
        areas = reach.facility_isochrones(engine, lattice, sites, limits, network.water)
        found = [(facilities.index[number], own) for number, own in areas]
    else:
        found = [(None, reach.service_isochrones(engine, lattice, sites, limits, network.water))]
    rows = [(label, area.limit.value, area.geometry) for label, own in found for area in own]
    unit = "limit_s" if network.data.metric == "time" else "limit_m"
    frame = pd.DataFrame(rows, columns=["facility", unit, "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326")


def _question_of(graph: nx.MultiDiGraph[Any], question: Question, *, is_asked: bool) -> Question:
    """The question that the impedance in a graph of `Network.to_networkx` answers; GraphML holds its parts as text.

    Raises
    ------
    InputError
        If another walking speed is asked for than the graph's.
    """
    if graph.graph.get("metric") == "distance":
        return replace(question, metric="distance")
    speed_m_s = float(graph.graph["walking_speed_m_s"])
    if is_asked and not math.isclose(speed_m_s, question.walking_speed_m_s):
        own, other = (speed / units.kmh_to_m_s(1.0) for speed in (speed_m_s, question.walking_speed_m_s))
        refuse("api.graph_speed", own=f"{own:g}", asked=f"{other:g}")
    return replace(question, walking_speed_m_s=speed_m_s)


def _demand(network: Network, limits: Sequence[float]) -> None:
    """Refuse what is no network and limits that are no limits."""
    if not isinstance(network, Network):
        refuse("api.network_needed", found=type(network).__name__)
    if not all(limit > 0 for limit in limits):
        refuse("api.limits_positive", limits=", ".join(f"{limit:g}" for limit in limits))
