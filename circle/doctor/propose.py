"""``circle init``: a commented region file for what lies in a folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from circle.doctor.guess import RASTERS, Sighting, look_around, unnameable
from circle.doctor.guess_census import own_column_keys
from circle.errors import Problem, QueryError, Severity
from circle.messages import text
from circle.store import name_problem, shown_name

_ONE_OF_A_KIND = ("osm", "roads", "population", "districts", "places")


@dataclass(frozen=True)
class Proposal:
    """A region file and, in words, what it rests on.

    Parameters
    ----------
    content
        TOML.
    told
        What each file was taken for, and what the user must still say.
    """

    content: str
    told: tuple[str, ...]


def propose_region(folder: Path, lang: str) -> Proposal:
    """Look at the files of a folder and write down what could be told of them and what could not.

    Parameters
    ----------
    folder
        Where data files lie, at most one folder deep.
    lang
        Language of the comments.

    Raises
    ------
    QueryError
        If there is no such folder, or its path is no Unicode.
    """
    if (unnamed := name_problem(folder)) is not None:
        raise QueryError(unnamed)
    if not folder.is_dir():
        raise QueryError(Problem("init.no_folder", Severity.ERROR, file=str(folder)))
    seen = look_around(folder)
    chosen, spare = _choose(seen)
    content = [f"# {text('init.head', lang)}", "", "[region]", f"name = {_quoted(folder.resolve().name or 'region')}"]
    for role in ("osm", "roads", "barriers", "facilities", "population", "districts", "places", "elevation"):
        own = [sighting for sighting in chosen if sighting.role == role]
        content += ["", *_section(role, own, any(s.role == "osm" for s in chosen), lang)]
        others = [sighting for sighting in spare if sighting.role == role]
        content += [f"# {text('init.also', lang, path=sighting.path)}" for sighting in others]
    content += ["", "[analysis]", f'standard = "fifteen-minute-walk"  # {text("init.standard", lang)}']
    used = {path for sighting in chosen for path in (sighting.path, *sighting.keys.values())}
    idle = [sighting for sighting in seen if sighting.role in ("unknown", "buildings") and sighting.path not in used]
    unknown = [sighting.path for sighting in idle]
    content += ["", *(f"# {text('init.unknown', lang, path=path)}" for path in unknown)] if unknown else []
    told = [_told(sighting, lang) for sighting in chosen if sighting.path]
    told += [text("init.also", lang, path=sighting.path) for sighting in spare]
    told += [text("init.unknown", lang, path=path) for path in unknown]
    told += [text("init.not_unicode", lang, path=shown_name(path)) for path in unnameable(folder)]
    told += [text("init.open", lang, path=s.path, keys=", ".join(s.open_keys)) for s in chosen if s.open_keys]
    return Proposal("\n".join(content) + "\n", tuple(told) or (text("init.nothing", lang),))


def _choose(seen: Sequence[Sighting]) -> tuple[list[Sighting], list[Sighting]]:
    """One file for each section that takes one; the others are mentioned beside it."""
    best = {
        role: max((s for s in seen if s.role == role), key=lambda s: s.likeness, default=None)
        for role in _ONE_OF_A_KIND
    }
    known = [sighting for sighting in seen if sighting.role != "unknown"]
    chosen = [sighting for sighting in known if sighting is best.get(sighting.role, sighting)]
    spare = [sighting for sighting in known if sighting is not best.get(sighting.role, sighting)]
    return _census_first(chosen, spare)


def _census_first(chosen: list[Sighting], spare: list[Sighting]) -> tuple[list[Sighting], list[Sighting]]:
    """Where districts and a census by district lie there, it is the population; a raster or buildings spread it."""
    people = [sighting for sighting in (*chosen, *spare) if sighting.role == "population"]
    census = next((sighting for sighting in people if "district" in sighting.keys), None)
    footprints = [sighting for sighting in chosen if sighting.role == "buildings"]
    chosen = [sighting for sighting in chosen if sighting not in footprints]
    districts = next((sighting for sighting in chosen if sighting.role == "districts"), None)
    if not people and districts is not None and districts.people is not None:
        return [
            *chosen,
            Sighting(
                "",
                "population",
                {"source": "districts", **own_column_keys(districts.people)},
                groups=districts.groups,
            ),
        ], spare
    if not people:
        return [*chosen, *_people_of_places(chosen)], spare
    if census is None or districts is None:
        return chosen, spare
    rasters = sorted((s for s in people if s.path.lower().endswith(RASTERS)), key=lambda s: (len(s.path), s.path))
    used = [*rasters, *footprints][:1]
    spread = {("pattern" if sighting in rasters else "buildings"): sighting.path for sighting in used}
    population = replace(census, keys=census.keys | spread)
    left = [sighting for sighting in people if sighting not in (census, *used)]
    chosen = [population if sighting.role == "population" else sighting for sighting in chosen]
    return chosen, [*(sighting for sighting in spare if sighting.role != "population"), *left]


def _people_of_places(chosen: Sequence[Sighting]) -> list[Sighting]:
    """Where no other file counts people, named places with a column of people do."""
    places = next((sighting for sighting in chosen if sighting.role == "places" and sighting.people is not None), None)
    if places is None or places.people is None:
        return []
    return [replace(places, role="population", keys=places.keys | own_column_keys(places.people), people=None)]


def _section(role: str, own: Sequence[Sighting], has_osm: bool, lang: str) -> list[str]:
    """The lines of one section, or what could stand there."""
    if role == "elevation" and len(own) > 1:
        paths = ", ".join(_quoted(sighting.path) for sighting in own)
        return ["[elevation]", f"path = [{paths}]"]
    if not own:
        return _empty_section(role, has_osm, lang)
    lines: list[str] = []
    for sighting in own:
        header = f"[[{role}]]" if role in ("facilities", "barriers") else f"[{role}]"
        lines += [*([""] if lines else []), header, *([f"path = {_quoted(sighting.path)}"] if sighting.path else [])]
        lines += [f"{key} = {_quoted(value)}" for key, value in sighting.keys.items()]
        if role == "population" and sighting.groups:
            pairs = ", ".join(f"{group} = {_quoted(column)}" for group, column in sighting.groups.items())
            lines.append(f"groups = {{ {pairs} }}  # {text('init.groups', lang)}")
        for key, example in sighting.open_keys.items():
            lines.append(f"# {key} = {_quoted(example)}  # {text(f'init.say_{key}', lang)}")
    return lines


def _empty_section(role: str, has_osm: bool, lang: str) -> list[str]:
    """What can be said of a section that no file is for."""
    if has_osm and role == "roads":
        return ["[roads]", 'source = "osm"']
    if has_osm and role == "facilities":
        services = '["school", "clinic", "bus_stop"]'
        return ["[[facilities]]", 'source = "osm"', f"# services = {services}  # {text('init.services', lang)}"]
    if has_osm and role == "population":
        return ["[population]", 'source = "osm-buildings"', f"# total = 100000  # {text('init.total', lang)}"]
    if has_osm and role == "districts":
        return [f"# {text('init.none_districts', lang)}", "# [districts]", '# source = "osm"', "# admin_level = 8"]
    if role in ("roads", "facilities", "population"):
        header = "[[facilities]]" if role == "facilities" else f"[{role}]"
        return [f"# {text(f'init.none_{role}', lang)}", f"# {header}", '# path = "…"']
    return [f"# {text(f'init.none_{role}', lang)}"]


def _told(sighting: Sighting, lang: str) -> str:
    return text("init.taken", lang, path=sighting.path, role=text(f"init.role_{sighting.role}", lang))


def _quoted(value: str) -> str:
    """A TOML string; JSON's are a subset."""
    return json.dumps(value, ensure_ascii=False)
