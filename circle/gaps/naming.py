"""Zones take the name of the largest village in them."""

from __future__ import annotations

import numpy as np
import shapely

from circle.kernels.projection import to_metres
from circle.kernels.walls import Walls
from circle.kernels.water import nearest_on_this_side
from circle.lazily import pd
from circle.model import Ints, Residents, Settlements

INSIDE_M = 500.0
BESIDE_M = 1000.0
"""A village farther from a zone's site is another place, which everybody knows to lie elsewhere."""
AROUND_M = 5000.0
"""Where no district has a name for a site, this far a village may lend it its own."""
SIZES = ("city", "town", "suburb", "village", "quarter", "neighbourhood", "hamlet", "isolated_dwelling", "farm")
"""OSM ``place`` values, larger first."""


def name_zones(
    plane: tuple[str, Walls],
    settlements: Settlements | None,
    residents: Residents,
    members: tuple[Ints, Ints],
    zones: pd.DataFrame,
) -> list[str]:
    """Name of every zone: the largest settlement in it, else one beside its site, else its district.

    A settlement lies in the zone of the nearest unserved place within 500 m of it, and beside the site if it is the
    nearest and not farther than 1 km, or 5 km where there are no districts; what lies across water, a railway or a
    motorway is another place. Larger is more people where they are known, then the OSM ``place`` value, then the
    name, so that the choice never depends on the order of rows.

    Parameters
    ----------
    plane
        Metric projection, and the walls on it.
    settlements
        Named places; None: zones are named by their district.
    residents
        All places.
    members
        (place, zone): row numbers of unserved places and the zone (row of `zones`) of each.
    zones
        The zones with ``district_name``, ``site_lon``, ``site_lat`` and ``kind``.
    """
    names = list(zones["district_name"])
    if settlements is None or len(settlements.frame) == 0 or len(members[0]) == 0:
        return names
    crs, walls = plane
    frame = settlements.frame.sort_values(["name", "place"])
    x, y = to_metres(crs, *shapely.get_coordinates(frame.geometry.to_numpy()).T)
    place_x, place_y = to_metres(crs, residents.lon[members[0]], residents.lat[members[0]])
    ascending = np.argsort(place_x, kind="stable")
    limits = np.full(len(x), INSIDE_M)
    nearest = nearest_on_this_side(x, y, limits, place_x[ascending], place_y[ascending], walls)
    inside = pd.DataFrame(
        {
            "zone": np.where(nearest >= 0, members[1][ascending][nearest], -1),
            "people": -frame["people"].fillna(0.0).to_numpy(),
            "size": [SIZES.index(p) if p in SIZES else len(SIZES) for p in frame["place"]],
            "name": frame["name"].to_numpy(),
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
