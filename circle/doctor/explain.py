"""``circle route``: the way from one place to the nearest facility, and in words why the place is covered or not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import shapely

from circle import pipeline, units
from circle.access import service_reach
from circle.access.status import Ground, Travel
from circle.doctor.outlying import outlying, swapped
from circle.errors import Problem, QueryError, Severity
from circle.export import cost_words, feature_collection, length_words, limit_words, service_name
from circle.lazily import pd
from circle.load.region import read_region
from circle.load.service_words import service_of
from circle.messages import text
from circle.model import Geometries, RegionData, Status
from circle.reach import Engine, Route, build_engine, join_facilities, join_places, route, search, straight_line_m
from circle.reach.attach import nearest_leg_m
from circle.reach.nearest import no_sites
from circle.reference import ServiceNames
from circle.settings import Question
from circle.store import Cache

BEYOND_DEGREES = 1.0
"""A start farther than this outside the data is a slip (latitude first, another region), not a remote place."""


@dataclass(frozen=True, eq=False)
class Start:
    """Where the way begins, and what the place is called."""

    lon: float
    lat: float
    name: str
    doubt: Problem | None = None
    """Where it was said in degrees, and lies outside the region."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """A way and what it means.

    Parameters
    ----------
    data, question
        The region and what it asks.
    start
        Where the way begins.
    service
        Key of the service.
    way
        The way, leg by leg.
    straight_m
        To the nearest facility as the crow flies.
    status
        Covered, or why not, at the main limit.
    leg_speed_m_s
        Off the roads, as `NetworkData` has it.
    """

    data: RegionData
    question: Question
    start: Start
    service: str
    way: Route
    straight_m: float
    status: Status
    leg_speed_m_s: float

    @property
    def cost(self) -> float:
        """Seconds (or metres) in all; ``inf`` without a way."""
        return float(self.way.nearest.cost[0])

    def geojson(self) -> str:
        """One feature per leg, with its seconds (or metres of walking) and length; empty without a way.

        A leg of no length (a facility on the road) is a line of two equal positions, never without geometry.
        """
        return feature_collection(*self.legs())

    def legs(self) -> tuple[pd.DataFrame, Geometries]:
        """One row and one line per leg, with its seconds (or metres of walking) and length; none without a way."""
        legs = self.way.legs
        lines = np.empty(len(legs), dtype=object)
        lines[:] = [shapely.linestrings(leg.lon, leg.lat) for leg in legs]
        table = pd.DataFrame(
            {
                "leg": [leg.kind for leg in legs],
                self.question.cost_name: [leg.cost for leg in legs],
                "length_m": [leg.length_m for leg in legs],
                "service": self.service,
                "facility_id": self._facility("facility_id"),
                "facility": self._facility("name"),
                "status": self.status.name.lower(),
            }
        )
        return table, lines

    def lines(self, lang: str) -> list[str]:
        """What was found, in words: legs with their minutes, and why the place is covered or not."""
        said = {
            "start": self.start.name,
            "service": service_name(self.service, lang),
            "facility": self._facility("name") or text("map.no_name", lang),
            "cost": cost_words(self._whole_cost(), self.question, lang),
            "limit": limit_words(self.question.main, self.question, lang),
            "straight": length_words(float(self.straight_m), lang),
            "length": length_words(self.way.walked_m, lang),
            "radius": length_words(self.question.radius_m(self.question.main), lang),
        }
        said["way"] = text(f"route.{self.question.metric}_whole", lang, **said)
        legs = []
        for leg, leg_cost in zip(self.way.legs, self._leg_costs(), strict=True):
            if round(leg.length_m) == 0 and len(self.way.legs) > 1:
                continue
            length, cost = length_words(leg.length_m, lang), cost_words(leg_cost, self.question, lang)
            counted = length_words(leg.walked_m, lang)
            told = {"length": length, "cost": cost, "counted": counted, "factor": f"{units.CIRCUITY:g}"}
            legs.append(text(f"route.{self.question.metric}_{leg.kind}", lang, **told))
        head = [text(f"route.{self.question.metric}_way", lang, **said)] if self.way.legs else []
        return [*head, *legs, text(f"route.{self.status.name.lower()}", lang, **said)]

    def _whole_cost(self) -> float:
        """Seconds (or metres) rounded up, unless that would be beyond a limit that is kept: as the map knows it."""
        whole = float(np.ceil(self.cost))
        return self.cost if any(self.cost <= limit.value < whole for limit in self.question.limits) else whole

    def _leg_costs(self) -> list[float]:
        """What each leg takes, as on the map: off the roads by the whole metres that are told, on them the rest.

        So whoever holds the words of one against those of the other, or a leg's metres against its minutes, finds the
        same figures. It differs from the exact cost by some two seconds (or metres).
        """
        charged = units.CIRCUITY
        off = [
            0.0 if leg.kind == "network" else round(leg.length_m) * charged / self.leg_speed_m_s
            for leg in self.way.legs
        ]
        if len(off) == 1:
            return [self._whole_cost()]
        rest = max(0.0, self._whole_cost() - off[0] - off[-1]) if off else 0.0
        return [rest if leg.kind == "network" else own for leg, own in zip(self.way.legs, off, strict=True)]

    def _facility(self, column: str) -> str | None:
        row = int(self.way.nearest.facility[0])
        value = self.data.facilities.table[column].iloc[row] if row >= 0 else None
        return None if value is None or pd.isna(value) else str(value)


def explain_route(region: Path, start: str, service: str, *, cache: Cache | None = None) -> Explanation:
    """The quickest way from a place to the nearest facility of a service.

    Parameters
    ----------
    region
        A region file or its folder.
    start
        ``LON,LAT``, or the name of a place or facility in the data.
    service
        Key or name of a service.
    cache
        Where what was read of an extract is kept; None: nowhere.

    Raises
    ------
    QueryError
        If the place or the service is not in the data.
    InputError
        If the region cannot be read.
    """
    loaded = read_region(region, cache)
    data, question = loaded.data, loaded.question
    wanted = named_service(service, pipeline.services_of(data, question))
    begin = named_start(start, data)
    return explain_start(data, question, build_engine(pipeline.build_region_network(data, question)), begin, wanted)


def explain_start(data: RegionData, question: Question, engine: Engine, begin: Start, service: str) -> Explanation:
    """The same on a network that there is already."""
    network, sites = engine.network, join_facilities(engine, data.facilities).get(service, no_sites())
    way = route(search(engine, sites), begin.lon, begin.lat)
    place = join_places(engine, np.array([begin.lon]), np.array([begin.lat]))
    near, straight_m = way.nearest, straight_line_m(place, sites)
    reach = service_reach(
        service,
        Travel(near.cost, near.facility, straight_m, near.leg_m, near.direct),
        Ground(
            leg_cost=pipeline.leg_cost(nearest_leg_m(place.attachment), network),
            boundary_m=np.full(1, np.inf),  # the border has no say in why
        ),
        network,
        question,
        has_facility=len(sites.facility) > 0,
    )
    status = Status(int(reach.status[0]))
    return Explanation(data, question, begin, service, way, float(straight_m[0]), status, network.leg_speed_m_s)


def named_service(wanted: str, services: tuple[str, ...]) -> str:
    """A service by its key or its name in any language.

    Raises
    ------
    QueryError
        If the data have no such service.

    Examples
    --------
    >>> named_service("诊所", ("school", "clinic")), named_service("Bus stop", ("bus_stop",))
    ('clinic', 'bus_stop')
    """
    meant = service_of(wanted, None)
    for service in services:
        if service == meant or wanted == service:
            return service
    raise QueryError(
        Problem("query.service_unknown", Severity.ERROR, {"wanted": wanted, "known": ServiceNames(services)})
    )


def named_start(wanted: str, data: RegionData) -> Start:
    """A place by ``LON,LAT`` or by name.

    Raises
    ------
    QueryError
        If nothing, or more than one place, is called so, or the coordinates lie far outside the data.
    """
    numbers = re.fullmatch(r"\s*([+-]?\d+(?:\.\d*)?)\s*[,，\s]\s*([+-]?\d+(?:\.\d*)?)\s*", wanted)
    if numbers:
        return start_at(float(numbers[1]), float(numbers[2]), data, wanted)
    known = _named_points(data)
    matching = known[known["name"] == wanted.strip()].drop_duplicates(["lon", "lat"])
    if len(matching) == 1:
        return Start(float(matching["lon"].iloc[0]), float(matching["lat"].iloc[0]), wanted.strip())
    if len(matching) > 1:
        points = "; ".join(f"{lon:.5f},{lat:.5f}" for lon, lat in zip(matching["lon"], matching["lat"], strict=True))
        raise QueryError(Problem("query.place_ambiguous", Severity.ERROR, {"wanted": wanted, "points": points}))
    if data.districts is not None and (data.districts.frame["district_name"] == wanted.strip()).any():
        raise QueryError(Problem("query.place_is_district", Severity.ERROR, {"wanted": wanted}))
    near = get_close_matches(wanted.strip(), known["name"].unique().tolist(), n=5, cutoff=0.4)
    code = "query.place_unknown_near" if near else "query.place_unknown"
    raise QueryError(Problem(code, Severity.ERROR, {"wanted": wanted, "near": ", ".join(near)}))


def start_at(lon: float, lat: float, data: RegionData, wanted: str) -> Start:
    """A place by its degrees; `wanted` is how the user said it.

    Raises
    ------
    QueryError
        If it lies far outside the data.
    """
    west, south, east, north = shapely.bounds(data.extent.polygon)
    slack = BEYOND_DEGREES
    if not (west - slack <= lon <= east + slack and south - slack <= lat <= north + slack):
        bounds = ", ".join(f"{bound:.3f}" for bound in (west, south, east, north))
        turned = swapped(lon, lat, data.extent)
        code = "query.outside_swapped" if turned else "query.outside"
        raise QueryError(Problem(code, Severity.ERROR, {"wanted": wanted, "bounds": bounds, "swapped": turned}))
    return Start(lon, lat, f"{round(lon, 6)}, {round(lat, 6)}", outlying(lon, lat, data.extent, wanted))


def _named_points(data: RegionData) -> pd.DataFrame:
    """Places, then facilities whose name no place has."""
    facilities = data.facilities.table[["name", "lon", "lat"]].dropna(subset=["name"])
    if data.settlements is None:
        return facilities
    frame = data.settlements.frame
    points = frame.geometry.representative_point()
    places = pd.DataFrame({"name": frame["name"], "lon": points.x, "lat": points.y}).dropna(subset=["name"])
    return pd.concat([places, facilities[~facilities["name"].isin(places["name"])]], ignore_index=True)
