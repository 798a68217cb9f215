"""Spreading the people of wide zones over what people live along: roads or buildings, conserved per zone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from circle.errors import Findings
from circle.kernels.lengths import ellipsoid_distance_m
from circle.lazily import gpd
from circle.model import Bools, Floats, Ints, Streets
from circle.population.floor_area import floor_area_m2

WIDE_M = 250.0
"""A zone wider than this is too coarse for walking times: its people are spread over what lies in it."""
PLACE_SPACING_M = 100.0
PIECE_M = 20.0
"""Roads are cut this fine before they are shared out among zones."""


@dataclass(frozen=True, eq=False)
class Carriers:
    """What people are put on: c short pieces of road, or buildings.

    Parameters
    ----------
    lon, lat
        (c,) middle of each piece.
    weight
        (c,) metres of road, or square metres of floor.
    run
        (c,) pieces of one run that lie in one zone become one place: 100 m of one road, one building.
    """

    lon: Floats
    lat: Floats
    weight: Floats
    run: Ints


@dataclass(frozen=True, eq=False)
class Spread:
    """The places of zones.

    Parameters
    ----------
    zone
        (n,) row number of the zone, ascending.
    lon, lat
        (n,) the place.
    share
        (n,) of the zone's people; the shares of a zone add up to 1.
    bare
        (n,) the place is the zone's centre, for want of anything to carry people.
    """

    zone: Ints
    lon: Floats
    lat: Floats
    share: Floats
    bare: Bools


def carriers_of(streets: Streets | None, buildings: gpd.GeoDataFrame | None, findings: Findings) -> Carriers | None:
    """Buildings if there are any, else roads, else None."""
    if buildings is not None and len(buildings):
        return carriers_of_buildings(buildings, findings)
    return None if streets is None else carriers_of_streets(streets)


def carriers_of_buildings(buildings: gpd.GeoDataFrame, findings: Findings) -> Carriers:
    """A point inside each building, which weighs its floor area."""
    weight = floor_area_m2(buildings, findings)
    at = shapely.get_coordinates(shapely.point_on_surface(np.asarray(buildings.geometry.array)))
    return Carriers(at[:, 0].copy(), at[:, 1].copy(), weight, np.arange(len(weight)))


def carriers_of_streets(streets: Streets) -> Carriers:
    """Walkable roads that places may be joined to, in pieces of at most 20 m and equal runs of about 100 m."""
    ways = len(streets.way_offset) - 1
    way_of_vertex = np.repeat(np.arange(ways), np.diff(streets.way_offset))
    start = np.flatnonzero(way_of_vertex[:-1] == way_of_vertex[1:])
    open_way = (streets.forward | streets.backward) & streets.attachable
    start = start[open_way[way_of_vertex[start]]]
    a, b = streets.way_vertex[start], streets.way_vertex[start + 1]
    length = ellipsoid_distance_m(streets.lon[a], streets.lat[a], streets.lon[b], streets.lat[b])
    way = way_of_vertex[start]
    end_m = np.cumsum(length)
    before_way_m = (end_m - length)[np.searchsorted(way, way)]
    way_m = end_m[np.searchsorted(way, way, side="right") - 1] - before_way_m
    steps = np.maximum(np.rint(way_m / PLACE_SPACING_M), 1)

    pieces = np.maximum(np.ceil(length / PIECE_M), 1).astype(np.int64)
    segment = np.repeat(np.arange(len(start)), pieces)
    nth = np.arange(len(segment)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    along = (nth + 0.5) / pieces[segment]
    east = streets.lon[b] - streets.lon[a]
    east -= 360.0 * np.rint(east / 360.0)
    from_start_m = (end_m - length - before_way_m)[segment] + along * length[segment]
    step = np.floor(from_start_m * (steps / np.maximum(way_m, 1e-9))[segment]).astype(np.int64)
    return Carriers(
        streets.lon[a][segment] + along * east[segment],
        streets.lat[a][segment] + along * (streets.lat[b] - streets.lat[a])[segment],
        (length / pieces)[segment],
        _numbered(way[segment], step),
    )


def _numbered(way: Ints, step: Ints) -> Ints:
    """One number per pair; pieces come way by way, so a change of either starts a new run."""
    changes = (way[1:] != way[:-1]) | (step[1:] != step[:-1])
    return np.concatenate([np.zeros(min(len(way), 1), dtype=np.int64), np.cumsum(changes)])


def spread(centre_lon: Floats, centre_lat: Floats, carriers: Carriers, zone: Ints, carrier: Ints) -> Spread:
    """Places of every zone on its carriers, by weight; a zone without any has one place, at its centre.

    Parameters
    ----------
    centre_lon, centre_lat
        (z,) where people stay that nothing carries.
    zone, carrier
        (p,) which carrier lies in which zone; a carrier may lie in several.
    """
    zones = len(centre_lon)
    useful = carriers.weight[carrier] > 0
    zone, carrier = zone[useful], carrier[useful]
    order = np.lexsort((carrier, carriers.run[carrier], zone))
    zone, carrier = zone[order], carrier[order]
    run = carriers.run[carrier]
    starts = np.ones(len(zone), dtype=bool)
    starts[1:] = (zone[1:] != zone[:-1]) | (run[1:] != run[:-1])
    first = np.flatnonzero(starts)
    size = np.diff(np.append(first, len(zone)))
    middle, of_zone = carrier[first + size // 2], zone[first]
    weight = np.bincount(np.cumsum(starts) - 1, weights=carriers.weight[carrier], minlength=len(first))
    total = np.bincount(of_zone, weights=weight, minlength=zones)
    bare = np.flatnonzero(total == 0)
    every = np.concatenate([of_zone, bare])
    order = np.argsort(every, kind="stable")
    return Spread(
        every[order],
        np.concatenate([carriers.lon[middle], centre_lon[bare]])[order],
        np.concatenate([carriers.lat[middle], centre_lat[bare]])[order],
        np.concatenate([weight / total[of_zone], np.ones(len(bare))])[order],
        (total == 0)[every[order]],
    )
