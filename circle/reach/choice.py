"""Which facilities every place reaches: how many, and the nearest of them with their times; sparse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from circle import units
from circle.kernels.rows import ALL, in_rows
from circle.model import Floats, Int32s, Ints
from circle.reach.engine import Engine
from circle.reach.nearest import Places, Sites
from circle.reach.pairs import Pairs, facilities_within_limit


@dataclass(frozen=True, eq=False)
class Choice:
    """What n places can choose from, in rows by place, nearest first and among equals the smaller number first.

    Parameters
    ----------
    count
        (n,) facilities within the limit.
    offset
        (n + 1,) where the rows begin; a row holds all of them, or as many as were asked for.
    facility
        Row numbers of facilities.
    impedance
        On the way to each.
    """

    count: Int32s
    offset: Ints
    facility: Int32s
    impedance: Ints

    @property
    def place(self) -> Int32s:
        """The place of each item of the rows."""
        return np.repeat(np.arange(len(self.count), dtype=np.int32), np.diff(self.offset))

    @property
    def cost(self) -> Floats:
        """Seconds (or metres) to each facility of the rows."""
        return units.from_impedance(self.impedance)


def choice_within_limit(
    engine: Engine, places: Places, sites: Sites, limit: float | None, *, nearest: int | None = None
) -> Choice:
    """Which facilities of a service every place reaches within a limit.

    Parameters
    ----------
    engine
        The network.
    places
        Where people start.
    sites
        The entrances of the facilities; the best entrance of each counts.
    limit
        Seconds (or metres); a facility at exactly the limit counts. None: no limit.
    nearest
        So many of each place are kept with their times. `count` counts all within the limit even so. None: all.

    Returns
    -------
    Choice

    Raises
    ------
    ValueError
        If `nearest` is negative.
    """
    if nearest is not None and nearest < 0:
        raise ValueError(nearest)
    return choice_of(facilities_within_limit(engine, places, sites, limit), len(places.x), nearest=nearest)


def choice_of(pairs: Pairs, places: int, *, nearest: int | None = None) -> Choice:
    """Pairs, which come by facility, turned into rows by place.

    Examples
    --------
    Places 0 and 2 reach facility 4 in 7 ms; place 2 is nearer to 5, and place 1 reaches nothing:

    >>> pairs = Pairs(np.array([4, 4, 5], np.int32), np.array([0, 2, 2], np.int32), np.array([7, 7, 3]))
    >>> choice = choice_of(pairs, 3)
    >>> choice.count.tolist(), choice.facility.tolist(), choice.impedance.tolist()
    ([1, 0, 2], [4, 5, 4], [7, 3, 7])
    >>> choice_of(pairs, 3, nearest=1).facility.tolist()
    [4, 5]
    """
    most = ALL if nearest is None else nearest
    order = np.argsort(pairs.impedance, kind="stable")
    count, offset, pair = in_rows(pairs.place, order, places, most)
    return Choice(count, offset, pairs.site[pair], pairs.impedance[pair])
