"""The facts as plain data, for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from circle.doctor.facts import Facts


def as_records(facts: Facts) -> dict[str, Any]:
    """All of it as plain data; what is not known is None."""
    return {
        "layers": [_plain(vars(layer)) for layer in facts.layers],
        "services": [_plain(row) for row in facts.services.to_dict("records")],
        "districts": [_plain(row) for row in facts.districts.to_dict("records")],
        "pieces": [_plain(row) for row in facts.pieces.drop(columns="lacking").to_dict("records")],
        "people": _plain(facts.people),
        "facilities_merged": facts.merged,
        "census_column": facts.census,
    }


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_value(part) for part in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return round(value, 6) if np.isfinite(value) else None
    return value
