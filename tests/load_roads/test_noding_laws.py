"""Laws of noding, on the worst that can be drawn: lines over one another, doubled back, of no length, a hand apart."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from circle.kernels.chains import connected_pieces
from circle.load.drawing import Drawing, pieces_of
from circle.load.noding import noded
from circle.load.noding_places import SAME_PLACE_M
from circle.model import JOINING_KINDS

SNAP_M = 1.0
coarse = st.tuples(st.integers(0, 16), st.integers(0, 16)).map(lambda p: (p[0] / 2, p[1] / 2))
fine = st.tuples(st.floats(0, 8), st.floats(0, 8))
lines = st.lists(st.lists(coarse | fine, min_size=2, max_size=5), min_size=1, max_size=9)


def drawn(shapes: list[list[tuple[float, float]]], levels: list[int]) -> Drawing:
    """Equal positions are one, as in a layer that is read."""
    flat = np.array([point for line in shapes for point in line])
    place, vertex = np.unique(flat, axis=0, return_inverse=True)
    offset = np.concatenate([[0], np.cumsum([len(line) for line in shapes])]).astype(np.int64)
    level = np.array(levels[: len(shapes)], dtype=np.int64)
    return Drawing(place[:, 0].copy(), place[:, 1].copy(), offset, vertex.ravel().astype(np.int64), level, level == 2)


def connected(drawing: Drawing) -> np.ndarray:
    """Which lines hang together: a number for each, -1 for one of no length."""
    pieces = pieces_of(drawing)
    label, _ = connected_pieces(len(drawing.x), pieces.a, pieces.b)
    real = drawing.length_m() > 0
    return np.where(real, label[drawing.vertex[drawing.offset[:-1]]], -1)


def farthest_moved_m(before: Drawing, after: Drawing) -> float:
    """How far an end lies from where it was drawn, or a vertex from the nearest of its line: the farthest of all."""
    farthest = 0.0
    for line in range(len(before.level)):
        was, now = (d.vertex[d.offset[line] : d.offset[line + 1]] for d in (before, after))
        away = np.hypot(before.x[was][:, None] - after.x[now], before.y[was][:, None] - after.y[now])
        farthest = max(farthest, away[0, 0], away[-1, -1], away.min(axis=1).max())
    return farthest


def network(drawing: Drawing) -> set[tuple[float, ...]]:
    """Its pieces by where they begin and end and how high they run, to a tenth of a millimetre."""
    pieces = pieces_of(drawing)
    ends = np.round([[drawing.x[v], drawing.y[v]] for v in (pieces.a, pieces.b)], 4) + 0.0
    pairs = (sorted([tuple(a), tuple(b)]) for a, b in zip(ends[0].T.tolist(), ends[1].T.tolist(), strict=True))
    levels = drawing.level[pieces.line].tolist()
    return {(*a, *b, level) for (a, b), level in zip(pairs, levels, strict=True)}


@given(lines, st.lists(st.sampled_from([0, 0, 0, 1, 2]), min_size=9, max_size=9))
def test_whatever_is_drawn(shapes: list[list[tuple[float, float]]], levels: list[int]) -> None:
    """No end comes to lie farther than the tolerance from where it was drawn, and what hung together still does."""
    before = drawn(shapes, levels)
    after, places = noded(before, SNAP_M)
    kind, x, y, distance_m, line = places.columns()
    joins = kind < JOINING_KINDS
    assert distance_m[joins].max(initial=0.0) <= SNAP_M + 1e-9
    assert np.isfinite(x).all()
    assert np.isfinite(y).all()
    assert ((line >= 0) & (line < len(shapes))).all()
    assert len(after.offset) == len(before.offset)
    assert (np.diff(after.offset) >= np.diff(before.offset)).all()
    assert farthest_moved_m(before, after) <= SNAP_M + 1e-6
    old, new = connected(before), connected(after)
    for one in range(len(shapes)):
        same = (old == old[one]) & (old >= 0) & (new >= 0)
        assert len(np.unique(new[same])) <= 1


@given(st.data(), lines, st.lists(st.sampled_from([0, 0, 0, 1, 2]), min_size=9, max_size=9))
def test_the_order_of_the_lines_does_not_matter(
    data: st.DataObject, shapes: list[list[tuple[float, float]]], levels: list[int]
) -> None:
    """Neither the network nor what is told of it depends on which row of the file comes first."""
    order = data.draw(st.permutations(range(len(shapes))))
    one, told = noded(drawn(shapes, levels), SNAP_M)
    two, told_too = noded(drawn([shapes[n] for n in order], [levels[n] for n in order]), SNAP_M)
    assert network(one) == network(two)
    places = [
        sorted(zip(*(np.round(v, 6).tolist() for v in some.columns()[:4]), strict=True)) for some in (told, told_too)
    ]
    assert places[0] == places[1]


@given(lines)
def test_lengths_change_by_no_more_than_the_repairs(shapes: list[list[tuple[float, float]]]) -> None:
    """A moved end changes the one or two segments that end in it; a vertex that is put in may lie 5 cm off its line."""
    before = drawn(shapes, [0] * 9)
    after, places = noded(before, SNAP_M)
    kind, _, _, distance_m, _ = places.columns()
    put_in = len(after.vertex) - len(before.vertex)
    ends = np.bincount(before.vertex, minlength=len(before.x)).max()
    allowed = 2 * ends * distance_m[kind < JOINING_KINDS].sum() + 2 * SAME_PLACE_M * put_in
    assert abs(after.length_m().sum() - before.length_m().sum()) <= allowed + 1e-6


@given(lines, st.integers(0, 3))
def test_noding_again_moves_nothing_more(shapes: list[list[tuple[float, float]]], turn: int) -> None:
    """Whichever way lines are drawn: what is left to join afterwards lies within what counts as one place."""
    turned = [line[::-1] if n % 2 == turn % 2 else line for n, line in enumerate(shapes)]
    for some in (shapes, turned):
        after, _ = noded(drawn(some, [0] * 9), SNAP_M)
        _, places = noded(after, 1e-6)
        kind, _, _, distance_m, _ = places.columns()
        assert distance_m[kind < JOINING_KINDS].max(initial=0.0) <= 2 * SAME_PLACE_M
