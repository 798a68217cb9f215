"""What the map says of itself: whose data it is made from, and whose programs it carries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

from circle.messages import text
from circle.model import Analysis, InputFile
from circle.reference import table

MOST_FILES = 6
"""Names that one sentence holds."""
DISTRIBUTION = "circle-access"
MANIFEST = "region"
"""The layer of ``region.toml`` itself."""
LEAFLET = files("js_lib_leaflet") / "static" / "js_lib_leaflet"


def map_about(analysis: Analysis, lang: str) -> dict[str, list[str]]:
    """Sentences on ``data`` and ``programs``; texts, never markup."""
    return about_inputs(analysis.region.inputs, lang)


def about_inputs(inputs: Sequence[InputFile], lang: str) -> dict[str, list[str]]:
    """The same of files that were read."""
    made = text("about.made_with", lang, version=_version(DISTRIBUTION))
    return {"data": _sources(inputs, lang), "programs": [*_programs(lang), made]}


def licences() -> list[list[str]]:
    """Name and licence of every program whose code stands in the page."""
    return [[f"{own['name']} – {own['licence']}", own["text"].strip()] for own in table("licences").values()]


def leaflet_licence() -> str:
    """For the head of a page that carries Leaflet."""
    return str(table("licences")["leaflet"]["text"]).strip()


@cache
def leaflet_script() -> str:
    """Leaflet's script; where its source map is, it does not say."""
    return re.sub(r"//# sourceMappingURL=\S*\s*$", "", (LEAFLET / "leaflet.js").read_text(encoding="utf-8"))


def _programs(lang: str) -> list[str]:
    own = table("licences")
    found = re.search(r"Leaflet (\d[\w.+-]*)", leaflet_script()[:200])
    versions = {"leaflet": found[1] if found else "", "folium": _version("folium")}
    return [
        text("about.program", lang, **{key: own[name][key] for key in ("name", "holders", "licence")}, version=number)
        for name, number in versions.items()
    ]


def _sources(inputs: Sequence[InputFile], lang: str) -> list[str]:
    """A sentence for each publisher that a file's name tells, in the order of the files, and one for all others."""
    patterns = {name: re.compile(pattern) for name, pattern in table("data_sources").items()}
    known: dict[str, list[str]] = {}
    for file in inputs:
        if file.layer == MANIFEST:
            continue
        name = PurePosixPath(file.path.replace("\\", "/")).name
        source = next((key for key, pattern in patterns.items() if pattern.search(name)), "")
        known.setdefault(source, []).append(name)
    others = known.pop("", [])
    said = [text(f"source.{source}", lang, files=_listed(names, lang)) for source, names in known.items()]
    return said + ([text("about.others", lang, files=_listed(others, lang))] if others else [])


def _listed(names: list[str], lang: str) -> str:
    once = list(dict.fromkeys(names))
    rest = [text("about.and_more", lang, count=len(once) - MOST_FILES)] if len(once) > MOST_FILES else []
    return text("words.list_joint", lang).join([*once[:MOST_FILES], *rest])


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def about_data(analysis: Analysis, languages: Sequence[str]) -> dict[str, Any]:
    """What the page holds for it: sentences by language, licences once."""
    return {"said": {lang: map_about(analysis, lang) for lang in languages}, "licences": licences()}
