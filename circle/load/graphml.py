"""OSMnx graphs to streets: GraphML files, and graphs in memory."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError

import networkx as nx
import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError
from shapely.errors import GEOSException

from circle.errors import Findings
from circle.load.graph_segments import IMPEDANCE, MisfitError, SegmentValues, joined_impedance, runs, segment_values
from circle.load.located import Located
from circle.load.said import Said
from circle.load.streets import Ways, build_streets, offsets
from circle.load.walkability import Walk, Walkability
from circle.messages import Tally
from circle.model import Floats, Streets

WGS84 = "EPSG:4326"
_UNREADABLE = (
    ParseError,
    nx.NetworkXError,
    GEOSException,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    SyntaxError,
)
"""What reading a damaged or foreign GraphML file may raise in networkx, OSMnx and shapely."""


def _flag(value: Any) -> bool:
    """A flag, which GraphML holds as text."""
    return value.strip().lower() in ("true", "1", "yes") if isinstance(value, str) else bool(value)


_OWN: dict[str, Callable[[Any], Any]] = {
    "speed_factor": float,
    "duration_s": float,
    "attachable": _flag,
    "spans": _flag,
}
"""Attributes that override the judgement."""


class _Edge(NamedTuple):
    """One drawn line of the graph, walked one way or both."""

    ends: tuple[int, int]
    inner: Floats
    way_id: int
    walk: Walk
    values: SegmentValues


class _Row(NamedTuple):
    """A way as it goes into `Streets`: vertex numbers, and what holds for all of it."""

    vertices: tuple[int, ...]
    way_id: int
    walk: Walk
    values: SegmentValues


def is_graph(value: object) -> bool:
    """Whether it is a graph of networkx, of whatever kind."""
    return isinstance(value, nx.Graph)


def read_graphml(path: Path, findings: Findings) -> Streets | None:
    """Read a GraphML file as OSMnx saves it; see `streets_from_graph`.

    Returns
    -------
    Streets | None
        None after recording an error.
    """
    import osmnx

    if not path.is_file():
        findings.error("file.missing", file=str(path))
        return None
    at = Located(findings, str(path))
    try:
        graph = osmnx.load_graphml(path)
    except _UNREADABLE as error:
        at.error("roads.graphml_unreadable", reason=Said(f"{type(error).__name__}: {error}"))
        return None
    return streets_from_graph(graph, at)


def streets_from_graph(graph: Any, at: Located, *, known_impedance: bool = False) -> Streets | None:
    """Streets of a directed multigraph as OSMnx makes them.

    Two edges u -> v and v -> u of the same OSM way and line are one street walked both ways; a lone edge stays
    one-way. Edges are judged by their OSM tags as ways are, but their direction is the graph's, and an unknown class is
    a plain road. Attributes ``speed_factor``, ``duration_s``, ``attachable`` and ``spans`` win where an edge has them.
    ``segment_attachable`` says of each segment whether places may be joined to it, as `Network.to_networkx` writes it.

    Parameters
    ----------
    graph
        A networkx graph; nodes with ``x``, ``y``, edges optionally with ``geometry`` (shapely line) and OSM tags,
        coordinates in ``graph.graph["crs"]`` (default WGS84). Edges of an undirected graph are walked both ways.
    known_impedance
        Let ``segment_impedance`` stand for the speed model where an edge has it.

    Returns
    -------
    Streets | None
        None after recording an error: no usable positions, no edge that can be walked, or values that do not fit the
        segments of their edge.

    Examples
    --------
    >>> graph = nx.MultiDiGraph(crs="EPSG:4326")
    >>> graph.add_node(7, x=118.0, y=29.0)
    >>> graph.add_node(9, x=118.01, y=29.0)
    >>> _ = graph.add_edge(7, 9), graph.add_edge(9, 7)
    >>> streets = streets_from_graph(graph, Located(Findings(), "graph"))
    >>> streets.way_vertex.tolist(), streets.forward.tolist(), streets.backward.tolist()
    ([0, 1], [True], [True])
    """
    position = _positions(graph, at)
    if position is None:
        return None
    counts: Counter[str] = Counter()
    misfits: list[str] = []
    judge = partial(_walk, walkability=Walkability(), known_impedance=known_impedance)
    edges = _edges(graph, position, judge, counts, misfits)
    if misfits:
        at.error("roads.graph_segments", count=len(misfits), edge=misfits[0])
        return None
    if not edges:
        at.error("roads.graph_empty", left_out=Tally("left_out", counts))
        return None
    lonlat = _to_wgs84(np.concatenate([position, *(edge.inner for edge in edges)]), graph, at)
    if lonlat is None:
        return None
    rows = list(_rows(edges, len(position)))
    walks = list(dict.fromkeys(row.walk for row in rows))
    number = {walk: row for row, walk in enumerate(walks)}
    lengths = [len(row.vertices) for row in rows]
    ways = Ways(
        offset=offsets(lengths),
        vertex=np.array([vertex for row in rows for vertex in row.vertices], dtype=np.int64),
        way_id=np.array([row.way_id for row in rows], dtype=np.int64),
        walk=np.array([number[row.walk] for row in rows], dtype=np.int64),
        known=joined_impedance([row.values for row in rows], [n - 1 for n in lengths]) if known_impedance else None,
    )
    return build_streets(lonlat[:, 0].copy(), lonlat[:, 1].copy(), ways, walks, counts=counts)


def _rows(edges: Sequence[_Edge], nodes: int) -> Iterator[_Row]:
    """Every edge as one way, or several where places may be joined to part of it; inner vertices follow the nodes."""
    first = nodes
    for edge in edges:
        inner = len(edge.inner)
        vertices = (edge.ends[0], *range(first, first + inner), edge.ends[1])
        first += inner
        for low, high, attachable, values in runs(edge.values, inner + 1):
            walk = edge.walk if attachable is None else edge.walk._replace(attachable=attachable)
            yield _Row(vertices[low : high + 1], edge.way_id, walk, values)


def _positions(graph: Any, at: Located) -> Floats | None:
    """(n, 2) node coordinates in the graph's own system."""
    try:
        pairs = [(float(data["x"]), float(data["y"])) for _, data in graph.nodes(data=True)]
    except (KeyError, TypeError, ValueError) as error:
        at.error("roads.graph_positions", reason=Said(f"{type(error).__name__} {error}"))
        return None
    return np.array(pairs, dtype=np.float64).reshape(-1, 2)


def _to_wgs84(xy: Floats, graph: Any, at: Located) -> Floats | None:
    """Coordinates of the graph's system in degrees."""
    crs = graph.graph.get("crs", WGS84)
    try:
        transformer = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True)
    except CRSError as error:
        at.error("roads.graph_positions", reason=Said(str(error)))
        return None
    lonlat: Floats = np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))
    bad = ~(np.isfinite(lonlat).all(axis=1) & (np.abs(lonlat[:, 0]) <= 180) & (np.abs(lonlat[:, 1]) <= 90))
    if bad.any():
        at.error("roads.graph_positions", reason=f"x={xy[bad][0, 0]:g}, y={xy[bad][0, 1]:g} ({crs})")
        return None
    return lonlat


def _edges(
    graph: Any, position: Floats, judge: Callable[[Any], Walk | str], counts: Counter[str], misfits: list[str]
) -> list[_Edge]:
    """All walked edges; an edge whose reverse has come before opens that one's other direction."""
    nodes = {node: number for number, node in enumerate(graph.nodes)}
    edges: list[_Edge] = []
    waiting: dict[tuple[Any, ...], list[int]] = {}
    for u, v, data in graph.edges(data=True):
        walk = judge(data)
        if isinstance(walk, str):
            counts[walk] += 1
            continue
        ends = (nodes[u], nodes[v])
        inner = _inner(data.get("geometry"), position[ends[0]], position[ends[1]])
        try:
            # an edge without a direction does not tell in which order its values stand
            values = segment_values(data, len(inner) + 1) if graph.is_directed() else SegmentValues()
        except MisfitError:
            misfits.append(f"{u} → {v}")
            continue
        same = (_ways_of(data), str(data.get("edge")), walk)
        twins = waiting.get((ends[::-1], inner[::-1].tobytes(), same)) if graph.is_directed() else None
        if twins:
            first = twins.pop()
            back = None if values.along is None else values.along[::-1]
            edges[first] = edges[first]._replace(walk=walk, values=edges[first].values._replace(back=back))
            continue
        waiting.setdefault((ends, inner.tobytes(), same), []).append(len(edges))
        if graph.is_directed():
            walk = walk._replace(backward=False)
        edges.append(_Edge(ends, inner, _way_id(data, len(edges)), walk, values))
    return edges


def _ways_of(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The way numbers of an edge whatever their order: OSMnx lists them in the order of walking."""
    return tuple(sorted(str(data.get("osmid", "")).strip("[]").replace(" ", "").split(",")))


def _inner(geometry: Any, start: Floats, end: Floats) -> Floats:
    """(k, 2) vertices between the ends, in the order of the edge, whichever way its line is drawn."""
    if geometry is None:
        return np.empty((0, 2))
    line: Floats = shapely.get_coordinates(geometry)
    if len(line) < 2:
        return np.empty((0, 2))
    straight = math.dist(line[0], start) + math.dist(line[-1], end)
    turned = math.dist(line[0], end) + math.dist(line[-1], start)
    return np.ascontiguousarray(line[1:-1] if straight <= turned else line[-2:0:-1])


def _walk(data: Mapping[str, Any], walkability: Walkability, *, known_impedance: bool) -> Walk | str:
    """How an edge is walked, both ways as yet, or why it is not."""
    tags = {tag: str(value) for tag in walkability.tags if (value := _first(data.get(tag))) is not None}
    own = {name: kind(data[name]) for name, kind in _OWN.items() if name in data}
    if math.isnan(own.get("duration_s", 0.0)):
        del own["duration_s"]
    if "duration_s" in own:
        tags["duration"] = f"{own['duration_s'] / 60:f}"
    if known_impedance and IMPEDANCE in data:  # made of ways that were judged before
        return Walk(tags.get("highway", "road"))._replace(**own)
    verdict = walkability.judge(tags)
    if verdict in (None, "unknown_class"):
        # a class that OSM knows by another tag (ferry, pier), else a road of the user's own class
        way_class = tags.pop("highway", "road")
        verdict = walkability.judge({**tags, **dict.fromkeys(walkability.class_tags[::-1], way_class)})
        if verdict in (None, "unknown_class"):
            verdict = Walk(way_class)
    if isinstance(verdict, str):
        return verdict
    return verdict._replace(forward=True, backward=True, **own)


def _first(value: Any) -> Any:
    """OSMnx joins the ways of one edge: a list of values stands for its first."""
    return value[0] if isinstance(value, list) and value else value


def _way_id(data: Mapping[str, Any], number: int) -> int:
    first = _first(data.get("osmid"))
    return (
        int(first) if isinstance(first, int | np.integer) or (isinstance(first, str) and first.isdecimal()) else number
    )
