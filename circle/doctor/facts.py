"""What the data hold, layer by layer, service by service, district by district, and piece by piece of the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely

from circle.access import audit
from circle.access.audit import FAR_FACILITY_M, Footing
from circle.antimeridian import around
from circle.errors import Findings, Problem
from circle.export.eastward import on_the_globe
from circle.export.map_said import OSM_ENDINGS
from circle.lazily import pd
from circle.load.datums import WGS84, is_auto
from circle.load.region import LoadedRegion
from circle.model import OUTSIDE, Bools, Districts, Floats, Ints, NetworkData, RegionData, Residents
from circle.reach import build_engine, join_facilities, join_places
from circle.reach.afloat import warn_of_facilities_in_water
from circle.reach.attach import nearest_leg_m

PER = 10_000.0
WITNESS = {
    "crs.detected": "told",
    "crs.not_shifted_here": "outside_china",
    "crs.nothing_shifted": "outside_china",
    "crs.confirmed": "confirmed",
    "crs.roads_confirmed": "confirmed",
    "crs.contradicted": "contradicted",
    "crs.roads_contradicted": "contradicted",
    "crs.witnesses_disagree": "contradicted",
    "crs.apart_from_roads": "contradicted",
}
"""What a finding about coordinates says of its layer; the entries ``datum.…`` say it in words."""
GEOD = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True)
class LayerFact:
    """One layer.

    Parameters
    ----------
    layer
        ``roads``, ``facilities``, ``population``, ``districts``, ``places``.
    file
        As written; empty for frames.
    count
        Roads in km, facilities, places where people live, districts, named places.
    bounds
        West, south, east, north; None of nothing.
    crs, datum
        The system it was read in, and what the evidence says of it: a value of `WITNESS` or ``""``.
    in_districts
        Share of the facilities, people or named places that lie in a district; NaN without districts.
    problems
        Errors and warnings about this file.
    """

    layer: str
    file: str
    count: float
    bounds: tuple[float, float, float, float] | None
    crs: str
    datum: str
    in_districts: float
    problems: int


@dataclass(frozen=True, eq=False)
class Facts:
    """Everything counted.

    Parameters
    ----------
    layers
        One per layer, and per list of facilities.
    services
        Per service: ``service``, ``sites``, ``sites_in_districts``, ``per_10000`` (of those in districts, for the
        residents in them), ``unnamed``, ``far`` (over 100 m from any road).
    districts
        Per district: ``district_id``, ``district_name``, ``people``, ``census``, ``difference`` (share of the census),
        ``area_km2``, ``sites``, ``per_10000``; ``lon`` and ``lat`` within it.
    pieces
        As `circle.model.Audit.pieces`, the most people first; ``sites``.
    people
        As `circle.model.Audit.people`, and ``residents``: those in districts.
    merged
        Rows of facilities that were duplicates of one site.
    census
        The column that districts were compared with; None: there is none.
    facility_leg_m
        Metres from each facility to the nearest road.
    resident_leg_m
        Metres from each place where people live to the nearest road.
    afloat
        Warnings of facilities in the water.
    """

    layers: tuple[LayerFact, ...]
    services: pd.DataFrame
    districts: pd.DataFrame
    pieces: pd.DataFrame
    people: Mapping[str, float]
    merged: int
    census: str | None
    facility_leg_m: Floats
    resident_leg_m: Floats
    afloat: tuple[Problem, ...] = ()


def gather(loaded: LoadedRegion, network: NetworkData, residents: Residents, problems: tuple[Problem, ...]) -> Facts:
    """Count everything once."""
    data = loaded.data
    engine = build_engine(network)
    leg_m, piece = np.full(len(data.facilities.table), np.inf), np.full(len(data.facilities.table), -1)
    for sites in join_facilities(engine, data.facilities).values():
        legs = nearest_leg_m(sites.places.attachment)
        np.minimum.at(leg_m, sites.facility, legs)
        attachment = sites.places.attachment
        joined = np.flatnonzero(np.diff(attachment.offset) > 0)
        edge = attachment.edge[attachment.offset[joined]]
        piece[sites.facility[joined]] = network.piece[network.edge_from[edge]]
    footing = Footing(join_places(engine, residents.lon, residents.lat).attachment, leg_m)
    seen = audit(network, residents, data.districts, data.facilities, footing, {})
    here = districts_at(data.facilities.table[["lon", "lat"]].to_numpy(float), data.districts)
    own = float(residents.people[0][residents.district != OUTSIDE].sum())
    wet = Findings()
    warn_of_facilities_in_water(engine, data.facilities, leg_m, wet)
    on_piece = np.bincount(piece[piece >= 0], minlength=network.piece_count)
    return Facts(
        layers=tuple(_layers(loaded, network, residents, problems, here)),
        services=_services(data, here, leg_m, own),
        districts=_districts(data, residents, here),
        pieces=seen.pieces.assign(sites=on_piece[seen.pieces["piece"].to_numpy(int)]),
        people={**seen.people, "residents": own},
        merged=data.facilities.merged,
        census=None if data.districts is None else data.districts.census,
        facility_leg_m=leg_m,
        resident_leg_m=nearest_leg_m(footing.residents),
        afloat=tuple(wet.problems),
    )


def districts_at(position: Floats, districts: Districts | None) -> Ints:
    """(n,) the district's row at each (lon, lat); `OUTSIDE` where there is none. All 0 without districts."""
    if districts is None:
        return np.zeros(len(position), dtype=np.int64)
    areas = districts.frame.geometry.to_numpy()
    found = np.full(len(position), len(areas), dtype=np.int64)
    points = np.asarray(shapely.points(position))
    point, area = shapely.STRtree(areas).query(points, predicate="intersects")
    np.minimum.at(found, point, area)
    return np.where(found == len(areas), OUTSIDE, found)


def length_m(network: NetworkData) -> float:
    """All streets together."""
    ends = network.segment_offset[1:] + np.arange(network.edge_count)
    return float(network.vertex_m[ends].sum())


def _layers(
    loaded: LoadedRegion, network: NetworkData, residents: Residents, problems: tuple[Problem, ...], here: Ints
) -> list[LayerFact]:
    data = loaded.data
    some = data.districts is not None
    located = np.isfinite(residents.lon)
    people = residents.people[0]
    inside = float(people[located & (residents.district != OUTSIDE)].sum()) / max(float(people.sum()), 1e-300)

    def fact(layer: str, file: str, count: float, lonlat: Floats, share: float = np.nan) -> LayerFact:
        crs, datum = _system(data, layer, file, problems)
        severe = sum(p.file == file and p.severity.value != "note" for p in problems) if file else 0
        return LayerFact(layer, file, count, _bounds(lonlat), crs, datum, share if some else np.nan, severe)

    found = [
        fact("roads", _file(data, "roads"), length_m(network) / 1000, _pairs(network.vertex_lon, network.vertex_lat))
    ]
    table = data.facilities.table
    for source in dict.fromkeys(table["source"]):
        mine = (table["source"] == source).to_numpy()
        share = float((here[mine] != OUTSIDE).mean())
        found.append(
            fact("facilities", str(source), int(mine.sum()), table.loc[mine, ["lon", "lat"]].to_numpy(float), share)
        )
    lives = _pairs(residents.lon[located], residents.lat[located])
    found.append(fact("population", _file(data, "population"), len(residents.lon), lives, inside))
    if data.districts is not None:
        corners = shapely.get_coordinates(data.districts.frame.geometry.to_numpy())
        found.append(fact("districts", _file(data, "districts"), len(data.districts.frame), corners))
    if data.settlements is not None and len(data.settlements.frame):
        frame = data.settlements.frame
        spots = shapely.get_coordinates(frame.geometry.to_numpy())
        share = float((districts_at(spots, data.districts) != OUTSIDE).mean())
        found.append(fact("places", _file(data, "places"), len(frame), spots, share))
    return found


def _file(data: RegionData, layer: str) -> str:
    """The first file that serves as a layer, else the OSM extract."""
    for wanted in (layer, "osm"):
        for file in data.inputs:
            if wanted in file.layer.split(", "):
                return file.path
    return ""


def _system(data: RegionData, layer: str, file: str, problems: tuple[Problem, ...]) -> tuple[str, str]:
    """The system a file was read in, and what the evidence says of it."""
    known = [one.crs for one in data.inputs if one.path == file and one.crs and not is_auto(one.crs)]
    crs = known[0] if known else WGS84 if file.lower().endswith(OSM_ENDINGS) else ""
    said = [WITNESS[p.code] for p in problems if p.code in WITNESS and p.file == file]
    if layer != "roads":
        said = [WITNESS[p.code] for p in problems if p.code in WITNESS and p.file == file and "roads" not in p.code]
    return crs, next((word for word in ("contradicted", *WITNESS.values()) if word in said), "")


def _services(data: RegionData, here: Ints, leg_m: Floats, people: float) -> pd.DataFrame:
    table = data.facilities.table
    rows = []
    for service in dict.fromkeys(table["service"]):
        mine = (table["service"] == service).to_numpy()
        inside = int((here[mine] != OUTSIDE).sum())
        rows.append(
            {
                "service": str(service),
                "sites": int(mine.sum()),
                "sites_in_districts": inside,
                "per_10000": inside / people * PER if people > 0 else np.nan,
                "unnamed": int(table.loc[mine, "name"].isna().sum()),
                "far": int((leg_m[mine] > FAR_FACILITY_M).sum()),
            }
        )
    return pd.DataFrame(rows)


def _districts(data: RegionData, residents: Residents, here: Ints) -> pd.DataFrame:
    columns = ["district_id", "district_name", "people", "census", "difference", "area_km2", "sites", "per_10000"]
    if data.districts is None:
        return pd.DataFrame({name: [] for name in [*columns, "lon", "lat"]})
    frame = data.districts.frame
    count = len(frame)
    # people of unknown location belong to no district
    own = (residents.district != OUTSIDE) & np.isfinite(residents.lon)
    people: Floats = np.bincount(residents.district[own], residents.people[0][own], count).astype(np.float64)
    census = frame["census"].to_numpy(float) if "census" in frame.columns else np.full(count, np.nan)
    sites = np.bincount(here[here != OUTSIDE], minlength=count)
    inner = shapely.get_coordinates(shapely.point_on_surface(frame.geometry.to_numpy()))
    table = pd.DataFrame(
        {
            "district_id": frame["district_id"].astype(str).to_numpy(),
            "district_name": frame["district_name"].astype(str).to_numpy(),
            "people": people,
            "census": census,
            "difference": _ratio(people - census, census),
            "area_km2": [abs(GEOD.geometry_area_perimeter(shape)[0]) / 1e6 for shape in frame.geometry],
            "sites": sites,
            "per_10000": _ratio(sites.astype(np.float64) * PER, people),
            "lon": inner[:, 0],
            "lat": inner[:, 1],
        }
    )
    return table[[*columns, "lon", "lat"]]


def _ratio(above: Floats, below: Floats) -> Floats:
    """NaN where there is nothing to divide by."""
    usable: Bools = below > 0
    return np.where(usable, above / np.where(usable, below, 1.0), np.nan)


def _pairs(lon: Floats, lat: Floats) -> Floats:
    return np.column_stack([lon, lat])


def _bounds(lonlat: Floats) -> tuple[float, float, float, float] | None:
    if not len(lonlat):
        return None
    lon, lat = around(lonlat[:, 0]), lonlat[:, 1]
    west, east = (on_the_globe(float(value)) for value in (lon.min(), lon.max()))
    return west, float(lat.min()), east, float(lat.max())
