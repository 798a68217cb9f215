"""Floor area of buildings that people may live in."""

from __future__ import annotations

import numpy as np

from circle import reference
from circle.errors import Findings
from circle.lazily import gpd
from circle.model import Floats

EQUAL_AREA = "EPSG:6933"
"""A cylindrical equal-area projection of the whole WGS84 ellipsoid."""
TALLEST = 200.0
"""Levels; more than any building has."""


def area_m2(frame: gpd.GeoDataFrame) -> Floats:
    """Ellipsoidal area of WGS84 polygons in square metres; 0 for points and lines.

    Edges are straight in the projection, not geodesic, which matters for nothing smaller than a province.
    """
    return np.asarray(frame.geometry.to_crs(EQUAL_AREA).area, dtype=np.float64)


def floor_area_m2(buildings: gpd.GeoDataFrame, findings: Findings) -> Floats:
    """Footprint × levels of each building; 0 where nobody lives by its use.

    Parameters
    ----------
    buildings
        WGS84 footprints. ``levels`` (float, NaN unknown) and ``use`` (the value of OSM's ``building``) where known;
        unknown levels are taken by use from the table ``building_use``.
    findings
        Takes what was assumed.

    Returns
    -------
    Floats
        (n,) square metres. Where no building is residential, all count.
    """
    rules = reference.table("building_use")
    use = buildings["use"].astype("string").fillna("yes").str.lower() if "use" in buildings else None
    assumed = np.full(len(buildings), float(rules["levels"]["default"]))
    if use is not None:
        assumed = use.map(rules["levels"]).fillna(rules["levels"]["default"]).to_numpy(dtype=np.float64)
    levels = np.full(len(buildings), np.nan)
    if "levels" in buildings:
        levels = buildings["levels"].to_numpy(dtype=np.float64, na_value=np.nan)
    known = (levels > 0) & (levels <= TALLEST)
    area = area_m2(buildings) * np.where(known, levels, assumed)
    home = np.ones(len(buildings), dtype=bool)
    if use is not None:
        home = ~use.isin(rules["non_residential"]).to_numpy(dtype=bool)
    if not (area[home] > 0).any():
        findings.warn("population.no_residential_buildings", buildings=len(buildings))
        home[:] = True
    unknown = int(np.count_nonzero(home & ~known))
    if unknown:
        values = np.unique(assumed[home & ~known])
        shown = f"{values[0]:g}" if len(values) == 1 else f"{values[0]:g}-{values[-1]:g}"
        findings.note("population.levels_assumed", unknown=unknown, buildings=int(np.count_nonzero(home)), levels=shown)
    return np.where(home, area, 0.0)
