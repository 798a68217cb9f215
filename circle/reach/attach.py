"""Places are joined to the network: every candidate edge, with its leg, at the exact place on it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from circle import units
from circle.kernels.legs import legs_of
from circle.kernels.projection import to_metres
from circle.kernels.snap import Snaps, snap_points
from circle.model import Attachment, Bools, Floats, Int32s, Ints
from circle.reach.engine import Engine
from circle.threads import cpu_count

CANDIDATE_SLACK_M = 50.0
CHUNK = 8_000
MOST_SLICES = 64

_Slice = tuple[Ints, Bools, Int32s, Ints, Ints, Floats, Floats, Floats]


def attach(engine: Engine, lon: Floats, lat: Floats, *, farthest_m: float = np.inf, strict: bool = False) -> Attachment:
    """Join points to the network.

    The candidates of a point are the edges within 50 m beyond the nearest one; a leg never crosses a barrier and never
    ends on a bridge, tunnel or ferry. Legs are charged at circuity 1.3 and walking speed.

    Parameters
    ----------
    engine
        The network.
    lon, lat
        (n,) degrees; NaN: no candidates.
    farthest_m
        Look no farther than this. Residents are never capped; isochrone grids are.
    strict
        Points in the water have no way out of it either (isochrones show land).

    Returns
    -------
    Attachment
    """
    x, y = to_metres(engine.network.crs, lon, lat)
    return attach_metres(engine, x, y, lat, farthest_m=farthest_m, strict=strict)


def attach_metres(
    engine: Engine, x: Floats, y: Floats, lat: Floats, *, farthest_m: float = np.inf, strict: bool = False
) -> Attachment:
    """As `attach`, of points in metres of the network's projection; `lat` degrees, for the length of legs.

    Threads take slices of points; the answer does not depend on how many.
    """
    options = (CANDIDATE_SLACK_M, float(farthest_m), strict)
    step = max(CHUNK, len(x) // MOST_SLICES)

    def one(low: int) -> _Slice:
        part = slice(low, low + step)
        return _attached(engine, x[part], y[part], lat[part], options)

    if len(x) <= step:
        parts = [one(0)]
    else:
        with ThreadPoolExecutor(cpu_count()) as pool:
            parts = list(pool.map(one, range(0, len(x), step)))
    columns = [list(column) for column in zip(*parts, strict=True)]
    del parts
    counts, barred, edge, along, back, leg_m, foot_x, foot_y = (_joined(column) for column in columns)
    return Attachment(
        offset=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        edge=edge,
        along=along,
        back=back,
        leg=leg_impedance(leg_m, engine.network.leg_speed_m_s),
        leg_m=leg_m,
        x=foot_x,
        y=foot_y,
        barred=barred,
    )


def _joined(column: list[NDArray[Any]]) -> NDArray[Any]:
    """One array of the slices of a column, which are given up: all columns at once would stand in memory twice."""
    whole = np.concatenate(column)
    column.clear()
    return whole


def _attached(engine: Engine, x: Floats, y: Floats, lat: Floats, options: tuple[float, float, bool]) -> _Slice:
    """Counts and bars of some points, and the columns of their candidates."""
    snaps = Snaps(*snap_points(x, y, engine.rails, engine.walls, options))
    cumulated = (engine.network.cost_along, engine.network.cost_back)
    legs = legs_of(snaps, x, lat, engine.rails, engine.rail_segment, cumulated)
    return snaps.counts, snaps.barred, *legs


def leg_impedance(leg_m: Floats, speed_m_s: float) -> Ints:
    """Impedance of walking straight metres off the network, circuity included."""
    return units.to_impedance(units.CIRCUITY * leg_m / speed_m_s)


def nearest_leg_m(attachment: Attachment) -> Floats:
    """(n,) straight metres to the nearest permitted edge; ``inf`` without any."""
    return _least_by_point(attachment, attachment.leg_m, np.inf)


def _least_by_point(attachment: Attachment, values: Floats, none: float) -> Floats:
    least = np.full(len(attachment.offset) - 1, none)
    some = np.flatnonzero(np.diff(attachment.offset))
    if len(some):
        least[some] = np.minimum.reduceat(values, attachment.offset[some])
    return least


def candidates_of_groups(attachment: Attachment, group: Ints, grouped: Bools) -> Attachment:
    """Hold the entrances of one large site to 50 m beyond the site's nearest edge: the others lie inside its grounds.

    Parameters
    ----------
    attachment
        One row per entrance.
    group
        (n,) the site of each entrance.
    grouped
        (n,) the entrance is one of an outline.
    """
    own = nearest_leg_m(attachment)
    least = np.full(int(group.max(initial=-1)) + 1, np.inf)
    np.minimum.at(least, group[grouped], own[grouped])
    bound = np.where(grouped, least[group] + CANDIDATE_SLACK_M, np.inf)
    point = np.repeat(np.arange(len(group)), np.diff(attachment.offset))
    keep = attachment.leg_m <= bound[point]
    count = np.bincount(point[keep], minlength=len(group))
    return chosen_candidates(attachment, np.flatnonzero(keep), count, attachment.barred)


def chosen_candidates(attachment: Attachment, item: Ints, count: Ints, barred: Bools) -> Attachment:
    """Some candidates of an attachment, as rows of `count` for points that are `barred` or not."""
    return Attachment(
        offset=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        edge=attachment.edge[item],
        along=attachment.along[item],
        back=attachment.back[item],
        leg=attachment.leg[item],
        leg_m=attachment.leg_m[item],
        x=attachment.x[item],
        y=attachment.y[item],
        barred=barred,
    )
