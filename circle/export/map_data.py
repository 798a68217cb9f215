"""Everything that the map shows, as plain data for its script: shapes, numbers and words, nothing that could run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from circle.export import words
from circle.export.background import Box, background, encode_each, encode_polygons, places
from circle.export.eastward import in_one_piece
from circle.export.map_about import about_data
from circle.export.map_people import people_data, shown_places
from circle.export.map_said import map_said, plain_name
from circle.export.map_ways import ways_data
from circle.export.relief import relief
from circle.lazily import gpd, pd
from circle.messages import LANGUAGES
from circle.model import Analysis
from circle.settings import Question

MARGIN = 0.15
LEAST_DEGREES, AROUND = 0.003, 0.05
"""Around the people of a region without districts: degrees at the least, and the part of their extent."""


def map_data(analysis: Analysis, lang: str) -> tuple[dict[str, Any], str]:
    """What the script draws.

    Parameters
    ----------
    analysis
        The whole answer.
    lang
        ``"en"`` or ``"zh"``: in which the page opens.

    Returns
    -------
    data : dict
        Plain lists, numbers and strings, ready for JSON. Strings are texts, never markup.
    packed : str
        The places, see `circle.export.map_people.people_data`.
    """
    question: Question = analysis.settings
    analysis = in_one_piece(analysis)
    bounds = _bounds(analysis)
    box = _widened(bounds)
    people, packed = people_data(analysis)
    return {
        "lang": lang,
        "said": {language: map_said(analysis, language) for language in LANGUAGES},
        "metric": question.metric,
        "main": question.main.value,
        "limits": [limit.value for limit in question.limits],
        "bounds": [[bounds[1], bounds[0]], [bounds[3], bounds[2]]],
        "background": background(analysis, box),
        "relief": relief(analysis, box),
        "places": places(analysis.region.settlements, box),
        "districts": _districts(analysis),
        "people": people,
        "ways": ways_data(analysis, shown_places(analysis.residents)),
        "services": list(_services(analysis)),
        "about": about_data(analysis, LANGUAGES),
        "shown": _scarcest(analysis.summary, question),
    }, packed


def _services(analysis: Analysis) -> Iterator[dict[str, Any]]:
    for number, service in enumerate(analysis.summary["service"].astype(str)):
        yield {
            "colour": words.service_colour(service, number),
            "all": service == words.ALL_SERVICES,
            "isochrones": _isochrones(analysis, service),
            "gaps": list(_gaps(analysis, service)),
            "facilities": _facilities(analysis, service),
        }


def _isochrones(analysis: Analysis, service: str) -> list[list[Any]]:
    """Polygons per limit, the longest first so that shorter ones lie on top."""
    frame = analysis.isochrones
    mine = frame[(frame["service"] == service) & (frame["facility_id"] == "")]
    question: Question = analysis.settings
    return [encode_polygons(mine.geometry[mine["limit"] == limit.label]) for limit in reversed(question.limits)]


def _facilities(analysis: Analysis, service: str) -> list[list[Any]]:
    """``[lon, lat, name, people]`` of each: people who have it as their nearest within the main limit."""
    question: Question = analysis.settings
    table = analysis.region.facilities.table
    rows = np.flatnonzero((table["service"] == service).to_numpy())
    if not len(rows):
        return []
    answer = analysis.reach[service]
    near = (answer.facility >= 0) & (answer.cost <= question.main.value)
    people = np.bincount(answer.facility[near], weights=analysis.residents.people[0, near], minlength=len(table))
    lon, lat = table["lon"].to_numpy(float), table["lat"].to_numpy(float)
    names = table["name"].to_numpy(object)
    return [[round(lon[i], 5), round(lat[i], 5), plain_name(names[i]), round(people[i])] for i in rows.tolist()]


def _gaps(analysis: Analysis, service: str) -> Iterator[dict[str, Any]]:
    frame: gpd.GeoDataFrame = analysis.gaps[analysis.gaps["service"] == service]
    table = analysis.region.facilities.table
    located = dict(zip(table["facility_id"], zip(table["lon"], table["lat"], strict=True), strict=True))
    shapes = encode_each(frame.geometry.to_numpy())
    rows = frame.drop(columns=frame.geometry.name).to_dict("records")
    for rank, (row, shape) in enumerate(zip(rows, shapes, strict=True), 1):
        zone = row["kind"] == "zone"
        nearest = located.get(row["facility_id"]) if zone and math.isfinite(row["cost"]) else None
        yield {
            "rank": rank if zone else None,  # within its service: which badges are seen from afar
            "number": int(row["rank"]) if zone else None,  # as in all other outputs
            "people": round(row["people"]),
            "shape": shape,
            "site": [round(row["site_lat"], 5), round(row["site_lon"], 5)] if zone else None,
            "nearest": None if nearest is None else [round(nearest[1], 5), round(nearest[0], 5)],
        }


def _districts(analysis: Analysis) -> list[dict[str, Any]]:
    districts = analysis.region.districts
    if districts is None:
        return []
    found = []
    for name, shape in zip(districts.frame["district_name"], districts.frame.geometry, strict=True):
        label = shape.representative_point()
        at = [round(label.y, 5), round(label.x, 5)]
        found.append({"name": plain_name(name), "shape": encode_polygons([shape]), "at": at})
    return found


def _scarcest(summary: pd.DataFrame, question: Question) -> int:
    """The row shown first: the service that fewest people reach."""
    services = summary[summary["service"] != words.ALL_SERVICES]
    shares = services[f"share_{question.main.label}"].fillna(2.0)
    return int(summary.index.get_loc(shares.idxmin())) if len(shares) else 0  # type: ignore[arg-type]


def _bounds(analysis: Analysis) -> Box:
    """Where people and facilities' districts are: the districts, else the people, else the data's extent.

    People alone show with some ground around them; one house is no view.
    """
    districts, residents = analysis.region.districts, analysis.residents
    if districts is not None and len(districts.frame):
        west, south, east, north = districts.frame.total_bounds.tolist()
    elif not np.isnan(residents.lon).all():
        west, east = np.nanmin(residents.lon).item(), np.nanmax(residents.lon).item()
        south, north = np.nanmin(residents.lat).item(), np.nanmax(residents.lat).item()
    else:
        west, south, east, north = shapely.bounds(analysis.region.extent.polygon).tolist()
    least = LEAST_DEGREES if districts is None or not len(districts.frame) else 0.0
    wide, high = (max(least, AROUND * span) if least else 0.0 for span in (east - west, north - south))
    return round(west - wide, 5), round(south - high, 5), round(east + wide, 5), round(north + high, 5)


def _widened(bounds: Box) -> Box:
    west, south, east, north = bounds
    wide, high = MARGIN * (east - west) + 0.01, MARGIN * (north - south) + 0.01
    return west - wide, south - high, east + wide, north + high
