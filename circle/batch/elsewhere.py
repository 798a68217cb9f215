"""People in no county: they are nobody's residents, and still none of them may be lost."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from circle.indicators import indicator_table
from circle.lazily import pd
from circle.model import OUTSIDE, Facilities, Ints, Residents, ServiceReach
from circle.pipeline import Reached
from circle.settings import Question


def rows_elsewhere(found: Reached, question: Question) -> dict[str, pd.DataFrame]:
    """Indicators of those outside every county and of those of whom it is not known where they live.

    Parameters
    ----------
    found
        What every place of the province reaches.
    question
        What is asked.

    Returns
    -------
    dict
        By scope, ``"outside"`` and ``"unlocated"``, where there are any such people: rows as
        `circle.indicators.indicator_table` has them.
    """
    residents = found.joined.residents
    known = np.isfinite(residents.lon)
    somewhere = {"outside": (residents.district == OUTSIDE) & known, "unlocated": ~known}
    return {
        scope: _rows(found, question, np.flatnonzero(there)).assign(scope=scope)
        for scope, there in somewhere.items()
        if residents.people[0][there].sum() > 0
    }


def _rows(found: Reached, question: Question, rows: Ints) -> pd.DataFrame:
    whole = found.joined.residents
    residents = Residents(
        whole.lon[rows], whole.lat[rows], whole.people[:, rows], whole.groups, np.zeros(len(rows), np.int64), 0.0
    )
    reach = {service: _some(answer, rows) for service, answer in found.reach.items()}
    return indicator_table(reach, _some(found.together, rows), residents, None, question, facilities=_none())


def _some(answer: ServiceReach, rows: Ints) -> ServiceReach:
    columns = {field.name: getattr(answer, field.name) for field in fields(ServiceReach) if field.name != "service"}
    return replace(answer, **{name: column[rows] for name, column in columns.items()})


def _none() -> Facilities:
    """No facilities: those that lie in no county are counted nowhere."""
    nothing, text = np.empty(0), np.empty(0, dtype=object)
    columns = dict.fromkeys(("facility_id", "name", "service", "source"), text)
    columns |= dict.fromkeys(("lon", "lat", "capacity"), nothing)
    return Facilities(columns, nothing, nothing, np.empty(0, np.int64), np.empty(0, np.bool_))
