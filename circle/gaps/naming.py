"""Zones take the name of the largest village in them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely

from circle.kernels.projection import to_metres
from circle.kernels.walls import Walls
from circle.kernels.water import nearest_on_this_side
from circle.lazily import pd
from circle.model import Districts, Floats, Geometries, Ints, Residents, Settlements

INSIDE_M = 500.0
BESIDE_M = 1000.0
"""A village farther from a zone's site is another place, which everybody knows to lie elsewhere."""
AROUND_M = 5000.0
"""Where no district has a name for a site, this far a village may lend it its own."""
SIZES = ("city", "town", "suburb", "village", "quarter", "neighbourhood", "hamlet", "isolated_dwelling", "farm")
"""OSM ``place`` values, larger first."""


def name_zones(
    plane: tuple[str, Walls],
    layers: tuple[Settlements | None, Districts | None],
    residents: Residents,
    members: tuple[Ints, Ints],
    zones: pd.DataFrame,
) -> list[str]:
    """Name of every zone: the largest settlement in it, else one beside its site, else its district.

    A settlement lies in the zone of the nearest unserved place of its district within 500 m of it, and beside the site
    if it is the nearest and not farther than 1 km, or 5 km where there are no districts; what lies across water, a
    railway or a motorway is another place. Larger is more people where they are known, then the OSM ``place`` value,
    then the name, so that the choice never depends on the order of rows.

    Parameters
    ----------
    plane
        Metric projection, and the walls on it.
    layers
        Named places and districts. Without the first, zones are named by their district.
    residents
        All places.
    members
        (place, zone): row numbers of unserved places and the zone (row of `zones`) of each.
    zones
        The zones with ``district_name``, ``site_lon``, ``site_lat`` and ``kind``.
    """
    settlements, districts = layers
    names = list(zones["district_name"])
    if settlements is None or len(settlements.frame) == 0 or len(members[0]) == 0:
        return names
    crs, walls = plane
    frame = settlements.frame.sort_values(["name", "place"])
    x, y = to_metres(crs, *shapely.get_coordinates(frame.geometry.to_numpy()).T)
    place_x, place_y = to_metres(crs, residents.lon[members[0]], residents.lat[members[0]])
    at = x, y, frame.geometry.to_numpy()
    own = place_x, place_y, residents.district[members[0]]
    village, zone = _within_zones(at, own, members[1], districts, walls)
    inside = pd.DataFrame(
        {
            "zone": zone,
            "people": -frame["people"].fillna(0.0).to_numpy()[village],
            "size": [SIZES.index(p) if p in SIZES else len(SIZES) for p in frame["place"].to_numpy()[village]],
            "name": frame["name"].to_numpy()[village],
        }
    ).sort_values(["zone", "people", "size", "name"])
    largest = inside.drop_duplicates("zone").set_index("zone")["name"]
    ranked = np.flatnonzero(zones["kind"] == "zone")
    site_x, site_y = to_metres(crs, zones["site_lon"].to_numpy()[ranked], zones["site_lat"].to_numpy()[ranked])
    district = zones["district_name"].to_numpy(object)[ranked]
    limits = np.where(district == "", AROUND_M, BESIDE_M)
    ascending = np.argsort(x, kind="stable")
    beside = nearest_on_this_side(site_x, site_y, limits, x[ascending], y[ascending], walls)
    called = np.where(beside >= 0, frame["name"].to_numpy(object)[ascending][beside], district)
    found = pd.Series(called, index=ranked, dtype=object)
    found.update(largest)
    return [str(found[zone]) if zone in found.index else "" for zone in range(len(zones))]


def _within_zones(
    villages: tuple[Floats, Floats, Geometries],
    places: tuple[Floats, Floats, Ints],
    zone_of: Ints,
    districts: Districts | None,
    walls: Walls,
) -> tuple[Ints, Ints]:
    """Numbers of villages, and the zone in which each lies.

    District by district: so a county that is cut out of a province calls its zones as the whole does.

    Parameters
    ----------
    villages
        Metres east and north, and points in degrees.
    places
        Metres east and north of unserved places, and their districts; below 0: none.
    zone_of
        Of each place.
    """
    found, zones = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    inside = _by_district(villages[2], districts)
    for district in np.unique(places[2]).tolist():
        mine = inside[max(district, -1)] if districts is not None else np.arange(len(villages[0]))
        own = np.flatnonzero(places[2] == district)
        own = own[np.argsort(places[0][own], kind="stable")]
        limits = np.full(len(mine), INSIDE_M)
        x, y = villages[0][mine], villages[1][mine]
        nearest = nearest_on_this_side(x, y, limits, places[0][own], places[1][own], walls)
        found.append(mine[nearest >= 0])
        zones.append(zone_of[own[nearest[nearest >= 0]]])
    return np.concatenate(found), np.concatenate(zones)


def _by_district(points: Geometries, districts: Districts | None) -> list[Ints]:
    """Numbers of the points in each district; last of those in none."""
    if districts is None:
        return []
    shapes = districts.frame.geometry.to_numpy()
    pairs = shapely.STRtree(points).query(shapes, predicate="intersects")
    pairs = pairs[:, np.lexsort((pairs[1], pairs[0]))]
    first = np.searchsorted(pairs[0], np.arange(len(shapes) + 1))
    nowhere = np.setdiff1d(np.arange(len(points)), pairs[1])
    return [*(pairs[1][low:high] for low, high in pairwise(first.tolist())), nowhere]
