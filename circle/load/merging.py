"""Which rows are one site: the platform and the stop position, the point inside the school's area, the row typed twice.

Two rows of one service are linked where

- both have the same name and lie within 100 m of each other, or the same stem of a name (`circle.load.stems`),
- one is a platform and the other a stop position within 30 m, and they have the same name or one has none,
- one is a point inside the area of the other, and they have the same name or one has none.

Links do not chain (a street of clinics with one generic name would become a single site): rows are taken by the number
of their links, and each gathers those linked *to itself* that no earlier one has gathered. The order depends on the
rows' values only, so the outcome does not depend on theirs in the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from circle.load.columns import plain_text
from circle.load.keys import equal_pairs, numbered
from circle.load.local import metres_per_degree, to_local
from circle.load.stems import StemCodes, stem_codes
from circle.model import Bools, Floats, Geometries, Ints
from circle.reference import table

SAME_NAME_M = 100.0
STOP_PAIR_M = 30.0
INSIDE_M = 0.01
PLATFORM, STOP_POSITION, PART = "platform", "stop_position", "part"


def merge_sites(
    service: Sequence[str],
    name: Sequence[str | None],
    role: Sequence[str | None],
    shapes: Geometries,
    key: Sequence[str],
) -> Ints:
    """The row that stands for the site of each row; by the rule at the top of this file.

    Parameters
    ----------
    service, name, role, shapes, key
        (n,) service, name or None, role at a stop or None, geometry in degrees, and a text that tells equal rows apart.

    Returns
    -------
    ndarray of int64
        (n,) row numbers; a row that stands for itself has its own.

    Examples
    --------
    Two rows of one school 11 m apart, and a school of another name at the same place:

    >>> shapes = shapely.points([118.0, 118.0, 118.0], [28.0, 28.0001, 28.0])
    >>> merge_sites(["school"] * 3, ["一小", "一小", "二小"], [None] * 3, shapes, ["a", "b", "c"]).tolist()
    [0, 0, 2]
    """
    services = numbered(service)
    drawn = numbered(shapely.to_wkb(shapes).tolist())
    _, first_row, spot, rows_there = np.unique(
        services * (drawn.max(initial=0) + 1) + drawn, return_index=True, return_inverse=True, return_counts=True
    )
    first, second = _neighbours(services[first_row], shapes[first_row])
    beside = rows_there > 1  # most rows have no neighbour, and their names need no look
    beside[first] = beside[second] = True
    asked = [text if near else None for text, near in zip(name, beside[spot].tolist(), strict=True)]
    names = numbered([_plain(text) for text in asked], in_order=True)
    stems = stem_codes(None if kind in _one_name() else text for kind, text in zip(service, asked, strict=True))
    roles = np.array([{PLATFORM: 1, STOP_POSITION: 2}.get(text or "", 0) for text in role])
    alike = _Alike.of((spot * (names.max(initial=0) + 2) + names + 1) * 3 + roles, key)
    rows = alike.standing
    first, second = _candidates((first, second), spot[rows], names[rows], stems.at(rows))
    allowed = _allowed_m(
        (first, second), names[rows], stems.at(rows), roles[rows], shapely.get_dimensions(shapes[rows]) == 2
    )
    near = allowed >= 0
    first, second, allowed = first[near], second[near], allowed[near]
    near = _metres_between(shapes[rows[first]], shapes[rows[second]]) <= allowed
    first, second = first[near], second[near]
    named = names[rows] >= 0
    links = np.where(named, alike.times - 1, 0)
    np.add.at(links, first, alike.times[second])
    np.add.at(links, second, alike.times[first])
    linked = np.flatnonzero(links)
    at = rows[linked]
    order = linked[_ranking(shapes[at], names[at], links[linked], [key[i] for i in at.tolist()])]
    order = order[np.argsort(~stems.whole[rows[order]], kind="stable")]  # a site is called by its name, not by a part's
    site = _gather(order, first, second, len(rows))
    own = ~named & (site == np.arange(len(rows)))  # nothing says that those without a name are one
    return np.where(own[alike.number], np.arange(len(spot)), rows[site[alike.number]])


class _Alike(NamedTuple):
    """Rows that differ in nothing but their keys, taken together: thousands may be geocoded to one spot.

    Of n rows the number of what each is; of each kind the row with the smallest key and how many there are.
    """

    number: Ints
    standing: Ints
    times: Ints

    @classmethod
    def of(cls, values: Ints, key: Sequence[str]) -> _Alike:
        by_key = np.argsort(np.asarray(key, dtype=object), kind="stable")
        first, number, count = np.unique(values[by_key], return_index=True, return_inverse=True, return_counts=True)[1:]
        back = np.empty(len(by_key), dtype=np.int64)
        back[by_key] = number
        return cls(back, by_key[first], count)


def _candidates(near: tuple[Ints, Ints], spot: Ints, names: Ints, stems: StemCodes) -> tuple[Ints, Ints]:
    """Pairs at one spot or at two that are near which share a word, or of which one has no name; each once.

    Words are looked up, never compared pair by pair: at one spot there may be thousands of names.
    """
    word = np.where(stems.core >= 0, stems.core, np.where(names >= 0, names + 1 + stems.core.max(initial=0), -1))
    row = np.arange(len(spot), dtype=np.int64)
    every = _Worded(spot, row, word)
    shorter = _Worded(spot, row, stems.bare).at((stems.bare >= 0) & (stems.bare != stems.core))
    unnamed, named = every.at(word < 0), every.at(word >= 0)
    same = np.unique(spot)
    pairs = np.concatenate([near[0], same]), np.concatenate([near[1], same])
    joined = [
        _joined(pairs, one, other, words)
        for one, other, words in (
            (named, named, True),
            (named, shorter, True),
            (shorter, named, True),
            (unnamed, every, False),
            (named, unnamed, False),
        )
    ]
    both = np.sort(np.concatenate(joined), axis=1)
    both = np.unique(both[both[:, 0] < both[:, 1]], axis=0)
    return both[:, 0], both[:, 1]


class _Worded(NamedTuple):
    """Rows, (n,) each: the spot where each lies, its number, and the number of its word."""

    spot: Ints
    row: Ints
    word: Ints

    def at(self, chosen: Bools) -> _Worded:
        """Some of the rows."""
        return _Worded(self.spot[chosen], self.row[chosen], self.word[chosen])


def _joined(pairs: tuple[Ints, Ints], one: _Worded, other: _Worded, words: bool) -> Ints:
    """(k, 2) rows of `one` at the first and of `other` at the second spot of a pair; `words`: that share their word."""
    pair, left = equal_pairs(pairs[0], one.spot)
    there, word = pairs[1][pair], one.word[left]
    kinds = max(int(word.max(initial=0)), int(other.word.max(initial=0))) + 2
    keys = (there * kinds + word + 1, other.spot * kinds + other.word + 1) if words else (there, other.spot)
    found, right = equal_pairs(*keys)
    return np.column_stack([one.row[left[found]], other.row[right]])


def _ranking(shapes: Geometries, names: Ints, links: Ints, key: Sequence[str]) -> Ints:
    """Order in which rows gather others: most links first, then by what they are; `key` settles what is left."""
    centre = shapely.get_coordinates(shapely.centroid(shapes))
    drawn = numbered(shapely.to_wkb(shapes, hex=True).tolist(), in_order=True)
    keys = numbered(key, in_order=True)
    return np.lexsort((keys, drawn, centre[:, 1], centre[:, 0], names, -shapely.area(shapes), -links))


def _plain(text: str | None) -> str | None:
    """As `plain_text`; None, which `numbered` counts as -1, where there is no name."""
    return plain_text(text or "") or None


def _neighbours(services: npt.NDArray[np.intp], shapes: Geometries) -> tuple[Ints, Ints]:
    """Pairs of rows of one service whose boxes come within `SAME_NAME_M`, each once."""
    west, south, east, north = shapely.bounds(shapes).T
    per_lon, per_lat = metres_per_degree(np.clip((south + north) / 2.0, -89.0, 89.0))
    wide, high = 0.505 * SAME_NAME_M / per_lon, 0.505 * SAME_NAME_M / per_lat  # each box gives half of the distance
    boxes = np.asarray(shapely.box(west - wide, south - high, east + wide, north + high), dtype=object)
    found: list[npt.NDArray[np.int64]] = []
    for code in np.unique(services):
        rows = np.flatnonzero(services == code)
        pairs = rows[shapely.STRtree(boxes[rows]).query(boxes[rows], predicate="intersects")]
        found.append(pairs[:, pairs[0] < pairs[1]])
    first, second = np.concatenate(found, axis=1) if found else np.empty((2, 0), dtype=np.int64)
    return first, second


@cache
def _one_name() -> frozenset[str]:
    """Services whose names are taken as they are: 人民医院(东门) is a bus stop of its own."""
    return frozenset(table("service_rules")["stem"]["but_not"])


def _allowed_m(
    pairs: tuple[Ints, Ints],
    names: npt.NDArray[np.intp],
    stems: StemCodes,
    roles: npt.NDArray[np.int64],
    is_area: Bools,
) -> Floats:
    """How far apart the two rows of each pair may lie to be one site; -1: they never are."""
    first, second = pairs
    core, bare = stems.core, stems.bare
    same = (names[first] == names[second]) & (names[first] >= 0)
    alike = (core[first] == core[second]) | (bare[first] == core[second]) | (core[first] == bare[second])
    same |= alike & (core[first] >= 0) & (core[second] >= 0)
    may_be_same = same | (names[first] < 0) | (names[second] < 0)
    stop_pair = may_be_same & (roles[first] + roles[second] == 3) & (roles[first] != 0) & (roles[second] != 0)
    inside = may_be_same & (is_area[first] != is_area[second])
    return np.select([same, stop_pair, inside], [SAME_NAME_M, STOP_PAIR_M, INSIDE_M], default=-1.0)


def _metres_between(one: Geometries, other: Geometries) -> Floats:
    origin = shapely.get_coordinates(shapely.centroid(one))
    lon, lat = origin[:, 0], origin[:, 1]
    return np.asarray(shapely.distance(to_local(one, lon, lat), to_local(other, lon, lat)), dtype=np.float64)


def _gather(order: Ints, first: Ints, second: Ints, count: int) -> Ints:
    """Each row in `order` takes the rows linked to it that are still free."""
    partners: dict[int, list[int]] = {}
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        partners.setdefault(a, []).append(b)
        partners.setdefault(b, []).append(a)
    site = np.arange(count, dtype=np.int64)
    free = np.ones(count, dtype=bool)
    for row in order.tolist():
        if free[row]:
            free[row] = False
            for partner in partners.get(row, ()):
                if free[partner]:
                    free[partner] = False
                    site[partner] = row
    return site
