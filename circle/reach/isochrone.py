"""Isochrones: level sets of the very same travel time, legs and candidates included, for people to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from circle.model import Floats
from circle.reach.contours import Isochrone, contours
from circle.reach.lattice import Lattice
from circle.reach.nearest import Places, Sites, select_places

if TYPE_CHECKING:
    from circle.settings import Limit


def isochrones_of(lattice: Lattice, places: Places, limits: Sequence[Limit], water: shapely.STRtree) -> list[Isochrone]:
    """One area per limit, nested: from where people reach any of some entrances within it.

    Parameters
    ----------
    lattice
        Of the network.
    places
        The entrances.
    limits
        Ascending.
    water
        Polygons in degrees that are cut out.
    """
    field = lattice.field(places, limits[-1].value)
    return contours(field, limits, crs=lattice.engine.network.crs, water=water)


def facility_isochrones(
    lattice: Lattice, sites: Sites, limits: Sequence[Limit], water: shapely.STRtree
) -> Iterator[tuple[int, list[Isochrone]]]:
    """The number of each facility, and its areas."""
    for number in dict.fromkeys(sites.facility.tolist()):
        entrances = select_places(sites.places, np.flatnonzero(sites.facility == number))
        yield number, isochrones_of(lattice, entrances, limits, water)


def people_on_the_wrong_side(
    area: shapely.Geometry, lon: Floats, lat: Floats, within: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Places inside the area though not within the limit, and outside it though within."""
    shapely.prepare(area)
    inside = shapely.contains_xy(area, lon, lat)
    return inside & ~within, ~inside & within
