"""The stages in order, with their timings: the only module that knows the order."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from circle.access import all_services, audit, doubt_answers, metres_to_boundary, service_reach
from circle.access.audit import Footing
from circle.access.status import Ground, Travel
from circle.errors import Findings
from circle.gaps import COLUMNS, Setting, candidate_sites, gap_zones, grid_of, numbered, uncovered_places
from circle.indicators import indicator_table, summary_table
from circle.lazily import gpd, pd
from circle.model import Analysis, Audit, DistrictCounts, Floats, Ints, NetworkData, RegionData, Residents, ServiceReach
from circle.network import build_network
from circle.population import place_residents
from circle.reach import (
    Crowd,
    Engine,
    Places,
    Search,
    Sites,
    Traced,
    build_engine,
    isochrone_tables,
    join_facilities,
    join_places,
    nearest_facility,
    pairs_within_limit,
    route_lengths,
    search,
    select_places,
    straight_line_m,
    traced,
    trails_of,
)
from circle.reach.afloat import facility_legs, warn_of_facilities_in_water
from circle.reach.attach import nearest_leg_m
from circle.reach.nearest import no_sites
from circle.settings import Question
from circle.stages import Clock
from circle.stages import Progress as Progress
from circle.stages import Silent as Silent
from circle.threads import cpu_count
from circle.units import CIRCUITY

SMALL = 250_000
"""Road vertices, or places: up to here two stages may take memory at a time."""

MOST_TRACED = 3_000_000
"""Answers of places to services, and of junctions: up to here the ways are kept, some five bytes each."""

Found = dict[str, tuple[Search, Traced]]
"""Searches that are kept, by service; none where they would be too large."""

Ways = Callable[[Ints], Floats]
"""Metres of the quickest ways from places (row numbers) to the nearest facility of a service."""


@dataclass(frozen=True, eq=False)
class Joined:
    """Residents and facilities on the network."""

    engine: Engine
    residents: Residents
    places: Places
    sites: dict[str, Sites]


@dataclass(frozen=True, eq=False)
class Reached:
    """What every place reaches, before anything is counted or drawn of it.

    `ways` gives those of a service; `searches` are kept where the map can draw them, else empty.
    """

    joined: Joined
    reach: dict[str, ServiceReach]
    together: ServiceReach
    audit: Audit
    ways: Callable[[str], Ways]
    searches: Found


def build_region_network(data: RegionData, question: Question) -> NetworkData:
    """The network of a region for a question."""
    return build_network(data.streets, data.barriers, question, elevation=data.elevation, projection=data.projection)


def services_of(data: RegionData, question: Question) -> tuple[str, ...]:
    """The services asked, or all that the facilities offer, in their order."""
    return question.services or data.facilities.services


def join_sites(engine: Engine, data: RegionData, question: Question) -> dict[str, Sites]:
    """Facilities on the network by service; a service that none offers has no sites."""
    joined = join_facilities(engine, data.facilities)
    return {service: joined.get(service, no_sites()) for service in services_of(data, question)}


def analyze(
    data: RegionData, question: Question, *, progress: Progress | None = None, each_isochrone: bool = False
) -> Analysis:
    """The whole answer for one region.

    Parameters
    ----------
    data
        What was read.
    question
        What is asked.
    progress
        Told when a stage begins.
    each_isochrone
        One isochrone per facility beside those per service.

    Raises
    ------
    InputError
        If nobody lives in the region, or the population cannot be placed.
    """
    clock, findings = Clock(progress or Silent()), Findings()
    found = reached(data, question, clock, findings)
    return finished(data, question, found, (clock, findings), each_isochrone=each_isochrone)


def reached(data: RegionData, question: Question, clock: Clock, findings: Findings) -> Reached:
    """The first half of an analysis: what every place reaches."""
    return reached_on(ground_of(data, question, clock, findings), data, question, clock, findings)


def ground_of(data: RegionData, question: Question, clock: Clock, findings: Findings) -> tuple[Engine, Residents]:
    """The network, and people where they live: all that is made of the roads and counts as read."""
    ground = clock.both(
        ("network", "population"),
        lambda: build_engine(build_region_network(data, question)),
        lambda: residents_of(data, findings),
        small=len(data.streets.lon) < SMALL,
    )
    findings.stop_on_errors()
    return ground


def reached_on(
    ground: tuple[Engine, Residents], data: RegionData, question: Question, clock: Clock, findings: Findings
) -> Reached:
    """What every place reaches on the network; roads and counts as read are not looked at any more."""
    engine, residents = ground
    with clock.stage("reach"):
        places = join_places(engine, residents.lon, residents.lat)
        joined = Joined(engine, residents, places, join_sites(engine, data, question))
        travels, found = _travels(joined)
    with clock.stage("access"):
        reach = _statuses(joined, travels, data, question)
        seen = audited(joined, data, reach)
    doubt_answers(seen, reach, len(data.facilities.table), findings)
    warn_of_facilities_in_water(engine, data.facilities, facility_legs(joined.sites, data.facilities), findings)
    return Reached(joined, reach, all_services(reach), seen, lambda service: _ways(joined, service, found), found)


def finished(
    data: RegionData,
    question: Question,
    found: Reached,
    said: tuple[Clock, Findings],
    *,
    each_isochrone: bool = False,
    isochrones: bool = True,
) -> Analysis:
    """The second half: what is counted and drawn of it; tables and gaps do without isochrones."""
    (clock, findings), joined, reach = said, found.joined, found.reach
    around = joined.sites if isochrones else {}
    ids = data.facilities.table["facility_id"].tolist() if each_isochrone else None
    crowd, water = Crowd(joined.residents, reach), data.barriers.water
    gaps, (polygons, check) = clock.both(
        ("gaps", "isochrones"),
        lambda: _gaps(found, data, question),
        lambda: isochrone_tables(joined.engine, around, crowd, question, water=water, facility_ids=ids),
        small=len(joined.residents.lon) < SMALL,
    )
    with clock.stage("indicators"):
        indicators = indicator_table(
            reach, found.together, joined.residents, data.districts, question, facilities=data.facilities
        )
        summary = summary_table(indicators, gaps, data.facilities, question)
        trails = trails_of(joined.engine, joined.places, found.searches) if found.searches else None
    return Analysis(
        region=data,
        settings=question,
        network=joined.engine.network,
        residents=joined.residents,
        reach=reach,
        together=found.together,
        indicators=indicators,
        summary=summary,
        gaps=gaps,
        isochrones=polygons,
        isochrone_check=check,
        audit=found.audit,
        problems=tuple(findings.problems),
        seconds=clock.seconds,
        trails=trails,
    )


def residents_of(data: RegionData, findings: Findings) -> Residents:
    """People where they live; wide cells are spread over what the region file wants, or what there is.

    Counts by district say themselves what they are spread over; the rest is what to fall back to.
    """
    by_district = isinstance(data.population, DistrictCounts)
    return place_residents(
        data.population,
        data.districts,
        streets=data.streets if by_district or data.spread in (None, "raster", "roads") else None,
        buildings=data.buildings if by_district or data.spread in (None, "buildings") else None,
        findings=findings,
    )


def _travels(joined: Joined) -> tuple[dict[str, Travel], Found]:
    """Every service's, each in a thread of its own; the searches are kept unless they would be too large."""
    found: Found = {}
    answers = max(len(joined.places.x), joined.engine.network.node_count) * len(joined.sites)

    def one(service: str) -> Travel:
        sites = joined.sites[service]
        if answers <= MOST_TRACED:
            kept = search(joined.engine, sites)
            found[service] = kept, traced(kept, joined.places)
            near = found[service][1].nearest
        else:
            near = nearest_facility(joined.engine, joined.places, sites)
        return Travel(near.cost, near.facility, straight_line_m(joined.places, sites), near.leg_m, near.direct)

    with ThreadPoolExecutor(cpu_count()) as pool:
        travels = dict(zip(joined.sites, pool.map(one, joined.sites), strict=True))
    return travels, {service: found[service] for service in joined.sites if service in found}


def _statuses(
    joined: Joined, travels: dict[str, Travel], data: RegionData, question: Question
) -> dict[str, ServiceReach]:
    network, attachment = joined.engine.network, joined.places.attachment
    leg_m = nearest_leg_m(attachment)
    ground = Ground(
        leg_cost=leg_cost(leg_m, network),
        boundary_m=metres_to_boundary(
            data.extent,
            network.crs,
            joined.places.x,
            joined.places.y,
            farthest_m=question.main.value * network.top_speed_m_s,
        ),
    )
    return {
        name: service_reach(name, travel, ground, network, question, has_facility=len(joined.sites[name].facility) > 0)
        for name, travel in travels.items()
    }


def leg_cost(leg_m: Floats, network: NetworkData) -> Floats:
    """Seconds (or metres) of walking straight metres off the network, circuity included."""
    return CIRCUITY * leg_m / network.leg_speed_m_s


def audited(joined: Joined, data: RegionData, reach: dict[str, ServiceReach]) -> Audit:
    """What is doubtful about the answers, in people."""
    footing = Footing(joined.places.attachment, facility_legs(joined.sites, data.facilities))
    return audit(joined.engine.network, joined.residents, data.districts, data.facilities, footing, reach)


def _gaps(found: Reached, data: RegionData, question: Question) -> gpd.GeoDataFrame:
    """Zones of every service."""
    engine, residents, places = found.joined.engine, found.joined.residents, found.joined.places
    grid = grid_of(engine.network.crs, data.population, residents)
    layers = data.districts, data.settlements, data.facilities
    setting = Setting(engine.network.crs, engine.walls, residents, grid, *layers)
    frames = []
    for service, answer in found.reach.items():
        uncovered = uncovered_places(answer, residents)
        if len(uncovered) == 0:
            continue
        sites = candidate_sites(engine.network.crs, residents, uncovered)
        people = select_places(places, uncovered)
        pairs = pairs_within_limit(engine, people, select_places(people, sites), question.main.value)
        frames.append(gap_zones(setting, answer, uncovered, sites, (pairs.site, pairs.place), found.ways(service)))
    if not frames:
        return gpd.GeoDataFrame({name: [] for name in COLUMNS}, geometry=[], crs="EPSG:4326")
    return numbered(gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry", crs="EPSG:4326"))


def _ways(joined: Joined, service: str, found: Found) -> Ways:
    """A service's ways from places by their numbers; where no search was kept it is searched anew."""
    kept = found[service][0] if service in found else search(joined.engine, joined.sites[service])
    return lambda rows: route_lengths(kept, select_places(joined.places, rows))
