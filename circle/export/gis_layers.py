"""The layers of the GeoPackage: which rows, what their columns are called, how each is drawn in QGIS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

import numpy as np
import shapely

from circle.antimeridian import HALF
from circle.export.fields import LANGUAGES, described_columns
from circle.export.frames import (
    Layer,
    coverage_layer,
    facilities_layer,
    gaps_layer,
    isochrones_layer,
    repairs_layer,
    residents_frame,
    with_population_kind,
)
from circle.export.geopackage import NUMBER, GisLayer
from circle.export.gis_ground import Made, Shapes, ground_layers
from circle.export.qgis_styles import SHAPES, Class, Style, Symbol, qml
from circle.export.words import ALL_SERVICES, limit_words, service_colour, service_name
from circle.export.workbook import both
from circle.lazily import pd
from circle.messages import text
from circle.model import REPAIR_KINDS, Analysis, Geometries, Ints, NetworkData, Status
from circle.reference import table
from circle.settings import Limit, Question

FILE = "layers.gpkg"
BLUES = ("#eff3ff", "#bdd7e7", "#6baed6", "#3182bd", "#08519c")
ORANGES = ("#feedde", "#fdbe85", "#fd8d3c", "#e6550d", "#a63603")
"""Five steps of one hue each (ColorBrewer): told apart by every eye, and in print."""
PEOPLE_STEPS = (0.0, 100.0, 300.0, 1000.0, 3000.0, 1e12)
STATUS_COLOURS = {
    "covered": "#56b4e9", "far": "#d55e00", "detour": "#e69f00", "off_road": "#cc79a7", "no_route": "#000000",
    "no_facility": "#882255", "unknown": "#999999",
}  # fmt: skip
ROAD_LOOKS = {"major": ("#4d4d4d", 0.7), "middle": ("#7f7f7f", 0.4), "minor": ("#b3b3b3", 0.2)}
RANKS = tuple(ROAD_LOOKS)


def gis_layers(analysis: Analysis) -> Iterator[GisLayer]:
    """The layers from the lowest to the highest, each made when it is asked for."""
    ground = ground_layers(analysis)
    places = ground.pop("places", None)
    makers: dict[str, Callable[[Analysis], Made]] = {
        "coverage": _coverage, "isochrones": _isochrones, "gaps": _gaps, **ground, "roads": _roads,
        "residents": _residents, "facilities": _facilities,
    }  # fmt: skip
    if places is not None:
        makers["places"] = places
    repairs = analysis.region.streets.repairs
    if repairs is not None and len(repairs.kind):
        makers["road_repairs"] = _repairs
    for name, make in makers.items():
        rows, shapes, kind, style = make(analysis)
        about = layer_fields(name, rows.columns, analysis)
        aliases = {NUMBER: text("gis.fid", "zh")} | {column["name"]: column["alias"] for column in about}
        yield GisLayer(name, both(f"gis.{name}"), rows, shapes, kind, about, qml(style, aliases))
        del rows, shapes  # before the next one is made


def layer_fields(layer: str, columns: Iterable[object], analysis: Analysis) -> list[dict[str, str]]:
    """Every column of a layer: name, type, unit, meaning, and a Chinese alias."""
    own = f"{FILE}/{layer}"
    described = own if own in table("fields") else f"{layer}.geojson"
    about = described_columns(described, [str(name) for name in columns], analysis, alias=True)
    often = Counter(column["alias"] for column in about)  # two services of the data may be called the same
    return [
        {**column, "alias": f"{column['alias']} {column['name']}"} if often[column["alias"]] > 1 else column
        for column in about
    ]


def _coverage(analysis: Analysis) -> Made:
    question: Question = analysis.settings
    made = _counted(coverage_layer(analysis), analysis)
    steps = list(pairwise((0.0, 0.2, 0.4, 0.6, 0.8, 1.0)))
    classes = [
        Class(_range("gis.share_class", 100 * low, 100 * high), Symbol(colour, opacity=0.8), low=low, high=high)
        for (low, high), colour in zip(steps, BLUES, strict=True)
    ]
    column = f"{ALL_SERVICES}_share_{question.main.label}"
    return *made, "MultiPolygon", Style("fill", column, classes, graduated=True, label="district_name")


def _gaps(analysis: Analysis) -> Made:
    classes = []
    for (low, high), colour in zip(pairwise(PEOPLE_STEPS), ORANGES, strict=True):
        label = _range("gis.people_above" if high == PEOPLE_STEPS[-1] else "gis.people_class", low, high)
        classes.append(Class(label, Symbol(colour, opacity=0.8), low=low, high=high))
    style = Style("fill", "people", classes, graduated=True, largest_first="people")
    return *_counted(gaps_layer(analysis), analysis), "MultiPolygon", style


def _isochrones(analysis: Analysis) -> Made:
    question: Question = analysis.settings
    colours = [BLUES[round(4 - 3 * i / max(len(question.limits) - 1, 1))] for i in range(len(question.limits))]
    classes = [
        Class(_within(limit, question), Symbol(colour, outline=BLUES[4], opacity=0.6), value=limit.label)
        for limit, colour in zip(question.limits, colours, strict=True)
    ]
    order = "limit_s" if question.metric == "time" else "limit_m"
    made = _counted(isochrones_layer(analysis), analysis)
    return *made, "MultiPolygon", Style("fill", "limit", classes, largest_first=order)


def _facilities(analysis: Analysis) -> Made:
    classes = []
    for number, service in enumerate(analysis.reach):
        name = " ".join(dict.fromkeys(service_name(service, lang) for lang in reversed(LANGUAGES)))
        symbol = Symbol(service_colour(service, number), 2.4, SHAPES[number % len(SHAPES)], "#ffffff")
        classes.append(Class(name, symbol, value=service))
    return *_counted(facilities_layer(analysis), analysis), "Point", Style("marker", "service", classes)


def _residents(analysis: Analysis) -> Made:
    """Places without what only programs want of them: that stands in ``residents.parquet``."""
    frame = residents_frame(analysis)
    kept = ["place", "district_id", *(f"people_{group}" for group in analysis.residents.groups)]
    for service in (*analysis.reach, ALL_SERVICES):
        kept += [f"{service}_{analysis.settings.cost_name}", f"{service}_facility_id", f"{service}_status"]
    classes = [
        Class(both(f"gis.status_{status.name.lower()}"), Symbol(colour, 1.2, outline=colour), value=status.name.lower())
        for status in Status
        for colour in [STATUS_COLOURS[status.name.lower()]]
    ]
    residents = analysis.residents

    def points(part: slice) -> Geometries:
        lon, lat = residents.lon[part], residents.lat[part]
        made = np.full(len(lon), None, dtype=object)
        known = np.isfinite(lon)
        made[known] = shapely.points(lon[known], lat[known])
        return made

    rows = with_population_kind(frame[kept], analysis)
    return rows, points, "Point", Style("marker", f"{ALL_SERVICES}_status", classes)


def _roads(analysis: Analysis) -> Made:
    network: NetworkData = analysis.network
    heavier = table("basemap")["roads"]
    ranks = [0 if name in heavier["major"] else 1 if name in heavier["middle"] else 2 for name in network.classes]
    vertices = np.diff(network.segment_offset) + 1
    last = network.segment_offset[1:] + np.arange(len(vertices))
    frame = pd.DataFrame(
        {
            "edge": np.arange(len(vertices)),
            "class": pd.Categorical.from_codes(network.edge_class, categories=pd.Index(network.classes, dtype=object)),
            "class_rank": np.array(RANKS, dtype=object)[np.array(ranks, np.int64)[network.edge_class]],
            "length_m": network.vertex_m[last].round(3),
            "forward": network.forward,
            "backward": network.backward,
            "piece": network.piece[network.edge_from].astype(np.int64),
        }
    )
    classes = [Class(both(f"gis.rank_{rank}"), Symbol(*ROAD_LOOKS[rank]), value=rank) for rank in RANKS]
    drawable = np.flatnonzero(vertices >= 2)
    kind = "MultiLineString" if _crosses_meridian(network, last) else "LineString"
    rows = frame.iloc[drawable].reset_index(drop=True)
    return rows, lambda part: _lines(network, drawable[part]), kind, Style("line", "class_rank", classes)


def _crosses_meridian(network: NetworkData, last: Ints) -> bool:
    """Whether any edge has to be cut; `last` are the numbers of the edges' last vertices."""
    jumps = np.abs(np.diff(network.vertex_lon)) > HALF
    jumps[last[:-1]] = False  # from one edge to the next
    return bool(jumps.any())


def _lines(network: NetworkData, edges: Ints) -> Geometries:
    """One line per edge; `edges` ascend."""
    if not len(edges):
        return np.empty(0, dtype=object)
    between = np.arange(edges[0], edges[-1] + 1)
    owner = np.repeat(between, np.diff(network.segment_offset)[between] + 1)
    first = int(network.segment_offset[edges[0]] + edges[0])
    wanted = np.isin(owner, edges)
    lon, lat = (axis[first : first + len(owner)][wanted] for axis in (network.vertex_lon, network.vertex_lat))
    return np.asarray(shapely.linestrings(lon, lat, indices=np.searchsorted(edges, owner[wanted])))


def _repairs(analysis: Analysis) -> Made:
    repairs = analysis.region.streets.repairs
    assert repairs is not None
    colours = [*list(STATUS_COLOURS.values())[:5], "#009e73"]
    classes = [
        Class(both(f"gis.repair_{kind}"), Symbol(colour, 2.0, shape, "#ffffff"), value=kind)
        for kind, colour, shape in zip(REPAIR_KINDS, colours, SHAPES, strict=False)
    ]
    made = repairs_layer(repairs)
    return made.table, made.geometries.__getitem__, "Point", Style("marker", "kind", classes)


def _range(key: str, low: float, high: float) -> str:
    return both(key, low=f"{low:,.0f}", high=f"{high:,.0f}")


def _within(limit: Limit, question: Question) -> str:
    said = [text("gis.within", lang, limit=limit_words(limit, question, lang)) for lang in reversed(LANGUAGES)]
    return " ".join(said)


def _counted(layer: Layer, analysis: Analysis) -> tuple[pd.DataFrame, Shapes]:
    return with_population_kind(layer.table, analysis), layer.geometries.__getitem__
