"""People of a province who live in none of its counties: rows of their own, so that all rows add up to everybody."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from circle.access import all_services
from circle.batch.province import Province
from circle.batch.rows import SCHEMA, main_rows
from circle.indicators import indicator_table
from circle.lazily import pd
from circle.model import OUTSIDE, Facilities, Ints, Residents, ServiceReach
from circle.settings import Question


def rows_elsewhere(whole: Province, question: Question) -> pd.DataFrame:
    """Rows of ``outside`` (people in no county) and ``unlocated`` (their place is unknown), each only if it has people.

    Parameters
    ----------
    whole
        The province.
    question
        What was asked.

    Returns
    -------
    pandas.DataFrame
        The columns of `circle.batch.rows.SCHEMA`; they have no code, no name and no zones.
    """
    nowhere = whole.residents.district == OUTSIDE
    located = np.isfinite(whole.residents.lon)
    frames = [pd.DataFrame(columns=SCHEMA.names)]
    for scope, rows in (("outside", np.flatnonzero(nowhere & located)), ("unlocated", np.flatnonzero(~located))):
        people = _people(whole.residents, rows)
        if not people.people.sum() > 0:
            continue
        facilities = _outside(whole) if scope == "outside" else _chosen(whole.data.facilities, np.empty(0, np.int64))
        reach = {name: _answers(answer, rows) for name, answer in whole.reach.items()}
        table = indicator_table(reach, all_services(reach), people, None, question, facilities=facilities)
        frame = main_rows(table[table["limit"] == question.main.label], question)
        frames.append(frame.assign(scope=scope, code="", name="", population_kind=whole.data.population_kind))
    return frames[-1] if len(frames) <= 2 else pd.concat(frames[1:], ignore_index=True)


def _people(whole: Residents, rows: Ints) -> Residents:
    """These places as a region without districts."""
    people = np.ascontiguousarray(whole.people[:, rows])
    return replace(
        whole, lon=whole.lon[rows], lat=whole.lat[rows], people=people, district=np.zeros(len(rows), np.int64)
    )


def _answers(answer: ServiceReach, rows: Ints) -> ServiceReach:
    arrays = ("cost", "facility", "straight_m", "leg_m", "direct", "status", "edge_affected")
    return replace(answer, **{name: getattr(answer, name)[rows] for name in arrays})


def _outside(whole: Province) -> Facilities:
    """Facilities that lie in no county."""
    table = whole.data.facilities.table
    points = np.asarray(shapely.points(table[["lon", "lat"]].to_numpy(float)))
    inside, _ = shapely.STRtree(whole.districts.geometry.to_numpy()).query(points, predicate="intersects")
    return _chosen(whole.data.facilities, np.setdiff1d(np.arange(len(points)), inside))


def _chosen(facilities: Facilities, rows: Ints) -> Facilities:
    return replace(facilities, columns={name: column[rows] for name, column in facilities.columns.items()})
