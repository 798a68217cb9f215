"""Line layers - GeoPackage, GeoParquet, shapefile, GeoJSON - to streets joined where they share vertices."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from circle.errors import Findings
from circle.lazily import gpd, pd
from circle.load.columns import SHOWN, rows_listed, shape_kinds
from circle.load.located import Located
from circle.load.road_levels import road_levels
from circle.load.shapefile import glance_at, has_shapefile
from circle.load.short_names import cut_header
from circle.load.streets import Ways, build_streets, offsets
from circle.load.topology import STEPS_PER_DEGREE, Topology, Vertices, mended
from circle.load.vector import read_vector
from circle.load.walkability import Walk, Walkability
from circle.messages import Tally
from circle.model import Bools, Floats, Geometries, Ints, Streets
from circle.reference import table

Texts = npt.NDArray[np.object_]

_ON_EARTH = (360.0, 90.0, 360.0, 90.0)
"""Degrees that a place may have, also one counted on beyond 180."""
TOLD_BY_EVIDENCE = Topology()
"""Lines are joined where the layer as a whole shows that it was drawn without."""


FAR_DEGREES = 15.0
FEW = 0.05
"""Lines that reach farther than 1,500 km from most others are slips of the pen, if they are so few."""


def read_road_layer(
    path: Path,
    layer: str | None,
    findings: Findings,
    *,
    crs: str | None = None,
    class_only: bool = False,
    topology: Topology = TOLD_BY_EVIDENCE,
) -> Streets | None:
    """Read a layer of road centre lines; lines that share a vertex are joined there.

    Columns named like OSM tags (also Geofabrik's ``fclass`` and its ``T``/``F``) are judged as ways of OSM are;
    without a class column every line is walkable, both ways.

    Parameters
    ----------
    layer
        Of a file with several; None: the only one with lines, else the first.
    crs
        Wins over what the file says: ``"EPSG:…"``, ``"gcj02"`` or ``"bd09"``.
    class_only
        Judge by the class alone (see `circle.load.walkability.Walkability`).
    topology
        Whether lines are joined that meet without a shared vertex (see `circle.load.topology`).

    Returns
    -------
    Streets | None
        None after recording an error.
    """
    at = Located(findings, str(path), layer)
    frame = read_vector(path, at, layer=layer or _line_layer(path), crs=crs)
    return None if frame is None else streets_from_lines(frame, at, class_only=class_only, topology=topology)


def streets_from_lines(
    frame: gpd.GeoDataFrame, at: Located, *, class_only: bool = False, topology: Topology = TOLD_BY_EVIDENCE
) -> Streets | None:
    """Streets of a WGS84 frame of lines.

    Parameters
    ----------
    frame
        Lines or multi-lines; ``osm_id`` and columns named as in ``[columns]`` of ``osm_walk.toml`` are used.
    """
    lines, row, unusable = _single_lines(np.asarray(frame.geometry.array, dtype=object))
    counts = Counter({reason: len(rows) for reason, rows in unusable.items()})
    if counts:
        lost = np.unique(np.concatenate(list(unusable.values())))
        shown = rows_listed(frame.index[lost], frame.geom_type.iloc[lost])
        at.warn("roads.parts_unusable", count=sum(counts.values()), reasons=Tally("left_out", counts), rows=shown)
    if not len(lines):
        at.error("roads.no_lines", found=shape_kinds(frame))
        return None
    tags = tag_columns(frame, at)
    walk_of_row, walks, unclassed = _walks(tags, Walkability(class_only=class_only), counts)
    walked = walk_of_row[row] >= 0
    if not walked.any():
        at.error("roads.layer_no_walkable", columns=", ".join(tags) or "-", left_out=Tally("left_out", counts))
        return None
    if unclassed.any():
        shown = rows_listed(frame.index[unclassed], [value or "-" for value in tags["highway"][unclassed]])
        at.warn(
            "roads.class_unknown", count=int(unclassed.sum()), rows=shown, values=_commonest(tags["highway"][unclassed])
        )
    lines, row = lines[walked], row[walked]
    levels = road_levels(frame, tags, at).of(row)
    vertices, repairs = mended(vertices_of(lines), levels, topology, at)
    lon, lat, offset, vertex = join_vertices(vertices, levels.layer)
    way_id = _way_ids(frame)[row]
    streets = build_streets(lon, lat, Ways(offset, vertex, way_id, walk_of_row[row]), walks, counts=counts)
    return replace(streets, repairs=None if repairs is None else replace(repairs, way_id=way_id[repairs.way_id]))


def vertices_of(lines: Geometries) -> Vertices:
    """The vertices of (w,) line strings in WGS84."""
    step = np.rint(shapely.get_coordinates(lines) * STEPS_PER_DEGREE).astype(np.int64)
    return Vertices(step, offsets(shapely.get_num_coordinates(lines).astype(np.int64)))


def join_vertices(vertices: Vertices, level: Ints | None = None) -> tuple[Floats, Floats, Ints, Ints]:
    """Vertices of all lines, equal positions once; where lines of different levels cross midway they stay apart.

    Parameters
    ----------
    vertices
        Of w lines.
    level
        (w,) OSM ``layer`` of each line.

    Returns
    -------
    lon, lat, offset, vertex
        As in `circle.model.Streets`.

    Examples
    --------
    >>> lines = shapely.from_wkt(["LINESTRING (0 0, 1 0)", "LINESTRING (1 0, 1 1)"])
    >>> join_vertices(vertices_of(lines))[3].tolist()
    [0, 1, 1, 2]
    """
    step, offset = vertices.step, vertices.offset
    position, first = pd.factorize((step[:, 0] << 32) + step[:, 1])
    if level is not None and level.any():
        of_vertex = np.repeat(level, np.diff(offset))
        ended = np.zeros(len(first), dtype=np.bool_)
        ended[position[offset[:-1]]] = ended[position[offset[1:] - 1]] = True
        of_vertex[ended[position]] = 0  # where any line ends, all are joined: ramps begin there
        position = pd.factorize(pd.MultiIndex.from_arrays([position, of_vertex]))[0]
    vertex = np.asarray(position, dtype=np.int64)
    lonlat = np.empty((int(vertex.max()) + 1, 2))
    lonlat[vertex] = step / STEPS_PER_DEGREE
    return lonlat[:, 0].copy(), lonlat[:, 1].copy(), offset, vertex


def tag_columns(frame: gpd.GeoDataFrame, at: Located) -> dict[str, Texts]:
    """The columns that hold OSM-like tags, (n,) strings each, None for nothing.

    A class column must know some class; without one every line is a plain road.
    """
    rules = table("osm_walk")
    by_name = {str(name).strip().lower(): name for name in frame.columns}
    walkability = Walkability(class_only=True)
    found: dict[str, Texts] = {}
    for tag, names in rules["columns"].items():
        for name in names:
            header = name if name in by_name else cut_header(by_name, name)
            if header is None or tag in found:
                continue
            values = _words(frame[by_name[header]], {} if tag == "highway" else rules["column_words"])
            if tag != "highway" or any(_is_class(walkability, value) for value in set(values) - {None}):
                found[tag] = values
    if "highway" not in found:
        at.warn("roads.layer_no_class", wanted=", ".join(rules["columns"]["highway"]))
        found["highway"] = np.full(len(frame), "road", dtype=object)
    return found


def _words(column: pd.Series[Any], words: Mapping[str, str]) -> Texts:
    """Values as strings, each distinct one translated once; None for nothing."""
    code, distinct = pd.factorize(column)
    texts = [f"{value:g}" if isinstance(value, float) else str(value).strip() for value in distinct]
    return np.array([*(words.get(text, text) or None for text in texts), None], dtype=object)[code]


def _is_class(walkability: Walkability, value: str) -> bool:
    return walkability.judge({"highway": value}) != "unknown_class"


def _commonest(values: Texts) -> str:
    """The words that occur most, for a message."""
    found = Counter(str(value) for value in values if value).most_common(SHOWN + 1)
    return ", ".join(f"“{word}”" for word, _ in found[:SHOWN]) + (", …" if len(found) > SHOWN else "") or "-"


def _single_lines(shapes: Geometries) -> tuple[Geometries, Ints, dict[str, Ints]]:
    """The single lines of all features with the row of each, and the rows of what is not one, by reason."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    nested = shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT
    if nested.any():
        inner, owner = shapely.get_parts(parts[nested], return_index=True)
        parts, row = np.concatenate([parts[~nested], inner]), np.concatenate([row[~nested], row[nested][owner]])
    kind = shapely.get_type_id(parts)
    is_line = (
        (kind == shapely.GeometryType.LINESTRING) | (kind == shapely.GeometryType.LINEARRING)
    ) & ~shapely.is_empty(parts)
    bounds = shapely.bounds(parts)
    with np.errstate(invalid="ignore"):
        on_earth = (np.abs(bounds) <= _ON_EARTH).all(axis=1)
    keep = is_line & on_earth
    stray = keep.copy()
    stray[keep] = _strays(bounds[keep])
    unusable = {"not_a_line": row[~is_line], "bad_coordinates": row[is_line & ~on_earth], "far_from_rest": row[stray]}
    keep &= ~stray
    order = np.argsort(row[keep], kind="stable")
    unusable = {reason: rows for reason, rows in unusable.items() if len(rows)}
    return parts[keep][order], row[keep][order].astype(np.int64), unusable


def _strays(bounds: Floats) -> Bools:
    """Which of (n, 4) boxes reach far away from most: one vertex at 0, 0 would move the middle of the region."""
    if not len(bounds):
        return np.zeros(0, dtype=np.bool_)
    middle = np.median(bounds, axis=0)
    away = np.abs(bounds - middle)
    away[:, ::2] = np.minimum(away[:, ::2], np.abs(360.0 - away[:, ::2]))  # on the other side of 180 degrees
    far = np.asarray((away > FAR_DEGREES).any(axis=1))
    return far if far.mean() <= FEW else np.zeros(len(far), dtype=np.bool_)


def _walks(tags: Mapping[str, Texts], walkability: Walkability, counts: Counter[str]) -> tuple[Ints, list[Walk], Bools]:
    """For every row the number of its `Walk`, -1 where it is not walked, and whether that is for want of a known class.

    Each combination of tags is judged once.
    """
    combined = pd.DataFrame(dict(tags), dtype=object)
    group = combined.groupby(list(combined), dropna=False, sort=False).ngroup().to_numpy()
    first = np.unique(group, return_index=True)[1]
    times = np.bincount(group)
    walks: dict[Walk, int] = {}
    number = np.full(len(first), -1, dtype=np.int64)
    unclassed = np.zeros(len(first), dtype=bool)
    for row, values in enumerate(combined.iloc[first].itertuples(index=False, name=None)):
        verdict = walkability.judge({tag: value for tag, value in zip(tags, values, strict=True) if value})
        if isinstance(verdict, Walk):
            number[row] = walks.setdefault(verdict, len(walks))
        else:
            counts[verdict or "no_class"] += int(times[row])
            unclassed[row] = verdict in (None, "unknown_class")
    return number[group], list(walks), unclassed[group]


def _way_ids(frame: gpd.GeoDataFrame) -> Ints:
    """OSM numbers where the layer has them, else row numbers."""
    rows = np.asarray(frame.index, dtype=np.int64)
    if "osm_id" not in frame:
        return rows
    ids = pd.to_numeric(frame["osm_id"], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    known = np.isfinite(ids)
    return np.where(known, np.where(known, ids, 0).astype(np.int64), rows)


def _line_layer(path: Path) -> str | None:
    """The only layer of lines in a file of several layers, None where there is nothing to choose."""
    import pyogrio

    if not path.exists() or path.suffix.lower() in (".parquet", ".geoparquet"):
        return None
    try:
        if has_shapefile(path):
            layers = [(seen.layer, seen.kind) for seen in glance_at(path)]
        else:
            layers = [(str(name), str(kind)) for name, kind in pyogrio.list_layers(path)]
    except (pyogrio.errors.DataSourceError, zipfile.BadZipFile, ValueError, OSError):
        return None  # its reader will say why
    lines = [name for name, kind in layers if "LineString" in kind]
    return lines[0] if len(layers) > 1 and len(lines) == 1 else None
