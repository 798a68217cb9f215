"""A network and its facilities straight from an OSM extract, kept from one process to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, NamedTuple

from circle import reference
from circle.api.points import refuse
from circle.collecting import collection_paused
from circle.errors import Findings, Problem, Severity
from circle.kernels.grid import Grid
from circle.load.said import Said
from circle.messages import Tally
from circle.model import BarrierSegments, Facilities, Geometries, NetworkData, Pace
from circle.model.packing import packed, unpacked
from circle.reach.engine import Grids, build_engine
from circle.reference import ServiceNames
from circle.store import Cache, Entry, key_of, sha256_of
from circle.units import kmh_to_m_s


class _Walking(NamedTuple):
    """A `Pace`."""

    metric: Literal["time", "distance"]
    walking_speed_m_s: float


@dataclass(frozen=True, eq=False)
class ExtractNetwork:
    """What an extract gives.

    Parameters
    ----------
    data
        The streets as a network.
    water
        Polygons cut out of isochrones.
    facilities
        None where no service was asked for.
    problems
        Warnings and notes.
    grids
        Of the network's engine.
    """

    data: NetworkData
    water: Geometries
    facilities: Facilities | None
    problems: tuple[Problem, ...]
    grids: Grids


RECORDS = (
    ExtractNetwork, NetworkData, BarrierSegments, Facilities, Grids, Grid, Problem, Severity, Tally, Said, ServiceNames,
)  # fmt: skip
"""What an entry of the cache may hold."""


def network_of_extract(
    path: Path, services: Sequence[str], walking_speed_kmh: float | None, cache: Cache | None
) -> ExtractNetwork:
    """Read and build, or take what an earlier process kept.

    Raises
    ------
    InputError
        If a service is unknown, the file is missing or cannot be read, or nobody in it offers what was asked for.
    """
    rules, pace = _rules(services), _pace(walking_speed_kmh)
    if not path.is_file():
        refuse("api.no_file", path=str(path))
    if cache is None:
        return _read(path, rules, pace)
    key = key_of("network of an extract", sha256_of(path), str(path), rules, pace)
    kept = cache.get(key)
    if kept is not None:
        found: ExtractNetwork = unpacked(kept.head, kept.arrays, RECORDS)
        return found
    made = _read(path, rules, pace)
    cache.put(key, Entry(*packed(made)))
    return made


def _rules(services: Sequence[str]) -> dict[str, Any]:
    """The tags by which each service is known.

    Raises
    ------
    InputError
        With the nearest name that there is.
    """
    known = {name: row["osm"] for name, row in reference.table("services").items() if row.get("osm")}
    findings = Findings()
    for service in services:
        if service not in known:
            near = get_close_matches(service, known, 1)
            hint = f"→ {near[0]}?" if near else ""
            findings.error("api.service_without_tags", value=service, known=", ".join(known), hint=hint)
    findings.stop_on_errors()
    return {service: known[service] for service in services}


def _pace(walking_speed_kmh: float | None) -> _Walking:
    """How people walk; by the default standard where nothing is said.

    Raises
    ------
    InputError
        If the speed cannot be.
    """
    if walking_speed_kmh is None:
        return _Walking("time", kmh_to_m_s(reference.walking_speed_kmh()))
    from circle.api.asked import asked_anew, default_question  # pydantic: only where there is something to judge

    asked = asked_anew(default_question(), {"walking_speed_kmh": walking_speed_kmh})
    return _Walking(asked.metric, asked.walking_speed_m_s)


def _read(path: Path, rules: Mapping[str, Any], pace: Pace) -> ExtractNetwork:
    with collection_paused():
        from circle.load.barriers import joined_barriers
        from circle.load.located import Located
        from circle.load.osm import read_osm
        from circle.load.osm_extract import OsmWanted
        from circle.load.sites import SiteRows, facilities_of
        from circle.network import build_network

    findings, facilities = Findings(), None
    at = Located(findings, str(path))
    with collection_paused():
        extract = read_osm(path, OsmWanted(facilities=rules), findings)
        findings.stop_on_errors()
        assert extract is not None, "an extract was given up without an error"
        assert extract.streets is not None, "streets were given up without an error"
        if rules:
            facilities = facilities_of([SiteRows.of_osm(extract.facility_table, rules, at)], at)
            findings.stop_on_errors()
        barriers = joined_barriers([extract.barriers])
        data = build_network(extract.streets, barriers, pace)
        grids = build_engine(data).grids
    return ExtractNetwork(data, barriers.water, facilities, tuple(findings.problems), grids)
