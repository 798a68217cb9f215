"""OSM objects of an area from an Overpass server: tile by tile, and by smaller tiles where one is too much."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

import shapely

from circle.errors import Problem, Severity
from circle.fetch.area import Area, Polygonal
from circle.fetch.client import Client
from circle.fetch.kept import Request
from circle.fetch.trouble import AnswerError
from circle.fetch.wanted import RELATION_TYPES, Rules, wanted_tags

TILE_DEGREES = 0.2
"""About 20 km: a county is some ten requests."""

SMALLEST_DEGREES = 0.01
"""A tile of a kilometre that is too much for a server will not become less."""

MEMORY_BYTES = 536_870_912
_IDS_AT_ONCE = 50
_OSM_BASE = re.compile(rb'osm_base="([^"]{0,40})"')
_REMARK = re.compile(rb"<remark>\s*(.*?)\s*</remark>", re.DOTALL)
_RUNTIME_ERROR = re.compile(rb"runtime error[^<]{0,300}")

Box = tuple[float, float, float, float]
"""West, south, east, north."""


def tiles_of(area: Polygonal, degrees: float = TILE_DEGREES) -> list[Box]:
    """Boxes on a fixed grid that together hold the area, so that two fetches of neighbours share answers.

    >>> tiles_of(shapely.box(119.05, 29.0, 119.3, 29.1))
    [(119.0, 29.0, 119.2, 29.2), (119.2, 29.0, 119.4, 29.2)]
    """
    west, south, east, north = area.bounds
    columns = range(math.floor(west / degrees + 1e-9), math.ceil(east / degrees - 1e-9))
    rows = range(math.floor(south / degrees + 1e-9), math.ceil(north / degrees - 1e-9))
    boxes: list[Box] = []
    for j, i in itertools.product(rows, columns):
        box = (i * degrees, j * degrees, (i + 1) * degrees, (j + 1) * degrees)
        if area.intersects(shapely.box(*box)):
            boxes.append((round(box[0], 6), round(box[1], 6), round(box[2], 6), round(box[3], 6)))
    return boxes


def objects_query(box: Box, timeout_s: float) -> str:
    """All that a region needs of a box, with the nodes of ways and the members of relations."""
    wanted = wanted_tags()
    of_shapes = [*_filters(wanted.shapes), f'["{wanted.buildings}"]']
    types = f'["type"~"^({"|".join(RELATION_TYPES)})$"]["boundary"!="administrative"]'
    asked = [f"node{tags};" for tags in _filters(wanted.nodes)]
    asked += [f"way{tags};" for tags in of_shapes]
    asked += [f"relation{types}{tags};" for tags in of_shapes]
    return f"{_head(timeout_s, box)}({''.join(asked)});(._;>;);out body;"


def boundaries_query(box: Box, timeout_s: float) -> str:
    """The administrative areas that touch a box, each with its own box."""
    tags = '["boundary"="administrative"]["admin_level"]'
    return f"{_head(timeout_s, box)}(relation{tags};way{tags}(if:is_closed()););out tags bb;"


def whole_query(ids: list[str], timeout_s: float) -> str:
    """Relations and ways (``relation/1``) with all that they are made of.

    >>> whole_query(["relation/1", "relation/2", "way/3"], 9).partition(";")[2]
    '(relation(id:1,2);way(id:3););(._;>;);out body;'
    """
    asked = ""
    for kind in ("relation", "way"):
        numbers = [identity.split("/")[1] for identity in ids if identity.startswith(f"{kind}/")]
        asked += f"{kind}(id:{','.join(numbers)});" if numbers else ""
    return f"{_head(timeout_s)}({asked});(._;>;);out body;"


def _head(timeout_s: float, box: Box | None = None) -> str:
    place = ""
    if box is not None:
        west, south, east, north = box
        place = f"[bbox:{south:.6f},{west:.6f},{north:.6f},{east:.6f}]"
    return f"[out:xml][timeout:{timeout_s:.0f}][maxsize:{MEMORY_BYTES}]{place};"


def _filters(rules: Rules) -> list[str]:
    """A filter of Overpass for each key; a value may stand in a list: ``school;library``."""
    return [
        f'["{key}"]' if values is None else f'["{key}"~"(^|; *)({"|".join(sorted(values))})( *;|$)"]'
        for key, values in rules.items()
    ]


def check_osm(url: str) -> Callable[[bytes], None]:
    """The check of an answer in OSM XML: whole, and free of the remark by which Overpass says that it is not."""

    def check(body: bytes) -> None:
        head = body[:300].lstrip()
        remark = _REMARK.search(body)
        said = remark[1] if remark else None
        if not (head.startswith(b"<?xml") and b"<osm" in body[:2000]):
            error = _RUNTIME_ERROR.search(body)
            if error is not None and b"too busy" not in error[0] and b"rate_limited" not in error[0]:
                raise AnswerError("fetch.too_much", heavy=True, reason=_text(error[0]))
            raise AnswerError("fetch.page", again=True, url=url)
        if said is not None and b"error" in said.lower():
            raise AnswerError("fetch.too_much", heavy=True, reason=_text(said))
        try:
            expat.ParserCreate().Parse(body, True)
        except expat.ExpatError as error:
            raise AnswerError("fetch.cut_off_text", again=True, url=url) from error

    return check


def _text(said: bytes) -> str:
    return " ".join(said.decode(errors="replace").split())[:200]


class Overpass:
    """Queries of one server."""

    def __init__(self, client: Client, base_url: str) -> None:
        self._client = client
        self._url = f"{base_url.rstrip('/')}/interpreter"
        self.dates: list[str] = []
        self._requests: list[Request] = []

    def objects(self, area: Area) -> Iterator[bytes]:
        """Answers that together hold all objects of the surroundings, as OSM XML; objects on two tiles come twice."""
        waiting = tiles_of(area.around)
        watcher, done = self._client.watcher, 0
        watcher.begin("objects", len(waiting))
        while waiting:
            box = waiting.pop(0)
            try:
                yield self._ask(objects_query(box, self._client.pace.timeout_s))
            except AnswerError as trouble:
                quarters = [quarter for quarter in _quarters(box) if area.around.intersects(shapely.box(*quarter))]
                if not trouble.heavy or box[2] - box[0] < 2 * SMALLEST_DEGREES:
                    raise
                watcher.say(Problem("fetch.smaller_tiles", Severity.NOTE, {"count": len(quarters)}))
                waiting = quarters + waiting
                watcher.begin("objects", done + len(waiting))
                watcher.done(done)
            else:
                done += 1
                watcher.done(done)

    def boundaries(self, area: Area) -> list[tuple[str, Box]]:
        """Ids of the administrative areas that touch the place, with their boxes."""
        self._client.watcher.begin("boundaries")
        body = self._ask(boundaries_query(area.boundary.bounds, self._client.pace.timeout_s))
        return _boxes(body)

    def whole(self, ids: list[str]) -> Iterator[bytes]:
        """Whole relations and ways, as OSM XML."""
        pieces = [ids[i : i + _IDS_AT_ONCE] for i in range(0, len(ids), _IDS_AT_ONCE)]
        while pieces:
            piece = pieces.pop(0)
            try:
                yield self._ask(whole_query(piece, self._client.pace.timeout_s))
            except AnswerError as trouble:
                if not trouble.heavy or len(piece) == 1:
                    raise
                half = len(piece) // 2
                pieces = [piece[:half], piece[half:], *pieces]

    def forget(self) -> None:
        """Remove the answers of this fetch from what is kept: together they turned out to be of no use."""
        for request in self._requests:
            self._client.kept.forget(request)

    def _ask(self, query: str) -> bytes:
        request = Request("POST", self._url, {"data": query})
        answer = self._client.ask(request, check_osm(self._url))
        self._requests.append(request)
        date = _OSM_BASE.search(answer.body[:2000])
        self.dates += [date[1].decode(errors="replace")] if date else []
        return answer.body


def _quarters(box: Box) -> list[Box]:
    west, south, east, north = box
    x, y = round((west + east) / 2, 6), round((south + north) / 2, 6)
    return [(west, south, x, y), (x, south, east, y), (west, y, x, north), (x, y, east, north)]


def _boxes(body: bytes) -> list[tuple[str, Box]]:
    """Ids and boxes of objects written by ``out tags bb``; the text was checked to be whole."""
    found: list[tuple[str, Box]] = []
    root: Any = ElementTree.fromstring(body)
    for thing in itertools.chain(root.iter("relation"), root.iter("way")):
        bounds = thing.find("bounds")
        if bounds is not None:
            west, south, east, north = (float(bounds.get(side)) for side in ("minlon", "minlat", "maxlon", "maxlat"))
            found.append((f"{thing.tag}/{thing.get('id')}", (west, south, east, north)))
    return found
