"""The texts of a fetched folder: ``region.toml``, boundaries, where the data come from and on what terms."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from circle.export import feature_collection
from circle.fetch.area import Area, Place, Polygonal
from circle.fetch.extract import Parts
from circle.lazily import pd
from circle.messages import text
from circle.reference import ServiceNames

OSM_FILE, RASTER_FILE = "osm.osm.pbf", "population.tif"
BOUNDARY_FILE, EXTENT_FILE = "boundary.geojson", "extent.geojson"


@dataclass(frozen=True)
class Found:
    """What a fetch brought.

    Parameters
    ----------
    place, area, parts
        Where.
    services
        Service -> facilities in the surroundings; those that circle knows and OSM does not have here with 0.
    total
        People to be spread over the buildings; None: there is a raster.
    people_said
        Catalogue key of where the number of people comes from.
    """

    place: Place
    area: Area
    parts: Parts
    services: Mapping[str, int]
    total: float | None
    people_said: str


def write_region(folder: Path, found: Found, lang: str) -> None:
    """Write ``region.toml`` and the two polygons that it names.

    Raises
    ------
    OSError
        If they cannot be written.
    """
    _write(folder / "region.toml", region_text(found, lang))
    properties = {"name": found.place.name, "osm_id": found.place.osm_id}
    _write(folder / BOUNDARY_FILE, _geojson(found.area.boundary, properties))
    _write(folder / EXTENT_FILE, _geojson(found.area.around, {}))


def region_text(found: Found, lang: str) -> str:
    """A commented region file that can be run as it is."""
    place, parts = found.place, found.parts
    lines = [_comment("fetch.toml_head", lang, place=place.said or place.name, id=place.osm_id)]
    lines += ["", "[region]", f"name = {_quoted(place.name)}"]
    lines += [f'extent = "{EXTENT_FILE}"  {_comment("fetch.toml_extent", lang)}']
    lines += ["", "[osm]", f'path = "{OSM_FILE}"', "", "[roads]", 'source = "osm"', ""]
    lines += _facilities(found.services, lang)
    lines += ["", _comment(found.people_said, lang), "[population]"]
    if found.total is None:
        lines += [f'path = "{RASTER_FILE}"']
    else:
        lines += [
            'source = "osm-buildings"',
            f"total = {found.total:g}" if found.total < 1e6 else f"total = {found.total:.0f}",
        ]
    lines += ["", *_districts(parts, lang), "", "[places]", 'source = "osm"']
    lines += ["", "[analysis]", f'standard = "fifteen-minute-walk"  {_comment("fetch.toml_standard", lang)}']
    return "\n".join(lines) + "\n"


def _facilities(services: Mapping[str, int], lang: str) -> list[str]:
    there = [name for name, count in services.items() if count]
    missing = tuple(name for name, count in services.items() if not count)
    lines = [_comment("fetch.toml_facilities", lang)]
    if missing:
        lines += [_comment("fetch.toml_missing", lang, services=ServiceNames(missing))]
    return [*lines, "[[facilities]]", 'source = "osm"', f"services = {json.dumps(there)}"]


def _districts(parts: Parts, lang: str) -> list[str]:
    shares = ", ".join(f"{level}: {share:.1%}" for level, share in parts.shares.items()) or "-"
    if parts.level is not None:
        head = _comment("fetch.toml_districts", lang, shares=shares)
        return [head, "[districts]", 'source = "osm"', f"admin_level = {parts.level}"]
    head = _comment("fetch.toml_one_district", lang, shares=shares)
    return [head, "[districts]", f'path = "{BOUNDARY_FILE}"', 'id = "osm_id"', 'name = "name"']


def write_papers(folder: Path, found: Found, document: Mapping[str, Any], lang: str) -> None:
    """Write ``README.md`` (terms of the data) and ``provenance.json`` (whence, when, by what question).

    Raises
    ------
    OSError
        If they cannot be written.
    """
    said = {"place": _line(found.place.name), "sources": _sources(document["sources"])}
    names = ["fetch.readme_osm"] if found.total is not None else ["fetch.readme_osm", found.people_said]
    terms = "\n\n".join(f"- {text(name, lang)}" for name in names)
    _write(folder / "README.md", text("fetch.readme", lang, terms=terms, **said) + "\n")
    outputs = sorted(path.name for path in folder.iterdir())
    whole = {**document, "outputs": outputs}
    _write(folder / "provenance.json", json.dumps(whole, ensure_ascii=False, indent=2) + "\n")


def _sources(sources: Sequence[Mapping[str, Any]]) -> str:
    seen = dict.fromkeys(f"- {_line(str(row['source']))} ({row['first']} – {row['last']})" for row in sources)
    return "\n".join(seen)


def _geojson(shape: Polygonal, properties: Mapping[str, str]) -> str:
    return feature_collection(pd.DataFrame([dict(properties)]), [shape])


def _comment(key: str, lang: str, **values: object) -> str:
    return f"# {_line(text(key, lang, **values))}"


def _line(words: str) -> str:
    """Text from data in one line, without what no text file should hold."""
    return " ".join("".join(" " if unicodedata.category(ch)[0] in "CZ" else ch for ch in words).split())


def _quoted(value: str) -> str:
    """A TOML string; JSON's are a subset."""
    return json.dumps(_line(value) or "-", ensure_ascii=False)


def _write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8", newline="\n")
