"""How results show themselves in a notebook: small tables in the reader's language, in which data are text only."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from circle import units
from circle.errors import Problem, Severity
from circle.export import (
    answer,
    cost_words,
    length_words,
    limit_words,
    people_words,
    service_name,
    share_words,
)
from circle.export.whole_people import covered_words
from circle.export.words import ALL_SERVICES
from circle.lazily import pd
from circle.messages import reader_language, text
from circle.model import Analysis, Floats, Ints, NetworkData, RegionData

if TYPE_CHECKING:
    from circle.settings import Question

IGNORED_BY_MATHJAX = "tex2jax_ignore mathjax_ignore"
"""A name between dollars is no formula."""
ISOLATE, ISOLATE_END = "\u2068", "\u2069"
"""A name in Arabic does not turn round the number behind it."""

NAME_STYLE = "display:inline-block;max-width:14em;overflow:hidden;text-overflow:ellipsis;vertical-align:bottom"


class Named(str):
    """Words of a cell behind a name of any length: what is too long of it is cut by the page, not the numbers."""

    name: str

    def __new__(cls, words: str, name: str) -> Named:
        """`words` stand behind `name`."""
        made = super().__new__(cls, words)
        made.name = name
        return made


def table_html(headers: Sequence[object], rows: Iterable[Sequence[object]], *, words: int = 1) -> str:
    """A table whose first `words` columns are words and the others numbers, set to the right.

    Examples
    --------
    >>> "&lt;b&gt;" in table_html(["<b>"], [])
    True
    """
    left, right = ' style="text-align:left"', ' style="text-align:right"'
    whole = ' style="text-align:right;white-space:nowrap"'  # a number is not torn

    def line(cells: Sequence[object], tag: str) -> str:
        side = right if tag == "th" else whole
        made = (f"<{tag}{left if n < words else side}>{_cell_html(cell)}</{tag}>" for n, cell in enumerate(cells))
        return f"<tr>{''.join(made)}</tr>"

    head = f"<thead>{line(headers, 'th')}</thead>" if headers else ""
    return f"<table>{head}<tbody>{''.join(line(row, 'td') for row in rows)}</tbody></table>"


def _cell_html(cell: object) -> str:
    words = html.escape(str(cell))
    if not isinstance(cell, Named):
        return words
    name = html.escape(cell.name)
    return f'<span title="{name}" style="{NAME_STYLE}">{ISOLATE}{name}{ISOLATE_END}</span>{words}'


def block_html(*parts: str) -> str:
    """Parts that are markup already, kept away from typesetters of formulas."""
    return f'<div class="{IGNORED_BY_MATHJAX}">{"".join(part for part in parts if part)}</div>'


def paragraph_html(said: str, *, strong: bool = False) -> str:
    """A sentence; empty for none."""
    inner = html.escape(said)
    return f"<p>{f'<strong>{inner}</strong>' if strong else inner}</p>" if said else ""


def list_html(lines: Iterable[str]) -> str:
    """Sentences one below the other; empty for none."""
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def frame_html(page: str, lang: str) -> str:
    """A whole page within a frame of its own, as folium frames its maps: nothing is fetched, and no style leaks."""
    return (
        '<div style="width:100%"><div style="position:relative;width:100%;height:0;padding-bottom:70%">'
        f'<span style="color:#565656">{html.escape(text("shown.frame", lang))}</span>'
        f'<iframe srcdoc="{html.escape(page)}" allowfullscreen '
        'style="position:absolute;width:100%;height:100%;left:0;top:0;border:none"></iframe></div></div>'
    )


def result_html(analysis: Analysis) -> str:
    """The answer in a sentence and a row per service: within each limit, as the crow flies, and the median."""
    lang, question = reader_language(), analysis.settings
    headers = [text("run.column_service", lang), text("shown.sites", lang)]
    headers += [f"≤ {limit_words(limit, question, lang)}" for limit in question.limits]
    headers += [text("shown.straight", lang), text("run.column_median", lang), text("run.column_gap", lang)]
    rows = [_service_cells(row, question, lang) for _, row in analysis.summary.iterrows()]
    return block_html(
        paragraph_html(answer(analysis, lang), strong=True),
        table_html(headers, rows),
        paragraph_html(_warned(analysis.problems, "result.problems", lang)),
    )


def _service_cells(row: pd.Series, question: Question, lang: str) -> list[str]:
    cells = [service_name(str(row["service"]), lang), f"{row['facilities']:,}"]
    for limit in question.limits:
        people = covered_words(row, float(row[f"covered_{limit.label}"]))
        cells.append(f"{people} · {share_words(float(row[f'share_{limit.label}']), lang)}")
    cells.append(share_words(float(row[f"straight_share_{question.main.label}"]), lang))
    cells.append(cost_words(float(row[f"median_{question.cost_name}"]), question, lang))
    gap, name = row["largest_gap_people"], row["largest_gap_name"]
    if pd.isna(gap):
        return [*cells, text("run.no_gap", lang)]
    people = people_words(float(gap))
    if row["service"] == ALL_SERVICES:  # a zone is of one service each
        people += f" · {service_name(str(row['largest_gap_service']), lang)}"
    return [*cells, people if pd.isna(name) or not name else Named(f" · {people}", str(name))]


def _warned(problems: Sequence[Problem], where: str, lang: str) -> str:
    count = sum(problem.severity is Severity.WARNING for problem in problems)
    return text("shown.problems", lang, warnings=count, where=where) if count else ""


def region_html(data: RegionData, question: Question, problems: Sequence[Problem]) -> str:
    """What was read: the services and where each comes from, and what will be asked."""
    lang, table = reader_language(), data.facilities.table
    rows = []
    for service in data.facilities.services:
        own = table[table["service"] == service]
        files = own["source"].dropna().astype(str).str.split(r"[\\/]", regex=True).str[-1]
        sources = ", ".join(files.unique())
        rows.append([service_name(service, lang), sources, f"{len(own):,}"])
    said = {
        "name": data.name,
        "facilities": f"{len(table):,}",
        "districts": 0 if data.districts is None else len(data.districts.frame),
        "km": f"{_road_km(data.streets.lon, data.streets.lat, data.streets.way_offset, data.streets.way_vertex):,.0f}",
    }
    headers = [text("run.column_service", lang), text("shown.source", lang), text("shown.sites", lang)]
    return block_html(
        paragraph_html(text("shown.region", lang, **said), strong=True),
        table_html(headers, rows, words=2),
        paragraph_html(_asked(question, lang, slopes=data.elevation is not None)),
        paragraph_html(_warned(problems, "region.problems", lang)),
    )


def _road_km(lon: Floats, lat: Floats, offset: Ints, vertex: Ints) -> float:
    """Kilometres of all ways, those beyond the border too."""
    from circle.kernels.lengths import ellipsoid_distance_m

    start, end = vertex[:-1], vertex[1:]
    steps = ellipsoid_distance_m(lon[start], lat[start], lon[end], lat[end])
    between = np.ones(len(steps), dtype=bool)
    between[offset[1:-1] - 1] = False  # from the end of one way to the start of the next
    return float(steps[between].sum()) / units.METRES_PER_KILOMETRE


def _asked(question: Question, lang: str, *, slopes: bool) -> str:
    limits = " / ".join(limit_words(limit, question, lang) for limit in question.limits)
    if question.metric == "distance":
        return text("shown.question_distance", lang, limits=limits)
    said = text("shown.question", lang, limits=limits, speed=f"{_kmh(question.walking_speed_m_s):g}")
    return said + text("words.list_joint", lang) + text("shown.slopes", lang) if slopes else said


def _kmh(speed_m_s: float) -> float:
    return round(speed_m_s / units.kmh_to_m_s(1.0), 6)


def network_html(data: NetworkData) -> str:
    """How large the network is, how long, and in how many pieces."""
    lang = reader_language()
    ends = data.segment_offset[1:] + np.arange(data.edge_count)
    rows = [
        [text("shown.junctions", lang), f"{data.node_count:,}"],
        [text("shown.edges", lang), f"{data.edge_count:,}"],
        [text("shown.length", lang), length_words(float(data.vertex_m[ends].sum()), lang)],
        [text("shown.pieces", lang), f"{data.piece_count:,}"],
    ]
    if data.metric == "time":
        speed = text("shown.km_per_h", lang, speed=f"{_kmh(data.leg_speed_m_s):g}")
        rows.append([text("shown.speed", lang), speed])
    return block_html(paragraph_html(text("shown.network", lang), strong=True), table_html([], rows))


def what_if_html(cost: Floats, destinations: int, unit: str) -> str:
    """How things stand: what is open, and how far the origins have it."""
    lang = reader_language()
    known = cost[np.isfinite(cost)]
    median = float(np.median(known)) if len(known) else np.inf
    if unit == "time_s" and np.isfinite(median):
        told = text("words.minutes", lang, number=f"{units.s_to_minutes(median):.1f}")
    else:
        told = length_words(median, lang)
    rows = [
        [text("shown.destinations", lang), f"{destinations:,}"],
        [text("shown.origins", lang), f"{len(cost):,}"],
        [text("shown.unreached", lang), f"{len(cost) - len(known):,}"],
        [text("shown.median", lang), told],
    ]
    return block_html(paragraph_html(text("shown.what_if", lang), strong=True), table_html([], rows))
