"""What every column of every written file means, in Chinese and English: ``fields.json``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from circle import units
from circle.export.group_words import group_name
from circle.export.words import ALL_SERVICES, limit_words, service_name
from circle.messages import text
from circle.model import Analysis
from circle.reference import table
from circle.settings import Question

LANGUAGES = ("en", "zh")


def schema_version() -> str:
    """Raised when a column changes its name or its meaning."""
    return str(table("fields")["schema_version"])


def describe(written: Mapping[str, Sequence[str] | Sequence[Mapping[str, str]]], analysis: Analysis) -> dict[str, Any]:
    """The description of all files.

    Parameters
    ----------
    written
        The columns of each file, in their order: names that the table of fields knows, or whole descriptions.
    analysis
        Names the services, limits and groups that the columns speak of.

    Returns
    -------
    dict
        ``schema_version``; ``population_kind`` where the user has said it; per file a list of ``name``, ``type``,
        ``unit``, ``en``, ``zh``.

    Raises
    ------
    KeyError
        If a column is not described: a fault of ours, held by tests.
    """
    files = {}
    for file, columns in written.items():
        whole = [dict(column) for column in columns if not isinstance(column, str)]
        names = [column for column in columns if isinstance(column, str)]
        files[file] = whole or described_columns(file, names, analysis)
    kind = analysis.region.population_kind
    said = {} if kind is None else {lang: text(f"population_kind.{kind}", lang) for lang in LANGUAGES}
    people = {} if kind is None else {"population_kind": {"value": kind, **said}}
    return {"schema_version": schema_version(), **people, "files": files}


def described_columns(
    file: str, columns: Iterable[str], analysis: Analysis, *, alias: bool = False
) -> list[dict[str, str]]:
    """What is to be said of each column: ``name``, ``type``, ``unit``, ``en``, ``zh``; an `alias` if asked."""
    known = dict(known_columns(file, analysis))
    wanted = ("type", "unit", *LANGUAGES, *(["alias"] if alias else []))
    return [{"name": column, **{key: known[column][key] for key in wanted}} for column in columns]


def short(words: str) -> str:
    """The first part of a Chinese description, as the name of its column.

    >>> short("经度（WGS84)；无法使用为 NaN"), short("小学：15 分钟 覆盖率（覆盖人口/总人口）")
    ('经度', '小学：15 分钟 覆盖率')
    """
    return re.split("[；（。]", words, maxsplit=1)[0]


def known_columns(file: str, analysis: Analysis) -> Iterator[tuple[str, dict[str, str]]]:
    """Every column that the file could have, by the patterns of the table of fields."""
    fields = table("fields")
    for pattern in fields[file]:
        described = _entry(file, pattern)
        for names, words in _fillings(pattern, analysis):
            texts = {lang: _fill(described[lang], words[lang]) for lang in LANGUAGES}
            group = {"group": text("workbook.everybody", "zh")} if names["group"] == "all" else {}
            alias = _fill(fields["alias"].get(pattern) or short(described["zh"]), {**words["zh"], **group})
            about = {"type": described["type"], "unit": _fill(described["unit"], names), **texts}
            yield _fill(pattern, names), {**about, "alias": alias}


def meaning(file: str, entry: str, words: Mapping[str, Mapping[str, str]], cost_unit: str) -> dict[str, str]:
    """Type, unit and meaning of one entry of a file whose columns are no patterns; `words` fill the texts."""
    described = _entry(file, entry)
    texts = {lang: _fill(described[lang], words[lang]) for lang in LANGUAGES}
    return {"type": described["type"], "unit": _fill(described["unit"], {"unit": cost_unit}), **texts}


def _entry(file: str, pattern: str) -> Mapping[str, str]:
    """An entry of the table of fields, or the one of another file that it names instead."""
    entry = table("fields")[file][pattern]
    while isinstance(entry, str):
        entry = table("fields")[entry][pattern]
    return dict(entry)


def _fillings(pattern: str, analysis: Analysis) -> Iterator[tuple[dict[str, str], dict[str, dict[str, str]]]]:
    """What may stand in the places of a pattern: in names, and in the words of each language."""
    question: Question = analysis.settings
    services = [*analysis.reach, ALL_SERVICES] if "{service}" in pattern else [""]
    limits = question.limits if "{limit}" in pattern else (question.main,)
    groups = analysis.residents.groups if "{group}" in pattern else ("",)
    for service, limit, group in product(services, limits, groups):
        unit = "s" if question.metric == "time" else "m"
        names = {"service": service, "limit": limit.label, "group": group, "cost": question.cost_name, "unit": unit}
        names["factor"] = f"{units.CIRCUITY:g}"
        words = {
            lang: {
                **names,
                "service": service_name(service, lang),
                "limit": limit_words(limit, question, lang),
                "group": group_name(group, lang),
            }
            for lang in LANGUAGES
        }
        yield names, words


def _fill(pattern: str, values: Mapping[str, str]) -> str:
    """Fills the named places in one go, so that braces within the values stay as they are."""
    return pattern.format(**values)


def counts_people(file: str) -> bool:
    """Whether a file holds numbers of people.

    >>> counts_people("coverage.geojson"), counts_people("road_repairs.geojson")
    (True, False)
    """
    return "population_kind" in table("fields")[file]
