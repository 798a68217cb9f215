"""What a call asks differently from the region's file."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from circle import reference, units
from circle.api.arguments import Argument, shown
from circle.errors import Findings
from circle.load.manifest_file import read_standard
from circle.load.schema import report_schema_errors
from circle.model import RegionData
from circle.settings import AnalysisSettings, Question, Standard, resolve

if TYPE_CHECKING:
    import networkx as nx


def asked_anew(question: Question, asked: Mapping[str, Any], *, caller: Argument) -> Question:
    """The question with the settings in `asked` replaced.

    Limits belong to their metric: with another standard or metric, those of the question before are dropped.

    Parameters
    ----------
    question
        What was asked before.
    asked
        Keys and values of `AnalysisSettings`.
    caller
        The function that they were handed to, for what is refused.

    Raises
    ------
    InputError
        If a key is unknown or a value cannot be.
    """
    if not asked:
        return question
    asked = _plain(asked, caller)
    own = _validated(asked, caller)
    standard = _standard_of(own.standard, caller) if "standard" in asked else question.standard
    kept: dict[str, Any] = {"services": question.services, "isochrone_resolution_m": question.isochrone_resolution_m}
    if "standard" not in asked:
        kept["metric"] = question.metric
        kept["walking_speed_kmh"] = question.walking_speed_m_s / units.kmh_to_m_s(1.0)
        if (own.metric if "metric" in asked else question.metric) == question.metric:
            values = (limit.value for limit in question.limits)
            kept["limits"] = tuple(map(units.s_to_minutes, values) if question.metric == "time" else values)
    settings = _validated(kept | {key: getattr(own, key) for key in asked}, caller)
    if settings.limits is None and settings.metric not in (None, standard.metric):
        findings = Findings()
        findings.error("api.limits_needed", file=caller.place, metric=settings.metric)
        findings.stop_on_errors()
    return resolve(settings, standard)


def _plain(asked: Mapping[str, Any], caller: Argument) -> dict[str, Any]:
    """The same settings as plain numbers and text: pydantic takes yes and no for numbers, and text of digits too."""
    plain = dict(asked)
    for key in ("walking_speed_kmh", "isochrone_resolution_m"):
        if plain.get(key) is not None:
            plain[key] = caller.named(key).finite(plain[key])
    if plain.get("limits") is not None:
        at = caller.named("limits")
        plain["limits"] = tuple(map(at.finite, at.members(plain["limits"])))
    if plain.get("services") is not None:
        plain["services"] = caller.named("services").names(plain["services"])
    for key in ("standard", "metric"):
        if key in plain and (key == "standard" or plain[key] is not None):
            plain[key] = caller.named(key).text(plain[key])
    return plain


def _standard_of(name: str, caller: Argument) -> Standard:
    """A standard whose name may be a path, if a file can have it."""
    return standard_named(name if name in reference.standard_names() else str(caller.named("standard").path(name)))


def plain_options(name: object, layers: Mapping[str, Any], at: Argument) -> dict[str, Any]:
    """What layers are called, told by, joined and counted as, in plain types; the layers themselves as they are.

    Raises
    ------
    InputError
        If a name, the groups, a distance or a path is of another type.
    """
    at.named("name").text(name)
    plain = dict(layers)
    for key in ("population_kind", "topology"):
        if plain.get(key) is not None:
            plain[key] = at.named(key).text(plain[key])
    if plain.get("snap_m") is not None:
        plain["snap_m"] = at.named("snap_m").number(plain["snap_m"])
    if "elevation" in plain:
        plain["elevation"] = _heights(plain["elevation"], at.named("elevation"))
    groups = plain.get("groups")
    if groups is not None and not (
        isinstance(groups, Mapping) and all(isinstance(part, str) for part in (*groups, *groups.values()))
    ):
        at.named("groups").refuse("api.groups_needed", found=shown(groups))
    return plain


def _heights(given: object, at: Argument) -> object:
    """Paths of files as such; whatever else heights are given as stays as it is."""
    if isinstance(given, str | bytes | os.PathLike):
        path = at.path(given)
        if path.is_dir():
            at.refuse("api.path_needed", found=shown(str(path)))
        return path
    if isinstance(given, list | tuple) and given and all(isinstance(part, str | os.PathLike) for part in given):
        return [_heights(part, at) for part in given]
    return given


def default_question() -> Question:
    """What is asked where nothing is said: fifteen minutes on foot."""
    settings = AnalysisSettings()  # type: ignore[call-arg]
    return resolve(settings, standard_named(settings.standard))


def standard_named(name: str) -> Standard:
    """A planning standard by its built-in name or path.

    Raises
    ------
    InputError
        If there is none.

    Examples
    --------
    >>> standard_named("walking-distance").metric
    'distance'
    """
    findings = Findings()
    standard = read_standard(name, Path(), findings)
    findings.stop_on_errors()
    assert standard is not None, "a standard that cannot be read is an error"
    return standard


def _validated(asked: Mapping[str, Any], caller: Argument) -> AnalysisSettings:
    try:
        return AnalysisSettings.model_validate(dict(asked))
    except ValidationError as error:
        findings = Findings()
        report_schema_errors(error, AnalysisSettings, asked, findings, file=caller.place)
        findings.stop_on_errors()
        raise


def known_services(question: Question, data: RegionData, at: Argument) -> None:
    """Refuse services that neither the data nor the table of services know: a slip of the pen is no empty service.

    Raises
    ------
    InputError
        With the nearest name that there is.
    """
    findings, offered = Findings(), list(data.facilities.services)
    known = [*offered, *reference.table("services")]
    for service in question.services or ():
        if service not in known:
            near = get_close_matches(service, known, 1)
            hint = f"→ {near[0]}?" if near else ""
            findings.error(
                "api.unknown_service",
                file=at.place,
                layer="services",
                value=service,
                offered=", ".join(offered),
                hint=hint,
            )
    findings.stop_on_errors()


def known_group(group: object, groups: Sequence[str], at: Argument) -> None:
    """Refuse what is no group of the population.

    Raises
    ------
    InputError
        With those that there are.
    """
    group = at.named("group").text(group)
    if group not in groups:
        findings = Findings()
        findings.error("api.no_group", file=at.place, layer="group", group=group, offered=", ".join(groups))
        findings.stop_on_errors()


def question_of_graph(graph: nx.MultiDiGraph[Any], question: Question, at: Argument, *, is_asked: bool) -> Question:
    """The question that the impedance in a graph of `Network.to_networkx` answers; GraphML holds its parts as text.

    Raises
    ------
    InputError
        If another walking speed is asked for than the graph's.
    """
    if graph.graph.get("metric") == "distance":
        return replace(question, metric="distance")
    speed_m_s = float(graph.graph["walking_speed_m_s"])
    if is_asked and not math.isclose(speed_m_s, question.walking_speed_m_s):
        own, other = (speed / units.kmh_to_m_s(1.0) for speed in (speed_m_s, question.walking_speed_m_s))
        at.named("walking_speed_kmh").refuse("api.graph_speed", own=f"{own:g}", asked=f"{other:g}")
    return replace(question, walking_speed_m_s=speed_m_s)
