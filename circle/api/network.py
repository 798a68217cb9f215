"""A street network on which travel times and isochrones can be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import shapely

from circle import reach
from circle.api.arguments import Argument
from circle.api.points import degrees
from circle.api.told import warnings_in
from circle.errors import Findings, Problem
from circle.model import Facilities, Floats, Geometries, NetworkData
from circle.reach.nearest import no_sites
from circle.store import NETWORKS, user_cache

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx
    import numpy.typing as npt
    import pandas as pd

    from circle.api.what_if import WhatIf
    from circle.reach.engine import Grids


@dataclass(frozen=True, eq=False)
class Network:
    """A street network; made by `Region.network`, `Network.from_osm` or `Network.from_networkx`.

    Parameters
    ----------
    data
        Junctions, edges and their segments.
    water
        Polygons cut out of isochrones.
    facilities
        What `nearest_times` leads to, where the network came with any.
    problems
        Warnings and notes met while reading, each a sentence when printed.
    services
        What was asked of the facilities; nobody reaches a service that none of them offers. None: all that they offer.
    """

    data: NetworkData
    water: Geometries = field(default_factory=lambda: np.empty(0, dtype=object))
    facilities: Facilities | None = None
    problems: tuple[Problem, ...] = ()
    services: tuple[str, ...] | None = None
    _grids: Grids | None = field(default=None, repr=False)
    _lattices: dict[float, reach.Lattice] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def from_osm(
        cls,
        path: str | Path,
        services: str | Sequence[str] = (),
        *,
        walking_speed_kmh: float | None = None,
        cache: bool = True,
    ) -> Self:
        """The walkable streets of an OSM extract, and who in it offers some services; no region file is needed.

        The second time, in whatever process, it is taken from ``$CIRCLE_CACHE`` (default: the system's folder for
        caches) as long as the content of the file, what is asked, and circle are the same. A service that nobody offers
        is a warning in `problems`, and infinitely far from everywhere.

        Parameters
        ----------
        path
            An ``.osm.pbf`` or ``.osm`` file.
        services
            One name or several, such as ``"school"``, told by the tags that ship with circle.
        walking_speed_kmh
            Default: that of the default standard, 4 km/h.
        cache
            Whether to take what was kept, and to keep what is made.

        Raises
        ------
        InputError
            If a service is unknown, the file cannot be read, or nobody in it offers any of them.

        Examples
        --------
        A village of one street, its clinic at one end; 400 m are six minutes:

        >>> from tempfile import TemporaryDirectory
        >>> village = '''<osm version="0.6">
        ... <node id="1" lat="29" lon="119"><tag k="amenity" v="clinic"/></node><node id="2" lat="29" lon="119.01"/>
        ... <way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way></osm>'''
        >>> with TemporaryDirectory() as folder:
        ...     file = Path(folder, "village.osm")
        ...     _ = file.write_text(village)
        ...     network = Network.from_osm(file, ["clinic"], cache=False)
        >>> network.nearest_times([119.0041072], [29.0])["clinic"].round()
        array([360.])
        """
        from circle.api.extract import network_of_extract  # with all that keeps and hashes

        at = Argument("Network.from_osm")
        file, asked = at.named("path").path(path), at.named("services").names(services)
        where = user_cache(NETWORKS, wanted=at.named("cache").flag(cache))
        found = network_of_extract(file, asked, walking_speed_kmh, where)
        return cls(found.data, found.water, found.facilities, found.problems, asked or None, found.grids)

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
        from circle.api.asked import asked_anew, default_question, question_of_graph
        from circle.load.barriers import joined_barriers
        from circle.load.graphml import is_graph, streets_from_graph  # networkx: only for graphs
        from circle.load.located import Located
        from circle.network import build_network

        at, asked = Argument("Network.from_networkx"), {}
        if not is_graph(graph):
            at.named("graph").refuse("api.graph_needed", found=type(graph).__name__)
        if walking_speed_kmh is not None:
            asked["walking_speed_kmh"] = at.named("walking_speed_kmh").number(walking_speed_kmh)
        question = asked_anew(default_question(), asked, caller=at)
        is_own = graph.graph.get("metric") == "distance" or "walking_speed_m_s" in graph.graph
        if is_own:
            question = question_of_graph(graph, question, at, is_asked=bool(asked))
        findings = Findings()
        streets = streets_from_graph(graph, Located(findings, at.place, "graph"), known_impedance=is_own)
        findings.stop_on_errors()
        assert streets is not None, "a graph was given up without an error"
        return cls(build_network(streets, joined_barriers(()), question), problems=tuple(findings.problems))

    def to_networkx(self) -> nx.MultiDiGraph[Any]:
        """A directed graph of junctions in the shape that OSMnx uses; see `circle.network.bridge.network_to_graph`."""
        from circle.network.bridge import network_to_graph  # networkx: only for graphs

        return network_to_graph(self.data)

    def edges(self) -> gpd.GeoDataFrame:
        """The streets as lines, for maps and for sums.

        Returns
        -------
        GeoDataFrame
            In WGS84, one row per edge between junctions: ``from_node``, ``to_node``, ``highway``, ``length_m``, and
            ``travel_time_s`` and ``travel_time_back_s`` along the line and against it, which differ on slopes; ``inf``
            where one may not walk that way. Where the network counts distance: ``travel_distance_m`` and
            ``travel_distance_back_m``.

        Examples
        --------
        >>> import networkx
        >>> graph = networkx.MultiDiGraph(crs="EPSG:4326")
        >>> graph.add_node(1, x=118.90, y=28.9)
        >>> graph.add_node(2, x=118.91, y=28.9)
        >>> _ = graph.add_edge(1, 2, highway="residential")
        >>> Network.from_networkx(graph).edges().drop(columns="geometry").round().T[0].tolist()
        [0, 1, 'residential', 975.0, 878.0, inf]
        """
        from circle.api.edges import edges_frame  # geopandas

        return edges_frame(self.data)

    @cached_property
    def engine(self) -> reach.Engine:
        """The arrays that searches need, unpacked once."""
        return reach.build_engine(self.data, self._grids)

    @cached_property
    def sites(self) -> Mapping[str, reach.Sites]:
        """The entrances of the facilities on the network, by service; none of a service that nobody offers."""
        if self.facilities is None:
            return {}
        joined = reach.join_facilities(self.engine, self.facilities)
        return {service: joined.get(service, no_sites()) for service in self.services or joined}

    @cached_property
    def shores(self) -> shapely.STRtree:
        """The water that isochrones leave out, ready to be searched."""
        return shapely.STRtree(self.water)

    def lattice(self, step_m: float) -> reach.Lattice:
        """The points on which isochrones are drawn; those of the last step are kept, joined to the network."""
        lattice = self._lattices.get(step_m)
        if lattice is None:
            lattice = reach.Lattice(self.engine, step_m)
            self._lattices.clear()
            self._lattices[step_m] = lattice
        return lattice

    def nearest_times(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> dict[str, Floats]:
        """Seconds from points to the nearest facility of each service that the network came with.

        Parameters
        ----------
        lon, lat
            (n,) degrees, or one of each.

        Returns
        -------
        dict of str to ndarray
            By service, (n,) seconds, or metres where the network counts distance; ``inf`` where none can be reached,
            or there is none.

        Raises
        ------
        InputError
            If a point cannot be on Earth, there are more of one than of the other, or the network has no facilities.
        """
        at = Argument("Network.nearest_times")
        if self.facilities is None:
            at.refuse("api.no_facilities")
        engine = self.engine
        places = reach.join_places(engine, *degrees(lon, lat, at))
        found = reach.nearest_facilities(engine, places, self.sites)
        return {service: nearest.cost for service, nearest in found.items()}

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
        from circle.api.what_if import WhatIf  # where somebody asks

        return WhatIf(self.engine, self.unit, origins, destinations)

    @property
    def unit(self) -> str:
        """Ending of cost columns: ``time_s``, or ``distance_m`` where the question was a distance."""
        return "time_s" if self.data.metric == "time" else "distance_m"

    def __repr__(self) -> str:
        data = self.data
        told = warnings_in(self.problems)
        return f"<Network: {data.node_count} junctions, {data.edge_count} edges, {data.piece_count} pieces{told}>"

    def _repr_html_(self) -> str:
        from circle.api.shown import network_html  # for those who look

        return network_html(self.data)
