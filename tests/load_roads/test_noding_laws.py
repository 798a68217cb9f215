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


@given(lines, st.lists(st.sampled_from([0, 0, 0, 1, 2]), min_size=9, max_size=9))
def test_whatever_is_drawn(shapes: list[list[tuple[float, float]]], levels: list[int]) -> None:
    """No repair moves an end by more than the tolerance, lengths change by no more, and what hung together still does."""
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
    moved = after.x[: len(before.x)], after.y[: len(before.x)]
    assert np.hypot(moved[0] - before.x, moved[1] - before.y).max() <= 2 * SNAP_M + 1e-9
    old, new = connected(before), connected(after)
    for one in range(len(shapes)):
        same = (old == old[one]) & (old >= 0) & (new >= 0)
        assert len(np.unique(new[same])) <= 1


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
