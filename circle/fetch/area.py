"""A place as an area: what lies inside, and how far around it data are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import shapely

from circle.fetch.trouble import not_there
from circle.lazily import gpd

Polygonal = shapely.Polygon | shapely.MultiPolygon


@dataclass(frozen=True)
class Place:
    """A place that was found.

    Parameters
    ----------
    name
        As OSM calls it.
    osm_id
        ``relation/1`` or ``way/1``.
    boundary
        Polygon or multipolygon in WGS84.
    admin_level
        Of OSM; None: not an administrative area, or not known.
    country
        ISO 3166-1 alpha-2, lower case; None: not known.
    people
        Of its tag ``population``; None: not known.
    said
        How whoever found it describes it.
    """

    name: str
    osm_id: str
    boundary: Polygonal
    admin_level: int | None = None
    country: str | None = None
    people: float | None = None
    said: str = ""


@dataclass(frozen=True)
class Area:
    """Where data are wanted: `boundary` of the place, and `around` it."""

    boundary: Polygonal
    around: Polygonal


def area_of(boundary: Any, buffer_m: float) -> Area:
    """The boundary and its surroundings, `buffer_m` metres wide on the plane of its own azimuthal projection.

    Raises
    ------
    QueryError
        If the place lies on both sides of the 180th meridian or around a pole.
    """
    west, south, east, north = boundary.bounds
    if east - west > 180.0 or abs(south) > 85.0 or abs(north) > 85.0:
        raise not_there("fetch.across_180", west=f"{west:.1f}", east=f"{east:.1f}")
    middle = boundary.envelope.centroid
    plane = f"+proj=aeqd +lat_0={middle.y:.4f} +lon_0={middle.x:.4f} +datum=WGS84 +units=m"
    flat = gpd.GeoSeries([boundary], crs="EPSG:4326").to_crs(plane)
    wide = flat.buffer(buffer_m) if buffer_m > 0 else flat
    around = wide.to_crs("EPSG:4326").iloc[0]
    if around.bounds[2] - around.bounds[0] > 180.0:
        raise not_there("fetch.across_180", west=f"{around.bounds[0]:.1f}", east=f"{around.bounds[2]:.1f}")
    return Area(boundary, polygonal(around) or boundary)


def polygonal(shape: Any) -> Polygonal | None:
    """The areas of a shape, None where it has none."""
    valid = shapely.make_valid(shape)
    parts = [part for part in shapely.get_parts(valid) if shapely.get_dimensions(part) == 2]
    whole = parts[0] if len(parts) == 1 else shapely.union_all(parts)
    return whole if isinstance(whole, shapely.Polygon | shapely.MultiPolygon) and not whole.is_empty else None
