"""``crs = "auto"``: the system of a layer is told by evidence, and what was heard is recorded; never a guess."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from circle.errors import Findings
from circle.load.columns import find_column
from circle.load.datums import WGS84, is_auto
from circle.load.evidence import Anchors, told_system
from circle.load.located import Located

AnchorsOnDemand = Callable[[], Anchors]
"""Gathering them costs what only ``auto`` needs."""
Read = Callable[[str | None, Located], gpd.GeoDataFrame | None]


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
        return read(crs, at), crs
    trial = Located(Findings(), at.file, at.layer)
    written = read(WGS84, trial)
    if written is None or written.empty:
        at.findings.problems.extend(trial.findings.problems)
        return None, None
    placed = written[written.geometry.notna()]
    if placed.empty:  # nothing to be told apart; the rows may still be found by their names
        return read(WGS84, at), None
    centre = shapely.get_coordinates(shapely.centroid(np.asarray(placed.geometry.array)))
    names = find_column(placed, "name", name)
    table = pd.DataFrame(placed.drop(columns="geometry"))
    table = table if names is None else table.assign(name=table[names])
    verdict = told_system(centre[:, 0], centre[:, 1], table, anchors())
    if verdict.system is None:
        at.error("crs.undecided" if verdict.evidence else "crs.no_evidence", evidence=verdict)
        return None, None
    at.note("crs.detected" if verdict.evidence else "crs.not_shifted_here", system=verdict.system, evidence=verdict)
    return read(verdict.system, at), verdict.system
