"""The part of the report on who is covered: by service, by group, by reason and by district."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from circle.export.group_words import group_names
from circle.export.whole_people import covered_words, reason_parts
from circle.export.words import (
    ALL_SERVICES,
    cost_words,
    kind_words,
    limit_words,
    people_words,
    service_name,
    share_words,
)
from circle.lazily import pd
from circle.messages import text
from circle.model import REASONS, Analysis
from circle.report.blocks import Block, Heading, Paragraph, Picture, Table
from circle.report.charts import DISTRICTS, district_rows
from circle.report.drawing import Drawing
from circle.report.plain_text import plain

ACROSS = 4
"""Services in one table of districts: more do not fit the width of a page."""


def coverage_blocks(analysis: Analysis, drawings: dict[str, Drawing], lang: str) -> list[Block]:
    """Tables and charts."""
    main = limit_words(analysis.settings.main, analysis.settings, lang)
    blocks: list[Block] = [
        Heading(text("report.coverage", lang), new_page=True),
        Paragraph(text("report.coverage_intro", lang, limit=main)),
        Picture(
            "coverage_by_service",
            drawings["coverage_by_service"],
            text("report.services_chart", lang),
            text("report.services_chart", lang),
        ),
        services_table(analysis, lang),
        Paragraph(text("report.quantiles_note", lang), "note"),
    ]
    blocks += _groups(analysis, lang)
    blocks.append(reasons_table(analysis, lang))
    notes = [reason.name.lower() for reason in REASONS]
    joint = text("report.clause_joint", lang)
    reasons = joint.join(text(f"reason.{reason}", lang) for reason in notes)
    blocks.append(Paragraph(text("report.reasons_note", lang, reasons=reasons), "note"))
    return blocks + _districts(analysis, drawings, lang)


def told(analysis: Analysis) -> pd.DataFrame:
    """The rows of the summary that say something of their own: of one service, all services are that one."""
    rows = analysis.summary
    return rows if len(analysis.reach) > 1 else rows[rows["service"] != ALL_SERVICES]


def services_table(analysis: Analysis, lang: str) -> Table:
    """A row per service: facilities, shares within each limit, the straight line, people not covered, times."""
    question, main = analysis.settings, analysis.settings.main
    limits = [limit_words(limit, question, lang) for limit in question.limits]
    columns = [text("map.service", lang), text("report.column_facilities", lang)]
    columns += [text("report.column_within", lang, limit=limit) for limit in limits]
    columns += [text("report.column_straight", lang, limit=limits[-1])]
    columns += [text(f"report.column_{name}", lang) for name in ("covered", "uncovered", "median", "p90")]
    rows = []
    for row in told(analysis).to_dict("records"):
        uncovered = row["people"] - row[f"covered_{main.label}"] - row["unknown"]
        cells = [service_name(row["service"], lang), f"{row['facilities']:,}"]
        cells += [share_words(row[f"share_{limit.label}"], lang) for limit in question.limits]
        cells += [share_words(row[f"straight_share_{main.label}"], lang)]
        cells += [covered_words(row, row[f"covered_{main.label}"]), people_words(uncovered)]
        cells += [cost_words(row[f"{name}_{question.cost_name}"], question, lang) for name in ("median", "p90")]
        rows.append(tuple(cells))
    strong = [i for i, name in enumerate(told(analysis)["service"]) if name == ALL_SERVICES]
    kind = kind_words(analysis.region.population_kind, lang)
    caption = text("report.services_table", lang, kind=kind)
    return Table("services", caption, tuple(columns), tuple(rows), strong_rows=tuple(strong))


def reasons_table(analysis: Analysis, lang: str) -> Table:
    """Why people are not covered: people per service and reason, those of unknown location beside them."""
    reasons = [reason.name.lower() for reason in REASONS]
    columns = [text("map.service", lang), *(text(f"report.short_{reason}", lang) for reason in reasons)]
    rows = [
        (
            service_name(row["service"], lang),
            *reason_parts(row).values(),
            *(people_words(row[name]) for name in ("unknown", "edge_affected")),
        )
        for row in told(analysis).to_dict("records")
    ]
    columns += [text("report.short_unknown", lang), text("report.short_edge", lang)]
    strong = [i for i, name in enumerate(told(analysis)["service"]) if name == ALL_SERVICES]
    main = limit_words(analysis.settings.main, analysis.settings, lang)
    caption = text("report.reasons_table", lang, limit=main)
    return Table("reasons", caption, tuple(columns), tuple(rows), strong_rows=tuple(strong))


def _groups(analysis: Analysis, lang: str) -> list[Block]:
    """Shares by group, where there are several."""
    groups = analysis.residents.groups
    if len(groups) < 2:
        return []
    frame, main = analysis.indicators, analysis.settings.main.label
    mine = frame[(frame["scope"] == "region") & (frame["limit"] == main)]
    services = [name for name in dict.fromkeys(mine["service"]) if name in set(told(analysis)["service"])]
    shares = {(row["group"], row["service"]): row for row in mine.to_dict("records")}
    rows = []
    for group, words in zip(groups, group_names(groups, lang), strict=True):
        name = text("report.group_all", lang) if group == "all" else plain(words)
        cells = [share_words(shares[group, service]["share"], lang) for service in services]
        rows.append((name, people_words(shares[group, services[0]]["people"]), *cells))
    columns = (
        text("report.column_group", lang),
        text("report.column_people", lang),
        *(service_name(service, lang) for service in services),
    )
    limit = limit_words(analysis.settings.main, analysis.settings, lang)
    caption = text("report.groups_table", lang, limit=limit)
    return [Table("groups", caption, columns, tuple(rows))]


def _districts(analysis: Analysis, drawings: dict[str, Drawing], lang: str) -> list[Block]:
    """Charts and tables of districts, the straight line beside the network."""
    if analysis.region.districts is None:
        return [Paragraph(text("report.no_districts", lang), "note")]
    blocks: list[Block] = [Heading(text("report.districts", lang), 2)]
    if len(_scopes(analysis, lang)) == 2 and _is_whole(analysis):
        name = plain(analysis.region.districts.frame["district_name"].iloc[0])
        return [*blocks, Paragraph(text("report.one_district", lang, name=name))]
    caption = text("report.districts_chart", lang)
    count = len(analysis.region.districts.frame)
    if count > DISTRICTS:
        some = text("report.districts_some", lang, shown=DISTRICTS, count=count)
        caption = text("report.sentences", lang, first=caption, second=some)
    blocks.append(Paragraph(caption))
    for name, drawing in drawings.items():
        if name.startswith("coverage_by_district"):
            blocks.append(Picture(name, drawing, "", caption))
    return blocks + list(districts_tables(analysis, lang))


def _is_whole(analysis: Analysis) -> bool:
    """Whether there is one district, and everybody lives in it: its figures are those of the region."""
    rows = district_rows(analysis)
    whole = float(analysis.summary["people"].iloc[0])  # parts of people, added up in another order
    return len(set(rows["district_id"])) == 1 and np.allclose(rows["people"], whole, rtol=1e-9, atol=0.0)


def districts_tables(analysis: Analysis, lang: str) -> list[Table]:
    """Districts by services at the main limit; several tables where there are many services."""
    services = [str(name) for name in analysis.summary["service"]]
    services = sorted(services, key=lambda name: name != ALL_SERVICES) if len(services) > 2 else services[:1]
    limit = limit_words(analysis.settings.main, analysis.settings, lang)
    found = []
    tables = math.ceil(len(services) / ACROSS)
    across = math.ceil(len(services) / tables)
    for number, begin in enumerate(range(0, len(services), across), 1):
        group = services[begin : begin + across]
        spans = [("", 2), *((service_name(service, lang), 2) for service in group)]
        pair = (text("report.column_network", lang), text("report.column_line", lang))
        columns = (text("report.column_district", lang), text("report.column_people", lang), *(pair * len(group)))
        rows = tuple(_district_cells(row, group, lang) for row in _scopes(analysis, lang))
        caption = text("report.districts_table", lang, limit=limit)
        if tables > 1:
            caption = text("report.part", lang, words=caption, number=number, count=tables)
        found.append(Table(f"districts_{number}", caption, columns, rows, tuple(spans), strong_rows=(len(rows) - 1,)))
    return found


def _scopes(analysis: Analysis, lang: str) -> list[dict[str, Any]]:
    """Per district its name, people and rows by service; those outside and of unknown location; last the region."""
    frame, main = analysis.indicators, analysis.settings.main.label
    rows = frame[(frame["group"] == "all") & (frame["limit"] == main)]
    found = [_scope(name, mine) for name, mine in _by_district(district_rows(analysis))]
    for scope in ("unlocated", "outside"):
        mine = rows[rows["scope"] == scope]
        if len(mine) and mine["people"].iloc[0] > 0:
            found.append(_scope(text(f"report.scope_{scope}", lang), mine))
    return [*found, _scope(text("report.scope_region", lang), rows[rows["scope"] == "region"])]


def _by_district(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Name and rows of each district; its id stands beside a name that several have, or where there is none."""
    ids = list(dict.fromkeys(rows["district_id"]))
    first = rows.drop_duplicates("district_id").set_index("district_id")
    names = [plain(first["district_name"][i]) for i in ids]
    shown = [
        name if name and names.count(name) == 1 else f"{name} ({plain(i)})".strip()
        for i, name in zip(ids, names, strict=True)
    ]
    return [(name, rows[rows["district_id"] == i]) for i, name in zip(ids, shown, strict=True)]


def _scope(name: str, rows: pd.DataFrame) -> dict[str, Any]:
    by_service = {row["service"]: row for row in rows.to_dict("records")}
    return {"name": name, "people": float(rows["people"].iloc[0]), "services": by_service}


def _district_cells(scope: dict[str, Any], services: list[str], lang: str) -> tuple[str, ...]:
    cells = [scope["name"], people_words(scope["people"])]
    for service in services:
        row = scope["services"][service]
        nobody = math.isnan(row["share"]) and scope["people"] == 0
        shares = (row["share"], row["straight_share"])
        cells += ["-" if nobody else share_words(share, lang) for share in shares]
    return tuple(cells)
