"""A network and its facilities straight from an OSM extract, kept from one process to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from circle import reference
from circle.api.arguments import Argument
from circle.collecting import collection_paused
from circle.errors import Findings, Problem, Severity
from circle.kernels.grid import Grid
from circle.load.osm_format import osm_format
from circle.load.told import PROBLEM_RECORDS, of_file
from circle.model import BarrierSegments, Facilities, Geometries, NetworkData, Pace
from circle.model.packing import packed, unpacked
from circle.reach.engine import Grids, build_engine
from circle.reference import ServiceNames
from circle.store import Cache, Entry, key_of, sha256_of
from circle.units import kmh_to_m_s

if TYPE_CHECKING:
    from circle.load.features import Features
    from circle.load.located import Located

FROM_OSM = Argument("Network.from_osm")
"""By which what is refused here is told."""


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
    file
        As the extract was called when it was read.
    grids
        Of the network's engine.
    """

    data: NetworkData
    water: Geometries
    facilities: Facilities | None
    problems: tuple[Problem, ...]
    file: str
    grids: Grids

    def called(self, file: str) -> ExtractNetwork:
        """The same of an extract of the same content and another name, which stands in findings and as source."""
        facilities = self.facilities
        if file == self.file:
            return self
        if facilities is not None:
            source = np.full(len(facilities.columns["source"]), file, dtype=object)
            facilities = replace(facilities, columns={**facilities.columns, "source": source})
        return replace(self, facilities=facilities, problems=of_file(self.problems, self.file, file), file=file)


RECORDS = (ExtractNetwork, NetworkData, BarrierSegments, Facilities, Grids, Grid, *PROBLEM_RECORDS)
"""What an entry of the cache may hold."""


def network_of_extract(
    path: Path, services: Sequence[str], walking_speed_kmh: float | None, cache: Cache | None
) -> ExtractNetwork:
    """Read and build, or take what an earlier process kept of the same content, whatever it was called.

    Raises
    ------
    InputError
        If a service is unknown, the file is missing or cannot be read, or nobody in it offers what was asked for.
    """
    rules, pace = _rules(services), _pace(walking_speed_kmh)
    _demand_file(path)
    content = None if cache is None else _hash_of(path)
    if cache is None or content is None:
        return _read(path, rules, pace)
    key = key_of("network of an extract", content, osm_format(path), rules, pace)
    kept = cache.get(key)
    if kept is not None:
        found: ExtractNetwork = unpacked(kept.head, kept.arrays, RECORDS)
        return found.called(str(path))
    made = _read(path, rules, pace)
    cache.put(key, Entry(*packed(made, RECORDS)))
    return made


def _demand_file(path: Path) -> None:
    """Refuse what is no file, by what it is.

    Raises
    ------
    InputError
        If there is nothing of that name, or a folder.
    """
    at = FROM_OSM.named("path")
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # also names that no file can have: too long, or with a zero in them
        at.refuse("api.no_file", path=str(path))
    if S_ISDIR(mode):
        at.refuse("api.folder_given", path=str(path), example=str(path / "region.osm.pbf"))
    if not S_ISREG(mode):
        at.refuse("api.no_file", path=str(path))


def _hash_of(path: Path) -> str | None:
    """The SHA-256 of a file; None of one that may not be read, which the reader tells."""
    try:
        return sha256_of(path)
    except OSError:
        return None


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
            findings.error(
                "api.service_without_tags",
                file=FROM_OSM.place,
                layer="services",
                value=service,
                known=", ".join(known),
                hint=hint,
            )
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

    speed_kmh = FROM_OSM.named("walking_speed_kmh").number(walking_speed_kmh)
    asked = asked_anew(default_question(), {"walking_speed_kmh": speed_kmh}, caller=FROM_OSM)
    return _Walking(asked.metric, asked.walking_speed_m_s)


def _read(path: Path, rules: Mapping[str, Any], pace: Pace) -> ExtractNetwork:
    with collection_paused():
        from circle.load.barriers import joined_barriers
        from circle.load.located import Located
        from circle.load.osm import read_osm
        from circle.load.osm_extract import OsmWanted
        from circle.network import build_network

    findings, facilities = Findings(), None
    at = Located(findings, str(path))
    with collection_paused():
        extract = read_osm(path, OsmWanted(facilities=rules), findings)
        findings.stop_on_errors()
        assert extract is not None, "an extract was given up without an error"
        assert extract.streets is not None, "streets were given up without an error"
        if rules:
            facilities = _offered(extract.facility_table, tuple(rules), at)
        barriers = joined_barriers([extract.barriers])
        data = build_network(extract.streets, barriers, pace)
        grids = build_engine(data).grids
    return ExtractNetwork(data, barriers.water, facilities, tuple(findings.problems), str(path), grids)


def _offered(features: Features, services: Sequence[str], at: Located) -> Facilities:
    """The facilities of an extract; a service that nobody offers is told, and reached by nobody.

    Raises
    ------
    InputError
        If nobody offers any of them.
    """
    from circle.load.located import Located
    from circle.load.sites import SiteRows, facilities_of

    own = Findings()
    facilities = facilities_of([SiteRows.of_osm(features, services, Located(own, at.file))], Located(own, at.file))
    at.findings.problems += (problem for problem in own.problems if problem.severity is not Severity.ERROR)
    if facilities is None:
        named = ServiceNames(tuple(services))
        FROM_OSM.named("services").refuse("api.nobody_offers", path=at.file, services=named)
    for service in services:
        if service not in facilities.services:
            offered = ServiceNames(facilities.services)
            at.warn("facilities.none_of_service", service=ServiceNames((service,)), offered=offered)
    return facilities
