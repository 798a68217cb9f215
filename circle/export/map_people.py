"""Places with their people and travel times, packed for the map's slider.

Times are told in steps of the slider, rounded *up*: a place is within k steps exactly if its travel time is. What the
page counts is therefore what Python counts, at every position of the slider and not only at the limits asked for.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from circle import units
from circle.export.background import SCALE
from circle.export.planes import packed_planes, steps
from circle.export.text85 import text85
from circle.model import OUTSIDE, Analysis, Floats, Ints, Residents
from circle.settings import Question

BEYOND = 255
"""More steps than the slider has, or no way at all."""

FULL = 2**24 - 1
"""Seconds or metres that stand for none: more than half a year, or half of the way round the earth."""

MOST_TOLD = 3_000_000
"""Answers of places to services that the page holds in full: some five bytes each."""

Column = tuple[str, npt.NDArray[Any]]

STEPS = {"time": (60.0, 30.0, 15.0, 10.0, 5.0, 1.0), "distance": (100.0, 50.0, 25.0, 20.0, 10.0, 5.0, 1.0)}
"""Seconds, and metres, from one position of the slider to the next: the first that fits."""

FEWEST, MOST, ANYHOW = 10, 125, 15
"""Positions up to the main limit; beyond it the slider goes on as far again."""


@dataclass(frozen=True)
class Slider:
    """Position k of the slider is k / `main` of the main limit.

    Parameters
    ----------
    main
        The position of the main limit; the last one is twice as far.
    limits
        The position of every limit that was asked for, None for those between two.
    """

    main: int
    limits: tuple[int | None, ...]

    def steps_of(self, cost: Floats, limit: float) -> npt.NDArray[np.uint8]:
        """(n,) the first position within which each travel time is, `BEYOND` where there is none.

        Parameters
        ----------
        cost
            (n,) seconds (or metres), ``inf`` without a way.
        limit
            The main limit.

        Examples
        --------
        >>> Slider(15, (15,)).steps_of(np.array([0.0, 60.0, 60.001, 900.0, 1800.001, np.inf]), 900.0).tolist()
        [0, 1, 2, 15, 255, 255]
        """
        reached = np.isfinite(cost)
        impedance, whole = units.to_impedance(np.where(reached, cost, 0.0)), int(units.to_impedance(limit))
        steps: Ints = -(-impedance * self.main // whole)
        return np.where(reached & (steps <= 2 * self.main), steps, BEYOND).astype(np.uint8)

    def bounds(self, limit: float) -> Ints:
        """What each position from 0 on stands for, in whole seconds (or metres), rounded down.

        >>> Slider(2, (2,)).bounds(5.0).tolist()
        [0, 2, 5, 7, 10]
        """
        return np.arange(2 * self.main + 1) * int(units.to_impedance(limit)) // (self.main * units.IMPEDANCE_PER_UNIT)


def slider_of(question: Question) -> Slider:
    """A slider whose positions are round numbers and hold every limit, if there is one.

    Examples
    --------
    >>> from circle.reference import standard_text
    >>> from circle.settings import AnalysisSettings, parse_standard, resolve
    >>> standard = parse_standard(standard_text("fifteen-minute-walk"))
    >>> slider_of(resolve(AnalysisSettings(), standard))
    Slider(main=15, limits=(5, 10, 15))
    >>> slider_of(resolve(AnalysisSettings(metric="distance", limits=(300, 500, 1000)), standard))
    Slider(main=10, limits=(3, 5, 10))
    """
    limits = [int(units.to_impedance(limit.value)) for limit in question.limits]
    main = limits[-1]
    for step in map(int, units.to_impedance(STEPS[question.metric])):
        if FEWEST * step <= main <= MOST * step and all(limit % step == 0 for limit in limits):
            return Slider(main // step, tuple(limit // step for limit in limits))
    return Slider(ANYHOW, tuple(limit * ANYHOW // main if limit * ANYHOW % main == 0 else None for limit in limits))


def people_data(analysis: Analysis) -> tuple[dict[str, Any], str]:
    """What the page knows of places, and the packed columns.

    Parameters
    ----------
    analysis
        In one piece, see `circle.export.eastward`.

    Returns
    -------
    head
        ``columns`` (name and type of each, in their order), ``places``, of which the first ``own`` are the region's,
        ``people`` and ``unknown`` (per group: of the region, and of them those of unknown location), ``cell`` (degrees,
        None for points), ``main`` and ``limits`` (of the slider), and of not too many places ``answers`` (see
        `packed_planes`): per service ``facility`` (number in its list, -1 none), ``cost`` (whole seconds or metres,
        rounded up, of those within the slider: so much less
        than their step's ``bounds``) and ``beyond`` (of the others only, steps), ``straight`` (metres, steps from the
        place before), ``leg`` (metres, steps from the service before) and ``status``.
    packed
        The columns one behind another, deflated, as text (`text85`): ``people`` (per group), ``lon`` and ``lat`` (steps
        of 1e-5 degrees from the place before), ``district``, and the steps to each service (``time``). Places outside
        every district are the last, of district -1: told of, and neither drawn nor counted.
    """
    residents, question = analysis.residents, analysis.settings
    located = np.isfinite(residents.lon)
    slider, rows = slider_of(question), shown_places(residents)
    own = rows[: np.count_nonzero(residents.district[rows] != OUTSIDE)]
    people = residents.people[:, rows]
    unknown = residents.people[:, ~located].sum(axis=1)
    columns: list[Column] = [(f"people{i}", each) for i, each in enumerate(people)]
    columns += [(name, _steps(values[rows])) for name, values in (("lon", residents.lon), ("lat", residents.lat))]
    columns.append(("district", residents.district[rows].astype("<i4")))
    times = [slider.steps_of(answer.cost[rows], question.main.value) for answer in analysis.reach.values()]
    columns += [(f"time{i}", time) for i, time in enumerate(times)]
    bounds, told = slider.bounds(question.main.value), len(rows) * len(times) <= MOST_TOLD
    head = {
        "columns": [[name, column.dtype.str[1:]] for name, column in columns],
        "places": len(rows),
        "own": len(own),
        "people": (residents.people[:, own].sum(axis=1) + unknown).tolist(),
        "unknown": unknown.tolist(),
        "cell": cell_degrees(residents.lon[own], residents.lat[own], residents.cell_m),
        "main": slider.main,
        "limits": slider.limits,
        "bounds": bounds.tolist(),
        "answers": packed_planes(_answers(analysis, rows, times, bounds)) if told else None,
    }
    return head, packed([column for _, column in columns])


def _answers(
    analysis: Analysis, rows: Ints, times: Sequence[npt.NDArray[np.uint8]], bounds: Ints
) -> Iterator[tuple[str, Ints]]:
    """What a place says of each service when it is clicked: which facility, how far, and why or why not."""
    offered = analysis.region.facilities.columns["service"]
    for i, (service, answer) in enumerate(analysis.reach.items()):
        number = np.full(len(offered) + 1, -1, "<i4")  # of the facility in the service's own list; the last for none
        own = np.flatnonzero(offered == service)
        number[own] = np.arange(len(own))
        yield f"facility{i}", number[answer.facility[rows]].astype(np.int64)
    before = np.zeros(len(rows), np.int64)
    for i, answer in enumerate(analysis.reach.values()):
        leg = _whole(np.rint(answer.leg_m[rows]))
        cost, within = _whole(np.ceil(answer.cost[rows])), times[i] != BEYOND
        yield f"cost{i}", np.where(within, bounds[np.where(within, times[i], 0)] - cost, 0)
        yield f"beyond{i}", steps(cost[~within])
        yield f"straight{i}", steps(_whole(np.rint(answer.straight_m[rows])))
        yield f"leg{i}", leg - before
        yield f"status{i}", answer.status[rows].astype(np.int64)
        before = leg


def _whole(values: Floats) -> Ints:
    """Whole seconds or metres; `FULL` for more than that, none and unknown."""
    return np.where(np.isfinite(values) & (values < FULL), values, FULL).astype(np.int64)


def cell_degrees(lon: Floats, lat: Floats, cell_m: float) -> tuple[float, float] | None:
    """Width and height of the cells that places stand for, so that on the map neighbours touch; None for points.

    Where places stand in rows they tell themselves, for cells of a grid in degrees are no squares.

    Parameters
    ----------
    lon, lat
        (n,) degrees, n > 0, in rows as `people_data` orders them.
    cell_m
        Side of a square as large; 0 for points.

    Examples
    --------
    >>> lon, lat = np.array([118.0, 118.001, 118.003, 118.0]), np.array([28.0, 28.0, 28.0, 28.0008])
    >>> cell_degrees(lon, lat, 90.0)
    (0.001, 0.0008)
    """
    if not cell_m or not len(lon):
        return None
    high = cell_m / units.METRES_PER_DEGREE
    rows = np.diff(np.unique(np.rint(lat * 1e6))) / 1e6
    within = np.diff(lon)[np.abs(np.diff(lat)) < 1e-7]
    wide = high / float(np.cos(np.radians(lat.mean())))
    return _step_near(within, wide), _step_near(rows, high)


def _step_near(steps: Floats, expected: float) -> float:
    """The least of the steps that is about as large as expected, if hardly any is much smaller; else that."""
    large = steps[steps >= 0.5 * expected]
    regular = len(large) > 0 and len(large) >= 0.9 * len(steps) and large.min() < 2.0 * expected
    return round(float(large.min()), 7) if regular else expected


def packed(columns: Sequence[npt.NDArray[Any]]) -> str:
    """Columns one behind another, deflated, as text.

    Examples
    --------
    >>> whole = bytes([1, 0, 0, 0, 2, 0, 0, 0, 7])
    >>> packed([np.array([1, 2], "<i4"), np.array([7], "u1")]) == text85(zlib.compress(whole, 6))
    True
    """
    return text85(zlib.compress(b"".join(own.tobytes() for own in columns), 6))


def shown_places(residents: Residents) -> Ints:
    """The region's own places, then those outside every district. Neighbours stand together, and steps are small.

    Both from south to north and west to east; the latter only where they are not more than the region's.
    """
    lon, lat, inside = residents.lon, residents.lat, residents.district != OUTSIDE
    rows = np.flatnonzero(np.isfinite(lon))
    if np.count_nonzero(~inside[rows]) > np.count_nonzero(inside[rows]):
        rows = rows[inside[rows]]
    return rows[np.lexsort((lon[rows], np.rint(lat[rows] * SCALE), ~inside[rows]))]


def _steps(degrees: Floats) -> npt.NDArray[np.int32]:
    return np.diff(np.rint(degrees * SCALE).astype("<i4"), prepend=np.int32(0)).astype("<i4")
