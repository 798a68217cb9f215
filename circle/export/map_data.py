"""Everything that the map shows, as plain data for its script: shapes, numbers and words, nothing that could run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from circle import units
from circle.export import words
from circle.export.background import Box, background, encode_each, encode_polygons, places
from circle.export.eastward import in_one_piece, on_the_globe
from circle.lazily import gpd, pd
from circle.messages import PLURALS, catalogue, text
from circle.model import OUTSIDE, REASONS, Analysis, Floats
from circle.settings import Question

CELLS = 3000
"""Dots of unserved people on the map; more people than that are taken together by a grid."""
CELL_DEGREES = 0.001
MARGIN = 0.15
OSM_ENDINGS = (".pbf", ".osm", ".graphml")


def map_data(analysis: Analysis, lang: str) -> dict[str, Any]:
    """What the script draws.

    Parameters
    ----------
    analysis
        The whole answer.
    lang
        ``"en"`` or ``"zh"``.

    Returns
    -------
    dict
        Plain lists, numbers and strings, ready for JSON. Strings are texts, never markup.
    """
    question: Question = analysis.settings
    analysis = in_one_piece(analysis)
    bounds = _bounds(analysis)
    box = _widened(bounds)
    main = words.limit_words(question.main, question, lang)
    cells, step, uncovered = _cells(analysis)
    from_osm = any(file.path.lower().endswith(OSM_ENDINGS) for file in analysis.region.inputs)
    return {
        "lang": {"en": "en", "zh": "zh-CN"}[lang],
        "plural": PLURALS[lang].categories,
        "notes": text("map.notes", lang, factor=f"{units.CIRCUITY:g}"),
        "text": {key.removeprefix("map."): entry[lang] for key, entry in catalogue().items() if key.startswith("map.")},
        "title": map_title(analysis, lang),
        "kind": words.kind_words(analysis.region.population_kind, lang),
        "sentence": words.answer(analysis, lang),
        "attribution": text("map.osm", lang) if from_osm else "",
        "bounds": [[bounds[1], bounds[0]], [bounds[3], bounds[2]]],
        "main": main,
        "limits": [words.limit_words(limit, question, lang) for limit in question.limits],
        "background": background(analysis, box),
        "places": places(analysis.region.settlements, box),
        "districts": _districts(analysis),
        "cells": cells,
        "cell": step,
        "services": list(_services(analysis, uncovered, lang)),
        "shown": _scarcest(analysis.summary, question),
    }


def map_title(analysis: Analysis, lang: str) -> str:
    """Of the page and its panel: where, within what, and which people where that was said."""
    limit = words.limit_words(analysis.settings.main, analysis.settings, lang)
    kind = words.kind_words(analysis.region.population_kind, lang)
    return text("map.title", lang, region=analysis.region.name, limit=limit, kind=kind)


def _services(analysis: Analysis, uncovered: dict[str, list[float]], lang: str) -> Iterator[dict[str, Any]]:
    question: Question = analysis.settings
    for number, row in analysis.summary.iterrows():
        service = str(row["service"])
        yield {
            "name": words.service_name(service, lang),
            "colour": words.service_colour(service, int(str(number))),
            "shares": [
                [words.share_words(float(row[f"{kind}_{limit.label}"]), lang) for kind in ("share", "straight_share")]
                for limit in question.limits
            ],
            "uncovered": uncovered[service],
            "isochrones": _isochrones(analysis, service),
            "gaps": list(_gaps(analysis, service, lang)),
            "facilities": _facilities(analysis, service),
            "districts": _district_numbers(analysis, service),
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
    return [[round(lon[i], 5), round(lat[i], 5), _name(names[i]), round(people[i])] for i in rows.tolist()]


def _gaps(analysis: Analysis, service: str, lang: str) -> Iterator[dict[str, Any]]:
    frame: gpd.GeoDataFrame = analysis.gaps[analysis.gaps["service"] == service]
    table = analysis.region.facilities.table
    located = dict(zip(table["facility_id"], zip(table["lon"], table["lat"], strict=True), strict=True))
    shapes = encode_each(frame.geometry.to_numpy())
    for row, shape in zip(frame.drop(columns=frame.geometry.name).to_dict("records"), shapes, strict=True):
        zone = row["kind"] == "zone"
        site = [round(row["site_lat"], 5), round(row["site_lon"], 5)] if zone else None
        nearest = located.get(row["facility_id"]) if zone and math.isfinite(row["cost"]) else None
        yield {
            "rank": int(row["rank"]) if zone else None,
            "name": _name(row["name"]) if zone else text("map.gap_rest", lang),
            "people": round(row["people"]),
            "shape": shape,
            "lines": _gap_lines(row, analysis, lang),
            "site": site,
            "nearest": None if nearest is None else [round(nearest[1], 5), round(nearest[0], 5)],
        }


def _gap_lines(row: dict[Any, Any], analysis: Analysis, lang: str) -> list[str]:
    """What the popup of a gap says: who, why, where to build, and how far the nearest is from there."""
    question: Question = analysis.settings
    kind = words.kind_words(analysis.region.population_kind, lang)
    people = words.people_words(row["people"])
    limit = words.limit_words(question.main, question, lang)
    service = words.service_name(row["service"], lang)
    lines = [text("map.gap_people", lang, people=people, kind=kind, limit=limit, service=service)]
    reasons = sorted((reason.name.lower() for reason in REASONS), key=lambda reason: -row[reason])
    for reason in reasons:
        if row[reason] > 0:
            told = words.reason_words(reason, lang)
            lines.append(text("map.gap_reason", lang, reason=told, people=words.people_words(row[reason])))
    if row["kind"] != "zone":
        return lines
    where = words.position_words(on_the_globe(row["site_lon"]), row["site_lat"], lang)
    lines.append(text("map.gap_site", lang, people=people, where=where))
    if not math.isfinite(row["cost"]):
        return [*lines, text("map.gap_unreachable", lang)]
    nearest = {
        "name": _name(row["facility_name"]) or text("map.no_name", lang),
        "straight": words.length_words(row["straight_m"], lang),
        "route": words.length_words(row["route_m"], lang),
        "cost": words.cost_words(row["cost"], question, lang),
    }
    key = "map.gap_nearest" if question.metric == "time" else "map.gap_nearest_distance"
    return [*lines, text(key, lang, **nearest)]


def _districts(analysis: Analysis) -> list[dict[str, Any]]:
    districts = analysis.region.districts
    if districts is None:
        return []
    found = []
    for name, shape in zip(districts.frame["district_name"], districts.frame.geometry, strict=True):
        label = shape.representative_point()
        at = [round(label.y, 5), round(label.x, 5)]
        found.append({"name": _name(name), "shape": encode_polygons([shape]), "at": at})
    return found


def _district_numbers(analysis: Analysis, service: str) -> list[list[float | None]]:
    """``[people, uncovered, share]`` of each district at the main limit."""
    question: Question = analysis.settings
    rows = analysis.indicators
    mine = rows[
        (rows["scope"] == "district")
        & (rows["service"] == service)
        & (rows["group"] == "all")
        & (rows["limit"] == question.main.label)
    ]
    return [
        [round(people), round(uncovered), None if math.isnan(share) else round(share, 4)]
        for people, uncovered, share in mine[["people", "uncovered", "share"]].itertuples(index=False)
    ]


def _cells(analysis: Analysis) -> tuple[list[list[float]], float, dict[str, list[float]]]:
    """Dots where people lack something, ``[lon, lat]``; degrees between them; per service the people not served."""
    residents = analysis.residents
    question: Question = analysis.settings
    answers = {**analysis.reach, words.ALL_SERVICES: analysis.together}
    lacking = {name: residents.people[0] * (answer.cost > question.main.value) for name, answer in answers.items()}
    own = ~np.isnan(residents.lon) & (residents.district != OUTSIDE)
    somebody = np.flatnonzero((sum(lacking.values(), np.zeros(len(residents.lon))) > 0) & own)
    cell, count, step = _gridded(residents.lon[somebody], residents.lat[somebody])
    people = residents.people[0, somebody]
    weight = np.bincount(cell, weights=people, minlength=count)
    middle = [
        np.bincount(cell, weights=people * axis[somebody], minlength=count) / weight
        for axis in (residents.lon, residents.lat)
    ]
    dots = np.column_stack(middle).round(5).tolist() if count else []
    return (
        dots,
        step,
        {
            name: np.bincount(cell, weights=lost[somebody], minlength=count).round(1).tolist()
            for name, lost in lacking.items()
        },
    )


def _gridded(lon: Floats, lat: Floats) -> tuple[Any, int, float]:
    """The cell of each point on the finest grid (0.001°, doubled) with at most `CELLS` cells; how many; its step."""
    step = CELL_DEGREES
    while True:
        cells, cell = np.unique(np.floor(lon / step) + 1j * np.floor(lat / step), return_inverse=True)
        if len(cells) <= CELLS:
            return cell, len(cells), step
        step *= 2


def _scarcest(summary: pd.DataFrame, question: Question) -> int:
    """The row shown first: the service that fewest people reach."""
    services = summary[summary["service"] != words.ALL_SERVICES]
    shares = services[f"share_{question.main.label}"].fillna(2.0)
    return int(summary.index.get_loc(shares.idxmin())) if len(shares) else 0  # type: ignore[arg-type]


def _bounds(analysis: Analysis) -> Box:
    """Where people and facilities' districts are: the districts, else the people, else the data's extent."""
    districts, residents = analysis.region.districts, analysis.residents
    if districts is not None and len(districts.frame):
        west, south, east, north = districts.frame.total_bounds.tolist()
    elif not np.isnan(residents.lon).all():
        west, east = np.nanmin(residents.lon).item(), np.nanmax(residents.lon).item()
        south, north = np.nanmin(residents.lat).item(), np.nanmax(residents.lat).item()
    else:
        west, south, east, north = shapely.bounds(analysis.region.extent.polygon).tolist()
    return round(west, 5), round(south, 5), round(east, 5), round(north, 5)


def _widened(bounds: Box) -> Box:
    west, south, east, north = bounds
    wide, high = MARGIN * (east - west) + 0.01, MARGIN * (north - south) + 0.01
    return west - wide, south - high, east + wide, north + high


def _name(value: object) -> str:
    """A name from data as text; empty where there is none."""
    return "" if value is None or value is pd.NA or value != value else str(value)
