"""What is asked of a fetch, of which servers, and how patiently."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from circle.errors import InputError, Problem, Severity
from circle.fetch.names import parts_of
from circle.fetch.trouble import not_there
from circle.store import name_problem

WORLDPOP = "https://data.worldpop.org/GIS/Population"
WORLDPOP_URLS = (
    WORLDPOP + "/Global_2000_2020_Constrained/2020/BSGM/{ISO3}/{iso3}_ppp_2020_UNadj_constrained.tif",
    WORLDPOP + "/Global_2000_2020_Constrained/2020/maxar_v1/{ISO3}/{iso3}_ppp_2020_UNadj_constrained.tif",
    WORLDPOP + "/Global_2000_2020/2020/{ISO3}/{iso3}_ppp_2020_UNadj.tif",
)
"""Where the people per cell of a country may lie, the better file first: the next is asked where one is not there."""

DEFAULT_BUFFER_M = 3000.0
"""Roads and facilities beyond the border count: 45 minutes on foot at 4 km/h."""


def wait(seconds: float) -> None:
    """Do nothing for a while."""
    time.sleep(seconds)


@dataclass(frozen=True)
class Servers:
    """Whom to ask.

    Parameters
    ----------
    overpass_url, nominatim_url
        Base addresses; None: those of OSMnx's settings, which are the public servers unless somebody set others.
    worldpop_urls
        Addresses with ``{iso3}`` or ``{ISO3}`` for the country, asked one after the other until one has the file.
    """

    overpass_url: str | None = None
    nominatim_url: str | None = None
    worldpop_urls: tuple[str, ...] = WORLDPOP_URLS


@dataclass(frozen=True)
class Pace:
    """How patiently to ask: the servers are run by volunteers.

    Parameters
    ----------
    pause_s
        Between two requests of one server; Nominatim asks for at most one a second.
    tries
        How often a request is made before it is given up.
    first_wait_s
        Wait after the first failure, doubled with each further one, where the server does not name a time itself.
    longest_wait_s
        A server that asks for more patience than this is left alone: the work goes on another day.
    timeout_s
        What Overpass may spend on one query; a server that has given no byte `grace_s` later counts as silent.
    sleep
        Waits that many seconds.
    """

    pause_s: float = 1.5
    tries: int = 6
    first_wait_s: float = 5.0
    longest_wait_s: float = 600.0
    timeout_s: float = 180.0
    grace_s: float = 30.0
    sleep: Callable[[float], None] = wait


@dataclass(frozen=True)
class Asked:
    """One fetch.

    Parameters
    ----------
    place
        A name, from the smaller to the larger: ``"Longyou, Quzhou, China"``; or an OSM id: ``"relation/2795893"``.
    folder
        Where the region appears.
    pbf
        An extract to cut the place out of; None: the servers are asked.
    population
        ``"worldpop"``, a raster file, or a number of people to be spread over the buildings; None: the number that
        OSM knows of the place.
    country
        ISO 3166-1 alpha-3 code for WorldPop; None: told by the place.
    buffer_m
        How far beyond the boundary roads and facilities are kept.
    cache
        Where answers are kept between runs.
    refresh
        Ask again what is kept.
    force
        Replace an earlier fetch.
    lang
        Language of the comments in ``region.toml``, and of the servers' answers.
    """

    place: str
    folder: Path
    cache: Path
    pbf: Path | None = None
    population: str | None = None
    country: str | None = None
    buffer_m: float = DEFAULT_BUFFER_M
    refresh: bool = False
    force: bool = False
    lang: str = "en"
    servers: Servers = field(default_factory=Servers)
    pace: Pace = field(default_factory=Pace)


def refuse_nonsense(asked: Asked) -> None:
    """Raise what can be said of a request before anything is begun.

    Raises
    ------
    QueryError
        If no place is named.
    InputError
        If the extract is not there, or the name of a file is no Unicode.
    """
    if not parts_of(asked.place):
        raise not_there("fetch.place_unsaid")
    if asked.pbf is not None and not asked.pbf.is_file():
        raise InputError([Problem("fetch.extract_missing", Severity.ERROR, file=str(asked.pbf))])
    given = [asked.pbf, Path(asked.population or "")]
    unnamed = [problem for path in given if path is not None and (problem := name_problem(path)) is not None]
    if unnamed:
        raise InputError(unnamed)
