"""Answers that speak against the data which they follow from."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from circle.errors import Findings
from circle.model import Audit, ServiceReach


def doubt_answers(seen: Audit, reach: Mapping[str, ServiceReach], facilities: int, findings: Findings) -> None:
    """Warn where many of so many facilities lie far from any road, and where nobody at all gets to one of them.

    The first speaks for a wrong coordinate system, the second for roads that do not lead from people to facilities.
    """
    far = len(seen.far_facilities)
    if far * 4 > facilities and far > 2:
        findings.warn("facility.far_from_roads", count=far, total=facilities)
    if facilities and not any(np.isfinite(answer.cost).any() for answer in reach.values()):
        findings.warn("facility.nobody_arrives", total=facilities)
