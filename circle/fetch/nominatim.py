"""Places by name, from a Nominatim server."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import shapely
from shapely.geometry import shape

from circle.errors import Problem, Severity
from circle.fetch.area import Place, polygonal
from circle.fetch.client import Client
from circle.fetch.kept import Request
from circle.fetch.names import OSM_ID, called_so, listed
from circle.fetch.trouble import AnswerError, not_there
from circle.load.osm_tags import number_of

_OFFERED = 10


def find_place(client: Client, base_url: str, asked: str) -> Place:
    """The area that a name stands for.

    Parameters
    ----------
    client
        Asks.
    base_url
        Of the server.
    asked
        A name, from the smaller to the larger, or an OSM id.

    Raises
    ------
    QueryError
        If there is no such place, it is no area, or several are called so: with what there is.
    AnswerError
        If the server gives no proper answer.
    """
    rows = _rows(client, base_url, asked)
    named = [(place, _names(row)) for row in rows if (place := _place_of(row)) is not None]
    places = [place for place, _ in named]
    if not rows:
        parts = [part.strip() for part in re.split("[,，、]", asked) if part.strip()]
        fewer = _rows(client, base_url, parts[0]) if len(parts) > 1 else []
        raise not_there("fetch.place_unknown", place=asked, offers=_offers(fewer))
    if not places:
        raise not_there("fetch.place_no_area", place=asked, offers=_offers(rows))
    if OSM_ID.fullmatch(asked.strip()):
        return places[0]
    so_called = [place for place, names in named if any(called_so(name, asked) for name in names)] or places[:1]
    boundaries = [place for place in so_called if place.admin_level is not None] or so_called[:1]
    if len(boundaries) > 1:
        raise not_there("fetch.place_several", place=asked, count=len(boundaries), offers=listed(boundaries))
    others = [place for place in places if place.osm_id != boundaries[0].osm_id]
    if others:
        fields = {"chosen": listed(boundaries), "offers": listed(others[:_OFFERED])}
        client.watcher.say(Problem("fetch.place_others", Severity.NOTE, fields))
    return boundaries[0]


def _rows(client: Client, base_url: str, asked: str) -> list[dict[str, Any]]:
    common = {"format": "jsonv2", "polygon_geojson": "1", "addressdetails": "1", "extratags": "1", "namedetails": "1"}
    written = OSM_ID.fullmatch(asked.strip())
    if written:
        form = {"osm_ids": f"{written['kind'][0].upper()}{written['number']}", **common}
        request = Request("GET", f"{base_url.rstrip('/')}/lookup", form)
    else:
        request = Request("GET", f"{base_url.rstrip('/')}/search", {"q": asked, "limit": str(_OFFERED), **common})
    answer = client.ask(request, _check(request.url))
    rows: list[dict[str, Any]] = json.loads(answer.body)
    return rows


def _check(url: str) -> Any:
    def check(body: bytes) -> None:
        head = body[:200].lstrip().lower()
        if head.startswith((b"<!doctype", b"<html", b"<?xml")):
            raise AnswerError("fetch.page", again=True, url=url)
        try:
            rows = json.loads(body)
        except ValueError as error:
            raise AnswerError("fetch.cut_off_text", again=True, url=url) from error
        if not isinstance(rows, list) or not all(isinstance(row, dict) and "osm_id" in row for row in rows):
            raise AnswerError("fetch.no_places", url=url)

    return check


def _place_of(row: Mapping[str, Any]) -> Place | None:
    """The place of a row; None where it is no area."""
    try:
        boundary = polygonal(shape(row["geojson"])) if row.get("geojson") else None
    except (ValueError, TypeError, KeyError, AttributeError, shapely.errors.ShapelyError):
        boundary = None
    if boundary is None or row.get("osm_type") not in ("relation", "way"):
        return None
    tags = {str(key): str(value) for key, value in (row.get("extratags") or {}).items()}
    address = row.get("address") or {}
    people = number_of(tags.get, ["population"])
    administrative = row.get("category") == "boundary" and row.get("type") == "administrative"
    level = tags.get("admin_level") or tags.get("linked_admin_level") or ""
    rank = row.get("place_rank")
    if administrative and not level.isdecimal() and isinstance(rank, int):
        level = str(max(rank // 2, 1))  # Nominatim ranks administrative areas at twice their level
    return Place(
        name=str(row.get("name") or str(row.get("display_name", asked_id(row))).split(",")[0]),
        osm_id=asked_id(row),
        boundary=boundary,
        admin_level=int(level) if administrative and level.isdecimal() else None,
        country=str(address["country_code"]).lower() if address.get("country_code") else None,
        people=people if people > 0 else None,
        said=str(row.get("display_name", "")),
    )


def _names(row: Mapping[str, Any]) -> list[str]:
    """All that a place is called, and how the server calls it to this reader."""
    details = row.get("namedetails") or {}
    own = [str(value) for key, value in details.items() if "name" in str(key) and "old" not in str(key)]
    return [str(row.get("name") or ""), str(row.get("display_name", "")).split(",")[0], *own]


def asked_id(row: Mapping[str, Any]) -> str:
    """``relation/1`` of a row."""
    return f"{row.get('osm_type', '?')}/{row['osm_id']}"


def _offers(rows: list[dict[str, Any]]) -> str:
    said = [f"{row.get('display_name', '?')} ({asked_id(row)}, {row.get('type', '?')})" for row in rows[:_OFFERED]]
    return "; ".join(said) or "-"
