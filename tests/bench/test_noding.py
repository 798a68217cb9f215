"""Roads drawn without topology, noded beside GEOS: the same junctions, and seconds with --bench."""

from __future__ import annotations

from time import process_time

import numpy as np
import pytest
import shapely

from circle.load.drawing import Drawing, pieces_of, ways_on
from circle.load.noding import noded
from tests.bench.figures import Say

SNAP_M = 3.0
WITHIN_S = 20.0


def hand_drawn(count: int, seed: int = 5) -> Drawing:
    """Streets of four vertices, 300 m long, two kilometres of street per square kilometre and more; none shares a vertex.

    One in three ends within a few metres of the street that was drawn before it.
    """
    random = np.random.default_rng(seed)
    side = 180.0 * np.sqrt(count)
    start, heading = random.uniform(0.0, side, (count, 2)), random.uniform(0.0, 2 * np.pi, count)
    bend = heading[:, None] + np.cumsum(random.normal(0.0, 0.15, (count, 3)), axis=1)
    steps = 100.0 * np.stack([np.cos(bend), np.sin(bend)], axis=2)
    points = np.concatenate([start[:, None], start[:, None] + np.cumsum(steps, axis=1)], axis=1)
    aimed = np.arange(1, count, 3)
    to = points[aimed - 1, 1] + random.normal(0.0, 1.5, (len(aimed), 2))
    points[aimed] += (to - points[aimed, -1])[:, None]
    return as_drawing(points)


def as_drawing(points: np.ndarray) -> Drawing:
    """(lines, vertices, 2) metres as lines that share no vertex."""
    lines, per_line, _ = points.shape
    flat = points.reshape(-1, 2)
    zeros = np.zeros(lines, dtype=np.int64)
    offset = np.arange(lines + 1, dtype=np.int64) * per_line
    return Drawing(flat[:, 0].copy(), flat[:, 1].copy(), offset, np.arange(len(flat)), zeros, zeros.astype(np.bool_))


def as_lines(drawing: Drawing) -> np.ndarray:
    xy = np.column_stack([drawing.x, drawing.y])[drawing.vertex]
    return np.asarray(
        shapely.linestrings(xy, indices=np.repeat(np.arange(len(drawing.level)), np.diff(drawing.offset)))
    )


def clear_of_each_other(drawing: Drawing) -> Drawing:
    """Without lines that have a vertex within 6 cm of another line: whether these meet is a matter of opinion."""
    lines = as_lines(drawing)
    vertices = shapely.points(np.column_stack([drawing.x, drawing.y]))
    vertex, line = shapely.STRtree(lines).query(vertices, predicate="dwithin", distance=0.06)
    keep = ~np.isin(np.arange(len(lines)), vertex[vertex // 4 != line] // 4)
    return as_drawing(np.column_stack([drawing.x, drawing.y]).reshape(-1, 4, 2)[keep])


def test_geos_finds_the_same_crossings() -> None:
    """With a tolerance of a millimetre nothing moves: as many places where four ways go on as the union has."""
    drawing = clear_of_each_other(hand_drawn(2000))
    after, places = noded(drawing, 0.001)
    crossings = int((ways_on(pieces_of(after), len(after.x)) == 4).sum())
    parts = shapely.get_parts(shapely.unary_union(as_lines(drawing)))
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(parts, at)) for at in (0, -1)])
    degree = np.unique(ends.round(6), axis=0, return_counts=True)[1]
    assert crossings == int((degree == 4).sum()) > 1000
    assert len(places.columns()[0]) == crossings


@pytest.mark.bench
def test_seconds_to_node_two_hundred_thousand_lines(figure: Say) -> None:
    """GEOS only splits crossings, it joins no ends and knows no bridges.

    Both use one thread; seconds of the processor, so that what else the machine does counts little.
    """
    drawing = hand_drawn(200_000)
    lines = as_lines(drawing)
    noded(hand_drawn(100), SNAP_M)
    begin = process_time()
    after, places = noded(drawing, SNAP_M)
    ours_s = process_time() - begin
    begin = process_time()
    union = shapely.unary_union(lines)
    theirs_s = process_time() - begin
    joined = np.bincount(places.columns()[0], minlength=6)
    assert joined.sum() > len(lines)  # places where lines meet, of every kind
    assert shapely.get_num_geometries(union) > 2 * len(lines) < len(after.vertex)
    work = "200,000 hand-drawn lines: ends joined, crossings split"
    figure(row=None, work=f"{work}: seconds of a processor", value=ours_s, unit="s", at_most=WITHIN_S)
    figure(row=None, work=work, peer="shapely.unary_union (crossings only)", ours_s=ours_s, peer_s=theirs_s)
