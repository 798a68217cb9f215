"""What the layers of the GeoPackage lie on: water, barriers, named places; a layer of each where the data hold any."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely

from circle.antimeridian import HALF
from circle.export.qgis_styles import Class, Style, Symbol
from circle.export.workbook import both
from circle.lazily import pd
from circle.model import BARRIER_KINDS, Analysis, Geometries
from circle.reference import table

Shapes = Callable[[slice], Geometries]
Made = tuple[pd.DataFrame, Shapes, str, Style]
"""Rows, what makes the geometries of some of them, their kind, and how they are drawn."""

BARRIER_LOOKS = {"water": ("#3a87b7", 0.5), "railway": ("#4d4d4d", 0.5), "motorway": ("#b35900", 0.7)}
LARGE = ("city", "town")
PLACE_LOOKS = {"large": 2.6, "small": 1.4}


def ground_layers(analysis: Analysis) -> dict[str, Callable[[Analysis], Made]]:
    """What makes each of these layers, of those that hold anything."""
    barriers, settlements = analysis.region.barriers, analysis.region.settlements
    held = {
        "water": (_water, len(_polygons(barriers.water)) > 0),
        "barriers": (_barriers, len(barriers.kind) > 0),
        "places": (_places, settlements is not None and len(settlements.frame) > 0),
    }
    return {name: make for name, (make, any_rows) in held.items() if any_rows}


def _polygons(shapes: Geometries) -> Geometries:
    """Single valid polygons."""
    parts = shapely.get_parts(shapely.make_valid(shapes)) if len(shapes) else np.empty(0, dtype=object)
    kept: Geometries = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return kept


def _water(analysis: Analysis) -> Made:
    shapes = _polygons(analysis.region.barriers.water)
    rows = pd.DataFrame({"kind": np.full(len(shapes), "water", dtype=object)})
    look = Symbol("#a6cee3", outline=BARRIER_LOOKS["water"][0], opacity=0.7)
    return (
        rows,
        shapes.__getitem__,
        "MultiPolygon",
        Style("fill", "kind", [Class(both("gis.water"), look, value="water")]),
    )


def _barriers(analysis: Analysis) -> Made:
    barriers = analysis.region.barriers
    drawable = np.flatnonzero(np.diff(barriers.line_offset) >= 2)
    kinds = np.array(BARRIER_KINDS, dtype=object)[barriers.kind[drawable]]
    rows = pd.DataFrame({"kind": kinds, "one_sided": barriers.one_sided[drawable]})
    lines = [
        shapely.linestrings(barriers.lon[begin:end], barriers.lat[begin:end])
        for begin, end in zip(barriers.line_offset[drawable], barriers.line_offset[drawable + 1], strict=True)
    ]
    shapes = np.array(lines, dtype=object)
    apart = [bool((np.abs(np.diff(shapely.get_coordinates(line)[:, 0])) > HALF).any()) for line in lines]
    classes = [Class(both(f"gis.barrier_{kind}"), Symbol(*BARRIER_LOOKS[kind]), value=kind) for kind in BARRIER_KINDS]
    return rows, shapes.__getitem__, "MultiLineString" if any(apart) else "LineString", Style("line", "kind", classes)


def _places(analysis: Analysis) -> Made:
    settlements = analysis.region.settlements
    assert settlements is not None
    order = {place: rank for rank, place in enumerate(table("basemap")["places"]["order"])}
    frame = settlements.frame
    frame = frame.iloc[np.argsort(frame["place"].map(order).fillna(len(order)).to_numpy(int), kind="stable")]
    size = np.where(frame["place"].isin(LARGE), "large", "small").astype(object)
    rows = pd.DataFrame({
        "name": frame["name"].to_numpy(object), "place": frame["place"].to_numpy(object),
        "people": frame["people"].to_numpy(np.float64), "size": size,
    })  # fmt: skip
    classes = [
        Class(both(f"gis.place_{name}"), Symbol("#4d4d4d", across, "circle", "#ffffff"), value=name)
        for name, across in PLACE_LOOKS.items()
    ]
    shapes = frame.geometry.to_numpy()
    return rows, shapes.__getitem__, "Point", Style("marker", "size", classes, label="name")
