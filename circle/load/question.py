"""What a region file asks of its data, and what about the asking is doubtful."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from circle.errors import Findings
from circle.load.manifest import Manifest
from circle.load.sections import FacilitiesSection
from circle.model import Facilities
from circle.reference import ServiceNames
from circle.settings import Question

REGION_FILE = "region.toml"
LIKELY = {"time": (60.0, 3 * 3600.0), "distance": (50.0, 50_000.0)}
"""The longest limit is hardly meant in that unit outside: a minute to three hours, 50 m to 50 km."""


def question_of(question: Question, manifest: Manifest, facilities: Facilities, findings: Findings) -> Question:
    """The question, with the services that the region names though no facility offers them: nobody is served then."""
    offered = list(facilities.services)
    _doubt_unit(question, findings)
    if question.services is not None:
        named = question.services
    else:
        named = tuple(dict.fromkeys(service for section in manifest.facilities for service in _explicit(section)))
    for service in named:
        if service not in offered:
            findings.warn(
                "facilities.none_of_service",
                file=REGION_FILE,
                service=ServiceNames((service,)),
                offered=ServiceNames(tuple(offered)),
            )
    if question.services is not None:
        return question
    return replace(question, services=tuple(dict.fromkeys([*offered, *named])))


def _doubt_unit(question: Question, findings: Findings) -> None:
    """Warn of limits that nobody means: minutes written where metres are counted, or the other way round."""
    low, high = LIKELY[question.metric]
    if not low <= question.main.value <= high:
        limits = ", ".join(limit.label for limit in question.limits)
        findings.warn(f"question.unlikely_{question.metric}", file=REGION_FILE, limits=limits)


def _explicit(section: FacilitiesSection) -> Sequence[str]:
    """The services that a section names itself."""
    if section.service is not None:
        return (section.service,)
    if section.services is not None:
        return section.services
    return tuple(section.tags or ()) + tuple((section.mapping or {}).values())
