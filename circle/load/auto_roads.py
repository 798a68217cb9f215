"""Roads of a file whose system is left to evidence: the people of a raster live along them, in one system only."""

from __future__ import annotations

from dataclasses import replace

from circle.load.agreement import heard_from_residents
from circle.load.datums import WGS84, is_auto, to_wgs84
from circle.load.located import Located
from circle.load.shifted import in_china
from circle.load.streets import road_lines
from circle.model import Streets


def settled_roads(streets: Streets, crs: str | None, population: object, at: Located) -> Streets | None:
    """Roads as they are, or with ``crs = "auto"`` moved out of the system that the evidence speaks for.

    Parameters
    ----------
    streets
        Read as WGS84.
    crs
        As the user wrote it.
    population
        A raster, or a census with the raster that it is spread by, can tell.

    Returns
    -------
    Streets or None
        None after recording that it cannot be told.
    """
    if not is_auto(crs):
        return streets
    if not in_china(streets.lon, streets.lat).any():
        at.note("crs.not_shifted_here", system=WGS84)
        return streets
    heard = heard_from_residents(road_lines(streets), population)
    if heard is None or heard.system is None:
        at.error("crs.roads_without_evidence" if heard is None else "crs.undecided", evidence=heard or "-")
        return None
    at.note("crs.detected", system=heard.system, evidence=heard)
    return moved(streets, heard.system)


def moved(streets: Streets, system: str) -> Streets:
    """Roads that were read as WGS84, though they are in another system of degrees; with the places of their repairs."""
    lon, lat = to_wgs84(streets.lon, streets.lat, system)
    repairs = streets.repairs
    if repairs is not None:
        repair_lon, repair_lat = to_wgs84(repairs.lon, repairs.lat, system)
        repairs = replace(repairs, lon=repair_lon, lat=repair_lat)
    return replace(streets, lon=lon, lat=lat, repairs=repairs)
