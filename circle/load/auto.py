"""``crs = "auto"``: the system of a layer is told by evidence, and what was heard is recorded; never a guess.

Degrees may be WGS84, GCJ-02 or BD-09. Metres may be in any projected system in use where the region is: those that put
the list into the region are compared by the same witnesses. Where eastings begin with the number of a zone and most of
the list then lies in the region, that is a witness too: any other zone lies hundreds of kilometres away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import shapely

from circle.errors import Findings
from circle.lazily import gpd, pd
from circle.load.agreement import as_written, confirm_list
from circle.load.columns import find_column
from circle.load.datums import READ_AS, SHIFTED, WGS84, is_auto
from circle.load.evidence import Anchors, Evidence, Verdict, told_system, verdict_on
from circle.load.located import Located
from circle.load.placement import MARGIN_M, Box
from circle.load.shifted import in_china
from circle.load.zones import looks_exchanged, metric_candidates, zone_of_easting
from circle.model import Floats

AnchorsOnDemand = Callable[[], Anchors]
"""Gathering them costs what only ``auto`` needs."""
Read = Callable[[str | None, Located], gpd.GeoDataFrame | None]

SURELY_INSIDE = 0.95
"""Share of a list that its zone must put into the region."""


def read_in_system(
    read: Read, crs: str | None, anchors: AnchorsOnDemand, at: Located, *, name: str | None = None
) -> tuple[gpd.GeoDataFrame | None, str | None]:
    """A layer in the system that was declared, or that the evidence speaks for.

    Parameters
    ----------
    read
        Reads the layer in a system and records what is wrong with it.
    crs
        As the user wrote it.
    anchors
        Gathers what surely stands where it says; asked only for ``auto``.
    name
        The column of names that the user named; default: recognised by its header.

    Returns
    -------
    (GeoDataFrame or None, str or None)
        The layer in WGS84, and the system that it was read in; no layer after recording an error.
    """
    if not is_auto(crs):
        frame = read(crs, at)
        crs = crs if frame is None else frame.attrs.get(READ_AS, crs)
        located = None if frame is None else frame[frame.geometry.notna()]
        if located is not None and in_china(*_centres(located).T).any():
            confirm_list(_centres(located), _named(located, name), crs, anchors(), at)
        return frame, crs
    trial = Located(Findings(), at.file, at.layer)
    written = read(WGS84, trial)
    if written is None or written.empty:
        middle = _middle_in_metres(trial)
        if middle is not None:
            return _read_metres(read, middle, anchors(), at, name)
        at.findings.problems.extend(trial.findings.problems)
        return None, None
    placed = written[written.geometry.notna()]
    if placed.empty:  # nothing to be told apart; the rows may still be found by their names
        return read(WGS84, at), None
    by_header = str(written.attrs.get(READ_AS, WGS84))
    verdict = told_system(*as_written(_centres(placed), by_header), _named(placed, name), anchors())
    if verdict.system is None:
        at.error("crs.undecided" if verdict.evidence else "crs.no_evidence", evidence=verdict)
        return None, None
    if by_header in SHIFTED and verdict.evidence and verdict.system != by_header:
        columns = [problem.fields["column"] for problem in trial.findings.problems if problem.code == "crs.by_header"]
        at.error("crs.header_contradicted", column=columns[0], system=by_header, told=verdict.system)
        return None, None
    at.note("crs.detected" if verdict.evidence else "crs.not_shifted_here", system=verdict.system, evidence=verdict)
    tried = WGS84 if by_header in SHIFTED else verdict.system  # as the header has it, or moved as the evidence says
    return read(tried, at), verdict.system


def _middle_in_metres(trial: Located) -> tuple[float, float] | None:
    """The middle values of a layer that could not be read as degrees because it counts metres."""
    for problem in trial.findings.problems:
        if problem.code in ("crs.metres_in_degrees", "crs.zone_written"):
            return float(str(problem.fields["x"])), float(str(problem.fields["y"]))
    return None


def _read_metres(
    read: Read, middle: tuple[float, float], anchors: Anchors, at: Located, name: str | None
) -> tuple[gpd.GeoDataFrame | None, str | None]:
    """A layer of eastings and northings in the projected system that the evidence speaks for."""
    if looks_exchanged(*middle):
        at.error("crs.unnamed_exchanged", x=f"{middle[0]:.10g}", y=f"{middle[1]:.10g}")
        return None, None
    bounds = _bounds(anchors)
    if bounds is None:
        at.error("crs.no_evidence", evidence=Verdict(None, ()))
        return None, None
    lon, lat = bounds.reshape(2, 2).mean(axis=0).tolist()
    box = Box.around(bounds[[0, 2]], bounds[[1, 3]], MARGIN_M)
    candidates = metric_candidates(middle[0], lon, lat)
    placed, table, share = {}, pd.DataFrame(), {}
    for system in candidates:
        trial = Located(Findings(), at.file, at.layer)
        frame = read(system, trial)
        if frame is None:
            continue
        centre = _centres(frame)
        share[system] = 100.0 * float(box.holds(*centre.T).mean())
        if share[system] > 50.0:
            placed[system], table = centre, _named(frame, name)
    verdict = _verdict_on_metres(placed, share, table, anchors, by_zone=zone_of_easting(middle[0]) is not None)
    if verdict.system is None:
        at.error("crs.undecided_metres", tried=", ".join(candidates), example=candidates[0], evidence=verdict)
        return None, None
    at.note("crs.detected", system=verdict.system, evidence=verdict)
    return read(verdict.system, at), verdict.system


def _verdict_on_metres(
    placed: Mapping[str, Floats], share: Mapping[str, float], table: pd.DataFrame, anchors: Anchors, *, by_zone: bool
) -> Verdict:
    """What the witnesses say of the candidates that put the list into the region; systems of equal places are one."""
    first = next(iter(placed.values()), np.empty((0, 2)))
    distinct: dict[str, Floats] = {}
    for system, points in placed.items():
        if not any(np.allclose(points, other, rtol=0, atol=1e-7) for other in distinct.values()):
            distinct[system] = points
    said = next(iter(placed)) if by_zone and max(share.values(), default=0.0) >= 100.0 * SURELY_INSIDE else None
    extent = Evidence("extent", len(first), share, said)
    if not distinct:
        return Verdict(None, (extent,) if share else ())
    heard = verdict_on(distinct, table, anchors)
    spoken = {one.system for one in (*heard.evidence, extent)} - {None}
    return replace(heard, system=spoken.pop() if len(spoken) == 1 else None, evidence=(extent, *heard.evidence))


def _bounds(anchors: Anchors) -> Floats | None:
    """West, south, east, north of what a list is compared with."""
    boxes = [] if not len(anchors.roads) else [shapely.total_bounds(anchors.roads)]
    boxes += [frame.total_bounds for frame in (anchors.districts, anchors.names) if frame is not None and len(frame)]
    if not boxes:
        return None
    corners = np.array(boxes)
    return np.concatenate([corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0)])


def _centres(frame: gpd.GeoDataFrame) -> Floats:
    """(n, 2) the middle of each shape that is there."""
    shapes = np.asarray(frame.geometry.array)
    return shapely.get_coordinates(shapely.centroid(shapes[~shapely.is_missing(shapes)]))


def _named(frame: gpd.GeoDataFrame, name: str | None) -> pd.DataFrame:
    """The attributes of the shapes that are there, with their names under ``name``."""
    table = pd.DataFrame(frame[frame.geometry.notna()].drop(columns="geometry"))
    names = find_column(frame, "name", name)
    return table if names is None else table.assign(name=table[names])
