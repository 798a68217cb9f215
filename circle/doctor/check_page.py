"""``circle check --html``: one page, with a map of what is suspicious, that needs no internet.

Everything that stands in data - names, paths, headers, sentences of libraries - is escaped where it becomes markup, and
travels to the script as JSON that nothing within can leave; the script puts it into the page as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from circle.doctor.examine import Examination
from circle.doctor.sheets import Sheet, sheets
from circle.doctor.suspects import Suspect, Suspects
from circle.errors import Severity, render
from circle.export.background import SCALE, Box, drawn_roads, encode_each, encode_lines
from circle.export.eastward import crosses_the_seam, east, network_eastward, region_eastward
from circle.export.map_page import embedded_json, leaflet_head
from circle.export.map_said import OSM_ENDINGS
from circle.messages import text
from circle.model import Districts, NetworkData, RegionData

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
COLOURS = {
    "far_facility": "#d55e00",
    "far_but_bridge": "#661100",
    "twins": "#cc79a7",
    "stacked": "#882255",
    "census": "#0072b2",
    "empty_district": "#56b4e9",
    "no_site": "#332288",
    "piece": "#e69f00",
    "far_people": "#117733",
    "no_road": "#999933",
    "crowd": "#aa0000",
}
"""Of Okabe and Ito (2008) and of Tol: told apart by those who do not see all colours; the number says it too."""
LANGUAGE = {"en": "en", "zh": "zh-CN"}


def check_html(found: Examination, region: Path, *, lang: str) -> str:
    """The page of an examination.

    Parameters
    ----------
    found
        What was seen.
    region
        The region file or folder as the user gave it: the title where the region itself could not be read.
    lang
        ``"en"`` or ``"zh"``.
    """
    name = region.name if found.loaded is None else found.loaded.data.name
    title = escape(text("doctor.title", lang, region=name))
    own = files("circle.doctor")
    style = (own / "check_page.css").read_text(encoding="utf-8")
    parts = [
        f'<!DOCTYPE html>\n<html lang="{LANGUAGE[lang]}"><head><meta charset="utf-8" />',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}" />',
        '<meta name="viewport" content="width=device-width, initial-scale=1" />',
        f"<title>{title}</title>",
        leaflet_head(),
        f"<style>{style}</style></head><body><main>",
        f"<h1>{title}</h1>",
        f'<p class="verdict {"fit" if found.fit else "unfit"}">{escape(found.verdict(lang))}</p>',
        *_body(found, lang),
        f"<footer>{escape(text('doctor.colophon', lang))}</footer></main>",
    ]
    if found.loaded is not None and found.network is not None and found.suspects is not None:
        script = (own / "check_page.js").read_text(encoding="utf-8")
        data = _map_data(found.loaded.data, found.network, found.suspects, lang)
        parts.append(embedded_json("check-data", data))
        parts.append(f"<script>{script}</script>")
    return "\n".join([*parts, "</body></html>\n"])


def _body(found: Examination, lang: str) -> Iterator[str]:
    """Contents, map, list, tables and problems."""
    lines = "".join(f"<li>{escape(line)}</li>" for line in found.contents(lang))
    if lines:
        yield f'<ul class="contents">{lines}</ul>'
    if found.facts is None:
        yield f"<p>{escape(text('doctor.no_map', lang))}</p>"
        yield from _problems(found, lang)
        return
    yield '<div id="map"></div>'
    yield from _legend(found, lang)
    yield from _suspects(found, lang)
    yield from _problems(found, lang)
    for sheet in sheets(found.facts, lang, whole=True):
        yield _table(sheet)


def _legend(found: Examination, lang: str) -> Iterator[str]:
    """Below the map, where it hides nothing."""
    kinds = {} if found.suspects is None else found.suspects.total
    yield '<p class="legend">'
    for kind in kinds:
        yield f'<span><i style="background:{COLOURS[kind]}"></i>{escape(text(f"suspects.{kind}", lang))}</span>'
    yield f'<span><i class="facility"></i>{escape(text("layer.facilities", lang))}</span>'
    if found.facts is not None and len(found.facts.districts):
        yield f'<span><i class="border"></i>{escape(text("layer.districts", lang))}</span>'
    yield "</p>"


def _suspects(found: Examination, lang: str) -> Iterator[str]:
    """The list by kinds; each thing is a button that shows it on the map."""
    suspects = found.suspects
    if suspects is None or not suspects.total:
        yield f"<p>{escape(text('doctor.nothing', lang))}</p>"
        return
    yield f"<section><h2>{escape(text('doctor.suspicious', lang))}</h2>"
    for kind, total in suspects.total.items():
        mine = [(number, one) for number, one in enumerate(suspects.listed) if one.kind == kind]
        yield f'<details class="kind"><summary><i style="background:{COLOURS[kind]}"></i>'
        yield f"{escape(text(f'suspects.{kind}', lang))} <b>{total:,}</b></summary><ol>"
        for number, one in mine:
            yield f'<li><button type="button" data-suspect="{number}">{escape(one.sentence(lang))}</button></li>'
        yield "</ol>"
        if total > len(mine):
            yield f'<p class="note">{escape(text("doctor.more", lang, count=f"{total - len(mine):,}"))}</p>'
        yield "</details>"
    yield "</section>"


def _problems(found: Examination, lang: str) -> Iterator[str]:
    if not found.problems:
        return
    yield f'<section><h2>{escape(text("doctor.problems", lang))}</h2><ul class="problems">'
    for severity in Severity:
        word = escape(text(f"severity.{severity.value}", lang))
        for problem in found.problems:
            if problem.severity is severity:
                yield f'<li class="{severity.value}"><b>{word}</b> {escape(render(problem, lang))}</li>'
    yield "</ul></section>"


def _table(sheet: Sheet) -> str:
    """A table; on a narrow screen each row is a card whose cells name their column."""

    def cell(tag: str, number: int, content: str) -> str:
        numeric = ' class="number"' if number in sheet.numeric else ""
        label = f' data-label="{escape(sheet.headers[number])}"' if tag == "td" else ""
        return f"<{tag}{numeric}{label}>{escape(content)}</{tag}>"

    head = "".join(cell("th", number, header) for number, header in enumerate(sheet.headers))
    rows = "".join(f"<tr>{''.join(cell('td', n, content) for n, content in enumerate(row))}</tr>" for row in sheet.rows)
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in sheet.notes)
    return (
        f"<section><h2>{escape(sheet.title)}</h2><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table>{notes}</section>"
    )


def _map_data(data: RegionData, network: NetworkData, suspects: Suspects, lang: str) -> dict[str, Any]:
    """What the script draws: roads, districts, facilities, and the suspicious things."""
    if crosses_the_seam(network):
        data, network = region_eastward(data), network_eastward(network)
        suspects = replace(suspects, listed=tuple(map(_eastward, suspects.listed)))
    box = _box(data.districts, network, suspects)
    from_osm = any(file.path.lower().endswith(OSM_ENDINGS) for file in data.inputs)
    roads = [encode_lines(rank) for rank in drawn_roads(network, box)]
    frame = None if data.districts is None else data.districts.frame
    areas = [] if frame is None else encode_each(frame.geometry.to_numpy())
    names = [] if frame is None else frame["district_name"].astype(str).tolist()
    table = data.facilities.table
    return {
        "scale": SCALE,
        "bounds": [[box[1], box[0]], [box[3], box[2]]],
        "roads": roads,
        "districts": [[name, shapes] for name, shapes in zip(names, areas, strict=True)],
        "facilities": np.rint(table[["lat", "lon"]].to_numpy(float) * SCALE).astype(int).ravel().tolist(),
        "colours": {kind: COLOURS[kind] for kind in suspects.total},
        "suspects": [[one.kind, round(one.lat, 6), round(one.lon, 6), one.sentence(lang)] for one in suspects.listed],
        "attribution": text("map.osm", lang) if from_osm else "",
    }


def _eastward(one: Suspect) -> Suspect:
    return replace(one, lon=float(east(np.array(one.lon))))


def _box(districts: Districts | None, network: NetworkData, suspects: Suspects) -> Box:
    """What is worth seeing: the districts, else the roads; and whatever is suspicious."""
    if districts is not None:
        boxes = [districts.frame.total_bounds]
    else:
        boxes = [shapely.total_bounds(shapely.multipoints(np.column_stack([network.node_lon, network.node_lat])))]
    boxes += [np.array([one.lon, one.lat, one.lon, one.lat]) for one in suspects.listed]
    corners = np.array(boxes)
    west, south = corners[:, :2].min(axis=0).tolist()
    east, north = corners[:, 2:].max(axis=0).tolist()
    return west, south, east, north
