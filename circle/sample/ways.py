"""Stretches of road strung together into ways, as a mapper would draw them."""

from __future__ import annotations

import numpy as np

from circle.model import Bools, Ints
from circle.sample.streets import Streets

LONGEST_WAY = 400
"""Vertices after which a way is split: OpenStreetMap allows 2,000."""


def string_ways(streets: Streets) -> list[tuple[int, list[int]]]:
    """Ways over all stretches: the number of a stretch that speaks for its tags, and the vertices in drawing order.

    Stretches alike in class, span, restrictions and street are strung together through vertices where exactly two of
    them meet, so that streets run through their crossings. A one-way street is drawn in its direction.
    """
    kind = _kinds(streets)
    partner = _partners(streets, kind)
    size = len(streets.u)
    ends = np.concatenate([streets.u, streets.v])  # half h leaves vertex ends[h] along stretch h % size
    ends_list, partner_list = ends.tolist(), partner.tolist()
    used = bytearray(size)
    ways = []
    starts = np.concatenate([np.flatnonzero(partner < 0), np.arange(size)]).tolist()
    for start in starts:
        if used[start % size]:
            continue
        half, first = start, start % size
        way = [ends_list[half]]
        while True:
            used[half % size] = 1
            other = half - size if half >= size else half + size
            way.append(ends_list[other])
            half = partner_list[other]
            if half < 0 or used[half % size] or len(way) >= LONGEST_WAY:
                break
        backwards = start >= size
        ways.append((first, way[::-1] if backwards and streets.oneway[first] else way))
    return ways


def _kinds(streets: Streets) -> Ints:
    """(m,) equal for stretches that may be parts of one way: one number per distinct row of attributes."""
    bits: list[tuple[Ints | Bools, int]] = [
        (streets.rank, 4),
        (streets.span, 2),
        (streets.oneway, 1),
        (streets.private, 1),
        (np.where(streets.owner < 0, 0, streets.street - int(streets.street.min()) + 1), 24),
        (streets.owner + 1, 30),
    ]
    kind = np.zeros(len(streets.u), dtype=np.int64)
    for values, width in bits:
        kind = (kind << width) | values.astype(np.int64)
    return kind


def _partners(streets: Streets, kind: Ints) -> Ints:
    """(2m,) the half that goes on where a half arrives: the only other one of its kind at the vertex; -1 none."""
    ends = np.concatenate([streets.u, streets.v])
    kinds = np.concatenate([kind, kind])
    order = np.lexsort((kinds, ends))
    vertex, same = ends[order], kinds[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (vertex[1:] != vertex[:-1]) | (same[1:] != same[:-1])
    group = np.cumsum(new) - 1
    pairs = np.flatnonzero(new & (np.bincount(group)[group] == 2))
    partner = np.full(len(ends), -1, dtype=np.int64)
    partner[order[pairs]], partner[order[pairs + 1]] = order[pairs + 1], order[pairs]
    return partner
