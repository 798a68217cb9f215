"""Lines that cross or touch without a shared vertex get one; the whole repair of a hand-drawn road layer."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import shapely

from circle.load.drawing import Drawing, Pieces, inserted, pieces_of
from circle.load.noding_ends import join_ends
from circle.load.noding_lines import join_ends_to_lines
from circle.load.noding_places import SAME_PLACE_M, Places, crossing_of, foot_on
from circle.model import Bools, Floats, Ints


def noded(drawing: Drawing, snap_m: float) -> tuple[Drawing, Places]:
    """The drawing joined where its lines meet, and the places where it was, or was not.

    Loose ends within `snap_m` of each other become one; then those within `snap_m` of a line, short of it or beyond
    it, are moved onto it; then lines that cross or touch get a vertex there, unless they run at different heights or
    one is a bridge or a tunnel. No end comes to lie farther than `snap_m` from where it was
    drawn, and nothing else moves. In which order lines come does not matter.

    Parameters
    ----------
    snap_m
        How far an end may be moved.
    """
    seen = Places()
    ends_met, into = join_ends(drawing, snap_m, seen)
    on_lines = join_ends_to_lines(ends_met, into, snap_m, seen)
    return split_where_lines_meet(on_lines, seen), seen


def split_where_lines_meet(drawing: Drawing, seen: Places) -> Drawing:
    """The drawing with a shared vertex wherever two lines of one height cross or touch."""
    pieces = pieces_of(drawing)
    one, two = _meeting(drawing, pieces)
    touches = _touches(drawing, pieces, one, two)
    touching = np.unique(_pair_key(pieces, touches.on, touches.other))
    touches = _told(drawing, pieces, touches, seen)
    on_one, on_two, meets = crossing_of(drawing, pieces, one, two)
    meets &= ~np.isin(_pair_key(pieces, one, two), touching) & ~_share(pieces, one, two)
    one, two, on_one, on_two = one[meets], two[meets], on_one[meets], on_two[meets]
    a, b = pieces.a[one], pieces.b[one]
    x, y = (at[a] + on_one * (at[b] - at[a]) for at in (drawing.x, drawing.y))
    level = _one_level(drawing, pieces.line[one], pieces.line[two])
    for kind, of in (("crossing", level), ("left_apart", ~level)):
        seen.add(kind, x[of], y[of], np.zeros(int(of.sum())), pieces.line[one[of]])
    new = len(drawing.x) + np.arange(int(level.sum()))
    grown = replace(drawing, x=np.concatenate([drawing.x, x[level]]), y=np.concatenate([drawing.y, y[level]]))
    return inserted(
        grown,
        pieces,
        np.concatenate([touches.on, one[level], two[level]]),
        np.concatenate([touches.fraction, on_one[level], on_two[level]]),
        np.concatenate([touches.position, new, new]),
    )


class _Touches(NamedTuple):
    """A position of one piece that lies on another: `on` that piece at `fraction`, `other` the one whose end it is."""

    on: Ints
    other: Ints
    position: Ints
    fraction: Floats

    def where(self, keep: Bools) -> _Touches:
        return _Touches(self.on[keep], self.other[keep], self.position[keep], self.fraction[keep])


def _meeting(drawing: Drawing, pieces: Pieces) -> tuple[Ints, Ints]:
    """Pairs of pieces, the smaller number first, whose boxes come within `SAME_PLACE_M`."""
    if not len(pieces.a):
        return pieces.a, pieces.a
    (ax, bx), (ay, by) = ((at[pieces.a], at[pieces.b]) for at in (drawing.x, drawing.y))
    boxes = shapely.box(
        np.minimum(ax, bx) - SAME_PLACE_M,
        np.minimum(ay, by) - SAME_PLACE_M,
        np.maximum(ax, bx) + SAME_PLACE_M,
        np.maximum(ay, by) + SAME_PLACE_M,
    )
    one, two = shapely.STRtree(pieces.shapes(drawing)).query(boxes)
    return one[one < two], two[one < two]


def _touches(drawing: Drawing, pieces: Pieces, one: Ints, two: Ints) -> _Touches:
    """Ends of pieces that lie on another piece, without being one of its own."""
    found = []
    for on, other in ((one, two), (two, one)):
        shared = _share(pieces, on, other)
        length_m = np.hypot(*(at[pieces.b[on]] - at[pieces.a[on]] for at in (drawing.x, drawing.y)))
        for position in (pieces.a[other], pieces.b[other]):
            fraction, distance_m = foot_on(drawing, pieces, on, drawing.x[position], drawing.y[position])
            inside = (fraction * length_m > SAME_PLACE_M) & ((1.0 - fraction) * length_m > SAME_PLACE_M)
            strange = (position != pieces.a[on]) & (position != pieces.b[on])
            keep = (distance_m <= SAME_PLACE_M) & strange & (inside | ~shared)
            found.append(_Touches(on, other, position, fraction).where(keep))
    return _Touches(
        np.concatenate([some.on for some in found]),
        np.concatenate([some.other for some in found]),
        np.concatenate([some.position for some in found]),
        np.concatenate([some.fraction for some in found]),
    )


def _told(drawing: Drawing, pieces: Pieces, touches: _Touches, seen: Places) -> _Touches:
    """The touches that join; each position is told of once, unless it was before."""
    end = drawing.is_end[touches.position]
    join = end | _one_level(drawing, pieces.line[touches.on], pieces.line[touches.other])
    fresh = np.zeros(len(end), dtype=np.bool_)
    fresh[np.unique(touches.position, return_index=True)[1]] = True
    if seen.told:
        fresh &= ~np.isin(touches.position, np.concatenate(seen.told))
    for kind, of in (("end_to_line", join & end), ("crossing", join & ~end), ("left_apart", ~join)):
        some = touches.where(of & fresh)
        x, y = drawing.x[some.position], drawing.y[some.position]
        seen.add(kind, x, y, np.zeros(len(x)), pieces.line[some.other])
    return touches.where(join)


def _one_level(drawing: Drawing, one: Ints, two: Ints) -> Bools:
    """Whether lines that cross midway are joined: at one height, and neither a bridge or a tunnel."""
    return np.asarray((drawing.level[one] == drawing.level[two]) & ~drawing.spans[one] & ~drawing.spans[two])


def _share(pieces: Pieces, one: Ints, two: Ints) -> Bools:
    """Whether two pieces have an end in common."""
    a, b, c, d = pieces.a[one], pieces.b[one], pieces.a[two], pieces.b[two]
    return np.asarray((a == c) | (a == d) | (b == c) | (b == d))


def _pair_key(pieces: Pieces, one: Ints, two: Ints) -> Ints:
    """A number for a pair of pieces, whichever comes first."""
    return np.minimum(one, two) * len(pieces.a) + np.maximum(one, two)
