"""Where the number of people comes from: settled before anything is downloaded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from circle.errors import Findings
from circle.fetch.area import Place
from circle.fetch.trouble import not_there
from circle.reference import table


@dataclass(frozen=True)
class People:
    """One of three: a raster of WorldPop, a raster file, a total.

    Parameters
    ----------
    iso3
        Country of WorldPop's raster.
    raster
        A file.
    total
        People to be spread over the buildings of the place.
    said
        Catalogue key of a sentence that says whence they are.
    """

    said: str
    iso3: str | None = None
    raster: Path | None = None
    total: float | None = None


def settle_people(written: str | None, country: str | None, place: Place) -> People:
    """What ``--population`` and ``--country`` mean for a place.

    Raises
    ------
    InputError
        If they mean nothing.
    QueryError
        If nothing is said and OSM does not know how many people live there, or the country is not known.
    """
    if written is None:
        if place.people is None:
            raise not_there("fetch.people_unknown", place=place.name)
        return People("fetch.people_osm", total=place.people)
    if written.strip().lower() == "worldpop":
        return People("fetch.people_worldpop", iso3=_iso3(country, place))
    number = re.fullmatch(r"(\d+(?:\.\d+)?)(万?)", re.sub(r"[,，_\s]", "", written))
    if number and float(number[1]) > 0:
        return People("fetch.people_given", total=round(float(number[1]) * (10_000 if number[2] else 1), 6))
    path = Path(written)
    findings = Findings()
    if path.suffix.lower() not in (".tif", ".tiff"):
        findings.error("fetch.people_not_understood", value=written)
    elif not path.is_file():
        findings.error("fetch.raster_missing", file=written)
    findings.stop_on_errors()
    return People("fetch.people_raster", raster=path)


def _iso3(country: str | None, place: Place) -> str:
    codes: dict[str, str] = table("countries")["alpha_3"]
    if country is None:
        if place.country not in codes:
            raise not_there("fetch.country_unknown", place=place.name)
        return codes[place.country]
    asked = country.strip().lower()
    if asked in codes:
        return codes[asked]
    if asked in codes.values():
        return asked
    raise not_there("fetch.country_not_understood", value=country)
