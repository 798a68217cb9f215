"""The doctor's tables in words, for the terminal and for the page alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from circle.doctor.facts import Facts, LayerFact
from circle.export import length_words, people_words, service_name, share_words
from circle.messages import text

PIECES = 15
DISTRICTS = 40


@dataclass(frozen=True)
class Sheet:
    """One table.

    Parameters
    ----------
    title
        In words.
    headers
        Of the columns.
    rows
        Cells, as many as headers.
    numeric
        Columns that are numbers: set to the right.
    notes
        Sentences below it.
    roomy
        Columns that a narrow terminal leaves out.
    """

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = field(default_factory=frozenset)
    notes: tuple[str, ...] = ()
    roomy: frozenset[int] = field(default_factory=frozenset)


def sheets(facts: Facts, lang: str, *, whole: bool = False) -> list[Sheet]:
    """All tables; with `whole` also what is too long for a terminal."""
    made = [_layers(facts, lang), _services(facts, lang)]
    if len(facts.districts):
        made.append(_districts(facts, lang, len(facts.districts) if whole else DISTRICTS))
    if len(facts.pieces) > 1:
        made.append(_pieces(facts, lang, 10 * PIECES if whole else PIECES))
    return made


def _words(lang: str, *names: str) -> tuple[str, ...]:
    return tuple(text(f"doctor.{name}", lang) for name in names)


def _layers(facts: Facts, lang: str) -> Sheet:
    headers = _words(lang, "layer", "file", "count", "extent", "coordinates", "in_districts", "problem_count")
    rows = tuple(_layer_cells(layer, lang) for layer in facts.layers)
    notes = tuple(_layer_notes(facts, lang))
    return Sheet(text("doctor.layers", lang), headers, rows, frozenset({2, 5, 6}), notes, frozenset({3}))


def _layer_cells(layer: LayerFact, lang: str) -> tuple[str, ...]:
    extent = "-"
    if layer.bounds is not None:
        west, south, east, north = layer.bounds
        extent = f"{west:.4f}, {south:.4f} – {east:.4f}, {north:.4f}"
    system = [layer.crs, text(f"datum.{layer.datum}", lang) if layer.datum else ""]
    return (
        text(f"layer.{layer.layer}", lang),
        layer.file or "-",
        text(f"unit.{layer.layer}", lang, count=f"{layer.count:,.0f}"),
        extent,
        " · ".join(part for part in system if part) or "-",
        "-" if np.isnan(layer.in_districts) else share_words(layer.in_districts, lang),
        str(layer.problems),
    )


def _layer_notes(facts: Facts, lang: str) -> Iterator[str]:
    people = facts.people
    if facts.merged:
        yield text("doctor.merged", lang, count=facts.merged)
    if people["outside_districts"] > 0:
        yield text("doctor.outside", lang, people=people_words(people["outside_districts"]))
    if people["unknown"] > 0:
        yield text("doctor.unlocated", lang, people=people_words(people["unknown"]))
    if people["leg_over_500m"] > 0 or people["no_road"] > 0:
        far, none = people_words(people["leg_over_500m"]), people_words(people["no_road"])
        yield text("doctor.road_far", lang, people=far, none=none)
    if len(facts.districts) and facts.census is None:
        yield text("doctor.no_census", lang)


def _services(facts: Facts, lang: str) -> Sheet:
    rows = tuple(
        (
            service_name(str(row["service"]), lang),
            f"{row['sites']:,}",
            _number(row["per_10000"], 2),
            f"{row['unnamed']:,}",
            f"{row['far']:,}",
        )
        for row in facts.services.to_dict("records")
    )
    headers = _words(lang, "service", "sites", "per_10000", "unnamed", "far")
    return Sheet(text("doctor.services", lang), headers, rows, frozenset(range(1, 5)))


def _districts(facts: Facts, lang: str, most: int) -> Sheet:
    compared = facts.census is not None
    table = facts.districts
    headers = list(_words(lang, "district", "people"))
    if compared:
        headers += [text("doctor.census", lang, column=facts.census), text("doctor.difference", lang)]
    headers += _words(lang, "area", "sites", "per_10000")
    rows = []
    for row in table.head(most).to_dict("records"):
        cells = [str(row["district_name"]), people_words(row["people"])]
        if compared:
            difference = row["difference"]
            cells += [_number(row["census"], 0), "-" if np.isnan(difference) else f"{difference:+.1%}"]
        rows.append((*cells, _number(row["area_km2"], 1), f"{row['sites']:,}", _number(row["per_10000"], 2)))
    notes = _more(len(table) - most, lang)
    return Sheet(text("doctor.districts", lang), tuple(headers), tuple(rows), frozenset(range(1, len(headers))), notes)


def _pieces(facts: Facts, lang: str, most: int) -> Sheet:
    rows = tuple(
        (
            f"{row['lon']:.4f}, {row['lat']:.4f}",
            people_words(row["people"]),
            length_words(row["length_m"], lang),
            f"{row['sites']:,}",
        )
        for row in facts.pieces.head(most).to_dict("records")
    )
    headers = _words(lang, "where", "people", "length", "sites")
    notes = _more(len(facts.pieces) - most, lang)
    return Sheet(text("doctor.pieces", lang), headers, rows, frozenset({1, 2, 3}), notes)


def _more(count: int, lang: str) -> tuple[str, ...]:
    return (text("doctor.more", lang, count=f"{count:,}"),) if count > 0 else ()


def _number(value: float, decimals: int) -> str:
    return "-" if np.isnan(value) else f"{value:,.{decimals}f}"
