"""Background tiles for the map of those who are online: which servers a page may ask, and for what."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from circle.errors import Problem, QueryError, Severity
from circle.messages import LANGUAGES, text

PLACES = ("z", "x", "y")
OPTIONAL = ("s", "r")
"""Subdomain, and ``@2x`` for fine screens."""
SUBDOMAINS = "abc"
OSM = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
TIANDITU = (
    "https://t{{s}}.tianditu.gov.cn/{name}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={name}&STYLE=default"
    "&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)
"""The matrix set ``w`` is Web Mercator on CGCS2000, which is WGS 84 within decimetres: nothing is shifted."""
TIANDITU_LAYERS = ("vec", "cva")
"""Roads and land, and above them their Chinese names."""
HIDDEN = "…"


@dataclass(frozen=True)
class Tiles:
    """Tiles as a page asks for them.

    Parameters
    ----------
    asked
        As the user wrote it, key included: only ever for the page itself.
    told
        The same for records: of a server its name alone, for anything behind that may be a key.
    urls
        Templates with ``{z}``, ``{x}``, ``{y}``; the second lies above what is shown of people.
    subdomains
        What ``{s}`` stands for, a letter each.
    closest
        The closest zoom that the server has.
    owner
        Whose they are, by language.
    """

    asked: str
    told: str
    urls: tuple[str, ...]
    subdomains: str
    closest: int
    owner: dict[str, str]

    def hosts(self) -> tuple[str, ...]:
        """The origins that pictures may come from, for the page's own rule on what it may load."""
        found = (urlsplit(url.replace("{s}", letter)) for url in self.urls for letter in self.subdomains)
        return tuple(dict.fromkeys(f"{one.scheme}://{one.netloc}" for one in found))

    def for_page(self) -> dict[str, Any]:
        """What the page's script is given."""
        return {name: getattr(self, name) for name in ("asked", "urls", "subdomains", "closest", "owner")}


def tile_source(asked: str | None) -> Tiles | None:
    """The tiles by what was asked for: ``osm``, ``tianditu:KEY``, or the URL of a server; None where none were.

    Raises
    ------
    QueryError
        If the key is missing, or the URL is none that a page should ask.

    Examples
    --------
    >>> tile_source("https://tiles.example/{z}/{x}/{y}.png?key=secret").told
    'https://tiles.example/…'
    """
    if asked is None:
        return None
    words = asked.strip()
    name, colon, key = words.partition(":")
    if words.lower() == "osm":
        return Tiles("osm", "osm", (OSM,), SUBDOMAINS, 19, _in_languages("tiles.of_osm"))
    if name.strip().lower() == "tianditu":
        return _tianditu(key.strip() if colon else "")
    return _server(words)


def tiles_of_page(page: str) -> str | None:
    """What a map that was written asks for: the provenance does not tell keys."""
    found = re.search(r'<script type="application/json" id="circle-data">(.*?)</script>', page, re.DOTALL)
    try:
        tiles = json.loads(found[1])["tiles"] if found else None
        return None if tiles is None else str(tiles["asked"])
    except (ValueError, KeyError, TypeError):
        return None


def _tianditu(key: str) -> Tiles:
    if not key:
        raise _refused("tiles.no_key")
    if not re.fullmatch(r"[0-9A-Za-z]{8,64}", key):
        raise _refused("tiles.no_such_key")
    urls = tuple(TIANDITU.format(name=name, key=key) for name in TIANDITU_LAYERS)
    return Tiles(f"tianditu:{key}", f"tianditu:{HIDDEN}", urls, "01234567", 18, _in_languages("tiles.of_tianditu"))


def _server(url: str) -> Tiles:
    """A server of the user's own. No message repeats the URL: it may hold a key."""
    parts = _split(url)
    if parts is None or parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise _refused("tiles.no_url")
    if re.search(r"[\s\"'<>\\^`|]", url) or not url.isprintable() or not _plain_host(parts):
        raise _refused("tiles.unsafe_url")
    named = re.findall(r"\{([^{}]*)\}", url)
    lacking = [name for name in PLACES if named.count(name) != 1]
    if lacking:
        raise _refused("tiles.lacks_place", place=", ".join(f"{{{name}}}" for name in lacking))
    unknown = [name for name in named if name not in (*PLACES, *OPTIONAL)]
    if unknown or re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", url)):
        raise _refused("tiles.unknown_place", place=f"{{{unknown[0]}}}" if unknown else "{ }")
    host = re.sub(r"\{s\}\.?", "", parts.netloc)
    told = f"{parts.scheme}://{parts.netloc}/{HIDDEN}"
    return Tiles(url, told, (url,), SUBDOMAINS, 19, dict.fromkeys(LANGUAGES, host))


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _plain_host(parts: SplitResult) -> bool:
    """A name or number, with a place for subdomains at most: the page's rule must not read more out of it."""
    host = parts.netloc.replace("{s}", "a", 1)
    return bool(re.fullmatch(r"([\w-]+(\.[\w-]+)*\.?|\[[0-9A-Fa-f:]+\])(:\d+)?", host))


def _in_languages(key: str) -> dict[str, str]:
    return {lang: text(key, lang) for lang in LANGUAGES}


def _refused(code: str, **fields: Any) -> QueryError:
    return QueryError(Problem(code, Severity.ERROR, fields))
