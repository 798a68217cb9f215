"""``indicators.xlsx``: the numbers of an analysis for people who read tables, one sheet per topic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from circle.export.frames import facilities_layer
from circle.export.group_words import group_names
from circle.export.quality_sheets import findings_sheet, quality_sheet, question_sheet
from circle.export.topics import Columns, in_languages
from circle.export.words import answer
from circle.export.workbook import Column, Sheet, both, workbook_bytes
from circle.lazily import pd
from circle.messages import LANGUAGES
from circle.model import REASONS, Analysis, Floats
from circle.settings import Question

REASON_NAMES = tuple(reason.name.lower() for reason in REASONS)


def indicator_sheets(analysis: Analysis) -> list[Sheet]:
    """The sheets in their order, the answer first."""
    tables = (summary_sheet, districts_sheet, groups_sheet, gaps_sheet, facilities_sheet)
    columns = Columns(analysis.settings)
    return [make(analysis, columns) for make in (*tables, quality_sheet, findings_sheet, question_sheet)]


def indicators_workbook(sheets: Sequence[Sheet], analysis: Analysis) -> bytes:
    """The workbook; the same analysis gives the same bytes, in whatever language it was asked for."""
    return workbook_bytes(sheets, analysis.region.name)


def described_sheets(sheets: Sequence[Sheet]) -> list[dict[str, str]]:
    """Every column of every sheet for ``fields.json``; its `name` is the English header."""
    return [
        {"sheet": sheet.title, "name": column.heads["en"], "name_zh": column.heads["zh"], **column.about}
        for sheet in sheets
        for column in sheet.columns
    ]


def summary_sheet(analysis: Analysis, columns: Columns) -> Sheet:
    """A row per service and one for all of them: the whole region, everybody."""
    question: Question = analysis.settings
    rows = analysis.summary
    made = [*columns.services(rows["service"].tolist())]
    made.append(columns.make("facilities", "integer", rows["facilities"]))
    made.append(columns.make("people", "people", rows["people"]))
    uncovered = rows["people"] - rows[f"covered_{question.main.label}"] - rows["unknown"]
    made.append(columns.make("uncovered", "people", uncovered.clip(lower=0.0), limit=question.main))
    for limit in question.limits:
        for name, kind in (("covered", "people"), ("share", "share"), ("straight_share", "share")):
            made.append(columns.make(name, kind, rows[f"{name}_{limit.label}"], limit=limit))
    made += [columns.cost(name, rows[f"{name}_{question.cost_name}"]) for name in ("median", "p90")]
    made += _tail(columns, {name: rows[name].to_numpy() for name in ("unknown", *REASON_NAMES, "edge_affected")})
    made.append(columns.make("largest_gap_name", "text", rows["largest_gap_name"]))
    made.append(columns.make("largest_gap_people", "people", rows["largest_gap_people"]))
    of = rows["largest_gap_service"]
    made += columns.services(of.where(of.notna(), None).tolist(), "largest_gap_service")
    said = [answer(analysis, lang) for lang in reversed(LANGUAGES)]
    return Sheet(both("workbook.sheet_summary"), made, above=said, fixed=1)


def districts_sheet(analysis: Analysis, columns: Columns) -> Sheet:
    """A row per district and the whole region above them; services side by side, everybody."""
    question: Question = analysis.settings
    cube = _Cube(analysis)
    made = _areas(cube, columns, np.arange(cube.areas))
    made.append(columns.make("people", "people", cube.of("people")[:, 0, 0, -1]))
    for number, service in enumerate(cube.services):
        for place, limit in enumerate(question.limits):
            shares = cube.of("share")[:, number, 0, place]
            made.append(columns.make("service_share", "share", shares, service=service, limit=limit))
        for name, kind in (("straight_share", "share"), ("covered", "people"), ("uncovered", "people")):
            values = cube.of(name)[:, number, 0, -1]
            made.append(columns.make(f"service_{name}", kind, values, service=service))
        medians = cube.of(f"median_{question.cost_name}")[:, number, 0, -1]
        made.append(columns.cost("service_median", medians.tolist(), service=service))
        sites = cube.of("facilities")[:, number, 0, -1]
        made.append(columns.make("service_facilities", "integer", sites, service=service))
    return Sheet(both("workbook.sheet_districts"), made, fixed=2)


def groups_sheet(analysis: Analysis, columns: Columns) -> Sheet:
    """A row per area, group and service: everything that ``indicators.csv`` holds, with limits side by side."""
    question: Question = analysis.settings
    cube = _Cube(analysis)
    shape = (cube.areas, len(cube.groups), len(cube.services))
    area, group, service = (axis.ravel() for axis in np.indices(shape))
    made = _areas(cube, columns, area)
    said = zip(*(group_names(cube.groups, lang) for lang in reversed(LANGUAGES)), strict=True)
    names = [" ".join(dict.fromkeys(words)) for words in said]
    names = [both("workbook.everybody") if key == "all" else name for key, name in zip(cube.groups, names, strict=True)]
    made.append(columns.make("group", "text", [names[i] for i in group]))
    made += columns.services([cube.services[i] for i in service])

    def values(name: str, limit: int = -1) -> Floats:
        return np.asarray(cube.of(name)[area, service, group, limit])

    made.append(columns.make("facilities", "integer", values("facilities")))
    made.append(columns.make("people", "people", values("people")))
    counted = (("covered", "people"), ("uncovered", "people"), ("share", "share"))
    straight = (("straight_covered", "people"), ("straight_share", "share"))
    for number, limit in enumerate(question.limits):
        made += [columns.make(name, kind, values(name, number), limit=limit) for name, kind in (*counted, *straight)]
    made += [columns.cost(name, values(f"{name}_{question.cost_name}").tolist()) for name in ("median", "p90")]
    made += _tail(columns, {name: values(name) for name in ("unknown", *REASON_NAMES, "edge_affected")})
    return Sheet(both("workbook.sheet_groups"), made, fixed=4)


def gaps_sheet(analysis: Analysis, columns: Columns) -> Sheet:
    """Zones of unserved people, with the proposed site and what is nearest to it now."""
    rows = analysis.gaps.sort_values("rank", kind="stable", na_position="last")  # as a meeting reads them
    rest = (rows["kind"] == "rest").to_numpy()
    names = np.where(rest, both("workbook.rest"), rows["name"].astype(object).to_numpy())
    reasons = [in_languages(f"gis.status_{reason}") for reason in rows["reason"]]
    made = [*columns.services(rows["service"].tolist()), columns.make("rank", "integer", rows["rank"])]
    made.append(columns.make("gap_name", "text", names))
    made.append(columns.make("people", "people", rows["people"]))
    made += [columns.make(name, "text", rows[name]) for name in ("district_id", "district_name")]
    made += columns.in_both("reason", reasons)
    made += _tail(columns, {name: rows[name].to_numpy() for name in REASON_NAMES})
    made += [columns.make(f"site_{axis}", "degrees", rows[f"site_{axis}"]) for axis in ("lon", "lat")]
    nearest = rows["facility_name"].where(rows["facility_name"].notna(), rows["facility_id"])
    made.append(columns.make("nearest_facility", "text", nearest))
    made.append(columns.cost("site_cost", rows["cost"].astype("float64").tolist()))
    made += [columns.make(name, "metres", rows[name]) for name in ("route_m", "straight_m")]
    return Sheet(both("workbook.sheet_gaps"), made, fixed=4)


def facilities_sheet(analysis: Analysis, columns: Columns) -> Sheet:
    """Facilities and the people who have each as their nearest."""
    question: Question = analysis.settings
    rows = facilities_layer(analysis).table
    position = analysis.region.facilities.columns
    made = [columns.make("facility_id", "text", rows["facility_id"])]
    made.append(columns.make("facility_name", "text", rows["name"]))
    made += columns.services(rows["service"].tolist())
    for limit in question.limits:
        made.append(columns.make("served", "people", rows[f"people_{limit.label}"], limit=limit))
    made.append(columns.make("capacity", "integer", rows["capacity"]))
    made += [columns.make(axis, "degrees", position[axis]) for axis in ("lon", "lat")]
    made.append(columns.make("source", "text", rows["source"]))
    return Sheet(both("workbook.sheet_facilities"), made, fixed=2)


class _Cube:
    """The long table of indicators by (area, service, group, limit); it is complete and in this order."""

    def __init__(self, analysis: Analysis) -> None:
        table = analysis.indicators
        self.services = [str(name) for name in pd.unique(table["service"])]
        self.groups = list(analysis.residents.groups)
        self._table, self._rest = table, (len(self.services), len(self.groups), len(analysis.settings.limits))
        self.areas = len(table) // int(np.prod(self._rest))
        keys = table.iloc[:: int(np.prod(self._rest))]
        self.codes = keys["district_id"].tolist()
        self.names = [
            name if scope == "district" else both(f"workbook.scope_{scope}")
            for scope, name in zip(keys["scope"], keys["district_name"], strict=True)
        ]

    def of(self, name: str) -> Any:
        """One column of the table."""
        return self._table[name].to_numpy().reshape(self.areas, *self._rest)


def _areas(cube: _Cube, columns: Columns, rows: Any) -> list[Column]:
    """Which area each row is about."""
    made = [columns.make("area", "text", [cube.names[i] for i in rows])]
    return [*made, columns.make("district_id", "text", [cube.codes[i] or None for i in rows])]


def _tail(columns: Columns, values: dict[str, Any]) -> list[Column]:
    """People by what is known of them."""
    return [columns.make(name, "people", own) for name, own in values.items()]
